/* SPDX-License-Identifier: ISC */
/*
 * Random configurations and events with fixed seeds: after each event every
 * view must equal the one of the slow model beside it.
 */
#include "../test.h"

#include "../../fuzz/avail/drive.h"

#define CONFIGURATIONS 1000
#define EVENTS         200

static void
engine_equals_its_model(void **state)
{
	for (uint64_t i = 1; i <= CONFIGURATIONS; i++) {
		struct source source = {.seed =
					    i * UINT64_C(0x9e3779b97f4a7c15)};

		drive(&source, EVENTS);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(engine_equals_its_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
