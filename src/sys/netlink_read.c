/* SPDX-License-Identifier: ISC */
#include "sys/netlink_read.h"

#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

/* Attributes by number; those beyond `max` are of newer kernels. */
struct attributes {
	const struct nlattr **v;
	uint16_t max;
};

static int
collect(const struct nlattr *a, void *arg)
{
	const struct attributes *to = arg;
	uint16_t type = mnl_attr_get_type(a);

	if (type <= to->max)
		to->v[type] = a;
	return MNL_CB_OK;
}

/*
 * By the octets of the payload: mnl_attr_parse() would take the padding behind
 * a message of an odd length for a part of it.
 */
static bool
collect_all(const struct nlmsghdr *h, size_t header, const struct nlattr **v,
	    uint16_t max)
{
	struct attributes to = {v, max};

	size_t before = mnl_nlmsg_size(MNL_ALIGN(header));

	if (h->nlmsg_len < before)
		return false;
	return mnl_attr_parse_payload((const char *)h + before,
				      h->nlmsg_len - before, collect,
				      &to) == MNL_CB_OK;
}

static bool
read_ip(const struct nlattr *a, uint8_t family, struct ip *out)
{
	if (!a || mnl_attr_get_payload_len(a) != ip_octets(family))
		return false;
	*out = ip_from_bytes(family, mnl_attr_get_payload(a));
	return true;
}

static bool
read_u32(const struct nlattr *a, uint32_t *out)
{
	if (!a || mnl_attr_validate(a, MNL_TYPE_U32) < 0)
		return false;
	*out = mnl_attr_get_u32(a);
	return true;
}

/* The kernel ends a text with NUL; what does not is taken as far as it is. */
static void
read_text(const struct nlattr *a, char *out, size_t size)
{
	const char *text = mnl_attr_get_payload(a);
	size_t n = strnlen(text, mnl_attr_get_payload_len(a));

	if (n >= size)
		n = size - 1;
	memcpy(out, text, n);
	out[n] = '\0';
}

static bool
known_family(uint8_t family)
{
	return family == AF_INET || family == AF_INET6;
}

bool
netlink_read_address(const struct nlmsghdr *h, struct sys_address *out)
{
	const struct nlattr *v[IFA_PROTO + 1] = {0};
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	uint32_t flags;

	if (h->nlmsg_type != RTM_NEWADDR && h->nlmsg_type != RTM_DELADDR)
		return false;
	if (!collect_all(h, sizeof(*m), v, IFA_PROTO) ||
	    !known_family(m->ifa_family) ||
	    m->ifa_prefixlen > ip_octets(m->ifa_family) * 8)
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = m->ifa_index;
	out->len = m->ifa_prefixlen;
	if (!read_ip(v[IFA_LOCAL], m->ifa_family, &out->ip) &&
	    !read_ip(v[IFA_ADDRESS], m->ifa_family, &out->ip))
		return false;
	if (!read_u32(v[IFA_FLAGS], &flags))
		flags = m->ifa_flags;
	out->tentative = flags & IFA_F_TENTATIVE;
	if (v[IFA_PROTO] && mnl_attr_validate(v[IFA_PROTO], MNL_TYPE_U8) >= 0)
		out->protocol = mnl_attr_get_u8(v[IFA_PROTO]);
	return true;
}

static void
read_gateway(const struct nlattr *const *v, uint8_t family, struct ip *out)
{
	const uint8_t *via;
	uint16_t via_family;

	if (read_ip(v[RTA_GATEWAY], family, out) || !v[RTA_VIA])
		return;
	if (mnl_attr_get_payload_len(v[RTA_VIA]) != 18)
		return;
	via = mnl_attr_get_payload(v[RTA_VIA]);
	memcpy(&via_family, via, sizeof(via_family));
	if (via_family == AF_INET6)
		*out = ip_from_bytes(AF_INET6, via + 2);
}

/*
 * Several next hops: the first of them, and how many there are beside it.
 * Which those are nobody asks.
 */
static void
read_multipath(const struct nlattr *nest, uint8_t family, struct sys_route *out)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(nest);
	int left = mnl_attr_get_payload_len(nest), hops = 0;

	for (; RTNH_OK(hop, left) && hop->rtnh_len <= left; hops++) {
		const struct nlattr *v[RTA_MAX + 1] = {0};
		const char *attributes = (const char *)hop + sizeof(*hop);
		struct attributes to = {v, RTA_MAX};

		if (hops == 0) {
			mnl_attr_parse_payload(attributes,
					       hop->rtnh_len - sizeof(*hop),
					       collect, &to);
			read_gateway(v, family, &out->gateway);
			out->ifindex = (unsigned)hop->rtnh_ifindex;
		}
		left -= RTNH_ALIGN(hop->rtnh_len);
		hop = RTNH_NEXT(hop);
	}
	out->n_more = hops > UINT8_MAX ? UINT8_MAX : (uint8_t)(hops - !!hops);
}

bool
netlink_read_way(const struct nlmsghdr *h, struct sys_route *out,
		 uint8_t *protocol)
{
	const struct nlattr *v[RTA_MAX + 1] = {0};
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct ip dst = {0};

	if (h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE)
		return false;
	if (!collect_all(h, sizeof(*m), v, RTA_MAX) ||
	    !known_family(m->rtm_family) ||
	    m->rtm_dst_len > ip_octets(m->rtm_family) * 8)
		return false;
	memset(out, 0, sizeof(*out));
	dst.family = m->rtm_family;
	read_ip(v[RTA_DST], m->rtm_family, &dst);
	out->prefix.addr = dst;
	out->prefix.len = m->rtm_dst_len;
	out->blackhole = m->rtm_type == RTN_BLACKHOLE;
	if (!out->blackhole && v[RTA_MULTIPATH]) {
		read_multipath(v[RTA_MULTIPATH], m->rtm_family, out);
	} else if (!out->blackhole) {
		read_gateway(v, m->rtm_family, &out->gateway);
		read_u32(v[RTA_OIF], &out->ifindex);
	}
	read_u32(v[RTA_PRIORITY], &out->metric);
	*protocol = m->rtm_protocol;
	return true;
}

bool
netlink_read_route(const struct nlmsghdr *h, struct sys_route *out,
		   uint8_t *protocol)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);

	return netlink_read_way(h, out, protocol) &&
	       m->rtm_table == RT_TABLE_MAIN && !(m->rtm_flags & RTM_F_CLONED);
}

bool
netlink_read_link(const struct nlmsghdr *h, struct netlink_link *out)
{
	const struct nlattr *v[IFLA_IFNAME + 1] = {0};
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	const unsigned both = IFF_UP | IFF_RUNNING;

	if (h->nlmsg_type != RTM_NEWLINK && h->nlmsg_type != RTM_DELLINK)
		return false;
	if (!collect_all(h, sizeof(*m), v, IFLA_IFNAME))
		return false;
	memset(out, 0, sizeof(*out));
	out->ifindex = (unsigned)m->ifi_index;
	out->up = h->nlmsg_type == RTM_NEWLINK && (m->ifi_flags & both) == both;
	if (v[IFLA_IFNAME])
		read_text(v[IFLA_IFNAME], out->name, sizeof(out->name));
	return true;
}
