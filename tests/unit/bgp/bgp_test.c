/* SPDX-License-Identifier: ISC */
/* Two speakers against each other on one loop, over loopback. */
#include "../addresses.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "bgp/bgp.h"

#define LIMIT_MS 10000

struct node {
	struct bgp *bgp;
	struct conf conf[2]; /* two generations */
	struct conf_peer peer[2];
	struct conf_endpoint listen;
	int fd; /* listening; handed out as a copy */
	unsigned ups, downs, sent, unsent, routes, routes_gone;
	char why[256]; /* of the last loss of the session */
	bool closed;
};

struct fixture {
	uv_loop_t loop;
	uv_timer_t tick;
	struct conf_prefix prefixes[4];
	struct conf_prefix prefixes2[4];
	struct prefix import[4];
	struct conf_range ranges[4];
	struct node a, b;
};

/* ---- callbacks: count ---- */

static void
on_state(void *arg, struct bgp_peer *peer, enum bgp_state from,
	 enum bgp_state to, const char *why)
{
	struct node *n = arg;

	n->ups += to == BGP_STATE_ESTABLISHED;
	n->downs += from == BGP_STATE_ESTABLISHED;
	if (from == BGP_STATE_ESTABLISHED)
		snprintf(n->why, sizeof(n->why), "%s", why);
}

static void
on_sent(void *arg, struct bgp_peer *peer, const struct prefix *prefix,
	bool announced)
{
	struct node *n = arg;

	n->sent += announced;
	n->unsent += !announced;
}

static void
on_route(void *arg, struct bgp_peer *peer, const struct bgp_route *route,
	 bool gone)
{
	struct node *n = arg;

	n->routes += !gone;
	n->routes_gone += gone;
}

static void
on_closed(void *arg)
{
	((struct node *)arg)->closed = true;
}

static const struct bgp_callbacks callbacks = {on_state, on_sent, on_route};

static int
hand_out(void *arg, const struct ip *ip, uint16_t port)
{
	return dup(((struct node *)arg)->fd);
}

/* ---- fixture ---- */

static uint16_t
listen_on(struct node *n, const struct ip *ip)
{
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(ip, 0, 0, &ss);
	struct ip seen;

	n->fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(n->fd >= 0);
	assert_int_equal(bind(n->fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(listen(n->fd, 16), 0);
	assert_int_equal(getsockname(n->fd, (struct sockaddr *)&ss, &len), 0);
	return ip_from_sockaddr(&ss, &seen);
}

static void
node_init(struct fixture *f, struct node *n, uint32_t asn, uint32_t remote,
	  const char *self, const char *other)
{
	struct bgp_settings s = {.loop = &f->loop,
				 .callbacks = &callbacks,
				 .arg = n,
				 .listen = hand_out,
				 .listen_arg = n};

	n->listen.ip = ip_of(self);
	n->listen.port = listen_on(n, &n->listen.ip);
	n->peer[0] = (struct conf_peer){
	    .name = "other",
	    .address = ip_of(other),
	    .source = ip_of(self),
	    .asn = remote,
	    .local_asn = asn,
	    .families = CONF_IPV4 | CONF_IPV6,
	    .hold_time = dur_s(90),
	    .keepalive = dur_s(30),
	    .connect_retry = dur_ms(500),
	    .next_hop4 = ip_of("192.0.2.1"),
	    .next_hop6 = ip_of("2001:db8::1"),
	    .policy =
		{
		    .first_as = true,
		    .import = {.enabled = true,
			       .prefixes = {f->ranges, ARRAY_LEN(f->ranges)},
			       .longest4 = 32,
			       .longest6 = 128},
		    .max_prefix = {1000, 80, dur_s(300)},
		},
	    .ladder = {[CONF_RUNG_DEGRADED] = {.announce = true,
					       .med_set = true,
					       .med = 70},
		       [CONF_RUNG_DRAINING] = {.announce = true}},
	};
	n->conf[0] = (struct conf){
	    .node = {.asn = asn, .router_id = ip_from_v4(asn)},
	    .bgp = {&n->listen, 1},
	    .prefixes = f->prefixes,
	    .n_prefixes = ARRAY_LEN(f->prefixes),
	    .peers = n->peer,
	    .n_peers = 1,
	};
	n->bgp = bgp_new(&s);
}

static void
on_tick(uv_timer_t *t)
{
}

static void
fixture_init(struct fixture *f, const char *a, const char *b)
{
	static const char *const texts[] = {"203.0.113.0/24", "198.51.100.0/24",
					    "2001:db8:a::/48",
					    "2001:db8:b::/48"};

	memset(f, 0, sizeof(*f));
	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->tick);
	uv_timer_start(&f->tick, on_tick, 10, 10);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		f->import[i] = prefix_of(texts[i]);
		f->prefixes[i].prefix = f->import[i];
		f->ranges[i] = (struct conf_range){
		    f->import[i], f->import[i].len, f->import[i].len};
	}
	node_init(f, &f->a, 65001, 65002, a, b);
	node_init(f, &f->b, 65002, 65001, b, a);
	f->a.peer[0].port = f->b.listen.port;
	f->b.peer[0].port = f->a.listen.port;
}

