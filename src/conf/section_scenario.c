/* SPDX-License-Identifier: ISC */
/* A scenario: the root, and what is small. */
#include <stdlib.h>
#include <string.h>

#include "conf/section.h"
#include "conf/type_policy.h"
#include "conf/value.h"

const char *
conf_weights_text(enum conf_weights weights)
{
	static const char *const texts[] = {
#define X(n, t) [CONF_WEIGHTS_##n] = t,
	    CONF_WEIGHTS(X)
#undef X
	};

	return texts[weights];
}

const char *
conf_hijack_text(enum conf_hijack_kind kind)
{
	static const char *const texts[] = {
#define X(n, t) [CONF_HIJACK_##n] = t,
	    CONF_HIJACKS(X)
#undef X
	};

	return texts[kind];
}

/* ---- lengths ---- */

#define ROOT(member) OPTION_FIELD(struct conf_scenario, member)

/* The fields are the root's. */
static const struct option longest_options[] = {
    {
	.key = "ipv4",
	.type = &type_number,
	ROOT(longest4),
	.low = 8,
	.high = 32,
	.standard = "24",
	.help = "the longest IPv4 prefix that is passed on",
    },
    {
	.key = "ipv6",
	.type = &type_number,
	ROOT(longest6),
	.low = 16,
	.high = 128,
	.standard = "48",
	.help = "the longest IPv6 prefix that is passed on",
    },
};

const struct section section_scenario_longest = {
    OPTION_SECTION(longest_options),
    .what = "the longest prefixes",
};

/* ---- hijack ---- */

#define HIJACK(member) OPTION_FIELD(struct conf_hijack, member)

static const struct option_choice hijack_kinds[] = {
#define X(n, t) {t, CONF_HIJACK_##n},
    CONF_HIJACKS(X)
#undef X
	{NULL, 0},
};

static void
parse_hijacked(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	struct conf_prefixes list = {0};

	if (!load_text(l, node, "a prefix"))
		return;
	type_prefixes.parse(l, o, node, &list);
	if (list.n > 0)
		*(struct prefix *)field = list.v[0];
}

static const struct option_type type_prefix = {
    OPTION_TEXT,       "prefix",           parse_hijacked,
    type_equal_octets, TYPE_SCHEMA_PREFIX,
};

static const struct option hijack_options[] = {
    {
	.key = "asn",
	.type = &type_asn,
	HIJACK(asn),
	.required = true,
	.help = "the AS that hijacks; it is in the graph",
    },
    {
	.key = "kind",
	.type = &type_choice,
	HIJACK(kind),
	.choices = hijack_kinds,
	.standard = "exact",
	.help = "what it announces: the same prefix, a more specific one, "
		"the same behind the true origin, or what it has learned, to "
		"everybody",
    },
    {
	.key = "prefix",
	.type = &type_prefix,
	HIJACK(prefix),
	.absent = "every prefix of the scenario",
	.help = "the prefix that is attacked",
    },
};

static void
finish_hijack(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_hijack *h = base;

	if (node)
		h->place = document_place(node);
}

const struct section section_scenario_hijack = {
    OPTION_SECTION(hijack_options),
    .what = "a hijack",
    .finish = finish_hijack,
};

/* ---- ROAs ---- */

#define ROA(member) OPTION_FIELD(struct conf_roa, member)

static const struct option roa_options[] = {
    {
	.key = "prefix",
	.type = &type_prefix,
	ROA(prefix),
	.required = true,
	.help = "the prefix that is signed",
    },
    {
	.key = "asn",
	.type = &type_asn,
	ROA(asn),
	.required = true,
	.help = "the AS that may originate it",
    },
    {
	.key = "max_length",
	.type = &type_number,
	ROA(max_length),
	.low = 1,
	.high = 128,
	.absent = "the length of prefix",
	.help = "the longest prefix that may be originated (RFC 9319: leave "
		"it away)",
    },
};

