/* SPDX-License-Identifier: ISC */
/*
 * Attributes that somebody has given, made complete for one session.
 */
#include <string.h>

#include "bgp/path.h"

#define LOCAL_PREF_DEFAULT 100

/* RFC 4271 section 5.1.2: to external peers our ASN stands first. */
static const char *
complete_as_path(const struct path_session *s, struct bgp_attributes *a)
{
	uint32_t local = s->peer->local_asn;
	size_t n = a->has_as_path ? a->n_as_path : 0;

	a->has_as_path = true;
	if (!s->ibgp && (n == 0 || a->as_path[0] != local)) {
		if (n >= BGP_AS_PATH_MAX)
			return "its AS_PATH is too long";
		memmove(a->as_path + 1, a->as_path, n * sizeof(a->as_path[0]));
		a->as_path[0] = local;
		n++;
	}
	a->n_as_path = (uint16_t)n;
	a->path_length = a->n_as_path;
	return NULL;
}

/* RFC 4271 section 5.1.5 */
static void
complete_local_pref(const struct path_session *s, struct bgp_attributes *a)
{
	if (!s->ibgp)
		a->local_pref = 0;
	else if (!a->has_local_pref)
		a->local_pref = LOCAL_PREF_DEFAULT;
	a->has_local_pref = s->ibgp;
}

/* RFC 8955 section 4: a flow specification has none. */
static void
no_next_hop(struct bgp_attributes *a)
{
	memset(&a->next_hop, 0, sizeof(a->next_hop));
	memset(&a->mp_next_hop, 0, sizeof(a->mp_next_hop));
	memset(&a->mp_next_hop_local, 0, sizeof(a->mp_next_hop_local));
}

static const char *
complete_next_hop(const struct path_session *s, uint8_t family,
		  struct bgp_attributes *a)
{
	struct ip given = family == AF_INET ? a->next_hop : a->mp_next_hop;
	struct ip local = a->mp_next_hop_local;

	no_next_hop(a);
	if (ip_is_none(&given))
		return path_next_hop(s, family, a);
	if (ip_equal(&given, &s->remote))
		return "its next hop is the peer's own address";
	if (family == AF_INET) {
		a->next_hop = given;
	} else {
		a->mp_next_hop = given;
		a->mp_next_hop_local = local;
	}
	return NULL;
}

/*
 * RFC 9234 section 5: what has it goes to customers and RS-clients only. It is
 * of eBGP sessions alone: inside the AS it is kept as it is.
 */
static const char *
complete_otc(const struct path_session *s, struct bgp_attributes *a)
{
	enum conf_role role = s->peer->policy.role;

	if (!a->has_otc) {
		path_otc(s, a);
		return NULL;
	}
	if (s->ibgp)
		return NULL;
	return role == CONF_ROLE_CUSTOMER || role == CONF_ROLE_PEER ||
		       role == CONF_ROLE_RS_CLIENT
		   ? "its OTC forbids it to this neighbour (RFC 9234)"
		   : NULL;
}

const char *
path_complete(const struct path_session *s, unsigned family,
	      const struct bgp_attributes *given, struct bgp_attributes *out)
{
	const char *why;

	memcpy(out, given, sizeof(*out));
	if (!out->has_origin)
		out->origin = BGP_ORIGIN_IGP;
	out->has_origin = true;
	why = complete_as_path(s, out);
	if (why)
		return why;
	complete_local_pref(s, out);
	switch (family) {
	case BGP_FAMILY_IPV4:
	case BGP_FAMILY_IPV6:
		why = complete_otc(s, out);
		return why ? why
			   : complete_next_hop(s, bgp_family_ip(family), out);
	default:
		no_next_hop(out);
		return NULL;
	}
}

struct path *
path_given(struct path_table *t, const struct path_session *s, unsigned family,
	   const struct bgp_attributes *given, const char **why)
{
	struct bgp_attributes complete;

	*why = path_complete(s, family, given, &complete);
	return *why ? NULL : path_intern(t, family, &complete);
}
