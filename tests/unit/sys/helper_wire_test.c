/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <errno.h>
#include <string.h>

#include "sys/helper_wire.h"

/* Sent and read back: the verdict of the helper on it. */
static int
verdict(const struct helper_request *q)
{
	char buf[HELPER_REQUEST_MAX];
	struct helper_request out;
	int n = helper_wire_put_request(q, buf, sizeof(buf)), r;

	assert_true(n > 0);
	r = helper_wire_get_request(buf, (size_t)n, &out);
	if (r != 0)
		return r;
	assert_int_equal(out.verb, q->verb);
	assert_int_equal(out.token, q->token);
	assert_memory_equal(&out.ip, &q->ip, sizeof(q->ip));
	assert_string_equal(out.interface, q->interface);
	assert_int_equal(out.port, q->port);
	assert_true(prefix_equal(&out.route.prefix, &q->route.prefix));
	assert_true(ip_equal(&out.route.gateway, &q->route.gateway));
	assert_int_equal(out.route.metric, q->route.metric);
	assert_int_equal(out.args_len, q->args_len);
	assert_int_equal(out.from, q->from);
	assert_int_equal(out.total, q->total);
	assert_int_equal(out.limit_ms, q->limit_ms);
	assert_int_equal(out.n_addresses, q->n_addresses);
	assert_memory_equal(out.addresses, q->addresses, sizeof(q->addresses));
	return 0;
}

static struct helper_request
address(const char *ip, const char *interface)
{
	struct helper_request q = {
	    .verb = HELPER_ADDRESS_ADD, .token = 1, .ip = ip_of(ip)};

	strncpy(q.interface, interface, sizeof(q.interface) - 1);
	return q;
}

static struct helper_request
route(const char *prefix, const char *gateway)
{
	struct helper_request q = {.verb = HELPER_ROUTE_ADD, .token = 1};
	int r = prefix_parse(prefix, &q.route.prefix);

	assert_int_equal(r, 0);
	q.route.blackhole = !gateway;
	q.route.metric = 2047;
	if (gateway)
		q.route.gateway = ip_of(gateway);
	return q;
}

static struct helper_request
command(const char *args, size_t n, unsigned argc)
{
	return (struct helper_request){.verb = HELPER_EXEC,
				       .token = 1,
				       .user = "nobody",
				       .deadline_ms = 1000,
				       .argc = argc,
				       .args = args,
				       .args_len = n};
}

/* Counting `n` addresses, the part from `from` of `total`. */
static struct helper_request
counters(uint16_t from, uint16_t total, uint16_t n, const char *ip)
{
	struct helper_request q = {.verb = HELPER_COUNTERS_SET,
				   .token = 1,
				   .from = from,
				   .total = total,
				   .n_addresses = n};

	for (uint16_t i = 0; i < n && i < HELPER_ADDRESSES_MAX; i++)
		q.addresses[i] = ip_of(ip);
	return q;
}

static struct helper_request
drop(uint32_t limit_ms, uint16_t n, const char *ip)
{
	struct helper_request q = counters(0, 0, n, ip);

	q.verb = HELPER_DROP;
	q.limit_ms = limit_ms;
	return q;
}

static void
good_requests_survive(void **state)
{
	struct helper_request q[] = {
	    address("192.0.2.53", "lo"),
	    address("2001:db8::53", "eth0.100"),
	    route("192.0.2.0/24", NULL),
	    route("0.0.0.0/0", "198.51.100.1"),
	    route("0.0.0.0/0", "fe80::1"),
	    route("::/0", "fe80::1"),
	    command("/bin/true\0-x", 13, 2),
	    {.verb = HELPER_LISTEN, .token = 9, .ip = ip_of("::"), .port = 179},
	    {.verb = HELPER_SERVE_UDP,
	     .token = 9,
	     .ip = ip_of("192.0.2.53"),
	     .port = 53},
	    {.verb = HELPER_SERVE_TCP,
	     .token = 9,
	     .ip = ip_of("2001:db8::53"),
	     .port = 80},
	    {.verb = HELPER_EXEC_KILL, .token = 9},
	    counters(0, 0, 0, ""),
	    counters(0, 2, 2, "192.0.2.53"),
	    counters(128, 256, 128, "2001:db8::53"),
	    counters(4095, 4096, 1, "192.0.2.53"),
	    {.verb = HELPER_COUNTERS_READ, .token = 9, .from = 4095},
	    drop(0, 0, ""),
	    drop(1, 1, "192.0.2.53"),
	    drop(3600000, 128, "2001:db8::53"),
	};

	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++)
		assert_int_equal(verdict(&q[i]), 0);
}

