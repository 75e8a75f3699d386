/* SPDX-License-Identifier: ISC */
/*
 * /metrics: tables of families, each with a number of items and a function
 * that writes one. The page is made in pieces, so that 100,000 prefixes do
 * not stall the loop; a reload in between ends it, because numbers of items
 * mean other objects then.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/metrics_part.h"
#include "daemon/show.h"

#define PIECE 32768 /* octets, about 0.1 ms of work */

void
metrics_part_count(struct metrics_walk *k, uint64_t value)
{
	metrics_sample(&k->w);
	metrics_count(&k->w, value);
}

void
metrics_part_real(struct metrics_walk *k, double value)
{
	metrics_sample(&k->w);
	metrics_real(&k->w, value);
}

/* The family that is written next; NULL behind the last. */
static const struct metrics_part *
next_part(struct metrics_walk *k)
{
	static const struct metrics_part *const tables[] = {
	    metrics_node_parts,    metrics_object_parts, metrics_peer_parts,
	    metrics_traffic_parts, metrics_watch_parts,  metrics_mesh_parts,
	    metrics_rpki_parts,    metrics_exabgp_parts, metrics_bfd_parts};

	while (k->table < ARRAY_LEN(tables)) {
		const struct metrics_part *part = &tables[k->table][k->part];

		if (part->write)
			return part;
		k->table++;
		k->part = 0;
	}
	return NULL;
}

/* Asked for every item: addresses and drains come and go meanwhile. */
static size_t
items(const struct metrics_walk *k, const struct metrics_part *part)
{
	return part->items ? part->items(k) : 1;
}

void *
metrics_begin(void *root)
{
	struct metrics_walk *k = xcalloc(1, sizeof(*k));

	k->b = root;
	k->generation = k->b->generation;
	k->n_peers = bgp_peers(k->b->bgp);
	k->peers = xcalloc(k->n_peers, sizeof(*k->peers));
	k->names = xcalloc(k->n_peers, sizeof(*k->names));
	for (size_t i = 0; i < k->n_peers; i++) {
		bgp_peer_view(bgp_peer_at(k->b->bgp, i), &k->peers[i]);
		k->names[i] = bgp_peer_name(bgp_peer_at(k->b->bgp, i));
	}
	checker_stats(k->b->checker, &k->checker);
	out_stats(k->b->out, &k->out);
	sandbox_facts(&k->sandbox);
	return k;
}

/* Those that were found in a range come and go between two pieces. */
static bool
same_peers(const struct metrics_walk *k)
{
	const struct bgp *bgp = k->b->bgp;

	if (k->n_peers != bgp_peers(bgp))
		return false;
	for (size_t i = 0; i < k->n_peers; i++)
		if (k->names[i] != bgp_peer_name(bgp_peer_at(bgp, i)))
			return false;
	return true;
}

int
metrics_more(void *state, struct text *body)
{
	struct metrics_walk *k = state;
	const struct metrics_part *part;

	if (k->generation != k->b->generation || !same_peers(k))
		return -ESTALE;
	k->w.out = body;
	while ((part = next_part(k)) != NULL) {
		if (k->item == 0)
			metrics_family(&k->w, part->metric);
		while (k->item < items(k, part)) {
			part->write(k, k->item++);
			if (body->len >= PIECE)
				return 1;
		}
		k->part++;
		k->item = 0;
	}
	metrics_end(&k->w);
	return 0;
}

void
metrics_free(void *state)
{
	struct metrics_walk *k = state;

	free(k->exports);
	free(k->peers);
	free(k->names);
	free(k);
}
