/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drains/drains.h"

#define HOUR (3600 * INT64_C(1000000000))

static char directory[64];

static int
make_directory(void **state)
{
	strcpy(directory, "/tmp/basin-drains-XXXXXX");
	return mkdtemp(directory) ? 0 : -1;
}

static const char *
file(void)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/" DRAINS_FILE, directory);
	return path;
}

static int
remove_directory(void **state)
{
	unlink(file());
	return rmdir(directory);
}

/* Wall clock `wall`, `run` hours after the machine came up. */
static struct drains_clock
at(int64_t wall, int64_t run)
{
	return (struct drains_clock){{run * HOUR}, {wall * HOUR}};
}

static struct drains *
open_at(struct drains_clock clock)
{
	struct text error = {0};
	struct drains *drains;

	assert_int_equal(drains_open(directory, &clock, &drains, &error), 0);
	text_free(&error);
	return drains;
}

static void
write_text(const char *text)
{
	FILE *f = fopen(file(), "w");

	fputs(text, f);
	fclose(f);
}

/* Ordered at wall 1000, run 10, for two hours. */
static struct drains *
two_hours(void)
{
	struct drains *drains = open_at(at(1000, 10));
	struct drain d = {.target = AVAIL_SERVICE,
			  .name = "dns",
			  .reason = "zone\nwork",
			  .who = "uid 7",
			  .since = {1000 * HOUR},
			  .duration = {2 * HOUR},
			  .expires = {12 * HOUR},
			  .phase = DRAIN_DRAINING,
			  .limit = {11 * HOUR},
			  .quiet = {5}};

	drains_put(drains, &d);
	return drains;
}

static void
store_at(struct drains *drains, struct drains_clock clock)
{
	assert_int_equal(drains_store(drains, &clock), 0);
	drains_free(drains);
}

/* Hours that the drain still stands for. */
static int64_t
left_at(struct drains_clock clock)
{
	struct drains *drains = open_at(clock);
	int64_t left = drains_at(drains, 0)->expires.ns - clock.mono.ns;

	drains_free(drains);
	assert_int_equal(left % HOUR, 0);
	return left / HOUR;
}

static void
a_drain_survives_a_restart(void **state)
{
	const struct drain *d;
	struct drains *drains;

	store_at(two_hours(), at(1000, 10));
	drains = open_at(at(1001, 0));
	assert_int_equal(drains_count(drains), 1);
	d = drains_find(drains, AVAIL_SERVICE, "dns");
	assert_non_null(d);
	assert_string_equal(d->reason, "zone\nwork");
	assert_string_equal(d->who, "uid 7");
	assert_int_equal(d->since.ns, 1000 * HOUR);
	assert_int_equal(d->expires.ns, HOUR);
	assert_int_equal(d->duration.ns, 2 * HOUR);
	assert_int_equal(d->quiet.ns, 5);
	drains_free(drains);
}

static void
what_was_draining_comes_back_drained(void **state)
{
	struct drains *drains;

	store_at(two_hours(), at(1000, 10));
	drains = open_at(at(1000, 10));
	assert_int_equal(drains_at(drains, 0)->phase, DRAIN_DRAINED);
	assert_int_equal(drains_at(drains, 0)->limit.ns, 10 * HOUR);
	drains_free(drains);
}

static void
no_clock_lengthens_a_drain(void **state)
{
	store_at(two_hours(), at(1000, 10));
	assert_int_equal(left_at(at(1001, 11)), 1);
	assert_int_equal(left_at(at(1002, 12)), 0);
	assert_int_equal(left_at(at(1900, 12)), 0);
	assert_int_equal(left_at(at(900, 0)), 2); /* set back for days */
}

