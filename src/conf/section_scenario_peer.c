/* SPDX-License-Identifier: ISC */
/* The neighbours of a site. */
#include <stdlib.h>
#include <string.h>

#include "conf/section_scenario.h"
#include "conf/type_policy.h"

#define PEER(member) OPTION_FIELD(struct conf_scenario_peer, member)

static bool
not_compared(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	return true;
}

/* ---- prepend_to ---- */

/* An array and its length behind it. */
struct prepends {
	struct conf_scenario_prepend *v;
	size_t n;
};

static int
by_asn(const void *a, const void *b)
{
	const struct conf_scenario_prepend *x = a, *y = b;

	return x->asn < y->asn ? -1 : x->asn > y->asn;
}

static void
parse_one_prepend(struct load *l, const struct option *o,
		  const yaml_node_t *key, const yaml_node_t *node,
		  struct conf_scenario_prepend *out)
{
	const struct option number = {
	    .size = sizeof(out->times),
	    .low = 0,
	    .high = 16,
	};

	type_asn.parse(l, o, key, &out->asn);
	load_push(l, document_text(key));
	type_number.parse(l, &number, node, &out->times);
	load_pop(l);
}

static void
parse_prepend_to(struct load *l, const struct option *o,
		 const yaml_node_t *node, void *field)
{
	struct prepends *out = field;
	size_t n = document_count(node);

	if (node->type != YAML_MAPPING_NODE || n == 0) {
		load_expected(l, node,
			      "a map of AS numbers to how often it prepends, "
			      "such as {64500: 2}");
		return;
	}
	*out = (struct prepends){load_alloc(l, n, sizeof(*out->v)), n};
	for (size_t i = 0; i < n; i++)
		parse_one_prepend(l, o, document_key(&l->document, node, i),
				  document_value(&l->document, node, i),
				  &out->v[i]);
	qsort(out->v, n, sizeof(*out->v), by_asn);
	for (size_t i = 1; i < n; i++)
		if (out->v[i].asn && out->v[i].asn == out->v[i - 1].asn)
			load_fail(l, node, "found AS %u twice, expected once",
				  out->v[i].asn);
}

static const struct option_type type_prepend_to = {
    OPTION_TEXT,
    "map of AS numbers to 0 to 16",
    parse_prepend_to,
    not_compared,
    "\"type\": \"object\", \"minProperties\": 1, "
    "\"additionalProperties\": {\"type\": \"integer\", \"minimum\": 0, "
    "\"maximum\": 16}",
};

/* ---- the table ---- */

static const struct option peer_options[] = {
    {.key = "address", .same = &section_peer},
    {.key = "description", .same = &section_peer},
    {.key = "asn", .same = &section_peer},
    {.key = "local_asn", .same = &section_peer},
    {.key = "families", .same = &section_peer},
    {.key = "shutdown", .same = &section_peer},
    {.key = "prepend", .same = &section_peer},
    {.key = "communities", .same = &section_peer},
    {.key = "role", .same = &section_peer},
    {
	.key = "prefixes",
	.type = &type_prefixes,
	PEER(prefixes),
	.absent = "all of the site",
	.help = "the prefixes that are announced to this neighbour",
    },
    {
	.key = "only",
	.type = &type_asns,
	PEER(only),
	.absent = "as its policy is",
	.help = "by the neighbour's own communities: it passes the routes to "
		"these ASes alone",
    },
    {
	.key = "except",
	.type = &type_asns,
	PEER(except),
	.absent = "none",
	.help = "by the neighbour's own communities: it does not pass the "
		"routes to these ASes",
    },
    {
	.key = "prepend_to",
	.type = &type_prepend_to,
	.offset = offsetof(struct conf_scenario_peer, prepend_to),
	.size = sizeof(struct prepends),
	.absent = "none",
	.help = "by the neighbour's own communities: how often it prepends "
		"itself towards an AS",
    },
};

static bool
has_asn(const struct conf_asns *list, uint32_t asn)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == asn)
			return true;
	return false;
}

static void
finish_peer(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_scenario_peer *p = base;

	if (p->peer.asns.n > 1)
		load_fail_in(l, node, "asn",
			     "found %zu numbers, expected one: each "
			     "neighbour of a scenario has a name",
			     p->peer.asns.n);
	if (p->only.n && p->except.n)
		load_fail_in(l, node, "except",
			     "found it beside only, expected one of the two");
	for (size_t i = 0; p->only.n && i < p->n_prepend_to; i++)
		if (!has_asn(&p->only, p->prepend_to[i].asn))
			load_fail_in(l, node, "prepend_to",
				     "found AS %u, which is not in only: it "
				     "is told nothing",
				     p->prepend_to[i].asn);
	for (size_t i = 0; i < p->n_prepend_to; i++)
		if (has_asn(&p->except, p->prepend_to[i].asn))
			load_fail_in(l, node, "prepend_to",
				     "found AS %u, which is in except: it is "
				     "told nothing",
				     p->prepend_to[i].asn);
}

const struct section section_scenario_peer = {
    OPTION_SECTION(peer_options),
    .what = "a neighbour",
    .idle = &section_peer,
    .finish = finish_peer,
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

static void
parse_peer(struct load *l, const yaml_node_t *key, const yaml_node_t *node,
	   struct conf_scenario_peer *out)
{
	out->peer.name = section_begin_item(l, key, &out->peer.place);
	option_load(l, &section_scenario_peer, node, out);
	load_pop(l);
}

static void
parse_peers(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct conf_scenario_site *site = field;
	const yaml_node_t **nodes;

	site->peers = section_named(
	    l, node, "the neighbours by name, each a map of its options",
	    sizeof(*site->peers), &site->n_peers, &nodes);
	for (size_t i = 0; i < site->n_peers; i++)
		parse_peer(l, document_key(&l->document, node, i), nodes[i],
			   &site->peers[i]);
}

const struct option_type section_scenario_peers_type = {
    OPTION_NAMED, "map of neighbours", parse_peers, not_compared, NULL,
};
