/* SPDX-License-Identifier: ISC */
#include "bgp/hops.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static void
ask(const struct hops *h, struct hop *hop)
{
	const struct hop_key *key = &hop->key;

	hop->gateway = key->ip;
	hop->ifindex = key->ifindex;
	hop->reachable = true;
	if (h->resolve)
		hop->reachable = h->resolve(h->arg, &key->ip, key->ifindex,
					    &hop->gateway, &hop->ifindex) == 0;
}

struct hop *
hops_get(struct hops *h, const struct ip *ip, unsigned ifindex)
{
	struct hop_key key;
	struct hop *hop;

	memset(&key, 0, sizeof(key));
	key.ip = *ip;
	key.ifindex = ifindex;
	HASH_FIND(hh, h->all, &key, sizeof(key), hop);
	if (!hop) {
		hop = xcalloc(1, sizeof(*hop));
		memcpy(&hop->key, &key, sizeof(key));
		ask(h, hop);
		HASH_ADD(hh, h->all, key, sizeof(key), hop);
	}
	hop->refs++;
	return hop;
}

void
hops_put(struct hops *h, struct hop *hop)
{
	if (--hop->refs)
		return;
	HASH_DEL(h->all, hop);
	free(hop);
}

bool
hops_again(struct hops *h)
{
	bool changed = false;

	for (struct hop *hop = h->all; hop; hop = hop->hh.next) {
		const struct hop before = *hop;

		ask(h, hop);
		changed |= before.reachable != hop->reachable ||
			   (hop->reachable &&
			    (before.ifindex != hop->ifindex ||
			     !ip_equal(&before.gateway, &hop->gateway)));
	}
	return changed;
}
