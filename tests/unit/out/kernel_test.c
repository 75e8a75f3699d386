/* SPDX-License-Identifier: ISC */
/*
 * Addresses and routes against the real kernel, in a network namespace of
 * the test's own, with the real helper. The speaker is a stub.
 */
#include "../addresses.h"

#include <stdlib.h>
#include <string.h>

#include "../sys/netns.h"
#include "base/text.h"
#include "out/out.h"

/* ---- the speaker ---- */

static size_t wanted_calls, pending;
static const struct conf_peer *peer_conf;
static bool wanted[8];

void
bgp_want(struct bgp *bgp, size_t id, enum conf_rung rung)
{
	wanted_calls++;
	wanted[id] = rung != CONF_RUNG_WITHDRAWN;
}

size_t
bgp_peers(const struct bgp *bgp)
{
	return 1;
}

struct bgp_peer *
bgp_peer_at(const struct bgp *bgp, size_t i)
{
	return NULL;
}

const char *
bgp_peer_name(const struct bgp_peer *peer)
{
	return "transit-a";
}

void
bgp_peer_view(const struct bgp_peer *peer, struct bgp_peer_view *out)
{
	memset(out, 0, sizeof(*out));
	out->state = BGP_STATE_ESTABLISHED;
	out->pending = pending;
	out->conf = peer_conf;
}

void
bgp_each_best(const struct bgp *bgp, bgp_best_fn *each, void *arg)
{
	struct bgp_best v = {.route.prefix.addr.family = AF_INET};
	int error = ip_parse("203.0.113.2", &v.route.gateway);

	assert_int_equal(error, 0);
	v.install = peer_conf && peer_conf->install;
	if (peer_conf)
		each(arg, &v.route.prefix, &v, 1);
}

void
bgp_reachability_changed(struct bgp *bgp)
{
}

/* ---- the fixture ---- */

struct fixture {
	uv_loop_t loop;
	struct log log;
	struct helper *helper;
	struct out *out;
	struct conf conf;
	struct conf_service services[2];
	struct conf_prefix prefixes[2];
	struct conf_peer peers[2];
	struct ip addresses[4];
	int present[2]; /* -1: never told */
	int told[2];
	int alarms;
	bool stopped, expired;
	uv_timer_t deadline;
};

static void
on_addresses(void *arg, size_t service, bool present)
{
	struct fixture *f = arg;

	f->present[service] = present;
	f->told[service]++;
}

static void
on_alarm(void *arg, const char *subject, const char *message, bool on)
{
	struct fixture *f = arg;

	f->alarms += on ? 1 : -1;
}

static const struct out_callbacks callbacks = {on_addresses, on_alarm};

static void
set_service(struct fixture *f, size_t i, const char *a, const char *b)
{
	struct conf_service *s = &f->services[i];

	f->addresses[2 * i] = ip_of(a);
	if (b)
		f->addresses[2 * i + 1] = ip_of(b);
	s->name = i ? "two" : "one";
	s->interface = "lo";
	s->addresses.v = &f->addresses[2 * i];
	s->addresses.n = b ? 2 : 1;
}

static void
set_prefix(struct fixture *f, size_t i, const char *prefix)
{
	int r = prefix_parse(prefix, &f->prefixes[i].prefix);

	assert_int_equal(r, 0);
	f->prefixes[i].blackhole = true;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct helper_settings s = {
	    .log = {.fd = 2, .level = LOG_LEVEL_ERROR, .program = "test"},
	    .user = "nobody"};
	struct out_settings o = {.loop = &f->loop,
				 .log = &f->log,
				 .callbacks = &callbacks,
				 .arg = f};

	f->log = s.log;
	f->present[0] = f->present[1] = -1;
	f->conf.node.linger = dur_ms(150);
	f->conf.node.stop_timeout = dur_s(5);
	f->conf.services = f->services;
	f->conf.prefixes = f->prefixes;
	f->conf.peers = f->peers;
	f->conf.n_services = f->conf.n_prefixes = f->conf.n_peers = 2;
	set_service(f, 0, "192.0.2.53", "2001:db8::53");
	set_service(f, 1, "198.51.100.7", NULL);
	set_prefix(f, 0, "192.0.2.0/24");
	set_prefix(f, 1, "2001:db8::/48");
	f->peers[0].name = "transit-a";
	f->peers[1].name = "transit-b";
	f->peers[0].install = f->peers[1].install = true;
	wanted_calls = pending = 0;
	peer_conf = NULL;
	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->deadline);
	f->deadline.data = f;
	assert_int_equal(helper_spawn(&s, &f->helper), 0);
	assert_int_equal(helper_attach(f->helper, &f->loop, NULL, NULL), 0);
	o.helper = f->helper;
	o.bgp = (struct bgp *)f; /* the stub does not look into it */
	assert_int_equal(out_new(&o, &f->out), 0);
	*state = f;
	return 0;
}

