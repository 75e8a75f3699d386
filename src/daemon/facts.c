/* SPDX-License-Identifier: ISC */
#include "daemon/facts.h"

#include "daemon/brake.h"
#include "daemon/decide.h"
#include "daemon/drill.h"
#include "daemon/process.h"
#include "daemon/rung.h"

static void
peer_state(void *arg, struct bgp_peer *peer, enum bgp_state from,
	   enum bgp_state to, const char *why)
{
	bool matters =
	    to == BGP_STATE_ESTABLISHED || from == BGP_STATE_ESTABLISHED;

	processes_peer(arg, peer, from, to, why);
	if (!matters)
		return;
	brake_sent(arg);
	basin_event(arg, EVENT_PEER,
		    to == BGP_STATE_ESTABLISHED ? LOG_LEVEL_NOTICE
						: LOG_LEVEL_WARNING,
		    bgp_peer_name(peer), bgp_state_text(from),
		    bgp_state_text(to), NULL, "%s", why);
}

static void
sent(void *arg, struct bgp_peer *peer, const struct prefix *prefix,
     bool announced)
{
	struct basin *b = arg;
	char text[PREFIX_TEXT_MAX];
	struct bgp_out_view out;
	struct text detail = {0};

	drill_sent(b, bgp_peer_name(peer), prefix, announced);
	brake_sent(b);
	if (!events_open(b->events)) {
		events_skip(b->events);
		return;
	}
	if (announced && bgp_peer_announced(peer, prefix, &out)) {
		text_add(&detail, ": ");
		rung_sent_text(out.attributes, &detail);
	}
	basin_event(b, EVENT_ADVERTISEMENT, LOG_LEVEL_INFO,
		    prefix_format(prefix, text, sizeof(text)), NULL,
		    announced ? "announced" : "withdrawn", NULL, "%s %s%s",
		    announced ? "to" : "from", bgp_peer_name(peer),
		    text_str(&detail));
	text_free(&detail);
}

/* Where all traffic goes is worth a line; a full table is not. */
static void
tell_default(struct basin *b, const struct prefix *prefix,
	     const struct bgp_best *v, size_t n)
{
	char text[PREFIX_TEXT_MAX];

	prefix_format(prefix, text, sizeof(text));
	if (n == 0)
		log_warning(&b->log, text, "no peer gives it any more");
	else
		log_info(&b->log, text, "the best path is from %s%s",
			 bgp_peer_name(v[0].peer),
			 n > 1 ? ", others are used beside it" : "");
}

static void
flow_sent(void *arg, struct bgp_peer *peer, const struct bgp_flow *flow,
	  bool announced)
{
	struct basin *b = arg;
	struct text name = {0};

	if (!events_open(b->events)) {
		events_skip(b->events);
		return;
	}
	text_add(&name, "flow ");
	bgp_print_flow(flow, &name);
	basin_event(b, EVENT_ADVERTISEMENT, LOG_LEVEL_INFO, text_str(&name),
		    NULL, announced ? "announced" : "withdrawn", NULL, "%s %s",
		    announced ? "to" : "from", bgp_peer_name(peer));
	text_free(&name);
}

static void
best(void *arg, const struct prefix *prefix, const struct bgp_best *v, size_t n)
{
	struct basin *b = arg;

	if (prefix->len == 0)
		tell_default(b, prefix, v, n);
	out_import(b->out, prefix, v, n);
}

const struct bgp_callbacks facts_bgp = {
    .state = peer_state,
    .sent = sent,
    .best = best,
    .flow_sent = flow_sent,
};

int
facts_resolve(void *arg, const struct ip *hop, unsigned ifindex,
	      struct ip *gateway, unsigned *gateway_ifindex)
{
	struct sys_hop found;
	int r = sys_reach(hop, ifindex, &found);

	if (r != 0)
		return r;
	*gateway = found.gateway;
	*gateway_ifindex = found.ifindex;
	return 0;
}

static void
alarm_changed(void *arg, const char *subject, const char *message, bool on)
{
	basin_alarm(arg, subject, message, on);
}

const struct out_callbacks facts_out = {decide_addresses, alarm_changed};

void
facts_helper_gone(void *arg)
{
	struct basin *b = arg;

	if (b->phase == BASIN_STOPPING)
		return;
	log_error(&b->log, "helper",
		  "the root helper died: addresses and routes cannot be kept "
		  "any more; withdrawing and stopping. Service addresses stay "
		  "on their interfaces and are adopted at the next start");
	basin_stop(b, "the root helper died", 1);
}
