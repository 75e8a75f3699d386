/* SPDX-License-Identifier: ISC */
/*
 * Nothing allocates behind avail_seal(): the linker lets every call of the
 * engine pass through the counters below.
 */
#include "one.h"

#include <stdlib.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);

static unsigned allocations; /* there is no other way past the linker */

void *
__wrap_malloc(size_t size)
{
	allocations++;
	return __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations++;
	return __real_calloc(n, size);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	allocations++;
	return __real_reallocarray(p, n, size);
}

static struct avail *
sealed(void)
{
	struct avail_check_settings s = usual();
	struct avail_prefix_settings p = {
	    .hold_down = dur_s(30),
	    .ladder_hold = dur_s(10),
	    .damping = {2000, 750, dur_s(60), dur_s(240)},
	    .brake = true};

	s.stale_after = dur_s(5);
	return one_with(s, p);
}

static void
events_allocate_nothing(void **state)
{
	struct avail *av = sealed();
	struct avail_change c;
	unsigned before = allocations;

	assert_true(before > 0);
	for (int i = 1; i < 1000; i++) {
		avail_sample(av, CHECK, i % 7 / 2, at(i));
		avail_addresses(av, SERVICE, i % 50 > 0, at(i));
		avail_drain(av, i % 3, 0,
			    &(struct avail_drain_times){at(i + 2), at(i + 5)},
			    at(i));
		avail_undrain(av, (i + 1) % 3, 0, at(i));
		avail_load(av, SERVICE, i % 9 > 4, at(i));
		avail_attack(av, i % 40 == 0, at(i + 20), at(i));
		avail_brake(av, PREFIX, i % 2, at(i));
		avail_drill(av, SERVICE, i % 30 == 0, at(i));
		avail_quiet(av, i % 3, 0, at(i));
		avail_tick(av, at(i));
		while (i % 10 == 0 && avail_take(av, &c))
			continue;
	}
	avail_stop(av, at(1000));
	assert_int_equal(allocations, before);
	avail_free(av);
}

static void
a_reload_takes_over_without_allocating(void **state)
{
	struct avail *old = sealed(), *av = sealed();
	unsigned before = allocations;

	avail_adopt(av, old, at(1));
	assert_int_equal(allocations, before);
	avail_free(av);
	avail_free(old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(events_allocate_nothing),
	    cmocka_unit_test(a_reload_takes_over_without_allocating),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
