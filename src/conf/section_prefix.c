/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "conf/section.h"

/* Indexes and their number behind them. */
struct references {
	size_t *v;
	size_t n;
};

/* Above this, "did you mean" would cost more than it helps. */
#define HINT_MAX 2000

static const char *
service_hint(struct load *l, const char *word)
{
	size_t n = l->conf->n_services;
	const char **names;

	if (n > HINT_MAX)
		return "";
	names = load_scratch(l, n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = l->conf->services[i].name;
	return load_hint(l, word, names);
}

static bool
is_known(const struct references *refs, size_t index)
{
	for (size_t i = 0; i < refs->n; i++)
		if (refs->v[i] == index)
			return true;
	return false;
}

static void
add_service(struct load *l, const yaml_node_t *node, struct references *out)
{
	const char *name = document_text(node);
	size_t index;

	if (!section_find_service(l, name, &index)) {
		/* Without services everything would be unknown. */
		if (l->conf->n_services > 0)
			load_fail(l, node,
				  "found the unknown service %s%s, expected a "
				  "name from services",
				  load_found(l, node), service_hint(l, name));
		return;
	}
	if (is_known(out, index))
		load_fail(l, node,
			  "found %s twice, expected every service "
			  "once",
			  load_found(l, node));
	else
		out->v[out->n++] = index;
}

static void
parse_references(struct load *l, const struct option *o,
		 const yaml_node_t *node, void *field)
{
	static const char expected[] = "the name of a service, or a list";
	struct references *out = field;
	size_t n;

	if (!load_some(l, node, expected, &n))
		return;
	*out = (struct references){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++)
		add_service(l, load_item(l, node, i), out);
}

static bool
has_service(const struct conf *conf, const struct references *refs,
	    const char *name)
{
	for (size_t i = 0; i < refs->n; i++)
		if (strcmp(conf->services[refs->v[i]].name, name) == 0)
			return true;
	return false;
}

/* As sets: each list names every service once, in an order without meaning. */
static bool
equal_references(const struct option *o, const void *a, const void *b,
		 const struct option_trees *trees)
{
	const struct references *x = a, *y = b;

	if (x->n != y->n || !trees->before || !trees->after)
		return x->n == y->n;
	for (size_t i = 0; i < x->n; i++)
		if (!has_service(trees->after, y,
				 trees->before->services[x->v[i]].name))
			return false;
	return true;
}

static const struct option_type type_references = {
    OPTION_TEXT,
    "service or list of services",
    parse_references,
    equal_references,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};

const struct option_choice section_scope_choices[] = {
    {"global", CONF_SCOPE_GLOBAL},
    {"local", CONF_SCOPE_LOCAL},
    {NULL, 0},
};

static const struct option_choice origins[] = {
    {"igp", CONF_ORIGIN_IGP},
    {"egp", CONF_ORIGIN_EGP},
    {"incomplete", CONF_ORIGIN_INCOMPLETE},
    {NULL, 0},
};

#define PREFIX(member) OPTION_FIELD(struct conf_prefix, member)

static const struct option prefix_options[] = {
    {
	.key = "services",
	.type = &type_references,
	PREFIX(services),
	.required = true,
	.help = "the services that decide whether the prefix is announced",
    },
    {
	.key = "require",
	.type = &type_require,
	PREFIX(require),
	.standard = "all",
	.help = "how many of the services must be available",
    },
    {
	.key = "hold_down",
	.type = &type_duration,
	PREFIX(hold_down),
	.low = 0,
	.high = 86400 * SECOND_NS,
	.standard = "0s",
	.help = "the least time between a withdrawal and the next "
		"announcement",
    },
    {
	.key = "damping",
	.type = &type_map,
	PREFIX(damping),
	.section = &section_damping,
	.absent = "off",
	.help = "wait longer the more often the services failed (RFC 2439): "
		"on, off or a map of options",
    },
    {
	.key = "ladder_hold",
	.type = &type_duration,
	PREFIX(ladder_hold),
	.low = 0,
	.high = 86400 * SECOND_NS,
	.standard = "10s",
	.help = "the least time its services must be sound before it steps "
		"up from the rung degraded",
    },
    {
	.key = "scope",
	.type = &type_choice,
	PREFIX(scope),
	.choices = section_scope_choices,
	.standard = "global",
	.help = "local adds the communities NO_EXPORT and NOPEER",
    },
    {
	.key = "blackhole",
	.type = &type_bool,
	PREFIX(blackhole),
	.standard = "true",
	.help = "keep a blackhole route for the prefix in the kernel while "
		"it is announced",
    },
    {
	.key = "origin_asn",
	.type = &type_asn,
	PREFIX(origin_asn),
	.absent = "node.asn",
	.help = "the AS that originates the prefix, unique per node "
		"(RFC 6382)",
    },
    {
	.key = "origin",
	.type = &type_choice,
	PREFIX(origin),
	.choices = origins,
	.standard = "igp",
	.help = "the ORIGIN attribute",
    },
    {
	.key = "communities",
	.type = &type_communities,
	PREFIX(communities),
	.absent = "none",
	.help = "communities on every announcement of the prefix",
    },
    {
	.key = "brake",
	.type = &type_map,
	PREFIX(brake),
	.section = &section_brake,
	.absent = "failed checks withdraw it without asking",
	.help = "which other nodes must stay before failed checks withdraw "
		"the prefix",
    },
};

static void
finish_prefix(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_prefix *p = base;

	if (p->require.mode != CONF_REQUIRE_COUNT ||
	    p->require.count <= p->n_services)
		return;
	load_fail_in(l, node, "require",
		     "found %u, expected at most %zu, the number of "
		     "services",
		     p->require.count, p->n_services);
}

const struct section section_prefix = {
    OPTION_SECTION(prefix_options),
    .what = "a prefix",
    .finish = finish_prefix,
    .name_pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$",
    .name_word = "PREFIX",
};

static const char *
not_announceable(const struct prefix *p)
{
	if (ip_is_multicast(&p->addr))
		return "multicast";
	if (p->len > 0 && ip_is_loopback(&p->addr))
		return "loopback";
	if (p->len > 0 && ip_is_link_local(&p->addr))
		return "link-local";
	return NULL;
}

void
section_prefix_key(struct load *l, const yaml_node_t *key, struct prefix *out)
{
	const char *text = document_text(key);
	char meant[PREFIX_TEXT_MAX];
	int err = prefix_parse(text, out);
	const char *why;

	if (err == -EINVAL) {
		load_fail(l, key,
			  "found %s, expected a prefix such as 192.0.2.0/24 "
			  "or 2001:db8::/48",
			  load_quote(l, text));
		return;
	}
	why = not_announceable(out);
	if (err == -EDOM)
		load_fail(l, key,
			  "found %s, whose bits behind the length are not all "
			  "zero, expected a prefix such as %s",
			  load_quote(l, text),
			  prefix_format(out, meant, sizeof(meant)));
	else if (why)
		load_fail(l, key,
			  "found the %s prefix %s, expected a unicast "
			  "prefix",
			  why, text);
}

static int
by_prefix(const void *a, const void *b, void *base)
{
	const struct conf_prefix *prefixes = base;
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = prefix_cmp(&prefixes[x].prefix, &prefixes[y].prefix);

	if (order != 0)
		return order;
	return x < y ? -1 : x > y;
}

static void
parse_prefixes(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	struct conf *conf = field;
	size_t before = l->messages.errors;

	conf->prefixes = section_named(
	    l, node, "the prefixes, each a map of its options",
	    sizeof(*conf->prefixes), &conf->n_prefixes, &l->prefix_nodes);
	for (size_t i = 0; i < conf->n_prefixes; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_prefix *p = &conf->prefixes[i];

		p->place = document_place(key);
		section_prefix_key(l, key, &p->prefix);
		load_push(l, document_text(key));
		option_load(l, &section_prefix, l->prefix_nodes[i], p);
		load_pop(l);
	}
	l->prefixes =
	    section_index(l, conf->prefixes, conf->n_prefixes, by_prefix);
	l->unsound |= l->messages.errors > before;
}

static bool
compared_by_name(const struct option *o, const void *a, const void *b,
		 const struct option_trees *trees)
{
	return true;
}

const struct option_type section_prefixes_type = {
    OPTION_NAMED, "map of prefixes", parse_prefixes, compared_by_name, NULL,
};
