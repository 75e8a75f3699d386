/* SPDX-License-Identifier: ISC */
/*
 *   [neighbor IP [local-ip IP] [local-as ASN] [peer-as ASN] [router-id ID]
 *    [, neighbor ...]] COMMAND
 */
#include "exabgp/exabgp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "exabgp/tokens.h"

const char *
exabgp_kind_text(enum exabgp_kind k)
{
	static const char *const texts[] = {
#define X(n, t) [EXABGP_##n] = t,
	    EXABGP_KINDS(X)
#undef X
	};

	return texts[k];
}

/* ---- selectors ---- */

static bool
take_criterion(struct tokens *t, struct exabgp_selector *s)
{
	if (tokens_take(t, "local-ip"))
		return tokens_ip(t, &s->local);
	if (tokens_take(t, "local-as"))
		return s->has_local_as = tokens_asn(t, &s->local_as);
	if (tokens_take(t, "peer-as"))
		return s->has_peer_as = tokens_asn(t, &s->peer_as);
	if (tokens_take(t, "router-id"))
		return s->has_router_id = tokens_ip(t, &s->router_id);
	if (tokens_take(t, "family-allowed")) {
		/* "in-open", or families: ours negotiate theirs in OPEN. */
		tokens_next(t);
		return true;
	}
	return false;
}

static bool
take_selector(struct tokens *t, struct exabgp_command *c)
{
	struct exabgp_selector *s;

	if (c->n_selectors == EXABGP_SELECTORS_MAX)
		return tokens_fail(t, EINVAL, "found more than %d neighbors",
				   EXABGP_SELECTORS_MAX);
	s = &c->selectors[c->n_selectors++];
	if (!tokens_take(t, "*") && !tokens_ip(t, &s->neighbor))
		return false;
	while (take_criterion(t, s))
		;
	return !t->failed;
}

static bool
take_selectors(struct tokens *t, struct exabgp_command *c)
{
	while (tokens_take(t, "neighbor")) {
		if (!take_selector(t, c))
			return false;
		if (!tokens_take(t, ","))
			break;
	}
	return true;
}

/* ---- routes ---- */

static bool
add_prefix(struct tokens *t, struct exabgp_command *c, const struct prefix *p)
{
	if (c->n_prefixes == EXABGP_PREFIXES_MAX)
		return tokens_fail(t, EINVAL, "found more than %d prefixes",
				   EXABGP_PREFIXES_MAX);
	if (!c->prefixes)
		c->prefixes =
		    xcalloc(EXABGP_PREFIXES_MAX, sizeof(*c->prefixes));
	c->prefixes[c->n_prefixes++] = *p;
	return true;
}

static void
add_at(struct ip *ip, unsigned bit)
{
	for (int i = (int)(bit / 8); i >= 0; i--) {
		unsigned step = i == (int)(bit / 8) ? 0x80U >> (bit % 8) : 1;
		unsigned sum = ip->bytes[i] + step;

		ip->bytes[i] = (uint8_t)sum;
		if (sum < 256)
			return;
	}
}

/* "split /24": all prefixes of that length in it. */
static bool
add_split(struct tokens *t, struct exabgp_command *c, struct prefix p,
	  unsigned len)
{
	unsigned bits = p.addr.family == AF_INET ? 32 : 128;
	size_t n;

	if (len <= p.len || len > bits)
		return add_prefix(t, c, &p);
	if (len - p.len > 10)
		return tokens_fail(t, EINVAL, "found more than %d prefixes",
				   EXABGP_PREFIXES_MAX);
	n = (size_t)1 << (len - p.len);
	p.len = (uint8_t)len;
	for (size_t i = 0; i < n; i++) {
		if (!add_prefix(t, c, &p))
			return false;
		add_at(&p.addr, len - 1);
	}
	return true;
}

static bool
parse_route(struct tokens *t, struct exabgp_command *c)
{
	struct prefix prefix;
	unsigned split = 0;
	const char *word;

	if (!tokens_prefix(t, &prefix))
		return false;
	while ((word = tokens_next(t)))
		if (strcmp(word, ";") != 0 &&
		    !attributes_parse(t, word, c, &split))
			return false;
	return !t->failed && add_split(t, c, prefix, split);
}

