/* SPDX-License-Identifier: ISC */
/* Orders are stored one after the other, off the loop, or change nothing. */
#include "../test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/keep.h"

struct fixture {
	struct basin basin;
	char folder[64];
	char told[256]; /* what done() was called with, in order */
};

static int
set_up(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct drains_clock clock = drains_clock();
	struct text error = {0};

	strcpy(f->folder, "/tmp/basin-keep-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	uv_loop_init(&f->basin.loop);
	assert_int_equal(
	    drains_open(f->folder, &clock, &f->basin.drains, &error), 0);
	f->basin.keep = keep_new(&f->basin);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;
	char path[128];

	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	keep_free(f->basin.keep);
	assert_int_equal(uv_loop_close(&f->basin.loop), 0);
	drains_free(f->basin.drains);
	snprintf(path, sizeof(path), "%s/" DRAINS_FILE, f->folder);
	unlink(path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static void order(struct fixture *f, const char *name);

/* A name to drain; "-name" is undrained. */
static int
change(struct drains *next, void *arg)
{
	const char *name = arg;
	struct drain d = {.target = AVAIL_SERVICE,
			  .name = name,
			  .reason = "test",
			  .who = "ada",
			  .expires = MONO_NEVER};

	if (name[0] == '-')
		return drains_remove(next, AVAIL_SERVICE, name + 1);
	drains_put(next, &d);
	return 0;
}

static void
done(struct basin *b, void *arg, int error)
{
	struct fixture *f = (struct fixture *)(void *)b;
	size_t n = strlen(f->told);

	snprintf(f->told + n, sizeof(f->told) - n, "%s:%d:%zu ",
		 (const char *)arg, error, drains_count(b->drains));
	if (strcmp(arg, "more") == 0) {
		order(f, "c");
		order(f, "d");
	}
}

static void
order(struct fixture *f, const char *name)
{
	keep_queue(f->basin.keep, change, done, (void *)(uintptr_t)name);
}

static void
fact(struct fixture *f, const char *name)
{
	keep_fact(f->basin.keep, change, done, (void *)(uintptr_t)name);
}

static size_t
stored(struct fixture *f)
{
	struct drains_clock clock = drains_clock();
	struct text error = {0};
	struct drains *drains;
	size_t n;

	assert_int_equal(drains_open(f->folder, &clock, &drains, &error), 0);
	n = drains_count(drains);
	drains_free(drains);
	return n;
}

static void
orders_are_done_one_after_the_other(void **state)
{
	struct fixture *f = *state;

	order(f, "a");
	order(f, "b");
	order(f, "-a");
	assert_string_equal(f->told, ""); /* never inside the call */
	assert_int_equal(drains_count(f->basin.drains), 0);
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	assert_string_equal(f->told, "a:0:1 b:0:2 -a:0:1 ");
	assert_int_equal(stored(f), 1);
}

static void
an_order_may_lead_to_others(void **state)
{
	struct fixture *f = *state;

	order(f, "more");
	order(f, "b");
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	assert_string_equal(f->told, "more:0:1 b:0:2 c:0:3 d:0:4 ");
	assert_int_equal(stored(f), 4);
}

static void
what_is_refused_does_not_stop_the_next(void **state)
{
	struct fixture *f = *state;
	char expected[64];

	order(f, "-a");
	order(f, "a");
	assert_string_equal(f->told, "");
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	snprintf(expected, sizeof(expected), "-a:%d:0 a:0:1 ", -ENOENT);
	assert_string_equal(f->told, expected);
}

static void
what_cannot_be_stored_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char expected[64];

	assert_int_equal(rmdir(f->folder), 0);
	order(f, "a");
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	snprintf(expected, sizeof(expected), "a:%d:0 ", -ENOENT);
	assert_string_equal(f->told, expected);
}

/* What has happened is in force, and written with what comes next. */
static void
a_fact_holds_though_it_cannot_be_stored(void **state)
{
	struct fixture *f = *state;
	char expected[64];

	assert_int_equal(rmdir(f->folder), 0);
	fact(f, "a");
	fact(f, "-b"); /* there is none: nothing has happened */
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	snprintf(expected, sizeof(expected), "a:%d:1 -b:%d:1 ", -ENOENT,
		 -ENOENT);
	assert_string_equal(f->told, expected);
	assert_int_equal(mkdir(f->folder, 0700), 0);
	order(f, "c");
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	assert_int_equal(stored(f), 2);
}

/* NTP sets the clock of a machine that booted with a wrong one. */
static void
a_clock_that_was_set_is_written(void **state)
{
	struct fixture *f = *state;
	struct drains_clock now = drains_clock();

	now.wall.ns += dur_s(3600).ns;
	keep_clock(f->basin.keep, &now);
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	assert_int_equal(stored(f), 0);
	assert_int_equal(change(f->basin.drains, (void *)(uintptr_t) "a"), 0);
	keep_clock(f->basin.keep, &now); /* as before */
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	assert_int_equal(stored(f), 0);
	now.wall.ns -= dur_s(7200).ns;
	keep_clock(f->basin.keep, &now);
	uv_run(&f->basin.loop, UV_RUN_DEFAULT);
	assert_int_equal(stored(f), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(orders_are_done_one_after_the_other),
	    TEST(an_order_may_lead_to_others),
	    TEST(what_is_refused_does_not_stop_the_next),
	    TEST(what_cannot_be_stored_changes_nothing),
	    TEST(a_clock_that_was_set_is_written),
	    TEST(a_fact_holds_though_it_cannot_be_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