static void
begin(struct fixture *f)
{
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	assert_int_equal(bgp_configure(f->b.bgp, &f->b.conf[0]), 0);
}

static bool
run_until(struct fixture *f, bool (*done)(struct fixture *f))
{
	uint64_t end = uv_hrtime() + (uint64_t)LIMIT_MS * 1000000;

	while (!done(f)) {
		if (uv_hrtime() > end)
			return false;
		uv_run(&f->loop, UV_RUN_ONCE);
	}
	return true;
}

static bool
both_up(struct fixture *f)
{
	struct bgp_peer_view a, b;

	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &a);
	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &b);
	return a.state == BGP_STATE_ESTABLISHED &&
	       b.state == BGP_STATE_ESTABLISHED;
}

static bool
b_has_4(struct fixture *f)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &v);
	return v.imported == 4;
}

static bool
b_has_none(struct fixture *f)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &v);
	return v.imported == 0;
}

static bool
a_closed(struct fixture *f)
{
	return f->a.closed;
}

static bool
all_closed(struct fixture *f)
{
	return f->a.closed && f->b.closed;
}

static void
fixture_end(struct fixture *f)
{
	if (!f->a.closed)
		bgp_shutdown(f->a.bgp, "test over", dur_s(2), on_closed, &f->a);
	bgp_shutdown(f->b.bgp, "test over", dur_s(2), on_closed, &f->b);
	assert_true(run_until(f, all_closed));
	bgp_free(f->a.bgp);
	bgp_free(f->b.bgp);
	close(f->a.fd);
	close(f->b.fd);
	uv_close((uv_handle_t *)&f->tick, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
}

static void
announce_all(struct fixture *f, bool on)
{
	for (size_t i = 0; i < ARRAY_LEN(f->prefixes); i++)
		bgp_want(f->a.bgp, i,
			 on ? CONF_RUNG_HEALTHY : CONF_RUNG_WITHDRAWN);
}

/* ---- tests ---- */

static void
routes_come_and_go(struct fixture *f)
{
	struct bgp_out_view out;
	struct bgp_peer *peer;

	begin(f);
	announce_all(f, true);
	assert_true(run_until(f, both_up));
	assert_true(run_until(f, b_has_4));
	peer = bgp_peer_at(f->a.bgp, 0);
	assert_true(bgp_peer_announced(peer, &f->import[2], &out));
	assert_int_equal(out.attributes->as_path[0], 65001);
	assert_int_equal(f->a.sent, 4);
	announce_all(f, false);
	assert_true(run_until(f, b_has_none));
	assert_false(bgp_peer_announced(peer, &f->import[2], &out));
	assert_int_equal(f->a.unsent, 4);
	assert_int_equal(f->b.routes_gone, 4);
	assert_int_equal(f->a.downs + f->b.downs, 0);
	fixture_end(f);
}

static void
over_ipv4(void **state)
{
	struct fixture f;

	fixture_init(&f, "127.0.0.1", "127.0.0.2");
	routes_come_and_go(&f);
}

static void
over_ipv6(void **state)
{
	struct fixture f;

	fixture_init(&f, "::1", "::1");
	routes_come_and_go(&f);
}

/* ---- reload ---- */

/* The second generation of the node: the same, freshly copied. */
static void
next_generation(struct fixture *f, struct node *n)
{
	memcpy(f->prefixes2, f->prefixes, sizeof(f->prefixes));
	n->peer[1] = n->peer[0];
	n->conf[1] = n->conf[0];
	n->conf[1].prefixes = f->prefixes2;
	n->conf[1].peers = &n->peer[1];
}

static struct fixture *
established_with_routes(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	begin(f);
	announce_all(f, true);
	assert_true(run_until(f, both_up));
	assert_true(run_until(f, b_has_4));
	next_generation(f, &f->a);
	return f;
}

static void
finish(struct fixture *f)
{
	fixture_end(f);
	free(f);
}

static uint64_t
updates_sent(const struct node *n)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(n->bgp, 0), &v);
	return v.messages_out[BGP_UPDATE];
}