static void
forbidden_values_are_refused(void **state)
{
	struct helper_request q[] = {
	    address("127.0.0.1", "lo"),
	    address("::1", "lo"),
	    address("0.0.0.0", "lo"),
	    address("255.255.255.255", "lo"),
	    address("ff02::1", "lo"),
	    address("192.0.2.1", ""),
	    address("192.0.2.1", ".."),
	    address("192.0.2.1", "a/b"),
	    address("192.0.2.1", "a b"),
	    route("::/0", "192.0.2.1"),
	    route("0.0.0.0/0", "127.0.0.1"),
	    route("0.0.0.0/0", "0.0.0.0"),
	    command("bin/true", 9, 1),
	    command("/bin/true", 9, 1),
	    command("/bin/true\0x", 12, 1),
	    command("/bin/true", 10, 2),
	    command("", 0, 0),
	    {.verb = HELPER_LISTEN, .token = 9, .ip = ip_of("::")},
	    {.verb = HELPER_SERVE_UDP,
	     .token = 9,
	     .ip = ip_of("::"),
	     .port = 53},
	    {.verb = HELPER_SERVE_TCP,
	     .token = 9,
	     .ip = ip_of("0.0.0.0"),
	     .port = 80},
	    {.verb = HELPER_SERVE_UDP,
	     .token = 9,
	     .ip = ip_of("224.0.0.1"),
	     .port = 53},
	    {.verb = HELPER_EXEC_KILL},
	    counters(0, 1, 0, ""),
	    counters(0, 1, 2, "192.0.2.53"),
	    counters(2, 1, 0, ""),
	    counters(1, 1, 1, "192.0.2.53"),
	    counters(0, 4097, 1, "192.0.2.53"),
	    counters(0, 1, 1, "127.0.0.1"),
	    counters(0, 1, 1, "0.0.0.0"),
	    counters(0, 1, 1, "ff02::1"),
	    {.verb = HELPER_COUNTERS_READ, .token = 9, .from = 4096},
	    drop(0, 1, "192.0.2.53"),
	    drop(1, 0, ""),
	    drop(3600001, 1, "192.0.2.53"),
	    drop(1000, 1, "::1"),
	    drop(1000, 1, "224.0.0.5"),
	};

	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++)
		assert_int_equal(verdict(&q[i]), -EINVAL);
}

/* What is decoded points into itself, not to where it was decoded. */
static void
further_hops_survive(void **state)
{
	struct sys_hop more[SYS_HOPS_MAX - 1];
	struct helper_request q = route("192.0.2.0/24", "198.51.100.1"), out;
	char buf[HELPER_REQUEST_MAX];
	int n;

	for (unsigned i = 0; i < SYS_HOPS_MAX - 1; i++)
		more[i] = (struct sys_hop){
		    ip_of(i % 2 ? "198.51.100.3" : "198.51.100.2"), 40 + i};
	q.route.more = more;
	q.route.n_more = SYS_HOPS_MAX - 1;
	n = helper_wire_put_request(&q, buf, sizeof(buf));
	assert_true(n > 0);
	memset(&out, 0x5a, sizeof(out));
	assert_int_equal(helper_wire_get_request(buf, (size_t)n, &out), 0);
	assert_ptr_equal(out.route.more, out.hops);
	assert_int_equal(out.route.n_more, SYS_HOPS_MAX - 1);
	for (unsigned i = 0; i < SYS_HOPS_MAX - 1; i++) {
		assert_true(ip_equal(&out.hops[i].gateway, &more[i].gateway));
		assert_int_equal(out.hops[i].ifindex, 40 + i);
	}
	more[SYS_HOPS_MAX - 2].gateway = ip_of("127.0.0.1");
	assert_int_equal(verdict(&q), -EINVAL);
}

