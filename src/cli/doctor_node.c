/* SPDX-License-Identifier: ISC */
/* The node itself: daemon, clock, and what the kernel was told. */
#include <dirent.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

#include "base/text.h"
#include "cli/doctor.h"
#include "cli/render.h"

/* A small file below /proc; false: it cannot be read. */
static bool
read_proc(const struct doctor *d, const char *file, char *buf, size_t size)
{
	char path[PATH_MAX];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", d->proc, file);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(buf, 1, size - 1, f);
	fclose(f);
	buf[n] = '\0';
	return true;
}

/* ---- the daemon ---- */

void
doctor_daemon(struct doctor *d)
{
	const json_t *alarms = json_object_get(d->status, "alarms"), *alarm;
	size_t i, before = d->n;

	if (!d->status) {
		doctor_find(d, DOCTOR_WARNING, NULL,
			    "start it, or say where its socket is: --socket",
			    "no daemon answers: some things cannot be seen");
		return;
	}
	json_array_foreach (alarms, i, alarm)
		doctor_find(d, DOCTOR_PROBLEM, render_string(alarm, "subject"),
			    "see basin show events --kind alarm", "alarm: %s",
			    render_string(alarm, "message"));
	if (json_is_true(json_object_get(
		json_object_get(d->status, "configuration"), "reload_failed")))
		doctor_find(d, DOCTOR_PROBLEM, NULL,
			    "see basin check FILE, then basin reload",
			    "the last reload was refused: the file is not what "
			    "runs");
	if (d->n == before)
		doctor_find(d, DOCTOR_OK, NULL, NULL,
			    "it answers, and has no alarm");
}

/* ---- the clock ---- */

void
doctor_clock(struct doctor *d)
{
	struct timex t = {0};
	int state = adjtimex(&t);

	if (state < 0)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "the kernel does not say");
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		doctor_find(d, DOCTOR_WARNING, NULL,
			    "run a time service, such as chrony; times in the "
			    "events, drains and other nodes' words depend on "
			    "it",
			    "nobody keeps the clock synchronised");
	else
		doctor_find(d, DOCTOR_OK, NULL, NULL,
			    "synchronised, at most %.3f s off",
			    (double)t.maxerror / 1e6);
}

/* ---- icmp checks ---- */

static bool
has_icmp(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].n_checks; k++)
			if (conf->services[i].checks[k].kind == CONF_CHECK_ICMP)
				return true;
	return false;
}

/* The group the daemon runs with, -1 when it cannot be known. */
static long
daemon_group(const struct doctor *d)
{
	long long pid = render_integer(d->status, "pid");
	char file[64], text[4096];
	const char *at;

	snprintf(file, sizeof(file), "%lld/status", pid);
	if (!d->status || pid <= 0 || !read_proc(d, file, text, sizeof(text)))
		return -1;
	at = strstr(text, "\nGid:\t");
	return at ? strtol(at + strlen("\nGid:\t"), NULL, 10) : -1;
}

void
doctor_ping(struct doctor *d)
{
	static const char cure[] =
	    "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", and in "
	    "/etc/sysctl.d to keep it";
	char text[64] = "";
	long low = 1, high = 0, group = daemon_group(d);

	if (!has_icmp(d->conf)) {
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "no icmp check is configured");
		return;
	}
	if (!read_proc(d, "sys/net/ipv4/ping_group_range", text,
		       sizeof(text)) ||
	    sscanf(text, "%ld %ld", &low, &high) != 2)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "net.ipv4.ping_group_range cannot be read");
	else if (low > high)
		doctor_find(d, DOCTOR_PROBLEM, NULL, cure,
			    "net.ipv4.ping_group_range lets nobody ping");
	else if (group >= 0 && (group < low || group > high))
		doctor_find(d, DOCTOR_PROBLEM, NULL, cure,
			    "the daemon's group %ld is outside of "
			    "net.ipv4.ping_group_range, %ld to %ld",
			    group, low, high);
	else
		doctor_find(d, DOCTOR_OK, NULL, NULL,
			    "groups %ld to %ld may ping", low, high);
}

/* ---- rp_filter ---- */

static int
rp_filter_of(const struct doctor *d, const char *interface)
{
	char file[320], text[16];

	snprintf(file, sizeof(file), "sys/net/ipv4/conf/%s/rp_filter",
		 interface);
	return read_proc(d, file, text, sizeof(text)) ? atoi(text) : -1;
}

