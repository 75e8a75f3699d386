/* SPDX-License-Identifier: ISC */
#include "bgp/flow_text.h"

#include "base/text.h"
#include "bgp/bgp.h"

const struct flow_word flow_text_components[] = {
    {"dst", BGP_FLOW_DST},
    {"destination", BGP_FLOW_DST},
    {"src", BGP_FLOW_SRC},
    {"source", BGP_FLOW_SRC},
    {"proto", BGP_FLOW_PROTO},
    {"protocol", BGP_FLOW_PROTO},
    {"next-header", BGP_FLOW_PROTO},
    {"port", BGP_FLOW_PORT},
    {"dport", BGP_FLOW_DST_PORT},
    {"destination-port", BGP_FLOW_DST_PORT},
    {"sport", BGP_FLOW_SRC_PORT},
    {"source-port", BGP_FLOW_SRC_PORT},
    {"icmp-type", BGP_FLOW_ICMP_TYPE},
    {"icmp-code", BGP_FLOW_ICMP_CODE},
    {"tcp-flags", BGP_FLOW_TCP_FLAGS},
    {"length", BGP_FLOW_LENGTH},
    {"packet-length", BGP_FLOW_LENGTH},
    {"dscp", BGP_FLOW_DSCP},
    {"traffic-class", BGP_FLOW_DSCP},
    {"frag", BGP_FLOW_FRAGMENT},
    {"fragment", BGP_FLOW_FRAGMENT},
    {"label", BGP_FLOW_LABEL},
    {"flow-label", BGP_FLOW_LABEL},
    {NULL, 0},
};

static const struct flow_word protocols[] = {
    {"icmp", 1},  {"igmp", 2},   {"ipip", 4}, {"tcp", 6},    {"udp", 17},
    {"gre", 47},  {"esp", 50},   {"ah", 51},  {"icmp6", 58}, {"icmpv6", 58},
    {"ospf", 89}, {"sctp", 132}, {NULL, 0},
};

static const struct flow_word tcp_flags[] = {
    {"fin", 1},  {"syn", 2},  {"rst", 4},  {"psh", 8},   {"push", 8},
    {"ack", 16}, {"urg", 32}, {"ece", 64}, {"cwr", 128}, {NULL, 0},
};

static const struct flow_word fragments[] = {
    {"dont-fragment", BGP_FLOW_DF},
    {"df", BGP_FLOW_DF},
    {"is-fragment", BGP_FLOW_IS_FRAGMENT},
    {"first-fragment", BGP_FLOW_FIRST_FRAGMENT},
    {"last-fragment", BGP_FLOW_LAST_FRAGMENT},
    {NULL, 0},
};

const struct flow_word *
flow_text_words(uint8_t type)
{
	switch (type) {
	case BGP_FLOW_PROTO:
		return protocols;
	case BGP_FLOW_TCP_FLAGS:
		return tcp_flags;
	case BGP_FLOW_FRAGMENT:
		return fragments;
	default:
		return NULL;
	}
}

const char *
flow_text_word(const struct flow_word *words, uint32_t value)
{
	for (; words && words->word; words++)
		if (words->value == value)
			return words->word;
	return NULL;
}

/* ---- components ---- */

static void
print_prefix(const char *name, const struct bgp_flow_prefix *p,
	     struct text *out)
{
	char text[PREFIX_TEXT_MAX];

	if (!p->present)
		return;
	text_addf(out, "%s%s %s", out->len ? " " : "", name,
		  prefix_format(&p->prefix, text, sizeof(text)));
	if (p->offset)
		text_addf(out, " offset %u", p->offset);
}

static void
print_bits(uint8_t type, uint32_t value, struct text *out)
{
	const struct flow_word *words = flow_text_words(type);
	uint32_t left = value;
	size_t before = out->len;

	for (uint32_t bit = 1; bit && left; bit <<= 1) {
		const char *word = flow_text_word(words, left & bit);

		if (!(left & bit) || !word)
			continue;
		text_addf(out, "%s%s", out->len > before ? "+" : "", word);
		left &= ~bit;
	}
	if (left || value == 0)
		text_addf(out, "%s0x%x", out->len > before ? "+" : "", left);
}

