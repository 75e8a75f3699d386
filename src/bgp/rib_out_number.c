/* SPDX-License-Identifier: ISC */
/*
 * Numbers of the entries of an Adj-RIB-Out:
 *
 *   0 ... n_ids - 1   prefixes of the configuration, by their number in it
 *   n_ids ... n - 1   extras, or free
 *
 * Invariants
 *  - Each NLRI has one entry at most, so that from one who announces it to
 *    another it is one UPDATE and never a withdrawal between.
 *  - An extra is wanted, announced or under way; else its number is free.
 */
#include "bgp/rib_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define NONE RIB_OUT_NONE

static const struct rib_out_chain empty = {NONE, NONE};

static bool
in_use(const struct rib_out_entry *e)
{
	return e->want || e->sent || e->flight;
}

/* ---- room ---- */

/* Entries for all prefixes of the configuration, and none more. */
void
rib_out_begin(struct rib_out *r, const struct conf *conf)
{
	r->n = r->n_ids = r->size = (uint32_t)conf->n_prefixes;
	r->entries = xcalloc(r->n ? r->n : 1, sizeof(*r->entries));
	r->extras = NULL;
	r->by_nlri = NULL;
	r->free_list = empty;
	for (uint32_t i = 0; i < r->n; i++) {
		struct bgp_nlri nlri =
		    nlri_of_prefix(&conf->prefixes[i].prefix);

		r->entries[i].prefix = nlri.prefix;
		r->entries[i].family = (uint8_t)nlri.family;
	}
}

static void
free_extras(struct rib_out_extra *by_nlri, struct rib_out_extra **extras)
{
	struct rib_out_extra *x, *next;

	HASH_ITER (hh, by_nlri, x, next) {
		HASH_DEL(by_nlri, x);
		nlri_unref(x->nlri);
		free(x);
	}
	free(extras);
}

void
rib_out_end(struct rib_out *r)
{
	free_extras(r->by_nlri, r->extras);
	free(r->entries);
}

static void
grow(struct rib_out *r)
{
	uint32_t size = r->size + r->size / 2 + 16;

	r->entries = xrealloc(r->entries, size, sizeof(*r->entries));
	r->extras = xrealloc(r->extras, size - r->n_ids,
			     sizeof(struct rib_out_extra *));
	r->size = size;
}

static uint32_t
take_number(struct rib_out *r)
{
	uint32_t i = r->free_list.first;

	if (i == NONE) {
		if (r->n == r->size || !r->extras)
			grow(r);
		i = r->n++;
	} else {
		r->free_list.first = r->entries[i].next;
	}
	memset(&r->entries[i], 0, sizeof(r->entries[i]));
	return i;
}

/* ---- extras ---- */

static struct rib_out_extra *
find_extra(const struct rib_out *r, const uint8_t *key, size_t n)
{
	struct rib_out_extra *x;

	HASH_FIND(hh, r->by_nlri, key, n, x);
	return x;
}

static uint32_t
add_extra(struct rib_out *r, struct nlri *nlri)
{
	struct rib_out_extra *x = xcalloc(1, sizeof(*x));
	struct rib_out_entry *e;

	x->nlri = nlri_ref(nlri);
	x->number = take_number(r);
	e = &r->entries[x->number];
	e->prefix = nlri->value.prefix;
	e->family = (uint8_t)nlri->value.family;
	r->extras[x->number - r->n_ids] = x;
	HASH_ADD_KEYPTR(hh, r->by_nlri, nlri->key, nlri->key_len, x);
	return x->number;
}

static uint32_t
number_of(struct rib_out *r, struct nlri *nlri)
{
	struct rib_out_extra *x = find_extra(r, nlri->key, nlri->key_len);

	return x ? x->number : add_extra(r, nlri);
}

void
rib_out_want_extra(struct rib_out *r, struct nlri *nlri, struct path *path)
{
	if (path || find_extra(r, nlri->key, nlri->key_len))
		rib_out_want(r, number_of(r, nlri), path);
}

