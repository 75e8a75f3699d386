/* SPDX-License-Identifier: ISC */
/*
 * Announcing by our own speaker. It repeats by itself; here stands only the
 * question whether what is desired was really written to each neighbour.
 */
#include "out/bgp.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "out/state.h"

struct bgp_watched {
	size_t pending;    /* at the last look */
	struct mono since; /* of the last progress */
	bool alarmed;
};

static void
tell(struct out *out, const struct bgp_peer *peer, struct bgp_watched *w,
     bool on)
{
	char subject[128];

	if (w->alarmed == on)
		return;
	w->alarmed = on;
	snprintf(subject, sizeof(subject), "peer %s", bgp_peer_name(peer));
	if (on)
		out_alarm(out, subject, true,
			  "%zu prefixes wait to be announced or withdrawn, "
			  "and the peer takes none",
			  w->pending);
	else
		out_alarm(out, subject, false, "has everything again");
}

static void
look(struct out *out, const struct bgp_peer *peer, struct bgp_watched *w,
     struct mono now)
{
	struct bgp_peer_view v;
	size_t pending;

	bgp_peer_view(peer, &v);
	/* Without a session nothing is announced: not a difference. */
	pending = v.state == BGP_STATE_ESTABLISHED ? v.pending : 0;
	if (pending == 0 || pending < w->pending || w->pending == 0)
		w->since = now;
	w->pending = pending;
	if (pending == 0)
		tell(out, peer, w, false);
	else if (mono_reached(mono_add(w->since, OUT_ALARM_AFTER), now))
		tell(out, peer, w, true);
}

/*
 * After a reload the peers are others, and those found in ranges come and go,
 * behind the others: what stood further back is forgotten.
 */
static void
fit(struct out *out, size_t n)
{
	struct bgp_watch *watch = &out->bgp_watch;

	if (watch->n == n)
		return;
	watch->peers = xrealloc(watch->peers, n ? n : 1, sizeof(*watch->peers));
	for (size_t i = watch->n; i < n; i++)
		watch->peers[i] = (struct bgp_watched){0};
	watch->n = n;
}

void
bgp_watch_tick(struct out *out, struct mono now)
{
	size_t n = out->bgp ? bgp_peers(out->bgp) : 0;

	fit(out, n);
	for (size_t i = 0; i < n; i++)
		look(out, bgp_peer_at(out->bgp, i), &out->bgp_watch.peers[i],
		     now);
}

static void
replay_best(void *arg, const struct prefix *prefix, const struct bgp_best *v,
	    size_t n)
{
	import_change(arg, prefix, v, n);
}

void
bgp_watch_replay(struct out *out)
{
	if (out->bgp)
		bgp_each_best(out->bgp, replay_best, out);
}

void
bgp_watch_free(struct out *out)
{
	free(out->bgp_watch.peers);
}
