/* SPDX-License-Identifier: ISC */
#include "conf/type_peer.h"

#include <string.h>

#include "conf/section.h"

static void
parse_families(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	static const char expected[] =
	    "ipv4, ipv6, ipv4-flow, ipv6-flow or a list of these";
	static const char *const names[] = {"ipv4", "ipv6", "ipv4-flow",
					    "ipv6-flow"};
	unsigned families = 0;
	size_t n;

	if (!load_list(l, node, expected, &n))
		return;
	if (n == 0)
		load_expected(l, node, expected);
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);

		size_t k = 0;

		while (k < ARRAY_LEN(names) &&
		       strcmp(document_text(item), names[k]) != 0)
			k++;
		if (k < ARRAY_LEN(names))
			families |= 1U << k;
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

const struct option_type type_peer_families = {
    OPTION_TEXT,
    "ipv4 | ipv6 or list of both",
    parse_families,
    type_equal_octets,
    TYPE_SCHEMA_ONE_OR_LIST("\"enum\": [\"ipv4\", \"ipv6\"]"),
};
const struct option_type type_peer_next_hop = {
    OPTION_TEXT,    "IP address, or one of each family",     parse_next_hop,
    equal_next_hop, TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_IP),
};
const struct option_type type_peer_exports = {
    OPTION_TEXT,
    "prefix or list of prefixes",
    parse_exports,
    equal_exports,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_PREFIX),
};
