/* SPDX-License-Identifier: ISC */
/*
 * Text to flow specification. Components may come in any order, each once:
 * terms are collected and put in the order of their types at the end.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/bgp.h"
#include "bgp/flow_text.h"

#define WORD_MAX 96

/* A word of the text, and where it stands. */
struct word {
	char s[WORD_MAX];
	size_t at; /* from 1 */
};

struct term {
	uint8_t type, op;
	uint32_t value;
};

struct parsing {
	const char *text, *p;
	struct text *error;
	struct bgp_flow *flow;
	struct term terms[BGP_FLOW_TERMS_MAX];
	size_t n;
	uint32_t seen; /* types */
	struct word word;
};

static int
fail(struct parsing *ps, const char *why)
{
	char safe[4 * WORD_MAX];

	if (ps->error && ps->word.s[0])
		text_addf(ps->error, "at character %zu, \"%s\": %s",
			  ps->word.at,
			  text_escape(ps->word.s, strlen(ps->word.s), safe,
				      sizeof(safe)),
			  why);
	else if (ps->error)
		text_addf(ps->error, "at the end: %s", why);
	return -EINVAL;
}

static bool
is_space(char c)
{
	return c && strchr(" \t\r\n[],;", c) != NULL;
}

/* False at the end, or when the word is too long (then it is cut). */
static bool
next_word(struct parsing *ps)
{
	size_t n = 0;

	while (is_space(*ps->p))
		ps->p++;
	ps->word.at = (size_t)(ps->p - ps->text) + 1;
	while (*ps->p && !is_space(*ps->p)) {
		if (n + 1 < WORD_MAX)
			ps->word.s[n++] = *ps->p;
		ps->p++;
	}
	ps->word.s[n] = '\0';
	return n > 0;
}

static const struct flow_word *
find_word(const struct flow_word *words, const char *s, size_t n)
{
	for (; words && words->word; words++)
		if (strlen(words->word) == n && strncmp(words->word, s, n) == 0)
			return words;
	return NULL;
}

static bool
parse_number(const char *s, size_t n, uint32_t *out)
{
	char digits[16], *end;
	unsigned long long v;
	bool hex = n > 2 && s[0] == '0' && s[1] == 'x';

	if (n == 0 || n >= sizeof(digits) || s[0] < '0' || s[0] > '9')
		return false;
	memcpy(digits, s, n);
	digits[n] = '\0';
	v = strtoull(digits, &end, hex ? 16 : 10);
	*out = (uint32_t)v;
	return *end == '\0' && v <= UINT32_MAX;
}

/* ---- values ---- */

static int
put(struct parsing *ps, uint8_t type, uint8_t op, uint32_t value)
{
	if (ps->n == BGP_FLOW_TERMS_MAX)
		return fail(ps, "more values than a flow may have here (48)");
	ps->terms[ps->n++] = (struct term){type, op, value};
	return 0;
}

/* A number, or a name that the component has. */
static bool
parse_value(uint8_t type, const char *s, size_t n, uint32_t *out)
{
	const struct flow_word *w = find_word(flow_text_words(type), s, n);

	if (w)
		*out = w->value;
	return w || parse_number(s, n, out);
}

/* "=", ">", ">=", "<", "<=", "!=", "!" or nothing: equal. */
static uint8_t
take_operator(const char **s)
{
	uint8_t op = 0;

	if (**s == '!') {
		*s += (*s)[1] == '=' ? 2 : 1;
		return BGP_FLOW_LT | BGP_FLOW_GT;
	}
	if (**s == '>' || **s == '<')
		op = *(*s)++ == '>' ? BGP_FLOW_GT : BGP_FLOW_LT;
	if (**s == '=') {
		op |= BGP_FLOW_EQ;
		(*s)++;
	}
	return op ? op : BGP_FLOW_EQ;
}

/* "1000-2000" is ">=1000&<=2000". Names have dashes too. */
static bool
parse_range(uint8_t type, const char *s, size_t n, uint32_t out[2])
{
	const char *dash = memchr(s, '-', n);

	return dash && parse_value(type, s, (size_t)(dash - s), &out[0]) &&
	       parse_value(type, dash + 1, n - (size_t)(dash + 1 - s),
			   &out[1]) &&
	       out[0] <= out[1];
}

static int
parse_numeric(struct parsing *ps, uint8_t type, const char *s, size_t n,
	      bool and)
{
	const char *start = s;
	uint8_t op, both = and? BGP_FLOW_AND : 0;
	uint32_t v[2];
	int error;

	if (n == 4 && strncmp(s, "true", n) == 0)
		return put(ps, type, both | 7, 0);
	if (n == 5 && strncmp(s, "false", n) == 0)
		return put(ps, type, both, 0);
	op = take_operator(&s);
	n -= (size_t)(s - start);
	if (parse_value(type, s, n, &v[0]))
		return put(ps, type, both | op, v[0]);
	if (op != BGP_FLOW_EQ || !parse_range(type, s, n, v))
		return fail(ps, "expected a number, a range such as 1000-2000, "
				"or one of = ! > >= < <= before a number");
	error = put(ps, type, both | BGP_FLOW_GT | BGP_FLOW_EQ, v[0]);
	return error ? error
		     : put(ps, type, BGP_FLOW_AND | BGP_FLOW_LT | BGP_FLOW_EQ,
			   v[1]);
}

