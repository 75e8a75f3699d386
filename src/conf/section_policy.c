/* SPDX-License-Identifier: ISC */
/* What is accepted from a peer. */
#include <string.h>

#include "conf/section.h"
#include "conf/type_policy.h"

const char *
conf_role_text(enum conf_role role)
{
	static const char *const texts[] = {
#define X(n, t) [CONF_ROLE_##n] = t,
	    CONF_ROLES(X)
#undef X
	};

	return texts[role];
}

const struct option_choice section_role_choices[] = {
#define X(n, t) {t, CONF_ROLE_##n},
    CONF_ROLES(X)
#undef X
	{NULL, 0},
};

const struct option_choice section_as_set_choices[] = {
    {"reject", CONF_AS_SET_REJECT},
    {"accept", CONF_AS_SET_ACCEPT},
    {NULL, 0},
};

/* ---- import ---- */

#define IMPORT(member) OPTION_FIELD(struct conf_import, member)

static const struct option_choice rpki_choices[] = {
    {"reject-invalid", CONF_RPKI_REJECT_INVALID},
    {"ignore", CONF_RPKI_IGNORE},
    {NULL, 0},
};

static const struct option import_options[] = {
    {
	.key = "prefixes",
	.type = &type_ranges,
	IMPORT(prefixes),
	.absent = "any",
	.help = "the prefixes that are accepted; ge and le bound the length "
		"of more specific ones",
    },
    {
	.key = "origins",
	.type = &type_asns,
	IMPORT(origins),
	.absent = "any",
	.help = "the path ends with one of these AS numbers",
    },
    {
	.key = "paths_through",
	.type = &type_asns,
	IMPORT(paths_through),
	.absent = "any",
	.help = "the path has one of these AS numbers",
    },
    {
	.key = "communities",
	.type = &type_communities,
	IMPORT(communities),
	.absent = "any",
	.help = "the route has one of these communities",
    },
    {
	.key = "reject_communities",
	.type = &type_communities,
	IMPORT(reject_communities),
	.absent = "none",
	.help = "routes with one of these communities are refused",
    },
    {
	.key = "rpki",
	.type = &type_choice,
	IMPORT(rpki),
	.choices = rpki_choices,
	.standard = "reject-invalid",
	.help = "what becomes of routes whose origin the RPKI calls invalid; "
		"without rpki caches nothing is",
    },
};

static const char import_text[] =
    "none, default or a list of prefixes, such as \"10.0.0.0/8 le 24\"";

static void
import_shorthand(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_import *import = base;
	bool scalar = node->type == YAML_SCALAR_NODE;
	const char *text = scalar ? document_text(node) : "";

	if (strcmp(text, "none") == 0)
		return;
	if (scalar && strcmp(text, "default") != 0) {
		load_expected(l, node, import_text);
		return;
	}
	section_scalar(l, &section_import, "prefixes", node, base);
	/* An empty or wrong list was refused; it is not "any". */
	import->enabled = import->prefixes.n > 0;
}

/* What lets most of a full table be refused by its length alone. */
static void
find_longest(struct conf_import *import)
{
	bool any = import->prefixes.n == 0;

	import->longest4 = any ? 32 : -1;
	import->longest6 = any ? 128 : -1;
	for (size_t i = 0; i < import->prefixes.n; i++) {
		const struct conf_range *r = &import->prefixes.v[i];

		if (r->prefix.addr.family == AF_INET &&
		    r->le > import->longest4)
			import->longest4 = (int8_t)r->le;
		if (r->prefix.addr.family == AF_INET6 &&
		    r->le > import->longest6)
			import->longest6 = r->le;
	}
}

static void
finish_import(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_import *import = base;

	if (node && node->type == YAML_MAPPING_NODE) {
		if (document_count(node) == 0)
			load_expected(l, node, import_text);
		import->enabled = true;
	}
	find_longest(import);
}

#define SCHEMA_LIST                                                            \
	"{\"type\": \"array\", \"minItems\": 1, \"items\": "                   \
	"{\"type\": \"string\", \"pattern\": "                                 \
	"\"^(default|[0-9A-Fa-f:.]+/[0-9]{1,3}( +[gl]e "                       \
	"+[0-9]{1,3}){0,2})$\"}}"

const struct section section_import = {
    OPTION_SECTION(import_options),
    .what = "the import of a peer",
    .finish = finish_import,
    .scalar = import_shorthand,
    .scalar_list = true,
    .scalar_text = import_text,
    .scalar_schema =
	"\"anyOf\": [{\"enum\": [\"none\", \"default\"]}, " SCHEMA_LIST "]",
    .schema = "\"minProperties\": 1",
};

/* ---- max_prefix ---- */

#define MAX_PREFIX(member) OPTION_FIELD(struct conf_max_prefix, member)

static const struct option max_prefix_options[] = {
    {
	.key = "limit",
	.type = &type_number,
	MAX_PREFIX(limit),
	.low = 1,
	.high = UINT32_MAX,
	.standard = "1000",
	.help = "more accepted routes than this end the session",
    },
    {
	.key = "warn",
	.type = &type_number,
	MAX_PREFIX(warn),
	.low = 0,
	.high = 100,
	.standard = "80",
	.help = "the percentage of the limit that is worth a warning; 0 for "
		"none",
    },
    {
	.key = "restart",
	.type = &type_duration,
	MAX_PREFIX(restart),
	.low = 0,
	.high = 7 * 86400 * SECOND_NS,
	.standard = "5m",
	.help = "how long the session then stays down; 0s: until "
		"`basin reload`, also of an unchanged file",
    },
};

static void
max_prefix_shorthand(struct load *l, const yaml_node_t *node, void *base)
{
	section_scalar(l, &section_max_prefix, "limit", node, base);
}

const struct section section_max_prefix = {
    OPTION_SECTION(max_prefix_options),
    .what = "the maximum of accepted routes",
    .scalar = max_prefix_shorthand,
    .scalar_text = "a number of routes",
    .scalar_schema = "\"type\": \"integer\", \"minimum\": 1, "
		     "\"maximum\": 4294967295",
};

/* ---- blackhole ---- */

#define RTBH(member) OPTION_FIELD(struct conf_rtbh, member)

static const struct option rtbh_options[] = {
    {
	.key = "accept",
	.type = &type_prefixes,
	RTBH(accept),
	.absent = "none",
	.help = "prefixes that the neighbour speaks for: routes inside them "
		"with the community BLACKHOLE become blackhole routes here",
    },
    {
	.key = "limit",
	.type = &type_number,
	RTBH(limit),
	.low = 1,
	.high = 100000,
	.standard = "100",
	.help = "how many of them at once; more are refused",
    },
};

const struct section section_rtbh = {
    OPTION_SECTION(rtbh_options),
    .what = "the blackhole routes of a peer",
};
