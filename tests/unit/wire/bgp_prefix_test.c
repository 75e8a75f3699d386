/* SPDX-License-Identifier: ISC */
#include "octets.h"

static const struct {
	uint8_t family;
	const char *octets, *text;
} lists[] = {
    {AF_INET, "", ""},
    {AF_INET, "00", "0.0.0.0/0"},
    {AF_INET, "18 c00002 20 c0000235 0f c001",
     "192.0.2.0/24 192.0.2.53/32 192.0.0.0/15"},
    /* RFC 4271 section 4.3: bits behind the prefix are of no matter. */
    {AF_INET, "11 c00055", "192.0.0.0/17"},
    {AF_INET, "01 ff 07 ff", "128.0.0.0/1 254.0.0.0/7"},
    {AF_INET6, "00 20 20010db8", "::/0 2001:db8::/32"},
    {AF_INET6, "80 20010db8000000000000000000000001", "2001:db8::1/128"},
    {AF_INET6, "7f 20010db800000000000000000000ffff", "2001:db8::fffe/127"},
};

static void
lists_are_walked(void **state)
{
	for (size_t i = 0; i < COUNT(lists); i++) {
		uint8_t buf[OCTETS_MAX];
		size_t n = octets_of(lists[i].octets, buf);
		char text[256];

		assert_string_equal(prefixes_text(rbuf_of(buf, n),
						  lists[i].family, text,
						  sizeof(text)),
				    lists[i].text);
	}
}

/* Unused octets are zero, so that prefixes compare as plain values. */
static void
prefixes_are_plain_values(void **state)
{
	static const uint8_t octets[] = {0x18, 192, 0, 2};
	struct rbuf list = rbuf_of(octets, sizeof(octets));
	struct prefix p, want = prefix_of("192.0.2.0/24");

	memset(&p, 0xff, sizeof(p));
	assert_true(bgp_next_prefix(&list, AF_INET, &p));
	assert_memory_equal(&p, &want, sizeof(p));
	assert_false(bgp_next_prefix(&list, AF_INET, &p));
	assert_false(list.bad);
}

/* A list nobody checked never leads beyond its octets. */
static void
unchecked_lists_end(void **state)
{
	static const uint8_t octets[] = {0x18, 192, 0, 0xff, 1, 2, 3};
	struct rbuf none = {0}, list = rbuf_of(octets, 3);
	struct prefix p;

	assert_false(bgp_next_prefix(&none, AF_INET, &p));
	assert_false(bgp_next_prefix(&list, AF_INET, &p));
	list = rbuf_of(octets + 3, 4);
	assert_false(bgp_next_prefix(&list, AF_INET6, &p));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_are_walked),
	    cmocka_unit_test(prefixes_are_plain_values),
	    cmocka_unit_test(unchecked_lists_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
