/* SPDX-License-Identifier: ISC */
/*
 * Routes beyond the configured prefixes on one session.
 */
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

const char *
bgp_peer_withheld_nlri(const struct bgp_peer *p, const struct bgp_nlri *nlri)
{
	if (!originated_has(&p->bgp->originated, nlri, p->name))
		return "nobody originates it for this peer";
	if (p->bgp->suspended)
		return "all sessions are closed: the node is out of service";
	if (!p->enabled)
		return "the peer is shut down";
	if (!p->up)
		return "the session is not established";
	if (!(p->facts.families & nlri->family))
		return "the session does not carry its address family";
	return NULL;
}