/* Lets the loop turn until everything that could happen has happened. */
static void
settle(struct fixture *f)
{
	uint64_t end = uv_hrtime() + 50000000;

	while (uv_hrtime() < end)
		uv_run(&f->loop, UV_RUN_ONCE);
}

static void
an_equal_reload_sends_nothing(void **state)
{
	struct fixture *f = established_with_routes();
	struct bgp_peer *peer = bgp_peer_at(f->a.bgp, 0);
	uint64_t before = updates_sent(&f->a);

	/* Another order: the numbers change, the prefixes do not. */
	f->prefixes2[0] = f->prefixes[3];
	f->prefixes2[3] = f->prefixes[0];
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	settle(f);
	assert_ptr_equal(bgp_peer_at(f->a.bgp, 0), peer);
	assert_true(both_up(f));
	assert_int_equal(updates_sent(&f->a), before);
	assert_int_equal(f->a.downs + f->b.downs, 0);
	/* The wants followed their prefixes. */
	bgp_want(f->a.bgp, 0, CONF_RUNG_WITHDRAWN);
	settle(f);
	assert_false(
	    bgp_peer_announced(peer, &f->import[3], &(struct bgp_out_view){0}));
	assert_true(
	    bgp_peer_announced(peer, &f->import[0], &(struct bgp_out_view){0}));
	finish(f);
}

static void
changed_attributes_are_sent_without_a_flap(void **state)
{
	struct fixture *f = established_with_routes();
	struct bgp_out_view out;

	f->a.peer[1].prepend = 2;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	settle(f);
	assert_true(
	    bgp_peer_announced(bgp_peer_at(f->a.bgp, 0), &f->import[0], &out));
	assert_int_equal(out.attributes->n_as_path, 3);
	assert_int_equal(f->b.routes, 8);
	assert_int_equal(f->b.routes_gone, 0);
	assert_int_equal(f->a.downs, 0);
	finish(f);
}

/* ---- the ladder ---- */

static bool
a_has_written_all(struct fixture *f)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	return v.pending == 0;
}

static uint32_t
med_sent(struct fixture *f, size_t i)
{
	struct bgp_out_view out;

	assert_true(
	    bgp_peer_announced(bgp_peer_at(f->a.bgp, 0), &f->import[i], &out));
	return out.attributes->has_med ? out.attributes->med : 0;
}

static void
a_step_is_one_update(void **state)
{
	struct fixture *f = established_with_routes();
	uint64_t before = updates_sent(&f->a);

	bgp_want(f->a.bgp, 0, CONF_RUNG_DEGRADED);
	bgp_want(f->a.bgp, 1, CONF_RUNG_DEGRADED);
	assert_true(run_until(f, a_has_written_all));
	assert_int_equal(updates_sent(&f->a), before + 1);
	assert_int_equal(med_sent(f, 0), 70);
	assert_int_equal(med_sent(f, 1), 70);
	assert_int_equal(med_sent(f, 2), 0);
	/* Back and forth before it is written: nothing to say. */
	bgp_want(f->a.bgp, 0, CONF_RUNG_HEALTHY);
	bgp_want(f->a.bgp, 0, CONF_RUNG_DEGRADED);
	/* A rung with the same attributes: nothing to say either. */
	bgp_want(f->a.bgp, 2, CONF_RUNG_DRAINING);
	assert_true(run_until(f, a_has_written_all));
	settle(f);
	assert_int_equal(updates_sent(&f->a), before + 1);
	assert_int_equal(f->a.unsent, 0);
	assert_int_equal(f->b.routes_gone, 0);
	finish(f);
}

