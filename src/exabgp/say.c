/* SPDX-License-Identifier: ISC */
#include "exabgp/exabgp.h"

#include <string.h>

#define IP_OR_ANY(ip, buf)                                                     \
	(ip_is_none(ip) ? "0.0.0.0" : ip_format(ip, buf, sizeof(buf)))

/* JSON of printable text; anything else was escaped before. */
static void
add_string(struct text *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			text_add_n(out, "\\", 1);
		if ((unsigned char)*s >= ' ')
			text_add_n(out, s, 1);
	}
}

static void
json_state(const struct exabgp_teller *t, const struct exabgp_neighbor *n,
	   const char *state, const char *why, struct text *out)
{
	char local[IP_TEXT_MAX], peer[IP_TEXT_MAX];

	text_addf(out, "{ \"exabgp\": \"%s\", \"time\": %.6f, \"host\" : \"",
		  EXABGP_SPEAKS_JSON, (double)t->now.ns / 1e9);
	add_string(out, t->host);
	text_addf(out,
		  "\", \"pid\" : %ld, \"ppid\" : %ld, \"counter\": %llu, "
		  "\"type\": \"state\", \"neighbor\": { \"address\": { "
		  "\"local\": \"%s\", \"peer\": \"%s\" }, \"asn\": { "
		  "\"local\": %u, \"peer\": %u } , \"state\": \"%s\"",
		  t->pid, t->ppid, (unsigned long long)t->counter,
		  IP_OR_ANY(&n->local, local), IP_OR_ANY(&n->peer, peer),
		  n->local_as, n->peer_as, state);
	if (why) {
		text_add(out, ", \"reason\": \"");
		add_string(out, why);
		text_add(out, "\"");
	}
	text_add(out, " } }\n");
}

void
exabgp_say_state(const struct exabgp_teller *t, const struct exabgp_neighbor *n,
		 const char *state, const char *why, struct text *out)
{
	char peer[IP_TEXT_MAX];

	if (t->json) {
		json_state(t, n, state, why, out);
		return;
	}
	text_addf(out, "neighbor %s %s%s%s\n", IP_OR_ANY(&n->peer, peer), state,
		  why ? " - " : "", why ? why : "");
}

/* ---- routes ---- */

static void
add_communities(const struct bgp_attributes *a, struct text *out)
{
	size_t n = a->n_communities;

	if (n > 0)
		text_add(out, " community [");
	for (size_t i = 0; i < n && i < BGP_COMMUNITIES_MAX; i++)
		text_addf(out, " %u:%u", a->communities[i] >> 16,
			  a->communities[i] & 0xffff);
	if (n > 0)
		text_add(out, " ]");
	n = a->n_large_communities;
	if (n > 0)
		text_add(out, " large-community [");
	for (size_t i = 0; i < n && i < BGP_COMMUNITIES_MAX; i++)
		text_addf(out, " %u:%u:%u", a->large_communities[i].v[0],
			  a->large_communities[i].v[1],
			  a->large_communities[i].v[2]);
	if (n > 0)
		text_add(out, " ]");
	n = a->n_ext_communities;
	if (n > 0)
		text_add(out, " extended-community [");
	for (size_t i = 0; i < n && i < BGP_COMMUNITIES_MAX; i++)
		text_addf(out, " 0x%016llx",
			  (unsigned long long)a->ext_communities[i]);
	if (n > 0)
		text_add(out, " ]");
}

void
exabgp_say_attributes(const struct bgp_attributes *a, struct text *out)
{
	static const char *const origins[] = {"igp", "egp", "incomplete"};

	if (a->has_origin && a->origin < 3)
		text_addf(out, " origin %s", origins[a->origin]);
	if (a->n_as_path > 0)
		text_add(out, " as-path [");
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		text_addf(out, " %u", a->as_path[i]);
	if (a->n_as_path > 0)
		text_add(out, " ]");
	if (a->has_med)
		text_addf(out, " med %u", a->med);
	if (a->has_local_pref)
		text_addf(out, " local-preference %u", a->local_pref);
	if (a->atomic_aggregate)
		text_add(out, " atomic-aggregate");
	add_communities(a, out);
}

static void
add_session(const struct exabgp_neighbor *n, struct text *out)
{
	char local[IP_TEXT_MAX], id[IP_TEXT_MAX];

	text_addf(out,
		  "local-ip %s local-as %u peer-as %u router-id %s "
		  "family-allowed in-open ",
		  IP_OR_ANY(&n->local, local), n->local_as, n->peer_as,
		  IP_OR_ANY(&n->router_id, id));
}

void
exabgp_say_route(const struct exabgp_neighbor *n, const struct prefix *prefix,
		 const struct ip *next_hop,
		 const struct bgp_attributes *extensive, struct text *out)
{
	char ip[IP_TEXT_MAX], hop[IP_TEXT_MAX], text[PREFIX_TEXT_MAX];

	text_addf(out, "neighbor %s ", IP_OR_ANY(&n->peer, ip));
	if (extensive)
		add_session(n, out);
	text_addf(out, "%s unicast %s",
		  prefix->addr.family == AF_INET ? "ipv4" : "ipv6",
		  prefix_format(prefix, text, sizeof(text)));
	if (!ip_is_none(next_hop))
		text_addf(out, " next-hop %s",
			  ip_format(next_hop, hop, sizeof(hop)));
	if (extensive)
		exabgp_say_attributes(extensive, out);
	text_add(out, "\n");
}
