/* SPDX-License-Identifier: ISC */
#include "reference.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* No case comes near; more means that it goes round in circles. */
#define DELIVERIES_MAX 1000000

/* One direction of a BGP session, at the AS that hears. */
struct session {
	size_t from;                   /* index of the AS that speaks */
	size_t back;                   /* its session with the AS that hears */
	enum sim_relation relation;    /* of the speaker to the hearer */
	struct reference_route said;   /* the last thing written to it */
	struct reference_route rib_in; /* the last thing read and accepted */
	bool in_flight;
};

struct as {
	uint32_t asn;
	bool rov;
	struct session *sessions; /* owned */
	size_t n_sessions;
	struct reference_route *heard; /* owned: of the announcements */
	size_t n_heard;
	struct reference_route best;
};

struct delivery {
	size_t as, session;
};

struct reference {
	enum sim_preference preference;
	struct as *v; /* owned */
	size_t n;
	const struct reference_announcement *announcements; /* borrowed */
	struct delivery *flying;                            /* owned */
	size_t n_flying;
	uint64_t order;
};

/* ---- the graph ---- */

static size_t
as_index(struct reference *r, uint32_t asn)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].asn == asn)
			return i;
	r->v = xrealloc(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n] = (struct as){.asn = asn};
	return r->n++;
}

static void
hears(struct reference *r, size_t who, size_t from, enum sim_relation relation)
{
	struct as *a = &r->v[who];

	a->sessions =
	    xrealloc(a->sessions, a->n_sessions + 1, sizeof(*a->sessions));
	a->sessions[a->n_sessions++] = (struct session){
	    .from = from,
	    .relation = relation,
	};
}

static void
add_link(struct reference *r, const struct reference_link *link)
{
	size_t a = as_index(r, link->a), b = as_index(r, link->b);
	size_t of_a = r->v[a].n_sessions, of_b = r->v[b].n_sessions;

	hears(r, a, b, link->peers ? SIM_PEER : SIM_CUSTOMER);
	hears(r, b, a, link->peers ? SIM_PEER : SIM_PROVIDER);
	r->v[a].sessions[of_a].back = of_b;
	r->v[b].sessions[of_b].back = of_a;
}

struct reference *
reference_new(const struct reference_link *links, size_t n_links,
	      enum sim_preference preference, const uint32_t *rov, size_t n_rov)
{
	struct reference *r = xcalloc(1, sizeof(*r));
	size_t sessions = 0;

	r->preference = preference;
	for (size_t i = 0; i < n_links; i++)
		add_link(r, &links[i]);
	for (size_t i = 0; i < r->n; i++) {
		sessions += r->v[i].n_sessions;
		for (size_t k = 0; k < n_rov; k++)
			if (rov[k] == r->v[i].asn)
				r->v[i].rov = true;
	}
	r->flying = xcalloc(sessions + 1, sizeof(*r->flying));
	return r;
}

static void
forget(struct reference *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct as *a = &r->v[i];

		free(a->heard);
		a->heard = NULL;
		a->n_heard = 0;
		a->best.there = false;
		for (size_t k = 0; k < a->n_sessions; k++) {
			a->sessions[k].said.there = false;
			a->sessions[k].rib_in.there = false;
			a->sessions[k].in_flight = false;
		}
	}
	r->n_flying = 0;
}

void
reference_free(struct reference *r)
{
	forget(r);
	for (size_t i = 0; i < r->n; i++)
		free(r->v[i].sessions);
	free(r->v);
	free(r->flying);
	free(r);
}

/* ---- choosing ---- */

/* The lower the better. */
static int
local_preference(enum sim_preference p, enum sim_relation relation)
{
	if (relation == SIM_ORIGIN)
		return 0;
	switch (p) {
	case SIM_PREFER_CUSTOMER_PEER_PROVIDER:
		return relation == SIM_CUSTOMER ? 1
		       : relation == SIM_PEER   ? 2
						: 3;
	case SIM_PREFER_CUSTOMER_EQUAL_PEER:
		return relation == SIM_PROVIDER ? 2 : 1;
	case SIM_PREFER_PEER_EQUAL_PROVIDER:
		return relation == SIM_CUSTOMER ? 1 : 2;
	case SIM_PREFER_LENGTH:
		return 1;
	}
	abort();
}

/* Of the neighbour as the path shows it: what stands behind the AS itself. */
static uint32_t
neighbour_number(const struct reference_route *a)
{
	if (a->neighbour)
		return a->neighbour;
	return a->length > 1 ? a->path[1] : a->path[0];
}

