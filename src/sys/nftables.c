/* SPDX-License-Identifier: ISC */
/*
 *   table inet basin {
 *       flags owner
 *       set addresses4 { type ipv4_addr; counter; }
 *       set addresses6 { type ipv6_addr; counter; }
 *       chain prerouting {
 *           type filter hook prerouting priority raw
 *           iif lo accept
 *           iifkind vrf accept
 *           ip daddr @addresses4
 *           ip6 daddr @addresses6
 *       }
 *   }
 *
 * Each element carries its own counter, so one lookup serves any number of
 * addresses. What comes from this node itself is not counted (lo), and what
 * enters a VRF is not counted again (its device).
 */
#include "sys/nftables.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sys/nftables_read.h"

#define CHAIN "prerouting"

/* NF_IP_PRI_RAW of the kernel; a drill drops right behind the counting. */
#define PRIORITY_COUNT (-300)
#define PRIORITY_DROP  (-299)

#define LOOPBACK_IFINDEX 1

/* Types of nft(8), for those who list our table with it. */
#define NFT_TYPE_IPV4 7
#define NFT_TYPE_IPV6 8

/* Octets: everything but elements, an element, a read of the answer. */
#define BATCH_FIXED    4096
#define BATCH_ELEMENT  48
#define ANSWER_MAX     16384
#define MESSAGE_CHUNK  256 /* elements; an attribute holds 64 KiB */
#define SET_OF(family) ((family) == AF_INET ? "addresses4" : "addresses6")

/* ---- batches: all messages in it, or none ---- */

struct batch {
	struct nftables *nf;
	char *buf; /* owned */
	size_t used;
	struct nlmsghdr *last; /* in buf, not counted in `used` yet */
};

static void
batch_close_message(struct batch *b)
{
	if (b->last)
		b->used += b->last->nlmsg_len;
	b->last = NULL;
}

static struct nlmsghdr *
batch_message(struct batch *b, uint16_t type, uint16_t flags)
{
	struct nfgenmsg *m;
	struct nlmsghdr *h;

	batch_close_message(b);
	h = mnl_nlmsg_put_header(b->buf + b->used);
	h->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = ++b->nf->seq;
	m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	m->nfgen_family = NFPROTO_INET;
	m->version = NFNETLINK_V0;
	b->last = h;
	return h;
}

static void
batch_frame(struct batch *b, uint16_t type)
{
	struct nlmsghdr *h = batch_message(b, 0, 0);
	struct nfgenmsg *m = mnl_nlmsg_get_payload(h);

	h->nlmsg_type = type;
	m->nfgen_family = AF_UNSPEC;
	m->res_id = htons(NFNL_SUBSYS_NFTABLES);
}

static struct batch
batch_begin(struct nftables *nf, size_t elements)
{
	struct batch b = {
	    .nf = nf,
	    .buf = xcalloc(1, BATCH_FIXED + elements * BATCH_ELEMENT),
	};

	batch_frame(&b, NFNL_MSG_BATCH_BEGIN);
	return b;
}

/* Answers are there when send(2) returns; the first error is the cause. */
static int
batch_result(struct nftables *nf)
{
	int fd = mnl_socket_get_fd(nf->socket), result = -EIO;
	char buf[ANSWER_MAX];
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		int left = (int)n;
		const struct nlmsghdr *h = (const void *)buf;

		for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
			const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

			if (h->nlmsg_type != NLMSG_ERROR ||
			    mnl_nlmsg_get_payload_len(h) < sizeof(*e))
				continue;
			if (e->error != 0 && (result == -EIO || result == 0))
				result = e->error;
			else if (result == -EIO)
				result = 0;
		}
	}
	return result;
}

static int
batch_commit(struct batch *b)
{
	int r = 0;

	/* One acknowledgement tells that all went well. */
	b->last->nlmsg_flags |= NLM_F_ACK;
	batch_frame(b, NFNL_MSG_BATCH_END);
	batch_close_message(b);
	if (mnl_socket_sendto(b->nf->socket, b->buf, b->used) < 0)
		r = -errno;
	free(b->buf);
	return r == 0 ? batch_result(b->nf) : r;
}

/* ---- expressions: what a rule is made of ---- */

struct expression {
	struct nlmsghdr *h;
	struct nlattr *element, *data;
};

static struct expression
expression_begin(struct nlmsghdr *h, const char *name)
{
	struct expression e = {.h = h};

	e.element = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	mnl_attr_put_strz(h, NFTA_EXPR_NAME, name);
	e.data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	return e;
}

static void
expression_end(struct expression *e)
{
	mnl_attr_nest_end(e->h, e->data);
	mnl_attr_nest_end(e->h, e->element);
}