static bool
parse_attributes(struct tokens *t, struct exabgp_command *c)
{
	unsigned split = 0;
	const char *word;

	while ((word = tokens_next(t)) && strcmp(word, "nlri") != 0)
		if (!attributes_parse(t, word, c, &split))
			return false;
	if (!word)
		return tokens_fail(t, EINVAL,
				   "found no prefixes, expected nlri PREFIX "
				   "...");
	while (tokens_peek(t)) {
		struct prefix p;

		if (tokens_take(t, ",") || tokens_take(t, "[") ||
		    tokens_take(t, "]"))
			continue;
		if (!tokens_prefix(t, &p) || !add_split(t, c, p, split))
			return false;
	}
	return c->n_prefixes > 0
		   ? true
		   : tokens_fail(t, EINVAL, "found no prefix behind nlri");
}

/* "ipv4 unicast"; nothing is IPv4 unicast for eor. */
static bool
parse_family(struct tokens *t, struct exabgp_command *c)
{
	bool v6 = tokens_take(t, "ipv6");

	c->families = BGP_FAMILY_IPV4;
	if (!v6 && !tokens_peek(t))
		return true;
	if (!v6 && !tokens_take(t, "ipv4"))
		return tokens_fail(t, EINVAL, "expected ipv4 or ipv6");
	if (tokens_take(t, "unicast"))
		c->families = v6 ? BGP_FAMILY_IPV6 : BGP_FAMILY_IPV4;
	else if (tokens_take(t, "flow"))
		c->families = v6 ? BGP_FAMILY_FLOW6 : BGP_FAMILY_FLOW4;
	else
		return tokens_fail(t, ENOTSUP,
				   "only unicast and flow are spoken here");
	return true;
}

static bool
parse_watchdog(struct tokens *t, struct exabgp_command *c, bool announce)
{
	const char *name = tokens_next(t);

	c->kind =
	    announce ? EXABGP_WATCHDOG_ANNOUNCE : EXABGP_WATCHDOG_WITHDRAW;
	if (name && strlen(name) >= sizeof(c->watchdog))
		return tokens_fail(t, EINVAL, "found a name too long");
	strcpy(c->watchdog, name ? name : "");
	return true;
}

/* "ipv4 unicast PREFIX ..." is "route PREFIX ..." of that family. */
static bool
parse_family_route(struct tokens *t, struct exabgp_command *c, uint8_t family)
{
	if (!tokens_take(t, "unicast"))
		return tokens_fail(t, ENOTSUP,
				   "only unicast routes are announced here");
	if (!parse_route(t, c))
		return false;
	if (c->prefixes[0].addr.family != family) {
		t->at = 0;
		return tokens_fail(t, EINVAL,
				   "found a prefix of the other family");
	}
	return true;
}

static bool
parse_change(struct tokens *t, struct exabgp_command *c, bool announce)
{
	c->kind = announce ? EXABGP_ANNOUNCE : EXABGP_WITHDRAW;
	if (tokens_take(t, "route"))
		return parse_route(t, c);
	if (tokens_take(t, "attributes") || tokens_take(t, "attribute"))
		return parse_attributes(t, c);
	if (tokens_take(t, "flow"))
		return flow_parse_line(t, c);
	if (tokens_take(t, "ipv4"))
		return parse_family_route(t, c, AF_INET);
	if (tokens_take(t, "ipv6"))
		return parse_family_route(t, c, AF_INET6);
	if (tokens_take(t, "watchdog"))
		return parse_watchdog(t, c, announce);
	if (announce && tokens_take(t, "eor")) {
		c->kind = EXABGP_EOR;
		return parse_family(t, c);
	}
	if (announce && tokens_take(t, "route-refresh")) {
		c->kind = EXABGP_REFRESH;
		return parse_family(t, c);
	}
	tokens_next(t);
	return tokens_fail(t, ENOTSUP,
			   "only route, attributes, flow, watchdog, eor and "
			   "route-refresh are known here");
}

