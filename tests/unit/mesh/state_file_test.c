/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mesh/state_file.h"

#define GOOD                                                                   \
	"{\"version\": 1, \"nodes\": {"                                        \
	"\"lon1\": {\"announces\": [\"192.0.2.0/24\", \"192.0.2.0/24\"]}, "    \
	"\"par1\": {\"announces\": [\"192.0.2.0/24\", \"2001:db8::/32\"]}, "   \
	"\"ams1\": {\"announces\": []}}}"

static bool
is_par1(const void *arg, const char *node)
{
	return strcmp(node, "par1") == 0;
}

static bool
nobody(const void *arg, const char *node)
{
	return false;
}

static unsigned
sites(const struct state_file *f, const char *text,
      bool (*known)(const void *, const char *))
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return state_file_sites(f, &p, known, NULL);
}

static void
nodes_are_counted_once(void **state)
{
	struct state_file f = {0};

	assert_int_equal(state_file_parse(&f, GOOD, strlen(GOOD)), 0);
	assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 2);
	assert_int_equal(sites(&f, "192.0.2.0/24", is_par1), 1);
	assert_int_equal(sites(&f, "2001:db8::/32", nobody), 1);
	assert_int_equal(sites(&f, "198.51.100.0/24", nobody), 0);
	state_file_free(&f);
}

static void
what_is_cut_or_strange_counts_for_nothing(void **state)
{
	static const char *const bad[] = {
	    "",
	    "[]",
	    "{\"version\": 2, \"nodes\": {}}",
	    "{\"nodes\": {}}",
	    "{\"version\": 1}",
	    "{\"version\": 1, \"nodes\": []}",
	    "{\"version\": 1, \"nodes\": {\"a\": 1}}",
	    "{\"version\": 1, \"nodes\": {\"a\": {\"announces\": \"x\"}}}",
	    "{\"version\": 1, \"nodes\": {\"a\": {\"announces\": [7]}}}",
	    ("{\"version\": 1, \"nodes\": {\"a\": "
	     "{\"announces\": [\"192.0.2.1/24\"]}}}"),
	    "{\"version\": 1, \"nodes\": {}} more",
	};
	struct state_file f = {0};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(state_file_parse(&f, GOOD, strlen(GOOD)), 0);
		assert_int_not_equal(
		    state_file_parse(&f, bad[i], strlen(bad[i])), 0);
		assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 0);
		assert_true(f.problem[0]);
	}
	for (size_t n = 0; n < strlen(GOOD); n++)
		assert_int_not_equal(state_file_parse(&f, GOOD, n), 0);
	state_file_free(&f);
}

static void
write_at(const char *path, const char *text, int64_t seconds)
{
	struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static struct mono
second(int64_t s)
{
	return (struct mono){dur_s(1000 + s).ns};
}

static void
its_age_counts_from_when_it_was_seen_to_change(void **state)
{
	char path[] = "/tmp/basin-state-file-XXXXXX";
	int fd = mkstemp(path);
	struct wall wall = {dur_s(5000).ns};
	struct state_file f;

	assert_true(fd >= 0);
	close(fd);
	write_at(path, GOOD, 4995);
	state_file_init(&f, path, dur_s(30));
	assert_true(state_file_look(&f, second(0), wall));
	assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 2);
	assert_false(state_file_look(&f, second(24), wall));
	assert_true(state_file_look(&f, second(25), wall));
	assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 0);
	/* Written again; the wall clock is an hour off, and no matter. */
	write_at(path, GOOD, 1400);
	assert_true(state_file_look(&f, second(60), wall));
	assert_int_equal(f.problem[0], '\0');
	assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 2);
	assert_true(state_file_look(&f, second(90), wall));
	assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 0);
	unlink(path);
	assert_true(state_file_look(&f, second(91), wall));
	assert_true(f.problem[0]);
	state_file_free(&f);
}

static void
an_old_file_is_old_at_the_first_look(void **state)
{
	char path[] = "/tmp/basin-state-file-XXXXXX";
	int fd = mkstemp(path);
	static const int64_t times[] = {4900, 5100};

	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct state_file f;

		write_at(path, GOOD, times[i]);
		state_file_init(&f, path, dur_s(30));
		assert_true(state_file_look(&f, second(0),
					    (struct wall){dur_s(5000).ns}));
		assert_int_equal(sites(&f, "192.0.2.0/24", nobody), 0);
		state_file_free(&f);
	}
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nodes_are_counted_once),
	    cmocka_unit_test(what_is_cut_or_strange_counts_for_nothing),
	    cmocka_unit_test(its_age_counts_from_when_it_was_seen_to_change),
	    cmocka_unit_test(an_old_file_is_old_at_the_first_look),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
