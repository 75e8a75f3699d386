/* SPDX-License-Identifier: ISC */
/*
 * What a reload would change. Items are matched by name through sorted lists,
 * so that two large trees compare in n log n.
 */
#include <stdlib.h>
#include <string.h>

#include "conf/section.h"

/* One item of a tree: its name and the item itself. */
struct item {
	char name[sizeof(((struct conf_change *)0)->name)];
	const void *v; /* borrowed */
};

struct items {
	struct item *v; /* owned */
	size_t n;
};

typedef const char *differ(const void *a, const void *b,
			   const struct option_trees *trees);

static void
add_change(struct conf_diff *diff, enum conf_change_kind kind,
	   enum conf_section section, const char *name, const char *option)
{
	struct conf_change *c;

	/* Grows by doubling: a power of two is full. */
	if ((diff->n & (diff->n - 1)) == 0)
		diff->v = xrealloc(diff->v, diff->n ? diff->n * 2 : 1,
				   sizeof(*diff->v));
	c = &diff->v[diff->n++];
	*c = (struct conf_change){
	    .kind = kind, .section = section, .option = option};
	strncpy(c->name, name, sizeof(c->name) - 1);
}

/* ---- one tree's items, sorted by name ---- */

static int
by_name(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->name,
		      ((const struct item *)b)->name);
}

static struct items
new_items(size_t n)
{
	return (struct items){xcalloc(n, sizeof(struct item)), 0};
}

static void
add_item(struct items *items, const char *name, const void *v)
{
	struct item *item = &items->v[items->n++];

	strncpy(item->name, name, sizeof(item->name) - 1);
	item->v = v;
}

static struct items
services_of(const struct conf *conf)
{
	struct items items = new_items(conf->n_services);

	for (size_t i = 0; i < conf->n_services; i++)
		add_item(&items, conf->services[i].name, &conf->services[i]);
	return items;
}

static struct items
checks_of(const struct conf *conf)
{
	struct items items;
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].n_checks;
	items = new_items(n);
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].n_checks; k++)
			add_item(&items, conf->services[i].checks[k].name,
				 &conf->services[i].checks[k]);
	return items;
}

static struct items
prefixes_of(const struct conf *conf)
{
	struct items items = new_items(conf->n_prefixes);
	char name[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < conf->n_prefixes; i++)
		add_item(&items,
			 prefix_format(&conf->prefixes[i].prefix, name,
				       sizeof(name)),
			 &conf->prefixes[i]);
	return items;
}

static struct items
peers_of(const struct conf *conf)
{
	struct items items = new_items(conf->n_peers);

	for (size_t i = 0; i < conf->n_peers; i++)
		add_item(&items, conf->peers[i].name, &conf->peers[i]);
	return items;
}

/* ---- comparing ---- */

static const char *
key_of(const struct option *o)
{
	return o ? o->key : NULL;
}

static const char *
service_differs(const void *a, const void *b, const struct option_trees *trees)
{
	return key_of(option_differs(&section_service, a, b, trees));
}

static const char *
check_differs(const void *a, const void *b, const struct option_trees *trees)
{
	return section_check_differs(a, b);
}

static const char *
prefix_differs(const void *a, const void *b, const struct option_trees *trees)
{
	return key_of(option_differs(&section_prefix, a, b, trees));
}

static const char *
peer_differs(const void *a, const void *b, const struct option_trees *trees)
{
	return key_of(option_differs(&section_peer, a, b, trees));
}

static void
compare(struct conf_diff *out, enum conf_section section, struct items before,
	struct items after, differ *differs, const struct option_trees *trees)
{
	size_t i = 0, j = 0;

	qsort(before.v, before.n, sizeof(*before.v), by_name);
	qsort(after.v, after.n, sizeof(*after.v), by_name);
	while (i < before.n || j < after.n) {
		struct item *a = &before.v[i], *b = &after.v[j];
		int order = i == before.n  ? 1
			    : j == after.n ? -1
					   : by_name(a, b);
		const char *option;

		i += order <= 0;
		j += order >= 0;
		if (order < 0) {
			add_change(out, CONF_REMOVED, section, a->name, NULL);
			continue;
		}
		if (order > 0) {
			add_change(out, CONF_ADDED, section, b->name, NULL);
			continue;
		}
		option = differs(a->v, b->v, trees);
		if (option)
			add_change(out, CONF_CHANGED, section, a->name, option);
	}
	free(before.v);
	free(after.v);
}

static void
compare_map(struct conf_diff *out, enum conf_section kind, const char *name,
	    const struct section *s, const void *a, const void *b)
{
	const struct option_trees none = {0};
	const struct option *o = option_differs(s, a, b, &none);

	if (o)
		add_change(out, CONF_CHANGED, kind, name, o->key);
}

static void
compare_exabgp(struct conf_diff *out, const struct conf *a,
	       const struct conf *b)
{
	bool equal = a->n_exabgp == b->n_exabgp;

	for (size_t i = 0; equal && i < a->n_exabgp; i++)
		equal = conf_exabgp_equal(&a->exabgp[i], &b->exabgp[i]);
	if (!equal)
		add_change(out, CONF_CHANGED, CONF_SECTION_OTHER, "exabgp",
			   "exabgp");
}

void
conf_diff(const struct conf *a, const struct conf *b, struct conf_diff *out)
{
	const struct option_trees trees = {a, b};
	enum conf_section other = CONF_SECTION_OTHER;

	*out = (struct conf_diff){0};
	compare_map(out, CONF_SECTION_NODE, "node", &section_node, &a->node,
		    &b->node);
	compare(out, CONF_SECTION_SERVICE, services_of(a), services_of(b),
		service_differs, &trees);
	compare(out, CONF_SECTION_CHECK, checks_of(a), checks_of(b),
		check_differs, &trees);
	compare(out, CONF_SECTION_PREFIX, prefixes_of(a), prefixes_of(b),
		prefix_differs, &trees);
	compare(out, CONF_SECTION_PEER, peers_of(a), peers_of(b), peer_differs,
		&trees);
	compare_map(out, other, "start_gate", &section_start_gate,
		    &a->start_gate, &b->start_gate);
	compare_map(out, other, "bgp", &section_bgp, &a->bgp, &b->bgp);
	compare_map(out, other, "control", &section_control, &a->control,
		    &b->control);
	compare_map(out, other, "http", &section_http_server, &a->http,
		    &b->http);
	compare_map(out, other, "log", &section_log, &a->log, &b->log);
	compare_map(out, other, "mesh", &section_mesh, &a->mesh, &b->mesh);
	compare_map(out, other, "rpki", &section_rpki, &a->rpki, &b->rpki);
	compare_map(out, other, "block", &section_block, &a->block, &b->block);
	compare_exabgp(out, a, b);
	compare_map(out, other, "identity", &section_identity, &a->identity,
		    &b->identity);
	compare_map(out, other, "journal", &section_journal, &a->journal,
		    &b->journal);
	if (strcmp(a->state_directory, b->state_directory) != 0)
		add_change(out, CONF_CHANGED, other, "state_directory",
			   "state_directory");
}

void
conf_diff_free(struct conf_diff *diff)
{
	free(diff->v);
	*diff = (struct conf_diff){0};
}
