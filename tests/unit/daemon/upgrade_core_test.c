/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <stdbool.h>

#include "daemon/upgrade_core.h"

/* Plays events; the actions of all of them together. */
static unsigned
play(enum upgrade_state *s, const enum upgrade_event *v, size_t n)
{
	unsigned actions = 0;

	for (size_t i = 0; i < n; i++)
		actions |= upgrade_step(s, v[i]);
	return actions;
}

#define PLAY(s, ...)                                                           \
	play(s, (const enum upgrade_event[]){__VA_ARGS__},                     \
	     sizeof((const enum upgrade_event[]){__VA_ARGS__}) /               \
		 sizeof(enum upgrade_event))

static void
test_good_way(void **state)
{
	enum upgrade_state s = UPGRADE_IDLE;

	assert_int_equal(upgrade_step(&s, UPGRADE_ON_ORDER), UPGRADE_START);
	assert_int_equal(upgrade_step(&s, UPGRADE_ON_READY), UPGRADE_WRITE);
	assert_int_equal(upgrade_step(&s, UPGRADE_ON_TAKEN), UPGRADE_ANSWER);
	assert_int_equal(upgrade_step(&s, UPGRADE_ON_DONE),
			 UPGRADE_RELEASE | UPGRADE_EXIT);
	assert_int_equal(s, UPGRADE_GONE);
}

static void
test_what_fails_before_the_commit_goes_on(void **state)
{
	const enum upgrade_event bad[] = {UPGRADE_ON_REFUSED, UPGRADE_ON_ENDED,
					  UPGRADE_ON_LATE, UPGRADE_ON_FAILED};

	for (size_t i = 0; i < 3; i++) {
		enum upgrade_state s = UPGRADE_STARTING;

		assert_int_equal(upgrade_step(&s, bad[i]),
				 UPGRADE_KILL | UPGRADE_GO_ON);
		assert_int_equal(s, UPGRADE_IDLE);
	}
	for (size_t i = 0; i < 4; i++) {
		enum upgrade_state s = UPGRADE_HANDING;
		unsigned actions = PLAY(&s, bad[i], UPGRADE_ON_ENDED);

		assert_int_equal(s, UPGRADE_IDLE);
		assert_int_equal(actions, UPGRADE_KILL | UPGRADE_GO_ON);
	}
}

/* It was killed for being slow, and had taken over: this one is no more. */
static void
test_taken_before_it_was_killed(void **state)
{
	enum upgrade_state s = UPGRADE_HANDING;

	assert_int_equal(upgrade_step(&s, UPGRADE_ON_LATE), UPGRADE_KILL);
	assert_int_equal(upgrade_step(&s, UPGRADE_ON_TAKEN), UPGRADE_EXIT);
	assert_int_equal(s, UPGRADE_GONE);
}

static void
test_death_behind_the_commit_is_cleaned_up(void **state)
{
	enum upgrade_state s = UPGRADE_COMMITTED;

	assert_int_equal(upgrade_step(&s, UPGRADE_ON_ENDED), UPGRADE_EXIT);
	s = UPGRADE_COMMITTED;
	assert_int_equal(upgrade_step(&s, UPGRADE_ON_LATE),
			 UPGRADE_RELEASE | UPGRADE_EXIT);
}

/* Every way through the machine, up to six events. */
static void
walk(enum upgrade_state s, unsigned depth, bool taken, bool killed)
{
	for (int e = 0; e < UPGRADE_EVENT_COUNT; e++) {
		enum upgrade_state next = s;
		unsigned a = upgrade_step(&next, (enum upgrade_event)e);
		bool t = taken || (e == UPGRADE_ON_TAKEN && a);
		bool k = killed || a & UPGRADE_KILL;

		assert_false(a & UPGRADE_GO_ON && t);
		/* On only when the other is dead: it ended, or was killed. */
		assert_false(a & UPGRADE_GO_ON && !k);
		assert_false(a & UPGRADE_RELEASE && !t);
		assert_false(a & UPGRADE_EXIT && !t);
		assert_false(a & UPGRADE_EXIT && a & UPGRADE_GO_ON);
		assert_true(s != UPGRADE_GONE || a == 0);
		if (next == UPGRADE_STARTING)
			t = k = false;
		if (depth > 0)
			walk(next, depth - 1, t, k);
	}
}

static void
test_invariants(void **state)
{
	walk(UPGRADE_IDLE, 5, false, false);
}

static void
test_texts(void **state)
{
	for (int s = 0; s < UPGRADE_STATE_COUNT; s++)
		assert_non_null(upgrade_state_text((enum upgrade_state)s));
	for (int e = 0; e < UPGRADE_EVENT_COUNT; e++)
		assert_non_null(upgrade_event_text((enum upgrade_event)e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_good_way),
	    cmocka_unit_test(test_what_fails_before_the_commit_goes_on),
	    cmocka_unit_test(test_taken_before_it_was_killed),
	    cmocka_unit_test(test_death_behind_the_commit_is_cleaned_up),
	    cmocka_unit_test(test_invariants),
	    cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
