/* SPDX-License-Identifier: ISC */
/* On a made-up /proc; what asks the kernel itself is in tests/net. */
#include "../test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor.h"

static const char config[] =
    "node: {name: one, asn: 65000, router_id: 10.255.255.1}\n"
    "services:\n"
    "  dns:\n"
    "    addresses: [192.0.2.53, \"2001:db8:53::53\"]\n"
    "    watch: [udp/53, tcp/53, process/named, unit/named.service]\n"
    "    checks:\n"
    "      - dns: {query: example.com SOA}\n"
    "      - icmp: {}\n"
    "prefixes:\n"
    "  192.0.2.0/24: {services: [dns]}\n"
    "  2001:db8:53::/48: {services: [dns]}\n"
    "peers:\n"
    "  a: {address: 198.51.100.1, asn: 65001}\n";

struct fixture {
	char proc[64];
	struct conf *conf;
	struct doctor d;
};

static const char *
at(const struct fixture *f, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", f->proc, name);
	return path;
}

static void
put(const struct fixture *f, const char *name, const char *text)
{
	char command[PATH_MAX + 64];
	FILE *file;

	snprintf(command, sizeof(command), "mkdir -p $(dirname %s)",
		 at(f, name));
	assert_int_equal(system(command), 0);
	file = fopen(at(f, name), "we");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct text messages = {0};

	strcpy(f->proc, "/tmp/basin-proc-XXXXXX");
	assert_non_null(mkdtemp(f->proc));
	assert_int_equal(conf_load_text("test", config, sizeof(config) - 1,
					&f->conf, &messages),
			 0);
	text_free(&messages);
	f->d = (struct doctor){
	    .conf = f->conf, .proc = f->proc, .check = &doctor_checks[0]};
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", f->proc);
	assert_int_equal(system(command), 0);
	doctor_free(&f->d);
	conf_free(f->conf);
	free(f);
	return 0;
}

static void
expect(const struct fixture *f, enum doctor_verdict verdict, const char *seen)
{
	const struct doctor_finding *last;

	assert_true(f->d.n > 0);
	last = &f->d.v[f->d.n - 1];
	assert_non_null(strstr(last->seen, seen));
	assert_int_equal(last->verdict, verdict);
}

static void
test_endpoints(void **state)
{
	struct fixture *f = *state;
	size_t n, with_check = 0;
	struct doctor_endpoint *v = doctor_endpoints(f->conf, &n);

	assert_int_equal(n, 4); /* udp and tcp, of two addresses, once each */
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(v[i].port, 53);
		assert_true(v[i].udp || !v[i].check);
		with_check += v[i].check != NULL;
	}
	assert_int_equal(with_check, 2);
	assert_string_equal(v[0].name, "dns 192.0.2.53 udp/53");
	free(v);
}

#define HEAD "  sl  local_address rem_address   st tx_queue rx_queue\n"

static void
test_sockets(void **state)
{
	struct fixture *f = *state;
	struct doctor_socket *v;
	char text[IP_TEXT_MAX];
	size_t n;

	/* 192.0.2.53:53, connected, 0.0.0.0:53 */
	put(f, "net/udp",
	    HEAD "  12: 350200C0:0035 00000000:0000 07 00000000:00000000\n"
		 "  13: 350200C0:0035 010200C0:0400 01 00000000:00000000\n"
		 "  14: 00000000:0035 00000000:0000 07 00000000:00000000\n");
	put(f, "net/tcp6",
	    HEAD
	    "   1: B80D0120000053000000000053000000:0035 "
	    "00000000000000000000000000000000:0000 0A 00000000:00000000\n"
	    "   2: B80D0120000053000000000053000000:0036 "
	    "00000000000000000000000000000000:0000 07 00000000:00000000\n");
	v = doctor_sockets(f->proc, &n);
	assert_int_equal(n, 3);
	assert_string_equal(ip_format(&v[0].ip, text, sizeof(text)),
			    "192.0.2.53");
	assert_true(v[0].udp && v[0].port == 53);
	assert_true(ip_is_unspecified(&v[1].ip));
	assert_string_equal(ip_format(&v[2].ip, text, sizeof(text)),
			    "2001:db8:53::53");
	assert_false(v[2].udp);
	doctor_bound(&f->d);
	assert_int_equal(f->d.n, 4);
	free(v);
}

