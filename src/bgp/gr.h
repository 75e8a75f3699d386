/* SPDX-License-Identifier: ISC */
/*
 * Graceful restart (RFC 4724, RFC 8538), pure: (state, event, now) ->
 * actions. Two machines: what becomes of a peer's routes when its session is
 * lost (gr_step), and how long we wait after a restart of our own (gr_self).
 */
#ifndef BASIN_BGP_GR_H
#define BASIN_BGP_GR_H

#include <stdbool.h>

#include "base/time.h"
#include "wire/bgp.h"

#define GR_PHASES(X)                                                           \
	X(NONE, "none")           /* nothing is stale */                       \
	X(WAITING, "waiting")     /* no session; stale routes are kept */      \
	X(RESYNCING, "resyncing") /* a session again; until End-of-RIB */

enum gr_phase {
#define X(n, t) GR_##n,
	GR_PHASES(X)
#undef X
};
const char *gr_phase_text(enum gr_phase phase);

/* How a session ended, as far as it matters here. */
enum gr_loss {
	GR_LOSS_TCP,          /* TCP alone: the peer may have restarted */
	GR_LOSS_NOTIFICATION, /* sent or received; hold expiry too */
	GR_LOSS_HARD,         /* Hard Reset, or an end that is meant */
};

/* What both sides agreed on when the session came up. */
struct gr_terms {
	unsigned families;   /* the peer's capability; 0: none kept */
	unsigned forwarding; /* ... with the Forwarding State bit */
	bool notification;   /* the N bit both ways (RFC 8538) */
	struct dur restart_time;
};

enum gr_event_type {
	GR_EVENT_UP,         /* session established: `terms` */
	GR_EVENT_LOST,       /* `loss`, `routes` */
	GR_EVENT_END_OF_RIB, /* of `family` (a bgp_family bit) */
	GR_EVENT_DISCARD,    /* stopped, gone from the configuration ... */
	GR_EVENT_TIMER,
};

struct gr_event {
	enum gr_event_type type;
	struct gr_terms terms;
	enum gr_loss loss;
	bool routes; /* LOST: there is at least one to keep */
	unsigned family;
};

/* What the caller does, in this order. Families as bgp_family bits. */
struct gr_actions {
	bool drop_unlisted;  /* LOST: drop every route not of `keep` */
	unsigned drop_stale; /* drop routes that are stale */
	unsigned keep;       /* mark what is left stale */
};

struct gr {
	enum gr_phase phase;
	unsigned stale;         /* families with stale routes */
	struct gr_terms terms;  /* of the current or last session */
	struct dur stale_time;  /* configured */
	struct mono restart_at; /* WAITING: the Restart Time ends */
	struct mono stale_at;   /* the stale timer; not in NONE */
};

void gr_init(struct gr *g, struct dur stale_time);
struct gr_actions gr_step(struct gr *g, const struct gr_event *ev,
			  struct mono now);
/* When GR_EVENT_TIMER is due; MONO_NEVER. */
struct mono gr_deadline(const struct gr *g);

/* ---- after a restart of our own ---- */

/* What one peer has to say about it. */
struct gr_witness {
	bool offered;     /* we offered to restart gracefully */
	bool established; /* once since our start */
	bool capable;     /* its capability has families */
	bool restarted;   /* its R bit: it waits for us */
	unsigned missing; /* families without End-of-RIB yet */
};

struct gr_self {
	bool deferring;    /* nothing is sent yet */
	struct mono until; /* the Selection_Deferral_Timer */
};

void gr_self_start(struct gr_self *s, struct dur deferral, struct mono now);
/* Must the restarting speaker wait for this peer (RFC 4724 section 4.1)? */
bool gr_waits_for(const struct gr_witness *w);
/* True when the deferral ends now. `waits`: for any peer, or for ourselves. */
bool gr_self_step(struct gr_self *s, bool waits, struct mono now);

/*
 * Is a NOTIFICATION of ours to be a Hard Reset when the peer has the N bit
 * (RFC 8538 section 5.1)?
 */
bool gr_is_hard(uint8_t code, uint8_t subcode);

#endif