/* What is stored says when it ends by the clock of that moment. */
static void
a_step_of_the_clock_between_is_not_stored(void **state)
{
	store_at(two_hours(), at(1000 + 1, 10)); /* stepped on at once */
	assert_int_equal(left_at(at(1000 + 1, 10)), 2);
	store_at(two_hours(), at(1000 - 1, 11)); /* back, after an hour */
	assert_int_equal(left_at(at(1000 - 1, 11)), 1);
}

static void
without_an_end_it_stays_without(void **state)
{
	struct drains *drains = open_at(at(1000, 10));
	struct drain d = {.target = AVAIL_NODE,
			  .name = DRAINS_OFFLINE,
			  .reason = "owned",
			  .who = "ada",
			  .expires = MONO_NEVER};

	drains_put(drains, &d);
	store_at(drains, at(1000, 10));
	drains = open_at(at(9000, 1));
	assert_true(mono_is_never(drains_node(drains)->expires));
	assert_true(drains_is_offline(drains_node(drains)));
	drains_free(drains);
}

static void
attack_mode_survives_a_restart(void **state)
{
	struct drains *drains = open_at(at(1000, 10));
	struct drains_attack attack = {.reason = "flood",
				       .who = "ada",
				       .since = {1000 * HOUR},
				       .duration = {HOUR},
				       .expires = {11 * HOUR}};

	drains_set_attack(drains, &attack);
	store_at(drains, at(1000, 10));
	drains = open_at(at(900, 0));
	assert_string_equal(drains_attack(drains)->reason, "flood");
	assert_int_equal(drains_attack(drains)->expires.ns, HOUR);
	drains_set_attack(drains, NULL);
	store_at(drains, at(900, 0));
	drains = open_at(at(900, 0));
	assert_null(drains_attack(drains));
	drains_free(drains);
}

static void
put_block(struct drains *drains, const char *what, const char *reason)
{
	struct drains_block block = {.flow = what[0] == 'd',
				     .what = what,
				     .actions = "discard",
				     .reason = reason,
				     .who = "ada",
				     .since = {1000 * HOUR},
				     .duration = {2 * HOUR},
				     .expires = {12 * HOUR}};

	drains_put_block(drains, &block);
}

static void
blocks_survive_a_restart(void **state)
{
	struct drains *drains = open_at(at(1000, 10));
	const struct drains_block *x;

	put_block(drains, "192.0.2.7/32", "flood");
	put_block(drains, "dst 192.0.2.0/24 proto udp", "first");
	put_block(drains, "dst 192.0.2.0/24 proto udp", "again");
	store_at(drains, at(1000, 10));
	drains = open_at(at(1001, 0));
	assert_int_equal(drains_blocks(drains), 2);
	assert_int_equal(drains_count(drains), 0);
	assert_false(drains_find_block(drains, "192.0.2.7/32")->flow);
	x = drains_find_block(drains, "dst 192.0.2.0/24 proto udp");
	assert_non_null(x);
	assert_true(x->flow);
	assert_string_equal(x->actions, "discard");
	assert_string_equal(x->reason, "again");
	assert_string_equal(x->who, "ada");
	assert_int_equal(x->since.ns, 1000 * HOUR);
	assert_int_equal(x->duration.ns, 2 * HOUR);
	assert_int_equal(x->expires.ns, HOUR);
	assert_int_equal(drains_remove_block(drains, "192.0.2.7/32"), 0);
	assert_int_equal(drains_remove_block(drains, "192.0.2.7/32"), -ENOENT);
	store_at(drains, at(1001, 0));
	drains = open_at(at(900, 0)); /* the clock was set back */
	assert_int_equal(drains_blocks(drains), 1);
	x = drains_block_at(drains, 0);
	assert_true(x->flow);
	assert_int_equal(x->expires.ns, 2 * HOUR);
	drains_free(drains);
}

