/* SPDX-License-Identifier: ISC */
/* What programs are told of neighbours. */
#include <stdlib.h>
#include <unistd.h>

#include "daemon/process.h"

/* A session that is down has no address any more: its last one is told. */
static const struct ip *
local_of(struct processes *k, const struct bgp_peer_view *v)
{
	struct process_heard *h = k->heard;

	while (h && !ip_equal(&h->peer, &v->conf->address))
		h = h->next;
	if (!h) {
		h = xcalloc(1, sizeof(*h));
		h->peer = v->conf->address;
		h->next = k->heard;
		k->heard = h;
	}
	if (!ip_is_none(&v->local))
		h->local = v->local;
	return &h->local;
}

static void
tell_state(struct process *p, const struct bgp_peer_view *v,
	   const struct ip *local, const char *state, const char *why)
{
	struct exabgp_neighbor n = {.local = *local,
				    .peer = v->conf->address,
				    .local_as = v->conf->local_asn,
				    .peer_as = v->conf->asn};
	struct exabgp_teller t = {.json = p->conf->encoder == CONF_ENCODER_JSON,
				  .host = p->b->conf->node.name,
				  .pid = getpid(),
				  .ppid = getppid(),
				  .counter = ++p->counter,
				  .now = wall_now()};
	struct text line = {0};

	exabgp_say_state(&t, &n, state, why, &line);
	process_tell(p, text_str(&line), line.len);
	text_free(&line);
}

void
processes_forget_heard(struct processes *k)
{
	while (k->heard) {
		struct process_heard *h = k->heard;

		k->heard = h->next;
		free(h);
	}
}

void
processes_peer(struct basin *b, const struct bgp_peer *peer,
	       enum bgp_state from, enum bgp_state to, const char *why)
{
	struct process *p = b->processes ? b->processes->list : NULL;
	bool up = to == BGP_STATE_ESTABLISHED;
	bool down = from == BGP_STATE_ESTABLISHED && !up;
	bool connected = to == BGP_STATE_OPENSENT;
	struct bgp_peer_view v;
	const struct ip *local;

	if (!p || (!up && !down && !connected))
		return;
	bgp_peer_view(peer, &v);
	local = local_of(b->processes, &v);
	for (; p; p = p->next)
		if (p->child && p->conf->neighbor_changes &&
		    process_speaks_for(p, v.conf))
			tell_state(p, &v, local,
				   up     ? "up"
				   : down ? "down"
					  : "connected",
				   down ? why : NULL);
}
