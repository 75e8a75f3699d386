/* SPDX-License-Identifier: ISC */
#include "daemon/on_link.h"

/* Membership has no rungs: who is up or impaired answers, nobody else does. */
static bool
is_wanted(const struct basin *b, size_t service)
{
	struct avail_service_view v;

	if (b->phase == BASIN_STOPPING || avail_node_drained(b->avail, NULL))
		return false;
	avail_view_service(b->avail, service, &v);
	return v.state == AVAIL_SERVICE_UP ||
	       v.state == AVAIL_SERVICE_DEGRADED ||
	       v.state == AVAIL_SERVICE_OVERLOADED;
}

void
on_link_decide(struct basin *b)
{
	for (size_t i = 0; i < b->conf->n_services; i++)
		if (b->conf->services[i].on_link)
			out_join(b->out, i, is_wanted(b, i));
}
