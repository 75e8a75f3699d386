/* SPDX-License-Identifier: ISC */
/*
 * Links to a graph. First AS numbers become ranks, their places among all
 * numbers, and the links are sorted by them: then the same pair twice stands
 * side by side, and rows filled in this order are sorted. Then the ASes are
 * put in order, providers first, and the rows are written by id.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/graph.h"
#include "sim/graph_order.h"
#include "sim/notes.h"
#include "sim/numbers.h"

static uint32_t
low(const struct graph_link *l)
{
	return l->a < l->b ? l->a : l->b;
}

static uint32_t
high(const struct graph_link *l)
{
	return l->a < l->b ? l->b : l->a;
}

/* Leaves links of an AS to itself out. */
static size_t
leave_out_selves(struct notes *notes, struct graph_link *links, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (links[i].a != links[i].b)
			links[kept++] = links[i];
		else
			notes_error(notes, links[i].line,
				    "AS %u is linked to itself, expected two "
				    "ASes",
				    links[i].a);
	return kept;
}

/* Ranks for AS numbers in the links; false: there are too many. */
static bool
number(struct numbers *numbers, struct notes *notes, struct graph_link *links,
       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (numbers_add(numbers, links[i].a) &&
		    numbers_add(numbers, links[i].b))
			continue;
		notes_error(notes, links[i].line,
			    "more than %u ASes, the most that are accepted",
			    GRAPH_MAX);
		return false;
	}
	numbers_sort(numbers);
	for (size_t i = 0; i < n; i++) {
		links[i].a = numbers_rank(numbers, links[i].a);
		links[i].b = numbers_rank(numbers, links[i].b);
	}
	return true;
}

/* One pass of a stable sort; `to` and `from` have room for n. */
static void
scatter(struct graph_link *to, const struct graph_link *from, size_t n,
	uint32_t (*key)(const struct graph_link *), uint32_t n_keys)
{
	uint32_t *at = xcalloc((size_t)n_keys + 1, sizeof(*at));

	for (size_t i = 0; i < n; i++)
		at[key(&from[i]) + 1]++;
	for (uint32_t i = 0; i < n_keys; i++)
		at[i + 1] += at[i];
	for (size_t i = 0; i < n; i++)
		to[at[key(&from[i])]++] = from[i];
	free(at);
}

/* By the lower, then the higher rank; as in the file where both are equal. */
static void
sort(struct graph_link *links, size_t n, uint32_t n_keys)
{
	struct graph_link *half = xcalloc(n, sizeof(*half));

	scatter(half, links, n, high, n_keys);
	scatter(links, half, n, low, n_keys);
	free(half);
}

static void
say_link(struct text *out, const struct numbers *numbers,
	 const struct graph_link *l)
{
	text_addf(out, "AS %u %s AS %u", numbers->v[l->a],
		  l->peers ? "is a peer of" : "is a provider of",
		  numbers->v[l->b]);
}

/* `again` joins the same two ASes as `first`, an earlier line. */
static void
judge_again(struct notes *notes, const struct numbers *numbers,
	    const struct graph_link *first, const struct graph_link *again)
{
	struct text here = {0}, there = {0};

	say_link(&here, numbers, again);
	say_link(&there, numbers, first);
	if (first->peers == again->peers &&
	    (first->peers || first->a == again->a))
		notes_warning(notes, again->line,
			      "%s, as line %u says already: counted once",
			      here.s, first->line);
	else
		notes_error(notes, again->line,
			    "%s, but line %u says that %s: expected one "
			    "relation of two ASes",
			    here.s, first->line, there.s);
	text_free(&here);
	text_free(&there);
}

/* Sorted links, each pair once; returns how many are left. */
static size_t
unite(struct notes *notes, const struct numbers *numbers,
      struct graph_link *links, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct graph_link *last = &links[kept ? kept - 1 : 0];

		if (kept && low(last) == low(&links[i]) &&
		    high(last) == high(&links[i]))
			judge_again(notes, numbers, last, &links[i]);
		else
			links[kept++] = links[i];
	}
	return kept;
}

