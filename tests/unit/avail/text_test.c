/* SPDX-License-Identifier: ISC */
#include "one.h"

#include <ctype.h>
#include <string.h>

/* Names are metric labels too: letters and underscores, each once. */
static void
assert_label(const char *name)
{
	assert_true(strlen(name) > 0);
	for (; *name; name++)
		assert_true(islower((unsigned char)*name) || *name == '_');
}

static void
every_name_is_a_label(void **state)
{
	for (int i = 0; i < AVAIL_VERDICT_COUNT; i++)
		assert_label(avail_verdict_text(i));
	for (int i = 0; i < AVAIL_CHECK_STATE_COUNT; i++)
		assert_label(avail_check_state_text(i));
	for (int i = 0; i < AVAIL_SERVICE_STATE_COUNT; i++)
		assert_label(avail_service_state_text(i));
	for (int i = 0; i < AVAIL_PREFIX_STATE_COUNT; i++)
		assert_label(avail_prefix_state_text(i));
	for (int i = 0; i < AVAIL_RUNG_COUNT; i++)
		assert_label(avail_rung_text(i));
}

static void
reasons_differ_and_are_explained(void **state)
{
	for (int i = 0; i < AVAIL_REASON_COUNT; i++) {
		assert_label(avail_reason_text(i));
		assert_true(strlen(avail_reason_help(i)) > 10);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(avail_reason_text(i),
						avail_reason_text(j));
	}
	assert_string_equal(avail_reason_text(AVAIL_REASON_HOLD_DOWN),
			    "hold_down");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_name_is_a_label),
	    cmocka_unit_test(reasons_differ_and_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