static void
on_stopped(void *arg)
{
	struct fixture *f = arg;

	f->stopped = true;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	if (!f->stopped)
		out_stop(f->out, on_stopped, f);
	while (!f->stopped)
		uv_run(&f->loop, UV_RUN_ONCE);
	helper_stop(f->helper);
	out_free(f->out);
	uv_close((uv_handle_t *)&f->deadline, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	assert_int_not_equal(
	    netns_run("(ip addr; ip route; ip -6 route) |"
		      " grep -q -e 192.0.2.53 -e 2001:db8::53 -e blackhole"),
	    0);
	return 0;
}

/* ---- waiting: never for a time, always for a fact ---- */

static void
on_deadline(uv_timer_t *timer)
{
	struct fixture *f = timer->data;

	f->expired = true;
}

#define UNTIL(f, fact)                                                         \
	do {                                                                   \
		uv_timer_start(&(f)->deadline, on_deadline, 20000, 0);         \
		(f)->expired = false;                                          \
		while (!(fact)) {                                              \
			uv_run(&(f)->loop, UV_RUN_ONCE);                       \
			assert_false((f)->expired);                            \
		}                                                              \
		uv_timer_stop(&(f)->deadline);                                 \
	} while (0)

static bool
address(struct fixture *f, const char *text, struct out_address_view *v)
{
	struct ip ip = ip_of(text);

	for (size_t i = 0; i < out_addresses(f->out); i++) {
		out_view_address(f->out, i, v);
		if (ip_equal(&v->ip, &ip))
			return true;
	}
	return false;
}

static bool
is_state(struct fixture *f, const char *text, enum out_address_state state)
{
	struct out_address_view v;

	return address(f, text, &v) && v.state == state;
}

static bool
healed(struct fixture *f, const char *text)
{
	struct out_address_view v;

	return address(f, text, &v) && v.healed > 0;
}

static size_t
routes_present(struct fixture *f)
{
	struct out_route_view v;
	size_t n = 0;

	for (size_t i = 0; i < out_routes(f->out); i++) {
		out_view_route(f->out, i, &v);
		n += v.present;
	}
	return n;
}

/* ---- addresses ---- */

static void
addresses_are_there_before_anything_else(void **state)
{
	struct fixture *f = *state;

	out_configure(f->out, &f->conf);
	assert_int_equal(f->told[0], 0);
	UNTIL(f, f->present[0] == 1 && f->present[1] == 1);
	assert_int_equal(f->told[0], 1);
	assert_true(is_state(f, "192.0.2.53", OUT_ADDRESS_OWNED));
	assert_int_equal(netns_run("ip addr show dev lo |"
				   " grep -q 2001:db8::53/128"),
			 0);
	assert_int_equal(wanted_calls, 0);
}

static void
what_somebody_removes_comes_back(void **state)
{
	struct fixture *f = *state;
	struct out_stats stats;

	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[0] == 1 && f->present[1] == 1);
	assert_int_equal(netns_run("ip addr del 192.0.2.53/32 dev lo"), 0);
	UNTIL(f, healed(f, "192.0.2.53"));
	assert_int_equal(netns_run("ip addr show dev lo |"
				   " grep -q 192.0.2.53/32"),
			 0);
	out_stats(f->out, &stats);
	assert_int_equal(stats.healed, 1);
	/* Put back at once: the service never heard of it. */
	assert_int_equal(f->told[0], 1);
}

