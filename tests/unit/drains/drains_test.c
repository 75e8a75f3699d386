/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drains/drains.h"

static struct drains *
empty(void)
{
	struct drains_clock clock = {{.ns = 5}, {.ns = 5}};
	struct text error = {0};
	struct drains *drains;

	assert_int_equal(
	    drains_open("/nonexistent/basin", &clock, &drains, &error), 0);
	return drains;
}

static const struct drain one = {
    .target = AVAIL_NODE,
    .name = "",
    .reason = "one",
    .who = "ada",
    .expires = MONO_NEVER,
};

static void
draining_again_replaces(void **state)
{
	struct drains *drains = empty();
	struct drain d = one;

	drains_put(drains, &d);
	d = *drains_at(drains, 0); /* what it owns may come back */
	d.who = "bob";
	drains_put(drains, &d);
	assert_int_equal(drains_count(drains), 1);
	assert_string_equal(drains_at(drains, 0)->reason, "one");
	assert_string_equal(drains_at(drains, 0)->who, "bob");
	drains_free(drains);
}

static void
each_target_has_its_own(void **state)
{
	struct drains *drains = empty();
	struct drain d = one;

	drains_put(drains, &d);
	d.target = AVAIL_SERVICE;
	d.name = "dns";
	drains_put(drains, &d);
	assert_non_null(drains_find(drains, AVAIL_SERVICE, "dns"));
	assert_null(drains_find(drains, AVAIL_PREFIX, "dns"));
	assert_int_equal(drains_remove(drains, AVAIL_NODE, ""), 0);
	assert_int_equal(drains_remove(drains, AVAIL_NODE, ""), -ENOENT);
	assert_int_equal(drains_count(drains), 1);
	assert_int_equal(
	    drains_finish(drains, AVAIL_NODE, "", (struct mono){7}), -ENOENT);
	drains_free(drains);
}

static void
offline_goes_before_a_drain_of_the_node(void **state)
{
	struct drains *drains = empty();
	struct drain d = one;

	assert_null(drains_node(drains));
	drains_put(drains, &d);
	assert_false(drains_is_offline(drains_node(drains)));
	d.name = DRAINS_OFFLINE;
	drains_put(drains, &d);
	assert_int_equal(drains_count(drains), 2);
	assert_true(drains_is_offline(drains_node(drains)));
	d.target = AVAIL_SERVICE;
	assert_false(drains_is_offline(&d));
	assert_int_equal(drains_remove(drains, AVAIL_NODE, DRAINS_OFFLINE), 0);
	assert_string_equal(drains_node(drains)->name, "");
	drains_free(drains);
}

static void
a_copy_goes_its_own_way(void **state)
{
	struct drains *drains = empty(), *copy;
	struct drains_attack attack = {.reason = "flood", .who = "ada"};

	drains_put(drains, &one);
	drains_set_attack(drains, &attack);
	copy = drains_copy(drains);
	assert_int_equal(drains_remove(copy, AVAIL_NODE, ""), 0);
	drains_set_attack(copy, NULL);
	assert_int_equal(drains_count(drains), 1);
	assert_string_equal(drains_attack(drains)->reason, "flood");
	assert_null(drains_attack(copy));
	assert_string_equal(drains_path(copy), drains_path(drains));
	drains_free(copy);
	drains_free(drains);
}

static void
what_has_drained_has_no_limit_ahead(void **state)
{
	struct drains *drains = empty();
	struct drain d = one;

	d.phase = DRAIN_DRAINING;
	d.limit.ns = 900;
	drains_put(drains, &d);
	assert_int_equal(
	    drains_finish(drains, AVAIL_NODE, "", (struct mono){700}), 0);
	assert_int_equal(drains_at(drains, 0)->phase, DRAIN_DRAINED);
	assert_int_equal(drains_at(drains, 0)->limit.ns, 700);
	drains_free(drains);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(draining_again_replaces),
	    cmocka_unit_test(each_target_has_its_own),
	    cmocka_unit_test(offline_goes_before_a_drain_of_the_node),
	    cmocka_unit_test(a_copy_goes_its_own_way),
	    cmocka_unit_test(what_has_drained_has_no_limit_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
