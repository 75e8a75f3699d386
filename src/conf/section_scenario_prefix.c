/* SPDX-License-Identifier: ISC */
/* The prefixes of a scenario, and the checks after all is read. */
#include <stdlib.h>
#include <string.h>

#include "conf/section_scenario.h"

static bool
not_compared(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	return true;
}

static const struct option prefix_options[] = {
    {.key = "scope", .same = &section_prefix},
    {.key = "communities", .same = &section_prefix},
    {
	.key = "origin_asn",
	.type = &type_asn,
	.offset = offsetof(struct conf_prefix, origin_asn),
	.size = sizeof(uint32_t),
	.absent = "the site's",
	.help = "the AS that originates the prefix (RFC 6382)",
    },
    {
	.key = "sites",
	.type = &section_scenario_names_type,
	.offset = offsetof(struct conf_scenario_prefix, sites),
	.size = sizeof(struct scenario_names),
	.absent = "those whose node file has it, and all without such a file",
	.help = "the sites that announce it",
    },
    {
	.key = "share",
	.type = &type_number,
	OPTION_FIELD(struct conf_scenario_prefix, share),
	.low = 0,
	.high = 1000000,
	.standard = "1",
	.help = "how much of the load is for it, compared with the others",
    },
    {
	.key = "invalid",
	.type = &type_bool,
	OPTION_FIELD(struct conf_scenario_prefix, invalid),
	.standard = "false",
	.help = "it is invalid (RFC 6811), whoever announces it",
    },
};

const struct section section_scenario_prefix = {
    OPTION_SECTION(prefix_options),
    .what = "a prefix",
    .idle = &section_prefix,
    .scalar_schema = "\"type\": \"null\"", /* parse_prefix() */
    .name_pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$",
    .name_word = "PREFIX",
};

static void
parse_prefix(struct load *l, const yaml_node_t *key, const yaml_node_t *node,
	     struct conf_scenario_prefix *out)
{
	/* "192.0.2.0/24:" alone is all by default. */
	static const yaml_node_t empty = {.type = YAML_MAPPING_NODE};

	out->prefix.place = document_place(key);
	section_prefix_key(l, key, &out->prefix.prefix);
	load_push(l, document_text(key));
	option_load(l, &section_scenario_prefix,
		    document_is_null(node) ? &empty : node, out);
	load_pop(l);
}

static void
parse_prefixes(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	struct conf_scenario *s = field;

	s->prefixes = section_named(
	    l, node, "the prefixes, each a map of its options",
	    sizeof(*s->prefixes), &s->n_prefixes, &l->prefix_nodes);
	for (size_t i = 0; i < s->n_prefixes; i++)
		parse_prefix(l, document_key(&l->document, node, i),
			     l->prefix_nodes[i], &s->prefixes[i]);
}

const struct option_type section_scenario_prefixes_type = {
    OPTION_NAMED, "map of prefixes", parse_prefixes, not_compared, NULL,
};

/* ---- those of node files ---- */

static int
by_node_prefix(const void *a, const void *b)
{
	const struct conf_prefix *const *x = a, *const *y = b;

	return prefix_cmp(&(*x)->prefix, &(*y)->prefix);
}

/* Asked for by every announcement: a node may have thousands. */
static void
index_node(struct load *l, struct conf_scenario_site *site)
{
	size_t n = site->node ? site->node->n_prefixes : 0;

	if (n == 0)
		return;
	site->by_prefix = load_alloc(l, n, sizeof(const struct conf_prefix *));
	for (size_t i = 0; i < n; i++)
		site->by_prefix[i] = &site->node->prefixes[i];
	qsort(site->by_prefix, n, sizeof(const struct conf_prefix *),
	      by_node_prefix);
}

const struct conf_prefix *
conf_scenario_node_prefix(const struct conf_scenario_site *site,
			  const struct prefix *prefix)
{
	struct conf_prefix wanted = {.prefix = *prefix};
	const struct conf_prefix *key = &wanted, **found;

	if (!site->by_prefix)
		return NULL;
	found = bsearch(&key, site->by_prefix, site->node->n_prefixes,
			sizeof(const struct conf_prefix *), by_node_prefix);
	return found ? *found : NULL;
}

bool
conf_scenario_announces(const struct conf_scenario *s, size_t site,
			size_t prefix)
{
	const struct conf_scenario_prefix *p = &s->prefixes[prefix];

	for (size_t i = 0; i < p->n_sites; i++)
		if (p->sites[i] == site)
			return true;
	if (p->sites)
		return false;
	return !s->sites[site].node ||
	       conf_scenario_node_prefix(&s->sites[site], &p->prefix.prefix);
}

static int
by_prefix(const void *a, const void *b, void *base)
{
	const struct conf_scenario_prefix *prefixes = base;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order =
	    prefix_cmp(&prefixes[x].prefix.prefix, &prefixes[y].prefix.prefix);

	if (order != 0)
		return order;
	return x < y ? -1 : x > y;
}

static size_t
count_all(const struct conf_scenario *s)
{
	size_t n = s->n_prefixes;

	for (size_t i = 0; i < s->n_sites; i++)
		n += s->sites[i].node ? s->sites[i].node->n_prefixes : 0;
	return n;
}

