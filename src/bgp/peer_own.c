/* SPDX-License-Identifier: ISC */
/*
 * The configuration of a peer. Where the neighbour's address is learned, and
 * not written in the file, the peer has a copy of its own with it in.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/speaker.h"

bool
peer_is_dynamic(const struct bgp_peer *p)
{
	return p->own && conf_peer_dynamic(p->configured);
}

bool
peer_is_range(const struct bgp_peer *p)
{
	return !p->own && conf_peer_dynamic(p->configured);
}

static void
set_times(struct bgp_peer *p)
{
	const struct conf_transport *t = &p->conf->transport;

	for (int i = 0; i < PEER_SLOTS; i++) {
		struct fsm *f = &p->sessions[i].fsm;

		f->connect_retry = p->conf->connect_retry;
		f->idle_first = t->idle_hold.first;
		f->idle_limit = t->idle_hold.limit;
		f->send_hold = t->send_hold_time;
	}
}

/* What was learned stays. */
static void
copy_conf(struct bgp_peer *p, const struct conf_peer *conf)
{
	struct ip address = p->own->address;
	uint32_t asn = p->own->asn;

	*p->own = *conf;
	p->own->name = p->name;
	p->own->address = address;
	p->own->range = (struct prefix){0};
	if (conf_peer_has_asn(conf, asn))
		p->own->asn = asn;
}

void
peer_set_conf(struct bgp_peer *p, const struct conf_peer *conf)
{
	p->configured = conf;
	if (!p->own && conf_peer_unnumbered(conf))
		p->own = xcalloc(1, sizeof(*p->own));
	if (p->own && !conf_peer_dynamic(conf) && !conf_peer_unnumbered(conf))
		peer_free_conf(p);
	if (p->own)
		copy_conf(p, conf);
	p->conf = p->own ? p->own : conf;
	set_times(p);
}

void
peer_learn_address(struct bgp_peer *p, const struct ip *ip)
{
	p->own->address = *ip;
}

void
peer_learn_asn(struct bgp_peer *p, uint32_t asn)
{
	if (p->own && conf_peer_has_asn(p->configured, asn))
		p->own->asn = asn;
}

void
peer_free_conf(struct bgp_peer *p)
{
	free(p->own);
	p->own = NULL;
}
