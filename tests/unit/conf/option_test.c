/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "conf/option.h"

static void
durations_are_written_as_one_writes_them(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
	    {0, "0s"},
	    {1000000, "1ms"},
	    {1500000000, "1500ms"},
	    {90000000000, "90s"},
	    {60000000000, "1m"},
	    {INT64_C(3600000000000), "1h"},
	    {INT64_C(86400000000000), "1d"},
	    {5000, "5us"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct text text = {0};
		struct dur back;

		option_duration_text(cases[i].ns, &text);
		assert_string_equal(text_str(&text), cases[i].text);
		assert_int_equal(dur_parse(text_str(&text), &back), 0);
		assert_int_equal(back.ns, cases[i].ns);
		text_free(&text);
	}
}

struct seen {
	size_t n, required;
	bool port, expiry;
};

static void
look(void *arg, const struct conf_option *o)
{
	struct seen *seen = arg;

	seen->n++;
	seen->required += o->required;
	assert_true(strlen(o->key) > 0 && strlen(o->type) > 0);
	assert_true(strlen(o->help) > 0);
	if (strcmp(o->section, "peers.NAME") == 0 &&
	    strcmp(o->key, "port") == 0) {
		seen->port = true;
		assert_string_equal(o->type, "number, 1 to 65535");
		assert_string_equal(o->standard, "179");
		assert_false(o->required);
	}
	if (strcmp(o->section, "services.NAME.checks[].http.tls") == 0 &&
	    strcmp(o->key, "expiry") == 0) {
		seen->expiry = true;
		assert_string_equal(o->type, "duration, 0s to 3650d");
	}
}

static void
the_walk_sees_every_section(void **state)
{
	struct seen seen = {0};

	conf_options_walk(look, &seen);
	assert_true(seen.n > 100);
	assert_true(seen.required >= 10);
	assert_true(seen.port && seen.expiry);
}

static void
check_section(const struct section *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct option *o = &s->options[i];

		assert_non_null(o->type->parse);
		assert_non_null(o->type->equal);
		/* Nothing is both required and has a default. */
		assert_false(o->required && (o->standard || o->absent));
		if (o->type->form == OPTION_CHOICE)
			assert_non_null(o->choices);
		if (o->type->form == OPTION_NUMBER ||
		    o->type->form == OPTION_DURATION)
			assert_true(o->low < o->high);
		if (o->type->form == OPTION_TEXT)
			assert_non_null(o->type->schema);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(o->key, s->options[k].key);
		if (o->section)
			check_section(o->section);
	}
}

static void
tables_are_sound(void **state)
{
	check_section(&section_root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(durations_are_written_as_one_writes_them),
	    cmocka_unit_test(the_walk_sees_every_section),
	    cmocka_unit_test(tables_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
