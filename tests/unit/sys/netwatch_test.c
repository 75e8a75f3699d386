/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <string.h>

#include "netns.h"
#include "sys/netlink.h"
#include "sys/sys.h"

struct fixture {
	uv_loop_t loop;
	struct netwatch *watch;
	int begins, ends, overruns;
	int marked, marked_gone; /* addresses with our mark */
	int foreign;
	int routes, routes_gone;
	bool seen[65536]; /* routes, by their last two octets */
	int links_up;
	struct sys_address last;
};

static void
on_address(void *arg, const struct sys_address *a, bool gone)
{
	struct fixture *f = arg;

	if (a->protocol == SYS_PROTOCOL && gone)
		f->marked_gone++;
	else if (a->protocol == SYS_PROTOCOL)
		f->marked++;
	else
		f->foreign++;
	f->last = *a;
}

static void
on_route(void *arg, const struct sys_route *r, bool gone)
{
	struct fixture *f = arg;

	unsigned i =
	    (unsigned)r->prefix.addr.bytes[2] << 8 | r->prefix.addr.bytes[3];

	if (gone)
		f->routes_gone++;
	else if (!f->seen[i])
		f->routes++;
	assert_int_not_equal(r->prefix.addr.bytes[0], 203);
	f->seen[i] = !gone;
}

static void
on_link(void *arg, unsigned ifindex, const char *name, bool up)
{
	struct fixture *f = arg;

	if (strcmp(name, "lo") == 0 && up)
		f->links_up++;
}

static void
on_overrun(void *arg)
{
	struct fixture *f = arg;

	f->overruns++;
}

static void
on_begin(void *arg)
{
	struct fixture *f = arg;

	f->begins++;
	f->routes = f->marked = 0;
	memset(f->seen, 0, sizeof(f->seen));
}

static void
on_end(void *arg)
{
	struct fixture *f = arg;

	f->ends++;
	assert_true(f->begins >= f->ends);
}

static const struct netwatch_callbacks callbacks = {
    .address = on_address,
    .route = on_route,
    .link = on_link,
    .overrun = on_overrun,
    .dump_begin = on_begin,
    .dump_end = on_end,
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	uv_loop_init(&f->loop);
	assert_int_equal(netwatch_new(&f->loop, NULL, &callbacks, f, &f->watch),
			 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	netwatch_close(f->watch);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

static void
turn_until(struct fixture *f, const int *count, int wanted)
{
	while (*count < wanted)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void
changes_are_told(void **state)
{
	struct fixture *f = *state;
	struct ip ip = ip_of("192.0.2.53"), ip6 = ip_of("2001:db8::53");
	struct sys_route r = {.blackhole = true};
	struct netlink nl;
	unsigned lo = if_nametoindex("lo");

	r.prefix = prefix_of_ip(&ip);
	assert_int_equal(netlink_open(&nl), 0);
	assert_int_equal(netlink_address_add(&nl, lo, &ip), 0);
	turn_until(f, &f->marked, 1);
	assert_true(ip_equal(&f->last.ip, &ip));
	assert_int_equal(f->last.len, 32);
	assert_string_equal(f->last.interface, "lo");
	assert_int_equal(netlink_address_add(&nl, lo, &ip6), 0);
	turn_until(f, &f->marked, 2);
	assert_false(f->last.tentative);
	assert_int_equal(netlink_address_del(&nl, lo, &ip), 0);
	assert_int_equal(netlink_address_del(&nl, lo, &ip6), 0);
	turn_until(f, &f->marked_gone, 2);
	assert_int_equal(netns_run("ip addr add 192.0.2.1/24 dev lo"), 0);
	turn_until(f, &f->foreign, 1);
	assert_int_equal(f->last.len, 24);
	assert_int_equal(netns_run("ip addr del 192.0.2.1/24 dev lo"), 0);
	/* Other programs' routes are no news. */
	assert_int_equal(netns_run("ip route add blackhole 203.0.113.0/24 "
				   "proto bird"),
			 0);
	assert_int_equal(netlink_route_add(&nl, &r), 0);
	turn_until(f, &f->routes, 1);
	assert_int_equal(netlink_route_del(&nl, &r), 0);
	turn_until(f, &f->routes_gone, 1);
	netlink_close(&nl);
}

static void
a_dump_tells_everything_once(void **state)
{
	struct fixture *f = *state;
	struct ip ip = ip_of("192.0.2.53");
	struct sys_route r = {.blackhole = true};
	struct netlink nl;

	r.prefix = prefix_of_ip(&ip);
	assert_int_equal(netlink_open(&nl), 0);
	assert_int_equal(netlink_address_add(&nl, if_nametoindex("lo"), &ip),
			 0);
	assert_int_equal(netlink_route_add(&nl, &r), 0);
	while (uv_run(&f->loop, UV_RUN_NOWAIT) && f->routes == 0)
		;
	assert_int_equal(netwatch_dump(f->watch), 0);
	assert_int_equal(netwatch_dump(f->watch), 0);
	turn_until(f, &f->ends, 2);
	assert_int_equal(f->begins, 2);
	assert_int_equal(f->marked, 1);
	assert_int_equal(f->routes, 1);
	assert_true(f->links_up >= 2);
	netlink_route_del(&nl, &r);
	assert_int_equal(netlink_address_del(&nl, if_nametoindex("lo"), &ip),
			 0);
	netlink_close(&nl);
}

/* More changes than the socket holds: told as lost, then read again. */
static void
an_overrun_is_repaired(void **state)
{
	struct fixture *f = *state;
	struct sys_route r = {.blackhole = true, .metric = 7};
	struct netlink nl;

	assert_int_equal(prefix_parse("10.0.0.0/32", &r.prefix), 0);
	assert_int_equal(netlink_open(&nl), 0);
	for (int i = 0; i < 30000; i++) {
		r.prefix.addr.bytes[2] = (uint8_t)(i >> 8);
		r.prefix.addr.bytes[3] = (uint8_t)i;
		assert_int_equal(netlink_route_add(&nl, &r), 0);
	}
	turn_until(f, &f->overruns, 1);
	turn_until(f, &f->ends, 1);
	assert_int_equal(f->routes, 30000);
	netlink_close(&nl);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(changes_are_told),
	    T(a_dump_tells_everything_once),
	    T(an_overrun_is_repaired),
	};

	netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
