/* SPDX-License-Identifier: ISC */
#include "conf/section.h"

#define DRAIN(member) OPTION_FIELD(struct conf_drain, member)

static const struct option drain_options[] = {
    {
	.key = "quiet",
	.type = &type_duration,
	DRAIN(quiet),
	.low = 100 * MS_NS,
	.high = 3600 * SECOND_NS,
	.standard = "5s",
	.help = "a drain withdraws when so long no more than quiet_rate "
		"came to any of its addresses",
    },
    {
	.key = "limit",
	.type = &type_duration,
	DRAIN(limit),
	.low = 0,
	.high = 86400 * SECOND_NS,
	.standard = "60s",
	.help = "a drain withdraws after this at the latest, traffic or not; "
		"0s never waits",
    },
    {
	.key = "quiet_rate",
	.type = &type_number,
	DRAIN(quiet_rate),
	.low = 0,
	.high = 1000000,
	.standard = "1",
	.help = "packets a second to an address that still count as quiet",
    },
};

static void
finish_drain(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_drain *drain = base;

	if (node && drain->limit.ns > 0 && drain->limit.ns < drain->quiet.ns)
		load_warn(l, node,
			  "found a limit below quiet: every drain waits for "
			  "its limit, however quiet it becomes");
}

const struct section section_drain = {
    OPTION_SECTION(drain_options),
    .what = "how the node drains",
    .finish = finish_drain,
};
