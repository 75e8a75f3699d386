/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "check/checker.h"

#define CHECKS 200

/* A fixed sequence: the same order of events every time. */
static uint32_t
next_number(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void
assert_ordered(const struct heap *h)
{
	for (size_t i = 0; i < h->n; i++) {
		assert_int_equal(h->v[i]->place, i);
		if (i)
			assert_true(check_wake(h->v[(i - 1) / 2]).ns <=
				    check_wake(h->v[i]).ns);
	}
}

static void
the_first_is_always_the_earliest(void **state)
{
	static struct check checks[CHECKS];
	struct heap h = {0};
	uint32_t seed = 7;

	assert_null(heap_first(&h));
	for (size_t i = 0; i < CHECKS; i++) {
		checks[i].due.ns = next_number(&seed) % 1000;
		checks[i].deadline = MONO_NEVER;
		heap_add(&h, &checks[i]);
	}
	for (int i = 0; i < 2000; i++) {
		struct check *check = &checks[next_number(&seed) % CHECKS];

		check->due.ns = next_number(&seed) % 1000;
		if (i % 3 == 0)
			check->deadline.ns = next_number(&seed) % 1000;
		else
			check->deadline = MONO_NEVER;
		heap_moved(&h, check);
		if (i % 50 == 0)
			assert_ordered(&h);
	}
	heap_free(&h);
}

static void
any_may_be_taken_out(void **state)
{
	static struct check checks[CHECKS];
	struct heap h = {0};
	uint32_t seed = 9;

	for (size_t i = 0; i < CHECKS; i++) {
		checks[i].due.ns = next_number(&seed) % 1000;
		checks[i].deadline = MONO_NEVER;
		heap_add(&h, &checks[i]);
	}
	for (size_t i = 0; i < CHECKS; i++) {
		heap_remove(&h, &checks[(i * 37) % CHECKS]);
		assert_int_equal(h.n, CHECKS - 1 - i);
		assert_ordered(&h);
	}
	assert_null(heap_first(&h));
	heap_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_first_is_always_the_earliest),
	    cmocka_unit_test(any_may_be_taken_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
