/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "bgp/fsm.h"

#define NOTIFY  FSM_DO_SEND_NOTIFICATION
#define DROP    FSM_DO_DROP
#define RELEASE FSM_DO_RELEASE

/* What RFC 4271 section 8.2.2 says, state by state. */
struct expected {
	enum fsm_event_type event;
	enum bgp_state to;
	unsigned bits;
	uint8_t code, subcode; /* of the NOTIFICATION */
};

struct state_case {
	enum bgp_state state;
	const struct expected *named;
	size_t n;
	struct expected other; /* every event that is not named */
};

static const struct mono start_time = {INT64_C(1000000000000)};

static const struct expected idle[] = {
    {FSM_MANUAL_START, BGP_STATE_CONNECT, FSM_DO_CONNECT},
    {FSM_AUTOMATIC_START, BGP_STATE_CONNECT, FSM_DO_CONNECT},
    {FSM_IDLE_HOLD_EXPIRES, BGP_STATE_CONNECT, FSM_DO_CONNECT},
    {FSM_PASSIVE_START, BGP_STATE_ACTIVE, 0},
    {FSM_MANUAL_STOP, BGP_STATE_IDLE, DROP},
};

static const struct expected connecting[] = {
    {FSM_MANUAL_START, BGP_STATE_CONNECT, 0},
    {FSM_AUTOMATIC_START, BGP_STATE_CONNECT, 0},
    {FSM_PASSIVE_START, BGP_STATE_CONNECT, 0},
    {FSM_CONNECT_RETRY_EXPIRES, BGP_STATE_CONNECT, DROP | FSM_DO_CONNECT},
    {FSM_TCP_ACKED, BGP_STATE_OPENSENT, FSM_DO_SEND_OPEN},
    {FSM_TCP_CONFIRMED, BGP_STATE_OPENSENT, FSM_DO_SEND_OPEN},
};

static const struct expected active[] = {
    {FSM_MANUAL_START, BGP_STATE_ACTIVE, 0},
    {FSM_AUTOMATIC_START, BGP_STATE_ACTIVE, 0},
    {FSM_PASSIVE_START, BGP_STATE_ACTIVE, 0},
    {FSM_CONNECT_RETRY_EXPIRES, BGP_STATE_CONNECT, FSM_DO_CONNECT},
    {FSM_TCP_ACKED, BGP_STATE_OPENSENT, FSM_DO_SEND_OPEN},
    {FSM_TCP_CONFIRMED, BGP_STATE_OPENSENT, FSM_DO_SEND_OPEN},
};

static const struct expected opensent[] = {
    {FSM_MANUAL_START, BGP_STATE_OPENSENT, 0},
    {FSM_AUTOMATIC_START, BGP_STATE_OPENSENT, 0},
    {FSM_PASSIVE_START, BGP_STATE_OPENSENT, 0},
    {FSM_TCP_ACKED, BGP_STATE_OPENSENT, 0},
    {FSM_TCP_CONFIRMED, BGP_STATE_OPENSENT, 0},
    {FSM_TCP_FAILS, BGP_STATE_ACTIVE, DROP},
    {FSM_OPEN, BGP_STATE_OPENCONFIRM, FSM_DO_SEND_KEEPALIVE},
    {FSM_MANUAL_STOP, BGP_STATE_IDLE, NOTIFY | DROP, 6, 2},
    {FSM_AUTOMATIC_STOP, BGP_STATE_IDLE, NOTIFY | DROP, 6, 0},
    {FSM_HOLD_EXPIRES, BGP_STATE_IDLE, NOTIFY | DROP, 4, 0},
    {FSM_SEND_HOLD_EXPIRES, BGP_STATE_IDLE, NOTIFY | DROP, 8, 0},
    {FSM_HEADER_ERROR, BGP_STATE_IDLE, NOTIFY | DROP, 99, 98},
    {FSM_OPEN_ERROR, BGP_STATE_IDLE, NOTIFY | DROP, 99, 98},
    {FSM_COLLISION_DUMP, BGP_STATE_IDLE, NOTIFY | DROP, 6, 7},
    {FSM_NOTIFICATION_VERSION, BGP_STATE_IDLE, DROP},
    {FSM_NOTIFICATION, BGP_STATE_IDLE, DROP},
};

