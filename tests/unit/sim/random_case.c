/* SPDX-License-Identifier: ISC */
#include "random_case.h"

#include <string.h>

#include "base/text.h"

/* ---- chance ---- */

/* splitmix64 */
static uint64_t
draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static uint32_t
below(uint64_t *state, uint32_t n)
{
	return (uint32_t)(draw(state) % n);
}

static bool
percent(uint64_t *state, uint32_t p)
{
	return below(state, 100) < p;
}

/* ---- the graph ---- */

/* AS numbers in the order of the hierarchy, which is not theirs. */
struct world {
	uint64_t *state;
	uint32_t asn[RANDOM_ASES];
	size_t n;
	bool linked[RANDOM_ASES][RANDOM_ASES];
};

static bool
known(const struct world *w, uint32_t asn)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->asn[i] == asn)
			return true;
	return false;
}

static void
draw_numbers(struct world *w, size_t n)
{
	/* Few digits, two octets, four octets. */
	static const uint32_t ranges[] = {99, 64000, 4200000000};
	uint32_t range = ranges[below(w->state, ARRAY_LEN(ranges))];

	for (w->n = 0; w->n < n;) {
		uint32_t asn = 1 + below(w->state, range);

		if (!known(w, asn))
			w->asn[w->n++] = asn;
	}
}

/* `a` stands higher in the hierarchy. */
static void
add(struct random_case *c, struct world *w, size_t a, size_t b, bool peers)
{
	if (a == b || w->linked[a][b])
		return;
	w->linked[a][b] = w->linked[b][a] = true;
	if (peers && percent(w->state, 50)) {
		size_t t = a;

		a = b;
		b = t;
	}
	c->links[c->n_links++] =
	    (struct reference_link){w->asn[a], w->asn[b], peers};
}

/* Each has up to `most` providers among those above it, `near` of them. */
static void
add_providers(struct random_case *c, struct world *w, size_t top, uint32_t most,
	      size_t near)
{
	for (size_t i = top; i < w->n; i++) {
		uint32_t n = 1 + below(w->state, most);
		size_t first = near && i > near ? i - near : 0;

		for (uint32_t k = 0; k < n; k++)
			add(c, w,
			    first + below(w->state, (uint32_t)(i - first)), i,
			    false);
	}
}

static void
add_peers(struct random_case *c, struct world *w, size_t within, uint32_t share)
{
	for (size_t a = 0; a < within; a++)
		for (size_t b = a + 1; b < within; b++)
			if (percent(w->state, share))
				add(c, w, a, b, true);
}

static void
draw_chain(struct random_case *c, struct world *w)
{
	for (size_t i = 1; i < w->n; i++)
		add(c, w, i - 1, i, percent(w->state, 10));
	add_peers(c, w, w->n, below(w->state, 15));
}

/* A clique of peers, and customers below. */
static void
draw_internet(struct random_case *c, struct world *w)
{
	size_t top = 1 + below(w->state, (uint32_t)(w->n - 1));

	top = top > 8 ? 8 : top;
	add_peers(c, w, top, 100);
	add_providers(c, w, top, 1 + below(w->state, 4),
		      below(w->state, 2) * 6);
	add_peers(c, w, w->n, below(w->state, 30));
}

static void
draw_peers(struct random_case *c, struct world *w)
{
	add_providers(c, w, 1, 1, 0);
	add_peers(c, w, w->n, 40 + below(w->state, 61));
}

/* Everybody with everybody: the most routes to choose from. */
static void
draw_multihomed(struct random_case *c, struct world *w)
{
	uint32_t peers = below(w->state, 40);

	for (size_t a = 0; a < w->n; a++)
		for (size_t b = a + 1; b < w->n; b++)
			if (percent(w->state, 50))
				add(c, w, a, b, percent(w->state, peers));
}

/* Islands, and ASes without a provider in between. */
static void
draw_sparse(struct random_case *c, struct world *w)
{
	for (size_t i = 1; i < w->n; i++)
		if (percent(w->state, 70))
			add(c, w, below(w->state, (uint32_t)i), i,
			    percent(w->state, 20));
}

static void
draw_graph(struct random_case *c, struct world *w)
{
	static void (*const shapes[])(struct random_case *, struct world *) = {
	    draw_chain, draw_internet,   draw_internet,
	    draw_peers, draw_multihomed, draw_sparse,
	};
	/* Small ones often: they are the readable ones. */
	uint32_t most = percent(w->state, 30) ? 7 : RANDOM_ASES;

	draw_numbers(w, 2 + below(w->state, most - 1));
	shapes[below(w->state, ARRAY_LEN(shapes))](c, w);
	if (c->n_links == 0)
		add(c, w, 0, 1, percent(w->state, 50));
	for (size_t i = c->n_links - 1; i > 0; i--) {
		size_t k = below(w->state, (uint32_t)(i + 1));
		struct reference_link t = c->links[i];

		c->links[i] = c->links[k];
		c->links[k] = t;
	}
}