static void
foreign_addresses_are_used_and_stay(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(netns_run("ip addr add 198.51.100.7/32 dev lo"), 0);
	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[0] == 1 && f->present[1] == 1);
	assert_true(is_state(f, "198.51.100.7", OUT_ADDRESS_FOREIGN));
	out_stop(f->out, on_stopped, f);
	UNTIL(f, f->stopped);
	assert_int_equal(netns_run("ip addr del 198.51.100.7/32 dev lo"), 0);
}

static void
a_foreign_address_that_goes_becomes_ours(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(netns_run("ip addr add 198.51.100.7/32 dev lo"), 0);
	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[1] == 1);
	assert_int_equal(netns_run("ip addr del 198.51.100.7/32 dev lo"), 0);
	UNTIL(f, is_state(f, "198.51.100.7", OUT_ADDRESS_OWNED));
	assert_int_equal(f->told[1], 1);
}

static void
a_missing_interface_is_told_and_awaited(void **state)
{
	struct fixture *f = *state;

	f->services[1].interface = "svc0";
	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[0] == 1 && f->present[1] == 0);
	assert_int_equal(netns_run("ip link add svc0 type veth peer name svc1 "
				   "&& ip link set svc1 up && "
				   "ip link set svc0 up"),
			 0);
	UNTIL(f, f->present[1] == 1);
	assert_int_equal(netns_run("ip link del svc0"), 0);
	UNTIL(f, f->present[1] == 0);
}

static void
a_reload_touches_only_what_changed(void **state)
{
	struct fixture *f = *state;
	struct conf after;
	struct conf_service services[1];
	struct out_address_view before, v;
	struct ip moved = ip_of("198.51.100.8");

	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[0] == 1 && f->present[1] == 1);
	assert_true(address(f, "192.0.2.53", &before));
	after = f->conf;
	services[0] = f->services[0];
	after.services = services;
	after.n_services = 1;
	out_configure(f->out, &after);
	assert_true(is_state(f, "198.51.100.7", OUT_ADDRESS_LINGERING));
	UNTIL(f, !address(f, "198.51.100.7", &v));
	assert_int_not_equal(netns_run("ip addr | grep -q 198.51.100.7"), 0);
	assert_true(address(f, "192.0.2.53", &v));
	assert_int_equal(v.since.ns, before.since.ns);
	/* And back, with another address beside it. */
	f->services[1].addresses.v[0] = moved;
	out_configure(f->out, &f->conf);
	f->present[1] = -1;
	UNTIL(f, f->present[1] == 1);
	assert_true(is_state(f, "198.51.100.8", OUT_ADDRESS_OWNED));
}

static void
lingering_ends_when_it_is_configured_again(void **state)
{
	struct fixture *f = *state;
	struct conf after = f->conf;

	f->conf.node.linger = after.node.linger = dur_s(1000);
	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[0] == 1 && f->present[1] == 1);
	after.n_services = 1;
	out_configure(f->out, &after);
	assert_true(is_state(f, "198.51.100.7", OUT_ADDRESS_LINGERING));
	out_configure(f->out, &f->conf);
	UNTIL(f, is_state(f, "198.51.100.7", OUT_ADDRESS_OWNED));
	f->conf.node.linger = DUR_ZERO;
}

/* ---- routes ---- */

