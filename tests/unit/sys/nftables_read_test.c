/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "sys/nftables_read.h"

struct seen {
	struct sys_counter v[8];
	size_t n;
};

static void
take(void *arg, const struct sys_counter *c)
{
	struct seen *seen = arg;

	assert_true(seen->n < 8);
	seen->v[seen->n++] = *c;
}

/* A copy in memory of its own size: a read behind its end is seen. */
static void
parse(const struct nlmsghdr *h, struct seen *seen)
{
	struct nlmsghdr *copy = malloc(h->nlmsg_len);

	assert_non_null(copy);
	memcpy(copy, h, h->nlmsg_len);
	memset(seen, 0, sizeof(*seen));
	nftables_parse(copy, take, seen);
	free(copy);
}

static struct nlmsghdr *
begin(char *buf, uint16_t type)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	mnl_nlmsg_put_extra_header(h, sizeof(struct nfgenmsg));
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, "basin");
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, "addresses4");
	return h;
}

static void
put_key(struct nlmsghdr *h, const void *octets, size_t n)
{
	struct nlattr *key = mnl_attr_nest_start(h, NFTA_SET_ELEM_KEY);

	mnl_attr_put(h, NFTA_DATA_VALUE, n, octets);
	mnl_attr_nest_end(h, key);
}

static void
put_counter(struct nlmsghdr *h, uint64_t packets, uint64_t octets)
{
	struct nlattr *expr = mnl_attr_nest_start(h, NFTA_SET_ELEM_EXPR), *data;

	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "counter");
	data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_put_u64(h, NFTA_COUNTER_BYTES, htobe64(octets));
	mnl_attr_put_u64(h, NFTA_COUNTER_PACKETS, htobe64(packets));
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, expr);
}

static void
addresses_and_counts_are_read(void **state)
{
	char buf[1024] = {0};
	struct nlmsghdr *h = begin(buf, NFT_MSG_NEWSETELEM);
	struct nlattr *list =
	    mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct ip v4 = ip_of("192.0.2.53"), v6 = ip_of("2001:db8::53");
	struct nlattr *element = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	struct seen seen;

	put_key(h, v4.bytes, 4);
	put_counter(h, 7, 420);
	mnl_attr_nest_end(h, element);
	element = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	put_counter(h, UINT64_MAX, 1);
	put_key(h, v6.bytes, 16);
	mnl_attr_nest_end(h, element);
	mnl_attr_nest_end(h, list);
	parse(h, &seen);
	assert_int_equal(seen.n, 2);
	assert_true(ip_equal(&seen.v[0].ip, &v4));
	assert_int_equal(seen.v[0].packets, 7);
	assert_int_equal(seen.v[0].octets, 420);
	assert_true(ip_equal(&seen.v[1].ip, &v6));
	assert_true(seen.v[1].packets == UINT64_MAX);
	h->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSET;
	parse(h, &seen);
	assert_int_equal(seen.n, 0);
}

static size_t
counters_of(size_t key_octets, bool counted)
{
	static const uint8_t octets[20] = {192, 0, 2, 53};
	char buf[1024] = {0};
	struct nlmsghdr *h = begin(buf, NFT_MSG_NEWSETELEM);
	struct nlattr *list =
	    mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct nlattr *element = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	struct seen seen;

	if (key_octets > 0)
		put_key(h, octets, key_octets);
	if (counted)
		put_counter(h, 1, 2);
	mnl_attr_nest_end(h, element);
	mnl_attr_nest_end(h, list);
	parse(h, &seen);
	return seen.n;
}

static void
what_is_not_both_is_passed_over(void **state)
{
	assert_int_equal(counters_of(4, true), 1);
	assert_int_equal(counters_of(16, true), 1);
	assert_int_equal(counters_of(0, true), 0);
	assert_int_equal(counters_of(3, true), 0);
	assert_int_equal(counters_of(20, true), 0);
	assert_int_equal(counters_of(4, false), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_and_counts_are_read),
	    cmocka_unit_test(what_is_not_both_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