/* Below 0 when a is better, 0 when only AS numbers can tell. */
static int
compare_coarse(const struct reference *r, const struct reference_route *a,
	       const struct reference_route *b)
{
	int pa = local_preference(r->preference, a->relation);
	int pb = local_preference(r->preference, b->relation);

	if (pa != pb)
		return pa - pb;
	if (a->length != b->length)
		return (int)a->length - (int)b->length;
	return (int)a->relation - (int)b->relation;
}

static int
compare(const struct reference *r, const struct reference_route *a,
	const struct reference_route *b)
{
	int coarse = compare_coarse(r, a, b);
	uint32_t na = neighbour_number(a), nb = neighbour_number(b);

	if (coarse)
		return coarse;
	if (na != nb)
		return na < nb ? -1 : 1;
	return a->announcement < b->announcement ? -1 : 1;
}

static bool
same(const struct reference_route *a, const struct reference_route *b)
{
	if (!a->there || !b->there)
		return a->there == b->there;
	return a->announcement == b->announcement &&
	       a->relation == b->relation && a->neighbour == b->neighbour &&
	       a->length == b->length &&
	       memcmp(a->path, b->path, a->length * sizeof(a->path[0])) == 0;
}

static void
choose(const struct reference *r, struct as *a)
{
	const struct reference_route *best = NULL, *c;

	for (size_t i = 0; i < a->n_heard; i++) {
		c = &a->heard[i];
		if (!best || compare(r, c, best) < 0)
			best = c;
	}
	for (size_t i = 0; i < a->n_sessions; i++) {
		c = &a->sessions[i].rib_in;
		if (c->there && (!best || compare(r, c, best) < 0))
			best = c;
	}
	if (best)
		a->best = *best;
	else
		a->best.there = false;
}

/* ---- speaking ---- */

static const struct reference_export *
export_to(const struct reference_announcement *n, uint32_t neighbour)
{
	for (size_t i = 0; i < n->n_exports; i++)
		if (n->exports[i].neighbour == neighbour)
			return &n->exports[i];
	return NULL;
}

/* What the neighbour is to the AS that speaks. */
static enum sim_relation
inverse(enum sim_relation speaker)
{
	return speaker == SIM_CUSTOMER   ? SIM_PROVIDER
	       : speaker == SIM_PROVIDER ? SIM_CUSTOMER
					 : SIM_PEER;
}

/*
 * May a tell its best route to a neighbour that is `to` to it? With *prepend:
 * how many times more its own number.
 */
static bool
may_tell(const struct reference *r, const struct as *a, uint32_t neighbour,
	 enum sim_relation to, unsigned *prepend)
{
	const struct reference_route *best = &a->best;
	const struct reference_announcement *n;
	const struct reference_export *e;

	*prepend = 0;
	if (!best->there)
		return false;
	n = &r->announcements[best->announcement];
	if (to != SIM_CUSTOMER && best->relation != SIM_CUSTOMER &&
	    best->relation != SIM_ORIGIN)
		return false;
	if (n->nopeer && to == SIM_PEER)
		return false;
	if (best->neighbour)
		return true;
	e = export_to(n, neighbour);
	if (n->no_export || (e && e->deny) || (n->only && !e))
		return false;
	*prepend = e ? e->prepend : 0;
	return true;
}

static struct reference_route
told(const struct reference *r, const struct as *a, const struct session *to)
{
	struct reference_route route = {0};
	unsigned prepend;

	/* `to` is the hearer's end: its relation is the speaker's. */
	if (!may_tell(r, a, r->v[a->sessions[to->back].from].asn,
		      inverse(to->relation), &prepend))
		return route;
	route.there = true;
	route.announcement = a->best.announcement;
	route.relation = to->relation;
	route.neighbour = a->asn;
	route.length = prepend;
	assert(prepend + a->best.length < REFERENCE_PATH_MAX);
	for (unsigned i = 0; i < prepend; i++)
		route.path[i] = a->asn;
	memcpy(route.path + prepend, a->best.path,
	       a->best.length * sizeof(route.path[0]));
	route.length += a->best.length;
	return route;
}

static void
tell_all(struct reference *r, size_t who)
{
	struct as *a = &r->v[who];

	for (size_t i = 0; i < a->n_sessions; i++) {
		size_t hearer = a->sessions[i].from;
		size_t k = a->sessions[i].back;
		struct session *s = &r->v[hearer].sessions[k];
		struct reference_route route = told(r, a, s);

		if (same(&route, &s->said))
			continue;
		s->said = route;
		if (!s->in_flight)
			r->flying[r->n_flying++] = (struct delivery){hearer, k};
		s->in_flight = true;
	}
}

