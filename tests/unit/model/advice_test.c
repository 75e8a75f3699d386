/* SPDX-License-Identifier: ISC */
#include "loading.h"

static void
the_warning_is_one_line(void **state)
{
	struct conf *conf = load(CHECKED, "services: web");
	struct text out = {0};

	assert_true(model_advise(conf, &out));
	assert_string_equal(
	    text_str(&out),
	    "t:3:12: warning: prefixes.192.0.2.0/24: routers far away may "
	    "suppress what flaps as fast as this lets it: vendors' damping "
	    "(RFC 2439) after 2 withdrawals in 7 s, RFC 7196's after 4 "
	    "withdrawals in 15 s; \"damping: {suppress: 1000, reuse: 500}\" "
	    "prevents that\n");
	text_free(&out);
	conf_free(conf);
}

static void
all_prefixes_share_it(void **state)
{
	struct conf *conf =
	    load(CHECKED, "services: web}, 10.0.0.0/24: {services: web}, "
			  "10.0.1.0/24: {services: web, hold_down: 1h");
	struct text out = {0};

	assert_true(model_advise(conf, &out));
	assert_non_null(
	    strstr(text_str(&out), "prefixes.192.0.2.0/24 and 1 more:"));
	assert_ptr_equal(strchr(text_str(&out), '\n'),
			 text_str(&out) + out.len - 1);
	text_free(&out);
	conf_free(conf);
}

/* What it names is between quotes: an option of the prefix. */
static void
cut_cure(const struct text *out, char *buf, size_t size)
{
	const char *from = strchr(text_str(out), '"');
	const char *to = from ? strchr(from + 1, '"') : NULL;

	assert_non_null(to);
	assert_true((size_t)(to - from) < size);
	memcpy(buf, from + 1, (size_t)(to - from - 1));
	buf[to - from - 1] = '\0';
}

/* Put into the file the cure silences the warning: it has been played. */
static void
assert_cured(const char *services, const char *prefix)
{
	struct conf *conf = load(services, prefix);
	struct text out = {0}, cured = {0};
	char cure[100];

	assert_true(model_advise(conf, &out));
	cut_cure(&out, cure, sizeof(cure));
	conf_free(conf);
	text_addf(&cured, "%s, %s", prefix, cure);
	conf = load(services, text_str(&cured));
	text_free(&out);
	if (model_advise(conf, &out))
		fail_msg("%s: %s", text_str(&cured), text_str(&out));
	text_free(&cured);
	text_free(&out);
	conf_free(conf);
}

static void
the_cure_cures(void **state)
{
	static const char *const services[] = {CHECKED, SLOW, WATCHED};

	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		assert_cured(services[i], "services: web");
	assert_cured(CHECKED, "services: web, hold_down: 30s");
	assert_cured(CHECKED, "services: web, hold_down: 10m");
	assert_cured(CHECKED ", dns: {addresses: 192.0.2.53, watch: udp/53}",
		     "services: [web, dns]");
}

static void
nothing_is_said_of_what_cannot_flap(void **state)
{
	struct conf *conf = load(UNCHECKED, "services: web");
	struct text out = {0};

	assert_false(model_advise(conf, &out));
	assert_int_equal(out.len, 0);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_warning_is_one_line),
	    cmocka_unit_test(all_prefixes_share_it),
	    cmocka_unit_test(the_cure_cures),
	    cmocka_unit_test(nothing_is_said_of_what_cannot_flap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
