/* SPDX-License-Identifier: ISC */
#include "sim/ribs_plan.h"

#include <stdlib.h>
#include <string.h>

/* A path as text with its place, as it is on average and a bit more. */
#define PATH_OCTETS 56
/* A quarter of it for paths, the rest for next ASes. */
#define MEMORY ((size_t)512 << 20)

/* ---- the order of ASes ---- */

struct number {
	char text[12];
	uint32_t id;
};

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct number *)a)->text,
		      ((const struct number *)b)->text);
}

static uint32_t *
ids_by_text(const struct sim_graph *g, uint32_t n)
{
	struct number *numbers = xcalloc(n + 1, sizeof(*numbers));
	uint32_t *ids = xcalloc(n + 1, sizeof(*ids));
	struct text text = {0};

	for (uint32_t id = 0; id < n; id++) {
		text_clear(&text);
		text_add_number(&text, sim_graph_asn(g, id), 1);
		memcpy(numbers[id].text, text.s, text.len + 1);
		numbers[id].id = id;
	}
	text_free(&text);
	qsort(numbers, n, sizeof(*numbers), by_text);
	for (uint32_t i = 0; i < n; i++)
		ids[i] = numbers[i].id;
	free(numbers);
	return ids;
}

/* ---- prefixes and groups ---- */

static void
cut_prefixes(const struct sim_seeds *seeds, struct ribs_plan *out)
{
	out->prefixes = xcalloc(seeds->n + 1, sizeof(*out->prefixes));
	for (size_t i = 0; i < seeds->n; i++) {
		const struct prefix *prefix = &seeds->v[i].prefix;
		struct ribs_prefix *p;

		if (i == 0 || !prefix_equal(prefix, &seeds->v[i - 1].prefix)) {
			p = &out->prefixes[out->n_prefixes++];
			prefix_format(prefix, p->text, sizeof(p->text));
			p->octets = strlen(p->text);
			p->first = (uint32_t)i;
		}
		out->prefixes[out->n_prefixes - 1].n++;
	}
}

/* Zero when the same ASes announce both, with the same validity. */
static int
by_seeds(const void *a, const void *b, void *arg)
{
	const struct ribs_prefix *x = a, *y = b;
	const struct sim_seed *v = arg;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (uint32_t i = 0; i < x->n; i++) {
		const struct sim_seed *p = &v[x->first + i];
		const struct sim_seed *q = &v[y->first + i];

		if (p->asn != q->asn)
			return p->asn < q->asn ? -1 : 1;
		if (p->invalid != q->invalid)
			return p->invalid - q->invalid;
	}
	return 0;
}

static struct sim_announcement *
announcements(const struct sim_ribs *what, const struct ribs_prefix *p)
{
	struct sim_announcement *v = xcalloc(p->n, sizeof(*v));

	for (uint32_t i = 0; i < p->n; i++) {
		const struct sim_seed *seed = &what->seeds->v[p->first + i];

		v[i].at = sim_graph_find(what->graph, seed->asn);
		v[i].from = SIM_ORIGIN;
		v[i].site = i;
		v[i].invalid = seed->invalid;
	}
	return v;
}

static void
make_groups(const struct sim_ribs *what, struct ribs_plan *out)
{
	struct sim_seed *v = what->seeds->v;
	uint32_t n = out->n_prefixes;

	qsort_r(out->prefixes, n, sizeof(*out->prefixes), by_seeds, v);
	out->announcements = xcalloc(n + 1, sizeof(*out->announcements));
	out->n_announcements = xcalloc(n + 1, sizeof(*out->n_announcements));
	for (uint32_t i = 0; i < n; i++) {
		struct ribs_prefix *p = &out->prefixes[i];
		uint32_t group = out->n_groups;

		if (i > 0 && by_seeds(p, p - 1, v) == 0) {
			p->group = group - 1;
			continue;
		}
		p->group = out->n_groups++;
		out->announcements[group] = announcements(what, p);
		out->n_announcements[group] = p->n;
	}
}

static int
by_prefix_text(const void *a, const void *b)
{
	const struct ribs_prefix *x = a, *y = b;

	return strcmp(x->text, y->text);
}

/* ---- memory ---- */

static void
make_paths(struct ribs_plan *out, size_t octets)
{
	size_t range = octets / PATH_OCTETS / (out->n_groups + 1);

	if (range == 0)
		range = 1;
	out->range = range < out->n_ids ? (uint32_t)range : out->n_ids;
	out->paths = xcalloc(out->n_groups + 1, sizeof(*out->paths));
	for (uint32_t i = 0; i < out->n_groups; i++)
		out->paths[i].end =
		    xcalloc(out->range + 1, sizeof(*out->paths[i].end));
}

int
ribs_plan(const struct sim_ribs *what, struct ribs_plan *out,
	  struct text *messages)
{
	size_t memory = what->memory ? what->memory : MEMORY;

	*out = (struct ribs_plan){.n_ids = sim_graph_count(what->graph)};
	cut_prefixes(what->seeds, out);
	make_groups(what, out);
	qsort(out->prefixes, out->n_prefixes, sizeof(*out->prefixes),
	      by_prefix_text);
	out->ids = ids_by_text(what->graph, out->n_ids);
	make_paths(out, memory / 4);
	return ribs_hops_new(what->graph, out->n_groups, memory / 4 * 3,
			     what->folder, &out->hops, messages);
}

void
ribs_plan_free(struct ribs_plan *p)
{
	for (uint32_t i = 0; i < p->n_groups; i++) {
		free(p->announcements[i]);
		text_free(&p->paths[i].text);
		free(p->paths[i].end);
	}
	ribs_hops_free(&p->hops);
	free(p->prefixes);
	free(p->announcements);
	free(p->n_announcements);
	free(p->paths);
	free(p->ids);
}
