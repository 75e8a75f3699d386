/* SPDX-License-Identifier: ISC */
/*
 * checkrun JSON [RUNS]: runs the one check that JSON describes and prints one
 * line of JSON a run: verdict, cause, detail, seconds. For the tests that
 * have real servers; commands run as ourselves.
 */
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "base/arena.h"
#include "base/text.h"
#include "check/check.h"

static const char *const verdicts[] = {"pass", "degraded", "fail", "unknown"};

struct tool {
	uv_loop_t loop;
	struct checker *checker;
	unsigned left;
};

/* ---- the description ---- */

static const char *
text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static bool
is_set(const json_t *j, const char *key)
{
	return json_is_true(json_object_get(j, key));
}

static int64_t
number_of(const json_t *j, const char *key, int64_t absent)
{
	const json_t *v = json_object_get(j, key);

	return v ? json_integer_value(v) : absent;
}

static void
read_ip(const json_t *j, const char *key, struct ip *out)
{
	const char *text = text_of(j, key);

	if (text && ip_parse(text, out)) {
		fprintf(stderr, "checkrun: %s: no address: %s\n", key, text);
		exit(64);
	}
}

static struct conf_pairs
pairs_of(struct arena *a, const json_t *j, const char *key)
{
	json_t *object = json_object_get(j, key), *value;
	struct conf_pairs pairs = {
	    arena_alloc(a, (json_object_size(object) + 1) *
			       sizeof(struct conf_pair)),
	    0};
	const char *name;

	json_object_foreach (object, name, value) {
		pairs.v[pairs.n++] =
		    (struct conf_pair){name, json_string_value(value)};
	}
	return pairs;
}

static struct conf_names
names_of(struct arena *a, const json_t *j, const char *key)
{
	const json_t *array = json_object_get(j, key);
	size_t n = json_array_size(array);
	struct conf_names names = {arena_alloc(a, (n + 1) * sizeof(char *)), n};

	for (size_t i = 0; i < n; i++)
		names.v[i] = json_string_value(json_array_get(array, i));
	return names;
}

static void
read_tls(const json_t *j, struct conf_tls *tls)
{
	const json_t *t = json_object_get(j, "tls");

	tls->verify = true;
	if (!t)
		return;
	tls->enabled = true;
	tls->verify = !json_is_false(json_object_get(t, "verify"));
	tls->server_name = text_of(t, "server_name");
	tls->ca_file = text_of(t, "ca_file");
	tls->client_certificate = text_of(t, "client_certificate");
	tls->client_key = text_of(t, "client_key");
	tls->expiry = dur_s(number_of(t, "expiry_s", 0));
}

static void
read_tcp(const json_t *j, struct conf_tcp *tcp)
{
	tcp->port = (uint16_t)number_of(j, "port", 0);
	read_tls(j, &tcp->tls);
	tcp->send = text_of(j, "send");
	tcp->send_len = tcp->send ? strlen(tcp->send) : 0;
	tcp->expect = text_of(j, "expect");
	tcp->expect_len = tcp->expect ? strlen(tcp->expect) : 0;
}

static void
read_http(struct arena *a, const json_t *j, struct conf_http *http)
{
	struct conf_status_range *range = arena_alloc(a, sizeof(*range));

	range->low = (uint16_t)number_of(j, "status_low", 200);
	range->high = (uint16_t)number_of(j, "status_high", 299);
	http->url = text_of(j, "url");
	http->method = text_of(j, "method");
	http->host = text_of(j, "host");
	http->status = range;
	http->n_status = 1;
	http->body = text_of(j, "body");
	http->body_regex = text_of(j, "body_regex");
	http->json = pairs_of(a, j, "json");
	http->headers = pairs_of(a, j, "headers");
	http->expect_headers = pairs_of(a, j, "expect_headers");
	http->follow_redirects = is_set(j, "follow_redirects");
	read_tls(j, &http->tls);
}

static const char *
or_else(const char *text, const char *absent)
{
	return text ? text : absent;
}

static void
read_dns(struct arena *a, const json_t *j, struct conf_dns *dns)
{
	dns->name = text_of(j, "name");
	dns->type = or_else(text_of(j, "type"), "A");
	dns->class = or_else(text_of(j, "class"), "IN");
	dns->port = (uint16_t)number_of(j, "port", 53);
	dns->transport = is_set(j, "tcp") ? CONF_DNS_TCP : CONF_DNS_UDP;
	dns->rcode = or_else(text_of(j, "rcode"), "NOERROR");
	dns->aa = is_set(j, "aa");
	dns->ad = is_set(j, "ad");
	dns->recursion_desired = is_set(j, "rd");
	dns->dnssec = is_set(j, "dnssec");
	dns->answer = names_of(a, j, "answer");
	dns->nsid = text_of(j, "nsid");
}

static void
read_udp(const json_t *j, struct conf_udp *udp)
{
	const json_t *send = json_object_get(j, "send");

	udp->port = (uint16_t)number_of(j, "port", 0);
	udp->send = json_string_value(send);
	udp->send_len = json_string_length(send);
	udp->expect = text_of(j, "expect");
	udp->expect_len = udp->expect ? strlen(udp->expect) : 0;
}

