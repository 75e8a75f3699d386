/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

/* One line as it is written; the static buffer is good until the next. */
static const char *
line_of(enum log_format format, const char *subject, const char *message)
{
	static char line[512];
	struct log log = {.fd = memfd_create("log", 0),
			  .format = format,
			  .level = LOG_LEVEL_INFO,
			  .program = "test"};
	ssize_t n;

	log_line(&log, LOG_LEVEL_WARNING, subject, "%s", message);
	n = pread(log.fd, line, sizeof(line) - 1, 0);
	assert_true(n >= 0);
	line[n] = '\0';
	close(log.fd);
	return line;
}

static void
json_stays_json(void **state)
{
	const char *line = line_of(LOG_FORMAT_JSON, "p\n\"q\"",
				   "a\\b\x1b[31m\nc \xff \xc3\xa9");

	assert_non_null(strstr(line, "\"subject\":\"p?\\\"q\\\"\""));
	assert_non_null(strstr(line, "\"message\":\"a\\\\b?[31m?c ? ??\"}\n"));
	line = line_of(LOG_FORMAT_JSON, "p", "caf\xc3\xa9");
	assert_non_null(strstr(line, "\"caf\xc3\xa9\"}"));
}

static void
a_line_stays_one_line(void **state)
{
	const char *line = line_of(LOG_FORMAT_JOURNAL, "p\nx", "a\n<0>b");

	assert_string_equal(line, "<4>p?x: a?<0>b\n");
	line = line_of(LOG_FORMAT_TERMINAL, "p\033x", "a\rb");
	assert_non_null(strstr(line, "warning p?x: a?b\n"));
}

static void
less_urgent_lines_are_dropped(void **state)
{
	struct log log = {.fd = memfd_create("log", 0),
			  .level = LOG_LEVEL_WARNING};

	log_info(&log, "p", "not this");
	assert_int_equal(lseek(log.fd, 0, SEEK_END), 0);
	log_line(NULL, LOG_LEVEL_ERROR, "p", "nor this");
	close(log.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_stays_json),
	    cmocka_unit_test(a_line_stays_one_line),
	    cmocka_unit_test(less_urgent_lines_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
