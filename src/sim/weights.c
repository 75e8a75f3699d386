/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "sim/origins.h"

/* Lines of a kind that are told one by one; the rest is counted. */
#define TOLD 10

/* One list on its way to weights. */
struct weighing {
	const struct sim_graph *g;
	const char *path;
	struct sim_weights *w;
	struct text *messages;
	size_t told; /* unplaced ones */
};

void
sim_weights_free(struct sim_weights *w)
{
	free(w->v);
	*w = (struct sim_weights){0};
}

static struct sim_weights
weights_new(const struct sim_graph *g)
{
	uint32_t n = sim_graph_count(g);

	return (struct sim_weights){.n = n,
				    .v = xcalloc(n + 1, sizeof(uint64_t))};
}

struct sim_weights
sim_weights_ases(const struct sim_graph *g)
{
	struct sim_weights w = weights_new(g);

	for (uint32_t i = 0; i < w.n; i++)
		w.v[i] = SIM_WEIGHT_ONE;
	w.total = (uint64_t)w.n * SIM_WEIGHT_ONE;
	return w;
}

static void
say_where(struct weighing *x, uint32_t line)
{
	text_addf(x->messages, "%s:", x->path);
	if (line)
		text_addf(x->messages, "%" PRIu32 ":", line);
	text_add(x->messages, " ");
}

/* False when enough of the kind was told. */
static bool
begin_unplaced(struct weighing *x, uint32_t line, uint64_t weight)
{
	x->w->unplaced += weight;
	x->w->n_unplaced++;
	if (++x->told > TOLD)
		return false;
	say_where(x, line);
	return true;
}

static void
end_unplaced(const struct weighing *x)
{
	if (x->told > TOLD)
		text_addf(x->messages, "%s: %zu more are not placed\n", x->path,
			  x->told - TOLD);
}

static void
say_stranger(struct weighing *x, const struct prefix *p, uint32_t asn,
	     uint32_t line, uint64_t weight)
{
	char buf[PREFIX_TEXT_MAX];

	if (!begin_unplaced(x, line, weight))
		return;
	if (p)
		text_addf(x->messages, "%s belongs to ",
			  prefix_format(p, buf, sizeof(buf)));
	text_addf(x->messages,
		  "AS%" PRIu32 ", which is not in the graph: its weight of "
		  "%.10g counts for no AS\n",
		  asn, (double)weight / SIM_WEIGHT_ONE);
}

/* In equal parts; what does not divide goes to the first ones. */
static void
share(struct weighing *x, const struct origins *o,
      const struct origins_group *group, const struct prefix *p, uint32_t line,
      uint64_t weight)
{
	for (size_t i = 0; i < group->n; i++) {
		uint64_t part = weight / group->n + (i < weight % group->n);
		uint32_t asn = o->asn[group->first + i];
		uint32_t id = sim_graph_find(x->g, asn);

		if (id == SIM_NONE) {
			say_stranger(x, p, asn, line, part);
			continue;
		}
		x->w->v[id] += part;
		x->w->total += part;
	}
}

static int
finish(struct weighing *x, const char *what)
{
	end_unplaced(x);
	if (x->w->total)
		return 0;
	text_addf(x->messages,
		  "%s: found no %s for any AS of the graph, expected some\n",
		  x->path, what);
	sim_weights_free(x->w);
	return -EINVAL;
}

/* ---- address space ---- */

/* Addresses of IPv4, /48s of IPv6, in thousandths. */
static uint64_t
space(const struct prefix *p)
{
	unsigned unit = p->addr.family == AF_INET ? 32 : 48;

	if (p->len <= unit)
		return (uint64_t)SIM_WEIGHT_ONE << (unit - p->len);
	return p->len - unit < 64 ? SIM_WEIGHT_ONE >> (p->len - unit) : 0;
}

