/* SPDX-License-Identifier: ISC */
#include "bgp/path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/nlri.h"
#include "bgp/policy.h"

#define LOCAL_PREF_DEFAULT 100

/* ---- communities: merged, sorted, each once ---- */

static_assert(CONF_COMMUNITIES_MAX == BGP_COMMUNITIES_MAX, "one limit");

static int
compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static int
compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int
compare_large(const void *a, const void *b)
{
	const struct bgp_large_community *x = a, *y = b;

	for (int i = 0; i < 3; i++)
		if (x->v[i] != y->v[i])
			return x->v[i] > y->v[i] ? 1 : -1;
	return 0;
}

/* A list being built in an array of BGP_COMMUNITIES_MAX items. */
struct list {
	void *items;
	uint16_t *n;
	size_t size; /* of an item */
	bool full;
};

static void
list_add(struct list *l, const void *items, size_t n)
{
	if (*l->n + n > BGP_COMMUNITIES_MAX) {
		l->full = true;
		return;
	}
	if (n)
		memcpy((char *)l->items + *l->n * l->size, items, n * l->size);
	*l->n = (uint16_t)(*l->n + n);
}

static void
list_sort(struct list *l, int (*compare)(const void *, const void *))
{
	char *items = l->items;
	size_t kept = 0;

	if (*l->n == 0)
		return;
	qsort(items, *l->n, l->size, compare);
	for (size_t i = 1; i < *l->n; i++) {
		char *item = items + i * l->size;

		if (compare(items + kept * l->size, item) != 0)
			memmove(items + ++kept * l->size, item, l->size);
	}
	memset(items + (kept + 1) * l->size, 0, (*l->n - kept - 1) * l->size);
	*l->n = (uint16_t)(kept + 1);
}

static bool
add_communities(const struct conf_peer *peer, const struct conf_prefix *prefix,
		const struct conf_step *step, struct bgp_attributes *a)
{
	static const uint32_t graceful[] = {BGP_GRACEFUL_SHUTDOWN};
	static const uint32_t local[] = {BGP_NO_EXPORT, BGP_NOPEER};
	const struct conf_communities *of[] = {
	    &peer->communities, &prefix->communities, &step->communities};
	struct list standard = {a->communities, &a->n_communities, 4, false};
	struct list extended = {a->ext_communities, &a->n_ext_communities, 8,
				false};
	struct list large = {a->large_communities, &a->n_large_communities,
			     sizeof(a->large_communities[0]), false};

	if (prefix->scope == CONF_SCOPE_LOCAL)
		list_add(&standard, local, ARRAY_LEN(local));
	if (step->graceful_shutdown)
		list_add(&standard, graceful, ARRAY_LEN(graceful));
	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		list_add(&standard, of[i]->standard, of[i]->n_standard);
		list_add(&extended, of[i]->extended, of[i]->n_extended);
		list_add(&large, of[i]->large, of[i]->n_large);
	}
	list_sort(&standard, compare_u32);
	list_sort(&extended, compare_u64);
	list_sort(&large, compare_large);
	return !standard.full && !extended.full && !large.full;
}

/* ---- the other attributes ---- */

/*
 * RFC 4271 section 5.1.2: our own routes have an empty path inside the AS.
 * RFC 6382: a node's own origin ASN stands last, behind the local one.
 */
static void
build_as_path(const struct path_session *s, const struct conf_prefix *prefix,
	      const struct conf_step *step, struct bgp_attributes *a)
{
	unsigned prepend = step->prepend_set ? step->prepend : s->peer->prepend;
	unsigned copies = s->ibgp ? 0 : 1 + prepend;
	uint32_t local = s->peer->local_asn;

	a->has_as_path = true;
	for (unsigned i = 0; i < copies && i < BGP_AS_PATH_MAX - 1; i++)
		a->as_path[a->n_as_path++] = local;
	if (prefix->origin_asn && prefix->origin_asn != local)
		a->as_path[a->n_as_path++] = prefix->origin_asn;
	a->path_length = a->n_as_path;
}

/*
 * Our address of an IPv6 session. Between link-local addresses it stands in
 * both places: such a neighbour needs no other (RFC 2545 section 3).
 */
static void
put_own6(const struct path_session *s, struct bgp_attributes *a)
{
	if (s->local.family != AF_INET6)
		return;
	if (ip_is_none(&a->mp_next_hop))
		a->mp_next_hop = s->local;
	if (ip_is_link_local(&s->local))
		a->mp_next_hop_local = s->local;
}

/* RFC 4271 section 5.1.3: never the peer's own address. */
static const char *
build_next_hop4(const struct path_session *s, struct bgp_attributes *a)
{
	a->next_hop = s->peer->next_hop4;
	if (ip_is_none(&a->next_hop) && s->local.family == AF_INET)
		a->next_hop = s->local;
	if (ip_is_none(&a->next_hop) && s->extended_next_hop) {
		put_own6(s, a);
		return NULL;
	}
	if (ip_is_none(&a->next_hop))
		return "a session over IPv6 needs a neighbour that takes IPv6 "
		       "next hops (RFC 8950), or the peer's option next_hop "
		       "with an IPv4 address for this route";
	if (ip_equal(&a->next_hop, &s->remote))
		return "the IPv4 next hop is the peer's own address";
	return NULL;
}

static const char *
build_next_hop6(const struct path_session *s, struct bgp_attributes *a)
{
	a->mp_next_hop = s->peer->next_hop6;
	put_own6(s, a);
	if (ip_is_none(&a->mp_next_hop))
		return "a session over IPv4 needs the peer's option next_hop "
		       "with an IPv6 address for this route";
	if (ip_equal(&a->mp_next_hop, &s->remote))
		return "the IPv6 next hop is the peer's own address";
	return NULL;
}

