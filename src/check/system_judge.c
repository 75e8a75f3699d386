/* SPDX-License-Identifier: ISC */
/*
 * Disk as df(1) counts it; memory by MemAvailable, or by the limit of the
 * cgroup that is this process's root (a container), whichever is tighter;
 * load of one minute per core. In a container the load is its host's.
 */
#include "check/system_judge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/text.h"
#include "check/sock.h"

/* Octets of a file below /proc or /sys that are looked at. */
#define FILE_MAX    8192
#define PATH_OCTETS 256
#define PATH_SHOWN  60

/* ---- reading ---- */

/* The beginning of a file, ended by NUL. 0 or -errno. */
static int
read_text(const char *root, const char *path, char text[static FILE_MAX])
{
	char whole[PATH_OCTETS];
	ssize_t n;
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	fd = open(whole, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, text, FILE_MAX - 1);
	if (n < 0)
		n = -errno;
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n < 0 ? (int)n : 0;
}

/* The number behind `key` at the beginning of a line. */
static bool
find_number(const char *text, const char *key, uint64_t *out)
{
	size_t n = strlen(key);

	while (text && strncmp(text, key, n) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text && sscanf(text + n, "%" SCNu64, out) == 1;
}

/* Rounded down: 100 is full and no sooner. */
static unsigned
percent_of(uint64_t part, uint64_t whole)
{
	if (whole == 0)
		return 0;
	return (unsigned)((double)part * 100 / (double)whole);
}

static void
measure_disk(const char *path, struct system_facts *out)
{
	struct statvfs fs;
	uint64_t used, files;

	if (statvfs(path, &fs) < 0) {
		out->disk.error = out->inodes.error = errno;
		return;
	}
	used = fs.f_blocks - fs.f_bfree;
	out->disk.percent = percent_of(used, used + fs.f_bavail);
	/* A file system without a fixed number of inodes says 0. */
	files = fs.f_files - fs.f_ffree;
	out->inodes.percent = percent_of(files, files + fs.f_favail);
}

/* Of the cgroup that is the root as seen from here; false: no limit. */
static bool
cgroup_percent(const char *root, unsigned *out)
{
	char text[FILE_MAX];
	uint64_t limit, used, cache = 0;

	if (read_text(root, "/sys/fs/cgroup/memory.max", text) ||
	    !find_number(text, "", &limit))
		return false;
	if (read_text(root, "/sys/fs/cgroup/memory.current", text) ||
	    !find_number(text, "", &used))
		return false;
	/* What the kernel can drop at once is not used. */
	if (read_text(root, "/sys/fs/cgroup/memory.stat", text) == 0 &&
	    find_number(text, "inactive_file ", &cache))
		used -= cache < used ? cache : used;
	*out = percent_of(used, limit);
	return true;
}

static void
measure_memory(const char *root, struct system_facts *out)
{
	char text[FILE_MAX];
	uint64_t total, available;
	unsigned cgroup;
	int rc = read_text(root, "/proc/meminfo", text);

	if (rc || !find_number(text, "MemTotal:", &total) ||
	    !find_number(text, "MemAvailable:", &available) ||
	    available > total) {
		out->memory.error = rc ? -rc : EPROTO;
		return;
	}
	out->memory.percent = percent_of(total - available, total);
	if (cgroup_percent(root, &cgroup) && cgroup > out->memory.percent) {
		out->memory.percent = cgroup;
		out->memory_of_cgroup = true;
	}
}

static void
measure_load(const char *root, struct system_facts *out)
{
	char text[FILE_MAX];
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int rc = read_text(root, "/proc/loadavg", text);
	unsigned whole, hundredths;

	if (rc || sscanf(text, "%6u.%2u", &whole, &hundredths) != 2) {
		out->load.error = rc ? -rc : EPROTO;
		return;
	}
	out->load.percent =
	    (whole * 100 + hundredths) / (unsigned)(cores > 0 ? cores : 1);
}

static bool
wanted(const struct conf_limits *limits)
{
	return limits->degraded || limits->fail;
}

void
system_judge_measure(const struct conf_system *conf, const char *root,
		     struct system_facts *out)
{
	*out = (struct system_facts){0};
	if (wanted(&conf->disk) || wanted(&conf->inodes))
		measure_disk(conf->path, out);
	if (wanted(&conf->memory))
		measure_memory(root, out);
	if (wanted(&conf->load))
		measure_load(root, out);
}

/* ---- judging ---- */

struct item {
	const char *what;
	const char *where; /* "" or the path, escaped */
	const struct conf_limits *limits;
	const struct system_measure *measure;
	bool is_load;
};

/* "95%" or "2.50". */
static void
add_value(const struct item *item, unsigned percent, struct text *out)
{
	if (item->is_load)
		text_addf(out, "%u.%02u", percent / 100, percent % 100);
	else
		text_addf(out, "%u%%", percent);
}

static enum check_verdict
verdict_of(const struct item *item)
{
	const struct conf_limits *l = item->limits;

	if (item->measure->error)
		return CHECK_UNKNOWN;
	if (l->fail && item->measure->percent >= l->fail)
		return CHECK_FAIL;
	if (l->degraded && item->measure->percent >= l->degraded)
		return CHECK_DEGRADED;
	return CHECK_PASS;
}

static void
describe(const struct item *item, enum check_verdict verdict, struct text *out)
{
	char why[80];

	text_addf(out, "%s%s", item->what, item->where);
	if (verdict == CHECK_UNKNOWN) {
		text_addf(
		    out, " cannot be measured: %s",
		    sock_error_text(item->measure->error, why, sizeof(why)));
		return;
	}
	text_add(out, item->is_load ? " " : " used ");
	add_value(item, item->measure->percent, out);
	if (verdict == CHECK_PASS)
		return;
	text_add(out, ", expected less than ");
	add_value(item,
		  verdict == CHECK_FAIL ? item->limits->fail
					: item->limits->degraded,
		  out);
}

static int
badness(enum check_verdict verdict)
{
	static const int of[] = {[CHECK_PASS] = 0,
				 [CHECK_DEGRADED] = 1,
				 [CHECK_UNKNOWN] = 2,
				 [CHECK_FAIL] = 3};

	return of[verdict];
}

/* All that pass, or the ones that are worst. */
static void
judge_items(const struct item *items, size_t n, struct judgement *out)
{
	enum check_verdict worst = CHECK_PASS;
	struct text text = {0};

	for (size_t i = 0; i < n; i++)
		if (wanted(items[i].limits) &&
		    badness(verdict_of(&items[i])) > badness(worst))
			worst = verdict_of(&items[i]);
	for (size_t i = 0; i < n; i++) {
		if (!wanted(items[i].limits) || verdict_of(&items[i]) != worst)
			continue;
		text_add(&text, text.len ? "; " : "");
		describe(&items[i], worst, &text);
	}
	judge(out, worst,
	      worst == CHECK_PASS      ? CHECK_CAUSE_OK
	      : worst == CHECK_UNKNOWN ? CHECK_CAUSE_LOCAL
				       : CHECK_CAUSE_ANSWER,
	      "%s", text_str(&text));
	text_free(&text);
}

void
system_judge(const struct conf_system *conf, const struct system_facts *facts,
	     struct judgement *out)
{
	char path[PATH_SHOWN + 2] = " ";
	const struct item items[] = {
	    {"disk", path, &conf->disk, &facts->disk, false},
	    {"inodes", path, &conf->inodes, &facts->inodes, false},
	    {facts->memory_of_cgroup ? "memory of the cgroup" : "memory", "",
	     &conf->memory, &facts->memory, false},
	    {"load per core", "", &conf->load, &facts->load, true},
	};

	text_escape(conf->path, strlen(conf->path), path + 1, PATH_SHOWN);
	judge_items(items, sizeof(items) / sizeof(*items), out);
}
