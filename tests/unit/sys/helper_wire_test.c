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
	    {.verb = HELPER_EXEC_KILL, .token = 9},
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
	    {.verb = HELPER_EXEC_KILL},
	};

	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++)
		assert_int_equal(verdict(&q[i]), -EINVAL);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_requests_survive),
	    cmocka_unit_test(forbidden_values_are_refused),
	    cmocka_unit_test(broken_packets_are_refused),
	    cmocka_unit_test(answers_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
