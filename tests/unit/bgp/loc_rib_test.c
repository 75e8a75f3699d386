/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/loc_rib.h"

#define PATHS 4

struct fixture {
	struct loc_rib rib;
	struct prefix prefix;
	struct best_source sources[PATHS];
	struct best_key keys[PATHS];
	bool reachable[PATHS];
	struct loc_path paths[PATHS];
	unsigned told;
	char used[16]; /* of the last call: "02": path 0, then path 2 */
};

static void
on_changed(void *arg, const struct prefix *prefix, const struct loc_path *first)
{
	struct fixture *f = arg;
	size_t n = 0;

	assert_true(prefix_equal(prefix, &f->prefix));
	f->told++;
	for (; first && loc_path_used(first); first = first->next)
		f->used[n++] = (char)('0' + (first - f->paths));
	f->used[n] = '\0';
}

/* Equal in all but the last step: path 0 is from the lowest address. */
static void
begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->rib = (struct loc_rib){.width = 1, .changed = on_changed, .arg = f};
	f->prefix = prefix_of("203.0.113.0/24");
	for (size_t i = 0; i < PATHS; i++) {
		f->sources[i] = (struct best_source){
		    .install = true,
		    .external = true,
		    .router_id = 9,
		    .address = ip_from_v4(0x0a000001 + (uint32_t)i),
		};
		f->reachable[i] = true;
		f->keys[i] = (struct best_key){
		    .source = &f->sources[i],
		    .reachable = &f->reachable[i],
		    .local_pref = 100,
		    .path_length = 3,
		    .origin = 1,
		    .has_neighbour = true,
		    .neighbour = 65000 + (uint32_t)i,
		    .med = 10,
		};
		f->paths[i] =
		    (struct loc_path){.prefix = &f->prefix, .key = &f->keys[i]};
	}
}

static void
add(struct fixture *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		loc_rib_add(&f->rib, &f->paths[i]);
}

static void
finish(struct fixture *f)
{
	while (f->rib.n)
		loc_rib_remove(&f->rib,
			       (struct loc_path *)(uintptr_t)loc_rib_find(
				   &f->rib, &f->prefix));
	assert_string_equal(f->used, "");
	loc_rib_free(&f->rib);
}

/* Each step of RFC 4271 section 9.1.2.2: path 1 becomes better by it. */
static void
each_step_decides(void **state)
{
	for (int step = BEST_REACHABLE; step <= BEST_ADDRESS; step++) {
		struct fixture f;

		begin(&f);
		switch ((enum best_step)step) {
		case BEST_REACHABLE:
			f.reachable[0] = false;
			break;
		case BEST_INSTALL:
			f.sources[0].install = false;
			break;
		case BEST_LOCAL_PREF:
			f.keys[1].local_pref = 101;
			break;
		case BEST_PATH_LENGTH:
			f.keys[1].path_length = 2;
			break;
		case BEST_ORIGIN:
			f.keys[1].origin = 0;
			break;
		case BEST_MED:
			f.keys[1].neighbour = f.keys[0].neighbour;
			f.keys[1].med = 9;
			break;
		case BEST_EXTERNAL:
			f.sources[0].external = false;
			break;
		case BEST_ROUTER_ID:
			f.sources[1].router_id = 8;
			break;
		case BEST_ADDRESS:
			f.sources[0].address = ip_of("10.0.0.9");
			break;
		case BEST_CHOSEN:
		case BEST_EQUAL:
			break;
		}
		add(&f, 2);
		assert_string_equal(f.used, "1");
		assert_int_equal(f.paths[1].step, BEST_CHOSEN);
		assert_int_equal(f.paths[0].step, step);
		finish(&f);
	}
}

/* MEDs of different neighbours are not compared; its order is no matter. */
static void
med_is_of_one_neighbour(void **state)
{
	static const char *const orders[] = {"012", "021", "102",
					     "120", "201", "210"};

	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		struct fixture f;

		begin(&f);
		/* 0 loses to 2 by MED; then 1 is from the lower address. */
		f.keys[2].neighbour = f.keys[0].neighbour;
		f.keys[2].med = 5;
		f.keys[1].med = 99;
		for (const char *p = orders[o]; *p; p++)
			loc_rib_add(&f.rib, &f.paths[*p - '0']);
		assert_string_equal(f.used, "1");
		assert_int_equal(f.paths[0].step, BEST_MED);
		assert_int_equal(f.paths[2].step, BEST_ADDRESS);
		finish(&f);
	}
}

