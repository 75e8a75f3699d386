/* SPDX-License-Identifier: ISC */
#include "loading.h"

#include "base/text.h"

static struct conf *
load_prefix(const char *options)
{
	struct text text = {0};
	struct conf *conf;

	text_addf(&text,
		  NODE "services: {a: {addresses: 192.0.2.80}, b: {}}\n"
		       "prefixes: {192.0.2.0/24: {%s}}\n"
		       "peers: {up: {address: 198.51.100.254, asn: 64500}}\n",
		  options);
	conf = load_fine(text_str(&text));
	text_free(&text);
	return conf;
}

static void
options_are_read(void **state)
{
	struct conf *c = load_prefix(
	    "services: [b, a], require: 2, hold_down: 2m, scope: local, "
	    "blackhole: no, origin_asn: 64999, origin: incomplete, "
	    "communities: [no-export, '65000:1:2']");
	const struct conf_prefix *p = &c->prefixes[0];
	char text[PREFIX_TEXT_MAX];

	assert_string_equal(prefix_format(&p->prefix, text, sizeof(text)),
			    "192.0.2.0/24");
	assert_int_equal(p->place.line, 3);
	assert_int_equal(p->n_services, 2);
	assert_string_equal(c->services[p->services[0]].name, "b");
	assert_int_equal(p->require.mode, CONF_REQUIRE_COUNT);
	assert_int_equal(p->require.count, 2);
	assert_int_equal(p->hold_down.ns, dur_s(120).ns);
	assert_int_equal(p->scope, CONF_SCOPE_LOCAL);
	assert_false(p->blackhole);
	assert_int_equal(p->origin_asn, 64999);
	assert_int_equal(p->origin, CONF_ORIGIN_INCOMPLETE);
	assert_int_equal(p->communities.n_standard, 1);
	assert_int_equal(p->communities.standard[0], 0xffffff01);
	assert_int_equal(p->communities.n_large, 1);
	conf_free(c);
}

static void
defaults_are_safe(void **state)
{
	struct conf *c = load_prefix("services: [a, b]");
	const struct conf_prefix *p = &c->prefixes[0];

	assert_int_equal(p->require.mode, CONF_REQUIRE_ALL);
	assert_int_equal(p->hold_down.ns, 0);
	assert_int_equal(p->damping.suppress, 0);
	assert_int_equal(p->ladder_hold.ns, dur_s(10).ns);
	assert_int_equal(p->scope, CONF_SCOPE_GLOBAL);
	assert_true(p->blackhole);
	assert_int_equal(p->origin, CONF_ORIGIN_IGP);
	assert_int_equal(p->communities.n_standard, 0);
	conf_free(c);
}

static void
expect_damping(const char *options, unsigned suppress, unsigned reuse,
	       int64_t half_life, int64_t max_suppress)
{
	struct conf *c = load_prefix(options);
	const struct conf_damping *d = &c->prefixes[0].damping;

	assert_int_equal(d->suppress, suppress);
	if (suppress > 0) {
		assert_int_equal(d->reuse, reuse);
		assert_int_equal(d->half_life.ns, dur_s(half_life).ns);
		assert_int_equal(d->max_suppress.ns, dur_s(max_suppress).ns);
	}
	conf_free(c);
}

static void
damping_is_on_off_or_a_map(void **state)
{
	expect_damping("services: a, damping: on", 2000, 750, 900, 3600);
	expect_damping("services: a, damping: true", 2000, 750, 900, 3600);
	expect_damping("services: a, damping: off", 0, 0, 0, 0);
	expect_damping("services: a, damping: {}", 2000, 750, 900, 3600);
	expect_damping("services: a, damping: {suppress: 6000, reuse: 1500, "
		       "half_life: 10m, max_suppress: 2h}",
		       6000, 1500, 600, 7200);
}

static void
a_change_of_damping_is_a_difference(void **state)
{
	static const char *const options[] = {
	    "services: a, damping: off",
	    "services: a, damping: on",
	    "services: a, damping: {half_life: 10m}",
	    "services: a, ladder_hold: 20s",
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		for (size_t j = 0; j < ARRAY_LEN(options); j++) {
			struct conf *a = load_prefix(options[i]);
			struct conf *b = load_prefix(options[j]);
			struct conf_diff diff;

			conf_diff(a, b, &diff);
			assert_int_equal(diff.n, i != j);
			conf_diff_free(&diff);
			conf_free(a);
			conf_free(b);
		}
}

static void
many_equal_mistakes_end(void **state)
{
	struct text text = {0}, messages = {0};
	struct conf *conf;

	text_add(&text, NODE SERVICES "prefixes:\n");
	for (unsigned i = 0; i < 2000; i++)
		text_addf(&text, "  10.%u.%u.0/24: {services: wep}\n", i / 256,
			  i % 256);
	text_add(&text, PEERS);
	assert_int_equal(
	    conf_load_text("f", text_str(&text), text.len, &conf, &messages),
	    -EINVAL);
	assert_non_null(strstr(text_str(&messages),
			       "f: 1500 more messages are not shown\n"));
	text_free(&text);
	text_free(&messages);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(options_are_read),
	    cmocka_unit_test(defaults_are_safe),
	    cmocka_unit_test(damping_is_on_off_or_a_map),
	    cmocka_unit_test(a_change_of_damping_is_a_difference),
	    cmocka_unit_test(many_equal_mistakes_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
