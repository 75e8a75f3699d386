/* SPDX-License-Identifier: ISC */
/* A scenario on its graph: names become ids, or messages. */
#include "scenario/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is read, and what was found to be wrong with it. */
struct load {
	struct scenario *s;
	struct text *messages;
	size_t errors;
	const struct conf_scenario_site *site; /* that is read; NULL */
};

/* "FILE:LINE:COL: " of the scenario, or of the node file of the site. */
__attribute__((format(printf, 4, 5))) static void
tell(struct load *l, struct conf_place at, bool warning, const char *fmt, ...)
{
	bool node = l->site && l->site->node;
	va_list ap;

	text_addf(l->messages, "%s:%u:%u: %s",
		  node ? l->site->node_file : l->s->conf->path, at.line,
		  at.column, warning ? "warning: " : "");
	va_start(ap, fmt);
	text_vaddf(l->messages, fmt, ap);
	va_end(ap);
	text_add(l->messages, "\n");
	l->errors += !warning;
}

/* ---- what a neighbour does with what it hears ---- */

static int
by_neighbour(const void *a, const void *b)
{
	const struct sim_export *x = a, *y = b;

	return x->neighbour < y->neighbour ? -1 : x->neighbour > y->neighbour;
}

/* The id of a neighbour's neighbour; SIM_NONE after a message. */
static uint32_t
find_told(struct load *l, const struct scenario_upstream *u, const char *key,
	  uint32_t asn)
{
	const struct sim_graph *g = l->s->graph;
	uint32_t id = sim_graph_find(g, asn);
	const char *site = l->site->name;

	if (id == SIM_NONE)
		tell(l, u->conf->peer.place, false,
		     "sites.%s.peers.%s.%s: found AS %u, which is not in the "
		     "graph, expected a neighbour of AS %u",
		     site, u->name, key, asn, u->asn);
	else if (sim_graph_relation(g, u->at, id) == SIM_ORIGIN)
		tell(l, u->conf->peer.place, true,
		     "sites.%s.peers.%s.%s: AS %u is no neighbour of AS %u in "
		     "the graph: it has no effect",
		     site, u->name, key, asn, u->asn);
	else
		return id;
	return SIM_NONE;
}

static struct sim_export *
find_export(struct scenario_upstream *u, uint32_t id)
{
	for (size_t i = 0; i < u->n_exports; i++)
		if (u->exports[i].neighbour == id)
			return &u->exports[i];
	u->exports[u->n_exports] = (struct sim_export){.neighbour = id};
	return &u->exports[u->n_exports++];
}

static void
take_list(struct load *l, struct scenario_upstream *u, const char *key,
	  const struct conf_asns *list, bool deny)
{
	for (size_t i = 0; i < list->n; i++) {
		uint32_t id = find_told(l, u, key, list->v[i]);

		if (id != SIM_NONE)
			find_export(u, id)->deny = deny;
	}
}

static void
take_exports(struct load *l, struct scenario_plan *p,
	     struct scenario_upstream *u)
{
	const struct conf_scenario_peer *c = u->conf;
	size_t most = c->only.n + c->except.n + c->n_prepend_to;

	u->only = c->only.n > 0;
	u->exports = arena_alloc(&p->arena, most * sizeof(*u->exports));
	take_list(l, u, "only", &c->only, false);
	take_list(l, u, "except", &c->except, true);
	for (size_t i = 0; i < c->n_prepend_to; i++) {
		uint32_t id =
		    find_told(l, u, "prepend_to", c->prepend_to[i].asn);

		if (id != SIM_NONE)
			find_export(u, id)->prepend = c->prepend_to[i].times;
	}
	if (u->n_exports > 0)
		qsort(u->exports, u->n_exports, sizeof(*u->exports),
		      by_neighbour);
}

/* ---- relations ---- */

/* What a site with this role is to its neighbour (RFC 9234). */
static enum sim_relation
relation_of(enum conf_role role)
{
	switch (role) {
	case CONF_ROLE_CUSTOMER:
		return SIM_CUSTOMER;
	case CONF_ROLE_PROVIDER:
		return SIM_PROVIDER;
	case CONF_ROLE_PEER:
	case CONF_ROLE_RS:
	case CONF_ROLE_RS_CLIENT:
		return SIM_PEER;
	case CONF_ROLE_NONE:
		break;
	}
	return SIM_ORIGIN;
}

