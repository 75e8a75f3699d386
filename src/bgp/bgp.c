/* SPDX-License-Identifier: ISC */
/*
 * The speaker:  RUNNING ──bgp_shutdown──► DRAINING ──all sent──► CLOSING
 *                                            │ limit                │
 *                                            └──────────► CLOSED ◄──┘
 *
 * DRAINING: every session withdraws, then ceases. CLOSING: connections hand
 * over their last octets, handles close. `closed` is called once, in CLOSED.
 */
#include "bgp/bgp.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/dynamic.h"
#include "bgp/peer_gr.h"
#include "bgp/speaker.h"
#include "bgp/unnumbered.h"

/* Writing UPDATEs takes at most this much of one turn of the loop. */
#define FLUSH_SLICE dur_ms(4)

/* ---- handles ---- */

static void
free_rungs(uint8_t *const at[static CONF_RUNG_WITHDRAWN])
{
	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++)
		free(at[r]);
}

static void
free_memory(struct bgp *bgp)
{
	bgp->settings.callbacks = NULL; /* nobody listens any more */
	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_free(bgp->peers[i]);
	loc_rib_free(&bgp->loc);
	originated_free(&bgp->originated);
	index_free(&bgp->index);
	free(bgp->peers);
	free_rungs(bgp->at);
	free(bgp->suspended);
	free(bgp->ipv4);
	free(bgp->host.rx);
	free(bgp->tx);
	free(bgp->shutdown_text);
	free(bgp);
}

static void
check_closed(struct bgp *bgp)
{
	if (bgp->phase != SPEAKER_CLOSING || bgp->handles || bgp->host.n)
		return;
	bgp->phase = SPEAKER_CLOSED;
	if (bgp->closed)
		bgp->closed(bgp->closed_arg);
	else if (bgp->free_when_closed)
		free_memory(bgp);
}

static void
on_handle_closed(uv_handle_t *handle)
{
	speaker_handle_closed(handle->data);
}

static void
close_handles(struct bgp *bgp)
{
	bgp->phase = SPEAKER_CLOSING;
	listen_close_all(bgp);
	unnumbered_stop(bgp);
	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_close(bgp->peers[i]);
	uv_close((uv_handle_t *)&bgp->idle, on_handle_closed);
	uv_close((uv_handle_t *)&bgp->limit, on_handle_closed);
	uv_close((uv_handle_t *)&bgp->reaper, on_handle_closed);
	uv_close((uv_handle_t *)&bgp->flows.timer, on_handle_closed);
}

/* All sessions have said goodbye and their connections are closed. */
static void
check_drained(struct bgp *bgp)
{
	if (bgp->phase != SPEAKER_DRAINING || bgp->host.n)
		return;
	for (size_t i = 0; i < bgp->n_peers; i++)
		if (bgp->peers[i]->draining)
			return;
	close_handles(bgp);
}

void
speaker_handle_closed(struct bgp *bgp)
{
	bgp->handles--;
	check_closed(bgp);
}

static void
on_connection_gone(void *arg)
{
	struct bgp *bgp = arg;

	check_drained(bgp);
	check_closed(bgp);
}

/* ---- writing ---- */

/* Peers take turns in being first, so that a large table starves nobody. */
static bool
flush_all(struct bgp *bgp)
{
	struct mono until = mono_add(mono_now(), FLUSH_SLICE);
	size_t n = bgp->n_peers;
	bool more = false;

	bgp->next_peer = n ? (bgp->next_peer + 1) % n : 0;
	for (size_t i = 0; i < n && i < bgp->n_peers; i++) {
		size_t at = (bgp->next_peer + i) % n;

		more |= peer_flush(bgp->peers[at], until);
	}
	return more;
}

static void
on_idle(uv_idle_t *idle)
{
	struct bgp *bgp = idle->data;

	bgp->flushing = false;
	if (flush_all(bgp))
		bgp->flushing = true;
	if (!bgp->flushing)
		uv_idle_stop(&bgp->idle);
	check_drained(bgp);
}

void
speaker_kick(struct bgp *bgp)
{
	if (bgp->flushing || bgp->phase > SPEAKER_DRAINING)
		return;
	bgp->flushing = true;
	uv_idle_start(&bgp->idle, on_idle);
}

/* ---- life ---- */

