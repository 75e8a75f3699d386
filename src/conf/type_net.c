/* SPDX-License-Identifier: ISC */
/* Types of network values: addresses, prefixes, AS numbers, communities. */
#include <errno.h>
#include <string.h>

#include "conf/type.h"
#include "conf/value.h"

static bool
equal_ips(const struct option *o, const void *a, const void *b,
	  const struct option_trees *trees)
{
	const struct conf_ips *x = a, *y = b;

	return x->n == y->n &&
	       (x->n == 0 || memcmp(x->v, y->v, x->n * sizeof(*x->v)) == 0);
}

static bool
equal_prefixes(const struct option *o, const void *a, const void *b,
	       const struct option_trees *trees)
{
	const struct conf_prefixes *x = a, *y = b;

	return x->n == y->n &&
	       (x->n == 0 || memcmp(x->v, y->v, x->n * sizeof(*x->v)) == 0);
}

static bool
equal_arrays(const void *a, size_t na, const void *b, size_t nb, size_t size)
{
	return na == nb && (na == 0 || memcmp(a, b, na * size) == 0);
}

static bool
equal_communities(const struct option *o, const void *a, const void *b,
		  const struct option_trees *trees)
{
	const struct conf_communities *x = a, *y = b;

	return equal_arrays(x->standard, x->n_standard, y->standard,
			    y->n_standard, sizeof(*x->standard)) &&
	       equal_arrays(x->extended, x->n_extended, y->extended,
			    y->n_extended, sizeof(*x->extended)) &&
	       equal_arrays(x->large, x->n_large, y->large, y->n_large,
			    sizeof(*x->large));
}

/* An array of endpoints and its length behind it. */
struct endpoints {
	struct conf_endpoint *v;
	size_t n;
};

static bool
equal_endpoints(const struct option *o, const void *a, const void *b,
		const struct option_trees *trees)
{
	const struct endpoints *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!ip_equal(&x->v[i].ip, &y->v[i].ip) ||
		    x->v[i].port != y->v[i].port)
			return false;
	return true;
}

/* ---- addresses ---- */

/* Says why it cannot be a unicast address of a host; NULL: it can. */
static const char *
not_unicast(const struct ip *ip)
{
	if (ip_is_unspecified(ip))
		return "the unspecified address";
	if (ip_is_multicast(ip))
		return "a multicast address";
	if (ip->family == AF_INET && ip->bytes[0] >= 240)
		return "a reserved or broadcast address";
	if (ip->family == AF_INET && ip->bytes[0] == 0)
		return "an address of \"this network\"";
	return NULL;
}

static void
parse_ip(struct load *l, const struct option *o, const yaml_node_t *node,
	 void *field)
{
	static const char expected[] = "an IP address, such as 192.0.2.53 or "
				       "2001:db8::53";
	const char *text = load_text(l, node, expected);
	const char *why;
	struct prefix prefix;
	struct ip ip;
	int err;

	if (!text)
		return;
	if (ip_parse(text, &ip) != 0) {
		err = prefix_parse(text, &prefix);
		load_expected(l, node,
			      err == -EINVAL
				  ? expected
				  : "an IP address without a prefix length");
		return;
	}
	why = not_unicast(&ip);
	if (why)
		load_fail(l, node, "found %s (%s), expected a unicast address",
			  text, why);
	else
		*(struct ip *)field = ip;
}

static void
parse_ips(struct load *l, const struct option *o, const yaml_node_t *node,
	  void *field)
{
	static const char expected[] = "an IP address, or a list of them";
	struct conf_ips *out = field;
	size_t n;

	if (!load_some(l, node, expected, &n))
		return;
	*out = (struct conf_ips){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++) {
		struct ip ip = {0};

		parse_ip(l, o, load_item(l, node, i), &ip);
		if (!ip_is_none(&ip))
			out->v[out->n++] = ip;
	}
}

static void
parse_one_prefix(struct load *l, const yaml_node_t *node,
		 struct conf_prefixes *out)
{
	struct prefix prefix;
	char meant[PREFIX_TEXT_MAX];
	int err = prefix_parse(document_text(node), &prefix);

	if (err == 0)
		out->v[out->n++] = prefix;
	else if (err == -EDOM)
		load_fail(l, node,
			  "found %s, whose bits behind the length are not all "
			  "zero, expected a prefix such as %s",
			  load_found(l, node),
			  prefix_format(&prefix, meant, sizeof(meant)));
	else
		load_expected(l, node, "a prefix, such as 192.0.2.0/24");
}

static void
parse_prefixes(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	struct conf_prefixes *out = field;
	size_t n;

	if (!load_list(l, node, "a prefix, or a list of prefixes", &n))
		return;
	*out = (struct conf_prefixes){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++)
		parse_one_prefix(l, load_item(l, node, i), out);
}

/* ---- AS numbers ---- */

/* Why nobody can have this number; NULL: somebody can. */
static const char *
reserved_asn(uint32_t asn)
{
	if (asn == 0)
		return "reserved, RFC 7607";
	if (asn == 23456)
		return "AS_TRANS, RFC 6793";
	if (asn == UINT16_MAX || asn == UINT32_MAX)
		return "reserved, RFC 7300";
	return NULL;
}

