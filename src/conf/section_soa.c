/* SPDX-License-Identifier: ISC */
#include "conf/section.h"
#include "conf/value.h"

static void
parse_zone(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	const char *text = load_text(l, node, "the name of a zone");

	if (!text)
		return;
	if (!value_is_domain(text))
		load_expected(l, node, "a domain name such as example.com");
	*(const char **)field = arena_strdup(l->arena, text);
}

static const struct option_type type_zone = {
    OPTION_TEXT, "domain name", parse_zone, type_equal_text, TYPE_SCHEMA_TEXT,
};

#define SOA(member) OPTION_FIELD(struct conf_soa, member)

static const struct option soa_options[] = {
    {
	.key = "zone",
	.type = &type_zone,
	SOA(zone),
	.required = true,
	.help = "the zone whose SOA record is asked for",
    },
    {
	.key = "primary",
	.type = &type_ip,
	SOA(primary),
	.required = true,
	.help = "the unicast address of the zone's primary; it is asked from "
		"the address that the kernel chooses",
    },
    {
	.key = "primary_port",
	.type = &type_number,
	SOA(primary_port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = "53",
	.help = "the port to ask the primary at",
    },
    {
	.key = "port",
	.type = &type_number,
	SOA(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = "53",
	.help = "the port to ask the service at",
    },
    {
	.key = "lag",
	.type = &type_number,
	SOA(lag),
	.low = 0,
	.high = INT32_MAX,
	.standard = "0",
	.help = "the serial follows when it is at most this far behind the "
		"primary's (RFC 1982)",
    },
    {
	.key = "degraded_age",
	.type = &type_duration,
	SOA(degraded_age),
	.low = 0,
	.high = 3650 * 86400 * SECOND_NS,
	.standard = "0s",
	.help = "a serial that has not followed for longer is degraded; 0s "
		"does not look",
    },
    {
	.key = "max_age",
	.type = &type_duration,
	SOA(max_age),
	.low = 1 * SECOND_NS,
	.high = 3650 * 86400 * SECOND_NS,
	.standard = "1h",
	.help = "a serial that has not followed for longer fails; the "
		"record's own expire counts where it is shorter",
    },
};

static void
finish_soa(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_soa *soa = base;

	if (node && soa->degraded_age.ns >= soa->max_age.ns)
		load_fail_in(l, node, "degraded_age",
			     "found degraded_age not below max_age, expected "
			     "a shorter one");
}

const struct section section_soa = {
    OPTION_SECTION(soa_options),
    .what = "a soa check",
    .finish = finish_soa,
};