/* ---- announcements ---- */

/* One that has a link: others are not in the graph. */
static uint32_t
draw_as(const struct random_case *c, uint64_t *state)
{
	const struct reference_link *l =
	    &c->links[below(state, (uint32_t)c->n_links)];

	return percent(state, 50) ? l->a : l->b;
}

static void
draw_tail(const struct random_case *c, uint64_t *state, uint32_t origin,
	  struct reference_announcement *a)
{
	size_t most = ARRAY_LEN(a->tail);

	/* A leak or a forged path: over ASes of the graph, maybe its own. */
	if (percent(state, 25))
		for (uint32_t n = below(state, 4); n > 0; n--)
			a->tail[a->n_tail++] = draw_as(c, state);
	if (a->from == SIM_ORIGIN && a->n_tail == 0 && percent(state, 85))
		return;
	a->tail[a->n_tail++] = origin;
	while (a->n_tail < most && percent(state, 30))
		a->tail[a->n_tail++] = origin;
}

static bool
listed(const struct reference_announcement *a, uint32_t neighbour)
{
	for (size_t i = 0; i < a->n_exports; i++)
		if (a->exports[i].neighbour == neighbour)
			return true;
	return false;
}

static unsigned
draw_prepend(uint64_t *state)
{
	if (percent(state, 3))
		return 100 + below(state, 156);
	return percent(state, 50) ? below(state, 5) : 0;
}

static void
draw_exports(const struct random_case *c, uint64_t *state,
	     struct reference_announcement *a)
{
	for (size_t i = 0; i < c->n_links; i++) {
		const struct reference_link *l = &c->links[i];
		uint32_t other = l->a == a->at ? l->b : l->a;

		if ((l->a != a->at && l->b != a->at) || !percent(state, 50) ||
		    a->n_exports == ARRAY_LEN(a->exports) || listed(a, other))
			continue;
		a->exports[a->n_exports++] = (struct reference_export){
		    other, draw_prepend(state), percent(state, 30)};
	}
}

/* Mostly the one; an AS of the graph; or a neighbour that is not in it. */
static uint32_t
draw_origin(const struct random_case *c, uint64_t *state, uint32_t origin)
{
	if (percent(state, 80))
		return origin;
	if (percent(state, 50))
		return draw_as(c, state);
	/* Also next to a number of the graph. */
	return draw_as(c, state) + 1 + below(state, 3);
}

static void
draw_announcement(const struct random_case *c, uint64_t *state, uint32_t origin,
		  struct reference_announcement *a)
{
	/* Often where there is one already. */
	size_t n = c->n_announcements;

	a->at = n && percent(state, 25)
		    ? c->announcements[below(state, (uint32_t)n)].at
		    : draw_as(c, state);
	a->from = below(state, SIM_PROVIDER + 1);
	a->site = below(state, 4);
	draw_tail(c, state, draw_origin(c, state, origin), a);
	a->down = percent(state, 5);
	a->invalid = percent(state, 25);
	a->nopeer = percent(state, 15);
	if (a->from == SIM_ORIGIN)
		return;
	a->no_export = percent(state, 7);
	a->only = percent(state, 15);
	if (a->only || percent(state, 30))
		draw_exports(c, state, a);
}

static void
draw_rov(struct random_case *c, const struct world *w)
{
	uint32_t share = percent(w->state, 50) ? below(w->state, 70) : 0;

	for (size_t i = 0; i < w->n; i++)
		if (percent(w->state, share))
			c->rov[c->n_rov++] = w->asn[i];
}

void
random_case(uint64_t seed, struct random_case *c)
{
	uint64_t state = seed * 2 + 1;
	struct world w = {.state = &state};
	uint32_t n, origin;

	memset(c, 0, sizeof(*c));
	c->seed = seed;
	draw_graph(c, &w);
	c->preference = percent(&state, 40)
			    ? SIM_PREFER_CUSTOMER_PEER_PROVIDER
			    : below(&state, SIM_PREFER_LENGTH + 1);
	draw_rov(c, &w);
	origin = percent(&state, 80) ? 65000 : draw_as(c, &state);
	n = percent(&state, 60) ? 1 + below(&state, 3)
				: 1 + below(&state, RANDOM_ANNOUNCEMENTS);
	for (; c->n_announcements < n; c->n_announcements++)
		draw_announcement(c, &state, origin,
				  &c->announcements[c->n_announcements]);
}

/* ---- as text ---- */

void
random_case_graph(const struct random_case *c, struct text *out)
{
	for (size_t i = 0; i < c->n_links; i++)
		text_addf(out, "%u|%u|%d\n", c->links[i].a, c->links[i].b,
			  c->links[i].peers ? 0 : -1);
}

