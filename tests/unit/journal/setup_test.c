/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "journal/journal.h"

/* Written and read again. */
static struct journal_day *
again(struct journal_setup *setup)
{
	struct journal_record *r = journal_record_new(1 << 20);
	struct text all = {0}, text, why = {0};
	struct journal_day *day;

	journal_file_header(&all);
	journal_record_start(r, "one", "0", (struct mono){0}, (struct wall){0});
	journal_record_configuration(r, setup, (struct mono){0});
	text = journal_record_take(r);
	text_add(&all, text_str(&text));
	if (journal_read_text("x", text_str(&all), all.len, &day, &why) != 0)
		fail_msg("%s", text_str(&why));
	text_free(&all);
	text_free(&text);
	journal_record_free(r);
	return day;
}

/*
 * Every octet of the settings is 1, which is a number, a time and true: one
 * that the journal does not know of comes back as 0, as padding does.
 */
static void
expect_ones(const void *settings, size_t n, size_t padding)
{
	const unsigned char *octets = settings;
	size_t zeros = 0;

	for (size_t i = 0; i < n; i++)
		zeros += octets[i] != 1;
	assert_int_equal(zeros, padding);
}

static void
no_setting_is_forgotten(void **state)
{
	struct journal_setup *s = xcalloc(1, sizeof(*s));
	struct journal_day *day;
	const struct journal_setup *read;

	s->n_services = s->n_checks = s->n_prefixes = 1;
	s->services = xcalloc(1, sizeof(*s->services));
	s->checks = xcalloc(1, sizeof(*s->checks));
	s->prefixes = xcalloc(1, sizeof(*s->prefixes));
	memset(&s->services[0].s, 1, sizeof(s->services[0].s));
	memset(&s->checks[0].s, 1, sizeof(s->checks[0].s));
	memset(&s->prefixes[0].s, 1, sizeof(s->prefixes[0].s));
	s->prefixes[0].s.damping.reuse = 1;
	s->services[0].name = s->checks[0].name = s->prefixes[0].name = "a";
	day = again(s);
	read = day->v[2].setup;
	assert_int_equal(read->prefixes[0].s.damping.reuse, 1);
	expect_ones(&read->services[0].s, sizeof(read->services[0].s), 4);
	expect_ones(&read->checks[0].s, sizeof(read->checks[0].s), 6);
	/* reuse must be below suppress: three octets of it are 0. */
	((struct journal_setup *)(uintptr_t)read)->prefixes[0].s.damping.reuse =
	    0x01010101;
	expect_ones(&read->prefixes[0].s, sizeof(read->prefixes[0].s), 11);
	journal_day_free(day);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(no_setting_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
