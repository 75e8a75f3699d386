/* SPDX-License-Identifier: ISC */
/*
 * The table of routes beyond the configured prefixes.
 *
 *   NLRI ─► variants, in the order in which they count:
 *             by source (rank, then age); of one source those that name
 *             peers before the one for all others
 *
 * Invariants
 *  - Of one source each peer is named once at most, and one variant at most
 *    is for all others.
 *  - A variant without attributes stands before the one for all others of its
 *    source, which it takes its peers out of; else it is not kept.
 *  - An NLRI without variants is not kept.
 */
#include "bgp/originated.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/peer.h"
#include "bgp/speaker.h"

/* ---- attributes ---- */

static struct given *
given_of(struct originated_table *t, const struct bgp_attributes *attributes)
{
	struct given *g;

	HASH_FIND(hh, t->given, attributes, sizeof(*attributes), g);
	if (g) {
		g->refs++;
		return g;
	}
	g = xcalloc(1, sizeof(*g));
	memcpy(&g->attributes, attributes, sizeof(*attributes));
	g->refs = 1;
	HASH_ADD(hh, t->given, attributes, sizeof(g->attributes), g);
	return g;
}

static void
given_unref(struct originated_table *t, struct given *g)
{
	if (!g || --g->refs)
		return;
	HASH_DEL(t->given, g);
	free(g);
}

/* RFC 7607: AS number 0 is never sent. */
static bool
sendable(const struct bgp_attributes *a)
{
	if (!a || a->n_as_path >= BGP_AS_PATH_MAX || a->path_has_set ||
	    a->n_communities > BGP_COMMUNITIES_MAX ||
	    a->n_ext_communities > BGP_COMMUNITIES_MAX ||
	    a->n_large_communities > BGP_COMMUNITIES_MAX)
		return false;
	for (size_t i = 0; i < a->n_as_path; i++)
		if (a->as_path[i] == 0)
			return false;
	return !a->has_aggregator || a->aggregator_asn != 0;
}

/* ---- variants ---- */

static void
variant_free(struct originated_table *t, struct variant *v)
{
	given_unref(t, v->given);
	for (size_t i = 0; i < v->n_peers; i++)
		free(v->peers[i]);
	free(v->peers);
	free(v);
}

static struct variant *
variant_new(struct originated_table *t, const struct bgp_origination *o,
	    struct originator *source)
{
	struct variant *v = xcalloc(1, sizeof(*v));

	v->source = source;
	v->given = o->attributes ? given_of(t, o->attributes) : NULL;
	v->n_peers = o->n_peers;
	v->since = mono_now();
	if (o->n_peers)
		v->peers = xcalloc(o->n_peers, sizeof(*v->peers));
	for (size_t i = 0; i < o->n_peers; i++)
		v->peers[i] = xstrdup(o->peers[i]);
	return v;
}

static bool
names(char *const *peers, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(peers[i], name) == 0)
			return true;
	return false;
}

static bool
same_peers(const struct variant *v, const struct bgp_origination *o)
{
	if (v->n_peers != o->n_peers)
		return false;
	for (size_t i = 0; i < o->n_peers; i++)
		if (!names(v->peers, v->n_peers, o->peers[i]))
			return false;
	return true;
}

/* Takes the peers of `o` out of the variant; whether it had one of them. */
static bool
carve(struct variant *v, const struct bgp_origination *o)
{
	size_t kept = 0, n = v->n_peers;

	for (size_t i = 0; i < n; i++) {
		if (names((char *const *)o->peers, o->n_peers, v->peers[i]))
			free(v->peers[i]);
		else
			v->peers[kept++] = v->peers[i];
	}
	v->n_peers = kept;
	return kept < n;
}

static bool
before(const struct variant *a, const struct variant *b)
{
	if (a->source->rank != b->source->rank)
		return a->source->rank < b->source->rank;
	if (a->source->age != b->source->age)
		return a->source->age < b->source->age;
	return a->n_peers != 0 && b->n_peers == 0;
}

static void
insert(struct originated *o, struct variant *v)
{
	struct variant **at = &o->variants;

	while (*at && before(*at, v))
		at = &(*at)->next;
	v->next = *at;
	*at = v;
}

static void
drop(struct originated_table *t, struct variant **at)
{
	struct variant *v = *at;

	*at = v->next;
	variant_free(t, v);
}

