/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "sys/netlink_read.h"

/* A copy in memory of its own size: a read behind its end is seen. */
static struct nlmsghdr *
exact(const struct nlmsghdr *h)
{
	struct nlmsghdr *copy = malloc(h->nlmsg_len);

	assert_non_null(copy);
	return memcpy(copy, h, h->nlmsg_len);
}

static struct nlmsghdr *
begin(char *buf, uint16_t type, size_t header)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = type;
	mnl_nlmsg_put_extra_header(h, header);
	return h;
}

static void
expect_name(const char *octets, size_t n, const char *name)
{
	char buf[256];
	struct nlmsghdr *h = begin(buf, RTM_NEWLINK, sizeof(struct ifinfomsg));
	struct netlink_link link;

	mnl_attr_put(h, IFLA_IFNAME, n, octets);
	h = exact(h);
	assert_true(netlink_read_link(h, &link));
	assert_string_equal(link.name, name);
	free(h);
}

static void
the_name_of_a_link_ends_with_its_attribute(void **state)
{
	expect_name("eth0", 5, "eth0");
	expect_name("eth0", 4, "eth0");
	expect_name("", 0, "");
	expect_name("0123456789abcdefgh", 19, "0123456789abcde");
}

static bool
reads_address(uint8_t family, uint8_t len, size_t octets)
{
	static const uint8_t bytes[16] = {192, 0, 2, 53};
	char buf[256];
	struct nlmsghdr *h = begin(buf, RTM_NEWADDR, sizeof(struct ifaddrmsg));
	struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	struct sys_address a;
	bool read;

	m->ifa_family = family;
	m->ifa_prefixlen = len;
	mnl_attr_put(h, IFA_LOCAL, octets, bytes);
	h = exact(h);
	read = netlink_read_address(h, &a);
	free(h);
	return read;
}

static void
an_address_is_as_long_as_its_family(void **state)
{
	assert_true(reads_address(AF_INET, 32, 4));
	assert_true(reads_address(AF_INET6, 128, 16));
	assert_false(reads_address(AF_INET, 33, 4));
	assert_false(reads_address(AF_INET6, 129, 16));
	assert_false(reads_address(AF_INET, 32, 16));
	assert_false(reads_address(AF_INET6, 128, 4));
	assert_false(reads_address(AF_UNIX, 0, 4));
}

/* Its last attribute ends in the padding: not there. */
static void
what_ends_behind_the_message_is_no_attribute(void **state)
{
	static const uint8_t bytes[4] = {192, 0, 2, 1};
	char buf[256];
	struct nlmsghdr *h = begin(buf, RTM_NEWROUTE, sizeof(struct rtmsg));
	struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct sys_route r;
	uint8_t protocol;

	m->rtm_family = AF_INET;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_type = RTN_UNICAST;
	mnl_attr_put(h, RTA_GATEWAY, sizeof(bytes), bytes);
	h->nlmsg_len--;
	h = exact(h);
	assert_true(netlink_read_route(h, &r, &protocol));
	assert_true(ip_is_none(&r.gateway));
	free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_name_of_a_link_ends_with_its_attribute),
	    cmocka_unit_test(an_address_is_as_long_as_its_family),
	    cmocka_unit_test(what_ends_behind_the_message_is_no_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
