/* SPDX-License-Identifier: ISC */
/*
 * The body of an UPDATE. First octet: facts of the session; the rest: what
 * stands behind the header. Whatever comes, the lists can be walked; what was
 * accepted can be packed and read again with the same meaning.
 */
#include <assert.h>
#include <netinet/in.h>

#include "message.h"
#include "wire/bgp_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* Walks a list to its end; its number of prefixes. */
static size_t
walk(struct rbuf list, uint8_t family)
{
	struct prefix p;
	size_t count = 0;

	for (; bgp_next_prefix(&list, family, &p); count++) {
		assert(p.addr.family == family);
		assert(p.len <= ip_octets(family) * 8);
	}
	assert(rbuf_left(&list) == 0 && !list.bad);
	return count;
}

/* The same with flow specifications; nothing when there is no family. */
static void
walk_flows(struct rbuf list, uint8_t family)
{
	struct bgp_flow flow;

	while (family && bgp_next_flow(&list, family, &flow))
		assert(flow.family == family);
	assert(rbuf_left(&list) == 0 && !list.bad);
}

static void
check_lists(const struct bgp_update *u)
{
	walk(u->withdrawn, AF_INET);
	walk(u->nlri, AF_INET);
	if (u->mp_reach_family)
		walk(u->mp_reach, u->mp_reach_family);
	else
		assert(rbuf_left(&u->mp_reach) == 0);
	if (u->mp_unreach_family)
		walk(u->mp_unreach, u->mp_unreach_family);
	else
		assert(rbuf_left(&u->mp_unreach) == 0);
	walk_flows(u->flow_reach, u->flow_reach_family);
	walk_flows(u->flow_unreach, u->flow_unreach_family);
	assert(!u->mp_reach_family || !u->flow_reach_family);
	if (u->end_of_rib)
		assert(rbuf_left(&u->withdrawn) == 0 &&
		       rbuf_left(&u->nlri) == 0 && !u->has_mp_reach);
}

static void
check_verdict(const struct bgp_verdict *v)
{
	assert((v->why == NULL) == (v->action == BGP_ACCEPT));
	assert((v->code == 0) == (v->action == BGP_ACCEPT));
	assert(v->data_len <= sizeof(v->data));
	assert(v->action != BGP_DISABLE_FAMILY);
}

/* Packs what fits of a list into one message, returns how many. */
static size_t
pack(uint8_t *buf, size_t *len, struct rbuf list, uint8_t family,
     const struct bgp_attributes *a, const struct bgp_session_facts *facts)
{
	struct bgp_packer pk;
	struct prefix p;
	bool fits = bgp_pack_begin(&pk, buf, BGP_MESSAGE_MAX, family, a, facts);

	assert(fits);
	while (bgp_next_prefix(&list, family, &p) && bgp_pack_add(&pk, &p))
		;
	*len = bgp_pack_end(&pk);
	assert(*len > 0 && *len <= BGP_MESSAGE_MAX);
	return pk.n;
}

static void
same_prefixes(struct rbuf a, struct rbuf b, uint8_t family, size_t count)
{
	struct prefix p, q;

	while (count-- > 0) {
		bool both = bgp_next_prefix(&a, family, &p) &&
			    bgp_next_prefix(&b, family, &q);

		assert(both && prefix_equal(&p, &q));
	}
	assert(rbuf_left(&b) == 0);
}

/* A message of one family carries one next hop. */
static struct bgp_attributes
of_family(struct bgp_attributes a, uint8_t family)
{
	if (family == AF_INET && !ip_is_none(&a.next_hop))
		a.mp_next_hop = a.mp_next_hop_local = (struct ip){0};
	else
		a.next_hop = (struct ip){0};
	return a;
}

