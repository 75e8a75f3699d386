/* SPDX-License-Identifier: ISC */
/*
 * Routes beyond the configured prefixes on one session.
 */
#include "bgp/bgp.h"

#include <string.h>

#include "bgp/originated.h"
#include "bgp/peer.h"
#include "bgp/speaker.h"

/* Whose prefix is in the configuration: health alone announces it. */
static bool
is_configured(const struct bgp_peer *p, const struct nlri *nlri)
{
	return nlri->value.prefix.addr.family &&
	       index_find(&p->bgp->index, &nlri->value.prefix) != INDEX_NONE;
}

/* NULL when it is not to be announced; *why when it could not be. */
static struct path *
wanted_path(struct bgp_peer *p, const struct originated *o, const char **why)
{
	unsigned family = o->nlri->value.family;
	const struct bgp_attributes *given;

	if (p->draining || !(p->facts.families & family))
		return NULL;
	given = originated_for(o, p->name);
	if (!given)
		return NULL;
	return path_given(&p->out->paths, &p->path_session, family, given, why);
}

void
peer_originate(struct bgp_peer *p, const struct originated *o)
{
	const char *why = NULL;
	struct path *path;
	struct text text = {0};

	if (!p->out || is_configured(p, o->nlri))
		return;
	path = wanted_path(p, o, &why);
	rib_out_want_extra(p->out, o->nlri, path);
	if (!why)
		return;
	nlri_format(&o->nlri->value, &text);
	peer_log(p, PEER_CAUSE_NEXT_HOP, LOG_LEVEL_WARNING,
		 "%s is not announced: %s", text_str(&text), why);
	text_free(&text);
}

void
peer_originate_all(struct bgp_peer *p)
{
	const struct originated *o;

	for (o = p->bgp->originated.all; o; o = o->hh.next)
		peer_originate(p, o);
}

/* ---- reading ---- */

static const char *
in_the_way(const struct bgp_peer *p, const struct bgp_nlri *nlri)
{
	if (p->bgp->suspended)
		return "all sessions are closed: the node is out of service";
	if (!p->enabled)
		return "the peer is shut down";
	if (!p->up)
		return "the session is not established";
	if (!(p->facts.families & nlri->family))
		return "the session does not carry its address family";
	if (!nlri->flow &&
	    index_find(&p->bgp->index, &nlri->prefix) != INDEX_NONE)
		return "the configuration has this prefix: its health decides";
	return NULL;
}

const char *
bgp_peer_withheld_nlri(const struct bgp_peer *p, const struct bgp_nlri *nlri)
{
	if (!originated_has(&p->bgp->originated, nlri, p->name))
		return "nobody originates it for this peer";
	return in_the_way(p, nlri);
}

static bool
tells(const struct bgp_origination *o, const char *peer)
{
	for (size_t i = 0; i < o->n_peers; i++)
		if (strcmp(o->peers[i], peer) == 0)
			return true;
	return o->n_peers == 0;
}

size_t
bgp_preview(const struct bgp_peer *p, const struct bgp_origination *o,
	    uint8_t *buf, size_t size, const char **why)
{
	struct bgp_attributes a;

	*why = tells(o, p->name) ? in_the_way(p, &o->nlri)
				 : "it is not told of this";
	if (!*why)
		*why = path_complete(&p->path_session, o->nlri.family,
				     o->attributes, &a);
	if (*why)
		return 0;
	size = rib_out_pack_one(&o->nlri, &a, &p->facts, buf, size);
	if (size == 0)
		*why = "it does not fit into a message";
	return size;
}

bool
bgp_peer_announced_nlri(const struct bgp_peer *p, const struct bgp_nlri *nlri,
			struct bgp_out_view *out)
{
	const struct rib_out_entry *e =
	    p->out ? rib_out_find(p->out, &p->bgp->index, nlri) : NULL;

	if (!e || !e->sent)
		return false;
	out->since = e->since;
	out->attributes = &e->sent->key.attributes;
	return true;
}

void
bgp_peer_each_flow_out(const struct bgp_peer *p, bgp_flow_fn *each, void *arg)
{
	const struct rib_out_extra *x;

	for (x = p->out ? p->out->by_nlri : NULL; x; x = x->hh.next) {
		const struct rib_out_entry *e = &p->out->entries[x->number];

		if (x->nlri->value.flow && e->sent)
			each(arg, x->nlri->value.flow, &e->sent->key.attributes,
			     e->since);
	}
}