static void
blackholes_stand_while_wanted(void **state)
{
	struct fixture *f = *state;

	out_configure(f->out, &f->conf);
	out_want(f->out, 0, CONF_RUNG_HEALTHY);
	out_want(f->out, 1, CONF_RUNG_HEALTHY);
	assert_true(wanted[0] && wanted[1]);
	UNTIL(f, routes_present(f) == 2);
	assert_int_equal(netns_run("ip route show proto 179 |"
				   " grep -q 'blackhole 192.0.2.0/24'"),
			 0);
	/* It stays down the whole ladder, and below the last rung goes. */
	out_want(f->out, 0, CONF_RUNG_DEGRADED);
	out_want(f->out, 0, CONF_RUNG_DRAINING);
	assert_true(wanted[0]);
	assert_int_equal(routes_present(f), 2);
	out_want(f->out, 0, CONF_RUNG_WITHDRAWN);
	assert_false(wanted[0]);
	/* The UPDATE goes first. */
	assert_int_equal(routes_present(f), 2);
	UNTIL(f, out_routes(f->out) == 1);
	assert_int_equal(netns_run("test $(ip route show proto 179 | wc -l) "
				   "= 0"),
			 0);
	assert_int_equal(netns_run("ip route show proto 179;"
				   "ip -6 route show proto 179 |"
				   " grep -q 'blackhole 2001:db8::/48'"),
			 0);
	assert_true(is_state(f, "192.0.2.53", OUT_ADDRESS_OWNED));
}

static void
a_removed_route_comes_back(void **state)
{
	struct fixture *f = *state;
	struct out_stats stats = {0};

	out_configure(f->out, &f->conf);
	out_want(f->out, 0, CONF_RUNG_HEALTHY);
	UNTIL(f, routes_present(f) == 1);
	/* Known from the kernel too, so that its going is news. */
	assert_int_equal(netns_run("ip route del blackhole 192.0.2.0/24 "
				   "metric 2047"),
			 0);
	while (stats.healed == 0) {
		uv_run(&f->loop, UV_RUN_ONCE);
		out_stats(f->out, &stats);
	}
	UNTIL(f, routes_present(f) == 1);
	assert_int_equal(netns_run("ip route show proto 179 |"
				   " grep -q 'blackhole 192.0.2.0/24'"),
			 0);
}

static void
leftovers_that_are_not_wanted_go(void **state)
{
	struct fixture *f = *state;
	struct out_route_view v;

	assert_int_equal(netns_run("ip route add blackhole 203.0.113.0/24 "
				   "proto 179 metric 2047"),
			 0);
	out_configure(f->out, &f->conf);
	UNTIL(f, out_routes(f->out) == 1);
	out_view_route(f->out, 0, &v);
	assert_false(v.wanted);
	UNTIL(f, out_routes(f->out) == 0);
	assert_int_equal(netns_run("test -z \"$(ip route show proto 179)\""),
			 0);
}

static struct bgp_route
default_by(const char *gateway)
{
	struct bgp_route r = {.next_hop = ip_of(gateway),
			      .gateway = ip_of(gateway)};

	r.prefix.addr.family = AF_INET;
	return r;
}

static bool
installed(struct fixture *f, const char *gateway)
{
	struct ip ip = ip_of(gateway);
	struct out_route_view v;

	for (size_t i = 0; i < out_routes(f->out); i++) {
		out_view_route(f->out, i, &v);
		if (v.present && ip_equal(&v.route.gateway, &ip))
			return true;
	}
	return false;
}

