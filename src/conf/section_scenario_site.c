/* SPDX-License-Identifier: ISC */
/* The sites of a scenario: written there, or taken from a node's file. */
#include <string.h>

#include "conf/section_scenario.h"

/* More would only be a mistake; it also bounds what names cost. */
#define SITES_MAX 10000

const char *
conf_site_state_text(enum conf_site_state state)
{
	static const char *const texts[] = {
#define X(n, t) [CONF_SITE_##n] = t,
	    CONF_SITE_STATES(X)
#undef X
	};

	return texts[state];
}

static bool
not_compared(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	return true;
}

/* ---- a node's file ---- */

static struct conf_prefixes
copy_exports(struct load *l, const struct conf *conf, const struct conf_peer *p)
{
	struct conf_prefixes out = {0};

	if (p->n_prefixes == 0)
		return out;
	out.v = load_alloc(l, p->n_prefixes, sizeof(*out.v));
	for (; out.n < p->n_prefixes; out.n++)
		out.v[out.n] = conf->prefixes[p->prefixes[out.n]].prefix;
	return out;
}

/* iBGP neighbours are inside of the site: the graph knows nothing of them. */
static void
take_peers(struct load *l, struct conf_scenario_site *site)
{
	const struct conf *conf = site->node;

	site->peers = load_alloc(l, conf->n_peers, sizeof(*site->peers));
	for (size_t i = 0; i < conf->n_peers; i++) {
		const struct conf_peer *p = &conf->peers[i];
		struct conf_scenario_peer *out = &site->peers[site->n_peers];

		if (p->asn == p->local_asn)
			continue;
		out->peer = *p;
		out->prefixes = copy_exports(l, conf, p);
		site->n_peers++;
	}
}