/* The file's own, then those of each node file. */
static struct conf_scenario_prefix *
gather(struct load *l, const struct conf_scenario *s, size_t n)
{
	struct conf_scenario_prefix *all = load_alloc(l, n, sizeof(*all));
	size_t k = s->n_prefixes;

	if (k > 0)
		memcpy(all, s->prefixes, k * sizeof(*all));
	for (size_t i = 0; i < s->n_sites; i++) {
		const struct conf *node = s->sites[i].node;

		for (size_t p = 0; node && p < node->n_prefixes; p++)
			all[k++] = (struct conf_scenario_prefix){
			    .prefix = node->prefixes[p],
			    .share = 1,
			};
	}
	return all;
}

/* `index` orders all of them; twice in the file itself is an error. */
static void
drop_repeated(struct load *l, struct conf_scenario *s,
	      struct conf_scenario_prefix *all, const struct load_index *index)
{
	bool *repeated = load_scratch(l, index->n, sizeof(*repeated));
	char text[PREFIX_TEXT_MAX];
	size_t own = s->n_prefixes;

	for (size_t i = 1; i < index->n; i++) {
		size_t a = index->v[i - 1], b = index->v[i];
		const struct prefix *p = &all[b].prefix.prefix;

		if (!prefix_equal(&all[a].prefix.prefix, p))
			continue;
		repeated[b] = true;
		if (b < own && !ip_is_none(&p->addr))
			load_fail_at(l, all[b].prefix.place,
				     "prefixes: found %s twice, first in line "
				     "%u, expected every prefix once",
				     prefix_format(p, text, sizeof(text)),
				     all[a].prefix.place.line);
	}
	s->n_prefixes = 0;
	for (size_t i = 0; i < index->n; i++)
		if (!repeated[i])
			all[s->n_prefixes++] = all[i];
	s->prefixes = all;
}

static void
take_prefixes(struct load *l, struct conf_scenario *s)
{
	size_t n = count_all(s);
	struct conf_scenario_prefix *all = gather(l, s, n);
	struct load_index index = section_index(l, all, n, by_prefix);

	for (size_t i = 0; i < s->n_sites; i++)
		index_node(l, &s->sites[i]);
	drop_repeated(l, s, all, &index);
}

/* ---- after all is read ---- */

static bool
covers(const struct prefix *a, const struct prefix *b)
{
	return a->len <= b->len && prefix_contains(a, &b->addr);
}

static void
check_hijack(struct load *l, const struct conf_scenario *s)
{
	const struct prefix *p = &s->hijack.prefix;

	if (ip_is_none(&p->addr))
		return;
	for (size_t i = 0; i < s->n_prefixes; i++)
		if (covers(&s->prefixes[i].prefix.prefix, p))
			return;
	load_push(l, "hijack");
	load_fail_in(l, document_find(&l->document, l->root, "hijack"),
		     "prefix",
		     "found a prefix that no site announces, expected one of "
		     "prefixes, or one within it");
	load_pop(l);
}

static bool
is_known(const struct conf_scenario *s, const struct prefix *prefix)
{
	for (size_t i = 0; i < s->n_prefixes; i++)
		if (prefix_equal(&s->prefixes[i].prefix.prefix, prefix))
			return true;
	return false;
}

/* A neighbour's `prefixes` name those of the scenario. */
static void
check_exports(struct load *l, const struct conf_scenario *s,
	      const struct conf_scenario_site *site,
	      const struct conf_scenario_peer *peer)
{
	char text[PREFIX_TEXT_MAX];

	for (size_t i = 0; !site->node && i < peer->prefixes.n; i++)
		if (!is_known(s, &peer->prefixes.v[i]))
			load_fail_at(l, peer->peer.place,
				     "sites.%s.peers.%s.prefixes: found the "
				     "unknown prefix %s, expected one from "
				     "prefixes",
				     site->name, peer->peer.name,
				     prefix_format(&peer->prefixes.v[i], text,
						   sizeof(text)));
}

static void
check_shares(struct load *l, const struct conf_scenario *s)
{
	for (size_t i = 0; i < s->n_prefixes; i++)
		if (s->prefixes[i].share > 0)
			return;
	load_fail_in(l, l->root, "prefixes",
		     "found share: 0 at all prefixes, expected a share at one "
		     "at least");
}

void
section_scenario_check(struct load *l)
{
	struct conf_scenario *s = l->scenario;

	take_prefixes(l, s);
	if (l->root->type != YAML_MAPPING_NODE)
		return;
	if (s->n_prefixes == 0 &&
	    !document_find(&l->document, l->root, "prefixes") &&
	    l->messages.errors == 0)
		load_fail(l, l->root,
			  "found no prefixes, expected prefixes here, or a "
			  "site with a node file");
	if (s->n_prefixes > 0)
		check_shares(l, s);
	if (s->n_prefixes > 0)
		check_hijack(l, s);
	for (size_t i = 0; s->n_prefixes > 0 && i < s->n_sites; i++)
		for (size_t p = 0; p < s->sites[i].n_peers; p++)
			check_exports(l, s, &s->sites[i],
				      &s->sites[i].peers[p]);
}
