/* SPDX-License-Identifier: ISC */
/* Route origin validation: who validates is given by the settings. */
#include "bgp/speaker.h"

const char *
bgp_validity_text(enum bgp_validity v)
{
	static const char *const texts[] = {
#define X(n, t) [BGP_VALIDITY_##n] = t,
	    BGP_VALIDITIES(X)
#undef X
	};

	return texts[v];
}

enum bgp_validity
bgp_validate(const struct bgp *bgp, const struct prefix *prefix,
	     uint32_t origin)
{
	const struct bgp_settings *s = &bgp->settings;

	return s->validate ? s->validate(s->validate_arg, prefix, origin)
			   : BGP_VALIDITY_NONE;
}

enum bgp_validity
bgp_peer_validity(const struct bgp_peer *peer, const struct bgp_route *route)
{
	struct policy_self self = peer_self(peer, peer->up);

	return bgp_validate(peer->bgp, &route->prefix,
			    policy_origin(&self, route->attributes));
}

void
bgp_revalidate(struct bgp *bgp)
{
	for (size_t i = 0; i < bgp->n_peers; i++)
		peer_policy_revalidate(bgp->peers[i]);
}
