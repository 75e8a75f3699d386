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

	s.stale_after = dur_s(5);
	return one(s, 30);
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
		drain(av, i % 3, 0, at(i + 5), at(i));
		avail_undrain(av, (i + 1) % 3, 0, at(i));
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
