/* SPDX-License-Identifier: ISC */
/* One node's promises, step by step; promise_random_test.c has many. */
#include "../test.h"

#include "mesh/promise.h"

#define CAUSE 5

static const struct promise_answer stays = {.announcing = true, .clean = true};
static const struct promise_answer gone = {.clean = true};

struct one {
	struct promise p;
	uint64_t counter;
};

static struct mono
at_ms(int64_t ms)
{
	return (struct mono){dur_ms(ms).ns};
}

static struct one
one_of(unsigned others, unsigned min_sites, unsigned max_withdrawn)
{
	struct promise_settings s = {others, min_sites, max_withdrawn,
				     dur_s(60)};
	struct one o = {0};

	promise_init(&o.p, &s, 1, at_ms(0));
	promise_announcing(&o.p, true);
	return o;
}

/* Wants to withdraw since 0, and asks. */
static struct one
asking(unsigned others, unsigned min_sites, unsigned max_withdrawn)
{
	struct one o = one_of(others, min_sites, max_withdrawn);

	promise_want(&o.p, CAUSE, at_ms(0));
	assert_int_equal(promise_tick(&o.p, &o.counter, at_ms(0)), PROMISE_ASK);
	return o;
}

static void
enough_promises_grant(void **state)
{
	struct one o = asking(3, 2, 0);

	assert_int_equal(promise_answered(&o.p, 0, 1, &stays, at_ms(1)),
			 PROMISE_NOTHING);
	/* Twice the same node is one node. */
	assert_int_equal(promise_answered(&o.p, 0, 1, &stays, at_ms(1)),
			 PROMISE_NOTHING);
	assert_int_equal(promise_answered(&o.p, 1, 1, &gone, at_ms(1)),
			 PROMISE_NOTHING);
	assert_int_equal(promise_answered(&o.p, 2, 1, &stays, at_ms(1)),
			 PROMISE_GRANTED);
	assert_int_equal(o.p.state, PROMISE_IDLE);
	assert_false(o.p.announcing);
	promise_free(&o.p);
}

static void
answers_to_another_attempt_do_not_count(void **state)
{
	struct one o = asking(1, 1, 0);

	assert_int_equal(promise_answered(&o.p, 0, 2, &stays, at_ms(1)),
			 PROMISE_NOTHING);
	assert_int_equal(promise_answered(&o.p, 0, 0, &stays, at_ms(1)),
			 PROMISE_NOTHING);
	assert_int_equal(promise_answered(&o.p, 0, 1, &stays, at_ms(1)),
			 PROMISE_GRANTED);
	promise_free(&o.p);
}

static void
an_attempt_without_answers_is_refused_and_followed_by_another(void **state)
{
	struct one o = asking(2, 1, 0);
	unsigned asked = 0, refused = 0;

	for (int64_t ms = 1; ms < 3000; ms++) {
		enum promise_action a =
		    promise_tick(&o.p, &o.counter, at_ms(ms));

		asked += a == PROMISE_ASK;
		refused += a == PROMISE_REFUSED;
	}
	assert_in_range(refused, 2, 3);
	assert_in_range(asked, 8, 15);
	assert_in_range(o.counter, 2, 3);
	promise_free(&o.p);
}

static void
who_asks_promises_to_higher_ranks_only(void **state)
{
	struct one o = asking(2, 1, 0);
	struct promise_answer a;

	assert_true(promise_asked(&o.p, 1, false, 4, CAUSE, at_ms(1), &a));
	assert_true(a.busy && !a.announcing && !a.clean);
	assert_int_equal(o.p.state, PROMISE_ASKING);
	assert_true(promise_asked(&o.p, 0, true, 4, CAUSE, at_ms(1), &a));
	assert_true(a.announcing && a.clean && !a.busy);
	/* Its own attempt is over, and what was promised for it is void. */
	assert_int_equal(o.p.state, PROMISE_WAITING);
	assert_int_equal(promise_answered(&o.p, 0, 1, &stays, at_ms(2)),
			 PROMISE_NOTHING);
	promise_free(&o.p);
}

