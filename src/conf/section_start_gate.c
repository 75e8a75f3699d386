/* SPDX-License-Identifier: ISC */
/* What is waited for before the first announcement. */
#include "conf/section.h"

#define GATE(member) OPTION_FIELD(struct conf_start_gate, member)

static const struct option gate_options[] = {
    {
	.key = "addresses",
	.type = &type_bool,
	GATE(addresses),
	.standard = "true",
	.help = "every service address of the node is on its interface",
    },
    {
	.key = "bfd",
	.type = &type_bool,
	GATE(bfd),
	.standard = "false",
	.help = "the BFD session of every peer that has one has been up",
    },
    {
	.key = "rpki",
	.type = &type_bool,
	GATE(rpki),
	.standard = "false",
	.help = "an RPKI cache has told all its data",
    },
    {
	.key = "limit",
	.type = &type_duration,
	GATE(limit),
	.low = SECOND_NS,
	.high = 86400 * SECOND_NS,
	.standard = "60s",
	.help = "after this nothing is waited for any more",
    },
};

static bool
any_bfd(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (conf->peers[i].bfd.enabled)
			return true;
	return false;
}

static void
finish_gate(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_start_gate *gate = base;

	gate->enabled = node != NULL;
	if (node && gate->bfd && !any_bfd(l->conf))
		load_warn_in(l, node, "bfd",
			     "bfd has no effect: no peer has bfd: on");
}

const struct section section_start_gate = {
    OPTION_SECTION(gate_options),
    .what = "the start gate",
    .finish = finish_gate,
};
