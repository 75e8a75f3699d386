/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

static const char *const later_keys[] = {"bfd", NULL};

/* ---- types of peers only ------------------------------------------------- */

/* "fe80::1%eth0" is an address and its interface in one word. */
static void
parse_address(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	struct conf_peer *peer = field;
	const char *text = load_text(l, node, "an IP address");
	const char *percent = text ? strchr(text, '%') : NULL;
	yaml_node_t address = *node;
	char *copy;

	if (!percent) {
		type_ip.parse(l, o, node, &peer->address);
		return;
	}
	copy = arena_strdup(&l->conf->arena, text);
	copy[percent - text] = '\0';
	address.data.scalar.value = (yaml_char_t *)copy;
	type_ip.parse(l, o, &address, &peer->address);
	if (percent[1] == '\0' || strlen(percent + 1) > 15)
		load_expected(l, node, "ADDRESS%INTERFACE");
	else
		peer->interface = copy + (percent - text) + 1;
}

static bool
equal_address(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	const struct conf_peer *x = a, *y = b;

	return ip_equal(&x->address, &y->address);
}

static void
parse_families(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	static const char expected[] = "ipv4, ipv6 or [ipv4, ipv6]";
	unsigned families = 0;
	size_t n;

	if (!load_list(l, node, expected, &n))
		return;
	if (n == 0)
		load_expected(l, node, expected);
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);

		if (strcmp(document_text(item), "ipv4") == 0)
			families |= CONF_IPV4;
		else if (strcmp(document_text(item), "ipv6") == 0)
			families |= CONF_IPV6;
		else
			load_expected(l, item, expected);
	}
	*(unsigned *)field = families;
}

static void
put_next_hop(struct load *l, const yaml_node_t *node, struct conf_peer *peer,
	     const struct ip *ip)
{
	struct ip *out =
	    ip->family == AF_INET ? &peer->next_hop4 : &peer->next_hop6;

	if (ip_is_loopback(ip) || ip_is_link_local(ip))
		load_fail(l, node,
			  "found %s, expected an address the peer can reach",
			  load_found(l, node));
	else if (!ip_is_none(out))
		load_fail(l, node,
			  "found a second next hop of one family, expected "
			  "at most one for IPv4 and one for IPv6");
	else
		*out = *ip;
}

static void
parse_next_hop(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	size_t n;

	if (!load_list(l, node, "an IP address, or one of each family", &n))
		return;
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);
		struct ip ip = {0};

		type_ip.parse(l, o, item, &ip);
		if (!ip_is_none(&ip))
			put_next_hop(l, item, field, &ip);
	}
}

static bool
equal_next_hop(const struct option *o, const void *a, const void *b,
	       const struct option_trees *trees)
{
	const struct conf_peer *x = a, *y = b;

	return ip_equal(&x->next_hop4, &y->next_hop4) &&
	       ip_equal(&x->next_hop6, &y->next_hop6);
}

/* Indexes of prefixes and their number behind them. */
struct references {
	size_t *v;
	size_t n;
};

static void
add_prefix(struct load *l, const yaml_node_t *node, struct references *out)
{
	struct prefix prefix;
	size_t index;

	if (prefix_parse(document_text(node), &prefix) != 0) {
		load_expected(l, node, "a prefix, such as 192.0.2.0/24");
		return;
	}
	if (section_find_prefix(l, &prefix, &index))
		out->v[out->n++] = index;
	else if (l->conf->n_prefixes > 0)
		load_fail(l, node,
			  "found the unknown prefix %s, expected one from "
			  "prefixes",
			  load_found(l, node));
}

static void
parse_exports(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	static const char expected[] = "a prefix, or a list of prefixes";
	struct references *out = field;
	size_t n;

	if (!load_list(l, node, expected, &n))
		return;
	if (n == 0) {
		load_expected(l, node,
			      "a prefix, a list of prefixes, or no "
			      "such option for all");
		return;
	}
	*out = (struct references){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++)
		add_prefix(l, load_item(l, node, i), out);
}

static bool
equal_exports(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	const struct references *x = a, *y = b;

	if (x->n != y->n || !trees->before || !trees->after)
		return x->n == y->n;
	for (size_t i = 0; i < x->n; i++)
		if (!prefix_equal(&trees->before->prefixes[x->v[i]].prefix,
				  &trees->after->prefixes[y->v[i]].prefix))
			return false;
	return true;
}