void
rib_out_release(struct rib_out *r, uint32_t i)
{
	struct rib_out_entry *e = &r->entries[i];
	struct rib_out_extra *x;

	if (i < r->n_ids || in_use(e))
		return;
	x = r->extras[i - r->n_ids];
	r->extras[i - r->n_ids] = NULL;
	HASH_DEL(r->by_nlri, x);
	nlri_unref(x->nlri);
	free(x);
	memset(e, 0, sizeof(*e));
	e->next = r->free_list.first;
	r->free_list.first = i;
}

struct bgp_nlri
rib_out_nlri(const struct rib_out *r, uint32_t i)
{
	if (i < r->n_ids)
		return nlri_of_prefix(&r->entries[i].prefix);
	return r->extras[i - r->n_ids]->nlri->value;
}

const struct rib_out_entry *
rib_out_find(const struct rib_out *r, const struct index *index,
	     const struct bgp_nlri *nlri)
{
	uint8_t key[NLRI_KEY_MAX];
	size_t n = nlri_key(nlri, key);
	uint32_t id = index_find(index, &nlri->prefix);
	struct rib_out_extra *x;

	if (n == 0)
		return NULL;
	if (id != INDEX_NONE)
		return id < r->n_ids ? &r->entries[id] : NULL;
	x = find_extra(r, key, n);
	return x ? &r->entries[x->number] : NULL;
}

/* ---- a new configuration ---- */

struct moving {
	struct rib_out old;
	uint32_t *to; /* new number of each old entry, NONE: dropped */
};

/* The extra's NLRI, or a new one; counted. */
static struct nlri *
nlri_of(const struct rib_out *old, uint32_t i)
{
	struct bgp_nlri value;

	if (i >= old->n_ids)
		return nlri_ref(old->extras[i - old->n_ids]->nlri);
	value = nlri_of_prefix(&old->entries[i].prefix);
	return nlri_new(&value);
}

static void
assign_number(struct rib_out *r, struct moving *m, const struct index *index,
	      uint32_t i)
{
	const struct rib_out_entry *from = &m->old.entries[i];
	uint32_t id = INDEX_NONE;
	struct nlri *nlri;

	if (from->prefix.addr.family)
		id = index_find(index, &from->prefix);
	if (id == INDEX_NONE && in_use(from)) {
		nlri = nlri_of(&m->old, i);
		id = number_of(r, nlri);
		nlri_unref(nlri);
	}
	m->to[i] = id;
}

/* Moves one entry, out of all lists but `flight`. */
static void
move_entry(struct rib_out *r, const struct moving *m, uint32_t i)
{
	struct rib_out_entry *e;

	if (m->to[i] == NONE)
		return;
	e = &r->entries[m->to[i]];
	*e = m->old.entries[i];
	if (e->list != RIB_OUT_FLIGHT_LIST)
		e->list = RIB_OUT_CLEAN;
	if (m->to[i] < r->n_ids)
		return;
	path_unref(&r->paths, e->want);
	e->want = NULL;
}

static void
move_flight(struct rib_out *r, const struct moving *m)
{
	uint32_t next, i = r->flight.first;

	for (r->flight = empty; i != NONE; i = next) {
		next = m->old.entries[i].next;
		rib_out_append(r, &r->flight, m->to[i]);
	}
}

static void
clear_lists(struct rib_out *r)
{
	struct path *p;

	TAILQ_FOREACH (p, &r->dirty_paths, in_dirty)
		p->dirty = false;
	TAILQ_INIT(&r->dirty_paths);
	for (unsigned f = 0; f < RIB_OUT_FAMILIES; f++)
		r->withdraw[f] = empty;
	r->pending = 0;
}

void
rib_out_renumber(struct rib_out *r, const struct index *index)
{
	struct moving m = {.old = *r};

	m.to = xcalloc(r->n ? r->n : 1, sizeof(*m.to));
	path_forget(&r->paths);
	clear_lists(r);
	rib_out_begin(r, index->conf);
	for (uint32_t i = 0; i < m.old.n; i++)
		assign_number(r, &m, index, i);
	for (uint32_t i = 0; i < m.old.n; i++)
		move_entry(r, &m, i);
	move_flight(r, &m);
	for (uint32_t i = 0; i < r->n; i++) {
		if (r->entries[i].list == RIB_OUT_FLIGHT_LIST)
			r->pending++;
		else if (r->entries[i].family)
			rib_out_sort(r, i);
	}
	rib_out_end(&m.old);
	free(m.to);
}
