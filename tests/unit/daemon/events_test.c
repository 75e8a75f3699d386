/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/events.h"

struct seen {
	uint64_t first, last, n;
};

static void
see(void *arg, const struct event *e)
{
	struct seen *seen = arg;

	if (seen->n++ == 0)
		seen->first = e->id;
	seen->last = e->id;
}

static void
count(void *arg, const struct event *e)
{
	(*(uint64_t *)arg)++;
}

static void
the_last_events_are_kept_in_order(void **state)
{
	struct events *events = events_new(NULL, NULL, NULL);
	struct seen seen = {0};

	for (int i = 0; i < 10000; i++) {
		struct event e = {.kind = EVENT_PREFIX};

		events_add(events, &e);
	}
	events_each(events, 3, see, &seen);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.first, 9998);
	assert_int_equal(seen.last, 10000);
	seen.n = 0;
	events_each(events, SIZE_MAX, see, &seen);
	assert_int_equal(seen.n, 4096);
	assert_int_equal(seen.last, 10000);
	events_free(events);
}

static void
everybody_listening_hears_each_event(void **state)
{
	uint64_t heard = 0;
	struct events *events = events_new(NULL, count, &heard);

	for (int i = 0; i < 300; i++) {
		struct event e = {.kind = EVENT_CHECK};

		events_add(events, &e);
	}
	assert_int_equal(heard, 300);
	events_free(events);
}

static void
a_burst_closes_the_budget_for_a_second(void **state)
{
	struct events *events = events_new(NULL, NULL, NULL);
	struct event e = {.kind = EVENT_PREFIX};
	uint64_t last = 0;

	while (events_open(events))
		last = events_add(events, &e);
	assert_int_equal(last, 2000);
	events_skip(events);
	events_tick(events);
	assert_true(events_open(events));
	assert_int_equal(events_last_id(events), 2001);
	events_tick(events);
	assert_int_equal(events_last_id(events), 2001);
	events_free(events);
}

static size_t
lines_in(int fd)
{
	char buf[65536];
	size_t lines = 0;
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	return lines;
}

static void
a_burst_is_summed_up_in_the_log(void **state)
{
	FILE *file = tmpfile();
	struct log log = {
	    .fd = fileno(file), .level = LOG_LEVEL_DEBUG, .program = "test"};
	struct events *events = events_new(&log, NULL, NULL);

	for (int i = 0; i < 5000; i++) {
		struct event e = {.kind = EVENT_PREFIX,
				  .level = LOG_LEVEL_NOTICE};

		events_add(events, &e);
	}
	events_tick(events);
	assert_int_equal(lines_in(log.fd), 101);
	events_tick(events);
	assert_int_equal(lines_in(log.fd), 101);
	events_free(events);
	fclose(file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_last_events_are_kept_in_order),
	    cmocka_unit_test(everybody_listening_hears_each_event),
	    cmocka_unit_test(a_burst_closes_the_budget_for_a_second),
	    cmocka_unit_test(a_burst_is_summed_up_in_the_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
