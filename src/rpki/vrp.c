/* SPDX-License-Identifier: ISC */
/*
 * Linear hashing: `n_buckets` grows by one with every second entry, and then
 * the entries of one bucket are divided between it and the new one. Entries
 * are numbered; 0 ends a chain. A lookup asks for each length that is in use.
 *
 * Invariants: an entry is in the chain of its hash exactly when its sources
 * are not none; used[family][len] counts the entries of that length.
 */
#include "rpki/vrp.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LEAST_BUCKETS 64

struct entry {
	uint8_t octets[16];
	uint32_t asn;
	uint32_t sources; /* bits; 0: free */
	uint32_t next;    /* of the chain, or of the free ones */
	uint8_t len, max_length;
	bool v6;
};

struct vrp_table {
	struct entry *entries; /* owned; the first is not used */
	uint32_t n_entries, cap_entries, free_entry;
	uint32_t *buckets; /* owned; first entry of each chain */
	uint32_t n_buckets, cap_buckets, round; /* round: a power of two */
	uint32_t n;                             /* entries in chains */
	uint32_t in_use;                        /* sources that count */
	size_t count[VRP_SOURCES];
	uint32_t purged[VRP_SOURCES]; /* where the purge goes on */
	uint32_t used[2][129];
};

struct vrp_table *
vrp_table_new(void)
{
	struct vrp_table *t = xcalloc(1, sizeof(*t));

	t->n_buckets = t->cap_buckets = t->round = LEAST_BUCKETS;
	t->buckets = xcalloc(t->cap_buckets, sizeof(*t->buckets));
	t->n_entries = 1;
	return t;
}

void
vrp_table_free(struct vrp_table *t)
{
	if (!t)
		return;
	free(t->buckets);
	free(t->entries);
	free(t);
}

/* ---- hashing ---- */

static uint32_t
hash_of(const uint8_t octets[static 16], uint8_t len, bool v6)
{
	uint8_t tail[2] = {len, v6};
	uint64_t h = hash_bytes(HASH_SEED, octets, v6 ? 16 : 4);

	h = hash_bytes(h, tail, sizeof(tail));
	return (uint32_t)(h ^ (h >> 32));
}

static uint32_t
bucket_of(const struct vrp_table *t, uint32_t hash)
{
	uint32_t b = hash & (2 * t->round - 1);

	return b < t->n_buckets ? b : hash & (t->round - 1);
}

static uint32_t
entry_bucket(const struct vrp_table *t, const struct entry *e)
{
	return bucket_of(t, hash_of(e->octets, e->len, e->v6));
}

/* Divides the chain of one bucket. */
static void
grow(struct vrp_table *t)
{
	uint32_t from = t->n_buckets - t->round, chain = t->buckets[from];

	if (t->n_buckets == t->cap_buckets) {
		t->cap_buckets *= 2;
		t->buckets =
		    xrealloc(t->buckets, t->cap_buckets, sizeof(*t->buckets));
	}
	t->buckets[from] = 0;
	t->buckets[t->n_buckets++] = 0;
	while (chain) {
		struct entry *e = &t->entries[chain];
		uint32_t next = e->next, b = entry_bucket(t, e);

		e->next = t->buckets[b];
		t->buckets[b] = chain;
		chain = next;
	}
	if (t->n_buckets == 2 * t->round)
		t->round *= 2;
}

/* ---- entries ---- */

static bool
is_it(const struct entry *e, const struct vrp *v)
{
	return e->asn == v->asn && e->len == v->prefix.len &&
	       e->max_length == v->max_length &&
	       e->v6 == (v->prefix.addr.family == AF_INET6) &&
	       memcmp(e->octets, v->prefix.addr.bytes, 16) == 0;
}

static uint32_t
find(const struct vrp_table *t, const struct vrp *v, uint32_t bucket)
{
	uint32_t i = t->buckets[bucket];

	while (i && !is_it(&t->entries[i], v))
		i = t->entries[i].next;
	return i;
}

static uint32_t
take_entry(struct vrp_table *t)
{
	uint32_t i = t->free_entry;

	if (i) {
		t->free_entry = t->entries[i].next;
		return i;
	}
	if (t->n_entries >= t->cap_entries) {
		t->cap_entries = t->cap_entries ? t->cap_entries * 2 : 256;
		t->entries =
		    xrealloc(t->entries, t->cap_entries, sizeof(*t->entries));
	}
	return t->n_entries++;
}

static uint32_t
insert(struct vrp_table *t, const struct vrp *v, uint32_t hash)
{
	uint32_t i = take_entry(t), b;
	struct entry *e = &t->entries[i];

	*e = (struct entry){.asn = v->asn,
			    .len = v->prefix.len,
			    .max_length = v->max_length,
			    .v6 = v->prefix.addr.family == AF_INET6};
	memcpy(e->octets, v->prefix.addr.bytes, sizeof(e->octets));
	if (++t->n > 2 * t->n_buckets)
		grow(t);
	b = bucket_of(t, hash);
	e->next = t->buckets[b];
	t->buckets[b] = i;
	t->used[e->v6][e->len]++;
	return i;
}