static struct graph_counts
count(const struct graph_link *links, size_t n, uint32_t ases)
{
	struct graph_counts c = {.ases = ases};

	for (size_t i = 0; i < n; i++)
		if (links[i].peers)
			c.peer_links++;
		else
			c.provider_links++;
	return c;
}

/* What the higher rank of a link is to the lower one. */
static enum sim_relation
relation_of_high(const struct graph_link *l)
{
	if (l->peers)
		return SIM_PEER;
	return l->a < l->b ? SIM_CUSTOMER : SIM_PROVIDER;
}

static enum sim_relation
opposite(enum sim_relation r)
{
	return SIM_CUSTOMER + SIM_PROVIDER - r;
}

/*
 * `id` is by rank. at[id + 1] first counts, then is where the row of `id`
 * begins, and has moved to its end, where the next begins, when all is in.
 */
static void
fill_rows(struct graph_arrays *out, const uint32_t *id,
	  const struct graph_link *links, size_t n, uint32_t ases)
{
	for (int r = SIM_CUSTOMER; r <= SIM_PROVIDER; r++)
		memset(out->at[r], 0, ((size_t)ases + 1) * sizeof(uint32_t));
	for (size_t i = 0; i < n; i++) {
		enum sim_relation r = relation_of_high(&links[i]);

		out->at[r][id[low(&links[i])] + 1]++;
		out->at[opposite(r)][id[high(&links[i])] + 1]++;
	}
	for (int r = SIM_CUSTOMER; r <= SIM_PROVIDER; r++) {
		uint32_t sum = 0;

		for (uint32_t v = 1; v <= ases; v++) {
			uint32_t row = out->at[r][v];

			out->at[r][v] = sum;
			sum += row;
		}
	}
	for (size_t i = 0; i < n; i++) {
		enum sim_relation r = relation_of_high(&links[i]);
		uint32_t u = id[low(&links[i])], v = id[high(&links[i])];

		out->v[r][out->at[r][u + 1]++] = v;
		r = opposite(r);
		out->v[r][out->at[r][v + 1]++] = u;
	}
}

static struct sim_graph *
write_graph(const struct numbers *numbers, const uint32_t *id,
	    const struct graph_link *links, size_t n)
{
	struct graph_counts c = count(links, n, numbers->n);
	struct sim_graph *g = xcalloc(1, sizeof(*g));
	struct graph_arrays out;

	g->octets = graph_words(&c) * sizeof(uint32_t);
	g->memory = xcalloc(1, g->octets);
	out = graph_layout(g, g->memory, &c);
	for (uint32_t rank = 0; rank < c.ases; rank++) {
		out.by_rank[rank] = id[rank];
		out.rank[id[rank]] = rank;
		out.asn[id[rank]] = numbers->v[rank];
	}
	fill_rows(&out, id, links, n, c.ases);
	return g;
}

struct sim_graph *
graph_build_noted(struct notes *notes, struct graph_link *links, size_t n)
{
	struct numbers numbers;
	struct sim_graph *g = NULL;
	uint32_t *id = NULL;

	n = leave_out_selves(notes, links, n);
	if (n == 0 && notes->errors.n == 0)
		notes_error(notes, 0,
			    "no link between two ASes, expected at least one");
	numbers = numbers_new(n < GRAPH_MAX / 2 ? 2 * (uint32_t)n : GRAPH_MAX);
	if (n && number(&numbers, notes, links, n)) {
		sort(links, n, numbers.n);
		n = unite(notes, &numbers, links, n);
		id = graph_order(notes, &numbers, links, n);
	}
	if (id && notes->errors.n == 0)
		g = write_graph(&numbers, id, links, n);
	free(id);
	numbers_free(&numbers);
	return g;
}

int
graph_build(const char *path, struct graph_link *links, size_t n,
	    struct sim_graph **out, struct text *messages)
{
	struct notes notes = {.path = path};

	*out = graph_build_noted(&notes, links, n);
	return notes_tell(&notes, messages);
}
