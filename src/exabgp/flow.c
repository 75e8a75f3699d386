/* SPDX-License-Identifier: ISC */
/*
 * "flow route { match { ... } then { ... } }". The braces and semicolons
 * carry nothing that the words do not: they are passed over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exabgp/tokens.h"

#define TERMS_MAX 32 /* of one component */

struct word {
	const char *word;
	uint32_t value;
};

static const struct word components[] = {
    {"protocol", BGP_FLOW_PROTO},
    {"next-header", BGP_FLOW_PROTO},
    {"port", BGP_FLOW_PORT},
    {"destination-port", BGP_FLOW_DST_PORT},
    {"source-port", BGP_FLOW_SRC_PORT},
    {"icmp-type", BGP_FLOW_ICMP_TYPE},
    {"icmp-code", BGP_FLOW_ICMP_CODE},
    {"tcp-flags", BGP_FLOW_TCP_FLAGS},
    {"packet-length", BGP_FLOW_LENGTH},
    {"dscp", BGP_FLOW_DSCP},
    {"traffic-class", BGP_FLOW_DSCP},
    {"fragment", BGP_FLOW_FRAGMENT},
    {"flow-label", BGP_FLOW_LABEL},
    {NULL, 0},
};
static const struct word protocols[] = {
    {"icmp", 1},  {"igmp", 2},    {"tcp", 6},    {"egp", 8},
    {"udp", 17},  {"rsvp", 46},   {"gre", 47},   {"esp", 50},
    {"ah", 51},   {"icmpv6", 58}, {"icmp6", 58}, {"ospf", 89},
    {"ipip", 94}, {"pim", 103},   {"sctp", 132}, {NULL, 0},
};
/* As IANA numbers them. */
static const struct word icmp_types[] = {
    {"echo-reply", 0},
    {"unreachable", 3},
    {"source-quench", 4},
    {"redirect", 5},
    {"echo-request", 8},
    {"router-advertisement", 9},
    {"router-solicit", 10},
    {"time-exceeded", 11},
    {"parameter-problem", 12},
    {"timestamp", 13},
    {"timestamp-reply", 14},
    {"info-request", 15},
    {"info-reply", 16},
    {"mask-request", 17},
    {"mask-reply", 18},
    {"traceroute", 30},
    {NULL, 0},
};
static const struct word icmp_codes[] = {
    {"network-unreachable", 0},
    {"host-unreachable", 1},
    {"protocol-unreachable", 2},
    {"port-unreachable", 3},
    {"fragmentation-needed", 4},
    {"source-route-failed", 5},
    {"destination-network-unknown", 6},
    {"destination-host-unknown", 7},
    {"source-host-isolated", 8},
    {"destination-network-prohibited", 9},
    {"destination-host-prohibited", 10},
    {"network-unreachable-for-tos", 11},
    {"host-unreachable-for-tos", 12},
    {"communication-prohibited-by-filtering", 13},
    {"host-precedence-violation", 14},
    {"precedence-cutoff-in-effect", 15},
    {"redirect-for-network", 0},
    {"redirect-for-host", 1},
    {"redirect-for-tos-and-net", 2},
    {"redirect-for-tos-and-host", 3},
    {"ttl-eq-zero-during-transit", 0},
    {"ttl-eq-zero-during-reassembly", 1},
    {"required-option-missing", 1},
    {"ip-header-bad", 2},
    {NULL, 0},
};
static const struct word tcp_flags[] = {
    {"fin", 1},     {"syn", 2},  {"rst", 4},   {"reset", 4},
    {"push", 8},    {"psh", 8},  {"ack", 16},  {"urg", 32},
    {"urgent", 32}, {"ece", 64}, {"cwr", 128}, {NULL, 0},
};
static const struct word fragments[] = {
    {"not-a-fragment", 0},
    {"dont-fragment", BGP_FLOW_DF},
    {"is-fragment", BGP_FLOW_IS_FRAGMENT},
    {"first-fragment", BGP_FLOW_FIRST_FRAGMENT},
    {"last-fragment", BGP_FLOW_LAST_FRAGMENT},
    {NULL, 0},
};

