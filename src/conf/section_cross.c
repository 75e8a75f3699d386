/* SPDX-License-Identifier: ISC */
/*
 * What needs more than one section: coverage, separation of unicast and
 * anycast addresses (N3), duplicates, what would never be announced.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "conf/section.h"

static const char *
family_word(uint8_t family)
{
	return family == AF_INET ? "ipv4" : "ipv6";
}

/* The place of an option's value, else of the map it would stand in. */
static const yaml_node_t *
value_node(struct load *l, const yaml_node_t *map, const char *key)
{
	const yaml_node_t *value = document_find(&l->document, map, key);

	return value ? value : map;
}

/* The place of the item that is `ip` in a list (or the value itself). */
static const yaml_node_t *
ip_node(struct load *l, const yaml_node_t *map, const char *key,
	const struct ip *ip)
{
	const yaml_node_t *value = value_node(l, map, key);
	struct ip there;

	if (value->type != YAML_SEQUENCE_NODE)
		return value;
	for (size_t i = 0; i < document_count(value); i++) {
		const yaml_node_t *item = document_item(&l->document, value, i);

		if (item->type == YAML_SCALAR_NODE &&
		    ip_parse(document_text(item), &there) == 0 &&
		    ip_equal(&there, ip))
			return item;
	}
	return value;
}

/* ---- N3: unicast addresses stay outside anycast prefixes ---- */

static const struct conf_prefix *
covering(const struct conf *conf, const struct ip *ip)
{
	for (size_t i = 0; i < conf->n_prefixes; i++)
		if (prefix_contains(&conf->prefixes[i].prefix, ip))
			return &conf->prefixes[i];
	return NULL;
}

static const struct conf_service *
owner(const struct conf *conf, const struct ip *ip)
{
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t j = 0; j < conf->services[i].addresses.n; j++)
			if (ip_equal(&conf->services[i].addresses.v[j], ip))
				return &conf->services[i];
	return NULL;
}

void
section_unicast(struct load *l, const yaml_node_t *map, const char *key,
		const struct ip *ip)
{
	const struct conf_service *service = owner(l->conf, ip);
	const struct conf_prefix *prefix = covering(l->conf, ip);
	char address[IP_TEXT_MAX], text[PREFIX_TEXT_MAX];

	if (ip_is_none(ip) || (!service && !prefix))
		return;
	ip_format(ip, address, sizeof(address));
	load_push(l, key);
	if (service)
		load_fail(l, ip_node(l, map, key, ip),
			  "found %s, an address of the service %s, expected "
			  "a unicast address of one machine: anycast "
			  "addresses exist on every node",
			  address, service->name);
	else
		load_fail(l, ip_node(l, map, key, ip),
			  "found %s inside the anycast prefix %s, expected a "
			  "unicast address outside of it: its packets may "
			  "reach another node (RFC 4786 section 4.6)",
			  address,
			  prefix_format(&prefix->prefix, text, sizeof(text)));
	load_pop(l);
}

static void
check_node_unicast(struct load *l)
{
	const struct conf_node *node = &l->conf->node;
	const yaml_node_t *map = document_find(&l->document, l->root, "node");

	load_push(l, "node");
	for (size_t i = 0; i < node->management.n; i++)
		section_unicast(l, map, "management", &node->management.v[i]);
	if (!ip_is_none(&node->router_id) && owner(l->conf, &node->router_id)) {
		load_push(l, "router_id");
		load_fail(l, value_node(l, map, "router_id"),
			  "found a service address, expected an identifier "
			  "that no other node has");
		load_pop(l);
	}
	load_pop(l);
}

static void
check_peers_unicast(struct load *l)
{
	load_push(l, "peers");
	for (size_t i = 0; i < l->conf->n_peers; i++) {
		const struct conf_peer *p = &l->conf->peers[i];
		const yaml_node_t *map = l->peer_nodes[i];

		load_push(l, p->name);
		section_unicast(l, map, "address", &p->address);
		section_unicast(l, map, "source", &p->source);
		section_unicast(l, map, "next_hop", &p->next_hop4);
		section_unicast(l, map, "next_hop", &p->next_hop6);
		load_pop(l);
	}
	load_pop(l);
}