static void
put_u32(struct nlmsghdr *h, uint16_t type, uint32_t v)
{
	mnl_attr_put_u32(h, type, htonl(v));
}

static void
put_value(struct nlmsghdr *h, uint16_t type, const void *octets, size_t n)
{
	struct nlattr *nest = mnl_attr_nest_start(h, type);

	mnl_attr_put(h, NFTA_DATA_VALUE, n, octets);
	mnl_attr_nest_end(h, nest);
}

/* Goes on with the rule only when this is so. */
static void
put_meta_is(struct nlmsghdr *h, uint32_t key, const void *octets, size_t n)
{
	struct expression e = expression_begin(h, "meta");

	put_u32(h, NFTA_META_KEY, key);
	put_u32(h, NFTA_META_DREG, NFT_REG_1);
	expression_end(&e);
	e = expression_begin(h, "cmp");
	put_u32(h, NFTA_CMP_SREG, NFT_REG_1);
	put_u32(h, NFTA_CMP_OP, NFT_CMP_EQ);
	put_value(h, NFTA_CMP_DATA, octets, n);
	expression_end(&e);
}

static void
put_verdict(struct nlmsghdr *h, uint32_t verdict)
{
	struct expression e = expression_begin(h, "immediate");
	struct nlattr *data, *code;

	put_u32(h, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = mnl_attr_nest_start(h, NFTA_IMMEDIATE_DATA);
	code = mnl_attr_nest_start(h, NFTA_DATA_VERDICT);
	put_u32(h, NFTA_VERDICT_CODE, verdict);
	mnl_attr_nest_end(h, code);
	mnl_attr_nest_end(h, data);
	expression_end(&e);
}

/* The destination is in the family's set; its element counts the packet. */
static void
put_destination_in_set(struct nlmsghdr *h, uint8_t family)
{
	const uint8_t protocol =
	    family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
	struct expression e;

	put_meta_is(h, NFT_META_NFPROTO, &protocol, sizeof(protocol));
	e = expression_begin(h, "payload");
	put_u32(h, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_u32(h, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_NETWORK_HEADER);
	put_u32(h, NFTA_PAYLOAD_OFFSET, family == AF_INET ? 16 : 24);
	put_u32(h, NFTA_PAYLOAD_LEN, (uint32_t)ip_octets(family));
	expression_end(&e);
	e = expression_begin(h, "lookup");
	put_u32(h, NFTA_LOOKUP_SREG, NFT_REG_1);
	mnl_attr_put_strz(h, NFTA_LOOKUP_SET, SET_OF(family));
	expression_end(&e);
}

/* ---- tables ---- */

static void
add_table(struct batch *b, const char *name)
{
	struct nlmsghdr *h =
	    batch_message(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);

	mnl_attr_put_strz(h, NFTA_TABLE_NAME, name);
	put_u32(h, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER);
}

static void
put_counter(struct nlmsghdr *h)
{
	struct nlattr *nest = mnl_attr_nest_start(h, NFTA_SET_EXPR), *data;

	mnl_attr_put_strz(h, NFTA_EXPR_NAME, "counter");
	data = mnl_attr_nest_start(h, NFTA_EXPR_DATA);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, nest);
}

static void
add_set(struct batch *b, const char *table, enum nftables_kind kind,
	uint8_t family)
{
	/* Type 0 with 4 octets: keys are in network order, for nft(8). */
	static const uint8_t network_order[] = {0, 4, 2, 0, 0, 0};
	struct nlmsghdr *h = batch_message(b, NFT_MSG_NEWSET, NLM_F_CREATE);

	mnl_attr_put_strz(h, NFTA_SET_TABLE, table);
	mnl_attr_put_strz(h, NFTA_SET_NAME, SET_OF(family));
	put_u32(h, NFTA_SET_FLAGS, kind == NFTABLES_DROP ? NFT_SET_TIMEOUT : 0);
	put_u32(h, NFTA_SET_KEY_TYPE,
		family == AF_INET ? NFT_TYPE_IPV4 : NFT_TYPE_IPV6);
	put_u32(h, NFTA_SET_KEY_LEN, (uint32_t)ip_octets(family));
	put_u32(h, NFTA_SET_ID, family);
	mnl_attr_put(h, NFTA_SET_USERDATA, sizeof(network_order),
		     network_order);
	if (kind == NFTABLES_COUNT)
		put_counter(h);
}

static void
add_chain(struct batch *b, const char *table, int32_t priority)
{
	struct nlmsghdr *h = batch_message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	struct nlattr *hook;

	mnl_attr_put_strz(h, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(h, NFTA_CHAIN_NAME, CHAIN);
	mnl_attr_put_strz(h, NFTA_CHAIN_TYPE, "filter");
	hook = mnl_attr_nest_start(h, NFTA_CHAIN_HOOK);
	put_u32(h, NFTA_HOOK_HOOKNUM, NF_INET_PRE_ROUTING);
	put_u32(h, NFTA_HOOK_PRIORITY, (uint32_t)priority);
	mnl_attr_nest_end(h, hook);
}

static struct nlattr *
rule_begin(struct batch *b, const char *table)
{
	struct nlmsghdr *h =
	    batch_message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	mnl_attr_put_strz(h, NFTA_RULE_TABLE, table);
	mnl_attr_put_strz(h, NFTA_RULE_CHAIN, CHAIN);
	return mnl_attr_nest_start(h, NFTA_RULE_EXPRESSIONS);
}

/* What is not to be counted leaves the chain. */
static void
add_exemption(struct batch *b, const char *table, uint32_t key,
	      const void *octets, size_t n)
{
	struct nlattr *nest = rule_begin(b, table);

	put_meta_is(b->last, key, octets, n);
	put_verdict(b->last, NF_ACCEPT);
	mnl_attr_nest_end(b->last, nest);
}

static void
add_match(struct batch *b, const char *table, enum nftables_kind kind,
	  uint8_t family)
{
	struct nlattr *nest = rule_begin(b, table);

	put_destination_in_set(b->last, family);
	if (kind == NFTABLES_DROP)
		put_verdict(b->last, NF_DROP);
	mnl_attr_nest_end(b->last, nest);
}

static void
add_chain_of(struct batch *b, const char *table, enum nftables_kind kind)
{
	const uint32_t loopback = LOOPBACK_IFINDEX;
	const char vrf[IFNAMSIZ] = "vrf";

	add_chain(b, table,
		  kind == NFTABLES_COUNT ? PRIORITY_COUNT : PRIORITY_DROP);
	if (kind == NFTABLES_COUNT) {
		add_exemption(b, table, NFT_META_IIF, &loopback,
			      sizeof(loopback));
		add_exemption(b, table, NFT_META_IIFKIND, vrf, sizeof(vrf));
	}
	add_match(b, table, kind, AF_INET);
	add_match(b, table, kind, AF_INET6);
}

/* ---- elements ---- */

struct element_list {
	struct batch *batch;
	uint16_t type, flags; /* of the message */
	const char *table;
	struct dur limit;
};

static void
put_element(struct nlmsghdr *h, const struct ip *ip, struct dur limit)
{
	struct nlattr *nest = mnl_attr_nest_start(h, NFTA_LIST_ELEM);
	uint64_t ms = (uint64_t)dur_to_ms(limit);

	if (ms > 0)
		mnl_attr_put_u64(h, NFTA_SET_ELEM_TIMEOUT, htobe64(ms));
	put_value(h, NFTA_SET_ELEM_KEY, ip->bytes, ip_octets(ip->family));
	mnl_attr_nest_end(h, nest);
}

/* From `at` on, one message of one family. Returns where to go on. */
static size_t
put_chunk(const struct element_list *l, uint8_t family, const struct ip *v,
	  size_t n, size_t at)
{
	struct nlmsghdr *h = batch_message(l->batch, l->type, l->flags);
	struct nlattr *list;
	size_t put = 0;

	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, l->table);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, SET_OF(family));
	list = mnl_attr_nest_start(h, NFTA_SET_ELEM_LIST_ELEMENTS);
	for (; at < n && put < MESSAGE_CHUNK; at++) {
		if (v[at].family != family)
			continue;
		put_element(h, &v[at], l->limit);
		put++;
	}
	mnl_attr_nest_end(h, list);
	return at;
}

