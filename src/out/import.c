/* SPDX-License-Identifier: ISC */
/*
 * Imported routes. Which path is best was decided in the Loc-RIB (bgp/); here
 * it becomes one route of the kernel with one or several next hops, which is
 * replaced, never removed, when another path becomes the best.
 */
#include "out/import.h"

#include "out/route.h"
#include "out/state.h"

/* Behind the best path: those that lead somewhere else at the same cost. */
static void
add_hops(struct sys_route *r, const struct bgp_best *v, size_t n)
{
	for (size_t i = 0; i < n && r->n_more < SYS_HOPS_MAX - 1; i++) {
		const struct bgp_route *route = &v[i].route;

		if (!v[i].install || route->blackhole ||
		    (ip_equal(&route->gateway, &r->gateway) &&
		     route->ifindex == r->ifindex))
			continue;
		r->more[r->n_more++] =
		    (struct sys_hop){route->gateway, route->ifindex};
	}
}

void
import_change(struct out *out, const struct prefix *prefix,
	      const struct bgp_best *v, size_t n)
{
	struct sys_hop more[SYS_HOPS_MAX - 1];
	struct sys_route r = {
	    .prefix = *prefix, .metric = ROUTE_IMPORT_METRIC, .more = more};

	if (n == 0 || !v[0].install) {
		route_unwant(out, &r, DUR_ZERO);
		return;
	}
	r.blackhole = v[0].route.blackhole;
	if (!r.blackhole) {
		r.gateway = v[0].route.gateway;
		r.ifindex = v[0].route.ifindex;
		add_hops(&r, v + 1, n - 1);
	}
	route_want(out, &r);
}
