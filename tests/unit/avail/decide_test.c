/* SPDX-License-Identifier: ISC */
#include "one.h"

#include <string.h>

#include "base/text.h"

/*
 * One prefix over services given as letters: u up, d down, c checking,
 * x drained (else up), a up but its address went missing.
 */
static struct avail_prefix_view
decided(unsigned require, const char *services)
{
	struct avail_check_settings c = {.rise = 1, .fall = 1};
	struct avail_prefix_settings p = {.require = {require}};
	size_t ids[8], n = strlen(services);
	struct avail *av = avail_new();
	struct avail_prefix_view v;

	for (size_t i = 0; i < n; i++) {
		ids[i] = avail_add_service(av, "s",
					   &(struct avail_service_settings){0});
		avail_add_check(av, "c", ids[i], &c);
	}
	avail_add_prefix(av, "p", ids, n, &p);
	avail_seal(av, at(0));
	for (size_t i = 0; i < n; i++) {
		avail_addresses(av, i, true, at(1));
		if (services[i] == 'd')
			avail_sample(av, i, AVAIL_VERDICT_FAIL, at(1));
		else if (services[i] != 'c')
			avail_sample(av, i, AVAIL_VERDICT_PASS, at(1));
	}
	for (size_t i = 0; i < n; i++) {
		if (services[i] == 'x')
			drain(av, AVAIL_SERVICE, i, MONO_NEVER, at(2));
		if (services[i] == 'a')
			avail_addresses(av, i, false, at(2));
	}
	avail_view_prefix(av, 0, &v);
	avail_free(av);
	return v;
}

static void
services_decide_by_require(void **state)
{
	static const struct {
		unsigned require; /* 0: all */
		const char *services;
		enum avail_prefix_state state;
		enum avail_reason reason;
	} cases[] = {
#define ANNOUNCED AVAIL_PREFIX_ANNOUNCED, AVAIL_REASON_SERVICES_UP
#define PENDING   AVAIL_PREFIX_STARTING, AVAIL_REASON_SERVICES_PENDING
#define TOO_FEW   AVAIL_PREFIX_WITHDRAWN, AVAIL_REASON_SERVICES_DOWN
#define DRAINED   AVAIL_PREFIX_DRAINED, AVAIL_REASON_SERVICE_DRAINED
#define MISSING   AVAIL_PREFIX_WITHDRAWN, AVAIL_REASON_ADDRESS_MISSING
	    {0, "u", ANNOUNCED},   {0, "d", TOO_FEW},    {0, "c", PENDING},
	    {0, "x", DRAINED},     {0, "a", MISSING},    {0, "uu", ANNOUNCED},
	    {0, "ud", TOO_FEW},    {0, "uc", PENDING},   {0, "dc", TOO_FEW},
	    {0, "ux", DRAINED},    {0, "xd", TOO_FEW},   {0, "xc", DRAINED},
	    {0, "ua", MISSING},    {0, "ax", MISSING},   {0, "ad", TOO_FEW},
	    {1, "ud", ANNOUNCED},  {1, "uc", ANNOUNCED}, {1, "ux", ANNOUNCED},
	    {1, "ua", ANNOUNCED},  {1, "dc", PENDING},   {1, "dd", TOO_FEW},
	    {1, "dx", DRAINED},    {1, "da", MISSING},   {1, "ax", DRAINED},
	    {2, "uud", ANNOUNCED}, {2, "udd", TOO_FEW},  {2, "udc", PENDING},
	    {2, "udx", DRAINED},   {2, "xxu", DRAINED},  {2, "aud", MISSING},
	    {3, "uu", TOO_FEW},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct avail_prefix_view v =
		    decided(cases[i].require, cases[i].services);

		assert_int_equal(v.state, cases[i].state);
		assert_int_equal(v.reason, cases[i].reason);
		assert_int_equal(v.announce, v.state == AVAIL_PREFIX_ANNOUNCED);
	}
}

static void
a_withdrawal_for_health_is_held(void **state)
{
	struct avail *av = one(usual(), 30);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	assert_true(prefix_of(av).announce);
	assert_true(mono_is_never(prefix_of(av).until));
	samples(av, AVAIL_VERDICT_FAIL, 3, 10);
	assert_int_equal(prefix_of(av).until.ns, at(40).ns);
	assert_true(mono_is_never(avail_next_deadline(av)));
	samples(av, AVAIL_VERDICT_PASS, 2, 20);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_HELD);
	assert_int_equal(avail_next_deadline(av).ns, at(40).ns);
	avail_tick(av, at(39));
	assert_false(prefix_of(av).announce);
	avail_tick(av, at(40));
	assert_true(prefix_of(av).announce);
	assert_int_equal(prefix_of(av).cause, SIZE_MAX);
	avail_free(av);
}

static void
the_first_announcement_is_not_held(void **state)
{
	struct avail *av = one(usual(), 30);

	samples(av, AVAIL_VERDICT_FAIL, 3, 1);
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_WITHDRAWN);
	samples(av, AVAIL_VERDICT_PASS, 2, 2);
	assert_true(prefix_of(av).announce);
	avail_free(av);
}

static void
a_drain_is_not_held(void **state)
{
	struct avail *av = one(usual(), 30);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	drain(av, AVAIL_SERVICE, SERVICE, MONO_NEVER, at(2));
	samples(av, AVAIL_VERDICT_FAIL, 3, 3);
	samples(av, AVAIL_VERDICT_PASS, 2, 4);
	assert_true(avail_undrain(av, AVAIL_SERVICE, SERVICE, at(5)));
	assert_true(prefix_of(av).announce);
	avail_free(av);
}

static void
degraded_services_show_on_the_prefix(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_DEGRADED, 2, 1);
	assert_true(prefix_of(av).announce);
	assert_true(prefix_of(av).degraded);
	drain(av, AVAIL_SERVICE, SERVICE, MONO_NEVER, at(2));
	assert_false(prefix_of(av).degraded);
	avail_free(av);
}

static void
nothing_is_announced_after_a_stop(void **state)
{
	struct avail *av = one(usual(), 0);

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	avail_stop(av, at(2));
	assert_int_equal(prefix_of(av).state, AVAIL_PREFIX_DRAINED);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_STOPPING);
	samples(av, AVAIL_VERDICT_FAIL, 3, 3);
	samples(av, AVAIL_VERDICT_PASS, 2, 4);
	assert_int_equal(prefix_of(av).reason, AVAIL_REASON_STOPPING);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(services_decide_by_require),
	    cmocka_unit_test(a_withdrawal_for_health_is_held),
	    cmocka_unit_test(the_first_announcement_is_not_held),
	    cmocka_unit_test(a_drain_is_not_held),
	    cmocka_unit_test(degraded_services_show_on_the_prefix),
	    cmocka_unit_test(nothing_is_announced_after_a_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
