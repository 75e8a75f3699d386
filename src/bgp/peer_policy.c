/* SPDX-License-Identifier: ISC */
/* What the (pure) policy must know of a session, and when it is asked anew. */
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "bgp/peer.h"
#include "bgp/session.h"
#include "bgp/speaker.h"

struct policy_self
peer_self(const struct bgp_peer *p, const struct session *s)
{
	struct policy_self self = {
	    .peer = p->conf,
	    .node_asn = p->bgp->conf->node.asn,
	    .router_id = ip_to_v4(&p->bgp->conf->node.router_id),
	    .ibgp = peer_is_ibgp(p),
	    .n_subnets = p->n_subnets,
	    .validate = p->bgp->settings.validate,
	    .validate_arg = p->bgp->settings.validate_arg,
	};

	memcpy(self.subnets, p->subnets, sizeof(self.subnets));
	if (s && s->conn) {
		self.local = s->conn->local;
		self.remote = s->conn->remote;
	}
	return self;
}

/* RFC 8950 section 4: of IPv4 routes, on a session that has IPv6 addresses. */
static unsigned
extended_next_hops(const struct session *s)
{
	bool ipv6 = s->conn && s->conn->local.family == AF_INET6;

	return ipv6 ? s->peer->conf->families & BGP_FAMILY_IPV4 : 0;
}

void
peer_policy_offer(const struct session *s, struct bgp_open *open)
{
	open->extended_next_hop = extended_next_hops(s);
	if (!peer_is_ibgp(s->peer))
		policy_offer_role(s->peer->conf, open);
}

/* ---- the link of the session ---- */

static uint8_t
mask_length(const struct sockaddr *mask)
{
	struct sockaddr_storage ss = {0};
	struct ip ip;
	uint8_t n = 0;

	memcpy(&ss, mask,
	       mask->sa_family == AF_INET ? sizeof(struct sockaddr_in)
					  : sizeof(struct sockaddr_in6));
	ip_from_sockaddr(&ss, &ip);
	while (n < 8 * ip_octets(ip.family) &&
	       ip.bytes[n / 8] >> (7 - n % 8) & 1)
		n++;
	return n;
}

/* No subnet that others can be on. */
static bool
is_lonely(const struct ip *ip, uint8_t len)
{
	return len == 8 * ip_octets(ip->family) || ip_is_loopback(ip) ||
	       ip_is_link_local(ip);
}

/* False: not an address of a subnet. */
static bool
subnet_of(const struct ifaddrs *at, struct ip *ip, uint8_t *len)
{
	struct sockaddr_storage ss = {0};

	if (!at->ifa_addr || !at->ifa_netmask ||
	    (at->ifa_addr->sa_family != AF_INET &&
	     at->ifa_addr->sa_family != AF_INET6))
		return false;
	memcpy(&ss, at->ifa_addr,
	       at->ifa_addr->sa_family == AF_INET
		   ? sizeof(struct sockaddr_in)
		   : sizeof(struct sockaddr_in6));
	ip_from_sockaddr(&ss, ip);
	*len = mask_length(at->ifa_netmask);
	return true;
}

static const char *
interface_of(const struct ifaddrs *list, const struct ip *local)
{
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		struct ip ip;
		uint8_t len;

		if (subnet_of(at, &ip, &len) && ip_equal(&ip, local))
			return at->ifa_name;
	}
	return NULL;
}

static void
learn_subnets(struct bgp_peer *p, const struct ip *local)
{
	struct ifaddrs *list = NULL;
	const char *name;

	p->n_subnets = 0;
	if (getifaddrs(&list) != 0)
		return;
	name = interface_of(list, local);
	for (struct ifaddrs *at = list; name && at; at = at->ifa_next) {
		struct ip ip;
		uint8_t len;

		if (p->n_subnets == POLICY_SUBNETS_MAX ||
		    strcmp(at->ifa_name, name) != 0 ||
		    !subnet_of(at, &ip, &len) || is_lonely(&ip, len))
			continue;
		p->subnets[p->n_subnets++] = (struct prefix){ip, len};
	}
	freeifaddrs(list);
}

void
peer_policy_up(struct bgp_peer *p, const struct session *s)
{
	unsigned extended = extended_next_hops(s) & s->open.extended_next_hop &
			    p->facts.families;

	p->facts.extended_next_hop = extended;
	p->path_session.extended_next_hop = extended & BGP_FAMILY_IPV4;
	p->n_subnets = 0;
	rib_in_forget(&p->in);
	speaker_used_source(p, s);
	if (p->conf->policy.import.enabled && !peer_is_ibgp(p) &&
	    !p->conf->multihop)
		learn_subnets(p, &s->conn->local);
}

/* ---- again ---- */

void
peer_policy_again(struct bgp_peer *p)
{
	struct policy_self self = peer_self(p, p->up);

	rib_in_refilter(&p->in, &self);
}

void
peer_policy_revalidate(struct bgp_peer *p)
{
	bool invalid = p->in.invalid;

	p->in.invalid = false;
	peer_policy_again(p);
	if (!invalid || !p->up || !p->up->open.route_refresh)
		return;
	for (unsigned bit = 1; bit <= BGP_FAMILY_IPV6; bit <<= 1)
		if (p->facts.families & bit)
			session_request_refresh(p->up, bit);
}
