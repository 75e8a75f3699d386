/* SPDX-License-Identifier: ISC */
#include "bgp/peer_gr.h"

#include "base/text.h"
#include "bgp/speaker.h"

/*
 * A second connection so soon after the session came up was under way before:
 * a collision, and no restart.
 */
#define COLLISION_TIME dur_s(2)

/* ---- OPEN ---- */

static bool
has_restarted(const struct bgp_peer *p)
{
	return p->bgp->restarted && p->established == 0;
}

/*
 * RFC 4724 section 4.1. While basind runs nothing is lost with a session;
 * after a restart only what the configuration says.
 */
static bool
keeps_forwarding(const struct bgp_peer *p)
{
	if (p->established > 0)
		return true;
	return has_restarted(p) && p->bgp->forwarding_kept &&
	       p->conf->graceful_restart.forwarding;
}

void
peer_gr_offer(const struct bgp_peer *p, struct bgp_open *open)
{
	const struct conf_graceful_restart *c = &p->conf->graceful_restart;

	if (c->mode == CONF_GR_OFF)
		return;
	/* Without families it says: nothing of ours is to be kept. */
	open->graceful_restart = true;
	open->gr_notification = true;
	if (c->mode != CONF_GR_ON)
		return;
	open->restart_time = (uint16_t)(c->restart_time.ns / 1000000000);
	open->gr_families = p->conf->families;
	open->gr_restarted = has_restarted(p);
	open->gr_forwarding = keeps_forwarding(p) ? p->conf->families : 0;
}

static struct gr_terms
terms_of(const struct bgp_peer *p, const struct bgp_open *remote)
{
	if (p->conf->graceful_restart.mode == CONF_GR_OFF)
		return (struct gr_terms){0};
	return (struct gr_terms){
	    .families = remote->gr_families & p->facts.families,
	    .forwarding = remote->gr_forwarding & p->facts.families,
	    .notification = remote->gr_notification,
	    .restart_time = dur_s(remote->restart_time),
	};
}

bool
peer_gr_is_hard(const struct session *s, uint8_t code, uint8_t subcode)
{
	const struct bgp_peer *p = s->peer;

	return p->up == s && p->gr.terms.notification &&
	       gr_is_hard(code, subcode);
}

/* ---- imported routes ---- */

/* Routes that nobody stands behind any more. */
static void
drop_stale(struct bgp_peer *p, unsigned families, const char *why)
{
	uint32_t before = p->in.n_stale, n;

	rib_in_drop_stale(&p->in, families);
	n = before - p->in.n_stale;
	if (n)
		log_notice(p->bgp->settings.log, p->subject,
			   "%u stale route%s dropped: %s", n, n == 1 ? "" : "s",
			   why);
}

void
peer_gr_up(struct bgp_peer *p, const struct bgp_open *remote)
{
	const struct gr_event ev = {.type = GR_EVENT_UP,
				    .terms = terms_of(p, remote)};
	struct gr_actions a = gr_step(&p->gr, &ev, mono_now());

	p->gr_missing = p->facts.families;
	p->gr_peer_restarted = remote->gr_restarted;
	drop_stale(p, a.drop_stale,
		   "the peer did not keep its forwarding state");
	peer_gr_look(p->bgp);
}

static enum gr_loss
loss_of(const struct session *s)
{
	switch (s->fsm.reason) {
	case FSM_REASON_TCP_FAILED:
		return GR_LOSS_TCP;
	case FSM_REASON_NOTIFICATION_RECEIVED:
		return s->peer->hard_reset ? GR_LOSS_HARD
					   : GR_LOSS_NOTIFICATION;
	case FSM_REASON_HOLD_EXPIRED:
	case FSM_REASON_SEND_HOLD_EXPIRED:
	case FSM_REASON_MESSAGE_ERROR:
	case FSM_REASON_UNEXPECTED:
		return GR_LOSS_NOTIFICATION;
	default:
		return GR_LOSS_HARD;
	}
}

static void
say_kept(const struct bgp_peer *p)
{
	char left[32];

	if (p->gr.phase != GR_WAITING)
		return;
	dur_format(mono_sub(gr_deadline(&p->gr), mono_now()), left,
		   sizeof(left));
	log_notice(p->bgp->settings.log, p->subject,
		   "%u imported route%s kept as stale for at most %s: the "
		   "peer restarts gracefully",
		   p->in.n_stale, p->in.n_stale == 1 ? "" : "s", left);
}