struct terms {
	struct {
		uint8_t op;
		uint32_t value;
	} v[TERMS_MAX];
	size_t n;
};

struct flow_line {
	struct tokens *t;
	struct exabgp_command *c;
	struct terms terms[BGP_FLOW_TYPES];
	bool acts;
};

static const struct word *
find(const struct word *words, const char *s, size_t n)
{
	for (; words && words->word; words++)
		if (strlen(words->word) == n && strncmp(words->word, s, n) == 0)
			return words;
	return NULL;
}

static const struct word *
words_of(uint8_t type)
{
	switch (type) {
	case BGP_FLOW_PROTO:
		return protocols;
	case BGP_FLOW_ICMP_TYPE:
		return icmp_types;
	case BGP_FLOW_ICMP_CODE:
		return icmp_codes;
	case BGP_FLOW_TCP_FLAGS:
		return tcp_flags;
	case BGP_FLOW_FRAGMENT:
		return fragments;
	default:
		return NULL;
	}
}

/* ---- terms: "=80", ">8080&<8088", "syn+ack", "!is-fragment" ---- */

static bool
read_value(uint8_t type, const char *s, size_t n, uint32_t *out)
{
	const struct word *w = find(words_of(type), s, n);
	char buf[32];
	uint64_t v;

	if (w) {
		*out = w->value;
		return true;
	}
	if (n == 0 || n >= sizeof(buf))
		return false;
	memcpy(buf, s, n);
	buf[n] = '\0';
	if (!tokens_read_number(buf, UINT32_MAX, &v))
		return false;
	*out = (uint32_t)v;
	return true;
}

/* "a+b" of a bitmask is both bits. */
static bool
read_values(uint8_t type, const char *s, size_t n, uint32_t *out)
{
	*out = 0;
	while (n > 0) {
		const char *plus = memchr(s, '+', n);
		size_t part = plus ? (size_t)(plus - s) : n;
		uint32_t one;

		if (!read_value(type, s, part, &one))
			return false;
		*out |= one;
		s += part;
		n -= part;
		if (n == 1)
			return false;
		s += n > 0;
		n -= n > 0;
	}
	return true;
}

static uint8_t
read_op(uint8_t type, const char **s)
{
	bool mask = bgp_flow_is_bitmask(type);
	uint8_t op = 0;

	for (; **s == '=' || **s == '<' || **s == '>' || **s == '!'; (*s)++) {
		if (**s == '=')
			op |= mask ? BGP_FLOW_MATCH : BGP_FLOW_EQ;
		else if (**s == '!')
			op |= mask ? BGP_FLOW_NOT : BGP_FLOW_LT | BGP_FLOW_GT;
		else if (!mask)
			op |= **s == '<' ? BGP_FLOW_LT : BGP_FLOW_GT;
	}
	/* "!=" is less or greater, and not equal. */
	if (!mask && (op & BGP_FLOW_LT) && (op & BGP_FLOW_GT))
		op &= (uint8_t)~BGP_FLOW_EQ;
	return op == 0 && !mask ? BGP_FLOW_EQ : op;
}

static bool
wrong_term(struct flow_line *f, uint8_t type)
{
	return tokens_fail(f->t, EINVAL,
			   "found no value of %s, expected one such as %s",
			   bgp_flow_type_text(type),
			   bgp_flow_is_bitmask(type) ? "=syn+ack" : "=80");
}

static bool
add_terms(struct flow_line *f, uint8_t type, const char *s)
{
	struct terms *terms = &f->terms[type];
	uint8_t join = 0;

	if (type == BGP_FLOW_FRAGMENT && strcmp(s, "not-a-fragment") == 0)
		s = "!is-fragment";
	while (*s) {
		uint8_t op = read_op(type, &s) | join;
		size_t n = strcspn(s, "&");
		uint32_t value;

		if (!read_values(type, s, n, &value) || n == 0)
			return wrong_term(f, type);
		if (terms->n == TERMS_MAX)
			return tokens_fail(f->t, EINVAL,
					   "found more than %d values",
					   TERMS_MAX);
		terms->v[terms->n].op = op;
		terms->v[terms->n++].value = value;
		s += n;
		join = *s ? BGP_FLOW_AND : 0;
		s += *s != '\0';
	}
	return true;
}

