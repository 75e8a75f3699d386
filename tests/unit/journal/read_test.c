/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"

#define HEAD                                                                   \
	"basin-journal 1\n"                                                    \
	"10.000000 start 0.1.0 one\n"                                          \
	"10.000000 clock 2026-11-22T00:00:00.000Z\n"                           \
	"10.000000 configuration 1\n"                                          \
	"service : dns\n"                                                      \
	"check service=0 rise=2 fall=3 interval=1s : a check\n"                \
	"prefix services=0 hold_down=5s : 192.0.2.0/24\n"                      \
	"end\n"

static int
read_it(const char *text, struct journal_day **day, struct text *why)
{
	text_clear(why);
	return journal_read_text("x.log", text, strlen(text), day, why);
}

static void
runs_become_one_entry(void **state)
{
	struct journal_day *day;
	struct text why = {0};

	assert_int_equal(read_it(HEAD "11.000000 pass 0 +\n"
				      "14.000000 alive\n"
				      "13.500000 pass 0 =4\n",
				 &day, &why),
			 0);
	assert_int_equal(day->v[3].kind, JOURNAL_SAMPLE);
	assert_int_equal(day->v[3].count, 4);
	assert_int_equal(day->v[3].last.ns, dur_ms(13500).ns);
	journal_day_free(day);
	/* A crash left it open: it went on as far as anything is known. */
	assert_int_equal(read_it(HEAD "11.000000 pass 0 +\n"
				      "21.000000 alive\n"
				      "22.000",
				 &day, &why),
			 0);
	assert_int_equal(day->v[3].count, 11);
	assert_int_equal(day->v[3].last.ns, dur_s(21).ns);
	journal_day_free(day);
	text_free(&why);
}

static void
settings_are_read_as_written(void **state)
{
	struct journal_day *day;
	struct text why = {0};
	const struct journal_setup *s;

	assert_int_equal(read_it(HEAD, &day, &why), 0);
	s = day->v[2].setup;
	assert_string_equal(s->checks[0].name, "a check");
	assert_int_equal(s->checks[0].s.fall, 3);
	assert_int_equal(s->checks[0].interval.ns, dur_s(1).ns);
	assert_int_equal(s->prefixes[0].s.hold_down.ns, dur_s(5).ns);
	assert_int_equal(s->prefixes[0].n, 1);
	journal_day_free(day);
	text_free(&why);
}

static void
what_does_not_fit_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
	    {"", "x.log:0: expected basin-journal, found nothing\n"},
	    {"basin-journal 2\n", "x.log:1: the journal has version 2, this "
				  "program reads version 1\n"},
	    {HEAD "9.000000 alive\n", "x.log:9: time goes back\n"},
	    {HEAD "11.000000 pass 1\n",
	     "x.log:9: check is 1, expected a number below 1\n"},
	    {HEAD "11.000000 pass 0 =3\n",
	     "x.log:9: a run of check 0 ends that did not begin\n"},
	    {HEAD "11.0 pass 0\n",
	     "x.log:9: expected a time, found \"11.0\"\n"},
	    {HEAD "11.000000 sing 0\n", "x.log:9: expected a word of this "
					"version, found \"sing\"\n"},
	    {HEAD "11.000000 alive \x1b\n",
	     "x.log:9: expected the end of the line, found \"\\x1b\"\n"},
	    {"basin-journal 1\n1.000000 pass 0\n",
	     "x.log:2: expected a configuration before this\n"},
	};
	struct journal_day *day;
	struct text why = {0};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(read_it(cases[i].text, &day, &why), -EINVAL);
		assert_null(day);
		assert_string_equal(text_str(&why), cases[i].why);
	}
	text_free(&why);
}

/* Wherever the file ends, what is whole can be read. */
static void
every_truncation_can_be_read(void **state)
{
	static const char text[] = HEAD "11.000000 pass 0 +\n"
					"12.000000 watch 0 gone\n"
					"11.500000 pass 0 =2\n"
					"13.000000 stop\n";
	struct text why = {0};

	for (size_t n = strlen("basin-journal 1\n"); n < sizeof(text); n++) {
		struct journal_day *day;

		if (journal_read_text("x", text, n, &day, &why) != 0)
			fail_msg("%zu: %s", n, text_str(&why));
		journal_day_free(day);
	}
	text_free(&why);
}

static void
files_end_with_whole_lines_and_old_ones_go(void **state)
{
	char folder[] = "/tmp/basin-journal-XXXXXX";
	struct text text = {0}, why = {0};
	struct journal_files files = {0};
	struct wall now;
	uint64_t total;
	FILE *f;

	assert_non_null(mkdtemp(folder));
	text_add(&text, "1.000000 alive\n");
	assert_int_equal(wall_parse("2026-11-22T12:00", &now), 0);
	assert_int_equal(
	    journal_file_append(folder, "2026-11-22.log", &text, &total), 0);
	assert_int_equal(total, 16 + text.len);
	assert_int_equal(chdir(folder), 0);
	f = fopen("2026-11-22.log", "a");
	assert_non_null(f);
	fputs("half a li", f);
	fclose(f);
	assert_int_equal(
	    journal_file_append(folder, "2026-11-22.log", &text, &total), 0);
	assert_int_equal(total, 16 + 2 * text.len);
	assert_int_equal(
	    journal_file_append(folder, "2026-11-20.log", &text, &total), 0);
	assert_int_equal(
	    journal_file_append(folder, "2026-11-21.log", &text, &total), 0);
	assert_int_equal(journal_file_prune(folder, now, dur_s(86400), 1 << 20),
			 0);
	assert_int_equal(journal_file_list(folder, &files, &why), 0);
	assert_int_equal(files.n, 2);
	journal_file_list_free(&files);
	/* Too large: all but today's. */
	assert_int_equal(journal_file_prune(folder, now, dur_s(86400), 1), 0);
	assert_int_equal(journal_file_list(folder, &files, &why), 0);
	assert_int_equal(files.n, 1);
	journal_file_list_free(&files);
	unlink("2026-11-22.log");
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(folder), 0);
	text_free(&text);
	text_free(&why);
}

/* A clock that is set back an hour opens no file of yesterday again. */
static void
a_day_is_over_once(void **state)
{
	static const struct {
		const char *at;
		bool over;
	} cases[] = {
	    {"2026-11-20T23:59", true},  {"2026-11-21T23:00", false},
	    {"2026-11-21T23:59", false}, {"2026-11-22T00:00", false},
	    {"2026-11-22T23:59", false}, {"2026-11-23T00:00", true},
	    {"2027-01-01T00:00", true},  {"2001-01-01T00:00", true},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct wall wall;

		assert_int_equal(wall_parse(cases[i].at, &wall), 0);
		assert_int_equal(journal_file_over("2026-11-22.log", wall),
				 cases[i].over);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(runs_become_one_entry),
	    cmocka_unit_test(settings_are_read_as_written),
	    cmocka_unit_test(what_does_not_fit_is_refused_with_its_line),
	    cmocka_unit_test(every_truncation_can_be_read),
	    cmocka_unit_test(files_end_with_whole_lines_and_old_ones_go),
	    cmocka_unit_test(a_day_is_over_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
