/* SPDX-License-Identifier: ISC */
#include "loading.h"

static struct model_flapping
flap(const char *services, const char *prefix)
{
	struct conf *conf = load(services, prefix);
	struct avail_prefix_settings settings =
	    model_prefix(&conf->prefixes[0]);
	struct model_flapping f;

	model_flap(conf, &conf->prefixes[0], &settings, &f);
	conf_free(conf);
	return f;
}

/*
 * Down needs 3 failures a second apart, up 2 passes: every 5 s a withdrawal.
 * A router that also counts the way back has 1000 at 0 s, 2000 at 2 s, close
 * to 3000 at 5 s and more than that at 7 s; beyond 6000 it is at 15 s.
 */
static void
without_any_hold_it_takes_seconds(void **state)
{
	struct model_flapping f = flap(CHECKED, "services: web");

	assert_true(f.rfc2439.suppressed);
	assert_int_equal(f.rfc2439.withdrawals, 2);
	assert_int_equal(f.rfc2439.after.ns, dur_s(7).ns);
	assert_true(f.rfc7196.suppressed);
	assert_int_equal(f.rfc7196.withdrawals, 4);
	assert_int_equal(f.rfc7196.after.ns, dur_s(15).ns);
}

static void
a_service_that_never_fails_does_not_flap(void **state)
{
	struct model_flapping f = flap(UNCHECKED, "services: web");

	assert_false(f.rfc2439.suppressed);
	assert_false(f.rfc7196.suppressed);
}

static void
a_crash_loop_flaps_without_checks(void **state)
{
	struct model_flapping f = flap(WATCHED, "services: web");

	assert_true(f.rfc2439.suppressed);
	assert_true(f.rfc7196.suppressed);
	assert_true(f.rfc7196.after.ns < dur_s(10).ns);
}

static void
slow_checks_hide_it_from_the_tolerant(void **state)
{
	struct model_flapping f = flap(SLOW, "services: web");

	assert_true(f.rfc2439.suppressed);
	assert_false(f.rfc7196.suppressed);
}

/* With a withdrawal every half-life at most the figure stays below 2000. */
static void
hold_down_slows_it(void **state)
{
	struct model_flapping f =
	    flap(CHECKED, "services: web, hold_down: 10m");

	assert_true(f.rfc2439.suppressed);
	assert_false(f.rfc7196.suppressed);
	f = flap(CHECKED, "services: web, hold_down: 30m");
	assert_false(f.rfc2439.suppressed);
}

static void
damping_slows_it_too(void **state)
{
	/* The third withdrawal, which suppresses here, does so there. */
	struct model_flapping f = flap(CHECKED, "services: web, damping: on");

	assert_true(f.rfc2439.suppressed);
	assert_false(f.rfc7196.suppressed);
	f = flap(CHECKED,
		 "services: web, damping: {suppress: 1000, reuse: 500}");
	assert_false(f.rfc2439.suppressed);
}

/* One of two is enough: only both together take it out, and they do. */
static void
services_fail_alone_and_together(void **state)
{
	struct model_flapping f =
	    flap(CHECKED ", dns: {addresses: 192.0.2.53, checks: [{tcp: 53}]}",
		 "services: [web, dns], require: any");

	assert_true(f.rfc2439.suppressed);
	f = flap(CHECKED ", dns: {addresses: 192.0.2.53}",
		 "services: [web, dns], require: any");
	assert_false(f.rfc2439.suppressed);
	f = flap(CHECKED ", dns: {addresses: 192.0.2.53}",
		 "services: [web, dns], require: all");
	assert_true(f.rfc2439.suppressed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_any_hold_it_takes_seconds),
	    cmocka_unit_test(a_service_that_never_fails_does_not_flap),
	    cmocka_unit_test(a_crash_loop_flaps_without_checks),
	    cmocka_unit_test(slow_checks_hide_it_from_the_tolerant),
	    cmocka_unit_test(hold_down_slows_it),
	    cmocka_unit_test(damping_slows_it_too),
	    cmocka_unit_test(services_fail_alone_and_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