void
path_otc(const struct path_session *s, struct bgp_attributes *a)
{
	a->otc = s->ibgp ? 0 : policy_otc(s->peer);
	a->has_otc = a->otc != 0;
}

const char *
path_next_hop(const struct path_session *s, uint8_t family,
	      struct bgp_attributes *a)
{
	return family == AF_INET ? build_next_hop4(s, a)
				 : build_next_hop6(s, a);
}

static uint8_t
wire_origin(enum conf_origin origin)
{
	switch (origin) {
	case CONF_ORIGIN_EGP:
		return BGP_ORIGIN_EGP;
	case CONF_ORIGIN_INCOMPLETE:
		return BGP_ORIGIN_INCOMPLETE;
	case CONF_ORIGIN_IGP:
		break;
	}
	return BGP_ORIGIN_IGP;
}

/* The rung's number, else the peer's. */
static void
build_preferences(const struct path_session *s, const struct conf_step *step,
		  struct bgp_attributes *a)
{
	a->has_med = step->med_set || s->peer->med_set;
	if (a->has_med)
		a->med = step->med_set ? step->med : s->peer->med;
	a->has_local_pref = s->ibgp;
	if (!s->ibgp)
		return;
	a->local_pref =
	    s->peer->local_pref_set ? s->peer->local_pref : LOCAL_PREF_DEFAULT;
	if (step->local_pref_set)
		a->local_pref = step->local_pref;
}

const char *
path_build(const struct path_session *s, const struct conf_prefix *prefix,
	   enum conf_rung rung, struct bgp_attributes *out)
{
	const struct conf_step *step = &s->peer->ladder[rung];

	memset(out, 0, sizeof(*out));
	out->has_origin = true;
	out->origin = wire_origin(prefix->origin);
	build_as_path(s, prefix, step, out);
	build_preferences(s, step, out);
	path_otc(s, out);
	if (!add_communities(s->peer, prefix, step, out))
		return "it has more than 64 communities of one kind";
	return path_next_hop(s, prefix->prefix.addr.family, out);
}

/* ---- one of each ---- */

struct path *
path_ref(struct path *p)
{
	p->refs++;
	return p;
}

void
path_unref(struct path_table *t, struct path *p)
{
	if (!p || --p->refs)
		return;
	HASH_DEL(t->all, p);
	free(p);
}

/* The one path with these attributes, counted for the caller. */
struct path *
path_intern(struct path_table *t, unsigned family,
	    const struct bgp_attributes *attributes)
{
	struct path_key key;
	struct path *p;

	memset(&key, 0, sizeof(key));
	memcpy(&key.attributes, attributes, sizeof(*attributes));
	key.family = (uint8_t)family;
	HASH_FIND(hh, t->all, &key, sizeof(key), p);
	if (p)
		return path_ref(p);
	p = xcalloc(1, sizeof(*p));
	memcpy(&p->key, &key, sizeof(key));
	p->refs = 1;
	HASH_ADD(hh, t->all, key, sizeof(key), p);
	return p;
}

static bool
communities_equal(const struct conf_communities *a,
		  const struct conf_communities *b)
{
	if (a->n_standard != b->n_standard || a->n_extended != b->n_extended ||
	    a->n_large != b->n_large)
		return false;
	return (!a->n_standard ||
		memcmp(a->standard, b->standard, a->n_standard * 4) == 0) &&
	       (!a->n_extended ||
		memcmp(a->extended, b->extended, a->n_extended * 8) == 0) &&
	       (!a->n_large ||
		memcmp(a->large, b->large, a->n_large * 12) == 0);
}

/* Same attributes on the same session? */
static bool
alike(const struct conf_prefix *a, const struct conf_prefix *b)
{
	return a->prefix.addr.family == b->prefix.addr.family &&
	       a->scope == b->scope && a->origin == b->origin &&
	       a->origin_asn == b->origin_asn &&
	       communities_equal(&a->communities, &b->communities);
}

static unsigned
memo_slot(const struct conf_prefix *p, enum conf_rung rung)
{
	uint32_t h = p->prefix.addr.family + p->origin_asn * 5 + p->scope * 3 +
		     p->origin * 7 + rung * 11;

	if (p->communities.n_standard)
		h += p->communities.standard[0];
	if (p->communities.n_large)
		h += p->communities.large[0].v[2];
	return h % PATH_MEMOS;
}

struct path *
path_for(struct path_table *t, const struct path_session *s,
	 const struct conf_prefix *prefix, enum conf_rung rung,
	 const char **why)
{
	unsigned slot = memo_slot(prefix, rung);
	struct bgp_attributes attributes;
	struct path *p = t->memos[slot].path;

	if (p && t->memos[slot].rung == rung &&
	    alike(t->memos[slot].like, prefix))
		return path_ref(p);
	*why = path_build(s, prefix, rung, &attributes);
	if (*why)
		return NULL;
	path_unref(t, p);
	p = path_intern(t, nlri_of_prefix(&prefix->prefix).family, &attributes);
	t->memos[slot].path = path_ref(p);
	t->memos[slot].like = prefix;
	t->memos[slot].rung = rung;
	return p;
}

void
path_forget(struct path_table *t)
{
	for (size_t i = 0; i < PATH_MEMOS; i++) {
		path_unref(t, t->memos[i].path);
		t->memos[i].path = NULL;
		t->memos[i].like = NULL;
	}
}