static const struct expected openconfirm[] = {
    {FSM_MANUAL_START, BGP_STATE_OPENCONFIRM, 0},
    {FSM_AUTOMATIC_START, BGP_STATE_OPENCONFIRM, 0},
    {FSM_PASSIVE_START, BGP_STATE_OPENCONFIRM, 0},
    {FSM_TCP_ACKED, BGP_STATE_OPENCONFIRM, 0},
    {FSM_TCP_CONFIRMED, BGP_STATE_OPENCONFIRM, 0},
    {FSM_TCP_FAILS, BGP_STATE_IDLE, DROP},
    {FSM_KEEPALIVE_EXPIRES, BGP_STATE_OPENCONFIRM, FSM_DO_SEND_KEEPALIVE},
    {FSM_KEEPALIVE, BGP_STATE_ESTABLISHED, FSM_DO_ESTABLISH},
    {FSM_MANUAL_STOP, BGP_STATE_IDLE, NOTIFY | DROP, 6, 2},
    {FSM_AUTOMATIC_STOP, BGP_STATE_IDLE, NOTIFY | DROP, 6, 0},
    {FSM_HOLD_EXPIRES, BGP_STATE_IDLE, NOTIFY | DROP, 4, 0},
    {FSM_SEND_HOLD_EXPIRES, BGP_STATE_IDLE, NOTIFY | DROP, 8, 0},
    {FSM_HEADER_ERROR, BGP_STATE_IDLE, NOTIFY | DROP, 99, 98},
    {FSM_OPEN_ERROR, BGP_STATE_IDLE, NOTIFY | DROP, 99, 98},
    {FSM_COLLISION_DUMP, BGP_STATE_IDLE, NOTIFY | DROP, 6, 7},
    {FSM_NOTIFICATION_VERSION, BGP_STATE_IDLE, DROP},
    {FSM_NOTIFICATION, BGP_STATE_IDLE, DROP},
};

static const struct expected established[] = {
    {FSM_MANUAL_START, BGP_STATE_ESTABLISHED, 0},
    {FSM_AUTOMATIC_START, BGP_STATE_ESTABLISHED, 0},
    {FSM_PASSIVE_START, BGP_STATE_ESTABLISHED, 0},
    {FSM_TCP_ACKED, BGP_STATE_ESTABLISHED, 0},
    {FSM_TCP_CONFIRMED, BGP_STATE_ESTABLISHED, 0},
    {FSM_TCP_FAILS, BGP_STATE_IDLE, DROP | RELEASE},
    {FSM_KEEPALIVE_EXPIRES, BGP_STATE_ESTABLISHED, FSM_DO_SEND_KEEPALIVE},
    {FSM_KEEPALIVE, BGP_STATE_ESTABLISHED, 0},
    {FSM_UPDATE, BGP_STATE_ESTABLISHED, FSM_DO_PROCESS},
    {FSM_ROUTE_REFRESH, BGP_STATE_ESTABLISHED, FSM_DO_PROCESS},
    {FSM_MANUAL_STOP, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 6, 2},
    {FSM_AUTOMATIC_STOP, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 6, 0},
    {FSM_HOLD_EXPIRES, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 4, 0},
    {FSM_SEND_HOLD_EXPIRES, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 8, 0},
    {FSM_HEADER_ERROR, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 99, 98},
    {FSM_UPDATE_ERROR, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 99, 98},
    {FSM_COLLISION_DUMP, BGP_STATE_IDLE, NOTIFY | DROP | RELEASE, 6, 7},
    {FSM_NOTIFICATION_VERSION, BGP_STATE_IDLE, DROP | RELEASE},
    {FSM_NOTIFICATION, BGP_STATE_IDLE, DROP | RELEASE},
};