static void
finish_roa(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_roa *r = base;
	unsigned bits = r->prefix.addr.family == AF_INET ? 32 : 128;

	if (!node || ip_is_none(&r->prefix.addr))
		return;
	r->place = document_place(node);
	if (r->max_length == 0)
		r->max_length = r->prefix.len;
	if (r->max_length < r->prefix.len || r->max_length > bits)
		load_fail_in(l, node, "max_length",
			     "found %u, expected %u to %u for this prefix",
			     r->max_length, r->prefix.len, bits);
}

const struct section section_scenario_roa = {
    OPTION_SECTION(roa_options),
    .what = "a ROA",
    .finish = finish_roa,
};

/* An array of ROAs and its length behind it. */
struct roas {
	struct conf_roa *v;
	size_t n;
};

static void
parse_roas(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	struct roas *out = field;
	size_t n = document_count(node);

	if (node->type != YAML_SEQUENCE_NODE) {
		load_expected(l, node, "a list of ROAs");
		return;
	}
	*out = (struct roas){load_alloc(l, n, sizeof(*out->v)), n};
	for (size_t i = 0; i < n; i++)
		option_load(l, &section_scenario_roa,
			    document_item(&l->document, node, i), &out->v[i]);
}

/* Scenarios are not compared. */
static bool
not_compared(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	return true;
}

static const struct option_type type_roas = {
    OPTION_LIST, "list of ROAs", parse_roas, not_compared, NULL,
};

/* ---- origin validation ---- */

/* A file's name, or AS numbers. */
struct rov {
	const char *file;
	struct conf_asns asns;
};

static bool
is_asn(const yaml_node_t *node)
{
	uint32_t asn;

	return value_asn(document_text(node), &asn) == 0;
}

static void
parse_rov(struct load *l, const struct option *o, const yaml_node_t *node,
	  void *field)
{
	struct rov *out = field;

	if (node->type == YAML_SEQUENCE_NODE)
		type_asns.parse(l, o, node, &out->asns);
	else if (!load_text(l, node, "a file of AS numbers, or a list of them"))
		return;
	else if (is_asn(node))
		type_asns.parse(l, o, node, &out->asns);
	else
		type_file.parse(l, o, node, &out->file);
}

static const struct option_type type_rov = {
    OPTION_TEXT,
    "file, or list of AS numbers",
    parse_rov,
    not_compared,
    "\"anyOf\": [{\"type\": [\"string\", \"number\"]}, {\"type\": "
    "\"array\", \"items\": {\"type\": [\"string\", \"number\"]}}]",
};

/* ---- what if ---- */

struct what_ifs {
	struct conf_what_if *v;
	size_t n;
};

static void
parse_what_if(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	struct what_ifs *out = field;
	size_t n;

	if (!load_some(l, node, "a change such as \"SITE down\", or a list",
		       &n))
		return;
	*out = (struct what_ifs){load_alloc(l, n, sizeof(*out->v)), n};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);

		out->v[i].place = document_place(item);
		out->v[i].text = "";
		type_text.parse(l, o, item, &out->v[i].text);
	}
}

static const struct option_type type_what_if = {
    OPTION_TEXT,
    "text or list of texts",
    parse_what_if,
    not_compared,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};

/* ---- the root ---- */

static const struct option_choice preferences[] = {
    {"customer > peer > provider", CONF_PREFER_CUSTOMER_PEER_PROVIDER},
    {"customer = peer > provider", CONF_PREFER_CUSTOMER_EQUAL_PEER},
    {"customer > peer = provider", CONF_PREFER_PEER_EQUAL_PROVIDER},
    {"customer = peer = provider", CONF_PREFER_LENGTH},
    {NULL, 0},
};

static const struct option_choice weights[] = {
#define X(n, t) {t, CONF_WEIGHTS_##n},
    CONF_WEIGHTS(X)
#undef X
	{NULL, 0},
};