static size_t
next_of(uint8_t family, const struct ip *v, size_t n, size_t at)
{
	while (at < n && v[at].family != family)
		at++;
	return at;
}

static void
put_elements(const struct element_list *l, const struct ip *v, size_t n)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};

	for (size_t f = 0; f < ARRAY_LEN(families); f++)
		for (size_t at = next_of(families[f], v, n, 0); at < n;
		     at = next_of(families[f], v, n, at))
			at = put_chunk(l, families[f], v, n, at);
}

/* ---- what the helper calls ---- */

int
nftables_open(struct nftables *nf)
{
	int r;

	nf->seq = 0;
	nf->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!nf->socket)
		return -errno;
	if (mnl_socket_bind(nf->socket, 0, MNL_SOCKET_AUTOPID) == 0)
		return 0;
	r = -errno;
	nftables_close(nf);
	return r;
}

void
nftables_close(struct nftables *nf)
{
	if (nf->socket)
		mnl_socket_close(nf->socket);
	nf->socket = NULL;
}

static int
create_named(struct nftables *nf, enum nftables_kind kind, const struct ip *v,
	     size_t n, struct dur limit, const char *name)
{
	struct batch b = batch_begin(nf, n);
	const struct element_list l = {
	    &b, NFT_MSG_NEWSETELEM, NLM_F_CREATE, name,
	    kind == NFTABLES_DROP ? limit : dur_ms(0)};

	add_table(&b, name);
	add_set(&b, name, kind, AF_INET);
	add_set(&b, name, kind, AF_INET6);
	add_chain_of(&b, name, kind);
	put_elements(&l, v, n);
	return batch_commit(&b);
}

