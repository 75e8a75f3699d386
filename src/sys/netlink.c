/* SPDX-License-Identifier: ISC */
#include "sys/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "sys/netlink_read.h"

/* Of one request: a header and a handful of attributes. */
#define REQUEST_MAX 512
/* Of one read; the kernel fills dumps up to this. */
#define ANSWER_MAX 16384

int
netlink_open(struct netlink *nl)
{
	int on = 1, r;

	nl->seq = 0;
	nl->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	if (!nl->socket)
		return -errno;
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		r = -errno;
		netlink_close(nl);
		return r;
	}
	/* Older kernels lack it: dumps are filtered once more by the reader. */
	mnl_socket_setsockopt(nl->socket, NETLINK_GET_STRICT_CHK, &on,
			      sizeof(on));
	return 0;
}

void
netlink_close(struct netlink *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	nl->socket = NULL;
}

/* Reads until the end of the dump or the acknowledgement. */
static int
finish(struct netlink *nl, mnl_cb_t cb, void *arg)
{
	unsigned portid = mnl_socket_get_portid(nl->socket);
	char buf[ANSWER_MAX];
	int more = MNL_CB_OK;

	while (more > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(nl->socket, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		more = mnl_cb_run(buf, (size_t)n, nl->seq, portid, cb, arg);
		/* A late answer to an earlier request that was given up. */
		if (more < 0 && errno == EPROTO)
			more = MNL_CB_OK;
		else if (more < 0)
			return -errno;
	}
	return 0;
}

static int
transact(struct netlink *nl, struct nlmsghdr *h, mnl_cb_t cb, void *arg)
{
	h->nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->socket, h, h->nlmsg_len) < 0)
		return -errno;
	return finish(nl, cb, arg);
}

static struct nlmsghdr *
request(char *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return h;
}

static void
put_ip(struct nlmsghdr *h, uint16_t type, const struct ip *ip)
{
	mnl_attr_put(h, type, ip_octets(ip->family), ip->bytes);
}

/* ---- addresses ---- */

static struct nlmsghdr *
address_request(char *buf, uint16_t type, uint16_t flags, unsigned ifindex,
		const struct ip *ip)
{
	struct nlmsghdr *h = request(buf, type, (uint16_t)(flags | NLM_F_ACK));
	struct ifaddrmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	m->ifa_family = ip->family;
	m->ifa_prefixlen = (uint8_t)(ip_octets(ip->family) * 8);
	m->ifa_scope = RT_SCOPE_UNIVERSE;
	m->ifa_index = ifindex;
	put_ip(h, IFA_LOCAL, ip);
	put_ip(h, IFA_ADDRESS, ip);
	return h;
}

int
netlink_address_add(struct netlink *nl, unsigned ifindex, const struct ip *ip)
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *h = address_request(
	    buf, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, ip);
	uint32_t flags = IFA_F_NOPREFIXROUTE;

	if (ip->family == AF_INET6)
		flags |= IFA_F_NODAD;
	mnl_attr_put_u32(h, IFA_FLAGS, flags);
	mnl_attr_put_u8(h, IFA_PROTO, SYS_PROTOCOL);
	return transact(nl, h, NULL, NULL);
}

int
netlink_address_del(struct netlink *nl, unsigned ifindex, const struct ip *ip)
{
	char buf[REQUEST_MAX];

	return transact(nl, address_request(buf, RTM_DELADDR, 0, ifindex, ip),
			NULL, NULL);
}

struct owner_search {
	unsigned ifindex;
	const struct ip *ip;
	int result;
};

static int
owner_found(const struct nlmsghdr *h, void *arg)
{
	struct owner_search *search = arg;
	struct sys_address a;

	if (!netlink_read_address(h, &a) || a.ifindex != search->ifindex ||
	    !ip_equal(&a.ip, search->ip))
		return MNL_CB_OK;
	/* IPv4 may have one address twice, with different lengths. */
	if (a.protocol == SYS_PROTOCOL && a.len == ip_octets(a.ip.family) * 8)
		search->result = 0;
	else if (search->result == -ENOENT)
		search->result = -EEXIST;
	return MNL_CB_OK;
}