static void
equal_paths_are_used_together(void **state)
{
	struct fixture f;

	begin(&f);
	f.rib.width = 3;
	f.keys[1].local_pref = 99;
	add(&f, 4);
	assert_string_equal(f.used, "023");
	assert_int_equal(f.paths[2].step, BEST_EQUAL);
	assert_int_equal(f.paths[1].step, BEST_LOCAL_PREF);
	f.rib.width = 2;
	loc_rib_rerun(&f.rib, false);
	assert_string_equal(f.used, "02");
	assert_int_equal(f.paths[3].step, BEST_ADDRESS);
	f.reachable[0] = false;
	loc_rib_rerun(&f.rib, false);
	assert_string_equal(f.used, "23");
	finish(&f);
}

static void
nothing_is_used_that_is_not_reachable(void **state)
{
	struct fixture f;

	begin(&f);
	f.reachable[0] = false;
	add(&f, 1);
	assert_int_equal(f.told, 0);
	f.reachable[0] = true;
	loc_rib_rerun(&f.rib, false);
	assert_string_equal(f.used, "0");
	f.reachable[0] = false;
	loc_rib_rerun(&f.rib, false);
	assert_string_equal(f.used, "");
	f.keys[0].blackhole = true;
	loc_rib_update(&f.rib, &f.paths[0]);
	assert_string_equal(f.used, "0");
	finish(&f);
}

static void
only_changes_are_told(void **state)
{
	struct fixture f;

	begin(&f);
	add(&f, 3);
	assert_int_equal(f.told, 1);
	loc_rib_update(&f.rib, &f.paths[2]);
	loc_rib_remove(&f.rib, &f.paths[2]);
	loc_rib_rerun(&f.rib, false);
	assert_int_equal(f.told, 1);
	/* Its attributes changed, whatever they are. */
	loc_rib_update(&f.rib, &f.paths[0]);
	assert_int_equal(f.told, 2);
	loc_rib_rerun(&f.rib, true);
	assert_int_equal(f.told, 3);
	loc_rib_remove(&f.rib, &f.paths[0]);
	assert_string_equal(f.used, "1");
	finish(&f);
}

static void
ignore(void *arg, const struct prefix *prefix, const struct loc_path *first)
{
}

static void
count(void *arg, const struct loc_path *first)
{
	++*(size_t *)arg;
}

/* The table grows, shrinks and closes its gaps. */
static void
many_prefixes_are_found(void **state)
{
	enum { N = 5000 };
	struct loc_rib rib = {.width = 1, .changed = ignore};
	struct prefix *prefixes = calloc(N, sizeof(*prefixes));
	struct loc_path *paths = calloc(N, sizeof(*paths));
	struct fixture f;
	size_t n = 0;

	begin(&f);
	assert_non_null(prefixes);
	assert_non_null(paths);
	for (uint32_t i = 0; i < N; i++) {
		prefixes[i] = (struct prefix){ip_from_v4(i << 12), 20};
		paths[i].prefix = &prefixes[i];
		paths[i].key = &f.keys[0];
		loc_rib_add(&rib, &paths[i]);
	}
	loc_rib_each(&rib, count, &n);
	assert_int_equal(n, N);
	for (size_t i = 0; i < N; i += 3)
		loc_rib_remove(&rib, &paths[i]);
	for (size_t i = 0; i < N; i++)
		assert_ptr_equal(loc_rib_find(&rib, &prefixes[i]),
				 i % 3 ? &paths[i] : NULL);
	for (size_t i = 0; i < N; i++)
		if (i % 3)
			loc_rib_remove(&rib, &paths[i]);
	assert_int_equal(rib.n, 0);
	assert_true(rib.size <= 64);
	loc_rib_free(&rib);
	free(paths);
	free(prefixes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_step_decides),
	    cmocka_unit_test(med_is_of_one_neighbour),
	    cmocka_unit_test(equal_paths_are_used_together),
	    cmocka_unit_test(nothing_is_used_that_is_not_reachable),
	    cmocka_unit_test(only_changes_are_told),
	    cmocka_unit_test(many_prefixes_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
