/* SPDX-License-Identifier: ISC */
/*
 * One pass over all rows looks whether their ids are some, stand on the right
 * side and ascend by rank. That each link stands in the rows of both its ends
 * is seen by a sum: one end adds a hash of the link and the other takes it
 * away. Where something is wrong, a slower look says what.
 */
#include <stdlib.h>

#include "sim/map.h"
#include "sim/notes.h"

struct place {
	uint32_t rank;
	uint32_t mark; /* the AS visited last that has it above or below */
};

struct check {
	struct notes *notes;
	const struct sim_graph *g;
	struct place *place; /* by id */
	uint64_t transit;    /* sum of links between providers and customers */
	uint64_t peers;
};

static bool
check_numbers(struct notes *notes, const struct sim_graph *g)
{
	for (uint32_t r = 0, last = 0; r < g->n; r++) {
		uint32_t id = g->by_rank[r];

		if (id >= g->n || g->rank[id] != r) {
			notes_error(notes, 0,
				    "ids by rank: entry %u is %u, which has "
				    "another rank or is none",
				    r, id);
			return false;
		}
		if (g->asn[id] <= last) {
			notes_error(notes, 0,
				    "AS numbers: %u follows %u by rank, "
				    "expected ascending ones",
				    g->asn[id], last);
			return false;
		}
		last = g->asn[id];
	}
	return true;
}

static bool
check_rows(struct notes *notes, const struct sim_graph *g,
	   enum sim_relation what, uint32_t total)
{
	const uint32_t *at = g->rows[what].at;
	uint32_t bad = at[0] ? 1 : 0;

	for (uint32_t id = 0; id < g->n; id++)
		bad |= at[id] > at[id + 1];
	if (!bad && at[g->n] == total)
		return true;
	notes_error(notes, 0,
		    "rows of %ss: expected offsets from 0 to %u that never go "
		    "back",
		    sim_relation_text(what), total);
	return false;
}

/*
 * A link's hash is the product of those of its ends, so that a row needs one
 * multiplication by its own.
 */
static inline uint64_t
hash_end(uint32_t rank)
{
	uint64_t h = (rank + UINT64_C(1)) * UINT64_C(0x9e3779b97f4a7c15);

	return h ^ h >> 32;
}

/* Customers follow, providers precede: [low, high) is where they may be. */
static inline bool
check_transit(struct check *c, uint32_t id, struct sim_ids row, uint32_t low,
	      uint32_t high, bool up)
{
	struct place *place = c->place;
	uint32_t next = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < row.n; i++) {
		uint32_t v = row.v[i], rank;

		if (v < low || v >= high)
			return false;
		rank = place[v].rank;
		if (rank < next)
			return false;
		next = rank + 1;
		place[v].mark = id;
		sum += hash_end(rank);
	}
	sum *= hash_end(place[id].rank);
	c->transit += up ? sum : -sum;
	return true;
}

static inline bool
check_peers(struct check *c, uint32_t id, struct sim_ids row)
{
	const struct place *place = c->place;
	uint32_t rank = place[id].rank, next = 0;
	uint64_t below = 0, sum = 0;

	for (size_t i = 0; i < row.n; i++) {
		uint64_t end;
		struct place p;

		if (row.v[i] >= c->g->n)
			return false;
		p = place[row.v[i]];
		if (p.rank < next || p.mark == id || p.rank == rank)
			return false;
		next = p.rank + 1;
		end = hash_end(p.rank);
		sum += end;
		below += p.rank < rank ? end : 0;
	}
	/* Those below less those above. */
	c->peers += (2 * below - sum) * hash_end(rank);
	return true;
}

static const char *
what_is_wrong(const struct check *c, uint32_t id, enum sim_relation what,
	      const struct sim_ids *row, size_t i)
{
	const struct sim_graph *g = c->g;
	uint32_t v = row->v[i];

	if (v >= g->n)
		return "is none";
	if (v == id)
		return "is the AS itself";
	if ((what == SIM_CUSTOMER && v < id) ||
	    (what == SIM_PROVIDER && v > id))
		return "is on the wrong side, providers come first";
	if (i > 0 && g->rank[v] <= g->rank[row->v[i - 1]])
		return "is not above the one before by AS number";
	if (what == SIM_PEER && c->place[v].mark == id)
		return "is a provider or customer as well";
	return NULL;
}

static void
tell_row(struct check *c, uint32_t id)
{
	for (int what = SIM_CUSTOMER; what <= SIM_PROVIDER; what++) {
		struct sim_ids row = graph_row(c->g, what, id);

		for (size_t i = 0; i < row.n; i++) {
			const char *wrong = what_is_wrong(c, id, what, &row, i);

			if (!wrong)
				continue;
			notes_error(c->notes, 0,
				    "%ss of AS %u: entry %zu, id %u, %s",
				    sim_relation_text(what), c->g->asn[id], i,
				    row.v[i], wrong);
			return;
		}
	}
}

static bool
check_each(struct check *c)
{
	const struct sim_graph *g = c->g;

	for (uint32_t id = 0; id < g->n; id++) {
		if (check_transit(c, id, graph_row(g, SIM_CUSTOMER, id), id + 1,
				  g->n, false) &&
		    check_transit(c, id, graph_row(g, SIM_PROVIDER, id), 0, id,
				  true) &&
		    check_peers(c, id, graph_row(g, SIM_PEER, id)))
			continue;
		tell_row(c, id);
		return false;
	}
	return true;
}

static bool
check_links(struct notes *notes, const struct sim_graph *g)
{
	struct check c = {
	    .notes = notes,
	    .g = g,
	    .place = xcalloc(g->n, sizeof(*c.place)),
	};
	bool good;

	for (uint32_t id = 0; id < g->n; id++)
		c.place[id] = (struct place){g->rank[id], SIM_NONE};
	good = check_each(&c);
	if (good && c.transit)
		notes_error(notes, 0,
			    "customers and providers are not the same links");
	if (good && c.peers)
		notes_error(notes, 0,
			    "peers: a link stands at one of its ends alone");
	free(c.place);
	return good && !c.transit && !c.peers;
}

bool
map_check(struct notes *notes, const struct sim_graph *g,
	  const struct graph_counts *counts)
{
	return check_numbers(notes, g) &&
	       check_rows(notes, g, SIM_CUSTOMER, counts->provider_links) &&
	       check_rows(notes, g, SIM_PEER, 2 * counts->peer_links) &&
	       check_rows(notes, g, SIM_PROVIDER, counts->provider_links) &&
	       check_links(notes, g);
}
