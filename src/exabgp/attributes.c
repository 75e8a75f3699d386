/* SPDX-License-Identifier: ISC */
/* Path attributes of a command; the words are ExaBGP's. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/community.h"
#include "exabgp/tokens.h"

/* ---- lists: one word, or words in brackets ---- */

typedef bool list_fn(struct tokens *t, const char *word,
		     struct bgp_attributes *a);

static bool
list(struct tokens *t, struct bgp_attributes *a, list_fn *each)
{
	const char *word;

	if (!tokens_take(t, "[")) {
		word = tokens_next(t);
		return word ? each(t, word, a)
			    : tokens_fail(t, EINVAL,
					  "found nothing, expected a value");
	}
	while (!tokens_take(t, "]")) {
		word = tokens_next(t);
		if (!word)
			return tokens_fail(t, EINVAL,
					   "found the end, expected \"]\"");
		if (strcmp(word, ",") != 0 && !each(t, word, a))
			return false;
	}
	return true;
}

static bool
add_asn(struct tokens *t, const char *word, struct bgp_attributes *a)
{
	uint32_t asn;

	if (strcmp(word, "(") == 0 || strcmp(word, "{") == 0 ||
	    strcmp(word, "[") == 0)
		return tokens_fail(t, ENOTSUP,
				   "an AS_SET is not announced (RFC 6472)");
	if (!tokens_read_asn(word, &asn) || asn == 0)
		return tokens_fail(t, EINVAL,
				   "found no AS number in as-path, expected "
				   "1 to 4294967295");
	if (a->n_as_path >= BGP_AS_PATH_MAX)
		return tokens_fail(t, EINVAL, "found more than %d ASNs",
				   BGP_AS_PATH_MAX);
	a->as_path[a->n_as_path++] = asn;
	a->path_length = a->n_as_path;
	return true;
}

/* ---- communities ---- */

