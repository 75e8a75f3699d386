/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

/* "1-4" or "2". */
static bool
read_strata(char *text, struct conf_strata *out)
{
	char *hyphen = strchr(text, '-');
	uint64_t low, high;

	if (hyphen)
		*hyphen = '\0';
	if (value_number(text, &low) != 0)
		return false;
	high = low;
	if (hyphen && value_number(hyphen + 1, &high) != 0)
		return false;
	if (low < 1 || high > 15 || low > high)
		return false;
	*out = (struct conf_strata){(uint8_t)low, (uint8_t)high};
	return true;
}

static void
parse_strata(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	static const char expected[] =
	    "a stratum from 1 to 15 or a range such as 1-4";
	const char *text = load_text(l, node, expected);

	if (text && !read_strata(arena_strdup(l->arena, text), field))
		load_expected(l, node, expected);
}

static const struct option_type type_strata = {
    OPTION_TEXT,
    "number, or range such as 1-4",
    parse_strata,
    type_equal_octets,
    "\"anyOf\": [{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 15}, "
    "{\"type\": \"string\", \"pattern\": \"^[0-9]{1,2}(-[0-9]{1,2})?$\"}]",
};

#define NTP(member) OPTION_FIELD(struct conf_ntp, member)

static const struct option ntp_options[] = {
    {
	.key = "port",
	.type = &type_number,
	NTP(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = "123",
	.help = "the port to ask at",
    },
    {
	.key = "stratum",
	.type = &type_strata,
	NTP(stratum),
	.standard = "1-15",
	.help = "the strata that pass",
    },
    {
	.key = "max_offset",
	.type = &type_duration,
	NTP(max_offset),
	.low = 0,
	.high = 86400 * SECOND_NS,
	.standard = "0s",
	.help = "the most the server's clock may differ from this node's; 0s "
		"does not look",
    },
};

const struct section section_ntp = {
    OPTION_SECTION(ntp_options),
    .what = "an ntp check",
};
