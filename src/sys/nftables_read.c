/* SPDX-License-Identifier: ISC */
#include "sys/nftables_read.h"

#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

static bool
read_key(const struct nlattr *key, struct ip *out)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, key)
	{
		uint16_t n = mnl_attr_get_payload_len(a);

		if (mnl_attr_get_type(a) != NFTA_DATA_VALUE ||
		    (n != 4 && n != 16))
			continue;
		*out = ip_from_bytes(n == 4 ? AF_INET : AF_INET6,
				     mnl_attr_get_payload(a));
		return true;
	}
	return false;
}

static bool
read_u64(const struct nlattr *a, uint64_t *out)
{
	if (mnl_attr_get_payload_len(a) != sizeof(uint64_t))
		return false;
	*out = be64toh(mnl_attr_get_u64(a));
	return true;
}

/* Of NFTA_EXPR_DATA of a counter. */
static bool
read_counts(const struct nlattr *data, struct sys_counter *out)
{
	bool packets = false, octets = false;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, data)
	{
		if (mnl_attr_get_type(a) == NFTA_COUNTER_PACKETS)
			packets = read_u64(a, &out->packets);
		else if (mnl_attr_get_type(a) == NFTA_COUNTER_BYTES)
			octets = read_u64(a, &out->octets);
	}
	return packets && octets;
}

static bool
read_expression(const struct nlattr *expression, struct sys_counter *out)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(
	    a, expression) if (mnl_attr_get_type(a) ==
			       NFTA_EXPR_DATA) return read_counts(a, out);
	return false;
}

static void
read_element(const struct nlattr *element, nftables_each *each, void *arg)
{
	struct sys_counter c = {0};
	bool key = false, counted = false;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, element)
	{
		if (mnl_attr_get_type(a) == NFTA_SET_ELEM_KEY)
			key = read_key(a, &c.ip);
		else if (mnl_attr_get_type(a) == NFTA_SET_ELEM_EXPR)
			counted = read_expression(a, &c);
	}
	if (key && counted)
		each(arg, &c);
}

void
nftables_parse(const struct nlmsghdr *h, nftables_each *each, void *arg)
{
	const struct nlattr *a, *element;

	if (h->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
		return;
	mnl_attr_for_each(a, h, sizeof(struct nfgenmsg))
	{
		if (mnl_attr_get_type(a) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(element, a)
		    read_element(element, each, arg);
	}
}