static bool
take_terms(struct flow_line *f, uint8_t type)
{
	const char *s;

	if (!tokens_take(f->t, "[")) {
		s = tokens_next(f->t);
		return s ? add_terms(f, type, s) : wrong_term(f, type);
	}
	while (!tokens_take(f->t, "]")) {
		s = tokens_next(f->t);
		if (!s)
			return wrong_term(f, type);
		if (!add_terms(f, type, s))
			return false;
	}
	return true;
}

/* ---- prefixes: "10.0.0.0/24", "2001:db8::/32/0" ---- */

static bool
take_prefix(struct flow_line *f, struct bgp_flow_prefix *out)
{
	const char *s = tokens_next(f->t);
	char buf[PREFIX_TEXT_MAX];
	char *first, *second;
	uint64_t offset = 0;

	if (!s || strlen(s) >= sizeof(buf))
		return tokens_fail(f->t, EINVAL,
				   "found nothing, expected a prefix");
	strcpy(buf, s);
	first = strchr(buf, '/');
	second = first ? strchr(first + 1, '/') : NULL;
	if (second)
		*second++ = '\0';
	if (prefix_parse(buf, &out->prefix) != 0 ||
	    (second && (out->prefix.addr.family == AF_INET ||
			!tokens_read_number(second, out->prefix.len, &offset))))
		return tokens_fail(f->t, EINVAL,
				   "found no prefix, expected one without "
				   "host bits");
	out->present = true;
	out->offset = (uint8_t)offset;
	return true;
}

/* ---- actions ---- */

static bool
add_action(struct flow_line *f, const struct bgp_flow_action *action)
{
	struct bgp_attributes *a = &f->c->attributes;

	f->acts = true;
	if (a->n_ext_communities >= BGP_COMMUNITIES_MAX)
		return tokens_fail(f->t, EINVAL, "found too many actions");
	a->ext_communities[a->n_ext_communities++] =
	    bgp_flow_action_encode(action);
	return true;
}

static bool
rate_limit(struct flow_line *f)
{
	struct bgp_flow_action action = {.kind = BGP_FLOW_RATE_BYTES};
	uint64_t rate;

	if (!tokens_number(f->t, UINT64_C(1000000000000), "octets a second",
			   &rate))
		return false;
	action.rate = (float)rate;
	return add_action(f, &action);
}

static bool
redirect(struct flow_line *f)
{
	struct bgp_flow_action action = {.kind = BGP_FLOW_REDIRECT};
	const char *s = tokens_next(f->t), *colon = s ? strchr(s, ':') : NULL;
	char admin[32];
	uint64_t value;
	struct ip ip;

	if (!colon || colon - s >= (ptrdiff_t)sizeof(admin) ||
	    !tokens_read_number(colon + 1, UINT32_MAX, &value))
		return tokens_fail(f->t, EINVAL,
				   "found no target, expected ASN:NUMBER or "
				   "IPV4:NUMBER");
	memcpy(admin, s, (size_t)(colon - s));
	admin[colon - s] = '\0';
	action.value = (uint32_t)value;
	if (ip_parse(admin, &ip) == 0 && ip.family == AF_INET) {
		action.form = BGP_FLOW_REDIRECT_IPV4;
		action.administrator = ip_to_v4(&ip);
	} else if (tokens_read_asn(admin, &action.administrator)) {
		action.form = action.administrator > UINT16_MAX
				  ? BGP_FLOW_REDIRECT_AS4
				  : BGP_FLOW_REDIRECT_AS2;
	} else {
		return tokens_fail(f->t, EINVAL, "found no AS number");
	}
	return add_action(f, &action);
}

static bool
mark(struct flow_line *f)
{
	struct bgp_flow_action action = {.kind = BGP_FLOW_MARKING};
	uint64_t dscp;

	if (!tokens_number(f->t, 63, "a DSCP up to 63", &dscp))
		return false;
	action.dscp = (uint8_t)dscp;
	return add_action(f, &action);
}

