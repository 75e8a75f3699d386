/* SPDX-License-Identifier: ISC */
/* Where a peer is found and how its TCP connection is protected. */
#include <string.h>

#include "conf/secret.h"
#include "conf/section.h"

/* TCP_MD5SIG_MAXKEYLEN and TCP_AO_MAXKEYLEN of Linux. */
#define KEY_OCTETS_MAX 80

#define MD5(member)  OPTION_FIELD(struct conf_md5, member)
#define AO(member)   OPTION_FIELD(struct conf_tcp_ao, member)
#define HOLD(member) OPTION_FIELD(struct conf_idle_hold, member)

/* ---- the tables ---- */

static const struct option md5_options[] = {
    {
	.key = "key_file",
	.type = &secret_type,
	MD5(key),
	.high = KEY_OCTETS_MAX,
	.required = true,
	.help = "the file with the key: one line, at most 80 octets, not "
		"readable by others",
    },
};

const struct section section_md5 = {
    OPTION_SECTION(md5_options),
    .what = "MD5",
};

static const struct option_choice algorithms[] = {
    {"hmac-sha-1-96", CONF_AO_HMAC_SHA_1_96},
    {"aes-128-cmac-96", CONF_AO_AES_128_CMAC_96},
    {0},
};

static const struct option ao_options[] = {
    {
	.key = "key_file",
	.type = &secret_type,
	AO(key),
	.high = KEY_OCTETS_MAX,
	.required = true,
	.help = "the file with the master key: one line, at most 80 octets, "
		"not readable by others",
    },
    {
	.key = "send_id",
	.type = &type_number,
	AO(send_id),
	.low = 0,
	.high = 255,
	.standard = "100",
	.help = "the KeyID of what this node sends",
    },
    {
	.key = "receive_id",
	.type = &type_number,
	AO(receive_id),
	.low = 0,
	.high = 255,
	.absent = "send_id",
	.help = "the KeyID of what the neighbour sends",
    },
    {
	.key = "algorithm",
	.type = &type_choice,
	AO(algorithm),
	.choices = algorithms,
	.standard = "hmac-sha-1-96",
	.help = "the code that authenticates a segment (RFC 5926)",
    },
};

static void
finish_ao(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_tcp_ao *ao = base;

	if (!node || !document_find(&l->document, node, "receive_id"))
		ao->receive_id = ao->send_id;
}

const struct section section_tcp_ao = {
    OPTION_SECTION(ao_options),
    .what = "TCP-AO",
    .finish = finish_ao,
};

static const struct option hold_options[] = {
    {
	.key = "first",
	.type = &type_duration,
	HOLD(first),
	.low = 100 * MS_NS,
	.high = 3600 * SECOND_NS,
	.standard = "1s",
	.help = "the wait after the first failure",
    },
    {
	.key = "limit",
	.type = &type_duration,
	HOLD(limit),
	.low = 1 * SECOND_NS,
	.high = 86400 * SECOND_NS,
	.absent = "connect_retry; 12 of them after an error of the protocol",
	.help = "the longest wait",
    },
};

static void
finish_hold(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_idle_hold *hold = base;

	if (node && hold->limit.ns && hold->limit.ns < hold->first.ns)
		load_fail_in(l, node, "limit",
			     "found a limit below first, expected at least "
			     "first");
}

const struct section section_idle_hold = {
    OPTION_SECTION(hold_options),
    .what = "the idle hold time",
    .finish = finish_hold,
};

/* ---- what follows from other options ---- */

static bool
given(struct load *l, const yaml_node_t *node, const char *key)
{
	return document_find(&l->document, node, key) != NULL;
}

static void
finish_source(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	uint8_t family = conf_peer_dynamic(p)      ? p->range.addr.family
			 : conf_peer_unnumbered(p) ? AF_INET6
						   : p->address.family;

	if (!given(l, node, "source") || ip_is_none(&p->source) || !family ||
	    p->source.family == family)
		return;
	load_fail_in(l, node, "source",
		     "found an %s source, expected an %s address like "
		     "the neighbour's",
		     p->source.family == AF_INET ? "IPv4" : "IPv6",
		     family == AF_INET ? "IPv4" : "IPv6");
}

static void
finish_address(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	bool link_local =
	    p->address.family == AF_INET6 && ip_is_link_local(&p->address);

	if (!given(l, node, "address") && !p->interface)
		load_fail(l, node,
			  "found no address, which is required: the "
			  "neighbour's address (or interface: NAME for an "
			  "unnumbered neighbour)");
	if (link_local && !p->interface)
		load_fail_in(
		    l, node, "address",
		    "found a link-local address without its interface, "
		    "expected interface: NAME");
	finish_source(l, node, p);
}

/* A prefix as address: nobody is connected to. */
static void
finish_dynamic(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	bool inside = false, outside = false;

	for (size_t i = 0; i < p->asns.n; i++) {
		inside |= p->asns.v[i] == p->local_asn;
		outside |= p->asns.v[i] != p->local_asn;
	}
	if (inside && outside)
		load_fail_in(l, node, "asn",
			     "found iBGP and eBGP in one list, expected one of "
			     "them");
	if (!conf_peer_dynamic(p) && p->asns.n > 1)
		load_fail_in(l, node, "asn",
			     "found %zu AS numbers for one neighbour, expected "
			     "one: a list is for a prefix as address",
			     p->asns.n);
	if (!conf_peer_dynamic(p) && given(l, node, "max_sessions"))
		load_warn_in(l, node, "max_sessions",
			     "max_sessions has no effect: the address is no "
			     "prefix");
	if (conf_peer_dynamic(p))
		p->passive = true;
}

static void
finish_protection(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	const struct conf_transport *t = &p->transport;

	if (given(l, node, "md5") && given(l, node, "tcp_ao"))
		load_fail_in(l, node, "tcp_ao",
			     "found md5 and tcp_ao, expected one of them");
	if (t->gtsm && given(l, node, "ttl"))
		load_fail_in(
		    l, node, "ttl",
		    "found ttl beside gtsm, expected one of them: gtsm "
		    "sends with 255");
	if (t->gtsm && p->multihop)
		load_fail_in(l, node, "multihop",
			     "found multihop beside gtsm, expected gtsm: HOPS "
			     "alone");
}

void
section_transport_finish(struct load *l, const yaml_node_t *node,
			 struct conf_peer *p)
{
	finish_address(l, node, p);
	finish_dynamic(l, node, p);
	finish_protection(l, node, p);
}

/* ---- questions ---- */

bool
conf_peer_dynamic(const struct conf_peer *p)
{
	return !ip_is_none(&p->range.addr);
}

bool
conf_peer_unnumbered(const struct conf_peer *p)
{
	return ip_is_none(&p->address) && !conf_peer_dynamic(p) && p->interface;
}

bool
conf_peer_has_asn(const struct conf_peer *p, uint32_t asn)
{
	for (size_t i = 0; i < p->asns.n; i++)
		if (p->asns.v[i] == asn)
			return true;
	return p->asn == asn;
}