int
netlink_address_owner(struct netlink *nl, unsigned ifindex, const struct ip *ip)
{
	struct owner_search search = {ifindex, ip, -ENOENT};
	char buf[REQUEST_MAX];
	struct nlmsghdr *h = request(buf, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	int r;

	m->ifa_family = ip->family;
	m->ifa_index = ifindex;
	r = transact(nl, h, owner_found, &search);
	return r == 0 ? search.result : r;
}

/* ---- routes ---- */

/* RFC 8950: an IPv4 route by an IPv6 gateway is carried in RTA_VIA. */
static void
put_gateway(struct nlmsghdr *h, uint8_t family, const struct ip *gateway)
{
	struct {
		uint16_t family;
		uint8_t bytes[16];
	} via = {.family = gateway->family};

	if (gateway->family == family) {
		put_ip(h, RTA_GATEWAY, gateway);
		return;
	}
	memcpy(via.bytes, gateway->bytes, sizeof(via.bytes));
	mnl_attr_put(h, RTA_VIA, sizeof(via), &via);
}

/* An rtnexthop and its gateway behind what is there. */
static void
put_hop(struct nlmsghdr *h, uint8_t family, const struct ip *gateway,
	unsigned ifindex)
{
	struct rtnexthop *hop = mnl_nlmsg_get_payload_tail(h);
	uint32_t before = h->nlmsg_len;

	memset(hop, 0, sizeof(*hop));
	hop->rtnh_ifindex = (int)ifindex;
	h->nlmsg_len += RTNH_ALIGN(sizeof(*hop));
	put_gateway(h, family, gateway);
	hop->rtnh_len = (uint16_t)(h->nlmsg_len - before);
}

static void
put_way(struct nlmsghdr *h, const struct sys_route *r)
{
	uint8_t family = r->prefix.addr.family;
	struct nlattr *nest;

	/* A deletion may name none: whatever the way is. */
	if (ip_is_none(&r->gateway))
		return;
	if (r->n_more == 0) {
		put_gateway(h, family, &r->gateway);
		if (r->ifindex)
			mnl_attr_put_u32(h, RTA_OIF, r->ifindex);
		return;
	}
	nest = mnl_attr_nest_start(h, RTA_MULTIPATH);
	nest->nla_type = RTA_MULTIPATH;
	put_hop(h, family, &r->gateway, r->ifindex);
	for (size_t i = 0; i < r->n_more; i++)
		put_hop(h, family, &r->more[i].gateway, r->more[i].ifindex);
	mnl_attr_nest_end(h, nest);
}

static struct nlmsghdr *
route_request(char *buf, uint16_t type, uint16_t flags,
	      const struct sys_route *r)
{
	struct nlmsghdr *h = request(buf, type, (uint16_t)(flags | NLM_F_ACK));
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	m->rtm_family = r->prefix.addr.family;
	m->rtm_dst_len = r->prefix.len;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = SYS_PROTOCOL;
	m->rtm_scope = RT_SCOPE_UNIVERSE;
	m->rtm_type = r->blackhole ? RTN_BLACKHOLE : RTN_UNICAST;
	put_ip(h, RTA_DST, &r->prefix.addr);
	if (r->metric)
		mnl_attr_put_u32(h, RTA_PRIORITY, r->metric);
	if (!r->blackhole)
		put_way(h, r);
	return h;
}

int
netlink_route_add(struct netlink *nl, const struct sys_route *r)
{
	char buf[REQUEST_MAX];

	return transact(
	    nl, route_request(buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r),
	    NULL, NULL);
}

int
netlink_route_replace(struct netlink *nl, const struct sys_route *r)
{
	char buf[REQUEST_MAX];

	return transact(
	    nl,
	    route_request(buf, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, r),
	    NULL, NULL);
}

int
netlink_route_del(struct netlink *nl, const struct sys_route *r)
{
	char buf[REQUEST_MAX];

	return transact(nl, route_request(buf, RTM_DELROUTE, 0, r), NULL, NULL);
}

struct route_walk {
	void (*each)(void *arg, const struct sys_route *r);
	void *arg;
};

static int
route_found(const struct nlmsghdr *h, void *arg)
{
	struct route_walk *walk = arg;
	struct sys_route r;
	uint8_t protocol;

	if (netlink_read_route(h, &r, &protocol) && protocol == SYS_PROTOCOL)
		walk->each(walk->arg, &r);
	return MNL_CB_OK;
}

int
netlink_route_each(struct netlink *nl, uint8_t family,
		   void (*each)(void *arg, const struct sys_route *r),
		   void *arg)
{
	struct route_walk walk = {each, arg};
	char buf[REQUEST_MAX];
	struct nlmsghdr *h = request(buf, RTM_GETROUTE, NLM_F_DUMP);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	m->rtm_family = family;
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = SYS_PROTOCOL;
	return transact(nl, h, route_found, &walk);
}

/* ---- where packets go ---- */

struct reach {
	const struct ip *hop;
	struct sys_hop *out;
	int result;
};

static int
reach_found(const struct nlmsghdr *h, void *arg)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct reach *reach = arg;
	struct sys_route r;
	uint8_t protocol;

	if (!netlink_read_way(h, &r, &protocol))
		return MNL_CB_OK;
	reach->result = -EHOSTUNREACH;
	if (m->rtm_type != RTN_UNICAST || r.ifindex == 0)
		return MNL_CB_OK;
	if (!ip_is_none(&r.gateway) &&
	    (m->rtm_dst_len == 0 || protocol == SYS_PROTOCOL))
		return MNL_CB_OK;
	*reach->out = (struct sys_hop){r.gateway, r.ifindex};
	if (ip_is_none(&r.gateway))
		reach->out->gateway = *reach->hop;
	reach->result = 0;
	return MNL_CB_OK;
}

int
netlink_reach(struct netlink *nl, const struct ip *hop, unsigned ifindex,
	      struct sys_hop *out)
{
	struct reach reach = {.hop = hop, .out = out, .result = -EHOSTUNREACH};
	char buf[REQUEST_MAX];
	struct nlmsghdr *h = request(buf, RTM_GETROUTE, NLM_F_ACK);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	int r;

	m->rtm_family = hop->family;
	m->rtm_dst_len = (uint8_t)(ip_octets(hop->family) * 8);
	m->rtm_flags = RTM_F_FIB_MATCH; /* all that IPv6 takes */
	put_ip(h, RTA_DST, hop);
	if (ifindex)
		mnl_attr_put_u32(h, RTA_OIF, ifindex);
	r = transact(nl, h, reach_found, &reach);
	return r == 0 ? reach.result : r;
}

int
sys_reach(const struct ip *hop, unsigned ifindex, struct sys_hop *out)
{
	struct netlink nl;
	int r = netlink_open(&nl);

	if (r != 0)
		return r;
	r = netlink_reach(&nl, hop, ifindex, out);
	netlink_close(&nl);
	return r;
}