/* Of the source: is there one for all peers that are not named? */
static bool
has_rest(const struct originated *o, const struct originator *source)
{
	for (const struct variant *v = o->variants; v; v = v->next)
		if (v->source == source && v->n_peers == 0)
			return true;
	return false;
}

/* Whether the source announced it to one of the peers before. */
static bool
take_out(struct originated_table *t, struct originated *e,
	 const struct originator *source, const struct bgp_origination *o)
{
	struct variant **at = &e->variants;
	bool found = false;

	while (*at) {
		struct variant *v = *at;
		bool named = v->n_peers != 0, hit;

		if (v->source != source) {
			at = &v->next;
			continue;
		}
		hit = o->n_peers == 0 || (named && carve(v, o));
		found |= hit && v->given;
		if (o->n_peers == 0 || (named && v->n_peers == 0))
			drop(t, at);
		else
			at = &v->next;
	}
	return found;
}

/* Those that only take peers out of a rest that is there no more. */
static void
tidy(struct originated_table *t, struct originated *e,
     const struct originator *source)
{
	struct variant **at = &e->variants;
	bool rest = has_rest(e, source);

	while (*at) {
		if ((*at)->source == source && !(*at)->given && !rest)
			drop(t, at);
		else
			at = &(*at)->next;
	}
}

/* ---- entries and sources ---- */

static struct originated *
find(const struct originated_table *t, const struct bgp_nlri *nlri)
{
	uint8_t key[NLRI_KEY_MAX];
	size_t n = nlri_key(nlri, key);
	struct originated *e = NULL;

	if (n)
		HASH_FIND(hh, t->all, key, n, e);
	return e;
}

static int
find_or_add(struct originated_table *t, const struct bgp_nlri *nlri,
	    struct originated **out)
{
	struct nlri *counted;

	*out = find(t, nlri);
	if (*out)
		return 0;
	if (HASH_COUNT(t->all) >= BGP_ORIGINATIONS_MAX)
		return -ENOSPC;
	counted = nlri_new(nlri);
	if (!counted)
		return -EINVAL;
	*out = xcalloc(1, sizeof(**out));
	(*out)->nlri = counted;
	HASH_ADD_KEYPTR(hh, t->all, counted->key, counted->key_len, *out);
	return 0;
}

static void
forget_if_empty(struct originated_table *t, struct originated *e)
{
	if (e->variants)
		return;
	HASH_DEL(t->all, e);
	nlri_unref(e->nlri);
	free(e);
}

static struct originator *
find_source(const struct originated_table *t, const char *name)
{
	struct originator *s;

	HASH_FIND_STR(t->sources, name, s);
	return s;
}

static struct originator *
source_of(struct originated_table *t, const struct bgp_origination *o)
{
	struct originator *s = find_source(t, o->source);

	if (s)
		return s;
	s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(o->source);
	s->rank = o->rank;
	s->age = t->n_sources++;
	HASH_ADD_KEYPTR(hh, t->sources, s->name, strlen(s->name), s);
	return s;
}

static void
forget_source(struct originated_table *t, struct originator *s)
{
	if (s->n)
		return;
	HASH_DEL(t->sources, s);
	free(s->name);
	free(s);
}

static size_t
count_of(const struct originated *e, const struct originator *source)
{
	size_t n = 0;

	for (const struct variant *v = e->variants; v; v = v->next)
		n += v->source == source;
	return n;
}

static bool
is_of(const struct originated *e, const struct originator *source)
{
	return count_of(e, source) != 0;
}

/* ---- what a peer gets ---- */

static bool
concerns(const struct variant *v, const char *peer)
{
	return v->n_peers == 0 || names(v->peers, v->n_peers, peer);
}

const struct bgp_attributes *
originated_for(const struct originated *o, const char *peer)
{
	const struct originator *out_of = NULL;

	for (const struct variant *v = o->variants; v; v = v->next) {
		if (v->source == out_of || !concerns(v, peer))
			continue;
		if (v->given)
			return &v->given->attributes;
		out_of = v->source;
	}
	return NULL;
}

static void
apply(struct bgp *bgp, const struct originated *e)
{
	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_originate(bgp->peers[i], e);
	speaker_kick(bgp);
}

/* ---- the calls ---- */