/* ---- questions and orders ---- */

static bool
parse_show_neighbor(struct tokens *t, struct exabgp_command *c)
{
	c->kind = EXABGP_SHOW_NEIGHBOR;
	while (tokens_peek(t)) {
		if (tokens_take(t, "summary"))
			c->show = EXABGP_SUMMARY;
		else if (tokens_take(t, "extensive"))
			c->show = EXABGP_EXTENSIVE;
		else if (tokens_take(t, "configuration"))
			c->show = EXABGP_CONFIGURATION;
		else if (!tokens_ip(t, &c->only))
			return false;
	}
	return true;
}

static bool
parse_rib(struct tokens *t, struct exabgp_command *c)
{
	bool both = tokens_take(t, "adj-rib");

	c->out = tokens_take(t, both ? "out" : "adj-rib-out");
	if (!c->out && !tokens_take(t, both ? "in" : "adj-rib-in")) {
		tokens_next(t);
		return tokens_fail(t, EINVAL, "expected adj-rib in or out");
	}
	while (tokens_peek(t)) {
		if (tokens_take(t, "extensive"))
			c->show = EXABGP_EXTENSIVE;
		else if (tokens_take(t, "inet") || tokens_take(t, "flow") ||
			 tokens_take(t, "routes") || tokens_take(t, "static"))
			continue;
		else if (!tokens_ip(t, &c->only))
			return false;
	}
	return true;
}

static bool
parse_show(struct tokens *t, struct exabgp_command *c)
{
	if (tokens_take(t, "neighbor"))
		return parse_show_neighbor(t, c);
	c->kind = EXABGP_SHOW_RIB;
	return parse_rib(t, c);
}

static bool
parse_word(struct tokens *t, struct exabgp_command *c)
{
	const char *word = tokens_next(t);
	char buf[64];

	for (int k = EXABGP_SHUTDOWN; word && k < EXABGP_KIND_COUNT; k++)
		if (strcmp(word, exabgp_kind_text((enum exabgp_kind)k)) == 0) {
			c->kind = (enum exabgp_kind)k;
			return true;
		}
	if (!word)
		return tokens_fail(t, EINVAL, "found no command");
	return tokens_fail(t, EINVAL, "found %s, which is no command",
			   text_escape(word, strlen(word), buf, sizeof(buf)));
}

static bool
parse_command(struct tokens *t, struct exabgp_command *c)
{
	if (tokens_take(t, "announce"))
		return parse_change(t, c, true);
	if (tokens_take(t, "withdraw"))
		return parse_change(t, c, false);
	if (tokens_take(t, "show"))
		return parse_show(t, c);
	if (tokens_take(t, "flush")) {
		c->kind = EXABGP_FLUSH;
		return parse_rib(t, c);
	}
	if (tokens_take(t, "clear")) {
		c->kind = EXABGP_CLEAR;
		return parse_rib(t, c);
	}
	return parse_word(t, c);
}

int
exabgp_parse(const char *line, size_t n, struct exabgp_command *out,
	     struct exabgp_error *error)
{
	struct tokens t;
	int r;

	memset(out, 0, sizeof(*out));
	if (n > EXABGP_LINE_MAX)
		n = EXABGP_LINE_MAX;
	tokens_of(&t, line, n, error);
	if (t.n == 0 && !t.failed)
		out->kind = EXABGP_NOTHING;
	else if (!t.failed && t.v[0].s[0] == '#')
		out->kind = EXABGP_COMMENT;
	else if (take_selectors(&t, out) && parse_command(&t, out) &&
		 !t.failed && tokens_next(&t))
		tokens_fail(&t, EINVAL, "found more than the command needs");
	r = t.failed;
	tokens_free(&t);
	if (r != 0)
		exabgp_command_free(out);
	return r;
}

void
exabgp_command_free(struct exabgp_command *c)
{
	free(c->prefixes);
	c->prefixes = NULL;
	c->n_prefixes = 0;
}
