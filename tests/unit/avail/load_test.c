/* SPDX-License-Identifier: ISC */
#include "one.h"

static struct avail *
loaded(int64_t after, int64_t clear)
{
	struct avail *av = avail_new();
	struct avail_service_settings s = {.overload_after = dur_s(after),
					   .overload_clear = dur_s(clear)};
	size_t service = avail_add_service(av, "dns", &s);

	avail_add_prefix(av, "192.0.2.0/24", &service, 1,
			 &(struct avail_prefix_settings){0});
	avail_seal(av, at(0));
	avail_addresses(av, service, true, at(0));
	return av;
}

static void
it_must_last_in_both_directions(void **state)
{
	struct avail *av = loaded(10, 60);

	avail_load(av, SERVICE, true, at(1));
	avail_load(av, SERVICE, true, at(5));
	assert_int_equal(avail_next_deadline(av).ns, at(11).ns);
	avail_load(av, SERVICE, false, at(8));
	assert_true(mono_is_never(avail_next_deadline(av)));
	avail_load(av, SERVICE, true, at(9));
	avail_tick(av, at(18));
	assert_false(service_of(av).overloaded);
	avail_tick(av, at(19));
	assert_true(service_of(av).overloaded);
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_OVERLOADED);
	assert_int_equal(service_of(av).reason, AVAIL_REASON_OVERLOAD);
	assert_int_equal(prefix_of(av).rung, AVAIL_RUNG_DEGRADED);
	avail_load(av, SERVICE, false, at(20));
	avail_tick(av, at(79));
	assert_true(service_of(av).overloaded);
	avail_tick(av, at(80));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_UP);
	/* It counted as up all the time. */
	assert_int_equal(service_of(av).transitions, 1);
	assert_int_equal(prefix_of(av).transitions, 1);
	avail_free(av);
}

static void
without_times_it_is_at_once(void **state)
{
	struct avail *av = loaded(0, 0);

	avail_load(av, SERVICE, true, at(1));
	assert_true(service_of(av).overloaded);
	avail_load(av, SERVICE, false, at(1));
	assert_false(service_of(av).overloaded);
	avail_free(av);
}

static void
a_jump_is_no_time_that_it_lasted(void **state)
{
	struct avail *av = loaded(10, 60);

	avail_load(av, SERVICE, true, at(1));
	avail_tick(av, at(3600));
	assert_false(service_of(av).overloaded);
	assert_int_equal(avail_next_deadline(av).ns, at(3610).ns);
	avail_free(av);
}

static void
a_drained_service_is_not_overloaded(void **state)
{
	struct avail *av = loaded(0, 0);

	avail_load(av, SERVICE, true, at(1));
	drain(av, AVAIL_SERVICE, SERVICE, MONO_NEVER, at(2));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_DRAINED);
	assert_true(service_of(av).overloaded);
	avail_undrain(av, AVAIL_SERVICE, SERVICE, at(3));
	assert_int_equal(service_of(av).state, AVAIL_SERVICE_OVERLOADED);
	assert_int_equal(prefix_of(av).rung, AVAIL_RUNG_DEGRADED);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_must_last_in_both_directions),
	    cmocka_unit_test(without_times_it_is_at_once),
	    cmocka_unit_test(a_jump_is_no_time_that_it_lasted),
	    cmocka_unit_test(a_drained_service_is_not_overloaded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
