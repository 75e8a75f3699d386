/* SPDX-License-Identifier: ISC */
/*
 * The next hops of accepted routes, each once: is it reachable, and by which
 * gateway? Asked of the kernel when it is new and when the kernel's tables
 * have changed (hops_again).
 */
#ifndef BASIN_BGP_HOPS_H
#define BASIN_BGP_HOPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"
#include "bgp/bgp.h"

struct hop_key {
	struct ip ip;
	unsigned ifindex; /* of a link-local one, else 0 */
};

struct hop {
	struct hop_key key;
	bool reachable;
	struct ip gateway; /* while reachable */
	unsigned ifindex;
	uint32_t refs;
	UT_hash_handle hh;
};

struct hops {
	struct hop *all;         /* uthash */
	bgp_resolve_fn *resolve; /* NULL: all are reachable, on a link */
	void *arg;
};

/* Counted for the caller. */
struct hop *hops_get(struct hops *h, const struct ip *ip, unsigned ifindex);
void hops_put(struct hops *h, struct hop *hop);
/* Asks again for all; whether any answer is another one. */
bool hops_again(struct hops *h);

#endif