static void
nobody_makes_it_give_way_on_and_on(void **state)
{
	struct one o = asking(2, 1, 0);
	struct promise_answer a;

	assert_true(promise_asked(&o.p, 0, true, 4, CAUSE, at_ms(1), &a));
	assert_true(a.announcing);
	assert_int_equal(promise_tick(&o.p, &o.counter, at_ms(600)),
			 PROMISE_ASK);
	assert_true(promise_asked(&o.p, 0, true, 5, CAUSE, at_ms(700), &a));
	assert_true(a.busy);
	promise_free(&o.p);
}

static void
an_overtaken_question_is_not_answered(void **state)
{
	struct one o = one_of(1, 1, 0);
	struct promise_answer a;

	assert_true(promise_asked(&o.p, 0, true, 5, CAUSE, at_ms(1), &a));
	assert_false(promise_asked(&o.p, 0, true, 4, CAUSE, at_ms(1), &a));
	assert_true(promise_asked(&o.p, 0, true, 5, CAUSE, at_ms(1), &a));
	/* The node has started anew: it counts from 1. */
	promise_forget(&o.p, 0);
	assert_true(promise_asked(&o.p, 0, true, 1, CAUSE, at_ms(1), &a));
	promise_free(&o.p);
}

static void
only_who_announces_promises_to_stay(void **state)
{
	struct one o = one_of(1, 1, 0);
	struct promise_answer a;

	promise_announcing(&o.p, false);
	assert_true(promise_asked(&o.p, 0, true, 1, CAUSE, at_ms(1), &a));
	assert_true(!a.announcing && a.clean);
	promise_free(&o.p);
}

static void
withdrawals_count_for_their_cause_and_window(void **state)
{
	struct one o = asking(1, 1, 0);
	struct promise_answer a;

	assert_int_equal(promise_answered(&o.p, 0, 1, &stays, at_ms(1)),
			 PROMISE_GRANTED);
	promise_announcing(&o.p, true);
	assert_true(promise_asked(&o.p, 0, true, 1, CAUSE, at_ms(2), &a));
	assert_true(a.announcing && !a.clean);
	assert_true(promise_asked(&o.p, 0, true, 2, CAUSE + 1, at_ms(2), &a));
	assert_true(a.clean);
	assert_true(promise_asked(&o.p, 0, true, 3, CAUSE, at_ms(60001), &a));
	assert_true(a.clean);
	promise_free(&o.p);
}

static void
causes_that_do_not_fit_count_for_all(void **state)
{
	struct one o = one_of(0, 0, 0);
	struct one asked;
	struct promise_answer a;

	for (uint64_t cause = 1; cause <= PROMISE_CAUSES + 1; cause++) {
		promise_announcing(&o.p, true);
		promise_want(&o.p, cause, at_ms((int64_t)cause));
		assert_int_equal(
		    promise_tick(&o.p, &o.counter, at_ms((int64_t)cause)),
		    PROMISE_GRANTED);
	}
	asked = one_of(1, 0, 1);
	promise_adopt(&asked.p, &o.p, at_ms(20));
	assert_true(promise_asked(&asked.p, 0, true, 1, 999, at_ms(20), &a));
	assert_false(a.clean);
	assert_true(promise_asked(&asked.p, 0, true, 2, 999, at_ms(60001), &a));
	assert_true(a.clean);
	promise_free(&o.p);
	promise_free(&asked.p);
}

static void
a_fresh_start_is_clean_when_it_has_announced(void **state)
{
	struct promise_settings s = {1, 1, 1, dur_s(60)};
	struct promise_answer a;
	struct promise p;

	promise_init(&p, &s, 1, at_ms(0));
	assert_true(promise_asked(&p, 0, true, 1, CAUSE, at_ms(1), &a));
	assert_false(a.clean);
	promise_announcing(&p, true);
	assert_true(promise_asked(&p, 0, true, 2, CAUSE, at_ms(2), &a));
	assert_true(a.clean);
	promise_free(&p);
}