/* ---- hearing ---- */

static bool
stands_in(uint32_t asn, const uint32_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == asn)
			return true;
	return false;
}

/* `path` is as it was sent. */
static bool
accepts(const struct reference *r, const struct as *a, size_t announcement,
	const uint32_t *path, size_t n)
{
	return n < SIM_PATH_MAX && !stands_in(a->asn, path, n) &&
	       !(r->announcements[announcement].invalid && a->rov);
}

static void
hear(struct reference *r, size_t who, struct session *s)
{
	struct as *a = &r->v[who];
	struct reference_route before = a->best;

	s->rib_in.there = false;
	if (s->said.there &&
	    accepts(r, a, s->said.announcement, s->said.path, s->said.length)) {
		s->rib_in = s->said;
		s->rib_in.path[0] = a->asn;
		memcpy(s->rib_in.path + 1, s->said.path,
		       s->said.length * sizeof(s->said.path[0]));
		s->rib_in.length++;
	}
	choose(r, a);
	if (!same(&before, &a->best))
		tell_all(r, who);
}

/* What an AS hears from outside the graph, or originates. */
static void
announce(struct reference *r, size_t index)
{
	const struct reference_announcement *n = &r->announcements[index];
	struct as *a = &r->v[as_index(r, n->at)];
	struct reference_route route = {
	    .there = true,
	    .announcement = index,
	    .relation = n->from,
	    .path = {a->asn},
	    .length = 1 + n->n_tail,
	};

	/* What an AS originates itself it does not hear, so does not refuse. */
	if (n->down || (n->from != SIM_ORIGIN &&
			!accepts(r, a, index, n->tail, n->n_tail)))
		return;
	memcpy(route.path + 1, n->tail, n->n_tail * sizeof(n->tail[0]));
	a->heard = xrealloc(a->heard, a->n_heard + 1, sizeof(*a->heard));
	a->heard[a->n_heard++] = route;
}

static uint64_t
shuffle(struct reference *r)
{
	r->order =
	    r->order * UINT64_C(6364136223846793005) + 1442695040888963407;
	return r->order >> 33;
}

bool
reference_run(struct reference *r,
	      const struct reference_announcement *announcements, size_t n,
	      uint64_t order)
{
	forget(r);
	r->announcements = announcements;
	r->order = order;
	for (size_t i = 0; i < n; i++)
		announce(r, i);
	for (size_t i = 0; i < r->n; i++) {
		choose(r, &r->v[i]);
		tell_all(r, i);
	}
	for (size_t i = 0; r->n_flying > 0; i++) {
		size_t k = shuffle(r) % r->n_flying;
		struct delivery d = r->flying[k];
		struct session *s = &r->v[d.as].sessions[d.session];

		if (i == DELIVERIES_MAX)
			return false;
		r->flying[k] = r->flying[--r->n_flying];
		s->in_flight = false;
		hear(r, d.as, s);
	}
	return true;
}

/* ---- asking ---- */

size_t
reference_count(const struct reference *r)
{
	return r->n;
}

uint32_t
reference_asn(const struct reference *r, size_t i)
{
	return r->v[i].asn;
}

const struct reference_route *
reference_best(const struct reference *r, size_t i)
{
	return &r->v[i].best;
}

static size_t
insert(const struct reference *r, const struct reference_route **out, size_t n,
       size_t room, const struct reference_route *c)
{
	size_t at = n;

	assert(n < room);
	for (; at > 0 && compare(r, c, out[at - 1]) < 0; at--)
		out[at] = out[at - 1];
	out[at] = c;
	return n + 1;
}

size_t
reference_candidates(const struct reference *r, size_t i,
		     const struct reference_route **out, size_t room)
{
	const struct as *a = &r->v[i];
	size_t n = 0;

	for (size_t k = 0; k < a->n_heard; k++)
		n = insert(r, out, n, room, &a->heard[k]);
	for (size_t k = 0; k < a->n_sessions; k++)
		if (a->sessions[k].rib_in.there)
			n = insert(r, out, n, room, &a->sessions[k].rib_in);
	return n;
}

bool
reference_tie(const struct reference *r, const struct reference_route *a,
	      const struct reference_route *b)
{
	return compare_coarse(r, a, b) == 0;
}