static void
announcement_text(const struct reference_announcement *a, size_t i,
		  struct text *out)
{
	text_addf(out, "announcement %zu: at %u from %s, site %u", i, a->at,
		  sim_relation_text(a->from), a->site);
	for (size_t k = 0; k < a->n_tail; k++)
		text_addf(out, "%s%u", k ? " " : ", tail ", a->tail[k]);
	text_addf(out, "%s%s%s%s%s", a->down ? ", down" : "",
		  a->invalid ? ", invalid" : "",
		  a->no_export ? ", no-export" : "",
		  a->nopeer ? ", nopeer" : "", a->only ? ", only" : "");
	for (size_t k = 0; k < a->n_exports; k++)
		text_addf(out, ", to %u prepend %u%s", a->exports[k].neighbour,
			  a->exports[k].prepend,
			  a->exports[k].deny ? " deny" : "");
	text_add(out, "\n");
}

void
random_case_text(const struct random_case *c, struct text *out)
{
	text_addf(out, "case %llu\n", (unsigned long long)c->seed);
	random_case_graph(c, out);
	text_addf(out,
		  "preference: %s\nrov:", sim_preference_text(c->preference));
	for (size_t i = 0; i < c->n_rov; i++)
		text_addf(out, " %u", c->rov[i]);
	text_add(out, "\n");
	for (size_t i = 0; i < c->n_announcements; i++)
		announcement_text(&c->announcements[i], i, out);
}

/* ---- smaller ---- */

typedef bool fails_fn(const struct random_case *c);

static bool
linked(const struct random_case *c, uint32_t asn)
{
	for (size_t i = 0; i < c->n_links; i++)
		if (c->links[i].a == asn || c->links[i].b == asn)
			return true;
	return false;
}

/* Announcements stand at ASes of the graph, exports go to neighbours. */
static bool
sound(const struct random_case *c)
{
	for (size_t i = 0; i < c->n_announcements; i++) {
		const struct reference_announcement *a = &c->announcements[i];

		if (!linked(c, a->at))
			return false;
		for (size_t k = 0; k < a->n_exports; k++)
			if (!linked(c, a->exports[k].neighbour))
				return false;
	}
	return c->n_links > 0;
}

static bool
keep(struct random_case *c, const struct random_case *smaller, fails_fn *fails)
{
	if (!sound(smaller) || !fails(smaller))
		return false;
	*c = *smaller;
	return true;
}

/* Takes one element out of an array. */
static void
take(void *v, size_t *n, size_t i, size_t size)
{
	char *at = (char *)v + i * size;

	(*n)--;
	memmove(at, at + size, (*n - i) * size);
}

static bool
shrink_arrays(struct random_case *c, fails_fn *fails)
{
	struct random_case s;
	bool any = false;

	for (size_t i = c->n_links; i-- > 0;) {
		s = *c;
		take(s.links, &s.n_links, i, sizeof(s.links[0]));
		any |= keep(c, &s, fails);
	}
	for (size_t i = c->n_announcements; i-- > 0;) {
		s = *c;
		take(s.announcements, &s.n_announcements, i,
		     sizeof(s.announcements[0]));
		any |= keep(c, &s, fails);
	}
	for (size_t i = c->n_rov; i-- > 0;) {
		s = *c;
		take(s.rov, &s.n_rov, i, sizeof(s.rov[0]));
		any |= keep(c, &s, fails);
	}
	return any;
}

static bool
shrink_announcement(struct random_case *c, size_t i, fails_fn *fails)
{
	struct random_case s;
	struct reference_announcement *a = &s.announcements[i];
	bool *const flags[] = {&a->invalid, &a->no_export, &a->nopeer,
			       &a->only};
	bool any = false;

	for (size_t k = 0; k < ARRAY_LEN(flags); k++) {
		s = *c;
		if (*flags[k]) {
			*flags[k] = false;
			any |= keep(c, &s, fails);
		}
	}
	for (size_t k = c->announcements[i].n_exports; k-- > 0;) {
		s = *c;
		take(a->exports, &a->n_exports, k, sizeof(a->exports[0]));
		any |= keep(c, &s, fails);
	}
	for (size_t k = c->announcements[i].n_tail; k-- > 0;) {
		s = *c;
		take(a->tail, &a->n_tail, k, sizeof(a->tail[0]));
		/* Only what an AS itself originates has none. */
		if (a->n_tail || a->from == SIM_ORIGIN)
			any |= keep(c, &s, fails);
	}
	return any;
}

void
random_case_shrink(struct random_case *c, fails_fn *fails)
{
	bool any = true;

	while (any) {
		any = shrink_arrays(c, fails);
		for (size_t i = 0; i < c->n_announcements; i++)
			any |= shrink_announcement(c, i, fails);
	}
}
