/* SPDX-License-Identifier: ISC */
#include "one.h"

#include <stdio.h>

#include "avail/state.h"

#define MANY 1000

static void
every_key_is_found_again(void **state)
{
	struct avail *av = avail_new();
	char key[32];

	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "service %d", i);
		avail_add_service(av, key, &(struct avail_service_settings){0});
	}
	avail_seal(av, at(0));
	for (size_t i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "service %zu", i);
		assert_int_equal(
		    avail_index_find(av, AVAIL_IS_SERVICE, key)->id, i);
		assert_null(avail_index_find(av, AVAIL_IS_CHECK, key));
		assert_null(avail_index_find(av, AVAIL_IS_PREFIX, key));
	}
	assert_null(avail_index_find(av, AVAIL_IS_SERVICE, ""));
	avail_free(av);
}

static void
of_two_with_one_key_the_first_is_found(void **state)
{
	struct avail *av = avail_new();

	avail_add_service(av, "dns", &(struct avail_service_settings){0});
	avail_add_service(av, "dns", &(struct avail_service_settings){0});
	avail_seal(av, at(0));
	assert_int_equal(avail_index_find(av, AVAIL_IS_SERVICE, "dns")->id, 0);
	avail_free(av);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_key_is_found_again),
	    cmocka_unit_test(of_two_with_one_key_the_first_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