struct bgp *
bgp_new(const struct bgp_settings *s)
{
	struct bgp *bgp = xcalloc(1, sizeof(*bgp));

	bgp->settings = *s;
	TAILQ_INIT(&bgp->listeners);
	uv_idle_init(s->loop, &bgp->idle);
	uv_timer_init(s->loop, &bgp->limit);
	uv_timer_init(s->loop, &bgp->reaper);
	bgp->idle.data = bgp->limit.data = bgp->reaper.data = bgp;
	flows_init(bgp);
	bgp->handles = 4;
	bgp->host.loop = s->loop;
	bgp->host.rx = xrealloc(NULL, 1, CONN_SLICE + BGP_EXTENDED_MAX);
	bgp->host.gone = on_connection_gone;
	bgp->host.arg = bgp;
	TAILQ_INIT(&bgp->host.all);
	bgp->tx = xrealloc(NULL, 1, RIB_OUT_EXTENDED);
	speaker_used_init(bgp);
	return bgp;
}

static void
close_connections(struct bgp *bgp)
{
	while (!TAILQ_EMPTY(&bgp->host.all))
		conn_close(TAILQ_FIRST(&bgp->host.all));
}

static void
on_limit(uv_timer_t *timer)
{
	struct bgp *bgp = timer->data;

	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_stop(bgp->peers[i], BGP_CEASE_ADMIN_SHUTDOWN,
			  bgp->shutdown_text);
	close_connections(bgp);
	if (bgp->phase == SPEAKER_DRAINING)
		close_handles(bgp);
}

void
bgp_shutdown(struct bgp *bgp, const char *text, struct dur limit,
	     void (*closed)(void *arg), void *arg)
{
	if (bgp->phase != SPEAKER_RUNNING)
		return;
	bgp->phase = SPEAKER_DRAINING;
	bgp->gr.deferring = false;
	bgp->closed = closed;
	bgp->closed_arg = arg;
	bgp->shutdown_text = xstrdup(text ? text : "");
	listen_close_all(bgp);
	for (size_t i = 0; i < bgp->n_peers; i++) {
		bgp->peers[i]->drain_text = bgp->shutdown_text;
		peer_withdraw_all(bgp->peers[i]);
	}
	uv_timer_start(&bgp->limit, on_limit, (uint64_t)dur_to_ms(limit), 0);
	speaker_kick(bgp);
}

void
bgp_free(struct bgp *bgp)
{
	if (!bgp)
		return;
	if (bgp->phase == SPEAKER_CLOSED) {
		free_memory(bgp);
		return;
	}
	/* Never shut down: the memory goes when the loop has closed all. */
	bgp->closed = NULL;
	bgp->free_when_closed = true;
	if (bgp->phase == SPEAKER_CLOSING)
		return;
	close_handles(bgp);
	close_connections(bgp);
}

/* ---- wanting ---- */

void
bgp_want(struct bgp *bgp, size_t id, enum conf_rung rung)
{
	if (!bgp->conf || id >= bgp->conf->n_prefixes ||
	    speaker_rung(bgp, (uint32_t)id) == rung)
		return;
	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++)
		bits_put(bgp->at[r], id, r == (int)rung);
	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_want(bgp->peers[i], (uint32_t)id);
	speaker_kick(bgp);
}

/* ---- suspending ---- */

void
bgp_suspend(struct bgp *bgp, const char *text)
{
	if (bgp->phase != SPEAKER_RUNNING)
		return;
	free(bgp->suspended);
	bgp->suspended = xstrdup(text ? text : "");
	for (size_t i = 0; i < bgp->n_peers; i++)
		if (bgp->peers[i]->enabled)
			peer_stop(bgp->peers[i], BGP_CEASE_ADMIN_SHUTDOWN,
				  bgp->suspended);
}

void
bgp_resume(struct bgp *bgp)
{
	if (bgp->phase != SPEAKER_RUNNING || !bgp->suspended)
		return;
	free(bgp->suspended);
	bgp->suspended = NULL;
	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_start(bgp->peers[i]);
}

/* ---- configuring ---- */

/* Wants follow their prefix to its new number. */
static void
carry_wants(struct bgp *bgp, const struct conf *old, const uint8_t *before,
	    uint8_t *after)
{
	for (size_t i = 0; old && i < old->n_prefixes; i++) {
		uint32_t id;

		if (!bits_has(before, i))
			continue;
		id = index_find(&bgp->index, &old->prefixes[i].prefix);
		if (id != INDEX_NONE)
			bits_put(after, id, true);
	}
}

static void
note_families(struct bgp *bgp)
{
	const struct conf *conf = bgp->conf;

	free(bgp->ipv4);
	bgp->ipv4 = bits_new(conf->n_prefixes);
	for (size_t i = 0; i < conf->n_prefixes; i++)
		bits_put(bgp->ipv4, i,
			 conf->prefixes[i].prefix.addr.family == AF_INET);
}