#define CASE(state, list, ...)                                                 \
	{                                                                      \
		state, list, ARRAY_LEN(list),                                  \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}

static const struct state_case cases[] = {
    CASE(BGP_STATE_IDLE, idle, 0, BGP_STATE_IDLE, 0),
    CASE(BGP_STATE_CONNECT, connecting, 0, BGP_STATE_IDLE, DROP),
    CASE(BGP_STATE_ACTIVE, active, 0, BGP_STATE_IDLE, DROP),
    CASE(BGP_STATE_OPENSENT, opensent, 0, BGP_STATE_IDLE, NOTIFY | DROP, 5, 1),
    CASE(BGP_STATE_OPENCONFIRM, openconfirm, 0, BGP_STATE_IDLE, NOTIFY | DROP,
	 5, 2),
    CASE(BGP_STATE_ESTABLISHED, established, 0, BGP_STATE_IDLE,
	 NOTIFY | DROP | RELEASE, 5, 3),
};

static struct fsm_actions
feed(struct fsm *f, enum fsm_event_type type, struct mono now)
{
	struct fsm_event ev = {.type = type};

	if (type == FSM_HEADER_ERROR || type == FSM_OPEN_ERROR ||
	    type == FSM_UPDATE_ERROR) {
		ev.code = 99;
		ev.subcode = 98;
	}
	if (type == FSM_OPEN) {
		ev.hold = dur_s(90);
		ev.keepalive = dur_s(30);
	}
	return fsm_step(f, &ev, now);
}

/* Brings a fresh machine to `state` by the shortest way. */
static struct fsm
machine_in(enum bgp_state state)
{
	static const enum fsm_event_type way[] = {
	    FSM_MANUAL_START, FSM_TCP_ACKED, FSM_OPEN, FSM_KEEPALIVE};
	struct fsm f;

	fsm_init(&f, false, dur_s(5), 42, start_time);
	if (state == BGP_STATE_ACTIVE) {
		feed(&f, FSM_MANUAL_START, start_time);
		feed(&f, FSM_TCP_ACKED, start_time);
		feed(&f, FSM_TCP_FAILS, start_time);
	}
	for (size_t i = 0; f.state != state && i < ARRAY_LEN(way); i++)
		feed(&f, way[i], start_time);
	assert_int_equal(f.state, state);
	return f;
}

static const struct expected *
expectation(const struct state_case *c, enum fsm_event_type event)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->named[i].event == event)
			return &c->named[i];
	return &c->other;
}

static void
check_invariants(const struct fsm *f)
{
	bool timers = !mono_is_never(f->hold_at) ||
		      !mono_is_never(f->keepalive_at) ||
		      !mono_is_never(f->connect_retry_at);

	if (f->state == BGP_STATE_IDLE)
		assert_false(timers);
	else
		assert_true(mono_is_never(f->idle_hold_at));
	if (f->state == BGP_STATE_CONNECT)
		assert_false(mono_is_never(f->connect_retry_at));
	if (f->state >= BGP_STATE_OPENSENT) {
		assert_false(mono_is_never(f->hold_at));
		assert_true(mono_is_never(f->connect_retry_at));
	}
}

static void
every_event_in_every_state(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		for (int e = 0; e < FSM_EVENT_COUNT; e++) {
			const struct state_case *c = &cases[i];
			const struct expected *x =
			    expectation(c, (enum fsm_event_type)e);
			struct fsm f = machine_in(c->state);
			struct fsm_actions a =
			    feed(&f, (enum fsm_event_type)e, start_time);

			if (f.state != x->to || a.bits != x->bits)
				print_message(
				    "%s in %s\n",
				    fsm_event_text((enum fsm_event_type)e),
				    bgp_state_text(c->state));
			assert_int_equal(f.state, x->to);
			assert_int_equal(a.bits, x->bits);
			assert_int_equal(a.code, x->code);
			assert_int_equal(a.subcode, x->subcode);
			check_invariants(&f);
		}
}

