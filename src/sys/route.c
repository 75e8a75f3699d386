/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sys/sys.h"

void
sys_route_set(struct sys_route *to, const struct sys_route *from)
{
	struct sys_hop *more = NULL;

	if (from && from->n_more) {
		more = xcalloc(from->n_more, sizeof(*more));
		memcpy(more, from->more, from->n_more * sizeof(*more));
	}
	free(to->more);
	if (from)
		*to = *from;
	to->more = more;
	if (!more)
		to->n_more = 0;
}

static bool
same_hop(const struct ip *a, unsigned a_index, const struct ip *b,
	 unsigned b_index)
{
	return ip_equal(a, b) &&
	       (a_index == 0 || b_index == 0 || a_index == b_index);
}

bool
sys_route_equal(const struct sys_route *a, const struct sys_route *b)
{
	if (a->blackhole || b->blackhole)
		return a->blackhole == b->blackhole;
	if (!same_hop(&a->gateway, a->ifindex, &b->gateway, b->ifindex) ||
	    a->n_more != b->n_more)
		return false;
	for (size_t i = 0; i < a->n_more; i++)
		if (!same_hop(&a->more[i].gateway, a->more[i].ifindex,
			      &b->more[i].gateway, b->more[i].ifindex))
			return false;
	return true;
}
