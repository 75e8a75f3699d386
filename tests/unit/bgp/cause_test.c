/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "bgp/cause.h"
#include "wire/bgp.h"

/* Both texts are there, and the cause has this word. */
static void
is(struct cause_facts f, const char *word)
{
	struct cause c = cause_find(&f);

	assert_non_null(c.cause);
	assert_non_null(c.cure);
	if (!strstr(c.cause, word))
		fail_msg("\"%s\" is not in \"%s\"", word, c.cause);
}

static void
keys_are_compared(void **state)
{
	struct cause_facts f = {.event = CAUSE_NO_ANSWER,
				.auth = SYS_TCP_MD5,
				.on_link = true,
				.ebgp = true};

	is(f, "no key for this node or another one");
	f.dropped.wrong_key = 3;
	is(f, "signs with another key");
	f.dropped = (struct sys_tcp_counts){.no_key = 1};
	is(f, "without a key");
	f.was_up = true;
	f.event = CAUSE_HOLD;
	is(f, "removed it");
	f.dropped = (struct sys_tcp_counts){.wrong_key = 1};
	is(f, "changed it");
	f = (struct cause_facts){.event = CAUSE_NO_ANSWER, .on_link = true};
	f.dropped.unexpected_key = 1;
	is(f, "signs its segments");
	f.event = CAUSE_NO_KEYS;
	f.auth = SYS_TCP_AO;
	is(f, "no TCP-AO");
	f.auth = SYS_TCP_MD5;
	is(f, "does not take the key");
}

/* Segments of others that were dropped explain nothing about a plain peer. */
static void
a_key_is_not_blamed_for_everything(void **state)
{
	struct cause_facts f = {.event = CAUSE_NO_ANSWER, .on_link = true};

	f.dropped.wrong_key = 5;
	f.dropped.no_key = 5;
	is(f, "no answer at all");
	f.event = CAUSE_REFUSED;
	f.auth = SYS_TCP_MD5;
	is(f, "nobody listens");
}

static void
the_way_is_looked_at(void **state)
{
	struct cause_facts f = {.event = CAUSE_NO_ANSWER, .ebgp = true};

	is(f, "not on a common link");
	f.multihop = true;
	is(f, "no answer at all");
	f.gtsm = true;
	f.dropped.too_far = 1;
	is(f, "farther than gtsm");
	is((struct cause_facts){.event = CAUSE_UNREACHABLE, .on_link = true},
	   "no route");
	is((struct cause_facts){.event = CAUSE_NO_ADDRESS}, "source");
	is((struct cause_facts){.event = CAUSE_NO_INTERFACE}, "interface");
	is((struct cause_facts){.event = CAUSE_NO_NEIGHBOUR}, "heard");
}

static void
black_holes_are_seen_from_both_ends(void **state)
{
	struct cause_facts f = {
	    .was_up = true,
	    .has_tcp = true,
	    .tcp = {.unacked = 3, .retransmits = 4, .mss = 1448}};

	assert_non_null(strstr(cause_find_live(&f).cause, "MTU black hole"));
	f.event = CAUSE_RECEIVED;
	f.code = BGP_ERR_HOLD_TIMER;
	is(f, "MTU black hole");
	/* Nothing is in flight: it is not the size. */
	f.tcp = (struct sys_tcp_facts){.mss = 1448};
	is(f, "does not reach the neighbour");
	f.event = CAUSE_HOLD;
	f.tcp.out_of_order = 2;
	is(f, "large segments of the neighbour");
}

static void
a_session_that_is_well_has_no_cause(void **state)
{
	struct cause_facts f = {.was_up = true,
				.has_tcp = true,
				.tcp = {.unacked = 10, .mss = 1448}};

	assert_null(cause_find_live(&f).cause);
	f.tcp.retransmits = 5;
	f.tcp.mss = 500;
	assert_null(cause_find_live(&f).cause);
	assert_null(cause_find(&(struct cause_facts){0}).cause);
}

static void
this_node_may_be_the_cause(void **state)
{
	struct cause_facts f = {.event = CAUSE_RECEIVED,
				.code = BGP_ERR_HOLD_TIMER,
				.was_up = true};

	f.clock_step = dur_s(-3600);
	is(f, "clock");
	f.stalled = dur_s(7);
	is(f, "did not run");
	f.suspended = dur_s(60);
	is(f, "suspended");
	f.was_up = false;
	is(f, "does not reach");
}

static void
half_open_connections_are_told_apart(void **state)
{
	struct cause_facts f = {.event = CAUSE_CLOSED};

	is(f, "closes connections at once");
	f.had_session = true;
	is(f, "half-open");
	f = (struct cause_facts){.event = CAUSE_RECEIVED,
				 .code = BGP_ERR_CEASE,
				 .subcode = BGP_CEASE_COLLISION};
	is(f, "half-open");
	is((struct cause_facts){.event = CAUSE_RESET, .was_up = true},
	   "knows nothing of the connection");
	f = (struct cause_facts){.event = CAUSE_HOLD,
				 .was_up = true,
				 .has_tcp = true,
				 .tcp = {.unacked = 1}};
	is(f, "in either direction");
	f.tcp.unacked = 0;
	is(f, "BGP says nothing");
	f.was_up = false;
	is(f, "says nothing");
}

static void
notifications_are_explained(void **state)
{
	static const struct {
		enum cause_event event;
		uint8_t code, subcode;
		const char *word;
	} rows[] = {
	    {CAUSE_SENT, 2, 2, "another AS number than asn says"},
	    {CAUSE_RECEIVED, 2, 2, "expects another AS number"},
	    {CAUSE_SENT, 2, 3, "BGP Identifiers"},
	    {CAUSE_RECEIVED, 2, 6, "hold times"},
	    {CAUSE_SENT, 2, 7, "in common"},
	    {CAUSE_RECEIVED, 6, 1, "prefix limit"},
	    {CAUSE_RECEIVED, 6, 2, "shut down"},
	    {CAUSE_RECEIVED, 6, 5, "no such session"},
	    {CAUSE_SEND_HOLD, 0, 0, "takes no octets"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		is((struct cause_facts){.event = rows[i].event,
					.code = rows[i].code,
					.subcode = rows[i].subcode},
		   rows[i].word);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_are_compared),
	    cmocka_unit_test(a_key_is_not_blamed_for_everything),
	    cmocka_unit_test(the_way_is_looked_at),
	    cmocka_unit_test(black_holes_are_seen_from_both_ends),
	    cmocka_unit_test(a_session_that_is_well_has_no_cause),
	    cmocka_unit_test(this_node_may_be_the_cause),
	    cmocka_unit_test(half_open_connections_are_told_apart),
	    cmocka_unit_test(notifications_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