static void
announce_again(const struct bgp_update *u, struct rbuf list, uint8_t family,
	       const struct bgp_session_facts *facts)
{
	struct bgp_attributes a = of_family(u->attributes, family);
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_update again;
	struct bgp_verdict v;
	size_t len, count;

	if (rbuf_left(&list) == 0 || a.path_has_set ||
	    a.n_as_path > BGP_AS_PATH_MAX)
		return;
	count = pack(buf, &len, list, family, &a, facts);
	v = bgp_decode_update(buf, len, facts, &again);
	assert(v.action == BGP_ACCEPT);
	assert(memcmp(&again.attributes, &a, sizeof(a)) == 0);
	same_prefixes(list, again.mp_reach_family ? again.mp_reach : again.nlri,
		      family, count);
}

/* Both ways; flows in excess, and what follows them, are left out. */
static void
flows_again(struct rbuf list, uint8_t family, const struct bgp_attributes *of,
	    const struct bgp_session_facts *facts)
{
	struct bgp_attributes a = {0};
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_packer pk;
	struct bgp_flow flow, other;
	struct bgp_update again;
	struct bgp_verdict v;
	struct rbuf back;
	bool fits;

	if (of)
		a = of_family(*of, 0);
	a.mp_next_hop = a.mp_next_hop_local = (struct ip){0};
	fits = bgp_pack_begin_flow(&pk, buf, sizeof(buf), family,
				   of ? &a : NULL, facts);
	back = list;
	while (fits && bgp_next_flow(&back, family, &flow) &&
	       bgp_pack_add_flow(&pk, &flow))
		;
	if (!fits || pk.n == 0)
		return;
	v = bgp_decode_update(buf, bgp_pack_end(&pk), facts, &again);
	assert(v.action == BGP_ACCEPT);
	back = of ? again.flow_reach : again.flow_unreach;
	while (bgp_next_flow(&back, family, &other)) {
		fits = bgp_next_flow(&list, family, &flow);
		assert(fits && bgp_flow_cmp(&flow, &other) == 0);
	}
}

static void
withdraw_again(struct rbuf list, uint8_t family,
	       const struct bgp_session_facts *facts)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	struct bgp_update again;
	struct bgp_verdict v;
	size_t len, count;

	if (rbuf_left(&list) == 0)
		return;
	count = pack(buf, &len, list, family, NULL, NULL);
	v = bgp_decode_update(buf, len, facts, &again);
	assert(v.action == BGP_ACCEPT && !again.end_of_rib);
	same_prefixes(list,
		      family == AF_INET ? again.withdrawn : again.mp_unreach,
		      family, count);
}

static void
check_again(const struct bgp_update *u, const struct bgp_session_facts *facts)
{
	announce_again(u, u->nlri, AF_INET, facts);
	if (u->mp_reach_family)
		announce_again(u, u->mp_reach, u->mp_reach_family, facts);
	if (u->flow_reach_family && !u->attributes.path_has_set &&
	    u->attributes.n_as_path <= BGP_AS_PATH_MAX)
		flows_again(u->flow_reach, u->flow_reach_family, &u->attributes,
			    facts);
	if (u->flow_unreach_family)
		flows_again(u->flow_unreach, u->flow_unreach_family, NULL,
			    facts);
	withdraw_again(u->withdrawn, AF_INET, facts);
	if (u->mp_unreach_family)
		withdraw_again(u->mp_unreach, u->mp_unreach_family, facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct fuzz_message room;
	struct bgp_session_facts facts = {0};
	struct bgp_update update;
	struct bgp_verdict v;

	if (n == 0 || n - 1 > FUZZ_BODY_MAX)
		return 0;
	facts.as4 = octets[0] & 1;
	facts.ibgp = octets[0] & 2;
	facts.families = octets[0] >> 2 & 15;
	facts.extended_next_hop = octets[0] & 64 ? BGP_FAMILY_IPV4 : 0;
	v = bgp_decode_update(fuzz_message(&room, octets + 1, n - 1),
			      BGP_HEADER_LEN + n - 1, &facts, &update);
	check_verdict(&v);
	check_lists(&update);
	if (v.action <= BGP_DISCARD_ATTRIBUTE)
		check_again(&update, &facts);
	return 0;
}
