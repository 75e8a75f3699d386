/* SPDX-License-Identifier: ISC */
#include "bgp/malformed.h"

#include "base/text.h"
#include "bgp/speaker.h"

#define PREFIXES_NAMED 8
/* A log line's share of the message: the sink takes it without blocking. */
#define OCTETS_PER_LINE 1024

static const char *
consequence(enum bgp_action action)
{
	if (action == BGP_RESET_SESSION || action == BGP_DISABLE_FAMILY)
		return "the session ends";
	if (action == BGP_TREAT_AS_WITHDRAW)
		return "its routes are treated as withdrawn";
	return "the attribute is ignored";
}

static void
name_list(struct text *t, struct rbuf list, uint8_t family, size_t *n)
{
	char prefix[PREFIX_TEXT_MAX];
	struct prefix p;

	for (; bgp_next_prefix(&list, family, &p); (*n)++)
		if (*n < PREFIXES_NAMED)
			text_addf(t, "%s%s", *n ? " " : "; NLRI ",
				  prefix_format(&p, prefix, sizeof(prefix)));
}

static void
name_prefixes(struct text *t, const struct bgp_update *u)
{
	size_t n = 0;

	name_list(t, u->nlri, AF_INET, &n);
	if (u->has_mp_reach && u->mp_reach_family)
		name_list(t, u->mp_reach, u->mp_reach_family, &n);
	name_list(t, u->withdrawn, AF_INET, &n);
	if (u->has_mp_unreach && u->mp_unreach_family)
		name_list(t, u->mp_unreach, u->mp_unreach_family, &n);
	if (n > PREFIXES_NAMED)
		text_addf(t, " and %zu more", n - PREFIXES_NAMED);
}

static void
log_octets(struct bgp_peer *p, const uint8_t *m, size_t n)
{
	for (size_t at = 0; at < n; at += OCTETS_PER_LINE) {
		size_t end =
		    n - at > OCTETS_PER_LINE ? at + OCTETS_PER_LINE : n;
		struct text hex = {0};

		for (size_t i = at; i < end; i++)
			text_addf(&hex, "%02x", m[i]);
		log_line(p->bgp->settings.log, LOG_LEVEL_WARNING, p->subject,
			 "malformed UPDATE, octets %zu to %zu of %zu: %s", at,
			 end - 1, n, text_str(&hex));
		text_free(&hex);
	}
}

void
malformed_log(struct bgp_peer *p, const struct bgp_verdict *v,
	      const struct bgp_update *u, const uint8_t *m, size_t n)
{
	struct text line = {0};

	text_add(&line, "malformed UPDATE");
	if (v->attribute)
		text_addf(&line, ", attribute %u", v->attribute);
	text_addf(&line, ": %s; %s (RFC 7606)", v->why ? v->why : "?",
		  consequence(v->action));
	name_prefixes(&line, u);
	if (peer_log(p, PEER_CAUSE_MALFORMED, LOG_LEVEL_WARNING, "%s",
		     text_str(&line)))
		log_octets(p, m, n);
	text_free(&line);
}
