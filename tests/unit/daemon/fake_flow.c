/* SPDX-License-Identifier: ISC */
/* Flow specifications as the daemon sees them: one from every peer. */
#include <netinet/in.h>

#include "bgp/bgp.h"
#include "wire/bgp_flow.h"

void
bgp_peer_each_flow_in(const struct bgp_peer *peer, bgp_flow_in_fn *each,
		      void *arg)
{
	const struct bgp_attributes attributes = {.n_as_path = 0};
	struct bgp_flow flow = {.family = AF_INET};

	if (bgp_flow_add(&flow, BGP_FLOW_PROTO, BGP_FLOW_EQ, 17) != 0)
		return;
	each(arg, &(struct bgp_flow_view){
		      .flow = &flow,
		      .attributes = &attributes,
		      .since = mono_now(),
		      .verdict = "destination",
		      .why = "it has no destination prefix",
		  });
}

void
bgp_peer_each_flow_out(const struct bgp_peer *peer, bgp_flow_fn *each,
		       void *arg)
{
}
