/* SPDX-License-Identifier: ISC */
#include "bgp/nlri.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/bgp_flow.h"

static_assert(1 + sizeof(struct prefix) <= NLRI_KEY_MAX, "room for a prefix");
static_assert(1 + BGP_FLOW_OCTETS_MAX <= NLRI_KEY_MAX, "room for a flow");

struct bgp_nlri
nlri_of_prefix(const struct prefix *prefix)
{
	return (struct bgp_nlri){
	    .family = bgp_family_unicast(prefix->addr.family),
	    .prefix = *prefix,
	};
}

static bool
is_prefix(const struct bgp_nlri *value)
{
	const struct prefix *p = &value->prefix;

	if (value->family == BGP_FAMILY_IPV4)
		return p->addr.family == AF_INET && p->len <= 32;
	return value->family == BGP_FAMILY_IPV6 && p->addr.family == AF_INET6 &&
	       p->len <= 128;
}

static bool
is_flow(const struct bgp_nlri *value)
{
	return value->flow &&
	       value->family == bgp_family_flow(value->flow->family);
}

size_t
nlri_key(const struct bgp_nlri *value, uint8_t key[static NLRI_KEY_MAX])
{
	size_t n;

	key[0] = (uint8_t)value->family;
	if (is_flow(value)) {
		n = bgp_flow_encode(value->flow, key + 1, NLRI_KEY_MAX - 1);
		return n ? 1 + n : 0;
	}
	if (!is_prefix(value))
		return 0;
	memcpy(key + 1, &value->prefix, sizeof(value->prefix));
	return 1 + sizeof(value->prefix);
}

void
nlri_format(const struct bgp_nlri *value, struct text *out)
{
	char text[PREFIX_TEXT_MAX];

	if (value->flow) {
		text_add(out, "flow ");
		bgp_print_flow(value->flow, out);
		return;
	}
	text_add(out, prefix_format(&value->prefix, text, sizeof(text)));
}

struct nlri *
nlri_new(const struct bgp_nlri *value)
{
	uint8_t key[NLRI_KEY_MAX];
	size_t n = nlri_key(value, key);
	struct nlri *nlri;

	if (n == 0)
		return NULL;
	nlri = xcalloc(1, sizeof(*nlri) + n);
	nlri->refs = 1;
	nlri->value = *value;
	nlri->key_len = n;
	memcpy(nlri->key, key, n);
	if (is_flow(value)) {
		nlri->flow = xcalloc(1, sizeof(*nlri->flow));
		*nlri->flow = *value->flow;
		nlri->value.flow = nlri->flow;
		memset(&nlri->value.prefix, 0, sizeof(nlri->value.prefix));
	}
	return nlri;
}

struct nlri *
nlri_ref(struct nlri *n)
{
	n->refs++;
	return n;
}

void
nlri_unref(struct nlri *n)
{
	if (!n || --n->refs)
		return;
	free(n->flow);
	free(n);
}