static bool
b_lost_one(struct fixture *f)
{
	return f->b.routes_gone == 1;
}

static void
a_rung_may_be_kept_from_a_peer(void **state)
{
	struct fixture *f = established_with_routes();
	struct bgp_peer *peer = bgp_peer_at(f->a.bgp, 0);

	f->a.peer[1].ladder[CONF_RUNG_DEGRADED].announce = false;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	bgp_want(f->a.bgp, 3, CONF_RUNG_DEGRADED);
	assert_true(run_until(f, b_lost_one));
	assert_string_equal(bgp_peer_withheld(peer, &f->import[3]),
			    "the peer's ladder withdraws what is degraded");
	assert_null(bgp_peer_withheld(peer, &f->import[2]));
	/* A drain asks those that have it; it gives it to nobody. */
	bgp_want(f->a.bgp, 2, CONF_RUNG_DRAINING);
	bgp_want(f->a.bgp, 3, CONF_RUNG_DRAINING);
	assert_true(run_until(f, a_has_written_all));
	assert_null(bgp_peer_withheld(peer, &f->import[2]));
	assert_string_equal(bgp_peer_withheld(peer, &f->import[3]),
			    "the peer's ladder withdraws what is degraded");
	assert_int_equal(f->b.routes_gone, 1);
	bgp_want(f->a.bgp, 2, CONF_RUNG_HEALTHY);
	bgp_want(f->a.bgp, 3, CONF_RUNG_DEGRADED);
	/* A reload that lets it through is an UPDATE, not a session. */
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	assert_true(run_until(f, b_has_4));
	assert_int_equal(med_sent(f, 3), 70);
	assert_int_equal(f->a.downs, 0);
	finish(f);
}

static void
a_changed_ladder_is_sent_without_a_flap(void **state)
{
	struct fixture *f = established_with_routes();

	bgp_want(f->a.bgp, 0, CONF_RUNG_DEGRADED);
	assert_true(run_until(f, a_has_written_all));
	f->a.peer[1].ladder[CONF_RUNG_DEGRADED].med = 300;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_true(run_until(f, a_has_written_all));
	assert_int_equal(med_sent(f, 0), 300);
	assert_int_equal(med_sent(f, 1), 0);
	assert_int_equal(f->b.routes_gone, 0);
	assert_int_equal(f->a.downs, 0);
	finish(f);
}

static bool
b_has_1(struct fixture *f)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &v);
	return v.imported == 1;
}

static void
a_shorter_export_list_withdraws_the_rest(void **state)
{
	struct fixture *f = established_with_routes();
	size_t only[] = {2};

	f->a.peer[1].prefixes = only;
	f->a.peer[1].n_prefixes = 1;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_true(run_until(f, b_has_1));
	assert_int_equal(f->b.routes_gone, 3);
	assert_int_equal(f->a.downs, 0);
	finish(f);
}

static void
a_prefix_taken_out_is_withdrawn(void **state)
{
	struct fixture *f = established_with_routes();

	f->a.conf[1].n_prefixes = 1;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_true(run_until(f, b_has_1));
	assert_int_equal(f->a.unsent, 3);
	assert_int_equal(f->a.downs, 0);
	finish(f);
}

static bool
b_was_down(struct fixture *f)
{
	return f->b.downs > 0;
}

static bool
up_again(struct fixture *f)
{
	return f->a.ups == 2 && f->b.ups == 2 && both_up(f) && b_has_4(f);
}

