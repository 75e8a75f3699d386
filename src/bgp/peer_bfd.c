/* SPDX-License-Identifier: ISC */
/*
 * What the BFD session beside a BGP session means for it (RFC 5882 sections
 * 3.2 and 4.1, RFC 9384).
 *
 *   DOWN        established: Cease/BFD Down, its routes go in the same turn
 *               restarting: its stale routes go if its C bit was set; else
 *               BFD fell silent with the rest (RFC 5882 section 4.3.2)
 *   ADMIN_DOWN  nothing: the neighbour switched BFD off, the path may be fine
 *   WAIT, DOWN  strict: nothing is connected to, nothing accepted
 *   UP          strict: it starts
 */
#include <stdio.h>
#include <string.h>

#include "bgp/peer_gr.h"
#include "bgp/speaker.h"

const char *
bgp_bfd_text(enum bgp_bfd state)
{
	static const char *const texts[] = {
#define X(n, t) [BGP_BFD_##n] = t,
	    BGP_BFDS(X)
#undef X
	};

	return texts[state];
}

bool
peer_bfd_holds(const struct bgp_peer *p)
{
	return p->conf->bfd.enabled && p->conf->bfd.strict &&
	       p->bfd.state != BGP_BFD_UP && p->bfd.state != BGP_BFD_ADMIN_DOWN;
}

static void
end_sessions(struct bgp_peer *p)
{
	const struct fsm_event ev = {.type = FSM_AUTOMATIC_STOP,
				     .code = BGP_ERR_CEASE,
				     .subcode = BGP_CEASE_BFD_DOWN};

	if (peer_bfd_holds(p)) {
		peer_why(p, "BFD Down: %s", p->bfd.why);
		peer_halt(p, BGP_CEASE_BFD_DOWN, NULL);
		return;
	}
	for (int i = 0; i < PEER_SLOTS; i++) {
		if (p->sessions[i].fsm.state < BGP_STATE_OPENSENT)
			continue;
		peer_why(p, "BFD Down: %s", p->bfd.why);
		peer_event(&p->sessions[i], &ev);
	}
}

/* Strict: what was held back may start now. */
static void
let_start(struct bgp_peer *p)
{
	struct bgp *bgp = p->bgp;

	if (p->conf->bfd.strict && !p->enabled && !p->conf->shutdown &&
	    !bgp->suspended && bgp->phase == SPEAKER_RUNNING)
		peer_start(p);
}

void
bgp_peer_bfd(struct bgp_peer *p, enum bgp_bfd state, bool independent,
	     const char *why)
{
	enum bgp_bfd before = p->bfd.state;

	p->bfd.state = state;
	snprintf(p->bfd.why, sizeof(p->bfd.why), "%s", why ? why : "");
	if (state == BGP_BFD_DOWN && before != BGP_BFD_DOWN) {
		end_sessions(p);
		if (independent)
			peer_gr_discard(p);
		return;
	}
	if (!peer_bfd_holds(p))
		let_start(p);
	else if (p->enabled && state == BGP_BFD_WAIT && !p->up)
		peer_halt(p, BGP_CEASE_BFD_DOWN, NULL);
}
