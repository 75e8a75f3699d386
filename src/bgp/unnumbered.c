/* SPDX-License-Identifier: ISC */
#include "bgp/unnumbered.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/protect.h"
#include "bgp/speaker.h"

/* As RFC 4861 section 6.2.4 has it, but sooner: links are waited for. */
#define FIRST_PERIOD dur_s(1)
#define FIRST_ROUNDS 5
#define PERIOD       dur_s(10)

struct unnumbered {
	struct bgp *bgp;          /* borrowed; the owner */
	struct neighwatch *watch; /* owned; NULL: it could not be made */
	uv_timer_t timer;
	unsigned rounds;
};

static bool
is_on(const struct bgp_peer *p, unsigned ifindex)
{
	return conf_peer_unnumbered(p->configured) &&
	       if_nametoindex(p->configured->interface) == ifindex;
}

static bool
is_busy(const struct bgp_peer *p)
{
	return p->state >= BGP_STATE_OPENSENT;
}

/* The one that is known stays as long as it is spoken to. */
static void
learn(struct bgp_peer *p, const struct ip *ip)
{
	char text[IP_TEXT_MAX];

	if (is_busy(p) || ip_equal(&p->conf->address, ip))
		return;
	peer_learn_address(p, ip);
	log_info(p->bgp->settings.log, p->subject, "the neighbour on %s is %s",
		 p->conf->interface, ip_format(ip, text, sizeof(text)));
	if (protect_key(p->conf).auth != SYS_TCP_PLAIN)
		listen_protect(p->bgp);
}

static void
connect_now(struct bgp_peer *p)
{
	struct session *s = &p->sessions[PEER_INITIATED];

	if (!p->enabled || p->conf->passive || is_busy(p))
		return;
	peer_event(s, &(struct fsm_event){.type = FSM_MANUAL_STOP});
	peer_event(s, &(struct fsm_event){.type = FSM_MANUAL_START});
}

static void
on_heard(void *arg, unsigned ifindex, const struct ip *ip)
{
	struct unnumbered *u = arg;

	for (size_t i = 0; i < u->bgp->n_configured; i++) {
		struct bgp_peer *p = u->bgp->peers[i];
		bool is_new = !ip_equal(&p->conf->address, ip);

		if (!is_on(p, ifindex))
			continue;
		learn(p, ip);
		if (is_new)
			connect_now(p);
	}
}

struct bgp_peer *
unnumbered_peer(struct bgp *bgp, const struct ip *ip, unsigned scope)
{
	for (size_t i = 0; i < bgp->n_configured; i++) {
		struct bgp_peer *p = bgp->peers[i];

		if (!ip_is_link_local(ip) || !is_on(p, scope) || is_busy(p))
			continue;
		/* A key was not on the listening socket yet. */
		if (protect_key(p->conf).auth != SYS_TCP_PLAIN &&
		    !ip_equal(&p->conf->address, ip)) {
			learn(p, ip);
			return NULL;
		}
		learn(p, ip);
		return p;
	}
	return NULL;
}

/* ---- saying where we are ---- */

static void
on_time(uv_timer_t *timer)
{
	struct unnumbered *u = timer->data;
	const struct bgp_settings *s = &u->bgp->settings;

	if (++u->rounds == FIRST_ROUNDS)
		uv_timer_set_repeat(timer, (uint64_t)dur_to_ms(PERIOD));
	for (size_t i = 0; s->advertise && i < u->bgp->n_configured; i++) {
		const struct bgp_peer *p = u->bgp->peers[i];

		if (p->enabled && conf_peer_unnumbered(p->configured))
			s->advertise(s->listen_arg, p->configured->interface);
	}
}

/* ---- life ---- */

static bool
is_needed(const struct bgp *bgp)
{
	for (size_t i = 0; i < bgp->n_configured; i++)
		if (conf_peer_unnumbered(bgp->peers[i]->configured))
			return true;
	return false;
}

static void
on_closed(uv_handle_t *handle)
{
	struct unnumbered *u = handle->data;
	struct bgp *bgp = u->bgp;

	free(u);
	speaker_handle_closed(bgp);
}

void
unnumbered_stop(struct bgp *bgp)
{
	struct unnumbered *u = bgp->unnumbered;

	if (!u)
		return;
	bgp->unnumbered = NULL;
	if (u->watch)
		neighwatch_close(u->watch);
	uv_close((uv_handle_t *)&u->timer, on_closed);
}

static struct unnumbered *
start(struct bgp *bgp)
{
	struct unnumbered *u = xcalloc(1, sizeof(*u));
	int error;

	u->bgp = bgp;
	uv_timer_init(bgp->settings.loop, &u->timer);
	u->timer.data = u;
	bgp->handles++;
	error = neighwatch_new(bgp->settings.loop, on_heard, u, &u->watch);
	if (error)
		log_error(bgp->settings.log, "bgp",
			  "cannot watch the neighbour table: %s; unnumbered "
			  "neighbours have to connect",
			  strerror(-error));
	uv_timer_start(&u->timer, on_time, 0,
		       (uint64_t)dur_to_ms(FIRST_PERIOD));
	return u;
}

void
unnumbered_configure(struct bgp *bgp)
{
	unnumbered_stop(bgp);
	if (is_needed(bgp))
		bgp->unnumbered = start(bgp);
}
