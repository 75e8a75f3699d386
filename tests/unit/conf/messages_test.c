/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "conf/messages.h"

static void
written(struct messages *m, const char *expected)
{
	struct text seen = {0};

	messages_write(m, "f", &seen);
	assert_string_equal(text_str(&seen), expected);
	text_free(&seen);
	messages_free(m);
}

static void
order_is_that_of_the_file(void **state)
{
	struct messages m = {0};

	messages_add(&m, (struct conf_place){9, 1}, false, "nine");
	messages_add(&m, (struct conf_place){2, 7}, false, "two %d", 7);
	messages_add(&m, (struct conf_place){2, 3}, false, "first of two");
	messages_add(&m, (struct conf_place){2, 3}, false, "second of two");
	messages_add(&m, (struct conf_place){0, 0}, false, "whole file");
	assert_int_equal(m.errors, 5);
	written(&m, "f: whole file\n"
		    "f:2:3: first of two\n"
		    "f:2:3: second of two\n"
		    "f:2:7: two 7\n"
		    "f:9:1: nine\n");
}

static void
the_same_is_said_once(void **state)
{
	struct messages m = {0};

	messages_add(&m, (struct conf_place){1, 1}, false, "x");
	messages_add(&m, (struct conf_place){1, 1}, false, "x");
	messages_add(&m, (struct conf_place){1, 2}, false, "x");
	written(&m, "f:1:1: x\nf:1:2: x\n");
}

static void
warnings_hide_behind_errors(void **state)
{
	struct messages m = {0};

	messages_add(&m, (struct conf_place){1, 1}, true, "careful");
	assert_int_equal(m.errors, 0);
	written(&m, "f:1:1: warning: careful\n");
	messages_add(&m, (struct conf_place){1, 1}, true, "careful");
	messages_add(&m, (struct conf_place){2, 1}, false, "wrong");
	written(&m, "f:2:1: wrong\n");
}

static void
there_is_an_end(void **state)
{
	struct messages m = {0};
	struct text seen = {0};
	size_t lines = 0;

	for (unsigned i = 1; i <= 100000; i++)
		messages_add(&m, (struct conf_place){i, 1}, false, "again");
	messages_write(&m, "f", &seen);
	for (size_t i = 0; i < seen.len; i++)
		lines += seen.s[i] == '\n';
	assert_int_equal(lines, 501);
	assert_non_null(
	    strstr(text_str(&seen), "f: 99500 more messages are not shown\n"));
	text_free(&seen);
	messages_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_is_that_of_the_file),
	    cmocka_unit_test(the_same_is_said_once),
	    cmocka_unit_test(warnings_hide_behind_errors),
	    cmocka_unit_test(there_is_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
