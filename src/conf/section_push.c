/* SPDX-License-Identifier: ISC */
#include "conf/section.h"

#define PUSH(member) OPTION_FIELD(struct conf_push, member)

static const struct option push_options[] = {
    {
	.key = "ttl",
	.type = &type_duration,
	PUSH(ttl),
	.low = 100 * MS_NS,
	.high = 7 * 86400 * SECOND_NS,
	.required = true,
	.help = "no report for longer than this fails",
    },
};

static void scalar_push(struct load *l, const yaml_node_t *node, void *base);

const struct section section_push = {
    OPTION_SECTION(push_options),
    .what = "a push check",
    .scalar = scalar_push,
    .scalar_text = "a duration with its unit",
    .scalar_schema = "\"type\": \"string\"",
};

static void
scalar_push(struct load *l, const yaml_node_t *node, void *base)
{
	section_scalar(l, &section_push, "ttl", node, base);
}
