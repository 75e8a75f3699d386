/* SPDX-License-Identifier: ISC */
/*
 * A stream of messages from a peer, as far as its routes: framed, decoded,
 * filtered, kept. The callbacks must add up to what is kept, and the maximum
 * must hold.
 */
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "bgp/rib_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

struct world {
	struct rib_in r;
	long known;
};

static void
on_changed(void *arg, const struct bgp_route *route, bool gone)
{
	struct world *w = arg;

	if (gone)
		w->known--;
	else
		assert(route->attributes && !ip_is_none(&route->next_hop));
	assert(w->known <= (long)w->r.n + 1);
}

static void
count(void *arg, const struct bgp_route *route, struct mono since)
{
	++*(size_t *)arg;
}

/* True when the session would go on. */
static bool
apply(struct world *w, const struct policy_self *self, const uint8_t *m,
      size_t n)
{
	const struct bgp_session_facts facts = {
	    .as4 = true,
	    .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6,
	};
	struct bgp_update u;
	struct bgp_verdict v = bgp_decode_update(m, n, &facts, &u);
	size_t kept = 0;

	if (v.action >= BGP_DISABLE_FAMILY)
		return false;
	rib_in_update(&w->r, self, &u, v.action == BGP_TREAT_AS_WITHDRAW,
		      (struct mono){1});
	rib_in_each(&w->r, count, &kept);
	assert(kept == w->r.n && kept <= self->peer->policy.max_prefix.limit);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct conf_range list[] = {
	    {{{AF_INET, {10}}, 8}, 8, 10},
	    {{{AF_INET, {192, 0, 2}}, 24}, 24, 24},
	    {{{AF_INET6, {0x20, 0x01, 0x0d, 0xb8}}, 32}, 32, 128},
	};
	const struct conf_peer peer = {.asn = 65002,
				       .local_asn = 65001,
				       .policy = {
					   .first_as = true,
					   .import = {.enabled = true,
						      .prefixes = {list, 3},
						      .longest4 = 24,
						      .longest6 = 128},
					   .max_prefix = {.limit = 2},
				       }};
	const struct policy_self self = {.peer = &peer, .node_asn = 65001};
	struct world w = {.r = {.changed = on_changed}};
	struct bgp_verdict v;
	uint8_t type;
	int len;

	w.r.arg = &w;
	while ((len = bgp_frame(octets, n, BGP_MESSAGE_MAX, &type, &v)) > 0) {
		if (type == BGP_UPDATE &&
		    !apply(&w, &self, octets, (size_t)len))
			break;
		octets += len;
		n -= (size_t)len;
	}
	rib_in_clear(&w.r);
	rib_in_forget(&w.r);
	assert(w.r.n == 0 && !w.r.routes);
	return 0;
}
