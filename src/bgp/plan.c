/* SPDX-License-Identifier: ISC */
/*
 * What bgp_configure() would do: the code that decides it runs on a copy of
 * the speaker and of each peer that has the new configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/nlri.h"
#include "bgp/speaker.h"

static const char *const texts[] = {
#define X(n, t, h) [BGP_PLAN_##n] = t,
    BGP_PLANS(X)
#undef X
};

static const char *const helps[] = {
#define X(n, t, h) [BGP_PLAN_##n] = h,
    BGP_PLANS(X)
#undef X
};

const char *
bgp_plan_text(enum bgp_plan_effect e)
{
	return texts[e];
}

const char *
bgp_plan_help(enum bgp_plan_effect e)
{
	return helps[e];
}

struct planning {
	const struct bgp *bgp; /* as it is */
	struct bgp shadow;     /* as it would be */
	const struct bgp_plan_callbacks *callbacks;
	void *arg;
	struct bgp_plan_peer result; /* of the peer that is looked at */
};

/* ---- the speaker that would be ---- */

static void
make_shadow(struct planning *pl, const struct conf *conf,
	    const enum conf_rung *rungs)
{
	struct bgp *s = &pl->shadow;

	*s = *pl->bgp;
	s->conf = conf;
	index_build(&s->index, conf);
	s->ipv4 = bits_new(conf->n_prefixes);
	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++)
		s->at[r] = bits_new(conf->n_prefixes);
	for (size_t i = 0; i < conf->n_prefixes; i++) {
		bits_put(s->ipv4, i,
			 conf->prefixes[i].prefix.addr.family == AF_INET);
		if (rungs[i] != CONF_RUNG_WITHDRAWN)
			bits_put(s->at[rungs[i]], i, true);
	}
}

static void
free_shadow(struct planning *pl)
{
	index_free(&pl->shadow.index);
	free(pl->shadow.ipv4);
	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++)
		free(pl->shadow.at[r]);
}

/* ---- routes ---- */

static void
tell(struct planning *pl, const struct prefix *prefix, const struct path *from,
     const struct path *to)
{
	pl->result.announced += to != NULL;
	pl->result.withdrawn += to == NULL;
	pl->result.effect = BGP_PLAN_UPDATES;
	pl->callbacks->route(pl->arg, pl->result.name, prefix,
			     from ? &from->key.attributes : NULL,
			     to ? &to->key.attributes : NULL);
}

/* What the peer has, or will have had before the reload is seen. */
static const struct path *
path_there(const struct bgp_peer *p, const struct prefix *prefix)
{
	struct bgp_nlri nlri = nlri_of_prefix(prefix);
	const struct rib_out_entry *e =
	    rib_out_find(p->out, &p->bgp->index, &nlri);

	return e ? e->want : NULL;
}

static void
compare(struct planning *pl, const struct bgp_peer *p, struct bgp_peer *twin,
	uint32_t id)
{
	const struct prefix *prefix = &pl->shadow.conf->prefixes[id].prefix;
	struct rib_out_entry *e = &twin->out->entries[id];
	const struct path *there = path_there(p, prefix);
	struct path *next;
	const char *why;

	if (there)
		e->want = path_intern(&twin->out->paths, there->key.family,
				      &there->key.attributes);
	next = peer_wanted_path(twin, id, &why);
	if (next != e->want)
		tell(pl, prefix, there, next);
	path_unref(&twin->out->paths, next);
}

static void
find_withdrawn(struct planning *pl, const struct bgp_peer *p)
{
	const struct conf *conf = pl->bgp->conf;

	for (uint32_t id = 0; id < p->out->n_ids && id < conf->n_prefixes;
	     id++) {
		const struct prefix *prefix = &conf->prefixes[id].prefix;
		const struct path *there = p->out->entries[id].want;

		if (there &&
		    index_find(&pl->shadow.index, prefix) == INDEX_NONE)
			tell(pl, prefix, there, NULL);
	}
}

static void
nothing_sent(void *arg, const struct bgp_nlri *nlri, bool announced)
{
}

static void
plan_routes(struct planning *pl, const struct bgp_peer *p,
	    const struct conf_peer *to)
{
	struct bgp_peer *twin = xcalloc(1, sizeof(*twin));

	memcpy(twin, p, sizeof(*twin));
	twin->bgp = &pl->shadow;
	twin->conf = to;
	twin->exports = NULL;
	twin->path_session.peer = to;
	twin->out = rib_out_new(pl->shadow.conf, 0, nothing_sent, NULL);
	peer_routes_exports(twin);
	for (uint32_t id = 0; id < twin->out->n_ids; id++)
		compare(pl, p, twin, id);
	find_withdrawn(pl, p);
	rib_out_free(twin->out);
	free(twin->exports);
	free(twin);
}

/* ---- peers ---- */

static const struct conf_peer *
find_conf(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (strcmp(conf->peers[i].name, name) == 0)
			return &conf->peers[i];
	return NULL;
}

static const char *
node_option(const struct conf *a, const struct conf *b)
{
	if (a->node.asn != b->node.asn)
		return "node.asn";
	return ip_equal(&a->node.router_id, &b->node.router_id)
		   ? NULL
		   : "node.router_id";
}

static void
plan_stay(struct planning *pl, const struct bgp_peer *p,
	  const struct conf_peer *to)
{
	struct bgp_plan_peer *r = &pl->result;

	r->option = node_option(pl->bgp->conf, pl->shadow.conf);
	if (!r->option)
		r->option = conf_peer_session_option(p->conf, to);
	if (to->shutdown && !p->conf->shutdown)
		r->effect = BGP_PLAN_SHUTDOWN;
	else if (r->option)
		r->effect = BGP_PLAN_SESSION;
	else if (p->up && p->out) {
		plan_routes(pl, p, to);
		r->refresh = !peer_routes_same_import(p->conf, to) &&
			     p->up->open.route_refresh;
	}
}

static void
plan_peer(struct planning *pl, const struct bgp_peer *p)
{
	const struct conf_peer *to = find_conf(pl->shadow.conf, p->conf->name);

	pl->result =
	    (struct bgp_plan_peer){.name = p->name, .up = p->up != NULL};
	if (to)
		plan_stay(pl, p, to);
	else
		pl->result.effect = BGP_PLAN_REMOVED;
	pl->callbacks->peer(pl->arg, &pl->result);
}

void
bgp_plan(const struct bgp *bgp, const struct conf *conf,
	 const enum conf_rung *rungs,
	 const struct bgp_plan_callbacks *callbacks, void *arg)
{
	struct planning *pl = xcalloc(1, sizeof(*pl));

	pl->bgp = bgp;
	pl->callbacks = callbacks;
	pl->arg = arg;
	make_shadow(pl, conf, rungs);
	for (size_t i = 0; i < bgp->n_peers; i++)
		plan_peer(pl, bgp->peers[i]);
	for (size_t i = 0; i < conf->n_peers; i++) {
		if (find_conf(bgp->conf, conf->peers[i].name))
			continue;
		pl->result = (struct bgp_plan_peer){.name = conf->peers[i].name,
						    .effect = BGP_PLAN_ADDED};
		callbacks->peer(arg, &pl->result);
	}
	free_shadow(pl);
	free(pl);
}