static void
take_relation(struct load *l, const struct scenario_site *site,
	      struct scenario_upstream *u)
{
	enum sim_relation said = relation_of(u->conf->peer.policy.role);
	enum sim_relation there = SIM_ORIGIN;

	if (site->id != SIM_NONE)
		there = sim_graph_relation(l->s->graph, u->at, site->id);
	u->assumed = said == SIM_ORIGIN && there == SIM_ORIGIN;
	u->relation = said != SIM_ORIGIN    ? said
		      : there != SIM_ORIGIN ? there
					    : SIM_CUSTOMER;
	if (said != SIM_ORIGIN && there != SIM_ORIGIN && said != there)
		tell(l, u->conf->peer.place, true,
		     "sites.%s.peers.%s.role: AS %u is a %s of AS %u here and "
		     "a %s in the graph: it is what it is here",
		     site->name, u->name, site->asn, sim_relation_text(said),
		     u->asn, sim_relation_text(there));
}

/* ---- sites ---- */

static bool
find_neighbour(struct load *l, const struct scenario_site *site,
	       const struct conf_scenario_peer *c, uint32_t *at)
{
	*at = sim_graph_find(l->s->graph, c->peer.asn);
	if (c->peer.asn == site->asn)
		tell(l, c->peer.place, false,
		     "sites.%s.peers.%s.asn: found %u, the AS of the site, "
		     "expected a neighbour",
		     site->name, c->peer.name, c->peer.asn);
	else if (*at == SIM_NONE)
		tell(l, c->peer.place, false,
		     "sites.%s.peers.%s.asn: found AS %u, which is not in the "
		     "graph, expected one of the %u ASes of %s",
		     site->name, c->peer.name, c->peer.asn,
		     sim_graph_count(l->s->graph), l->s->conf->graph);
	else
		return true;
	return false;
}

static void
take_peer(struct load *l, struct scenario_plan *p, size_t number,
	  const struct conf_scenario_peer *c)
{
	const struct scenario_site *site = &p->sites[number];
	struct plan_asked asked = plan_asked(&c->peer.communities);
	struct scenario_upstream *u;
	uint32_t at;

	if (!find_neighbour(l, site, c, &at))
		return;
	u = plan_add_upstream(p);
	u->link = SCENARIO_NEIGHBOUR;
	u->name = c->peer.name;
	u->site = (uint32_t)number;
	u->asn = c->peer.asn;
	u->at = at;
	u->conf = c;
	u->local_asn = c->peer.local_asn;
	u->down = c->peer.shutdown;
	u->prepend = c->peer.prepend;
	u->no_export = asked.no_export;
	u->nopeer = asked.nopeer;
	u->blackhole = asked.blackhole;
	if (asked.shutdown)
		tell(l, c->peer.place, true,
		     "sites.%s.peers.%s.communities: GRACEFUL_SHUTDOWN is not "
		     "simulated",
		     site->name, u->name);
	take_relation(l, site, u);
	take_exports(l, p, u);
}

static void
add_link(struct scenario_plan *p, size_t number, enum scenario_link link,
	 const char *name, enum sim_relation relation)
{
	const struct scenario_site *site = &p->sites[number];
	struct scenario_upstream *u = plan_add_upstream(p);

	u->link = link;
	u->name = name;
	u->site = (uint32_t)number;
	u->asn = u->local_asn = site->asn;
	u->at = site->id;
	u->relation = relation;
}