static void
a_file_of_version_1_is_read(void **state)
{
	struct drains *drains;

	write_text("{\"version\": 1, \"drains\": [{\"target\": \"prefix\", "
		   "\"name\": \"192.0.2.0/24\", \"reason\": \"old\", "
		   "\"who\": \"ada\", \"since_ns\": 3600000000000000, "
		   "\"expires_ns\": 3607200000000000}]}");
	assert_int_equal(left_at(at(1001, 4)), 1);
	assert_int_equal(left_at(at(900, 4)), 2);
	drains = open_at(at(1001, 4));
	assert_int_equal(drains_at(drains, 0)->phase, DRAIN_DRAINED);
	assert_null(drains_attack(drains));
	drains_free(drains);
}

static void
what_cannot_be_stored_is_told(void **state)
{
	struct drains_clock clock = at(1000, 10);
	struct drains *drains = two_hours();

	assert_int_equal(rmdir(directory), 0);
	assert_int_equal(drains_store(drains, &clock), -ENOENT);
	drains_free(drains);
	assert_non_null(mkdtemp(strcpy(directory, "/tmp/basin-drains-XXXXXX")));
}

#define ONE(more)                                                              \
	"{\"target\": \"node\", \"name\": \"\", \"reason\": \"\", "            \
	"\"who\": \"\", \"since_ns\": 1, \"expires_ns\": " more "}"
#define ATTACK(since)                                                          \
	"{\"drains\": [], \"attack\": {\"reason\": \"\", \"who\": \"\", "      \
	"\"since_ns\": " since ", \"expires_ns\": 1, \"for_ns\": 1}}"
#define BLOCK(what, expires)                                                   \
	"{\"flow\": false, \"what\": \"" what "\", \"actions\": \"\", "        \
	"\"reason\": \"\", \"who\": \"\", \"since_ns\": 1, "                   \
	"\"expires_ns\": " expires ", \"for_ns\": 1}"
#define BLOCKS(list) "{\"drains\": [], \"blocks\": " list "}"

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
	    "{\"drains\": [" ONE("0, \"phase\": \"leaving\"") "]}",
	    "{\"drains\": [" ONE("0, \"for_ns\": -1") "]}",
	    "{\"drains\": [" ONE("0, \"quiet_ns\": \"5s\"") "]}",
	    "{\"drains\": [{\"target\": \"moon\", \"name\": \"\", "
	    "\"reason\": \"\", \"who\": \"\", \"since_ns\": 1, "
	    "\"expires_ns\": 0}]}",
	    "{\"drains\": [], \"attack\": true}",
	    ATTACK("-1"),
	    BLOCKS("true"),
	    BLOCKS("[{}]"),
	    BLOCKS("[" BLOCK("a", "0") "]"), /* a block always ends */
	    BLOCKS("[" BLOCK("a", "-1") "]"),
	    BLOCKS("[" BLOCK("a", "1") ", " BLOCK("a", "1") "]"),
	};

	for (size_t i = 0; i < ARRAY_LEN(contents); i++) {
		struct drains_clock clock = at(1, 1);
		struct text error = {0};
		struct drains *drains;

		write_text(contents[i]);
		assert_int_equal(
		    drains_open(directory, &clock, &drains, &error), -EINVAL);
		assert_null(drains);
		assert_non_null(strstr(text_str(&error), "drains.json:"));
		text_free(&error);
	}
	write_text(ATTACK("1"));
	drains_free(open_at(at(1, 1)));
	write_text(BLOCKS("[" BLOCK("a", "1") ", " BLOCK("b", "1") "]"));
	drains_free(open_at(at(1, 1)));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, make_directory, remove_directory)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_drain_survives_a_restart),
	    TEST(what_was_draining_comes_back_drained),
	    TEST(no_clock_lengthens_a_drain),
	    TEST(a_step_of_the_clock_between_is_not_stored),
	    TEST(without_an_end_it_stays_without),
	    TEST(attack_mode_survives_a_restart),
	    TEST(blocks_survive_a_restart),
	    TEST(a_file_of_version_1_is_read),
	    TEST(what_cannot_be_stored_is_told),
	    TEST(a_broken_file_is_an_error_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