static void
parse_asn(struct load *l, const struct option *o, const yaml_node_t *node,
	  void *field)
{
	static const char expected[] =
	    "an AS number: 1 to 4294967294, or asdot such as 1.10";
	const char *text = load_text(l, node, expected);
	const char *why;
	uint32_t asn;

	if (!text)
		return;
	if (value_asn(text, &asn) != 0) {
		load_expected(l, node, expected);
		return;
	}
	why = reserved_asn(asn);
	if (why)
		load_fail(l, node,
			  "found %s (%s), expected the number of a "
			  "network",
			  text, why);
	else
		*(uint32_t *)field = asn;
}

/* ---- communities ---- */

static const char community_expected[] =
    "a community: \"65000:100\", \"65000:1:2\" (large), \"rt:65000:1\", "
    "\"so:65000:1\" or a name such as no-export";

static void
refuse_community(struct load *l, const yaml_node_t *node, int err)
{
	const char *text = document_text(node);

	if (err == -ERANGE)
		load_fail(l, node,
			  "found %s with a number that is too large, expected "
			  "at most 65535:65535 (standard), or a large "
			  "community such as \"65000:1:2\"",
			  load_found(l, node));
	else
		load_fail(l, node, "found %s%s, expected %s",
			  load_found(l, node),
			  load_hint(l, text, value_community_names()),
			  community_expected);
}

static void
parse_communities(struct load *l, const struct option *o,
		  const yaml_node_t *node, void *field)
{
	struct conf_communities *out = field;
	size_t n;

	if (!load_list(l, node, community_expected, &n))
		return;
	*out = (struct conf_communities){
	    .standard = load_alloc(l, n, sizeof(*out->standard)),
	    .extended = load_alloc(l, n, sizeof(*out->extended)),
	    .large = load_alloc(l, n, sizeof(*out->large)),
	};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);
		struct value_communities c;
		int err = value_community(document_text(item), &c);

		if (err != 0)
			refuse_community(l, item, err);
		else if (c.kind == VALUE_STANDARD)
			out->standard[out->n_standard++] = c.standard;
		else if (c.kind == VALUE_EXTENDED)
			out->extended[out->n_extended++] = c.extended;
		else
			memcpy(&out->large[out->n_large++], c.large,
			       sizeof(c.large));
	}
}

/* ---- endpoints ---- */

static void
parse_endpoints(struct load *l, const struct option *o, const yaml_node_t *node,
		void *field)
{
	static const char expected[] =
	    "ADDRESS:PORT such as 127.0.0.1:9179 or \"[::1]:9179\", a list of "
	    "them, or off";
	struct endpoints *out = field;
	size_t n;

	if (!load_list(l, node, expected, &n))
		return;
	*out = (struct endpoints){0};
	if (node->type == YAML_SCALAR_NODE &&
	    strcmp(document_text(node), "off") == 0)
		return;
	out->v = load_alloc(l, n, sizeof(*out->v));
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);

		if (value_endpoint(document_text(item), &out->v[out->n]) != 0)
			load_expected(l, item, expected);
		else
			out->n++;
	}
}

/* ---- the types ---- */

const struct option_type type_ip = {
    OPTION_TEXT, "IP address", parse_ip, type_equal_octets, TYPE_SCHEMA_IP,
};
const struct option_type type_ips = {
    OPTION_TEXT,
    "IP address or list of them",
    parse_ips,
    equal_ips,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_IP),
};
const struct option_type type_prefixes = {
    OPTION_TEXT,
    "prefix or list of prefixes",
    parse_prefixes,
    equal_prefixes,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_PREFIX),
};
const struct option_type type_asn = {
    OPTION_TEXT,
    "AS number, plain or asdot",
    parse_asn,
    type_equal_octets,
    "\"anyOf\": [{\"type\": \"number\", \"exclusiveMinimum\": 0, "
    "\"maximum\": 4294967294}, "
    "{\"type\": \"string\", \"pattern\": \"^[0-9]+([.][0-9]+)?$\"}]",
};
const struct option_type type_communities = {
    OPTION_TEXT,
    "community or list of them",
    parse_communities,
    equal_communities,
    TYPE_SCHEMA_ONE_OR_LIST(
	"\"type\": \"string\", "
	"\"pattern\": \"^([0-9]+:[0-9]+(:[0-9]+)?|(rt|so):[0-9.]+:[0-9]+"
	"|[A-Za-z_-]+)$\""),
};
const struct option_type type_endpoints = {
    OPTION_TEXT,
    "ADDRESS:PORT, list of them, or off",
    parse_endpoints,
    equal_endpoints,
    "\"anyOf\": [{\"enum\": [\"off\", false]}, "
    "{\"type\": \"string\", \"pattern\": \"^.+:[0-9]+$\"}, "
    "{\"type\": \"array\", \"items\": "
    "{\"type\": \"string\", \"pattern\": \"^.+:[0-9]+$\"}}]",
};