static void
max_withdrawn_needs_the_others_clean(void **state)
{
	struct one o = asking(3, 0, 2); /* of 4 nodes 2: 2 must be clean */

	assert_int_equal(promise_clean_needed(&o.p), 2);
	assert_int_equal(promise_answered(&o.p, 0, 1, &gone, at_ms(1)),
			 PROMISE_NOTHING);
	assert_int_equal(promise_answered(&o.p, 1, 1, &gone, at_ms(1)),
			 PROMISE_GRANTED);
	promise_free(&o.p);
}

static void
sites_of_elsewhere_count_without_a_promise(void **state)
{
	struct one o = one_of(0, 2, 0);

	promise_want(&o.p, CAUSE, at_ms(0));
	assert_int_equal(promise_tick(&o.p, &o.counter, at_ms(0)), PROMISE_ASK);
	promise_outside(&o.p, 2);
	while (promise_tick(&o.p, &o.counter, promise_next(&o.p)) !=
	       PROMISE_GRANTED)
		assert_in_range(o.counter, 1, 3);
	promise_free(&o.p);
}

static void
a_reload_voids_the_attempt_and_keeps_the_wish(void **state)
{
	struct one o = asking(1, 1, 0);
	struct one n = one_of(1, 1, 0);

	promise_adopt(&n.p, &o.p, at_ms(5));
	assert_int_equal(promise_answered(&n.p, 0, 1, &stays, at_ms(6)),
			 PROMISE_NOTHING);
	assert_int_equal(promise_tick(&n.p, &o.counter, at_ms(6)), PROMISE_ASK);
	assert_int_equal(n.p.attempt, 2);
	promise_free(&o.p);
	promise_free(&n.p);
}

static void
another_cause_is_another_attempt(void **state)
{
	struct one o = asking(1, 1, 0);

	promise_want(&o.p, CAUSE, at_ms(1));
	assert_int_equal(o.p.state, PROMISE_ASKING);
	promise_want(&o.p, CAUSE + 1, at_ms(1));
	assert_int_equal(promise_tick(&o.p, &o.counter, at_ms(1)), PROMISE_ASK);
	assert_int_equal(promise_answered(&o.p, 0, 1, &stays, at_ms(2)),
			 PROMISE_NOTHING);
	promise_settle(&o.p);
	assert_int_equal(promise_answered(&o.p, 0, 2, &stays, at_ms(2)),
			 PROMISE_NOTHING);
	assert_true(mono_is_never(promise_next(&o.p)));
	promise_free(&o.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(enough_promises_grant),
	    cmocka_unit_test(answers_to_another_attempt_do_not_count),
	    cmocka_unit_test(
		an_attempt_without_answers_is_refused_and_followed_by_another),
	    cmocka_unit_test(who_asks_promises_to_higher_ranks_only),
	    cmocka_unit_test(nobody_makes_it_give_way_on_and_on),
	    cmocka_unit_test(an_overtaken_question_is_not_answered),
	    cmocka_unit_test(only_who_announces_promises_to_stay),
	    cmocka_unit_test(withdrawals_count_for_their_cause_and_window),
	    cmocka_unit_test(causes_that_do_not_fit_count_for_all),
	    cmocka_unit_test(a_fresh_start_is_clean_when_it_has_announced),
	    cmocka_unit_test(max_withdrawn_needs_the_others_clean),
	    cmocka_unit_test(sites_of_elsewhere_count_without_a_promise),
	    cmocka_unit_test(a_reload_voids_the_attempt_and_keeps_the_wish),
	    cmocka_unit_test(another_cause_is_another_attempt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
