/* SPDX-License-Identifier: ISC */
/* A peer's graceful restart (RFC 4724, 8538): one word or a map. */
#include <string.h>

#include "conf/section.h"

#define GR(member) OPTION_FIELD(struct conf_graceful_restart, member)

static const struct option_choice modes[] = {
    {"off", CONF_GR_OFF},
    {"helper", CONF_GR_HELPER},
    {"on", CONF_GR_ON},
    {0},
};

static const struct option gr_options[] = {
    {
	.key = "mode",
	.type = &type_choice,
	GR(mode),
	.choices = modes,
	.standard = "helper",
	.help = "off: not offered; helper: what is imported from this "
		"neighbour stays while it restarts; on: the neighbour also "
		"keeps what this node announced when this node dies",
    },
    {
	.key = "stale_time",
	.type = &type_duration,
	GR(stale_time),
	.low = SECOND_NS,
	.high = 86400 * SECOND_NS,
	.standard = "180s",
	.help = "imported routes of a lost session are kept no longer than "
		"this, whatever the neighbour asks for",
    },
    {
	.key = "restart_time",
	.type = &type_duration,
	GR(restart_time),
	.low = SECOND_NS,
	.high = 4095 * SECOND_NS,
	.standard = "120s",
	.help = "with mode on: how long the neighbour shall wait for this "
		"node to come back",
    },
    {
	.key = "deferral",
	.type = &type_duration,
	GR(deferral),
	.low = 0,
	.high = 4095 * SECOND_NS,
	.standard = "60s",
	.help = "with mode on: after a restart announcing waits for the "
		"neighbours' End-of-RIB, at most for so long (the "
		"Selection_Deferral_Timer)",
    },
    {
	.key = "forwarding",
	.type = &type_bool,
	GR(forwarding),
	.standard = "false",
	.help = "with mode on: service addresses and their servers outlive "
		"basind, so the Forwarding State bit is set after a restart",
    },
};

static void
scalar_gr(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_graceful_restart *g = base;
	const char *text = document_text(node);

	for (size_t i = 0; modes[i].word; i++) {
		if (strcmp(text, modes[i].word) != 0)
			continue;
		g->mode = (enum conf_gr_mode)modes[i].value;
		return;
	}
	load_expected(l, node, "off, helper, on or a map of options");
}

static void
finish_gr(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_graceful_restart *g = base;

	if (!node)
		return;
	if (g->restart_time.ns % SECOND_NS != 0)
		load_fail_in(l, node, "restart_time",
			     "found a fraction of a second, expected whole "
			     "seconds (RFC 4724)");
	if (g->mode == CONF_GR_ON)
		load_warn(l, node,
			  "when this node dies the neighbour goes on sending "
			  "traffic to it for up to %lld s (restart_time): "
			  "anycast wants the opposite; see Graceful restart in "
			  "basin.yaml(5)",
			  (long long)(g->restart_time.ns / SECOND_NS));
}

const struct section section_graceful_restart = {
    OPTION_SECTION(gr_options),
    .what = "graceful restart",
    .finish = finish_gr,
    .scalar = scalar_gr,
    .scalar_text = "off, helper or on",
    .scalar_schema = "\"enum\": [\"off\", \"helper\", \"on\", true, false]",
};
