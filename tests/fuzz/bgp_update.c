/* SPDX-License-Identifier: ISC */
/*
 * The body of an UPDATE. First octet: facts of the session; the rest: what
 * stands behind the header. Whatever comes, the lists can be walked; what was
 * accepted can be packed and read again with the same meaning.
 */
#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bgp.h"

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

/* A message of one family carries only that family's next hop. */
static struct bgp_attributes
of_family(struct bgp_attributes a, uint8_t family)
{
	if (family == AF_INET)
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
	same_prefixes(list, family == AF_INET ? again.nlri : again.mp_reach,
		      family, count);
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
	withdraw_again(u->withdrawn, AF_INET, facts);
	if (u->mp_unreach_family)
		withdraw_again(u->mp_unreach, u->mp_unreach_family, facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct bgp_session_facts facts = {0};
	struct bgp_update update;
	struct bgp_verdict v;
	uint8_t *message;

	if (n == 0 || n > BGP_MESSAGE_MAX - BGP_HEADER_LEN)
		return 0;
	facts.as4 = octets[0] & 1;
	facts.ibgp = octets[0] & 2;
	facts.families = octets[0] >> 2 & 3;
	message = malloc(BGP_HEADER_LEN + n - 1);
	assert(message);
	memset(message, 0xff, BGP_HEADER_LEN);
	memcpy(message + BGP_HEADER_LEN, octets + 1, n - 1);
	v = bgp_decode_update(message, BGP_HEADER_LEN + n - 1, &facts, &update);
	check_verdict(&v);
	check_lists(&update);
	if (v.action <= BGP_DISCARD_ATTRIBUTE)
		check_again(&update, &facts);
	free(message);
	return 0;
}
