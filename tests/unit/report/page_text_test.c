/* SPDX-License-Identifier: ISC */
/* Numbers and foreign text on the page. */
#include "../test.h"

#include <string.h>

#include "report/page.h"

#define THIN  "\xe2\x80\xaf"
#define MINUS "\xe2\x88\x92"

static void
foreign_text_opens_and_closes_nothing(void **state)
{
	struct text t = {0};

	(void)state;
	page_escape(&t, "<a href=\"x\" b='y'>&amp;\n\x7f\xc3\xa9");
	assert_string_equal(text_str(&t),
			    "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;"
			    "&amp;amp;  \xc3\xa9");
	text_free(&t);
}

static void
numbers_are_grouped_and_shortened(void **state)
{
	static const struct {
		double v;
		int places;
		const char *text;
	} cases[] = {
	    {0, 0, "0"},
	    {0.25, 2, "0.25"},
	    {999.4, 0, "999"},
	    {1234, 2, "1234"},
	    {78643, 0, "78" THIN "643"},
	    {-12345, 0, MINUS "12" THIN "345"},
	    {999999, 0, "999" THIN "999"},
	    {3210000, 0, "3.21" THIN "M"},
	    {3.02e9, 0, "3.02" THIN "bn"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct page p = {0};

		page_number(&p, cases[i].v, cases[i].places);
		assert_string_equal(text_str(&p.out), cases[i].text);
		text_free(&p.out);
	}
}

static void
what_is_little_is_not_nothing(void **state)
{
	static const struct {
		double share;
		const char *text;
	} cases[] = {
	    {0, "0.0" THIN "%"},      {0.0001, "&lt;" THIN "0.1" THIN "%"},
	    {0.0006, "0.1" THIN "%"}, {0.462, "46.2" THIN "%"},
	    {1, "100.0" THIN "%"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct page p = {0};

		page_percent(&p, cases[i].share);
		assert_string_equal(text_str(&p.out), cases[i].text);
		text_free(&p.out);
	}
}

static void
weights_say_their_unit(void **state)
{
	struct page ases = {.unit = "ASes"};
	struct page load = {.unit = "<units>", .weighed = true};

	(void)state;
	page_weight(&ases, 1);
	page_weight(&load, 2.5);
	assert_string_equal(text_str(&ases.out), "1 AS");
	assert_string_equal(text_str(&load.out), "2.5 &lt;units&gt;");
	text_free(&ases.out);
	text_free(&load.out);
}

static void
colours_are_those_of_sites(void **state)
{
	json_t *sites = json_array();
	json_t *report = json_pack("{s:{s:o}}", "base", "sites", sites);
	struct page p = {.report = report};
	char name[16], buf[16];

	(void)state;
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		json_array_append_new(sites, json_pack("{s:s}", "name", name));
	}
	assert_string_equal(page_colour(&p, "s3", buf), "c3");
	assert_string_equal(page_colour(&p, "s11", buf), "c1");
	assert_string_equal(page_colour(&p, "(unreached)", buf), "c-none");
	assert_string_equal(page_colour(&p, "AS666", buf), "c-bad");
	json_decref(report);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(foreign_text_opens_and_closes_nothing),
	    cmocka_unit_test(numbers_are_grouped_and_shortened),
	    cmocka_unit_test(what_is_little_is_not_nothing),
	    cmocka_unit_test(weights_say_their_unit),
	    cmocka_unit_test(colours_are_those_of_sites),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
