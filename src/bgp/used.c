/* SPDX-License-Identifier: ISC */
/* What the Loc-RIB uses, for those above: its paths as peers and routes. */
#include <net/if.h>
#include <string.h>

#include "bgp/speaker.h"

/* The attributes of the used paths lie beside them. */
struct used {
	struct bgp_best v[LOC_RIB_WIDTH];
	struct bgp_attributes attributes[LOC_RIB_WIDTH];
	size_t n;
};

static void
collect(const struct loc_path *first, struct used *u)
{
	u->n = 0;
	for (; first && loc_path_used(first); first = first->next) {
		u->v[u->n].peer = first->owner;
		u->v[u->n].install =
		    first->key->blackhole || first->key->source->install;
		u->v[u->n].route = rib_in_route_of(first, &u->attributes[u->n]);
		u->n++;
	}
}

static void
on_changed(void *arg, const struct prefix *prefix, const struct loc_path *first)
{
	struct bgp *bgp = arg;
	const struct bgp_callbacks *cb = bgp->settings.callbacks;
	struct used u;

	flows_changed(bgp);
	if (!cb || !cb->best)
		return;
	collect(first, &u);
	cb->best(bgp->settings.arg, prefix, u.v, u.n);
}

void
speaker_used_init(struct bgp *bgp)
{
	bgp->loc.width = 1;
	bgp->loc.changed = on_changed;
	bgp->loc.arg = bgp;
	bgp->hops.resolve = bgp->settings.resolve;
	bgp->hops.arg = bgp->settings.resolve_arg;
}

void
speaker_used_configure(struct bgp *bgp)
{
	unsigned width = bgp->conf->node.ecmp;
	bool again = bgp->loc.width != width;

	bgp->loc.width = width < 1 ? 1 : width;
	for (size_t i = 0; i < bgp->n_peers; i++) {
		struct bgp_peer *p = bgp->peers[i];

		again |= p->in.source.install != p->conf->install;
		p->in.source.install = p->conf->install;
	}
	if (again)
		loc_rib_rerun(&bgp->loc, true);
}

/* The session of a peer begins: what its paths are compared by. */
void
speaker_used_source(struct bgp_peer *p, const struct session *s)
{
	p->in.loc = &p->bgp->loc;
	p->in.hops = &p->bgp->hops;
	p->in.owner = p;
	p->in.source = (struct best_source){
	    .install = p->conf->install,
	    .external = !peer_is_ibgp(p),
	    .router_id = s->open.router_id,
	    .address = s->conn->remote,
	};
	p->in.ifindex =
	    p->conf->interface ? if_nametoindex(p->conf->interface) : 0;
}

void
bgp_reachability_changed(struct bgp *bgp)
{
	if (bgp->hops.all && hops_again(&bgp->hops))
		loc_rib_rerun(&bgp->loc, true);
}

/* ---- reading ---- */

void
bgp_each_path(const struct bgp *bgp, const struct prefix *prefix,
	      bgp_path_fn *each, void *arg)
{
	const struct loc_path *p = loc_rib_find(&bgp->loc, prefix);

	for (; p; p = p->next) {
		struct bgp_attributes room;
		struct bgp_route route = rib_in_route_of(p, &room);

		each(arg, p->owner, &route, loc_path_used(p),
		     best_step_text((enum best_step)p->step));
	}
}

struct walk {
	bgp_best_fn *each;
	void *arg;
};

static void
walk_one(void *arg, const struct loc_path *first)
{
	const struct walk *w = arg;
	struct used u;

	collect(first, &u);
	if (u.n)
		w->each(w->arg, first->prefix, u.v, u.n);
}

void
bgp_each_best(const struct bgp *bgp, bgp_best_fn *each, void *arg)
{
	struct walk w = {each, arg};

	loc_rib_each(&bgp->loc, walk_one, &w);
}

const char *
bgp_peer_refused(const struct bgp_peer *peer, const struct prefix *prefix)
{
	const struct rib_in_refusal *r = rib_in_refused(&peer->in, prefix);
	enum policy_refusal why = r ? r->why : POLICY_NONE;

	if (!r && !peer->conf->policy.blackhole.accept.n)
		why = policy_prefix(peer->conf, prefix);
	return why ? policy_refusal_text(why) : NULL;
}

void
bgp_peer_each_refusal(const struct bgp_peer *peer, bgp_refusal_fn *each,
		      void *arg)
{
	const struct rib_in_refusal *r;

	for (uint32_t i = 0; (r = rib_in_recent(&peer->in, i)); i++)
		each(arg, &r->prefix, policy_refusal_name(r->why),
		     policy_refusal_text(r->why), r->at);
}

bool
bgp_peer_refusals(const struct bgp_peer *peer, unsigned i, const char **name,
		  uint64_t *n)
{
	if (i + 1 >= POLICY_REFUSAL_COUNT)
		return false;
	*name = policy_refusal_name((enum policy_refusal)(i + 1));
	*n = peer->in.refused[i + 1];
	return true;
}