static void delete (struct vrp_table *t, uint32_t i)
{
	struct entry *e = &t->entries[i];
	uint32_t *at = &t->buckets[entry_bucket(t, e)];

	while (*at != i)
		at = &t->entries[*at].next;
	*at = e->next;
	t->used[e->v6][e->len]--;
	t->n--;
	e->next = t->free_entry;
	t->free_entry = i;
}

static void
drop_source(struct vrp_table *t, uint32_t i, unsigned source)
{
	struct entry *e = &t->entries[i];

	if (!(e->sources & (UINT32_C(1) << source)))
		return;
	e->sources &= ~(UINT32_C(1) << source);
	t->count[source]--;
	if (e->sources == 0)
		delete (t, i);
}

/* ---- the table ---- */

/* Host bits are zero, lengths in order: anything else is no VRP. */
static bool
is_sound(const struct vrp *v)
{
	unsigned bits = v->prefix.addr.family == AF_INET    ? 32
			: v->prefix.addr.family == AF_INET6 ? 128
							    : 0;

	return bits && v->prefix.len <= v->max_length && v->max_length <= bits;
}

static struct prefix
shorter(const struct prefix *p, unsigned len)
{
	struct prefix out = *p;

	out.len = (uint8_t)len;
	for (unsigned i = len / 8; i < 16; i++)
		out.addr.bytes[i] &=
		    i == len / 8 ? (uint8_t)(0xff00 >> (len % 8)) : 0;
	return out;
}

bool
vrp_add(struct vrp_table *t, const struct vrp *v, unsigned source)
{
	uint32_t bit = UINT32_C(1) << source, hash, i;
	struct vrp clean = *v;

	if (!is_sound(v))
		return false;
	clean.prefix = shorter(&v->prefix, v->prefix.len);
	hash = hash_of(clean.prefix.addr.bytes, clean.prefix.len,
		       clean.prefix.addr.family == AF_INET6);
	i = find(t, &clean, bucket_of(t, hash));
	if (!i)
		i = insert(t, &clean, hash);
	t->count[source] += !(t->entries[i].sources & bit);
	t->entries[i].sources |= bit;
	return true;
}

void
vrp_remove(struct vrp_table *t, const struct vrp *v, unsigned source)
{
	struct vrp clean = *v;
	uint32_t i;

	if (!is_sound(v))
		return;
	clean.prefix = shorter(&v->prefix, v->prefix.len);
	i = find(t, &clean,
		 bucket_of(t, hash_of(clean.prefix.addr.bytes, clean.prefix.len,
				      clean.prefix.addr.family == AF_INET6)));
	if (i)
		drop_source(t, i, source);
}

void
vrp_use(struct vrp_table *t, uint32_t sources)
{
	t->in_use = sources;
}

bool
vrp_purge(struct vrp_table *t, unsigned source, size_t steps)
{
	uint32_t *at = &t->purged[source];

	if (*at == 0)
		*at = 1; /* the first entry is not used */
	for (; steps > 0 && *at < t->n_entries && t->count[source]; steps--)
		drop_source(t, (*at)++, source);
	if (*at < t->n_entries && t->count[source])
		return false;
	*at = 0;
	return true;
}

size_t
vrp_count(const struct vrp_table *t, unsigned source)
{
	return t->count[source];
}

/* ---- questions ---- */

void
vrp_covering(const struct vrp_table *t, const struct prefix *prefix,
	     vrp_fn *each, void *arg)
{
	bool v6 = prefix->addr.family == AF_INET6;

	for (unsigned len = 0; len <= prefix->len; len++) {
		struct prefix p;
		uint32_t i;

		if (!t->used[v6][len])
			continue;
		p = shorter(prefix, len);
		i = t->buckets[bucket_of(t, hash_of(p.addr.bytes, p.len, v6))];
		for (; i; i = t->entries[i].next) {
			const struct entry *e = &t->entries[i];
			struct vrp v = {p, e->max_length, e->asn};

			if (is_it(e, &v) && (e->sources & t->in_use))
				each(arg, &v);
		}
	}
}

struct question {
	uint8_t len;
	uint32_t origin;
	enum vrp_state state;
};

static void
judge(void *arg, const struct vrp *v)
{
	struct question *q = arg;

	if (q->state == VRP_VALID)
		return;
	q->state =
	    q->len <= v->max_length && v->asn == q->origin && q->origin != 0
		? VRP_VALID
		: VRP_INVALID;
}

enum vrp_state
vrp_validate(const struct vrp_table *t, const struct prefix *prefix,
	     uint32_t origin)
{
	struct question q = {prefix->len, origin, VRP_NOT_FOUND};

	if (t->in_use)
		vrp_covering(t, prefix, judge, &q);
	return q.state;
}