/* A variant for all others says so of those only that none else names. */
static bool
unchanged(const struct originated *e, const struct originator *source,
	  const struct bgp_origination *o)
{
	for (const struct variant *v = e->variants; v; v = v->next)
		if (v->source == source && v->given && same_peers(v, o) &&
		    memcmp(&v->given->attributes, o->attributes,
			   sizeof(*o->attributes)) == 0)
			return o->n_peers || count_of(e, source) == 1;
	return false;
}

static void
put(struct originated_table *t, struct originated *e, struct originator *source,
    const struct bgp_origination *o)
{
	struct variant *v = variant_new(t, o, source);

	source->n += !is_of(e, source);
	(void)take_out(t, e, source, o);
	insert(e, v);
}

int
bgp_originate(struct bgp *bgp, const struct bgp_origination *o)
{
	struct originated_table *t = &bgp->originated;
	struct originator *source;
	struct originated *e;
	int error;

	if (!sendable(o->attributes))
		return -EINVAL;
	error = find_or_add(t, &o->nlri, &e);
	if (error)
		return error;
	source = source_of(t, o);
	if (unchanged(e, source, o))
		return 0;
	put(t, e, source, o);
	apply(bgp, e);
	return 0;
}

/* What the peers of `o` get of the source is gone; was there something? */
static bool
take_back(struct originated_table *t, struct originated *e,
	  struct originator *source, const struct bgp_origination *o)
{
	bool found = take_out(t, e, source, o);

	if (o->n_peers && has_rest(e, source)) {
		insert(e, variant_new(t, o, source));
		found = true;
	}
	tidy(t, e, source);
	source->n -= !is_of(e, source);
	return found;
}

int
bgp_withdraw_origination(struct bgp *bgp, const struct bgp_origination *o)
{
	struct originated_table *t = &bgp->originated;
	struct bgp_origination without = *o;
	struct originator *source = find_source(t, o->source);
	struct originated *e = find(t, &o->nlri);
	bool found;

	if (!source || !e || !is_of(e, source))
		return -ENOENT;
	without.attributes = NULL;
	found = take_back(t, e, source, &without);
	apply(bgp, e);
	forget_if_empty(t, e);
	forget_source(t, source);
	return found ? 0 : -ENOENT;
}

size_t
bgp_withdraw_source(struct bgp *bgp, const char *name)
{
	struct originated_table *t = &bgp->originated;
	struct originator *source = find_source(t, name);
	const struct bgp_origination all = {.source = name};
	struct originated *e, *next;
	size_t n = source ? source->n : 0;

	if (!source)
		return 0;
	HASH_ITER (hh, t->all, e, next) {
		if (!is_of(e, source))
			continue;
		(void)take_back(t, e, source, &all);
		apply(bgp, e);
		forget_if_empty(t, e);
	}
	forget_source(t, source);
	return n;
}

void
originated_free(struct originated_table *t)
{
	struct originator *s, *next_source;
	struct originated *e, *next;

	HASH_ITER (hh, t->all, e, next) {
		while (e->variants)
			drop(t, &e->variants);
		forget_if_empty(t, e);
	}
	HASH_ITER (hh, t->sources, s, next_source) {
		s->n = 0;
		forget_source(t, s);
	}
}

/* ---- reading ---- */

void
bgp_each_origination(const struct bgp *bgp, const char *source,
		     bgp_origination_fn *each, void *arg)
{
	const struct originated *e;

	for (e = bgp->originated.all; e; e = e->hh.next) {
		for (const struct variant *v = e->variants; v; v = v->next) {
			struct bgp_origination o = {
			    .source = v->source->name,
			    .rank = v->source->rank,
			    .nlri = e->nlri->value,
			    .peers = (const char *const *)v->peers,
			    .n_peers = v->n_peers,
			};

			if (!v->given || (source && strcmp(o.source, source)))
				continue;
			o.attributes = &v->given->attributes;
			each(arg, &o, v->since);
		}
	}
}

size_t
bgp_originations(const struct bgp *bgp, const char *source)
{
	const struct originator *s;

	if (!source)
		return HASH_COUNT(bgp->originated.all);
	s = find_source(&bgp->originated, source);
	return s ? s->n : 0;
}

bool
originated_has(const struct originated_table *t, const struct bgp_nlri *nlri,
	       const char *peer)
{
	const struct originated *e = find(t, nlri);

	return e && originated_for(e, peer);
}
