/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"

static const char *const headings[] = {"NAME", ">COUNT", "WHY", NULL};

/* Prints and compares. */
static void
expect(struct table *t, bool colour, const char *text)
{
	char *out;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	table_print(t, f, colour);
	fclose(f);
	assert_string_equal(out, text);
	free(out);
}

static void
columns_are_as_wide_as_needed(void **state)
{
	struct table *t = table_new(headings);

	table_cell(t, TABLE_PLAIN, "a");
	table_cell(t, TABLE_PLAIN, "%d", 7);
	table_cell(t, TABLE_PLAIN, "short");
	table_cell(t, TABLE_PLAIN, "longer name");
	table_cell(t, TABLE_PLAIN, "%d", 123456);
	table_cell(t, TABLE_PLAIN, "%s", "");
	assert_int_equal(table_rows(t), 2);
	expect(t, false,
	       "NAME          COUNT  WHY\n"
	       "a                 7  short\n"
	       "longer name  123456  \n");
}

static void
letters_beyond_ascii_count_once(void **state)
{
	struct table *t = table_new(headings);

	table_cell(t, TABLE_PLAIN, "Z\xc3\xbcrich");
	table_cell(t, TABLE_PLAIN, "1");
	table_cell(t, TABLE_PLAIN, "x");
	table_cell(t, TABLE_PLAIN, "London");
	table_cell(t, TABLE_PLAIN, "2");
	table_cell(t, TABLE_PLAIN, "y");
	expect(t, false,
	       "NAME    COUNT  WHY\n"
	       "Z\xc3\xbcrich      1  x\n"
	       "London      2  y\n");
}

static void
colours_do_not_move_columns(void **state)
{
	struct table *t = table_new(headings);

	table_cell(t, TABLE_BAD, "down");
	table_cell(t, TABLE_PLAIN, "1");
	table_cell(t, TABLE_PLAIN, "x");
	expect(t, true,
	       "\033[2mNAME\033[0m  \033[2mCOUNT\033[0m  \033[2mWHY\033[0m\n"
	       "\033[31mdown\033[0m      1  x\n");
}

static void
foreign_octets_move_nothing(void **state)
{
	struct table *t = table_new(headings);

	table_cell(t, TABLE_PLAIN, "a\033[2Jb");
	table_cell(t, TABLE_PLAIN, "\n");
	table_cell(t, TABLE_PLAIN, "\xff\xc2\x9b");
	expect(t, false,
	       "NAME    COUNT  WHY\n"
	       "a?[2Jb      ?  ???\n");
}

static void
lines_end_where_they_end_and_nothing_else_moves(void **state)
{
	char *out;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	table_say_lines(f, "one\n\ttwo\033[2J\r\n");
	fclose(f);
	assert_string_equal(out, "one\n?two?[2J?\n");
	free(out);
}

static void
an_empty_table_is_its_headings(void **state)
{
	expect(table_new(headings), false, "NAME  COUNT  WHY\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_are_as_wide_as_needed),
	    cmocka_unit_test(letters_beyond_ascii_count_once),
	    cmocka_unit_test(colours_do_not_move_columns),
	    cmocka_unit_test(foreign_octets_move_nothing),
	    cmocka_unit_test(lines_end_where_they_end_and_nothing_else_moves),
	    cmocka_unit_test(an_empty_table_is_its_headings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