/* What is left to each prefix without its more specific ones. */
static uint64_t *
spaces_new(const struct origins *o)
{
	uint64_t *own = xcalloc(o->n + 1, sizeof(*own));

	for (size_t i = 0; i < o->n; i++) {
		const struct origins_group *g = &o->groups[i];

		own[i] = space(&g->prefix);
		if (g->cover != ORIGINS_NONE)
			own[g->cover] -= own[i];
	}
	return own;
}

int
sim_weights_addresses(const struct sim_graph *g, const char *path,
		      const struct sim_origin *v, size_t n,
		      struct sim_weights *out, struct text *messages)
{
	struct weighing x = {g, path, out, messages, 0};
	struct origins o = origins_new(v, n);
	uint64_t *own = spaces_new(&o);
	uint8_t family = o.v4 ? AF_INET : AF_INET6;
	size_t others = 0;

	*out = weights_new(g);
	out->blocks = family == AF_INET6;
	for (size_t i = 0; i < o.n; i++) {
		const struct origins_group *group = &o.groups[i];

		if (group->prefix.addr.family == family)
			share(&x, &o, group, &group->prefix, group->line,
			      own[i]);
		else
			others++;
	}
	if (others)
		text_addf(messages,
			  "%s: %zu IPv6 prefixes do not count beside IPv4\n",
			  path, others);
	free(own);
	origins_free(&o);
	return finish(&x, "address space");
}

/* ---- a load list ---- */

/* 0 or -EINVAL; *weight in thousandths. */
static int
weigh(struct weighing *x, const struct sim_load *l, uint64_t *weight)
{
	double most = (double)(SIM_WEIGHT_MAX - x->w->total - x->w->unplaced);
	double exact = l->load * SIM_WEIGHT_ONE;

	if (isfinite(exact) && exact >= 0 && exact < most) {
		*weight = (uint64_t)(exact + 0.5);
		return 0;
	}
	say_where(x, l->line);
	text_addf(x->messages,
		  "found a load of %g, expected 0 or more, and %.3g at most "
		  "for all lines together\n",
		  l->load, (double)SIM_WEIGHT_MAX / SIM_WEIGHT_ONE);
	return -EINVAL;
}

static void
place_prefix(struct weighing *x, const struct origins *o,
	     const struct sim_load *l, uint64_t weight)
{
	const struct origins_group *group = origins_find(o, &l->prefix);
	char buf[PREFIX_TEXT_MAX];

	if (group) {
		share(x, o, group, &l->prefix, l->line, weight);
		return;
	}
	if (begin_unplaced(x, l->line, weight))
		text_addf(x->messages,
			  "no prefix of the address list covers %s: its load "
			  "of %g counts for no AS\n",
			  prefix_format(&l->prefix, buf, sizeof(buf)), l->load);
}

static void
place_as(struct weighing *x, const struct sim_load *l, uint64_t weight)
{
	uint32_t id = sim_graph_find(x->g, l->asn);

	if (id == SIM_NONE) {
		say_stranger(x, NULL, l->asn, l->line, weight);
		return;
	}
	x->w->v[id] += weight;
	x->w->total += weight;
}

int
sim_weights_load(const struct sim_graph *g, const char *path,
		 const struct sim_load *loads, size_t n,
		 const struct sim_origin *v, size_t n_origins,
		 struct sim_weights *out, struct text *messages)
{
	struct weighing x = {g, path, out, messages, 0};
	struct origins o = origins_new(v, n_origins);
	int error = 0;

	*out = weights_new(g);
	for (size_t i = 0; i < n; i++) {
		uint64_t weight;

		if (weigh(&x, &loads[i], &weight)) {
			error = -EINVAL;
			continue;
		}
		if (loads[i].prefix.addr.family)
			place_prefix(&x, &o, &loads[i], weight);
		else
			place_as(&x, &loads[i], weight);
	}
	origins_free(&o);
	if (!error)
		return finish(&x, "load");
	sim_weights_free(out);
	return error;
}