/* ---- every service address has a prefix ---- */

/* covered[service][address], from the prefixes that follow the service. */
static bool **
find_coverage(struct load *l)
{
	const struct conf *conf = l->conf;
	bool **covered = load_scratch(l, conf->n_services, sizeof(*covered));

	for (size_t i = 0; i < conf->n_services; i++)
		covered[i] = load_scratch(l, conf->services[i].addresses.n, 1);
	for (size_t i = 0; i < conf->n_prefixes; i++) {
		const struct conf_prefix *p = &conf->prefixes[i];

		for (size_t j = 0; j < p->n_services; j++) {
			size_t s = p->services[j];
			const struct conf_ips *a = &conf->services[s].addresses;

			for (size_t k = 0; k < a->n; k++)
				covered[s][k] |=
				    prefix_contains(&p->prefix, &a->v[k]);
		}
	}
	return covered;
}

static void
check_coverage(struct load *l)
{
	bool **covered = find_coverage(l);

	for (size_t i = 0; i < l->conf->n_services; i++) {
		const struct conf_service *s = &l->conf->services[i];
		char address[IP_TEXT_MAX];

		for (size_t k = 0; k < s->addresses.n; k++) {
			const struct ip *ip = &s->addresses.v[k];
			const yaml_node_t *at =
			    ip_node(l, l->service_nodes[i], "addresses", ip);

			if (covered[i][k] || s->on_link)
				continue;
			load_fail_at(l, document_place(at),
				     "services.%s.addresses: found %s, which "
				     "no prefix that follows this service "
				     "covers, expected such a prefix",
				     s->name,
				     ip_format(ip, address, sizeof(address)));
		}
	}
}

/* ---- duplicates ---- */

struct address {
	struct ip ip;
	size_t service, index;
};

static int
by_ip(const void *a, const void *b)
{
	const struct address *x = a, *y = b;
	int order = ip_cmp(&x->ip, &y->ip);

	if (order != 0)
		return order;
	if (x->service != y->service)
		return x->service < y->service ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static struct address *
all_addresses(struct load *l, size_t *n)
{
	const struct conf *conf = l->conf;
	struct address *all;

	*n = 0;
	for (size_t i = 0; i < conf->n_services; i++)
		*n += conf->services[i].addresses.n;
	all = load_scratch(l, *n + 1, sizeof(*all));
	*n = 0;
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].addresses.n; k++)
			all[(*n)++] = (struct address){
			    conf->services[i].addresses.v[k], i, k};
	qsort(all, *n, sizeof(*all), by_ip);
	return all;
}

static void
check_duplicate_addresses(struct load *l)
{
	size_t n;
	struct address *all = all_addresses(l, &n);

	for (size_t i = 1; i < n; i++) {
		const struct conf_service *s =
		    &l->conf->services[all[i].service];
		const char *first = l->conf->services[all[i - 1].service].name;
		char text[IP_TEXT_MAX];

		if (!ip_equal(&all[i].ip, &all[i - 1].ip))
			continue;
		load_fail_at(
		    l,
		    document_place(value_node(
			l, l->service_nodes[all[i].service], "addresses")),
		    "services.%s.addresses: found %s a second time (first in "
		    "the service %s), expected every address once: put all "
		    "its checks into one service",
		    s->name, ip_format(&all[i].ip, text, sizeof(text)), first);
	}
}

static void
check_duplicate_prefixes(struct load *l)
{
	for (size_t i = 1; i < l->prefixes.n; i++) {
		const struct conf_prefix *a =
		    &l->conf->prefixes[l->prefixes.v[i - 1]];
		const struct conf_prefix *b =
		    &l->conf->prefixes[l->prefixes.v[i]];
		char text[PREFIX_TEXT_MAX];

		if (ip_is_none(&b->prefix.addr) ||
		    !prefix_equal(&a->prefix, &b->prefix) ||
		    a->place.line == b->place.line)
			continue;
		load_fail_at(l, b->place,
			     "prefixes: found %s a second time (first on line "
			     "%u), expected every prefix once",
			     prefix_format(&b->prefix, text, sizeof(text)),
			     a->place.line);
	}
}