/* "syn+ack": any of them; "=syn+ack": both; "!" before: not. */
static int
parse_bitmask(struct parsing *ps, uint8_t type, const char *s, size_t n,
	      bool and)
{
	const char *end = s + n;
	uint8_t op = and? BGP_FLOW_AND : 0;
	uint32_t all = 0, one;

	if (s < end && *s == '!') {
		op |= BGP_FLOW_NOT;
		s++;
	}
	if (s < end && *s == '=') {
		op |= BGP_FLOW_MATCH;
		s++;
	}
	while (s <= end) {
		const char *plus = memchr(s, '+', (size_t)(end - s));
		const char *stop = plus ? plus : end;

		if (!parse_value(type, s, (size_t)(stop - s), &one))
			return fail(ps, type == BGP_FLOW_FRAGMENT
					    ? "expected dont-fragment, "
					      "is-fragment, first-fragment or "
					      "last-fragment"
					    : "expected flags such as syn or "
					      "=syn+ack");
		all |= one;
		s = stop + 1;
	}
	return put(ps, type, op, all);
}

/* One word of values, joined by "&". */
static int
parse_values(struct parsing *ps, uint8_t type)
{
	const char *s = ps->word.s;
	bool bitmask = bgp_flow_is_bitmask(type), and = false;
	int error = 0;

	while (error == 0) {
		size_t n = strcspn(s, "&");

		error = bitmask ? parse_bitmask(ps, type, s, n, and)
				: parse_numeric(ps, type, s, n, and);
		if (s[n] == '\0')
			break;
		s += n + 1;
		and = true;
	}
	return error;
}

/* ---- components ---- */

static int
parse_prefix(struct parsing *ps, struct bgp_flow_prefix *out)
{
	struct ip ip;
	int error = prefix_parse(ps->word.s, &out->prefix);

	if (error == -EDOM)
		return fail(ps, "has host bits set");
	if (error && ip_parse(ps->word.s, &ip) == 0) {
		out->prefix = prefix_of_ip(&ip);
		error = 0;
	}
	if (error)
		return fail(ps, "expected an address or a prefix");
	out->present = true;
	if (ps->flow->family && ps->flow->family != out->prefix.addr.family)
		return fail(ps, "dst and src are not of one address family");
	ps->flow->family = out->prefix.addr.family;
	return 0;
}

/* RFC 8956 section 3.1: bits before the offset are not looked at. */
static int
parse_offset(struct parsing *ps, struct bgp_flow_prefix *p)
{
	uint32_t offset;

	if (!next_word(ps) ||
	    !parse_number(ps->word.s, strlen(ps->word.s), &offset) ||
	    p->prefix.addr.family != AF_INET6 || offset >= p->prefix.len)
		return fail(ps, "expected the number of bits of an IPv6 prefix "
				"that are not looked at");
	p->offset = (uint8_t)offset;
	return 0;
}

static int
begin_component(struct parsing *ps, uint8_t type)
{
	if (ps->seen & 1U << type)
		return fail(ps, "this component stands there twice");
	ps->seen |= 1U << type;
	if (!next_word(ps))
		return fail(ps, "expected a value");
	switch (type) {
	case BGP_FLOW_DST:
		return parse_prefix(ps, &ps->flow->dst);
	case BGP_FLOW_SRC:
		return parse_prefix(ps, &ps->flow->src);
	default:
		return parse_values(ps, type);
	}
}

/* The word is the name of a component, or a further value of the last. */
static int
parse_word(struct parsing *ps, uint8_t *type)
{
	const struct flow_word *w =
	    find_word(flow_text_components, ps->word.s, strlen(ps->word.s));

	if (w) {
		*type = (uint8_t)w->value;
		return begin_component(ps, *type);
	}
	if ((*type == BGP_FLOW_DST || *type == BGP_FLOW_SRC) &&
	    strcmp(ps->word.s, "offset") == 0)
		return parse_offset(ps, *type == BGP_FLOW_DST ? &ps->flow->dst
							      : &ps->flow->src);
	if (*type <= BGP_FLOW_SRC)
		return fail(ps, "expected dst, src, proto, port, dport, sport, "
				"icmp-type, icmp-code, tcp-flags, length, "
				"dscp, frag or label");
	return parse_values(ps, *type);
}

static int
put_terms(struct parsing *ps, uint8_t type)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct term *t = &ps->terms[i];
		char why[96];

		if (t->type != type)
			continue;
		if (bgp_flow_add(ps->flow, type, t->op, t->value) == 0)
			continue;
		ps->word.s[0] = '\0';
		snprintf(why, sizeof(why),
			 "%u is no value of %s of this address family",
			 t->value, bgp_flow_type_text(type));
		return fail(ps, why);
	}
	return 0;
}