static void
events_have_the_numbers_of_the_rfc(void **state)
{
	assert_int_equal(fsm_event_number(FSM_MANUAL_START), 1);
	assert_int_equal(fsm_event_number(FSM_HOLD_EXPIRES), 10);
	assert_int_equal(fsm_event_number(FSM_TCP_FAILS), 18);
	assert_int_equal(fsm_event_number(FSM_UPDATE_ERROR), 28);
	assert_string_equal(fsm_event_text(FSM_OPEN), "BGPOpen");
}

/* ---- timers ---- */

static struct mono
later(int64_t ms)
{
	return mono_add(start_time, dur_ms(ms));
}

static void
retry_time_is_jittered(void **state)
{
	bool low = false, high = false;

	for (uint64_t seed = 1; seed < 200; seed++) {
		struct fsm f;
		int64_t ms;

		fsm_init(&f, false, dur_s(100), seed * 0x9e3779b97f4a7c15u,
			 start_time);
		feed(&f, FSM_MANUAL_START, start_time);
		ms = dur_to_ms(mono_sub(f.connect_retry_at, start_time));
		assert_in_range(ms, 75000, 100000);
		low |= ms < 80000;
		high |= ms > 95000;
	}
	assert_true(low && high);
}

static void
hold_timer_is_four_minutes_in_opensent(void **state)
{
	struct fsm f = machine_in(BGP_STATE_OPENSENT);
	enum fsm_event_type type;

	assert_int_equal(fsm_deadline(&f).ns, later(240000).ns);
	assert_false(fsm_due(&f, later(239999), &type));
	assert_true(fsm_due(&f, later(240000), &type));
	assert_int_equal(type, FSM_HOLD_EXPIRES);
}

static void
received_messages_restart_the_hold_timer(void **state)
{
	struct fsm f = machine_in(BGP_STATE_ESTABLISHED);

	feed(&f, FSM_UPDATE, later(1000));
	assert_int_equal(f.hold_at.ns, later(91000).ns);
	feed(&f, FSM_KEEPALIVE, later(2000));
	assert_int_equal(f.hold_at.ns, later(92000).ns);
	fsm_sent(&f, later(3000));
	assert_int_equal(f.hold_at.ns, later(92000).ns);
	assert_in_range(mono_sub(f.keepalive_at, start_time).ns / 1000000,
			3000 + 22500, 3000 + 30000);
}

static void
hold_time_zero_runs_no_timer(void **state)
{
	struct fsm_event open = {.type = FSM_OPEN};
	struct fsm f = machine_in(BGP_STATE_OPENSENT);

	fsm_step(&f, &open, start_time);
	feed(&f, FSM_KEEPALIVE, start_time);
	assert_int_equal(f.state, BGP_STATE_ESTABLISHED);
	feed(&f, FSM_UPDATE, start_time);
	fsm_sent(&f, start_time);
	fsm_send_progress(&f, true, start_time);
	assert_true(mono_is_never(fsm_deadline(&f)));
}

static void
keepalives_leave_at_most_once_a_second(void **state)
{
	struct fsm_event open = {
	    .type = FSM_OPEN, .hold = dur_s(3), .keepalive = dur_s(1)};
	struct fsm f = machine_in(BGP_STATE_OPENSENT);

	fsm_step(&f, &open, start_time);
	for (int i = 0; i < 100; i++) {
		struct mono before = f.keepalive_at;

		feed(&f, FSM_KEEPALIVE_EXPIRES, before);
		assert_true(mono_sub(f.keepalive_at, before).ns >= dur_s(1).ns);
	}
}

static void
send_hold_timer_runs_while_octets_wait(void **state)
{
	struct fsm f = machine_in(BGP_STATE_ESTABLISHED);
	enum fsm_event_type type;

	fsm_send_progress(&f, true, start_time);
	feed(&f, FSM_KEEPALIVE, later(470000));
	fsm_sent(&f, later(470000));
	assert_false(fsm_due(&f, later(479999), &type));
	assert_true(fsm_due(&f, later(480000), &type));
	assert_int_equal(type, FSM_SEND_HOLD_EXPIRES);
	fsm_send_progress(&f, false, later(480000));
	assert_true(mono_is_never(f.send_hold_at));
}