static bool
named_community(const char *word, uint32_t *out)
{
	static const struct {
		uint32_t value;
		const char *a, *b;
	} names[] = {
#define X(value, written, printed) {value, written, printed},
	    COMMUNITIES(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(word, names[i].a) == 0 ||
		    strcasecmp(word, names[i].b) == 0) {
			*out = names[i].value;
			return true;
		}
	return false;
}

/* "a:b:c" into at most `max` parts; the number of parts, 0: too many. */
static size_t
parts(const char *word, char buf[static 96], char **v, size_t max)
{
	size_t n = 0;

	if (strlen(word) >= 96)
		return 0;
	strcpy(buf, word);
	for (char *p = buf; p; n++) {
		char *colon = strchr(p, ':');

		if (n == max)
			return 0;
		v[n] = p;
		if (colon)
			*colon++ = '\0';
		p = colon;
	}
	return n;
}

static bool
add_standard(struct tokens *t, const char *word, struct bgp_attributes *a)
{
	char buf[96], *v[2];
	uint64_t high, low;
	uint32_t value;
	size_t n = parts(word, buf, v, 2);

	if (named_community(word, &value))
		;
	else if (n == 2 && tokens_read_number(v[0], UINT16_MAX, &high) &&
		 tokens_read_number(v[1], UINT16_MAX, &low))
		value = (uint32_t)(high << 16 | low);
	else if (n == 1 && tokens_read_number(v[0], UINT32_MAX, &low))
		value = (uint32_t)low;
	else
		return tokens_fail(t, EINVAL,
				   "found no community, expected ASN:NUMBER "
				   "or a name such as no-export");
	if (a->n_communities >= BGP_COMMUNITIES_MAX)
		return tokens_fail(t, EINVAL, "found more than %d communities",
				   BGP_COMMUNITIES_MAX);
	a->communities[a->n_communities++] = value;
	return true;
}

static bool
add_large(struct tokens *t, const char *word, struct bgp_attributes *a)
{
	struct bgp_large_community *out;
	char buf[96], *v[3];
	uint64_t n[3];

	if (parts(word, buf, v, 3) != 3 ||
	    !tokens_read_number(v[0], UINT32_MAX, &n[0]) ||
	    !tokens_read_number(v[1], UINT32_MAX, &n[1]) ||
	    !tokens_read_number(v[2], UINT32_MAX, &n[2]))
		return tokens_fail(t, EINVAL,
				   "found no large community, expected "
				   "ASN:NUMBER:NUMBER");
	if (a->n_large_communities >= BGP_COMMUNITIES_MAX)
		return tokens_fail(t, EINVAL,
				   "found more than %d large communities",
				   BGP_COMMUNITIES_MAX);
	out = &a->large_communities[a->n_large_communities++];
	for (size_t i = 0; i < 3; i++)
		out->v[i] = (uint32_t)n[i];
	return true;
}

/* RFC 4360, RFC 5668: by what the administrator is. */
static bool
encode_extended(uint8_t subtype, const char *admin, const char *value,
		uint64_t *out)
{
	uint64_t high, low;
	struct ip ip;

	if (ip_parse(admin, &ip) == 0 && ip.family == AF_INET &&
	    tokens_read_number(value, UINT16_MAX, &low)) {
		*out = UINT64_C(1) << 56 | (uint64_t)subtype << 48 |
		       (uint64_t)ip_to_v4(&ip) << 16 | low;
		return true;
	}
	if (tokens_read_number(admin, UINT16_MAX, &high) &&
	    tokens_read_number(value, UINT32_MAX, &low)) {
		*out = (uint64_t)subtype << 48 | high << 32 | low;
		return true;
	}
	if (!tokens_read_number(admin, UINT32_MAX, &high) ||
	    !tokens_read_number(value, UINT16_MAX, &low))
		return false;
	*out = UINT64_C(2) << 56 | (uint64_t)subtype << 48 | high << 16 | low;
	return true;
}

static bool
read_extended(const char *word, uint64_t *out)
{
	char buf[96], *v[3];
	size_t n = parts(word, buf, v, 3);

	if (n == 1 && strncmp(word, "0x", 2) == 0 && strlen(word) == 18)
		return tokens_read_number(word, UINT64_MAX, out);
	if (n == 3 && (strcmp(v[0], "target") == 0 || strcmp(v[0], "rt") == 0))
		return encode_extended(2, v[1], v[2], out);
	if (n == 3 && (strcmp(v[0], "origin") == 0 || strcmp(v[0], "soo") == 0))
		return encode_extended(3, v[1], v[2], out);
	return n == 2 && encode_extended(2, v[0], v[1], out);
}

static bool
add_extended(struct tokens *t, const char *word, struct bgp_attributes *a)
{
	uint64_t value;

	if (!read_extended(word, &value))
		return tokens_fail(t, EINVAL,
				   "found no extended community, expected "
				   "target:ASN:NUMBER, origin:ASN:NUMBER or "
				   "0x and 16 digits");
	if (a->n_ext_communities >= BGP_COMMUNITIES_MAX)
		return tokens_fail(t, EINVAL,
				   "found more than %d extended communities",
				   BGP_COMMUNITIES_MAX);
	a->ext_communities[a->n_ext_communities++] = value;
	return true;
}

bool
attributes_communities(struct tokens *t, const char *word,
		       struct bgp_attributes *a)
{
	if (strcmp(word, "community") == 0)
		return list(t, a, add_standard);
	if (strcmp(word, "large-community") == 0)
		return list(t, a, add_large);
	return list(t, a, add_extended);
}

/* ---- the others ---- */

static bool
next_hop(struct tokens *t, struct bgp_attributes *a)
{
	struct ip ip;

	if (tokens_take(t, "self"))
		return true;
	if (!tokens_ip(t, &ip))
		return false;
	if (ip.family == AF_INET)
		a->next_hop = ip;
	else
		a->mp_next_hop = ip;
	return true;
}

static bool
origin(struct tokens *t, struct bgp_attributes *a)
{
	static const char *const words[] = {"igp", "egp", "incomplete"};
	const char *word = tokens_next(t);

	for (uint8_t i = 0; word && i < 3; i++)
		if (strcasecmp(word, words[i]) == 0) {
			a->has_origin = true;
			a->origin = i;
			return true;
		}
	return tokens_fail(t, EINVAL,
			   "found no origin, expected igp, egp or incomplete");
}

static bool
number(struct tokens *t, bool *has, uint32_t *out)
{
	uint64_t v = 0;

	if (!tokens_number(t, UINT32_MAX, "a number up to 4294967295", &v))
		return false;
	*has = true;
	*out = (uint32_t)v;
	return true;
}

/* "( 65000:192.0.2.1 )", with or without the brackets. */
static bool
aggregator(struct tokens *t, struct bgp_attributes *a)
{
	bool bracket = tokens_take(t, "(");
	char buf[96], *v[2];
	const char *word = tokens_next(t);
	struct ip ip;

	if (!word || parts(word, buf, v, 2) != 2 ||
	    !tokens_read_asn(v[0], &a->aggregator_asn) ||
	    ip_parse(v[1], &ip) != 0 || ip.family != AF_INET ||
	    (bracket && !tokens_take(t, ")")))
		return tokens_fail(t, EINVAL,
				   "found no aggregator, expected ( ASN:IPV4 "
				   ")");
	a->has_aggregator = true;
	a->aggregator_id = ip_to_v4(&ip);
	return true;
}

static bool
watchdog(struct tokens *t, struct exabgp_command *c)
{
	const char *word = tokens_next(t);

	if (!word || strlen(word) >= sizeof(c->watchdog))
		return tokens_fail(t, EINVAL,
				   "found no name of a watchdog, expected one "
				   "of 1 to %d octets",
				   EXABGP_NAME_MAX - 1);
	strcpy(c->watchdog, word);
	return true;
}

static bool
split_length(struct tokens *t, unsigned *split)
{
	const char *word = tokens_next(t);
	uint64_t v;

	if (!word || *word != '/' || !tokens_read_number(word + 1, 128, &v))
		return tokens_fail(t, EINVAL,
				   "found no length, expected one such as "
				   "/24");
	*split = (unsigned)v;
	return true;
}

static const char *const known[] = {"next-hop",
				    "origin",
				    "as-path",
				    "med",
				    "community",
				    "aggregator",
				    "local-preference",
				    "atomic-aggregate",
				    "large-community",
				    "extended-community",
				    "watchdog",
				    "withdraw",
				    "split",
				    "name",
				    NULL};

/* ExaBGP's, but of address families or roles that are not ours. */
static const char *const foreign[] = {"path-information",
				      "rd",
				      "route-distinguisher",
				      "label",
				      "bgp-prefix-sid",
				      "bgp-prefix-sid-srv6",
				      "attribute",
				      "originator-id",
				      "cluster-list",
				      "aigp",
				      NULL};

static bool
in(const char *word, const char *const *words)
{
	while (*words && strcmp(word, *words) != 0)
		words++;
	return *words != NULL;
}

bool
attributes_known(const char *word)
{
	return in(word, known) || in(word, foreign);
}

/* The marks that have a value of their own. */
static bool
parse_plain(struct tokens *t, const char *word, struct exabgp_command *c)
{
	struct bgp_attributes *a = &c->attributes;

	if (strcmp(word, "next-hop") == 0)
		return next_hop(t, a);
	if (strcmp(word, "origin") == 0)
		return origin(t, a);
	if (strcmp(word, "med") == 0)
		return number(t, &a->has_med, &a->med);
	if (strcmp(word, "local-preference") == 0)
		return number(t, &a->has_local_pref, &a->local_pref);
	if (strcmp(word, "aggregator") == 0)
		return aggregator(t, a);
	if (strcmp(word, "as-path") == 0) {
		a->has_as_path = true;
		return list(t, a, add_asn);
	}
	return attributes_communities(t, word, a);
}

bool
attributes_parse(struct tokens *t, const char *word, struct exabgp_command *c,
		 unsigned *split)
{
	char buf[64];

	if (in(word, foreign))
		return tokens_fail(t, ENOTSUP, "%s is not announced here",
				   word);
	if (!in(word, known))
		return tokens_fail(
		    t, EINVAL, "found %s, expected an attribute of the route",
		    text_escape(word, strlen(word), buf, sizeof(buf)));
	if (strcmp(word, "withdraw") == 0)
		return c->withdrawn = true;
	if (strcmp(word, "atomic-aggregate") == 0)
		return c->attributes.atomic_aggregate = true;
	if (strcmp(word, "watchdog") == 0)
		return watchdog(t, c);
	if (strcmp(word, "split") == 0)
		return split_length(t, split);
	if (strcmp(word, "name") == 0)
		return tokens_next(t) != NULL;
	return parse_plain(t, word, c);
}