void
peer_gr_lost(struct session *s)
{
	struct bgp_peer *p = s->peer;
	const struct gr_event ev = {
	    .type = GR_EVENT_LOST, .loss = loss_of(s), .routes = p->in.n > 0};
	struct gr_actions a = gr_step(&p->gr, &ev, mono_now());

	p->hard_reset = false;
	drop_stale(p, a.drop_stale, "the peer was lost again");
	rib_in_retain(&p->in, a.keep);
	say_kept(p);
	peer_gr_look(p->bgp);
}

void
peer_gr_end_of_rib(struct bgp_peer *p, unsigned family)
{
	const struct gr_event ev = {.type = GR_EVENT_END_OF_RIB,
				    .family = family};
	struct gr_actions a = gr_step(&p->gr, &ev, mono_now());

	p->gr_missing &= ~ev.family;
	drop_stale(p, a.drop_stale, "the peer did not announce them again");
	peer_gr_look(p->bgp);
}

void
peer_gr_discard(struct bgp_peer *p)
{
	gr_step(&p->gr, &(struct gr_event){.type = GR_EVENT_DISCARD},
		mono_now());
	if (p->up)
		rib_in_drop_stale(&p->in, ~0U);
	else
		rib_in_clear(&p->in);
}

void
peer_gr_configure(struct bgp_peer *p)
{
	p->gr.stale_time = p->conf->graceful_restart.stale_time;
	if (!p->up && p->in.n)
		peer_policy_again(p);
}

/* ---- timers ---- */

struct mono
peer_gr_deadline(const struct bgp_peer *p)
{
	const struct gr_self *self = &p->bgp->gr;

	return mono_min(gr_deadline(&p->gr),
			self->deferring ? self->until : MONO_NEVER);
}

void
peer_gr_timer(struct bgp_peer *p)
{
	bool waiting = p->gr.phase == GR_WAITING;
	struct gr_actions a = gr_step(
	    &p->gr, &(struct gr_event){.type = GR_EVENT_TIMER}, mono_now());

	drop_stale(p, a.drop_stale,
		   waiting ? "the peer did not come back in time"
			   : "stale_time is over without End-of-RIB");
	peer_gr_look(p->bgp);
}

/* ---- a new connection instead of the old one ---- */

bool
peer_gr_replaces(struct bgp_peer *p)
{
	struct dur age = mono_sub(mono_now(), p->since);

	if (!p->gr.terms.families || age.ns < COLLISION_TIME.ns)
		return false;
	peer_why(p, "the peer has opened a new connection: it has restarted");
	peer_event(p->up, &(struct fsm_event){.type = FSM_TCP_FAILS});
	return true;
}

/* ---- our own restart ---- */

static struct gr_witness
witness(const struct bgp_peer *p)
{
	return (struct gr_witness){
	    .offered =
		p->enabled && p->conf->graceful_restart.mode == CONF_GR_ON,
	    .established = p->established > 0,
	    .capable = p->up && p->gr.terms.families,
	    .restarted = p->gr_peer_restarted,
	    .missing = p->gr_missing & p->gr.terms.families,
	};
}

static bool
must_wait(const struct bgp *bgp)
{
	if (!bgp->ready)
		return true;
	for (size_t i = 0; i < bgp->n_peers; i++) {
		struct gr_witness w = witness(bgp->peers[i]);

		if (gr_waits_for(&w))
			return true;
	}
	return false;
}

void
peer_gr_start(struct bgp *bgp)
{
	struct dur deferral = DUR_ZERO;

	for (size_t i = 0; i < bgp->conf->n_peers; i++) {
		const struct conf_graceful_restart *c =
		    &bgp->conf->peers[i].graceful_restart;

		if (c->mode == CONF_GR_ON && c->deferral.ns > deferral.ns)
			deferral = c->deferral;
	}
	if (deferral.ns)
		gr_self_start(&bgp->gr, deferral, mono_now());
}

void
peer_gr_look(struct bgp *bgp)
{
	if (!bgp->gr.deferring ||
	    !gr_self_step(&bgp->gr, must_wait(bgp), mono_now()))
		return;
	log_notice(bgp->settings.log, "bgp",
		   "announcing begins: the neighbours have told their routes "
		   "after our restart, or had the time to");
	speaker_kick(bgp);
}

void
bgp_restarted(struct bgp *bgp, bool forwarding_kept)
{
	bgp->restarted = true;
	bgp->forwarding_kept = forwarding_kept;
}

bool
bgp_waits(const struct bgp *bgp)
{
	return bgp->gr.deferring && !bgp->ready;
}

void
bgp_ready(struct bgp *bgp)
{
	bgp->ready = true;
	peer_gr_look(bgp);
}
