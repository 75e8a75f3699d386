/* SPDX-License-Identifier: ISC */
#include "daemon/drained.h"

bool
drained_has(const struct basin *b, enum avail_target target, size_t id)
{
	struct avail_drain_times times;
	struct avail_service_view service;
	struct avail_prefix_view prefix;

	switch (target) {
	case AVAIL_SERVICE:
		avail_view_service(b->avail, id, &service);
		return service.drained && mono_is_never(service.drain_limit);
	case AVAIL_PREFIX:
		avail_view_prefix(b->avail, id, &prefix);
		return prefix.drained && mono_is_never(prefix.drain_limit);
	case AVAIL_NODE:
		break;
	}
	return avail_node_drained(b->avail, &times) &&
	       mono_is_never(times.limit);
}
