/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "base/text.h"

static void
foreign_octets_are_escaped(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
	    {"plain", "plain"},
	    {"a\nb", "a\\x0ab"},
	    {"\x1b[31m", "\\x1b[31m"},
	    {"say \"no\"", "say \\x22no\\x22"},
	    {"back\\slash", "back\\x5cslash"},
	    {"Z\xc3\xbcrich", "Z\xc3\xbcrich"},
	    {"\xff\xfe", "\\xff\\xfe"},
	    {"\xc2\x9b", "\\xc2\\x9b"}, /* C1 control sequence introducer */
	    {"\xe2\x80\xae", "\\xe2\\x80\\xae"}, /* right-to-left override */
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80"}, /* surrogate */
	};
	char buf[64];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(text_escape(cases[i].in,
						strlen(cases[i].in), buf,
						sizeof(buf)),
				    cases[i].out);
}

static void
escaping_cuts_within_the_buffer(void **state)
{
	char in[300], buf[32];

	memset(in, 1, sizeof(in));
	text_escape(in, sizeof(in), buf, sizeof(buf));
	assert_true(strlen(buf) < sizeof(buf));
	assert_string_equal(buf + strlen(buf) - 3, "...");
}

static void
nearest_word_is_a_likely_slip(void **state)
{
	static const char *const names[] = {"interval", "timeout", "rise",
					    "fall", NULL};

	assert_string_equal(text_nearest("intervall", names), "interval");
	assert_string_equal(text_nearest("time_out", names), "timeout");
	assert_string_equal(text_nearest("rize", names), "rise");
	assert_null(text_nearest("certificate", names));
}

static void
swapped_letters_are_one_slip(void **state)
{
	static const char *const names[] = {"bgp", "log", NULL};

	assert_string_equal(text_nearest("lgo", names), "log");
	assert_string_equal(text_nearest("bpg", names), "bgp");
}

static void
strings_grow(void **state)
{
	struct text t = {0};

	assert_string_equal(text_str(&t), "");
	for (int i = 0; i < 1000; i++)
		text_addf(&t, "%d,", i);
	assert_int_equal(t.len, strlen(t.s));
	assert_int_equal(strncmp(t.s, "0,1,2,", 6), 0);
	text_clear(&t);
	assert_string_equal(text_str(&t), "");
	text_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(foreign_octets_are_escaped),
	    cmocka_unit_test(escaping_cuts_within_the_buffer),
	    cmocka_unit_test(nearest_word_is_a_likely_slip),
	    cmocka_unit_test(swapped_letters_are_one_slip),
	    cmocka_unit_test(strings_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
