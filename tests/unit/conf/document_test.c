/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "conf/document.h"

/* Parses and expects the root, or NULL and exactly these messages. */
static void
parse_says(const char *text, size_t n, const char *expected)
{
	struct document d = {0};
	struct messages m = {0};
	struct text seen = {0};
	const yaml_node_t *root = document_parse(&d, text, n, &m);

	messages_write(&m, "f", &seen);
	assert_string_equal(text_str(&seen), expected);
	if (!expected[0])
		assert_non_null(root);
	text_free(&seen);
	messages_free(&m);
	document_free(&d);
}

static void
places_count_from_one(void **state)
{
	static const char text[] = "a: 1\nbb:\n  - x\n  -   y\n";
	struct document d = {0};
	struct messages m = {0};
	const yaml_node_t *root = document_parse(&d, text, strlen(text), &m);
	const yaml_node_t *list = document_find(&d, root, "bb");
	struct conf_place place;

	assert_int_equal(document_count(root), 2);
	assert_string_equal(document_text(document_key(&d, root, 1)), "bb");
	assert_int_equal(document_count(list), 2);
	place = document_place(document_item(&d, list, 1));
	assert_int_equal(place.line, 4);
	assert_int_equal(place.column, 7);
	assert_null(document_find(&d, root, "b"));
	assert_null(document_find(&d, list, "b"));
	assert_null(document_find(&d, NULL, "b"));
	messages_free(&m);
	document_free(&d);
}

static void
columns_count_characters(void **state)
{
	static const char text[] = "\xc3\xa4\xc3\xb6: {x: 1, x: 2}\n";

	parse_says(text, strlen(text),
		   "f:1:12: found \"x\" a second time (first on line 1), "
		   "expected every key once\n");
}

static void
null_has_three_forms(void **state)
{
	static const char text[] = "[~, null, '', 'null', x, ]\n";
	struct document d = {0};
	struct messages m = {0};
	const yaml_node_t *root = document_parse(&d, text, strlen(text), &m);

	assert_true(document_is_null(document_item(&d, root, 0)));
	assert_true(document_is_null(document_item(&d, root, 1)));
	assert_false(document_is_null(document_item(&d, root, 2)));
	assert_false(document_is_null(document_item(&d, root, 3)));
	assert_false(document_is_null(document_item(&d, root, 4)));
	assert_false(document_is_null(root));
	messages_free(&m);
	document_free(&d);
}

static void
byte_order_mark_is_skipped(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "a: 1\n";

	parse_says(text, strlen(text), "");
}

static void
utf16_is_refused(void **state)
{
	static const char text[] = "\xff\xfe"
				   "a\0:\0 \0\x31\0\n";

	parse_says(text, sizeof(text) - 1,
		   "f:1:1: found octets that are no UTF-8 text (invalid "
		   "leading UTF-8 octet), expected a text file\n");
}

static void
depth_is_bounded(void **state)
{
	struct text text = {0};

	for (int i = 0; i < 31; i++)
		text_add(&text, "[");
	text_add(&text, "x");
	for (int i = 0; i < 31; i++)
		text_add(&text, "]");
	text_add(&text, "\n");
	parse_says(text_str(&text), text.len, "");
	text_clear(&text);
	for (int i = 0; i < 1000000; i++)
		text_add(&text, "[");
	text_add(&text, "\n");
	parse_says(text_str(&text), text.len,
		   "f:1:33: found more than 32 levels of nesting, expected "
		   "fewer\n");
	text_free(&text);
}

static void
anchors_are_bounded(void **state)
{
	struct text text = {0};

	for (unsigned i = 0; i < 200000; i++)
		text_addf(&text, "- &a%u x\n", i);
	parse_says(text_str(&text), text.len,
		   "f:1001:3: found more than 1000 anchors (&name), expected "
		   "fewer\n");
	text_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(places_count_from_one),
	    cmocka_unit_test(columns_count_characters),
	    cmocka_unit_test(null_has_three_forms),
	    cmocka_unit_test(byte_order_mark_is_skipped),
	    cmocka_unit_test(utf16_is_refused),
	    cmocka_unit_test(depth_is_bounded),
	    cmocka_unit_test(anchors_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
