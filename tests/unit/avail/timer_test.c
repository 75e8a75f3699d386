/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "avail/state.h"
#include "base/text.h"

#define TIMERS 200

struct bench {
	struct timer timers[TIMERS];
	struct timer *slots[TIMERS];
	struct heap heap;
};

static void
prepare(struct bench *b)
{
	*b = (struct bench){.heap.cap = TIMERS};
	b->heap.timers = b->slots;
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* The smallest deadline among those armed; INT64_MAX without any. */
static int64_t
smallest(const struct bench *b)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < TIMERS; i++)
		if (b->timers[i].place && b->timers[i].at.ns < due)
			due = b->timers[i].at.ns;
	return due;
}

static void
the_first_is_always_the_earliest(void **state)
{
	struct bench b;
	uint32_t seed = 1;

	prepare(&b);
	for (int i = 0; i < 20000; i++) {
		struct timer *t = &b.timers[next(&seed) % TIMERS];

		if (next(&seed) % 3 == 0)
			avail_timer_disarm(&b.heap, t);
		else
			avail_timer_arm(&b.heap, t,
					(struct mono){next(&seed) % 1000});
		assert_int_equal(b.heap.n ? avail_timer_first(&b.heap)->at.ns
					  : INT64_MAX,
				 smallest(&b));
	}
}

static void
never_disarms(void **state)
{
	struct bench b;

	prepare(&b);
	avail_timer_arm(&b.heap, &b.timers[0], (struct mono){1});
	avail_timer_arm(&b.heap, &b.timers[0], MONO_NEVER);
	assert_null(avail_timer_first(&b.heap));
	avail_timer_disarm(&b.heap, &b.timers[0]);
	assert_int_equal(b.heap.n, 0);
}

static void
failures_come_before_good_news(void **state)
{
	static const enum timer_kind order[] = {
	    TIMER_CHECK, TIMER_LOAD, TIMER_ATTACK, TIMER_HOLD, TIMER_DRAIN};
	struct bench b;

	prepare(&b);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		b.timers[i].kind = order[ARRAY_LEN(order) - 1 - i];
		avail_timer_arm(&b.heap, &b.timers[i], (struct mono){7});
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct timer *t = avail_timer_first(&b.heap);

		assert_int_equal(t->kind, order[i]);
		avail_timer_disarm(&b.heap, t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_is_always_the_earliest),
	    cmocka_unit_test(never_disarms),
	    cmocka_unit_test(failures_come_before_good_news),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