/* By the bits LT, GT, EQ (RFC 8955 section 4.2.1.1). */
static const char *
numeric_operator(uint8_t op)
{
	static const char *const texts[8] = {
	    "false", "", ">", ">=", "<", "<=", "!=", "true"};

	return texts[op & 7];
}

static void
print_term(uint8_t type, const struct bgp_flow_term *t, struct text *out)
{
	const char *word = NULL;

	if (bgp_flow_is_bitmask(type)) {
		text_addf(out, "%s%s", t->op & BGP_FLOW_NOT ? "!" : "",
			  t->op & BGP_FLOW_MATCH ? "=" : "");
		print_bits(type, t->value, out);
		return;
	}
	text_add(out, numeric_operator(t->op));
	if ((t->op & 7) == 0 || (t->op & 7) == 7)
		return;
	if (type == BGP_FLOW_PROTO)
		word = flow_text_word(protocols, t->value);
	if (word)
		text_add(out, word);
	else
		text_addf(out, "%u", t->value);
}

void
bgp_print_flow(const struct bgp_flow *flow, struct text *out)
{
	struct text t = {0};

	print_prefix("dst", &flow->dst, &t);
	print_prefix("src", &flow->src, &t);
	for (uint8_t type = BGP_FLOW_PROTO; type < BGP_FLOW_TYPES; type++) {
		for (unsigned i = 0; i < flow->count[type]; i++) {
			const struct bgp_flow_term *term =
			    &flow->terms[flow->first[type] + i];

			if (i == 0)
				text_addf(
				    &t, "%s%s ", t.len ? " " : "",
				    flow_text_word(flow_text_components, type));
			else
				text_add(&t,
					 term->op & BGP_FLOW_AND ? "&" : " ");
			print_term(type, term, &t);
		}
	}
	if (flow->excess)
		text_add(&t, t.len ? " ..." : "...");
	text_add(out, text_str(&t));
	text_free(&t);
}

/* ---- actions ---- */

static void
print_redirect(const struct bgp_flow_action *a, struct text *out)
{
	char ip[IP_TEXT_MAX];
	struct ip administrator = ip_from_v4(a->administrator);

	if (a->form == BGP_FLOW_REDIRECT_IPV4)
		text_addf(out, "redirect %s:%u",
			  ip_format(&administrator, ip, sizeof(ip)), a->value);
	else
		text_addf(out, "redirect %u:%u", a->administrator, a->value);
}

static void
print_action(const struct bgp_flow_action *a, struct text *out)
{
	switch (a->kind) {
	case BGP_FLOW_RATE_BYTES:
		if (a->rate > 0)
			text_addf(out, "rate %.9g", (double)a->rate);
		else
			text_add(out, "discard");
		return;
	case BGP_FLOW_RATE_PACKETS:
		text_addf(out, "packets %.9g", (double)a->rate);
		return;
	case BGP_FLOW_ACTION:
		text_addf(out, "%s%s%s", a->sample ? "sample" : "",
			  a->sample && a->terminal ? " " : "",
			  a->terminal ? "terminal" : "");
		return;
	case BGP_FLOW_REDIRECT:
		print_redirect(a, out);
		return;
	case BGP_FLOW_MARKING:
		text_addf(out, "mark %u", a->dscp);
		return;
	case BGP_FLOW_OTHER:
		return;
	}
}

void
bgp_print_flow_actions(const struct bgp_attributes *a, struct text *out)
{
	struct text t = {0};

	for (unsigned i = 0;
	     i < a->n_ext_communities && i < BGP_COMMUNITIES_MAX; i++) {
		struct bgp_flow_action action =
		    bgp_flow_action_of(a->ext_communities[i]);
		struct text one = {0};

		print_action(&action, &one);
		if (one.len)
			text_addf(&t, "%s%s", t.len ? " " : "", text_str(&one));
		text_free(&one);
	}
	text_add(out, t.len ? text_str(&t) : "accept");
	text_free(&t);
}
