/* SPDX-License-Identifier: ISC */
#include "one.h"

#include <string.h>

#include "base/text.h"

static void
changes_read_as_sentences(void **state)
{
	static const char *const lines[] = {
	    "drain of node: drained -> expired",
	    "check dns/tcp: up -> down, fallen: the check failed `fall` times "
	    "in a row",
	    "service dns: up -> down, checks_down: too few checks of the "
	    "service are up (check dns/tcp)",
	    "prefix 192.0.2.0/24: announced -> withdrawn, services_down: too "
	    "few services are available (service dns)",
	};
	struct avail *av = one(usual(), 0);
	char buf[AVAIL_CHANGE_TEXT_MAX];
	struct avail_change c;

	samples(av, AVAIL_VERDICT_PASS, 2, 1);
	drain(av, AVAIL_NODE, 0, at(3), at(2));
	avail_undrain(av, AVAIL_NODE, 0, at(2));
	drain(av, AVAIL_NODE, 0, at(2), at(2));
	avail_take(av, &c);
	assert_string_equal(avail_change_text(av, &c, buf, sizeof(buf)),
			    lines[0]);
	take_all(av);
	samples(av, AVAIL_VERDICT_FAIL, 3, 4);
	for (size_t i = 1; i < ARRAY_LEN(lines); i++) {
		assert_true(avail_take(av, &c));
		assert_string_equal(avail_change_text(av, &c, buf, sizeof(buf)),
				    lines[i]);
	}
	avail_free(av);
}

static void
drains_name_their_target(void **state)
{
	struct avail *av = one(usual(), 0);
	char buf[AVAIL_CHANGE_TEXT_MAX];
	struct avail_change c;

	take_all(av);
	drain(av, AVAIL_SERVICE, SERVICE, at(1), at(1));
	drain(av, AVAIL_PREFIX, PREFIX, at(1), at(1));
	assert_true(avail_take(av, &c));
	assert_string_equal(avail_change_text(av, &c, buf, sizeof(buf)),
			    "drain of service dns: drained -> expired");
	assert_true(avail_take(av, &c));
	assert_string_equal(avail_change_text(av, &c, buf, sizeof(buf)),
			    "drain of prefix 192.0.2.0/24: drained -> expired");
	avail_free(av);
}

static void
a_short_buffer_cuts(void **state)
{
	struct avail *av = one(usual(), 0);
	struct avail_change c;
	char buf[64];

	assert_true(avail_take(av, &c));
	for (size_t size = 1; size < sizeof(buf); size++) {
		memset(buf, 'x', sizeof(buf));
		avail_change_text(av, &c, buf, size);
		assert_true(strlen(buf) < size);
		assert_int_equal(buf[size], 'x');
	}
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(changes_read_as_sentences),
	    cmocka_unit_test(drains_name_their_target),
	    cmocka_unit_test(a_short_buffer_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