static void
test_ping(void **state)
{
	struct fixture *f = *state;
	json_t *status = json_pack("{s:i}", "pid", 7);

	doctor_ping(&f->d);
	expect(f, DOCTOR_SKIPPED, "cannot be read");
	put(f, "sys/net/ipv4/ping_group_range", "1\t0\n");
	doctor_ping(&f->d);
	expect(f, DOCTOR_PROBLEM, "lets nobody ping");
	put(f, "sys/net/ipv4/ping_group_range", "100\t200\n");
	put(f, "7/status", "Name:\tbasind\nGid:\t99\t99\t99\t99\n");
	f->d.status = status;
	doctor_ping(&f->d);
	expect(f, DOCTOR_PROBLEM, "group 99 is outside");
	put(f, "7/status", "Name:\tbasind\nGid:\t100\t100\t100\t100\n");
	doctor_ping(&f->d);
	expect(f, DOCTOR_OK, "100 to 200");
	json_decref(status);
}

static void
test_rp_filter(void **state)
{
	struct fixture *f = *state;

	doctor_rp_filter(&f->d);
	expect(f, DOCTOR_SKIPPED, "cannot be read");
	put(f, "sys/net/ipv4/conf/all/rp_filter", "1\n");
	put(f, "sys/net/ipv4/conf/default/rp_filter", "1\n");
	put(f, "sys/net/ipv4/conf/lo/rp_filter", "1\n");
	put(f, "sys/net/ipv4/conf/eth0/rp_filter", "2\n");
	doctor_rp_filter(&f->d);
	expect(f, DOCTOR_OK, "strict nowhere");
	put(f, "sys/net/ipv4/conf/eth0/rp_filter", "0\n");
	doctor_rp_filter(&f->d);
	expect(f, DOCTOR_WARNING, "strict on eth0");
}

static void
test_watch(void **state)
{
	struct fixture *f = *state;
	json_t *services = json_pack(
	    "[{s:s, s:[{s:s, s:b}, {s:s, s:n, s:s}]}]", "service", "web",
	    "watch", "watch", "udp/53", "present", 1, "watch",
	    "unit/named.service", "present", "problem", "cannot be watched");

	put(f, "self/mounts", "proc /proc proc rw 0 0\n");
	doctor_watch(&f->d);
	expect(f, DOCTOR_PROBLEM, "no cgroup v2");
	put(f, "self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n");
	doctor_watch(&f->d);
	expect(f, DOCTOR_SKIPPED, "only the daemon knows");
	f->d.services = services;
	doctor_watch(&f->d);
	expect(f, DOCTOR_PROBLEM, "cannot be watched");
	json_decref(services);
}

static void
test_counters(void **state)
{
	struct fixture *f = *state;
	json_t *counters =
	    json_pack("{s:b, s:s}", "available", 0, "why", "no nf_tables");

	doctor_counters(&f->d);
	expect(f, DOCTOR_SKIPPED, "only the daemon knows");
	f->d.counters = counters;
	doctor_counters(&f->d);
	expect(f, DOCTOR_WARNING, "cannot be counted: no nf_tables");
	json_decref(counters);
}

static void
test_telling(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t size;
	struct cli cli = {.out = open_memstream(&text, &size)};
	json_t *answer;

	doctor_find(&f->d, DOCTOR_OK, "dns", NULL, "fine");
	assert_int_equal(doctor_tell(&cli, &f->d), COMMAND_FINE);
	doctor_find(&f->d, DOCTOR_PROBLEM, NULL, "do %d%", "seen %d", 7);
	assert_int_equal(doctor_tell(&cli, &f->d), COMMAND_NOT_FINE);
	fflush(cli.out);
	assert_non_null(strstr(text,
			       "ok       daemon       dns: fine\n"
			       "problem  daemon       seen 7\n"
			       "                      cure: do %d%\n"
			       "\n1 ok, 0 warning, 1 problem, 0 skipped\n"));
	rewind(cli.out);
	cli.json = true;
	assert_int_equal(doctor_tell(&cli, &f->d), COMMAND_NOT_FINE);
	fclose(cli.out);
	answer = json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
	assert_int_equal(json_integer_value(json_object_get(answer, "problem")),
			 1);
	assert_int_equal(json_array_size(json_object_get(answer, "findings")),
			 2);
	json_decref(answer);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_endpoints, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_sockets, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_ping, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_rp_filter, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_watch, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_counters, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_telling, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