/* Milliseconds of back-off after the n-th refused connection. */
static int64_t
nth_backoff(struct fsm *f, struct mono *now)
{
	int64_t ms;

	feed(f, FSM_TCP_FAILS, *now);
	ms = dur_to_ms(mono_sub(f->idle_hold_at, *now));
	*now = f->idle_hold_at;
	feed(f, FSM_IDLE_HOLD_EXPIRES, *now);
	return ms;
}

static void
back_off_doubles_up_to_the_retry_time(void **state)
{
	struct fsm f = machine_in(BGP_STATE_CONNECT);
	struct mono now = start_time;

	assert_in_range(nth_backoff(&f, &now), 750, 1000);
	assert_in_range(nth_backoff(&f, &now), 1500, 2000);
	assert_in_range(nth_backoff(&f, &now), 3000, 4000);
	for (int i = 0; i < 50; i++)
		assert_in_range(nth_backoff(&f, &now), 3750, 5000);
	assert_int_equal(f.connect_retry_counter, 53);
}

/* OpenSent goes to Active, not Idle, and tries again soon. */
static void
a_peer_that_closes_at_once_is_tried_again_soon(void **state)
{
	struct fsm f = machine_in(BGP_STATE_OPENSENT);

	feed(&f, FSM_TCP_FAILS, start_time);
	assert_int_equal(f.state, BGP_STATE_ACTIVE);
	assert_in_range(dur_to_ms(mono_sub(f.connect_retry_at, start_time)),
			750, 1000);
}

static void
protocol_errors_back_off_longer(void **state)
{
	struct fsm f = machine_in(BGP_STATE_IDLE);
	struct mono now = start_time;
	int64_t ms = 0;

	feed(&f, FSM_MANUAL_START, now);
	for (int i = 0; i < 10; i++) {
		feed(&f, FSM_TCP_ACKED, now);
		feed(&f, FSM_OPEN_ERROR, now);
		ms = dur_to_ms(mono_sub(f.idle_hold_at, now));
		now = f.idle_hold_at;
		feed(&f, FSM_IDLE_HOLD_EXPIRES, now);
	}
	assert_in_range(ms, 45000, 60000);
}

static void
a_stable_session_forgets_the_back_off(void **state)
{
	struct fsm f = machine_in(BGP_STATE_ESTABLISHED);

	f.failures = 10;
	feed(&f, FSM_TCP_FAILS, later(31000));
	assert_in_range(dur_to_ms(mono_sub(f.idle_hold_at, later(31000))), 750,
			1000);
}

static void
waiting_machines_wait_again_at_once(void **state)
{
	struct fsm f;

	fsm_init(&f, true, dur_s(5), 7, start_time);
	feed(&f, FSM_PASSIVE_START, start_time);
	assert_int_equal(f.state, BGP_STATE_ACTIVE);
	assert_true(mono_is_never(fsm_deadline(&f)));
	feed(&f, FSM_TCP_CONFIRMED, start_time);
	feed(&f, FSM_OPEN, start_time);
	feed(&f, FSM_TCP_FAILS, start_time);
	assert_int_equal(f.state, BGP_STATE_IDLE);
	assert_int_equal(f.idle_hold_at.ns, start_time.ns);
	feed(&f, FSM_IDLE_HOLD_EXPIRES, start_time);
	assert_int_equal(f.state, BGP_STATE_ACTIVE);
	/* Errors of the protocol: after a while, never long. */
	f.failures = 10;
	feed(&f, FSM_TCP_CONFIRMED, start_time);
	feed(&f, FSM_OPEN_ERROR, start_time);
	assert_in_range(dur_to_ms(mono_sub(f.idle_hold_at, start_time)), 3750,
			5000);
}

