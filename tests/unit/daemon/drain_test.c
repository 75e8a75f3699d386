/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/drain.h"

static char directory[64];

static int
make_directory(void **state)
{
	strcpy(directory, "/tmp/basin-drain-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static const char *
file(void)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/drains.json", directory);
	return path;
}

static int
remove_directory(void **state)
{
	unlink(file());
	return rmdir(directory);
}

static struct drains *
open_drains(void)
{
	struct text error = {0};
	struct drains *drains;

	assert_int_equal(drains_open(directory, &drains, &error), 0);
	text_free(&error);
	return drains;
}

static void
drains_survive_a_restart(void **state)
{
	struct drain node = {AVAIL_NODE, "",        "kernel \"update\"",
			     "ada",      {.ns = 1}, {.ns = 0}};
	struct drain dns = {AVAIL_SERVICE, "dns",     "zone\nwork",
			    "uid 7",       {.ns = 2}, {.ns = 99}};
	struct drains *drains = open_drains();
	const struct drain *found;

	assert_int_equal(drains_put(drains, &node), 0);
	assert_int_equal(drains_put(drains, &dns), 0);
	drains_free(drains);

	drains = open_drains();
	assert_int_equal(drains_count(drains), 2);
	found = drains_find(drains, AVAIL_SERVICE, "dns");
	assert_non_null(found);
	assert_string_equal(found->reason, "zone\nwork");
	assert_string_equal(found->who, "uid 7");
	assert_int_equal(found->expires.ns, 99);
	assert_null(drains_find(drains, AVAIL_PREFIX, "dns"));
	assert_int_equal(drains_remove(drains, AVAIL_NODE, ""), 0);
	assert_int_equal(drains_remove(drains, AVAIL_NODE, ""), -ENOENT);
	drains_free(drains);

	drains = open_drains();
	assert_int_equal(drains_count(drains), 1);
	drains_free(drains);
}

static void
draining_again_replaces(void **state)
{
	struct drain d = {AVAIL_NODE, "", "one", "ada", {.ns = 1}, {.ns = 5}};
	struct drains *drains = open_drains();

	assert_int_equal(drains_put(drains, &d), 0);
	d.reason = "two";
	assert_int_equal(drains_put(drains, &d), 0);
	assert_int_equal(drains_count(drains), 1);
	assert_string_equal(drains_at(drains, 0)->reason, "two");
	drains_free(drains);
}

static void
what_cannot_be_stored_changes_nothing(void **state)
{
	struct drain d = {AVAIL_NODE, "", "one", "ada", {.ns = 1}, {.ns = 5}};
	struct drains *drains = open_drains();

	assert_int_equal(drains_put(drains, &d), 0);
	unlink(file());
	assert_int_equal(rmdir(directory), 0);
	d.reason = "two";
	assert_int_not_equal(drains_put(drains, &d), 0);
	assert_string_equal(drains_at(drains, 0)->reason, "one");
	assert_int_not_equal(drains_remove(drains, AVAIL_NODE, ""), 0);
	assert_int_equal(drains_count(drains), 1);
	drains_free(drains);
	assert_non_null(mkdtemp(strcpy(directory, "/tmp/basin-drain-XXXXXX")));
}

#define ONE(expires)                                                           \
	"{\"target\": \"node\", \"name\": \"\", \"reason\": \"\", "            \
	"\"who\": \"\", \"since_ns\": 1, \"expires_ns\": " expires "}"

static void
a_broken_file_is_an_error_that_names_it(void **state)
{
	static const char *const contents[] = {
	    "",
	    "{",
	    "[]",
	    "{\"drains\": 1}",
	    "{\"drains\": [{}]}",
	    "{\"drains\": [" ONE("0") ", " ONE("5") "]}",
	    "{\"drains\": [" ONE("-1") "]}",
	    "{\"drains\": [{\"target\": \"moon\", \"name\": \"\", "
	    "\"reason\": \"\", \"who\": \"\", \"since_ns\": 1, "
	    "\"expires_ns\": 0}]}",
	};

	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		struct text error = {0};
		struct drains *drains;
		FILE *f = fopen(file(), "w");

		fputs(contents[i], f);
		fclose(f);
		assert_int_equal(drains_open(directory, &drains, &error),
				 -EINVAL);
		assert_null(drains);
		assert_non_null(strstr(text_str(&error), "drains.json:"));
		text_free(&error);
	}
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, make_directory, remove_directory)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(drains_survive_a_restart),
	    TEST(draining_again_replaces),
	    TEST(what_cannot_be_stored_changes_nothing),
	    TEST(a_broken_file_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