static void
check_duplicate_peers(struct load *l)
{
	const struct conf *conf = l->conf;

	for (size_t i = 1; i < conf->n_peers; i++)
		for (size_t j = 0; j < i; j++) {
			const struct conf_peer *a = &conf->peers[j];
			const struct conf_peer *b = &conf->peers[i];

			if (ip_is_none(&a->address) ||
			    !ip_equal(&a->address, &b->address) ||
			    !type_texts_equal(a->interface, b->interface))
				continue;
			load_fail_at(
			    l,
			    document_place(
				value_node(l, l->peer_nodes[i], "address")),
			    "peers.%s.address: found the address of the peer "
			    "%s, expected one peer for each address",
			    b->name, a->name);
		}
}

/* ---- names of checks ---- */

static int
by_check_name(const void *a, const void *b)
{
	const struct conf_check *x = *(struct conf_check *const *)a;
	const struct conf_check *y = *(struct conf_check *const *)b;
	int order = strcmp(x->name, y->name);

	if (order != 0)
		return order;
	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	return x->place.column < y->place.column ? -1 : 1;
}

/* A given name has no slash; an automatic one has, and may get a number. */
static void
settle_twin(struct load *l, struct conf_check *first, struct conf_check *c,
	    unsigned number)
{
	struct text name = {0};

	if (!strchr(c->name, '/')) {
		load_fail_at(l, c->place,
			     "found a second check named \"%s\" (first on "
			     "line %u), expected every name once",
			     c->name, first->place.line);
		return;
	}
	text_addf(&name, "%s#%u", c->name, number);
	c->name = arena_strdup(l->arena, text_str(&name));
	text_free(&name);
}

static void
settle_check_names(struct load *l)
{
	struct conf_check **all;
	size_t n = 0, first = 0;

	for (size_t i = 0; i < l->conf->n_services; i++)
		n += l->conf->services[i].n_checks;
	all = load_scratch(l, n + 1, sizeof(*all));
	n = 0;
	for (size_t i = 0; i < l->conf->n_services; i++)
		for (size_t k = 0; k < l->conf->services[i].n_checks; k++)
			all[n++] = &l->conf->services[i].checks[k];
	qsort(all, n, sizeof(struct conf_check *), by_check_name);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(all[i]->name, all[first]->name) != 0)
			first = i;
		else
			settle_twin(l, all[first], all[i],
				    (unsigned)(i - first) + 1);
	}
}

/* ---- warnings ---- */

static bool
has_address_of(const struct conf *conf, const struct conf_prefix *p)
{
	for (size_t i = 0; i < p->n_services; i++) {
		const struct conf_ips *a =
		    &conf->services[p->services[i]].addresses;

		for (size_t k = 0; k < a->n; k++)
			if (a->v[k].family == p->prefix.addr.family)
				return true;
	}
	return false;
}

struct audience {
	bool anybody; /* some peer carries the family and exports it */
	bool ebgp;
	bool on[CONF_RUNG_WITHDRAWN]; /* ... and announces this rung */
};

static void
add_to_audience(struct audience *who, const struct conf_prefix *prefix,
		const struct conf_peer *peer)
{
	unsigned bit =
	    prefix->prefix.addr.family == AF_INET ? CONF_IPV4 : CONF_IPV6;

	if (!(peer->families & bit))
		return;
	who->anybody = true;
	who->ebgp |= peer->asn != peer->local_asn;
	for (int r = CONF_RUNG_DEGRADED; r < CONF_RUNG_WITHDRAWN; r++)
		who->on[r] |= peer->ladder[r].announce;
}