static void
the_best_import_is_installed(void **state)
{
	struct fixture *f = *state;
	struct bgp_best v[2] = {
	    {.install = true, .route = default_by("203.0.113.2")},
	    {.install = true, .route = default_by("203.0.113.3")},
	};
	const struct prefix *prefix = &v[0].route.prefix;

	assert_int_equal(netns_run("ip link add d0 type veth peer name d1 && "
				   "ip link set d1 up && ip link set d0 up && "
				   "ip addr add 203.0.113.1/24 dev d0"),
			 0);
	out_configure(f->out, &f->conf);
	out_import(f->out, prefix, v, 1);
	UNTIL(f, installed(f, "203.0.113.2"));
	out_import(f->out, prefix, v + 1, 1);
	UNTIL(f, installed(f, "203.0.113.3"));
	out_import(f->out, prefix, v, 1);
	UNTIL(f, installed(f, "203.0.113.2"));
	/* Its link goes and comes: back without being told. */
	assert_int_equal(netns_run("ip link set d0 down"), 0);
	UNTIL(f, !installed(f, "203.0.113.2"));
	assert_int_equal(netns_run("ip link set d0 up"), 0);
	UNTIL(f, installed(f, "203.0.113.2"));
	/* Both at once, then one of them, then what drops all. */
	out_import(f->out, prefix, v, 2);
	UNTIL(f, netns_run("test 2 = \"$(ip route show default |"
			   " grep -c 'nexthop via 203.0.113.[23] ')\"") == 0);
	out_import(f->out, prefix, v + 1, 1);
	UNTIL(f, netns_run("ip route show default |"
			   " grep -q '^default via 203.0.113.3 '") == 0);
	v[1].route.blackhole = true;
	out_import(f->out, prefix, v + 1, 1);
	UNTIL(f, netns_run("ip route show default |"
			   " grep -q ^blackhole") == 0);
	v[0].install = false;
	out_import(f->out, prefix, v, 1);
	UNTIL(f, out_routes(f->out) == 0);
	assert_int_equal(netns_run("ip link del d0; "
				   "test -z \"$(ip route show default)\""),
			 0);
}

/* The peer has sent its default route long ago; now it shall be installed. */
static void
install_can_be_switched_by_a_reload(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(netns_run("ip link add d0 type veth peer name d1 && "
				   "ip link set d1 up && ip link set d0 up && "
				   "ip addr add 203.0.113.1/24 dev d0"),
			 0);
	peer_conf = &f->peers[0];
	f->peers[0].install = false;
	out_configure(f->out, &f->conf);
	UNTIL(f, f->present[0] == 1);
	assert_int_equal(out_routes(f->out), 0);
	f->peers[0].install = true;
	out_configure(f->out, &f->conf);
	UNTIL(f, installed(f, "203.0.113.2"));
	f->peers[0].install = false;
	out_configure(f->out, &f->conf);
	UNTIL(f, out_routes(f->out) == 0);
	assert_int_equal(netns_run("ip link del d0"), 0);
}

/* ---- alarms and the end ---- */

static void
what_cannot_be_done_is_an_alarm(void **state)
{
	struct fixture *f = *state;

	f->services[1].interface = "absent0";
	pending = 3;
	out_configure(f->out, &f->conf);
	UNTIL(f, f->alarms == 2);
	assert_int_equal(netns_run("ip link add absent0 type veth peer name "
				   "absent1 && ip link set absent0 up"),
			 0);
	pending = 0;
	UNTIL(f, f->alarms == 0);
	assert_int_equal(netns_run("ip link del absent0"), 0);
}

static void
stopping_removes_everything_after_lingering(void **state)
{
	struct fixture *f = *state;

	out_configure(f->out, &f->conf);
	out_want(f->out, 0, CONF_RUNG_HEALTHY);
	UNTIL(f, f->present[0] == 1 && routes_present(f) == 1);
	out_stop(f->out, on_stopped, f);
	assert_false(wanted[0]);
	assert_int_equal(netns_run("ip addr | grep -q 192.0.2.53"), 0);
	UNTIL(f, f->stopped);
	assert_int_equal(out_addresses(f->out), 0);
	assert_int_equal(out_routes(f->out), 0);
	assert_int_not_equal(netns_run("ip addr | grep -q 192.0.2.53"), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(addresses_are_there_before_anything_else),
	    T(what_somebody_removes_comes_back),
	    T(foreign_addresses_are_used_and_stay),
	    T(a_foreign_address_that_goes_becomes_ours),
	    T(a_missing_interface_is_told_and_awaited),
	    T(a_reload_touches_only_what_changed),
	    T(lingering_ends_when_it_is_configured_again),
	    T(blackholes_stand_while_wanted),
	    T(a_removed_route_comes_back),
	    T(leftovers_that_are_not_wanted_go),
	    T(the_best_import_is_installed),
	    T(install_can_be_switched_by_a_reload),
	    T(what_cannot_be_done_is_an_alarm),
	    T(stopping_removes_everything_after_lingering),
	};

	netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