/* Sites first: what follows names them. */
static const struct option root_options[] = {
    {
	.key = "graph",
	.type = &type_file,
	ROOT(graph),
	.required = true,
	.help = "the relationships of ASes: CAIDA's serial-1 or serial-2, "
		"plain, bzip2 or gzip, or what basin simulate --save-graph "
		"wrote",
    },
    {
	.key = "asn",
	.type = &type_asn,
	ROOT(asn),
	.absent = "each site says its own",
	.help = "the AS of the sites",
    },
    {
	.key = "sites",
	.type = &section_scenario_sites_type,
	.offset = 0,
	.size = sizeof(struct conf_scenario),
	.required = true,
	.section = &section_scenario_site,
	.help = "the sites by name: where each is connected",
    },
    {
	.key = "prefixes",
	.type = &section_scenario_prefixes_type,
	.offset = 0,
	.size = sizeof(struct conf_scenario),
	.section = &section_scenario_prefix,
	.absent = "those of the sites' node files",
	.help = "what is announced, and by which sites",
    },
    {
	.key = "rov",
	.type = &type_rov,
	.offset = offsetof(struct conf_scenario, rov_file),
	.size = sizeof(struct rov),
	OPTION_PRESENT(struct conf_scenario, rov_given),
	.absent = "no AS validates origins",
	.help = "the ASes that drop what RFC 6811 calls invalid: a file, one "
		"number a line, or a list",
    },
    {
	.key = "roas",
	.type = &type_roas,
	.offset = offsetof(struct conf_scenario, roas),
	.size = sizeof(struct roas),
	.section = &section_scenario_roa,
	.absent = "what a hijacker originates is invalid, all else is not",
	.help = "what the owner has signed: decides which announcements are "
		"invalid",
    },
    {
	.key = "preference",
	.type = &type_choice,
	ROOT(preference),
	.choices = preferences,
	.standard = "customer > peer > provider",
	.help = "which neighbour's routes an AS prefers, before the length "
		"of the path",
    },
    {
	.key = "weights",
	.type = &type_choice,
	ROOT(weights),
	OPTION_PRESENT(struct conf_scenario, weights_set),
	.choices = weights,
	.absent = "load with a load file, else ases",
	.help = "what an AS counts for: 1 each, its addresses, or its load",
    },
    {
	.key = "addresses",
	.type = &type_file,
	ROOT(addresses),
	.absent = "none",
	.help = "prefixes and their origin AS (CAIDA's pfx2as), for the "
		"weights addresses and for prefixes in the load file",
    },
    {
	.key = "load",
	.type = &type_file,
	ROOT(load),
	.absent = "none",
	.help = "the load of clients: lines of AS or prefix, comma, number",
    },
    {
	.key = "longest",
	.type = &type_map,
	.offset = 0,
	.size = sizeof(struct conf_scenario),
	.section = &section_scenario_longest,
	.absent = "as its options say",
	.help = "longer prefixes are not passed on by those who hear them",
    },
    {
	.key = "hijack",
	.type = &type_map,
	ROOT(hijack),
	.section = &section_scenario_hijack,
	.absent = "nobody",
	.help = "an AS that attacks the prefixes",
    },
    {
	.key = "search",
	.type = &type_map,
	ROOT(search),
	.section = &section_scenario_search,
	.absent = "as its options say",
	.help = "what basin simulate --search looks for",
    },
    {
	.key = "what_if",
	.type = &type_what_if,
	.offset = offsetof(struct conf_scenario, what_if),
	.size = sizeof(struct what_ifs),
	.absent = "none",
	.help = "changes to compare with, each as --what-if has them",
    },
};

static void
finish_root(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_scenario *s = base;

	if (!s->weights_set)
		s->weights = s->load ? CONF_WEIGHTS_LOAD : CONF_WEIGHTS_ASES;
	if (s->weights == CONF_WEIGHTS_LOAD && !s->load)
		load_fail_in(l, node, "weights",
			     "found load without a load file, expected load: "
			     "FILE");
	if (s->weights == CONF_WEIGHTS_ADDRESSES && !s->addresses)
		load_fail_in(l, node, "weights",
			     "found addresses without an address file, "
			     "expected addresses: FILE (CAIDA's pfx2as)");
}

const struct section section_scenario = {
    OPTION_SECTION(root_options),
    .what = "a scenario",
    .finish = finish_root,
};

void
conf_scenario_free(struct conf_scenario *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_sites; i++)
		conf_free(s->sites[i].node);
	arena_free(&s->arena);
	free(s);
}