static void
broken_packets_are_refused(void **state)
{
	struct helper_request q = address("192.0.2.53", "lo"), out;
	char buf[HELPER_REQUEST_MAX + 1] = {0};
	int n = helper_wire_put_request(&q, buf, sizeof(buf));

	for (int i = 0; i < n; i++)
		assert_int_equal(helper_wire_get_request(buf, (size_t)i, &out),
				 -EBADMSG);
	assert_int_equal(helper_wire_get_request(buf, (size_t)n + 1, &out),
			 -EBADMSG);
	/* An interface name without an end; octets behind an IPv4 address. */
	memset(buf + n - 16, 'x', 16);
	assert_int_equal(helper_wire_get_request(buf, (size_t)n, &out),
			 -EBADMSG);
	assert_int_equal(helper_wire_put_request(&q, buf, sizeof(buf)), n);
	buf[5 + 1 + 15] = 1;
	assert_int_equal(helper_wire_get_request(buf, (size_t)n, &out),
			 -EBADMSG);
	buf[0] = HELPER_VERB_COUNT;
	assert_int_equal(helper_wire_get_request(buf, (size_t)n, &out),
			 -EBADMSG);
}

static void
answers_survive(void **state)
{
	struct helper_answer a = {.token = 7,
				  .error = -13,
				  .wait_status = 256,
				  .deadline = true,
				  .output = "abc",
				  .output_len = 3};
	struct helper_answer b;
	char buf[HELPER_ANSWER_MAX];
	int n = helper_wire_put_answer(&a, buf, sizeof(buf));

	assert_int_equal(helper_wire_get_answer(buf, (size_t)n, &b), 0);
	assert_int_equal(b.token, 7);
	assert_int_equal(b.error, -13);
	assert_int_equal(b.wait_status, 256);
	assert_true(b.deadline);
	assert_int_equal(b.output_len, 3);
	assert_memory_equal(b.output, "abc", 3);
	assert_int_equal(helper_wire_get_answer(buf, 12, &b), -EBADMSG);
}

static void
counters_survive(void **state)
{
	struct helper_counters a = {.total = 300, .n = HELPER_COUNTERS_MAX}, b;
	char buf[HELPER_OUTPUT_MAX];
	int n;

	for (int i = 0; i < HELPER_COUNTERS_MAX; i++)
		a.v[i] = (struct sys_counter){
		    .ip = ip_of(i % 2 ? "2001:db8::53" : "192.0.2.53"),
		    .packets = UINT64_MAX - (uint64_t)i,
		    .octets = (uint64_t)i << 40,
		};
	n = helper_wire_put_counters(&a, buf, sizeof(buf));
	assert_true(n > 0);
	assert_int_equal(helper_wire_get_counters(buf, (size_t)n, &b), 0);
	assert_int_equal(b.total, 300);
	assert_int_equal(b.n, HELPER_COUNTERS_MAX);
	for (int i = 0; i < HELPER_COUNTERS_MAX; i++) {
		assert_true(ip_equal(&a.v[i].ip, &b.v[i].ip));
		assert_true(a.v[i].packets == b.v[i].packets);
		assert_true(a.v[i].octets == b.v[i].octets);
	}
	for (int i = 0; i < n; i += 7)
		assert_int_equal(helper_wire_get_counters(buf, (size_t)i, &b),
				 -EBADMSG);
	buf[3] = HELPER_COUNTERS_MAX + 1;
	assert_int_equal(helper_wire_get_counters(buf, (size_t)n, &b),
			 -EBADMSG);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_requests_survive),
	    cmocka_unit_test(forbidden_values_are_refused),
	    cmocka_unit_test(further_hops_survive),
	    cmocka_unit_test(broken_packets_are_refused),
	    cmocka_unit_test(answers_survive),
	    cmocka_unit_test(counters_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
