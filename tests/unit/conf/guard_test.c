/* SPDX-License-Identifier: ISC */
#include "loading.h"

/* A tree with so many prefixes, services and peers, counted from 1. */
static struct conf *
tree(unsigned prefixes, unsigned services, unsigned peers)
{
	struct text t = {0};
	struct conf *conf;

	text_add(&t, NODE "services:\n");
	for (unsigned i = 1; i <= services; i++)
		text_addf(&t, "  s%u: {addresses: 10.0.0.%u}\n", i, i);
	text_add(&t, "prefixes:\n  10.0.0.0/24: {services: [s1");
	for (unsigned i = 2; i <= services; i++)
		text_addf(&t, ", s%u", i);
	text_add(&t, "]}\n");
	for (unsigned i = 2; i <= prefixes; i++)
		text_addf(&t, "  10.0.%u.0/24: {services: s1}\n", i);
	text_add(&t, "peers:\n");
	for (unsigned i = 1; i <= peers; i++)
		text_addf(&t, "  p%u: {address: 198.51.100.%u, asn: 1}\n", i,
			  i + 1);
	conf = load_fine(text_str(&t));
	text_free(&t);
	return conf;
}

static void
guard_says(struct conf *before, struct conf *after, const char *expected)
{
	struct text why = {0};
	int err = conf_guard_removal(before, after, &why);

	assert_int_equal(err, expected[0] ? -EPERM : 0);
	assert_string_equal(text_str(&why), expected);
	text_free(&why);
	conf_free(before);
	conf_free(after);
}

static void
half_may_go(void **state)
{
	guard_says(tree(4, 4, 4), tree(4, 4, 4), "");
	guard_says(tree(4, 4, 4), tree(2, 2, 2), "");
	guard_says(tree(1, 1, 1), tree(9, 9, 9), "");
}

static void
more_than_half_may_not(void **state)
{
	guard_says(tree(5, 1, 1), tree(2, 1, 1),
		   "test.yaml: the new configuration would remove 3 of 5 "
		   "prefixes, expected at most half of them: --allow-removal "
		   "does it all the same");
	guard_says(tree(1, 3, 1), tree(1, 1, 1),
		   "test.yaml: the new configuration would remove 2 of 3 "
		   "services, expected at most half of them: --allow-removal "
		   "does it all the same");
	guard_says(tree(1, 1, 7), tree(1, 1, 3),
		   "test.yaml: the new configuration would remove 4 of 7 "
		   "peers, expected at most half of them: --allow-removal does "
		   "it all the same");
}

static void
a_renamed_only_item_is_a_removal(void **state)
{
	guard_says(load_fine(NODE SERVICES PREFIXES PEERS),
		   load_fine(NODE SERVICES PREFIXES
			     "peers:\n"
			     "  renamed: {address: 198.51.100.254, "
			     "asn: 64500, next_hop: '2001:db8:1::1'}\n"),
		   "test.yaml: the new configuration would remove 1 of 1 "
		   "peers, expected at most half of them: --allow-removal does "
		   "it all the same");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(half_may_go),
	    cmocka_unit_test(more_than_half_may_not),
	    cmocka_unit_test(a_renamed_only_item_is_a_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