int
bgp_parse_flow(const char *text, uint8_t family, struct bgp_flow *out,
	       struct text *error)
{
	struct parsing ps = {
	    .text = text, .p = text, .error = error, .flow = out};
	uint8_t type = 0;
	int result = 0;

	memset(out, 0, sizeof(*out));
	while (result == 0 && next_word(&ps))
		result = parse_word(&ps, &type);
	if (result == 0 && ps.seen == 0)
		result = fail(&ps, "expected a component such as dst "
				   "192.0.2.1/32");
	if (!out->family)
		out->family = family;
	for (type = BGP_FLOW_PROTO; result == 0 && type < BGP_FLOW_TYPES;
	     type++)
		result = put_terms(&ps, type);
	return result;
}

/* ---- actions ---- */

static int
put_action(struct parsing *ps, const struct bgp_flow_action *action,
	   struct bgp_attributes *out)
{
	if (out->n_ext_communities == BGP_COMMUNITIES_MAX)
		return fail(ps, "more actions than a route can have");
	out->ext_communities[out->n_ext_communities++] =
	    bgp_flow_action_encode(action);
	return 0;
}

static int
parse_rate(struct parsing *ps, struct bgp_flow_action *action)
{
	char *end;

	if (!next_word(ps))
		return fail(ps, "expected a rate a second");
	action->rate = strtof(ps->word.s, &end);
	if (*end || !isfinite(action->rate) || action->rate < 0)
		return fail(ps, "expected a rate a second, 0 or more");
	return 0;
}

/* "65000:100", "4200000000:100" or "192.0.2.1:100" (RFC 8955 section 7.4). */
static int
parse_redirect(struct parsing *ps, struct bgp_flow_action *action)
{
	static const char expected[] =
	    "expected a route target such as 65000:100 or 192.0.2.1:100";
	char *colon;
	struct ip ip;

	colon = next_word(ps) ? strrchr(ps->word.s, ':') : NULL;
	if (!colon ||
	    !parse_number(colon + 1, strlen(colon + 1), &action->value))
		return fail(ps, expected);
	*colon = '\0';
	if (ip_parse(ps->word.s, &ip) == 0 && ip.family == AF_INET) {
		action->form = BGP_FLOW_REDIRECT_IPV4;
		action->administrator = ip_to_v4(&ip);
	} else if (!parse_number(ps->word.s, strlen(ps->word.s),
				 &action->administrator)) {
		return fail(ps, expected);
	} else if (action->administrator > UINT16_MAX) {
		action->form = BGP_FLOW_REDIRECT_AS4;
	}
	if (action->form != BGP_FLOW_REDIRECT_AS2 && action->value > UINT16_MAX)
		return fail(ps, "expected at most 65535 behind the colon");
	return 0;
}

static int
parse_mark(struct parsing *ps, struct bgp_flow_action *action)
{
	uint32_t dscp;

	if (!next_word(ps) ||
	    !parse_number(ps->word.s, strlen(ps->word.s), &dscp) || dscp > 63)
		return fail(ps, "expected a DSCP, 0 to 63");
	action->dscp = (uint8_t)dscp;
	return 0;
}

static int
parse_action(struct parsing *ps, struct bgp_attributes *out)
{
	struct bgp_flow_action a = {.kind = BGP_FLOW_RATE_BYTES};
	const char *w = ps->word.s;
	int error = 0;

	if (strcmp(w, "rate") == 0 || strcmp(w, "rate-limit") == 0) {
		error = parse_rate(ps, &a);
	} else if (strcmp(w, "packets") == 0) {
		a.kind = BGP_FLOW_RATE_PACKETS;
		error = parse_rate(ps, &a);
	} else if (strcmp(w, "redirect") == 0) {
		a.kind = BGP_FLOW_REDIRECT;
		error = parse_redirect(ps, &a);
	} else if (strcmp(w, "mark") == 0) {
		a.kind = BGP_FLOW_MARKING;
		error = parse_mark(ps, &a);
	} else if (strcmp(w, "sample") == 0 || strcmp(w, "terminal") == 0) {
		a.kind = BGP_FLOW_ACTION;
		a.sample = w[0] == 's';
		a.terminal = w[0] == 't';
	} else if (strcmp(w, "accept") == 0) {
		return 0;
	} else if (strcmp(w, "discard") != 0) {
		return fail(ps, "expected discard, rate N, packets N, redirect "
				"ASN:N, mark N, sample or terminal");
	}
	return error ? error : put_action(ps, &a, out);
}

int
bgp_parse_flow_actions(const char *text, struct bgp_attributes *out,
		       struct text *error)
{
	struct parsing ps = {.text = text, .p = text, .error = error};
	int result = 0;

	while (result == 0 && next_word(&ps))
		result = parse_action(&ps, out);
	return result;
}