static void
parse_import(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	static const char expected[] = "none, default or a list of prefixes";
	struct conf_peer *peer = field;

	if (node->type == YAML_SEQUENCE_NODE && document_count(node) > 0) {
		peer->import = CONF_IMPORT_LIST;
		type_prefixes.parse(l, o, node, &peer->import_list);
		return;
	}
	if (node->type == YAML_SCALAR_NODE &&
	    strcmp(document_text(node), "none") == 0)
		peer->import = CONF_IMPORT_NONE;
	else if (node->type == YAML_SCALAR_NODE &&
		 strcmp(document_text(node), "default") == 0)
		peer->import = CONF_IMPORT_DEFAULT;
	else
		load_expected(l, node, expected);
}

static bool
equal_import(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	const struct conf_peer *x = a, *y = b;

	return x->import == y->import &&
	       type_prefixes.equal(o, &x->import_list, &y->import_list, trees);
}

static const struct option_type type_address = {
    OPTION_TEXT,
    "IP address, or ADDRESS%INTERFACE",
    parse_address,
    equal_address,
    "\"type\": \"string\", \"pattern\": \"^[0-9A-Fa-f:.]+(%.+)?$\"",
};
static const struct option_type type_families = {
    OPTION_TEXT,
    "ipv4 | ipv6 or list of both",
    parse_families,
    type_equal_octets,
    TYPE_SCHEMA_ONE_OR_LIST("\"enum\": [\"ipv4\", \"ipv6\"]"),
};
static const struct option_type type_next_hop = {
    OPTION_TEXT,    "IP address, or one of each family",     parse_next_hop,
    equal_next_hop, TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_IP),
};
static const struct option_type type_exports = {
    OPTION_TEXT,
    "prefix or list of prefixes",
    parse_exports,
    equal_exports,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_PREFIX),
};
static const struct option_type type_import = {
    OPTION_TEXT,
    "none | default | list of prefixes",
    parse_import,
    equal_import,
    "\"anyOf\": [{\"enum\": [\"none\", \"default\"]}, "
    "{\"type\": \"array\", \"minItems\": 1, "
    "\"items\": {" TYPE_SCHEMA_PREFIX "}}]",
};

/* ---- the table ----------------------------------------------------------- */

#define PEER(member) OPTION_FIELD(struct conf_peer, member)
#define WHOLE        .offset = 0, .size = sizeof(struct conf_peer)