static void
renumber(struct bgp *bgp, const struct conf *conf)
{
	const struct conf *old = bgp->conf;
	uint8_t *before[CONF_RUNG_WITHDRAWN];

	memcpy(before, bgp->at, sizeof(before));
	index_free(&bgp->index);
	index_build(&bgp->index, conf);
	bgp->conf = conf;
	note_families(bgp);
	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++) {
		bgp->at[r] = bits_new(conf->n_prefixes);
		carry_wants(bgp, old, before[r], bgp->at[r]);
	}
	free_rungs(before);
}

/* Takes the peer of that name out of the old list. */
static struct bgp_peer *
take_peer(struct bgp_peer **peers, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		struct bgp_peer *p = peers[i];

		if (!p || strcmp(p->name, name) != 0)
			continue;
		peers[i] = NULL;
		return p;
	}
	return NULL;
}

static bool
node_equal(const struct conf *a, const struct conf *b)
{
	return a->node.asn == b->node.asn &&
	       ip_equal(&a->node.router_id, &b->node.router_id);
}

static bool
session_stays(const struct bgp_peer *p, const struct conf *old,
	      const struct conf *conf, const struct conf_peer *to)
{
	return node_equal(old, conf) &&
	       p->configured->shutdown == to->shutdown &&
	       conf_peer_session_equal(p->configured, to) &&
	       !peer_is_released(p, to);
}

/* Peers whose session ends are stopped while their old values still hold. */
static void
stop_changed(struct bgp *bgp, const struct conf *conf)
{
	for (size_t i = 0; i < bgp->n_peers; i++) {
		struct bgp_peer *p = bgp->peers[i];
		const struct conf_peer *to = NULL;

		for (size_t k = 0; k < conf->n_peers; k++)
			if (strcmp(conf->peers[k].name, p->configured->name) ==
			    0)
				to = &conf->peers[k];
		if (!to)
			peer_stop(p, BGP_CEASE_DECONFIGURED,
				  "removed from the configuration");
		else if (to->shutdown && !p->conf->shutdown)
			peer_stop(p, BGP_CEASE_ADMIN_SHUTDOWN,
				  "shut down in the configuration");
		else if (!session_stays(p, bgp->conf, conf, to))
			peer_stop(p, BGP_CEASE_CONFIG_CHANGE,
				  "the configuration has changed");
	}
}

static void
adopt_peer(struct bgp_peer *p, const struct conf_peer *conf)
{
	struct conf_peer old = *p->conf;

	peer_set_conf(p, conf);
	peer_rekey(p, &old);
	p->not_before = p->enabled ? p->not_before : (struct mono){0};
	peer_routes_reconfigure(p, &old);
	if (!p->enabled && !p->bgp->suspended &&
	    !(conf->shutdown && old.shutdown))
		peer_start(p);
}

static void
rebuild_peers(struct bgp *bgp)
{
	const struct conf *conf = bgp->conf;
	struct bgp_peer **old = bgp->peers;
	size_t n_old = bgp->n_peers;

	bgp->peers =
	    xcalloc(conf->n_peers + n_old + 1, sizeof(struct bgp_peer *));
	bgp->n_peers = 0;
	for (size_t i = 0; i < conf->n_peers; i++) {
		const struct conf_peer *c = &conf->peers[i];
		struct bgp_peer *p = take_peer(old, n_old, c->name);

		if (!p)
			p = peer_new(bgp, c);
		bgp->peers[bgp->n_peers++] = p;
	}
	bgp->n_configured = bgp->n_peers;
	for (size_t i = 0; i < n_old; i++)
		if (old[i] && dynamic_stays(old[i], conf))
			bgp->peers[bgp->n_peers++] = old[i];
		else if (old[i])
			peer_free(old[i]);
	free(old);
}

int
bgp_configure(struct bgp *bgp, const struct conf *conf)
{
	bool first = !bgp->conf;
	int error;

	if (!first)
		stop_changed(bgp, conf);
	renumber(bgp, conf);
	if (first && bgp->restarted)
		peer_gr_start(bgp);
	rebuild_peers(bgp);
	error = listen_configure(bgp, conf);
	for (size_t i = 0; i < bgp->n_configured; i++)
		adopt_peer(bgp->peers[i], &conf->peers[i]);
	dynamic_adopt(bgp, adopt_peer);
	listen_protect(bgp);
	speaker_used_configure(bgp);
	flows_changed(bgp);
	unnumbered_configure(bgp);
	speaker_kick(bgp);
	return error;
}

struct bgp_peer *
speaker_peer_by_address(struct bgp *bgp, const struct ip *ip, unsigned scope)
{
	for (size_t i = 0; i < bgp->n_peers; i++) {
		struct bgp_peer *p = bgp->peers[i];

		if (!ip_equal(&p->conf->address, ip))
			continue;
		if (!p->conf->interface || !ip_is_link_local(ip) ||
		    if_nametoindex(p->conf->interface) == scope)
			return p;
	}
	return NULL;
}