/* An AS of the graph to each neighbour, as if they were written down. */
static void
add_neighbours(struct load *l, struct scenario_plan *p, size_t number)
{
	const struct scenario_site *site = &p->sites[number];
	const struct sim_graph *g = l->s->graph;

	add_link(p, number, SCENARIO_SELF, "itself", SIM_CUSTOMER);
	for (enum sim_relation r = SIM_CUSTOMER; r <= SIM_PROVIDER; r++) {
		struct sim_ids ids = sim_graph_neighbours(g, site->id, r);

		for (size_t i = 0; i < ids.n; i++) {
			struct scenario_upstream *u = plan_add_upstream(p);
			char name[16];

			u->asn = sim_graph_asn(g, ids.v[i]);
			snprintf(name, sizeof(name), "AS%u", u->asn);
			u->name = arena_strdup(&p->arena, name);
			u->site = (uint32_t)number;
			u->at = ids.v[i];
			u->local_asn = site->asn;
			u->relation = sim_graph_relation(g, u->at, site->id);
		}
	}
}

/* Is something that it announces not to be passed on? */
static bool
keeps_short(const struct scenario_plan *p, size_t number)
{
	const struct scenario_site *site = &p->sites[number];
	bool any = site->local;

	for (size_t i = 0; i < p->n_prefixes && !any; i++) {
		const struct scenario_prefix *q = &p->prefixes[i];
		const struct conf_prefix *words = plan_words(q, site);
		struct plan_asked asked = plan_asked(&words->communities);

		any = q->at[number] &&
		      (q->too_long || asked.no_export || asked.blackhole ||
		       words->scope == CONF_SCOPE_LOCAL);
	}
	return any;
}

static void
take_links(struct load *l, struct scenario_plan *p, size_t number)
{
	const struct scenario_site *site = &p->sites[number];
	const struct conf_scenario_site *c = site->conf;

	l->site = c;
	if (c->announces_all && site->id == SIM_NONE)
		tell(l, c->place, false,
		     "sites.%s: found AS %u, which is not in the graph, "
		     "expected an AS of %s, or peers",
		     c->name, c->asn, l->s->conf->graph);
	else if (c->announces_all && keeps_short(p, number))
		add_neighbours(l, p, number);
	else if (c->announces_all)
		add_link(p, number, SCENARIO_ALL, "all", SIM_ORIGIN);
	else if (site->id != SIM_NONE)
		add_link(p, number, SCENARIO_SELF, "itself", SIM_CUSTOMER);
	for (size_t i = 0; i < c->n_peers; i++)
		take_peer(l, p, number, &c->peers[i]);
	l->site = NULL;
}

static void
take_site(struct load *l, struct scenario_plan *p,
	  const struct conf_scenario_site *c)
{
	struct scenario_site *site = plan_add_site(p);

	site->name = c->name;
	site->conf = c;
	site->asn = c->asn;
	site->id = sim_graph_find(l->s->graph, c->asn);
	site->down = c->state != CONF_SITE_UP;
	site->local = c->scope == CONF_SCOPE_LOCAL;
}

/* ---- prefixes ---- */

static void
take_prefix(struct load *l, struct scenario_plan *p, size_t number)
{
	const struct conf_scenario *c = l->s->conf;
	const struct conf_scenario_prefix *from = &c->prefixes[number];
	const struct prefix *prefix = &from->prefix.prefix;
	struct scenario_prefix *q = plan_add_prefix(p, prefix);

	q->conf = from;
	q->too_long =
	    prefix->len >
	    (prefix->addr.family == AF_INET ? c->longest4 : c->longest6);
	q->at = arena_alloc(&p->arena, p->n_sites * sizeof(*q->at));
	for (size_t i = 0; i < p->n_sites; i++)
		q->at[i] = conf_scenario_announces(c, i, number);
}

/* ---- the rest ---- */

static void
take_rov(struct load *l)
{
	const struct conf_scenario *c = l->s->conf;
	struct sim_asns asns = {0};
	struct text path = {0};

	if (!c->rov_given)
		return;
	if (c->rov_file) {
		if (sim_read_asns(c->rov_file, &asns, l->messages) != 0) {
			l->errors++;
			return;
		}
	} else {
		asns.v = xcalloc(c->rov.n, sizeof(*asns.v));
		for (; asns.n < c->rov.n; asns.n++)
			asns.v[asns.n] = (struct sim_asn){c->rov.v[asns.n], 0};
	}
	text_addf(&path, "%s%s", c->rov_file ? c->rov_file : c->path,
		  c->rov_file ? "" : ": rov");
	l->s->rov =
	    sim_asns_set(l->s->graph, text_str(&path), &asns, l->messages);
	text_free(&path);
	l->s->policy.rov = &l->s->rov;
	sim_asns_free(&asns);
}

