/* SPDX-License-Identifier: ISC */
/* What load of a service is more than it should have. */
#include "conf/section.h"

#define OVERLOAD(member) OPTION_FIELD(struct conf_overload, member)

static const struct option overload_options[] = {
    {
	.key = "packets",
	.type = &type_number,
	OVERLOAD(packets),
	.low = 1,
	.high = UINT32_MAX,
	.absent = "not looked at",
	.help = "packets a second to all of its addresses together",
    },
    {
	.key = "octets",
	.type = &type_number,
	OVERLOAD(octets),
	.low = 1,
	.high = INT64_C(1000000000000),
	.absent = "not looked at",
	.help = "octets a second to all of its addresses together",
    },
    {
	.key = "cpu",
	.type = &type_number,
	OVERLOAD(cpu),
	.low = 1,
	.high = 100,
	.absent = "not looked at",
	.help = "percent of all of the node's processors that are busy",
    },
    {
	.key = "latency",
	.type = &type_duration,
	OVERLOAD(latency),
	.low = MS_NS / 10,
	.high = 3600 * SECOND_NS,
	.absent = "not looked at",
	.help = "the median time its checks took that did not fail, over the "
		"last 30 seconds",
    },
    {
	.key = "after",
	.type = &type_duration,
	OVERLOAD(after),
	.low = 0,
	.high = 3600 * SECOND_NS,
	.standard = "10s",
	.help = "how long a value must be above its limit",
    },
    {
	.key = "clear",
	.type = &type_duration,
	OVERLOAD(clear),
	.low = 0,
	.high = 86400 * SECOND_NS,
	.standard = "60s",
	.help = "how long all values must be at or below their limits to end "
		"it",
    },
};

/* Also one that is wrong: that is said already. */
static bool
names_limit(struct load *l, const yaml_node_t *node)
{
	static const char *const keys[] = {"packets", "octets", "cpu",
					   "latency"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (document_find(&l->document, node, keys[i]))
			return true;
	return false;
}

static void
finish_overload(struct load *l, const yaml_node_t *node, void *base)
{
	if (node && !names_limit(l, node))
		load_fail(l, node,
			  "found no limit, expected packets, octets, cpu or "
			  "latency");
}

const struct section section_overload = {
    OPTION_SECTION(overload_options),
    .what = "the overload of a service",
    .finish = finish_overload,
};

void
section_overload_check(struct load *l)
{
	const struct conf *conf = l->conf;

	for (size_t i = 0; i < conf->n_services && !conf->node.counters; i++) {
		const struct conf_service *s = &conf->services[i];

		if (s->overload.packets > 0 || s->overload.octets > 0)
			load_warn_at(l, s->place,
				     "services.%s.overload: packets and octets "
				     "are not looked at: node.counters is off",
				     s->name);
	}
}