static void
a_delayed_start_waits(void **state)
{
	struct fsm_event ev = {.type = FSM_AUTOMATIC_START,
			       .delay = dur_s(300)};
	struct fsm f = machine_in(BGP_STATE_IDLE);

	fsm_step(&f, &ev, start_time);
	assert_int_equal(f.state, BGP_STATE_IDLE);
	assert_int_equal(fsm_deadline(&f).ns, later(300000).ns);
}

static void
stop_carries_the_given_cease(void **state)
{
	struct fsm_event ev = {
	    .type = FSM_MANUAL_STOP, .code = 6, .subcode = 3};
	struct fsm f = machine_in(BGP_STATE_ESTABLISHED);
	struct fsm_actions a = fsm_step(&f, &ev, start_time);

	assert_int_equal(a.code, 6);
	assert_int_equal(a.subcode, 3);
	assert_true(mono_is_never(fsm_deadline(&f)));
}

/* ---- negotiation and collision ---- */

static void
the_smaller_hold_time_wins(void **state)
{
	struct dur hold, keepalive;

	fsm_negotiate(dur_s(90), dur_s(30), 9, &hold, &keepalive);
	assert_int_equal(hold.ns, dur_s(9).ns);
	assert_int_equal(keepalive.ns, dur_s(3).ns);
	fsm_negotiate(dur_s(9), dur_s(2), 180, &hold, &keepalive);
	assert_int_equal(hold.ns, dur_s(9).ns);
	assert_int_equal(keepalive.ns, dur_s(2).ns);
	fsm_negotiate(dur_s(90), dur_s(30), 0, &hold, &keepalive);
	assert_int_equal(hold.ns, 0);
	assert_int_equal(keepalive.ns, 0);
	fsm_negotiate(dur_s(0), dur_s(0), 90, &hold, &keepalive);
	assert_int_equal(hold.ns, 0);
	fsm_negotiate(dur_s(3), dur_ms(100), 3, &hold, &keepalive);
	assert_int_equal(keepalive.ns, dur_s(1).ns);
}

static void
the_higher_identifier_keeps_its_connection(void **state)
{
	assert_true(fsm_keeps_initiated(2, 1, 65001, 65002));
	assert_false(fsm_keeps_initiated(1, 2, 65001, 65002));
	/* Unsigned: 192.0.2.1 is greater than 10.0.0.1. */
	assert_true(fsm_keeps_initiated(0xc0000201, 0x0a000001, 1, 2));
	/* RFC 6286: equal identifiers, the greater ASN. */
	assert_true(fsm_keeps_initiated(7, 7, 65002, 65001));
	assert_false(fsm_keeps_initiated(7, 7, 65001, 65002));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_event_in_every_state),
	    cmocka_unit_test(events_have_the_numbers_of_the_rfc),
	    cmocka_unit_test(retry_time_is_jittered),
	    cmocka_unit_test(hold_timer_is_four_minutes_in_opensent),
	    cmocka_unit_test(received_messages_restart_the_hold_timer),
	    cmocka_unit_test(hold_time_zero_runs_no_timer),
	    cmocka_unit_test(keepalives_leave_at_most_once_a_second),
	    cmocka_unit_test(send_hold_timer_runs_while_octets_wait),
	    cmocka_unit_test(back_off_doubles_up_to_the_retry_time),
	    cmocka_unit_test(a_peer_that_closes_at_once_is_tried_again_soon),
	    cmocka_unit_test(protocol_errors_back_off_longer),
	    cmocka_unit_test(a_stable_session_forgets_the_back_off),
	    cmocka_unit_test(waiting_machines_wait_again_at_once),
	    cmocka_unit_test(a_delayed_start_waits),
	    cmocka_unit_test(stop_carries_the_given_cease),
	    cmocka_unit_test(the_smaller_hold_time_wins),
	    cmocka_unit_test(the_higher_identifier_keeps_its_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