static void
a_changed_session_starts_anew(void **state)
{
	struct fixture *f = established_with_routes();

	f->a.peer[1].hold_time = dur_s(30);
	f->a.peer[1].keepalive = dur_s(10);
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_true(run_until(f, b_was_down));
	assert_non_null(strstr(f->b.why, "6/6"));
	assert_true(run_until(f, up_again));
	finish(f);
}

static void
a_removed_peer_is_told(void **state)
{
	struct fixture *f = established_with_routes();

	f->a.conf[1].n_peers = 0;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_int_equal(bgp_peers(f->a.bgp), 0);
	assert_int_equal(f->a.unsent, 4);
	assert_true(run_until(f, b_was_down));
	assert_non_null(strstr(f->b.why, "6/3"));
	assert_int_equal(f->b.routes_gone, 4);
	finish(f);
}

static void
a_shut_peer_stays_idle(void **state)
{
	struct fixture *f = established_with_routes();
	struct bgp_peer_view v;

	f->a.peer[1].shutdown = true;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_true(run_until(f, b_was_down));
	assert_non_null(strstr(f->b.why, "6/2"));
	settle(f);
	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	assert_int_equal(v.state, BGP_STATE_IDLE);
	assert_int_equal(v.pending, 0);
	/* And comes back. */
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	assert_true(run_until(f, up_again));
	finish(f);
}

static bool
b_is_refused(struct fixture *f)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &v);
	return b_was_down(f) && v.state < BGP_STATE_OPENSENT &&
	       strstr(v.last_error, "Connection reset") != NULL;
}

static void
a_suspended_speaker_stays_closed(void **state)
{
	struct fixture *f = established_with_routes();
	struct bgp_peer_view v;

	bgp_suspend(f->a.bgp, "drained: disk of ns1");
	assert_true(run_until(f, b_was_down));
	assert_non_null(strstr(f->b.why, "6/2"));
	assert_non_null(strstr(f->b.why, "disk of ns1"));
	assert_int_equal(f->a.unsent, 4);
	/* The other side knocks; a reload changes nothing. */
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	assert_true(run_until(f, b_is_refused));
	bgp_suspend(f->a.bgp, "still drained");
	bgp_want(f->a.bgp, 1, CONF_RUNG_WITHDRAWN);
	bgp_want(f->a.bgp, 1, CONF_RUNG_DEGRADED);
	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	assert_int_equal(v.state, BGP_STATE_IDLE);
	assert_string_equal(v.suspended, "still drained");
	assert_int_equal(v.pending, 0);
	assert_non_null(
	    bgp_peer_withheld(bgp_peer_at(f->a.bgp, 0), &f->import[0]));
	bgp_resume(f->a.bgp);
	assert_true(run_until(f, up_again));
	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	assert_null(v.suspended);
	finish(f);
}

/* One that was never up, and a shutdown in the middle. */
static void
a_suspended_speaker_can_be_shut_down(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	bgp_suspend(f->a.bgp, NULL);
	begin(f);
	announce_all(f, true);
	settle(f);
	assert_int_equal(f->a.ups, 0);
	bgp_shutdown(f->a.bgp, "bye", dur_s(2), on_closed, &f->a);
	bgp_resume(f->a.bgp);
	assert_true(run_until(f, a_closed));
	assert_int_equal(f->b.ups, 0);
	finish(f);
}

static void
a_new_import_list_asks_again(void **state)
{
	struct fixture *f = established_with_routes();

	memcpy(f->prefixes2, f->prefixes, sizeof(f->prefixes));
	next_generation(f, &f->b);
	f->b.peer[1].policy.import.prefixes.n = 1;
	assert_int_equal(bgp_configure(f->b.bgp, &f->b.conf[1]), 0);
	assert_true(run_until(f, b_has_1));
	assert_int_equal(bgp_configure(f->b.bgp, &f->b.conf[0]), 0);
	assert_true(run_until(f, b_has_4));
	assert_int_equal(f->b.downs, 0);
	finish(f);
}

/* ---- the rest of a life ---- */

