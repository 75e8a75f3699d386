/* SPDX-License-Identifier: ISC */
#include "bgp/refresh.h"

#include "bgp/speaker.h"

static void
asked(struct session *s, unsigned family)
{
	struct bgp_peer *p = s->peer;

	if (s->open.enhanced_refresh)
		rib_out_refresh(p->out, family);
	else
		rib_out_resend(p->out, family);
	speaker_kick(p->bgp);
}

static void
begins(struct bgp_peer *p, unsigned family)
{
	rib_in_mark_stale(&p->in, family);
	flows_mark_stale(p, family);
	p->refreshing |= family;
	p->refresh_until =
	    mono_add(mono_now(), p->conf->graceful_restart.stale_time);
	peer_rearm(p);
}

/* Without a beginning it says nothing (RFC 7313 section 4.2). */
static void
ends(struct bgp_peer *p, unsigned families)
{
	families &= p->refreshing;
	p->refreshing &= ~families;
	if (!families)
		return;
	rib_in_drop_stale(&p->in, families);
	flows_drop_stale(p, families);
}

void
refresh_received(struct session *s, const struct bgp_refresh *refresh)
{
	struct bgp_peer *p = s->peer;
	unsigned family =
	    bgp_family_bit(refresh->afi, refresh->safi) & p->facts.families;

	if (!family)
		return;
	if (refresh->subtype == BGP_REFRESH_REQUEST)
		asked(s, family);
	else if (refresh->subtype == BGP_REFRESH_BORR &&
		 s->open.enhanced_refresh)
		begins(p, family);
	else if (refresh->subtype == BGP_REFRESH_EORR)
		ends(p, family);
}

struct mono
refresh_deadline(const struct bgp_peer *p)
{
	return p->refreshing ? p->refresh_until : MONO_NEVER;
}

void
refresh_timer(struct bgp_peer *p)
{
	if (!p->refreshing || !mono_reached(p->refresh_until, mono_now()))
		return;
	log_warning(p->bgp->settings.log, p->subject,
		    "the route refresh has no end: routes that did not come "
		    "again are dropped (RFC 7313)");
	ends(p, p->refreshing);
}
