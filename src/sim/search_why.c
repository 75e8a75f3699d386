/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

/* The solution without what octet `i` of its choice stands for. */
static void
take_away(struct quest *q, const struct entry *e, struct sim_contribution *c,
	  size_t i)
{
	size_t n_units = q->space.n_units;
	uint8_t *choice = search_batch_add(q);

	memcpy(choice, e->choice, q->space.size);
	choice[i] = 0;
	*c = (struct sim_contribution){.unit = SIM_NONE, .upstream = SIM_NONE};
	if (i < n_units)
		c->unit = (uint32_t)i;
	else
		c->upstream = (uint32_t)(i - n_units);
}

/* Runs what was taken away last; *n is how many were run before. */
static int
flush(struct quest *q, struct sim_contribution *why, size_t *n)
{
	int error = search_batch_run(q);

	for (size_t i = 0; i < q->n && !error; i++) {
		why[*n].without = q->scores[i].objective;
		why[*n].unreached = q->scores[i].unreached;
		why[*n].over = q->scores[i].over;
		*n += 1;
	}
	q->n = 0;
	return error;
}

int
search_why(struct quest *q, const struct entry *e, struct sim_solution *out)
{
	size_t size = q->space.size;
	int error = 0;

	out->why = xcalloc(size + 1, sizeof(*out->why));
	q->n = 0;
	for (size_t i = 0; i < size && !error; i++) {
		if (!e->choice[i])
			continue;
		take_away(q, e, &out->why[out->n_why + q->n], i);
		if (q->n == SEARCH_BATCH)
			error = flush(q, out->why, &out->n_why);
	}
	if (!error && q->n)
		error = flush(q, out->why, &out->n_why);
	q->n = 0;
	return error;
}