static void
shutdown_withdraws_and_says_why(void **state)
{
	struct fixture *f = established_with_routes();

	bgp_shutdown(f->a.bgp, "moving to \"rack 7\"", dur_s(2), on_closed,
		     &f->a);
	assert_true(run_until(f, a_closed));
	assert_true(run_until(f, b_was_down));
	assert_int_equal(f->a.unsent, 4);
	assert_non_null(strstr(f->b.why, "6/2"));
	assert_non_null(strstr(f->b.why, "rack 7"));
	assert_null(strstr(f->b.why, "\n"));
	finish(f);
}

static void
too_many_prefixes_end_the_session(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	f->b.peer[0].policy.max_prefix.limit = 3;
	begin(f);
	announce_all(f, true);
	assert_true(run_until(f, b_was_down));
	assert_non_null(strstr(f->b.why, "maximum of 3"));
	settle(f);
	assert_non_null(strstr(f->a.why, "6/1"));
	assert_false(both_up(f)); /* and stays down */
	finish(f);
}

/* restart: 0s; the same configuration again is what an operator can do. */
static void
held_until_it_is_configured_again(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct bgp_peer_view v;

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	f->b.peer[0].policy.max_prefix.limit = 3;
	f->b.peer[0].policy.max_prefix.restart = DUR_ZERO;
	begin(f);
	announce_all(f, true);
	assert_true(run_until(f, b_was_down));
	assert_non_null(strstr(f->b.why, "down until basin reload"));
	settle(f);
	assert_false(both_up(f));
	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &v);
	assert_true(v.held && mono_is_never(v.held_until));
	assert_non_null(strstr(v.cure, "basin reload"));
	announce_all(f, false);
	assert_int_equal(bgp_configure(f->b.bgp, &f->b.conf[0]), 0);
	assert_true(run_until(f, both_up));
	bgp_peer_view(bgp_peer_at(f->b.bgp, 0), &v);
	assert_true(!v.held && mono_is_never(v.held_until));
	finish(f);
}

static void
passive_waits_and_active_connects(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct bgp_peer_view v;

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	f->a.peer[0].passive = true;
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	settle(f);
	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	assert_int_equal(v.state, BGP_STATE_ACTIVE);
	assert_int_equal(bgp_configure(f->b.bgp, &f->b.conf[0]), 0);
	assert_true(run_until(f, both_up));
	finish(f);
}

static void
inside_one_as(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct bgp_out_view out;

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	f->a.peer[0].asn = f->a.peer[0].local_asn;
	f->b.peer[0].asn = f->b.peer[0].local_asn = 65001;
	f->b.conf[0].node.asn = 65001;
	begin(f);
	announce_all(f, true);
	assert_true(run_until(f, b_has_4));
	assert_true(
	    bgp_peer_announced(bgp_peer_at(f->a.bgp, 0), &f->import[0], &out));
	assert_int_equal(out.attributes->n_as_path, 0);
	finish(f);
}

/* Freed in the middle of a session: the loop closes what is left. */
static void
a_speaker_may_be_freed_without_shutdown(void **state)
{
	struct fixture *f = established_with_routes();

	bgp_free(f->a.bgp);
	assert_int_equal(f->a.unsent, 4);
	assert_true(run_until(f, b_was_down));
	settle(f);
	f->a.bgp = bgp_new(&(struct bgp_settings){.loop = &f->loop,
						  .callbacks = &callbacks,
						  .arg = &f->a,
						  .listen = hand_out,
						  .listen_arg = &f->a});
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	assert_true(run_until(f, both_up));
	finish(f);
}

/* Nobody listens there: shutting down does not wait for an answer. */
static void
shutdown_does_not_wait_for_the_absent(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct bgp_peer_view v;

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	f->a.peer[0].address = ip_of("127.0.0.9");
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	announce_all(f, true);
	settle(f);
	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	assert_int_equal(v.pending, 4);
	assert_non_null(strstr(v.last_error, "127.0.0.9"));
	assert_string_equal(
	    bgp_peer_withheld(bgp_peer_at(f->a.bgp, 0), &f->import[0]),
	    "the session is not established");
	finish(f);
}

