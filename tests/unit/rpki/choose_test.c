/* SPDX-License-Identifier: ISC */
#include "../test.h"
#include "rpki/choose.h"

#include <stdio.h>
#include <string.h>

/* preference, then s(ynchronised), f(ailed), d(ata) or - */
struct row {
	const char *caches, *run, *use;
};

static void
rows_of_the_table(void **state)
{
	static const struct row rows[] = {
	    /* Nothing yet: the best group only. */
	    {"1--- 2---", "r-", "--"},
	    {"1s-d 2---", "r-", "u-"},
	    /* Lost: tried still, its data count, the next begins. */
	    {"1-fd 2---", "rr", "u-"},
	    {"1-fd 2s-d", "rr", "-u"},
	    {"1-f- 2-f- 3---", "rrr", "---"},
	    /* The better is back: the worse stops. */
	    {"1s-d 2s-d", "r-", "u-"},
	    /* One of a group is enough; the other's data count still. */
	    {"1s-d 1-fd 2---", "rr-", "uu-"},
	    {"1-fd 1--- 2---", "rr-", "u--"},
	    /* All lost: everything there is counts. */
	    {"1-fd 2-fd", "rr", "uu"},
	    {"1-f- 2-fd", "rr", "-u"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct choose_cache v[4] = {{0}};
		size_t n = 0;

		for (const char *p = rows[i].caches; *p; p += p[4] ? 5 : 4)
			v[n++] = (struct choose_cache){
			    .preference = (uint8_t)(p[0] - '0'),
			    .synchronised = p[1] == 's',
			    .failed = p[2] == 'f',
			    .has_data = p[3] == 'd'};
		choose(v, n);
		for (size_t k = 0; k < n; k++) {
			if (v[k].run != (rows[i].run[k] == 'r') ||
			    v[k].use != (rows[i].use[k] == 'u'))
				fprintf(stderr, "%s: cache %zu\n",
					rows[i].caches, k);
			assert_int_equal(v[k].run, rows[i].run[k] == 'r');
			assert_int_equal(v[k].use, rows[i].use[k] == 'u');
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(rows_of_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
