/* SPDX-License-Identifier: ISC */
/* Types of what says who a neighbour is. */
#include <errno.h>
#include <string.h>

#include "conf/type_peer.h"
#include "conf/type_policy.h"
#include "conf/value.h"

/* ---- address ---- */

static void
parse_range(struct load *l, const yaml_node_t *node, struct conf_peer *peer)
{
	const char *text = document_text(node);
	char meant[PREFIX_TEXT_MAX];
	struct prefix range;
	int error = prefix_parse(text, &range);

	if (error == -EDOM)
		load_fail(l, node,
			  "found %s, whose bits behind the length are not all "
			  "zero, expected a prefix such as %s",
			  load_found(l, node),
			  prefix_format(&range, meant, sizeof(meant)));
	else if (error != 0)
		load_expected(l, node,
			      "an IP address, or a prefix of neighbours such "
			      "as 192.0.2.0/24");
	else if (range.len < (range.addr.family == AF_INET ? 8 : 16))
		load_expected(l, node,
			      "a prefix of neighbours that is not so "
			      "short");
	else
		peer->range = range;
}

/* "fe80::1%eth0" is an address and its interface in one word. */
static void
parse_scoped(struct load *l, const struct option *o, const yaml_node_t *node,
	     struct conf_peer *peer)
{
	const char *text = document_text(node);
	const char *percent = strchr(text, '%');
	yaml_node_t address = *node;
	char *copy = arena_strdup(l->arena, text);

	copy[percent - text] = '\0';
	address.data.scalar.value = (yaml_char_t *)copy;
	type_ip.parse(l, o, &address, &peer->address);
	if (percent[1] == '\0' || strlen(percent + 1) > 15)
		load_expected(l, node, "ADDRESS%INTERFACE");
	else
		peer->interface = copy + (percent - text) + 1;
}

static void
parse_address(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	struct conf_peer *peer = field;
	const char *text = load_text(l, node, "an IP address");

	if (!text)
		return;
	if (strchr(text, '%'))
		parse_scoped(l, o, node, peer);
	else if (strchr(text, '/'))
		parse_range(l, node, peer);
	else
		type_ip.parse(l, o, node, &peer->address);
}

static bool
equal_address(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	const struct conf_peer *x = a, *y = b;

	return ip_equal(&x->address, &y->address) &&
	       prefix_equal(&x->range, &y->range);
}

const struct option_type type_peer_address = {
    OPTION_TEXT,
    "IP address, ADDRESS%INTERFACE, or prefix",
    parse_address,
    equal_address,
    "\"type\": \"string\", "
    "\"pattern\": \"^[0-9A-Fa-f:.]+(%.+|/[0-9]{1,3})?$\"",
};

/* ---- asn ---- */

static void
parse_asns(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	struct conf_peer *peer = field;

	type_asns.parse(l, o, node, &peer->asns);
	if (peer->asns.n)
		peer->asn = peer->asns.v[0];
}

static bool
equal_asns(const struct option *o, const void *a, const void *b,
	   const struct option_trees *trees)
{
	const struct conf_peer *x = a, *y = b;

	return type_asns.equal(o, &x->asns, &y->asns, trees);
}

#define NUMBER_ASN                                                             \
	"{\"type\": \"number\", \"exclusiveMinimum\": 0, "                     \
	"\"maximum\": 4294967294}"
#define TEXT_ASN "{\"type\": \"string\", \"pattern\": \"^[0-9]+([.][0-9]+)?$\"}"

const struct option_type type_peer_asns = {
    OPTION_TEXT,
    "AS number, or list of them with a prefix",
    parse_asns,
    equal_asns,
    "\"anyOf\": [" NUMBER_ASN ", " TEXT_ASN ", {\"type\": \"array\", "
    "\"items\": {\"anyOf\": [" NUMBER_ASN ", " TEXT_ASN "]}}]",
};

/* ---- gtsm ---- */

static void
parse_gtsm(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	static const char expected[] = "on, off or a number of hops, 1 to 254";
	const char *text = load_text(l, node, expected);
	uint64_t hops;

	if (!text)
		return;
	if (strcmp(text, "on") == 0 || strcmp(text, "true") == 0)
		*(uint8_t *)field = 1;
	else if (strcmp(text, "off") == 0 || strcmp(text, "false") == 0)
		*(uint8_t *)field = 0;
	else if (value_number(text, &hops) == 0 && hops >= 1 && hops <= 254)
		*(uint8_t *)field = (uint8_t)hops;
	else
		load_expected(l, node, expected);
}

const struct option_type type_peer_gtsm = {
    OPTION_TEXT,
    "on | off | number of hops",
    parse_gtsm,
    type_equal_octets,
    "\"anyOf\": [{\"type\": \"boolean\"}, {\"enum\": [\"on\", \"off\"]}, "
    "{\"type\": \"integer\", \"minimum\": 1, \"maximum\": 254}]",
};
