/* SPDX-License-Identifier: ISC */
/* What the speaker says of routes that it got: each peer gave a leak. */
#include "base/text.h"
#include "bgp/bgp.h"

#include "fake.h"

enum bgp_validity
bgp_peer_validity(const struct bgp_peer *peer, const struct bgp_route *route)
{
	return BGP_VALIDITY_NONE;
}

void
bgp_each_path(const struct bgp *bgp, const struct prefix *prefix,
	      bgp_path_fn *each, void *arg)
{
}

void
bgp_each_best(const struct bgp *bgp, bgp_best_fn *each, void *arg)
{
}

void
bgp_reachability_changed(struct bgp *bgp)
{
}

const char *
bgp_peer_refused(const struct bgp_peer *peer, const struct prefix *prefix)
{
	return NULL;
}

void
bgp_peer_each_refusal(const struct bgp_peer *peer, bgp_refusal_fn *each,
		      void *arg)
{
	struct prefix prefix;

	if (prefix_parse("203.0.113.0/24", &prefix) == 0)
		each(arg, &prefix, "leak", "route leak", mono_now());
}

bool
bgp_peer_refusals(const struct bgp_peer *peer, unsigned i, const char **name,
		  uint64_t *n)
{
	*name = "leak";
	*n = 7;
	return i == 0;
}