/* Each line on its own, at the place that names the file. */
static void
tell_refusal(struct load *l, const yaml_node_t *node, struct text *messages)
{
	char *rest = NULL;

	if (messages->len == 0)
		return;
	for (char *line = strtok_r(messages->s, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		load_fail(l, node, "%s", line);
}

static void
parse_node(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	struct conf_scenario_site *site = field;
	size_t errors = l->messages.errors;
	struct text messages = {0};

	type_file.parse(l, o, node, &site->node_file);
	if (l->messages.errors > errors || !site->node_file)
		return;
	if (conf_load_elsewhere(site->node_file, &site->node, &messages) != 0)
		tell_refusal(l, node, &messages);
	text_free(&messages);
}

static const struct option_type type_node = {
    OPTION_TEXT, "file", parse_node, not_compared, TYPE_SCHEMA_TEXT,
};

/* ---- the table ---- */

static const struct option_choice states[] = {
#define X(n, t) {t, CONF_SITE_##n},
    CONF_SITE_STATES(X)
#undef X
	{NULL, 0},
};

static const struct option_choice announcing[] = {
    {"peers", false},
    {"all", true},
    {NULL, 0},
};

static void
parse_announces(struct load *l, const struct option *o, const yaml_node_t *node,
		void *field)
{
	int value = *(bool *)field;

	type_choice.parse(l, o, node, &value);
	*(bool *)field = value;
}

static const struct option_type type_announces = {
    OPTION_CHOICE, "", parse_announces, type_equal_octets, NULL,
};

#define SITE(member) OPTION_FIELD(struct conf_scenario_site, member)
#define WHOLE        .offset = 0, .size = sizeof(struct conf_scenario_site)

static const struct option site_options[] = {
    {
	.key = "asn",
	.type = &type_asn,
	SITE(asn),
	.absent = "the scenario's, or node.asn of the node file",
	.help = "the AS of the site",
    },
    {
	.key = "origin_asn",
	.type = &type_asn,
	SITE(origin_asn),
	.absent = "asn",
	.help = "the AS that originates the prefixes, unique per site "
		"(RFC 6382)",
    },
    {
	.key = "peers",
	.type = &section_scenario_peers_type,
	WHOLE,
	.section = &section_scenario_peer,
	.absent = "those of the node file, or none with announces: all",
	.help = "the neighbours by name, in the words of a node's peers",
    },
    {
	.key = "node",
	.type = &type_node,
	WHOLE,
	.absent = "none",
	.help = "the configuration of the site's node: its peers and "
		"prefixes are taken; iBGP neighbours are left out",
    },
    {
	.key = "announces",
	.type = &type_announces,
	SITE(announces_all),
	.choices = announcing,
	.standard = "peers",
	.help = "all: the site is an AS of the graph and announces to all of "
		"its neighbours there",
    },
    {
	.key = "capacity",
	.type = &type_number,
	SITE(capacity),
	.low = 1,
	.high = INT64_C(1000000000000000),
	.absent = "not looked at",
	.help = "what the site can carry, in the unit of the weights",
    },
    {
	.key = "state",
	.type = &type_choice,
	SITE(state),
	.choices = states,
	.standard = "up",
	.help = "a candidate is down but for the search",
    },
    {
	.key = "scope",
	.type = &type_choice,
	SITE(scope),
	.choices = section_scope_choices,
	.standard = "global",
	.help = "local adds the communities NO_EXPORT and NOPEER to all that "
		"it announces (a local node, RFC 4786 section 4.4.6)",
    },
    {
	.key = "invalid",
	.type = &type_bool,
	SITE(invalid),
	.standard = "false",
	.help = "what it announces is invalid (RFC 6811)",
    },
};

static void
check_source(struct load *l, const yaml_node_t *node,
	     const struct conf_scenario_site *s)
{
	bool peers = document_find(&l->document, node, "peers");
	bool file = document_find(&l->document, node, "node");

	if (file && peers)
		load_fail_in(l, node, "node",
			     "found it beside peers, expected one of the two");
	else if (file && s->announces_all)
		load_fail_in(l, node, "announces",
			     "found all beside node, expected one of the two");
	else if (peers && s->announces_all)
		load_fail_in(l, node, "announces",
			     "found all beside peers, expected one of the "
			     "two");
	else if (!file && !peers && !s->announces_all)
		load_fail(l, node,
			  "found no neighbours, expected peers, node or "
			  "announces: all");
}

static void
finish_site(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_scenario_site *s = base;

	check_source(l, node, s);
	if (s->node && s->asn != 0)
		load_fail_in(l, node, "asn",
			     "found it beside node, expected it in one place: "
			     "node.asn of the node file is %u",
			     s->node->node.asn);
	if (s->node && s->n_peers == 0)
		take_peers(l, s);
	if (s->asn == 0)
		s->asn = s->node ? s->node->node.asn : l->scenario->asn;
	if (s->asn == 0 && !document_find(&l->document, l->root, "asn") &&
	    !document_find(&l->document, node, "node"))
		load_fail(l, node,
			  "found no asn, expected it here or once for all "
			  "sites");
	for (size_t i = 0; i < s->n_peers; i++)
		if (s->peers[i].peer.local_asn == 0)
			s->peers[i].peer.local_asn = s->asn;
}

const struct section section_scenario_site = {
    OPTION_SECTION(site_options), .what = "a site",
    .finish = finish_site,        .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "SITE",
};

static void
parse_site(struct load *l, const yaml_node_t *key, const yaml_node_t *node,
	   struct conf_scenario_site *out)
{
	out->name = section_begin_item(l, key, &out->place);
	/* A dot parts a site from its neighbour in what-if words. */
	if (strchr(out->name, '.'))
		load_fail(l, key,
			  "found the name %s, expected one without a dot",
			  load_quote(l, out->name));
	option_load(l, &section_scenario_site, node, out);
	load_pop(l);
}

static int
by_name(const void *a, const void *b, void *base)
{
	const struct conf_scenario_site *sites = base;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return strcmp(sites[x].name, sites[y].name);
}

static void
parse_sites(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct conf_scenario *s = field;
	const yaml_node_t **nodes;

	if (document_count(node) > SITES_MAX) {
		load_fail(l, node, "found %zu sites, expected at most %d",
			  document_count(node), SITES_MAX);
		return;
	}
	s->sites = section_named(l, node,
				 "the sites by name, each a map of its options",
				 sizeof(*s->sites), &s->n_sites, &nodes);
	for (size_t i = 0; i < s->n_sites; i++)
		parse_site(l, document_key(&l->document, node, i), nodes[i],
			   &s->sites[i]);
	l->sites = section_index(l, s->sites, s->n_sites, by_name);
}

const struct option_type section_scenario_sites_type = {
    OPTION_NAMED, "map of sites", parse_sites, not_compared, NULL,
};

/* ---- names of sites ---- */

static bool
find_site(struct load *l, const char *name, size_t *out)
{
	size_t low = 0, high = l->sites.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t item = l->sites.v[middle];
		int order = strcmp(name, l->scenario->sites[item].name);

		*out = item;
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static void
refuse_site(struct load *l, const yaml_node_t *node)
{
	const struct conf_scenario *s = l->scenario;
	const char **names = load_scratch(l, s->n_sites + 1, sizeof(*names));

	for (size_t i = 0; i < s->n_sites; i++)
		names[i] = s->sites[i].name;
	load_fail(
	    l, node, "found the unknown site %s%s, expected a name from sites",
	    load_found(l, node), load_hint(l, document_text(node), names));
}

static void
add_site(struct load *l, const yaml_node_t *node, struct scenario_names *out,
	 bool *seen)
{
	size_t site = 0;

	if (!find_site(l, document_text(node), &site))
		refuse_site(l, node);
	else if (seen[site])
		load_fail(l, node, "found %s twice, expected every site once",
			  load_found(l, node));
	else
		out->v[out->n++] = site;
	if (l->sites.n > 0)
		seen[site] = true;
}

static void
parse_names(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct scenario_names *out = field;
	bool *seen;
	size_t n;

	if (!load_some(l, node, "the name of a site, or a list", &n))
		return;
	/* Without sites everything would be unknown. */
	if (l->scenario->n_sites == 0)
		return;
	seen = load_scratch(l, l->scenario->n_sites, sizeof(*seen));
	*out = (struct scenario_names){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++)
		add_site(l, load_item(l, node, i), out, seen);
}

const struct option_type section_scenario_names_type = {
    OPTION_TEXT,
    "site or list of sites",
    parse_names,
    not_compared,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};