static void
read_file(const json_t *j, struct conf_file *file)
{
	file->path = text_of(j, "path");
	file->state =
	    is_set(j, "absent") ? CONF_FILE_ABSENT : CONF_FILE_PRESENT;
	file->max_age = dur_ms(number_of(j, "max_age_ms", 0));
	file->content = text_of(j, "equals");
	file->regex = text_of(j, "regex");
	file->weight = is_set(j, "weight");
}

static void
read_soa(const json_t *j, struct conf_soa *soa)
{
	soa->zone = text_of(j, "zone");
	soa->port = (uint16_t)number_of(j, "port", 53);
	read_ip(j, "primary", &soa->primary);
	soa->primary_port = (uint16_t)number_of(j, "primary_port", 53);
	soa->lag = (uint32_t)number_of(j, "lag", 0);
	soa->degraded_age = dur_ms(number_of(j, "degraded_age_ms", 0));
	soa->max_age = dur_ms(number_of(j, "max_age_ms", 3600000));
}

static void
read_conf(struct arena *a, const json_t *j, struct conf_check *conf)
{
	const char *kind = or_else(text_of(j, "kind"), "");

	conf->name = "checkrun";
	conf->timeout = dur_ms(number_of(j, "timeout_ms", 2000));
	conf->interval = dur_ms(number_of(j, "interval_ms", 60000));
	conf->fast_interval = conf->interval;
	read_ip(j, "target", &conf->target);
	read_ip(j, "source", &conf->source);
	if (strcmp(kind, "tcp") == 0) {
		conf->kind = CONF_CHECK_TCP;
		read_tcp(j, &conf->tcp);
	} else if (strcmp(kind, "http") == 0) {
		conf->kind = CONF_CHECK_HTTP;
		read_http(a, j, &conf->http);
	} else if (strcmp(kind, "dns") == 0) {
		conf->kind = CONF_CHECK_DNS;
		read_dns(a, j, &conf->dns);
	} else if (strcmp(kind, "udp") == 0) {
		conf->kind = CONF_CHECK_UDP;
		read_udp(j, &conf->udp);
	} else if (strcmp(kind, "icmp") == 0) {
		conf->kind = CONF_CHECK_ICMP;
		conf->icmp.size = (uint16_t)number_of(j, "size", 56);
	} else if (strcmp(kind, "ntp") == 0) {
		conf->kind = CONF_CHECK_NTP;
		conf->ntp.port = (uint16_t)number_of(j, "port", 123);
		conf->ntp.stratum.low = (uint8_t)number_of(j, "low", 1);
		conf->ntp.stratum.high = (uint8_t)number_of(j, "high", 15);
		conf->ntp.max_offset = dur_ms(number_of(j, "offset_ms", 0));
	} else if (strcmp(kind, "soa") == 0) {
		conf->kind = CONF_CHECK_SOA;
		read_soa(j, &conf->soa);
	} else if (strcmp(kind, "file") == 0) {
		conf->kind = CONF_CHECK_FILE;
		read_file(j, &conf->file);
	} else {
		fprintf(stderr, "checkrun: no such kind: \"%s\"\n", kind);
		exit(64);
	}
}

/* ---- running ---- */

static void
on_result(void *arg, size_t id, const struct check_result *r)
{
	struct tool *tool = arg;
	json_t *line =
	    json_pack("{ss, ss, ss, sf}", "verdict", verdicts[r->verdict],
		      "cause", check_cause_text(r->cause), "detail", r->detail,
		      "seconds", dur_to_seconds(r->latency));

	json_dumpf(line, stdout, 0);
	putchar('\n');
	json_decref(line);
	if (--tool->left)
		checker_kick(tool->checker, id);
	else
		checker_close(tool->checker, NULL, NULL);
}

static size_t
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (d && readdir(d))
		n++;
	closedir(d);
	return n;
}

/* Two descriptors of libuv's first loop stay open in every process. */
static size_t
descriptors_after_a_loop(void)
{
	uv_loop_t loop;

	uv_loop_init(&loop);
	uv_loop_close(&loop);
	return descriptors();
}

int
main(int argc, char **argv)
{
	struct log log = {.fd = 2, .level = LOG_LEVEL_DEBUG, .program = "run"};
	struct conf_check conf = {0};
	struct arena arena = {0};
	struct tool tool = {0};
	size_t before = descriptors_after_a_loop();
	json_error_t error;
	json_t *j;
	int rc;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: checkrun JSON [RUNS]\n");
		return 64;
	}
	j = json_loads(argv[1], JSON_ALLOW_NUL, &error);
	if (!j) {
		fprintf(stderr, "checkrun: %s\n", error.text);
		return 64;
	}
	read_conf(&arena, j, &conf);
	tool.left = argc == 3 ? (unsigned)atoi(argv[2]) : 1;
	uv_loop_init(&tool.loop);
	tool.checker = checker_new(&tool.loop, &log, NULL, on_result, &tool);
	rc = checker_add(tool.checker, 0, &conf);
	if (rc)
		return 1;
	uv_run(&tool.loop, UV_RUN_DEFAULT);
	rc = uv_loop_close(&tool.loop);
	arena_free(&arena);
	json_decref(j);
	/* A thread that has told its result may still be closing. */
	for (int i = 0; i < 200 && descriptors() != before; i++)
		usleep(5000);
	if (descriptors() != before) {
		fprintf(stderr, "checkrun: descriptors are left open\n");
		return 1;
	}
	return rc ? 2 : 0;
}
