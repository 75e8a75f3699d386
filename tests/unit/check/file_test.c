/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "check/file_judge.h"

struct place {
	char folder[32], path[48];
};

static int
set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	strcpy(p->folder, "/tmp/basin-file-XXXXXX");
	if (!mkdtemp(p->folder))
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/flag", p->folder);
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	rmdir(p->folder);
	free(p);
	return 0;
}

static void
write_file(const struct place *p, const char *content, int64_t age_s)
{
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}};
	FILE *f = fopen(p->path, "w");

	assert_non_null(f);
	fputs(content, f);
	fclose(f);
	times[1].tv_sec = wall_now().ns / 1000000000 - age_s;
	assert_int_equal(utimensat(AT_FDCWD, p->path, times, 0), 0);
}

static void
is(const struct conf_file *conf, enum check_verdict verdict,
   enum check_cause cause, const char *detail)
{
	struct conf_check check = fixture_conf(CONF_CHECK_FILE);
	struct check_result r;

	check.file = *conf;
	r = fixture_once(&check, NULL);
	assert_string_equal(r.detail, detail);
	assert_int_equal(r.verdict, verdict);
	assert_int_equal(r.cause, cause);
}

static void
passes(const struct conf_file *conf)
{
	is(conf, CHECK_PASS, CHECK_CAUSE_OK, "");
}

static void
fails(const struct conf_file *conf, const char *detail)
{
	is(conf, CHECK_FAIL, CHECK_CAUSE_ANSWER, detail);
}

static void
presence_and_absence(void **state)
{
	const struct place *p = *state;
	struct conf_file present = {.path = p->path};
	struct conf_file absent = {.path = p->path, .state = CONF_FILE_ABSENT};
	struct conf_file below = {.path = "/dev/null/x"};

	fails(&present, "file does not exist");
	passes(&absent);
	fails(&below, "file does not exist");
	write_file(p, "", 0);
	passes(&present);
	fails(&absent, "file exists, expected it absent");
}

static void
an_old_file_fails(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->path, .max_age = dur_s(3600)};

	write_file(p, "", 60);
	passes(&conf);
	write_file(p, "", -60);
	passes(&conf);
	write_file(p, "", 2 * 86400);
	fails(&conf, "file was written 2 d ago, expected at most 1 h");
}

/* Seconds; wall clocks that show so much while `up` have passed. */
static int64_t
age_at(struct file_age *seen, int64_t written, int64_t wall, int64_t up)
{
	struct wall w = {written * 1000000000}, now = {wall * 1000000000};
	struct mono mono = {up * 1000000000};

	return file_age(seen, w, now, mono).ns / 1000000000;
}

/* Neither old because the clock was set, nor young for ever. */
static void
a_clock_that_is_set_does_not_age_a_file(void **state)
{
	struct file_age seen = {0};

	assert_int_equal(age_at(&seen, 9990, 10000, 100), 10);
	assert_int_equal(age_at(&seen, 9990, 10010, 110), 20);
	/* An hour on, an hour back. */
	assert_int_equal(age_at(&seen, 9990, 13620, 120), 30);
	assert_int_equal(age_at(&seen, 9990, 10030, 130), 40);
	/* Written behind the last look and before the clock was set. */
	assert_int_equal(age_at(&seen, 10035, 13640, 140), 10);
	assert_int_equal(age_at(&seen, 10035, 13650, 150), 20);
	assert_int_equal(age_at(&seen, 13655, 13660, 160), 5);
	/* Set back: what was written in the future grows old all the same. */
	assert_int_equal(age_at(&seen, 13665, 10070, 170), 0);
	assert_int_equal(age_at(&seen, 13665, 10100, 200), 30);
	/* An old file that was put in its place is old. */
	assert_int_equal(age_at(&seen, 5000, 10110, 210), 5110);
}

static void
times_beyond_all_limits(void **state)
{
	static const int64_t far = INT64_C(20000000000); /* 634 years */
	const struct place *p = *state;
	struct conf_check check = fixture_conf(CONF_CHECK_FILE);

	check.file =
	    (struct conf_file){.path = p->path, .max_age = dur_s(3600)};
	write_file(p, "", far);
	assert_int_equal(fixture_once(&check, NULL).verdict, CHECK_FAIL);
	write_file(p, "", -far);
	assert_int_equal(fixture_once(&check, NULL).verdict, CHECK_PASS);
}

static void
the_content_is_compared(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->path, .content = "up"};

	write_file(p, "up\n", 0);
	passes(&conf);
	write_file(p, "up", 0);
	passes(&conf);
	write_file(p, "up\n\n", 0);
	fails(&conf, "file says \"up\\x0a\\x0a\", expected \"up\"");
	write_file(p, "", 0);
	fails(&conf, "file says \"\", expected \"up\"");
}

static void
the_content_is_matched(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->path, .regex = "^load [0-4]$"};

	write_file(p, "site 1\nload 3\n", 0);
	passes(&conf);
	write_file(p, "load 7\n", 0);
	fails(&conf, "file says \"load 7\\x0a\", expected to match "
		     "\"^load [0-4]$\"");
}

static void
the_content_is_a_weight(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->path, .weight = true};
	static const char *const wrong[] = {"",   "101", "-1",    "1 0",
					    "5%", "\n",  "00100", "1e2"};
	char seen[16], detail[80];

	write_file(p, "100\n", 0);
	passes(&conf);
	write_file(p, "0", 0);
	fails(&conf, "file says weight 0 of 100");
	write_file(p, "99\n", 0);
	is(&conf, CHECK_DEGRADED, CHECK_CAUSE_ANSWER,
	   "file says weight 99 of 100");
	write_file(p, "1", 0);
	is(&conf, CHECK_DEGRADED, CHECK_CAUSE_ANSWER,
	   "file says weight 1 of 100");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		write_file(p, wrong[i], 0);
		text_escape(wrong[i], strlen(wrong[i]), seen, sizeof(seen));
		snprintf(detail, sizeof(detail),
			 "file says \"%s\", expected a weight from 0 to 100",
			 seen);
		fails(&conf, detail);
	}
}

static void
no_regular_file_has_content(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->path, .content = "up"};
	struct conf_file folder = {.path = p->folder};

	assert_int_equal(mkfifo(p->path, 0600), 0);
	fails(&conf, "is no regular file, expected content");
	passes(&folder);
}

static void
a_path_that_cannot_be_looked_at_is_unknown(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->path};

	assert_int_equal(symlink("flag", p->path), 0);
	is(&conf, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
	   "file cannot be looked at: too many levels of symbolic links");
}

static void
many_runs_leave_no_descriptor(void **state)
{
	const struct place *p = *state;
	struct conf_file conf = {.path = p->folder};
	size_t before;

	passes(&conf);
	before = fixture_descriptors();
	for (int i = 0; i < 50; i++)
		passes(&conf);
	/* A thread that has told its result may still be closing, then too. */
	for (int i = 0; i < 400 && fixture_descriptors() > before; i++)
		usleep(5000);
	assert_true(fixture_descriptors() <= before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(presence_and_absence),
	    TEST(an_old_file_fails),
	    TEST(a_clock_that_is_set_does_not_age_a_file),
	    TEST(times_beyond_all_limits),
	    TEST(the_content_is_compared),
	    TEST(the_content_is_matched),
	    TEST(the_content_is_a_weight),
	    TEST(no_regular_file_has_content),
	    TEST(a_path_that_cannot_be_looked_at_is_unknown),
	    TEST(many_runs_leave_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
