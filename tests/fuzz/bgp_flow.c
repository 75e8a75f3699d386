/* SPDX-License-Identifier: ISC */
/*
 * Flow specifications. First octet: the family; the rest: a list of NLRI. What
 * is well-formed can be said again with the same meaning, and the order is one.
 */
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/bgp_flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

struct known {
	struct bgp_flow flow;
	uint8_t nlri[BGP_FLOW_OCTETS_MAX];
	size_t n;
};

static void
check_terms(const struct bgp_flow *f)
{
	size_t n = 0;

	assert(f->n_terms <= BGP_FLOW_TERMS_MAX);
	for (size_t type = 0; type < BGP_FLOW_TYPES; type++) {
		assert(f->count[type] == 0 || f->first[type] == n);
		n += f->count[type];
	}
	assert(n == f->n_terms);
	for (size_t i = 0; i < n; i++)
		assert((f->terms[i].op & 0xb8) == 0);
}

static void
check_again(struct known *k)
{
	struct rbuf r;
	struct bgp_flow again;
	const char *why;
	bool fine;

	k->n = bgp_flow_encode(&k->flow, k->nlri, sizeof(k->nlri));
	assert((k->n == 0) == k->flow.excess);
	if (k->n == 0)
		return;
	r = rbuf_of(k->nlri, k->n);
	fine = bgp_flow_decode(&r, k->flow.family, &again, &why);
	assert(fine && rbuf_left(&r) == 0);
	assert(memcmp(&k->flow, &again, sizeof(again)) == 0);
	assert(bgp_flow_cmp(&k->flow, &again) == 0);
}

static void
check_order(const struct known *a, const struct known *b)
{
	int ab = bgp_flow_cmp(&a->flow, &b->flow);
	int ba = bgp_flow_cmp(&b->flow, &a->flow);
	bool same = a->n == b->n && memcmp(a->nlri, b->nlri, a->n) == 0;

	assert((ab > 0) == (ba < 0) && (ab < 0) == (ba > 0));
	assert(same == (ab == 0));
}

static void
check_action(const uint8_t *octets, size_t n)
{
	struct rbuf r = rbuf_of(octets, n);
	struct bgp_flow_action a = bgp_flow_action_of(rbuf_u64(&r)), again;

	if (a.kind == BGP_FLOW_OTHER)
		return;
	assert(a.rate >= 0);
	again = bgp_flow_action_of(bgp_flow_action_encode(&a));
	assert(again.kind == a.kind && again.id == a.id);
	assert(again.rate >= a.rate && again.rate <= a.rate);
	assert(again.sample == a.sample && again.terminal == a.terminal);
	assert(again.dscp == a.dscp && again.form == a.form);
	assert(again.administrator == a.administrator);
	assert(again.value == a.value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct known known[2];
	struct rbuf r = rbuf_of(octets, n);
	uint8_t family = rbuf_u8(&r) & 1 ? AF_INET6 : AF_INET;
	size_t count = 0;
	const char *why;

	check_action(octets, n);
	while (rbuf_left(&r) > 0) {
		struct known *k = &known[count % 2];

		if (!bgp_flow_decode(&r, family, &k->flow, &why)) {
			assert(why);
			break;
		}
		assert(!why);
		check_terms(&k->flow);
		check_again(k);
		if (count > 0 && known[0].n && known[1].n)
			check_order(&known[0], &known[1]);
		count++;
	}
	return 0;
}