int
nftables_create(struct nftables *nf, enum nftables_kind kind,
		const struct ip *v, size_t n, struct dur limit,
		char name[NFTABLES_NAME_MAX])
{
	static const char *const names[] = {"basin", "basin-drill"};
	int r;

	snprintf(name, NFTABLES_NAME_MAX, "%s", names[kind]);
	r = create_named(nf, kind, v, n, limit, name);
	/* Somebody's already: another node in this network namespace. */
	if (r != -EEXIST && r != -EPERM)
		return r;
	snprintf(name, NFTABLES_NAME_MAX, "%s-%u", names[kind],
		 mnl_socket_get_portid(nf->socket));
	return create_named(nf, kind, v, n, limit, name);
}

int
nftables_change(struct nftables *nf, const char *name, const struct ip *add,
		size_t n_add, const struct ip *del, size_t n_del)
{
	struct batch b = batch_begin(nf, n_add + n_del);
	struct element_list l = {&b, NFT_MSG_DELSETELEM, 0, name, dur_ms(0)};

	put_elements(&l, del, n_del);
	l.type = NFT_MSG_NEWSETELEM;
	l.flags = NLM_F_CREATE;
	put_elements(&l, add, n_add);
	return batch_commit(&b);
}

int
nftables_delete(struct nftables *nf, const char *name)
{
	struct batch b = batch_begin(nf, 0);
	struct nlmsghdr *h = batch_message(&b, NFT_MSG_DELTABLE, 0);

	mnl_attr_put_strz(h, NFTA_TABLE_NAME, name);
	return batch_commit(&b);
}

/* ---- reading ---- */

struct walk {
	nftables_each *each;
	void *arg;
	bool interrupted; /* changed meanwhile: not all was seen */
};

/* 1: more comes; 0: the dump is complete; -errno. */
static int
read_message(struct nftables *nf, const struct nlmsghdr *h, struct walk *walk)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

	/* A late answer to an earlier request that was given up. */
	if (h->nlmsg_seq != nf->seq)
		return 1;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		walk->interrupted = true;
	if (h->nlmsg_type == NLMSG_DONE)
		return walk->interrupted ? -EINTR : 0;
	if (h->nlmsg_type == NLMSG_ERROR)
		return mnl_nlmsg_get_payload_len(h) >= sizeof(*e) && e->error
			   ? e->error
			   : -EBADMSG;
	nftables_parse(h, walk->each, walk->arg);
	return 1;
}

static int
finish_dump(struct nftables *nf, struct walk *walk)
{
	char buf[ANSWER_MAX];
	int r = 1;

	while (r == 1) {
		ssize_t n = mnl_socket_recvfrom(nf->socket, buf, sizeof(buf));
		const struct nlmsghdr *h = (const void *)buf;
		int left = (int)n;

		if (n < 0 && errno != EINTR)
			return -errno;
		for (; r == 1 && mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left))
			r = read_message(nf, h, walk);
	}
	return r;
}

static int
read_set(struct nftables *nf, const char *name, uint8_t family,
	 struct walk *walk)
{
	char buf[256];
	struct batch b = {.nf = nf, .buf = buf};
	struct nlmsghdr *h = batch_message(&b, NFT_MSG_GETSETELEM, NLM_F_DUMP);

	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_TABLE, name);
	mnl_attr_put_strz(h, NFTA_SET_ELEM_LIST_SET, SET_OF(family));
	if (mnl_socket_sendto(nf->socket, h, h->nlmsg_len) < 0)
		return -errno;
	return finish_dump(nf, walk);
}

int
nftables_read(struct nftables *nf, const char *name, nftables_each *each,
	      void *arg)
{
	struct walk walk = {.each = each, .arg = arg};
	int r = read_set(nf, name, AF_INET, &walk);

	return r == 0 ? read_set(nf, name, AF_INET6, &walk) : r;
}