static const struct option peer_options[] = {
    {
	.key = "address",
	.type = &type_address,
	WHOLE,
	.required = true,
	.session = true,
	.help = "the neighbour's address",
    },
    {
	.key = "description",
	.type = &type_text,
	PEER(description),
	.high = 255,
	.absent = "none",
	.help = "a remark for people",
    },
    {
	.key = "interface",
	.type = &type_text,
	PEER(interface),
	.high = 15,
	.absent = "none",
	.session = true,
	.help = "the interface of a link-local address",
    },
    {
	.key = "port",
	.type = &type_number,
	PEER(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = "179",
	.session = true,
	.help = "the neighbour's port",
    },
    {
	.key = "asn",
	.type = &type_asn,
	PEER(asn),
	.required = true,
	.session = true,
	.help = "the neighbour's AS number",
    },
    {
	.key = "local_asn",
	.type = &type_asn,
	PEER(local_asn),
	.absent = "node.asn",
	.session = true,
	.help = "the AS number shown to this neighbour",
    },
    {
	.key = "source",
	.type = &type_ip,
	PEER(source),
	.absent = "the kernel chooses",
	.session = true,
	.help = "the session's own address",
    },
    {
	.key = "passive",
	.type = &type_bool,
	PEER(passive),
	.standard = "false",
	.session = true,
	.help = "never connect, wait for the neighbour",
    },
    {
	.key = "shutdown",
	.type = &type_bool,
	PEER(shutdown),
	.standard = "false",
	.session = true,
	.help = "keep the session down",
    },
    {
	.key = "families",
	.type = &type_families,
	PEER(families),
	.absent = "the family of address, and the other one when it has a "
		  "next_hop",
	.session = true,
	.help = "the address families of the session",
    },
    {
	.key = "hold_time",
	.type = &type_duration,
	PEER(hold_time),
	.low = 0,
	.high = 65535 * SECOND_NS,
	.standard = "90s",
	.session = true,
	.help = "silence after which the session is dead; 0s for never, "
		"else 3s and more (RFC 4271)",
    },
    {
	.key = "keepalive",
	.type = &type_duration,
	PEER(keepalive),
	.low = 1 * SECOND_NS,
	.high = 65535 * SECOND_NS,
	.absent = "hold_time / 3",
	.session = true,
	.help = "from one KEEPALIVE to the next",
    },
    {
	.key = "connect_retry",
	.type = &type_duration,
	PEER(connect_retry),
	.low = 100 * MS_NS,
	.high = 3600 * SECOND_NS,
	.standard = "5s",
	.session = true,
	.help = "from one attempt to connect to the next",
    },
    {
	.key = "ttl",
	.type = &type_number,
	PEER(ttl),
	.low = 1,
	.high = 255,
	.absent = "1 for eBGP; 64 for iBGP and with multihop",
	.session = true,
	.help = "the TTL or hop limit of what is sent",
    },
    {
	.key = "multihop",
	.type = &type_bool,
	PEER(multihop),
	.standard = "false",
	.session = true,
	.help = "an eBGP neighbour that is not on a common link",
    },
    {
	.key = "next_hop",
	.type = &type_next_hop,
	WHOLE,
	.absent = "the session's own address",
	.help = "the next hop of what is announced; needed for the family "
		"that is not the session's",
    },
    {
	.key = "prefixes",
	.type = &type_exports,
	PEER(prefixes),
	.absent = "all",
	.help = "the prefixes that are announced to this neighbour",
    },
    {
	.key = "prepend",
	.type = &type_number,
	PEER(prepend),
	.low = 0,
	.high = 16,
	.standard = "0",
	.help = "how often the AS number is put before the path once more",
    },
    {
	.key = "med",
	.type = &type_number,
	PEER(med),
	OPTION_PRESENT(struct conf_peer, med_set),
	.low = 0,
	.high = UINT32_MAX,
	.absent = "none",
	.help = "the MULTI_EXIT_DISC attribute",
    },
    {
	.key = "local_pref",
	.type = &type_number,
	PEER(local_pref),
	OPTION_PRESENT(struct conf_peer, local_pref_set),
	.low = 0,
	.high = UINT32_MAX,
	.absent = "100 for iBGP",
	.help = "the LOCAL_PREF attribute, for iBGP only",
    },
    {
	.key = "communities",
	.type = &type_communities,
	PEER(communities),
	.absent = "none",
	.help = "communities on every announcement to this neighbour",
    },
    {
	.key = "import",
	.type = &type_import,
	WHOLE,
	.standard = "none",
	.help = "what is accepted from this neighbour (RFC 8212)",
    },
    {
	.key = "max_prefix",
	.type = &type_number,
	PEER(max_prefix),
	.low = 1,
	.high = UINT32_MAX,
	.standard = "1000",
	.help = "more accepted routes than this end the session",
    },
    {
	.key = "install",
	.type = &type_bool,
	PEER(install),
	.standard = "false",
	.help = "put what is imported into the kernel",
    },
};

/* ---- what follows from other options ------------------------------------- */

static const yaml_node_t *
option_node(struct load *l, const yaml_node_t *node, const char *key)
{
	return document_find(&l->document, node, key);
}

static void
finish_timers(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	const yaml_node_t *hold = option_node(l, node, "hold_time");
	const yaml_node_t *keepalive = option_node(l, node, "keepalive");

	if (hold && p->hold_time.ns > 0 && p->hold_time.ns < 3 * SECOND_NS)
		load_fail_in(l, node, "hold_time",
			     "found %s, expected 0s, or 3s and more (RFC 4271 "
			     "section 4.2)",
			     document_text(hold));
	else if (hold && p->hold_time.ns % SECOND_NS != 0)
		load_fail_in(l, node, "hold_time",
			     "found %s, expected whole seconds",
			     document_text(hold));
	if (keepalive && p->hold_time.ns > 0 &&
	    p->keepalive.ns > p->hold_time.ns / 3)
		load_warn_in(l, node, "keepalive",
			     "the keepalive is longer than a third of "
			     "hold_time: one lost segment may end the session");
	if (p->hold_time.ns == 0)
		p->keepalive = DUR_ZERO;
	else if (!keepalive)
		p->keepalive = dur_ns(p->hold_time.ns / 3);
}

static void
finish_families(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	bool is4 = p->address.family == AF_INET;
	unsigned own = is4 ? CONF_IPV4 : CONF_IPV6;
	unsigned other = is4 ? CONF_IPV6 : CONF_IPV4;
	bool has_hop = !ip_is_none(is4 ? &p->next_hop6 : &p->next_hop4);

	if (ip_is_none(&p->address))
		return;
	if (p->families == 0)
		p->families = own | (has_hop ? other : 0);
	if ((p->families & other) && !has_hop)
		load_fail_in(l, node, "families",
			     "found %s over an %s session without a next hop, "
			     "expected next_hop: an %s address of this node",
			     is4 ? "ipv6" : "ipv4", is4 ? "IPv4" : "IPv6",
			     is4 ? "IPv6" : "IPv4");
	if (has_hop && !(p->families & other))
		load_fail_in(l, node, "next_hop",
			     "found an %s next hop, expected %s in families",
			     is4 ? "IPv6" : "IPv4", is4 ? "ipv6" : "ipv4");
}

static void
finish_addresses(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	const yaml_node_t *source = option_node(l, node, "source");
	const yaml_node_t *interface = option_node(l, node, "interface");
	bool link_local =
	    p->address.family == AF_INET6 && ip_is_link_local(&p->address);

	if (link_local && !p->interface)
		load_fail_in(
		    l, node, "address",
		    "found a link-local address without its interface, "
		    "expected interface: NAME");
	if (interface && !link_local && !ip_is_none(&p->address))
		load_warn_in(l, node, "interface",
			     "interface has no effect: the address is not "
			     "link-local");
	if (source && !ip_is_none(&p->source) && !ip_is_none(&p->address) &&
	    p->source.family != p->address.family)
		load_fail_in(l, node, "source",
			     "found an %s source, expected an %s address like "
			     "the neighbour's",
			     p->source.family == AF_INET ? "IPv4" : "IPv6",
			     p->address.family == AF_INET ? "IPv4" : "IPv6");
}

static void
finish_policy(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	bool ebgp = p->asn != p->local_asn;

	if (p->asn == 0 || p->local_asn == 0)
		return;
	if (p->local_pref_set && ebgp)
		load_fail_in(l, node, "local_pref",
			     "found it for an eBGP neighbour, expected "
			     "it for iBGP only (RFC 4271 section 5.1.5)");
	if (p->multihop && !ebgp)
		load_warn_in(l, node, "multihop",
			     "multihop has no effect: iBGP always is");
	if (p->install && p->import == CONF_IMPORT_NONE)
		load_warn_in(l, node, "install",
			     "install has no effect: import is none");
}

static void
finish_peer(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_peer *p = base;

	if (p->local_asn == 0)
		p->local_asn = l->conf->node.asn;
	finish_timers(l, node, p);
	finish_families(l, node, p);
	finish_addresses(l, node, p);
	finish_policy(l, node, p);
}

const struct section section_peer = {
    OPTION_SECTION(peer_options),
    .what = "a peer",
    .later = later_keys,
    .finish = finish_peer,
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

static void
parse_peers(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct conf *conf = field;

	conf->peers = section_named(
	    l, node, "the peers by name, each a map of its options",
	    sizeof(*conf->peers), &conf->n_peers, &l->peer_nodes);
	for (size_t i = 0; i < conf->n_peers; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_peer *p = &conf->peers[i];

		p->place = document_place(key);
		p->name = arena_strdup(&conf->arena, document_text(key));
		load_push(l, p->name);
		if (!value_is_name(p->name))
			load_fail(l, key,
				  "found the name %s, expected 1 to 64 "
				  "letters, digits, \"_\", \".\" or \"-\"",
				  load_quote(l, p->name));
		option_load(l, &section_peer, l->peer_nodes[i], p);
		load_pop(l);
	}
}

static bool
compared_by_name(const struct option *o, const void *a, const void *b,
		 const struct option_trees *trees)
{
	return true;
}

const struct option_type section_peers_type = {
    OPTION_NAMED, "map of peers", parse_peers, compared_by_name, NULL,
};

bool
conf_peer_session_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	return option_session_differs(&section_peer, a, b) == NULL;
}