/* One for each prefix. */
static struct audience *
find_audiences(struct load *l)
{
	const struct conf *conf = l->conf;
	struct audience *all = load_scratch(l, conf->n_prefixes, sizeof(*all));

	for (size_t i = 0; i < conf->n_peers; i++) {
		const struct conf_peer *p = &conf->peers[i];
		size_t n = p->prefixes ? p->n_prefixes : conf->n_prefixes;

		for (size_t k = 0; k < n; k++) {
			size_t index = p->prefixes ? p->prefixes[k] : k;

			add_to_audience(&all[index], &conf->prefixes[index], p);
		}
	}
	return all;
}

/* A rung that no ladder announces is no rung: it is a withdrawal. */
static void
warn_of_ladders(struct load *l, const struct conf_prefix *p,
		struct audience who)
{
	char text[PREFIX_TEXT_MAX];

	if (!who.anybody)
		return;
	prefix_format(&p->prefix, text, sizeof(text));
	if (!who.on[CONF_RUNG_DEGRADED])
		load_warn_at(l, p->place,
			     "prefixes.%s: every peer's ladder has announce: "
			     "false for degraded: a service that is only "
			     "degraded is withdrawn everywhere",
			     text);
	if (!who.on[CONF_RUNG_DRAINING])
		load_warn_at(l, p->place,
			     "prefixes.%s: every peer's ladder has announce: "
			     "false for draining: a drain cannot wait for the "
			     "traffic to leave",
			     text);
}

static void
warn_of_prefix(struct load *l, const struct conf_prefix *p, struct audience who)
{
	uint8_t family = p->prefix.addr.family;
	unsigned longest = family == AF_INET ? 24 : 48;
	char text[PREFIX_TEXT_MAX];

	if (ip_is_none(&p->prefix.addr))
		return;
	prefix_format(&p->prefix, text, sizeof(text));
	if (p->n_services > 0 && !has_address_of(l->conf, p))
		load_warn_at(l, p->place,
			     "prefixes.%s: none of its services has an %s "
			     "address: it would draw traffic for nobody",
			     text, family_word(family));
	if (!who.anybody && l->conf->n_peers > 0)
		load_warn_at(l, p->place,
			     "prefixes.%s: no peer carries %s and exports it: "
			     "it will be announced to nobody (a session of "
			     "the other family needs next_hop)",
			     text, family_word(family));
	if (who.ebgp && p->scope == CONF_SCOPE_GLOBAL &&
	    p->prefix.len > longest)
		load_warn_at(l, p->place,
			     "prefixes.%s: prefixes longer than /%u are "
			     "filtered by most networks",
			     text, longest);
}

static void
warn_of_prefixes(struct load *l)
{
	struct audience *audiences = find_audiences(l);

	for (size_t i = 0; i < l->conf->n_prefixes; i++) {
		warn_of_prefix(l, &l->conf->prefixes[i], audiences[i]);
		warn_of_ladders(l, &l->conf->prefixes[i], audiences[i]);
	}
}

static void
check_passive(struct load *l)
{
	for (size_t i = 0; i < l->conf->n_peers; i++)
		if (l->conf->peers[i].passive && l->conf->bgp.n_listen == 0)
			load_fail_at(
			    l,
			    document_place(
				value_node(l, l->peer_nodes[i], "passive")),
			    "peers.%s.passive: found a passive peer, but "
			    "bgp.listen is off, expected one of them to "
			    "change",
			    l->conf->peers[i].name);
}

void
section_cross_check(struct load *l)
{
	assert(l->depth == 0);
	check_node_unicast(l);
	check_peers_unicast(l);
	if (!l->unsound && l->conf->n_prefixes > 0)
		check_coverage(l);
	check_duplicate_addresses(l);
	check_duplicate_prefixes(l);
	check_duplicate_peers(l);
	check_passive(l);
	if (!l->unsound)
		section_communities_check(l);
	section_mesh_check(l);
	section_rpki_check(l);
	section_exabgp_check(l);
	section_block_check(l);
	section_overload_check(l);
	section_bfd_check_all(l);
	settle_check_names(l);
	warn_of_prefixes(l);
}