static bool
traffic_action(struct flow_line *f)
{
	struct bgp_flow_action action = {.kind = BGP_FLOW_ACTION};
	const char *s = tokens_next(f->t);

	if (!s)
		return tokens_fail(f->t, EINVAL, "found no action");
	action.sample = strncmp(s, "sample", 6) == 0;
	action.terminal = strstr(s, "terminal") != NULL;
	if (!action.sample && !action.terminal)
		return tokens_fail(f->t, EINVAL,
				   "found no action, expected sample, "
				   "terminal or sample-terminal");
	return add_action(f, &action);
}

static bool
take_action(struct flow_line *f, const char *word)
{
	static const struct bgp_flow_action discard = {.kind =
							   BGP_FLOW_RATE_BYTES};

	if (strcmp(word, "accept") == 0)
		return f->acts = true;
	if (strcmp(word, "discard") == 0)
		return add_action(f, &discard);
	if (strcmp(word, "rate-limit") == 0)
		return rate_limit(f);
	if (strcmp(word, "redirect") == 0)
		return redirect(f);
	if (strcmp(word, "mark") == 0)
		return mark(f);
	if (strcmp(word, "action") == 0)
		return traffic_action(f);
	if (strcmp(word, "community") == 0 ||
	    strcmp(word, "large-community") == 0 ||
	    strcmp(word, "extended-community") == 0)
		return attributes_communities(f->t, word, &f->c->attributes);
	return tokens_fail(f->t, EINVAL,
			   "found a word that is neither matched nor done");
}

/* ---- the line ---- */

static bool
is_frame(const char *word)
{
	static const char *const frame[] = {"{",     "}",    ";", "route",
					    "match", "then", NULL};

	for (size_t i = 0; frame[i]; i++)
		if (strcmp(word, frame[i]) == 0)
			return true;
	return false;
}

static bool
take_word(struct flow_line *f, const char *word)
{
	const struct word *w = find(components, word, strlen(word));

	if (is_frame(word))
		return true;
	if (w)
		return take_terms(f, (uint8_t)w->value);
	if (strcmp(word, "source") == 0 || strcmp(word, "source-ipv4") == 0 ||
	    strcmp(word, "source-ipv6") == 0)
		return take_prefix(f, &f->c->flow.src);
	if (strcmp(word, "destination") == 0 ||
	    strcmp(word, "destination-ipv4") == 0 ||
	    strcmp(word, "destination-ipv6") == 0)
		return take_prefix(f, &f->c->flow.dst);
	return take_action(f, word);
}

static bool
settle(struct flow_line *f)
{
	struct bgp_flow *flow = &f->c->flow;
	uint8_t dst = flow->dst.prefix.addr.family;
	uint8_t src = flow->src.prefix.addr.family;

	if (dst && src && dst != src)
		return tokens_fail(f->t, EINVAL,
				   "found two families, expected one");
	flow->family = dst ? dst : src ? src : AF_INET;
	for (uint8_t type = 0; type < BGP_FLOW_TYPES; type++)
		for (size_t i = 0; i < f->terms[type].n; i++)
			if (bgp_flow_add(flow, (enum bgp_flow_type)type,
					 f->terms[type].v[i].op,
					 f->terms[type].v[i].value) != 0)
				return tokens_fail(
				    f->t, EINVAL,
				    "found a value of %s that does not fit",
				    bgp_flow_type_text(type));
	if (flow->n_terms == 0 && !dst && !src)
		return tokens_fail(f->t, EINVAL,
				   "found nothing to match, expected a "
				   "destination, for example");
	return true;
}

bool
flow_parse_line(struct tokens *t, struct exabgp_command *c)
{
	struct flow_line *f = xcalloc(1, sizeof(*f));
	const char *word;
	bool fine = true;

	f->t = t;
	f->c = c;
	c->is_flow = true;
	while (fine && (word = tokens_next(t)))
		fine = take_word(f, word);
	fine = fine && settle(f);
	free(f);
	return fine;
}