static size_t
waiting(struct fixture *f, unsigned families, bool listed)
{
	static size_t exported[] = {0, 3};
	struct bgp_peer_view v;

	f->a.peer[1] = f->a.peer[0];
	f->a.peer[1].families = families;
	f->a.peer[1].prefixes = listed ? exported : NULL;
	f->a.peer[1].n_prefixes = listed ? ARRAY_LEN(exported) : 0;
	f->a.conf[1] = f->a.conf[0];
	f->a.conf[1].peers = &f->a.peer[1];
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[1]), 0);
	bgp_peer_view(bgp_peer_at(f->a.bgp, 0), &v);
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	return v.pending;
}

static void
only_what_a_peer_may_get_waits_for_it(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	fixture_init(f, "127.0.0.1", "127.0.0.2");
	f->a.peer[0].address = ip_of("127.0.0.9");
	assert_int_equal(bgp_configure(f->a.bgp, &f->a.conf[0]), 0);
	announce_all(f, true);
	assert_int_equal(waiting(f, CONF_IPV4 | CONF_IPV6, false), 4);
	assert_int_equal(waiting(f, CONF_IPV4, false), 2);
	assert_int_equal(waiting(f, CONF_IPV4 | CONF_IPV6, true), 2);
	assert_int_equal(waiting(f, CONF_IPV6, true), 1);
	bgp_want(f->a.bgp, 3, CONF_RUNG_WITHDRAWN);
	assert_int_equal(waiting(f, CONF_IPV6, true), 0);
	assert_int_equal(waiting(f, CONF_IPV6, false), 1);
	/* Neither does what its ladder keeps from it. */
	bgp_want(f->a.bgp, 0, CONF_RUNG_DRAINING);
	assert_int_equal(waiting(f, CONF_IPV4, false), 2);
	f->a.peer[0].ladder[CONF_RUNG_DRAINING].announce = false;
	assert_int_equal(waiting(f, CONF_IPV4, false), 1);
	finish(f);
}

static void
many_changes_leave_nothing_behind(void **state)
{
	struct fixture *f = established_with_routes();

	for (int i = 0; i < 1000; i++) {
		announce_all(f, i % 2);
		uv_run(&f->loop, UV_RUN_NOWAIT);
		if (i % 10 == 0)
			assert_int_equal(
			    bgp_configure(f->a.bgp, &f->a.conf[i / 10 % 2]), 0);
	}
	announce_all(f, true);
	assert_true(run_until(f, b_has_4));
	assert_int_equal(f->a.downs + f->b.downs, 0);
	finish(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(over_ipv4),
	    cmocka_unit_test(over_ipv6),
	    cmocka_unit_test(an_equal_reload_sends_nothing),
	    cmocka_unit_test(changed_attributes_are_sent_without_a_flap),
	    cmocka_unit_test(a_step_is_one_update),
	    cmocka_unit_test(a_rung_may_be_kept_from_a_peer),
	    cmocka_unit_test(a_changed_ladder_is_sent_without_a_flap),
	    cmocka_unit_test(a_shorter_export_list_withdraws_the_rest),
	    cmocka_unit_test(a_prefix_taken_out_is_withdrawn),
	    cmocka_unit_test(a_changed_session_starts_anew),
	    cmocka_unit_test(a_removed_peer_is_told),
	    cmocka_unit_test(a_shut_peer_stays_idle),
	    cmocka_unit_test(a_suspended_speaker_stays_closed),
	    cmocka_unit_test(a_suspended_speaker_can_be_shut_down),
	    cmocka_unit_test(a_new_import_list_asks_again),
	    cmocka_unit_test(shutdown_withdraws_and_says_why),
	    cmocka_unit_test(too_many_prefixes_end_the_session),
	    cmocka_unit_test(held_until_it_is_configured_again),
	    cmocka_unit_test(passive_waits_and_active_connects),
	    cmocka_unit_test(inside_one_as),
	    cmocka_unit_test(a_speaker_may_be_freed_without_shutdown),
	    cmocka_unit_test(shutdown_does_not_wait_for_the_absent),
	    cmocka_unit_test(only_what_a_peer_may_get_waits_for_it),
	    cmocka_unit_test(many_changes_leave_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