static void
check_culprit(struct load *l)
{
	const struct conf_hijack *h = &l->s->conf->hijack;

	if (h->asn && sim_graph_find(l->s->graph, h->asn) == SIM_NONE)
		tell(l, h->place, false,
		     "hijack.asn: found AS %u, which is not in the graph, "
		     "expected one of the %u ASes of %s",
		     h->asn, sim_graph_count(l->s->graph), l->s->conf->graph);
}

static void
check_what_if(struct load *l)
{
	const struct conf_scenario *c = l->s->conf;

	for (size_t i = 0; i < c->n_what_if; i++) {
		struct scenario_plan *plan;
		struct text where = {0};

		text_addf(&where, "%s:%u:%u: what_if", c->path,
			  c->what_if[i].place.line, c->what_if[i].place.column);
		if (scenario_what_if(l->s, c->what_if[i].text, text_str(&where),
				     &plan, l->messages) != 0)
			l->errors++;
		else
			scenario_plan_free(plan);
		text_free(&where);
	}
}

/* Forwarding numbers the announcements of a prefix and all that cover it. */
static void
check_size(struct load *l, const struct scenario_plan *p)
{
	size_t most = plan_depth(p);

	if (most * p->n_upstreams <= PLAN_ANNOUNCE_MAX)
		return;
	text_addf(l->messages,
		  "%s: found %zu neighbours of sites and %zu prefixes one "
		  "within the other, expected a product of at most %d\n",
		  l->s->conf->path, p->n_upstreams, most, PLAN_ANNOUNCE_MAX);
	l->errors++;
}

static void
take_all(struct load *l)
{
	struct scenario *s = l->s;
	const struct conf_scenario *c = s->conf;
	struct scenario_plan *p = s->base = plan_new("now");

	if (sim_graph_count(s->graph) == 0) {
		text_addf(l->messages, "%s: found no AS, expected a graph\n",
			  c->graph);
		l->errors++;
		return;
	}
	for (size_t i = 0; i < c->n_sites; i++)
		take_site(l, p, &c->sites[i]);
	for (size_t i = 0; i < c->n_prefixes; i++)
		take_prefix(l, p, i);
	plan_order(p);
	for (size_t i = 0; i < c->n_sites; i++)
		take_links(l, p, i);
	check_size(l, p);
	check_culprit(l);
	take_rov(l);
	if (l->errors > 0)
		return;
	plan_announce(s, p);
	check_what_if(l);
}

int
plan_scenario(struct conf_scenario *conf, struct sim_graph *graph, bool guest,
	      struct scenario **out, struct text *messages)
{
	struct load l = {.messages = messages};

	l.s = xcalloc(1, sizeof(*l.s));
	l.s->conf = conf;
	l.s->graph = graph;
	l.s->guest = guest;
	l.s->policy.preference = (enum sim_preference)conf->preference;
	take_all(&l);
	*out = l.errors == 0 ? l.s : NULL;
	if (l.errors > 0)
		scenario_free(l.s);
	return l.errors > 0 ? -EINVAL : 0;
}

int
scenario_new(struct conf_scenario *conf, struct sim_graph *graph,
	     struct scenario **out, struct text *messages)
{
	return plan_scenario(conf, graph, false, out, messages);
}

int
scenario_load(const char *path, struct scenario **out, struct text *messages)
{
	struct conf_scenario *conf;
	struct sim_graph *graph;
	int err = conf_scenario_load(path, &conf, messages);

	*out = NULL;
	if (err != 0)
		return err;
	err = sim_graph_load(conf->graph, &graph, messages);
	if (err != 0) {
		conf_scenario_free(conf);
		return err;
	}
	return scenario_new(conf, graph, out, messages);
}

void
scenario_free(struct scenario *s)
{
	if (!s)
		return;
	scenario_plan_free(s->base);
	sim_set_free(&s->rov);
	if (!s->guest)
		sim_graph_free(s->graph);
	conf_scenario_free(s->conf);
	free(s);
}
