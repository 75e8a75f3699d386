/* SPDX-License-Identifier: ISC */
#include "bgp/flow_in.h"

#include <stdlib.h>

#include "base/text.h"
#include "bgp/pack.h"

static struct flow_in_route *
find(const struct flow_in *f, const struct bgp_nlri *nlri)
{
	uint8_t key[NLRI_KEY_MAX];
	size_t n = nlri_key(nlri, key);
	struct flow_in_route *r = NULL;

	if (n)
		HASH_FIND(hh, f->routes, key, n, r);
	return r;
}

static void
drop(struct flow_in *f, struct flow_check *c, struct flow_in_route *r)
{
	HASH_DEL(f->routes, r);
	f->n--;
	flow_check_remove(c, r->nlri->flow);
	nlri_unref(r->nlri);
	free(r->packed);
	free(r);
}

static struct flow_in_route *
add(struct flow_in *f, struct flow_check *c, const struct bgp_nlri *nlri)
{
	struct flow_in_route *r;
	struct nlri *counted;

	if (f->n >= FLOW_IN_MAX || c->n >= FLOW_CHECK_MAX) {
		f->over_limit++;
		return NULL;
	}
	counted = nlri_new(nlri);
	if (!counted) {
		f->excess++;
		return NULL;
	}
	r = xcalloc(1, sizeof(*r));
	r->nlri = counted;
	HASH_ADD_KEYPTR(hh, f->routes, r->nlri->key, r->nlri->key_len, r);
	f->n++;
	flow_check_add(c, r->nlri->flow);
	return r;
}

static bool
announce(struct flow_in *f, struct flow_check *c, const struct bgp_nlri *nlri,
	 const struct bgp_attributes *a, struct mono now)
{
	struct flow_in_route *r;

	if (nlri->flow->excess) {
		f->excess++;
		return false;
	}
	r = find(f, nlri);
	if (!r)
		r = add(f, c, nlri);
	if (!r)
		return false;
	free(r->packed);
	r->packed = xrealloc(NULL, 1, pack_size(a));
	pack_attributes(a, r->packed);
	r->since = now;
	r->verdict = FLOW_WAITING;
	r->stale = false;
	return true;
}

static bool
withdraw(struct flow_in *f, struct flow_check *c, const struct bgp_nlri *nlri)
{
	struct flow_in_route *r = find(f, nlri);

	if (r)
		drop(f, c, r);
	return r != NULL;
}

/* A list of an UPDATE; without attributes it is withdrawn. */
static bool
each_flow(struct flow_in *f, struct flow_check *c, struct rbuf list,
	  uint8_t family, const struct bgp_attributes *a, struct mono now)
{
	struct bgp_flow flow;
	bool changed = false;

	while (family && bgp_next_flow(&list, family, &flow)) {
		const struct bgp_nlri nlri = {.family = bgp_family_flow(family),
					      .flow = &flow};

		changed |=
		    a ? announce(f, c, &nlri, a, now) : withdraw(f, c, &nlri);
	}
	return changed;
}

bool
flow_in_update(struct flow_in *f, struct flow_check *c,
	       const struct bgp_update *u, bool withdraw_all, struct mono now)
{
	bool changed =
	    each_flow(f, c, u->flow_unreach, u->flow_unreach_family, NULL, now);

	return each_flow(f, c, u->flow_reach, u->flow_reach_family,
			 withdraw_all ? NULL : &u->attributes, now) ||
	       changed;
}

void
flow_in_mark_stale(struct flow_in *f, unsigned families)
{
	for (struct flow_in_route *r = f->routes; r; r = r->hh.next)
		r->stale |= (r->nlri->value.family & families) != 0;
}

void
flow_in_drop_stale(struct flow_in *f, struct flow_check *c, unsigned families)
{
	struct flow_in_route *r, *next;

	HASH_ITER (hh, f->routes, r, next) {
		if (r->stale && r->nlri->value.family & families)
			drop(f, c, r);
	}
}

void
flow_in_clear(struct flow_in *f, struct flow_check *c)
{
	struct flow_in_route *r, *next;

	HASH_ITER (hh, f->routes, r, next) {
		drop(f, c, r);
	}
}

bool
flow_in_judge(struct flow_in *f, const struct flow_check *c,
	      const struct flow_unicast *u, const struct flow_source *source,
	      size_t *budget)
{
	for (struct flow_in_route *r = f->routes; r; r = r->hh.next) {
		struct bgp_attributes a;

		if (r->round == c->round)
			continue;
		if (*budget == 0)
			return false;
		--*budget;
		pack_open(r->packed, &a);
		r->verdict = flow_check_judge(c, u, source, r->nlri->flow, &a);
		r->round = c->round;
	}
	return true;
}
