/* SPDX-License-Identifier: ISC */
/*
 * Another file as an alternative: it is a scenario of its own on the same
 * graph, and its plan is put in the order of the base's. Who is looked for
 * mostly stands where it stands in the base, or a little behind.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "scenario/plan.h"

#define SHOWN_MAX 200

struct other {
	const struct scenario *s;         /* of the base */
	const struct scenario_plan *from; /* of the other file */
	struct scenario_plan *plan;       /* that is made */
	uint32_t *site; /* owned; by site of `from`: its number in `plan` */
	bool *taken;    /* owned; by upstream of `from`: it has one too */
};

/* ---- what both files must say alike ---- */

/* Both absent, or one file under whatever name. */
static bool
same_file(const char *a, const char *b)
{
	struct stat x, y;

	if (!a || !b)
		return a == b;
	if (strcmp(a, b) == 0)
		return true;
	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static bool
same_validators(const struct scenario *a, const struct scenario *b)
{
	uint32_t n = sim_graph_count(a->graph);

	for (uint32_t id = 0; id < n; id++)
		if (sim_set_has(&a->rov, id) != sim_set_has(&b->rov, id))
			return false;
	return true;
}

static bool
same_weights(const struct conf_scenario *a, const struct conf_scenario *b)
{
	return a->weights == b->weights && same_file(a->load, b->load) &&
	       same_file(a->addresses, b->addresses);
}

/* The alternative is run in the world of the first file. */
static void
warn_of_world(const struct scenario *s, const struct scenario *other,
	      struct text *messages)
{
	const struct {
		const char *what;
		bool same;
	} parts[] = {
	    {"rov", same_validators(s, other)},
	    {"preference", s->conf->preference == other->conf->preference},
	    {"weights", same_weights(s->conf, other->conf)},
	};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (!parts[i].same)
			text_addf(messages,
				  "%s: warning: %s: found another than in %s, "
				  "whose is used for both\n",
				  other->conf->path, parts[i].what,
				  s->conf->path);
}

static int
check_graph(const struct conf_scenario *base, const struct conf_scenario *other,
	    struct text *messages)
{
	if (same_file(base->graph, other->graph))
		return 0;
	text_addf(messages, "%s: graph: found %s, expected %s, that of %s\n",
		  other->path, other->graph, base->graph, base->path);
	return -EINVAL;
}

/* ---- sites ---- */

static uint32_t
find_site(const struct other *o, const char *name)
{
	for (uint32_t i = 0; i < o->from->n_sites; i++)
		if (strcmp(o->from->sites[i].name, name) == 0)
			return i;
	return SIM_NONE;
}

static void
take_sites(struct other *o)
{
	const struct scenario_plan *base = o->s->base, *from = o->from;

	for (size_t i = 0; i < from->n_sites; i++)
		o->site[i] = SIM_NONE;
	for (uint32_t i = 0; i < base->n_sites; i++) {
		struct scenario_site *site = plan_add_site(o->plan);
		uint32_t k = find_site(o, base->sites[i].name);

		*site = k == SIM_NONE ? base->sites[i] : from->sites[k];
		if (k == SIM_NONE)
			site->down = true;
		else
			o->site[k] = i;
	}
	for (size_t k = 0; k < from->n_sites; k++)
		if (o->site[k] == SIM_NONE) {
			o->site[k] = (uint32_t)o->plan->n_sites;
			*plan_add_site(o->plan) = from->sites[k];
		}
}

/* ---- upstreams ---- */

/* The same neighbour of the same site in `from`, looked for from `first` on. */
static uint32_t
find_upstream(const struct other *o, const struct scenario_upstream *u,
	      size_t first)
{
	size_t n = o->from->n_upstreams;

	for (size_t i = 0; i < n; i++) {
		size_t k = (first + i) % n;
		const struct scenario_upstream *v = &o->from->upstreams[k];

		if (!o->taken[k] && o->site[v->site] == u->site &&
		    v->link == u->link && strcmp(v->name, u->name) == 0)
			return (uint32_t)k;
	}
	return SIM_NONE;
}

static void
take_upstream(struct other *o, size_t k)
{
	const struct scenario_upstream *v = &o->from->upstreams[k];
	struct scenario_upstream *u = plan_add_upstream(o->plan);

	*u = *v;
	u->site = o->site[v->site];
	o->taken[k] = true;
}

/* A site that is gone is down itself: its neighbours stay as they were. */
static void
take_upstreams(struct other *o)
{
	const struct scenario_plan *base = o->s->base;
	size_t next = 0;

	for (size_t i = 0; i < base->n_upstreams; i++) {
		uint32_t k = find_upstream(o, &base->upstreams[i], next);
		struct scenario_upstream *u;

		if (k != SIM_NONE) {
			take_upstream(o, k);
			next = k + 1;
			continue;
		}
		u = plan_add_upstream(o->plan);
		*u = base->upstreams[i];
		u->down |= !o->plan->sites[u->site].down;
	}
	for (size_t k = 0; k < o->from->n_upstreams; k++)
		if (!o->taken[k])
			take_upstream(o, k);
}

/* ---- prefixes ---- */

static const struct scenario_prefix *
find_prefix(const struct scenario_plan *p, const struct prefix *prefix)
{
	for (size_t i = 0; i < p->n_prefixes; i++)
		if (prefix_equal(&p->prefixes[i].prefix, prefix))
			return &p->prefixes[i];
	return NULL;
}

/* One of the base that the other file does not have is announced nowhere. */
static void
take_prefix(struct other *o, const struct scenario_prefix *words, bool there)
{
	struct scenario_plan *p = o->plan;
	struct scenario_prefix *q = plan_add_prefix(p, &words->prefix);

	q->conf = words->conf;
	q->too_long = words->too_long;
	q->at = arena_alloc(&p->arena, p->n_sites * sizeof(*q->at));
	for (size_t i = 0; there && i < o->from->n_sites; i++)
		q->at[o->site[i]] = words->at[i];
}

static void
take_prefixes(struct other *o)
{
	const struct scenario_plan *base = o->s->base, *from = o->from;

	for (size_t i = 0; i < base->n_prefixes; i++) {
		const struct scenario_prefix *q =
		    find_prefix(from, &base->prefixes[i].prefix);

		take_prefix(o, q ? q : &base->prefixes[i], q);
	}
	for (size_t i = 0; i < from->n_prefixes; i++)
		if (!find_prefix(base, &from->prefixes[i].prefix))
			take_prefix(o, &from->prefixes[i], true);
	plan_order(o->plan);
}

/* ---- all of it ---- */

/* Both files fit; what both have together may not. */
static int
check_size(const struct scenario *s, const struct scenario_plan *p,
	   const char *path, struct text *messages)
{
	size_t depth = plan_depth(p);

	if (depth * p->n_upstreams <= SIM_ANNOUNCE_MAX)
		return 0;
	text_addf(messages,
		  "%s: found %zu neighbours of sites and %zu prefixes one "
		  "within the other together with %s, expected a product of "
		  "at most %d\n",
		  path, p->n_upstreams, depth, s->conf->path, SIM_ANNOUNCE_MAX);
	return -EINVAL;
}

/* Takes `other` over: names and words of the plan are its. */
static int
align(const struct scenario *s, struct scenario *other,
      struct scenario_plan **out, struct text *messages)
{
	const char *path = other->conf->path;
	char name[SHOWN_MAX];
	struct other o = {.s = s, .from = other->base};
	int err;

	text_escape(path, strlen(path), name, sizeof(name));
	o.plan = plan_new(name);
	o.plan->other = other;
	o.site = xcalloc(o.from->n_sites + 1, sizeof(*o.site));
	o.taken = xcalloc(o.from->n_upstreams + 1, sizeof(*o.taken));
	take_sites(&o);
	take_upstreams(&o);
	take_prefixes(&o);
	free(o.site);
	free(o.taken);
	err = check_size(s, o.plan, path, messages);
	if (err == 0)
		plan_announce(other, o.plan);
	else
		scenario_plan_free(o.plan);
	*out = err == 0 ? o.plan : NULL;
	return err;
}

int
scenario_other(const struct scenario *s, const char *path,
	       struct scenario_plan **out, struct text *messages)
{
	struct conf_scenario *conf;
	struct scenario *other;
	int err = conf_scenario_load(path, &conf, messages);

	*out = NULL;
	if (err != 0)
		return err;
	err = check_graph(s->conf, conf, messages);
	if (err != 0) {
		conf_scenario_free(conf);
		return err;
	}
	err = plan_scenario(conf, s->graph, true, &other, messages);
	if (err != 0)
		return err;
	warn_of_world(s, other, messages);
	return align(s, other, out, messages);
}