/* The kernel takes the larger of the interface's and the one of all. */
static size_t
add_strict(const struct doctor *d, struct text *strict)
{
	int all = rp_filter_of(d, "all");
	char path[PATH_MAX];
	struct dirent *e;
	size_t n = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "%s/sys/net/ipv4/conf", d->proc);
	folder = opendir(path);
	while (folder && (e = readdir(folder))) {
		int own = rp_filter_of(d, e->d_name);

		if (e->d_name[0] == '.' || strcmp(e->d_name, "all") == 0 ||
		    strcmp(e->d_name, "default") == 0 ||
		    strcmp(e->d_name, "lo") == 0 ||
		    (own > all ? own : all) != 1)
			continue;
		text_addf(strict, "%s%s", n++ ? ", " : "", e->d_name);
	}
	if (folder)
		closedir(folder);
	return n;
}

static bool
has_v4(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].addresses.n; k++)
			if (conf->services[i].addresses.v[k].family == AF_INET)
				return true;
	return false;
}

void
doctor_rp_filter(struct doctor *d)
{
	struct text strict = {0};

	if (!has_v4(d->conf))
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "no service has an IPv4 address");
	else if (rp_filter_of(d, "all") < 0)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "net.ipv4.conf.all.rp_filter cannot be read");
	else if (add_strict(d, &strict) > 0)
		doctor_find(d, DOCTOR_WARNING, NULL,
			    "set it to 2 (loose) or 0 for all and for them",
			    "rp_filter is strict on %s: requests that come in "
			    "there and whose replies leave elsewhere, as is "
			    "usual with anycast, are dropped",
			    text_str(&strict));
	else
		doctor_find(d, DOCTOR_OK, NULL, NULL,
			    "rp_filter is strict nowhere");
	text_free(&strict);
}

/* ---- what is watched ---- */

static size_t
watch_problems(struct doctor *d)
{
	const json_t *service, *watch;
	size_t i, k, n = 0;

	json_array_foreach (d->services, i, service)
		json_array_foreach (json_object_get(service, "watch"), k,
				    watch) {
			char subject[200];

			if (!json_object_get(watch, "problem"))
				continue;
			snprintf(subject, sizeof(subject), "%s %s",
				 render_string(service, "service"),
				 render_string(watch, "watch"));
			doctor_find(d, DOCTOR_PROBLEM, subject,
				    "see Watched things in basin.yaml(5)", "%s",
				    render_string(watch, "problem"));
			n++;
		}
	return n;
}

static bool
has_unit(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].watch.n; k++)
			if (conf->services[i].watch.v[k].kind ==
			    CONF_WATCH_UNIT)
				return true;
	return false;
}

static bool
has_cgroup2(const struct doctor *d)
{
	char path[PATH_MAX];
	bool found = false;
	struct mntent *e;
	FILE *f;

	snprintf(path, sizeof(path), "%s/self/mounts", d->proc);
	f = setmntent(path, "re");
	while (f && !found && (e = getmntent(f)))
		found = strcmp(e->mnt_type, "cgroup2") == 0;
	if (f)
		endmntent(f);
	return found;
}

void
doctor_watch(struct doctor *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->conf->n_services; i++)
		n += d->conf->services[i].watch.n;
	if (n == 0)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "nothing is watched");
	else if (d->services && watch_problems(d) == 0)
		doctor_find(d, DOCTOR_OK, NULL, NULL,
			    "the kernel tells of all %zu things", n);
	else if (!d->services && has_unit(d->conf) && !has_cgroup2(d))
		doctor_find(d, DOCTOR_PROBLEM, NULL,
			    "boot with systemd.unified_cgroup_hierarchy=1, or "
			    "watch a process instead",
			    "a unit is watched, and no cgroup v2 is mounted");
	else if (!d->services)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "only the daemon knows");
}

/* ---- nftables ---- */

void
doctor_counters(struct doctor *d)
{
	const json_t *available = json_object_get(d->counters, "available");

	if (json_is_false(available))
		doctor_find(d, DOCTOR_WARNING, NULL,
			    "load nf_tables; drains wait for their limit "
			    "without it, and overload is not seen",
			    "packets cannot be counted: %s",
			    render_string(d->counters, "why"));
	else if (available)
		doctor_find(d, DOCTOR_OK, NULL, NULL,
			    "nftables counts the packets of each address");
	else
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "only the daemon knows");
}
