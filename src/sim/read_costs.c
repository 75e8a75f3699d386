/* SPDX-License-Identifier: ISC */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lines.h"
#include "sim/read_file.h"
#include "sim/sim.h"

#define COST_MAX 4000000.0 /* fits 32 bits in thousandths */

struct reading {
	const struct sim_graph *g;
	const char *const *sites; /* names */
	size_t n_sites;
	uint32_t *cost;   /* [site * n + id] */
	uint32_t *line;   /* of that cost; 0: none */
	uint32_t *n_line; /* by site: how many */
};

static size_t
find_site(const struct reading *r, struct field f)
{
	size_t site = 0;

	while (site < r->n_sites && !field_is(f, r->sites[site]))
		site++;
	return site;
}

static bool
judge_site(struct notes *notes, const struct reading *r, uint32_t line,
	   struct field f, size_t *site)
{
	char quoted[LINES_ESCAPED];

	*site = find_site(r, f);
	if (*site < r->n_sites)
		return true;
	notes_error(notes, line, "found site \"%s\", which there is not",
		    field_quote(f, quoted));
	return false;
}

static bool
judge_asn(struct notes *notes, uint32_t line, struct field f, uint32_t *asn)
{
	char quoted[LINES_ESCAPED];

	if (field_as(f, asn))
		return true;
	notes_error(notes, line,
		    "found \"%s\", expected an AS number, 1 to 4294967295",
		    field_quote(f, quoted));
	return false;
}

static bool
judge_cost(struct notes *notes, uint32_t line, struct field f, uint32_t *cost)
{
	char quoted[LINES_ESCAPED];
	double v;

	if (field_decimal(f, &v) && v <= COST_MAX) {
		*cost = (uint32_t)lround(v * 1000);
		return true;
	}
	notes_error(notes, line,
		    "found cost \"%s\", expected a number, 0 to %.0f",
		    field_quote(f, quoted), COST_MAX);
	return false;
}

static void
put(struct notes *notes, struct reading *r, uint32_t line, size_t site,
    uint32_t asn, uint32_t cost)
{
	uint32_t id = sim_graph_find(r->g, asn);
	size_t at = site * sim_graph_count(r->g) + id;

	if (id == SIM_NONE) {
		notes_warning(notes, line,
			      "AS %u is not in the graph: passed over", asn);
		return;
	}
	if (r->line[at]) {
		notes_error(notes, line,
			    "site %s and AS %u as in line %u, expected each "
			    "pair once",
			    r->sites[site], asn, r->line[at]);
		return;
	}
	r->cost[at] = cost;
	r->line[at] = line;
	r->n_line[site]++;
}

static void
read_line(struct notes *notes, struct reading *r, uint32_t line,
	  struct field whole)
{
	char quoted[LINES_ESCAPED];
	struct field f[3];
	size_t n = field_csv(whole, f, 3), site;
	uint32_t asn, cost;
	bool good;

	if (n != 3) {
		notes_error(notes, line,
			    "\"%s\" has %zu column%s, expected SITE,AS,COST",
			    field_quote(whole, quoted), n, n == 1 ? "" : "s");
		return;
	}
	good = judge_site(notes, r, line, f[0], &site);
	good = judge_asn(notes, line, f[1], &asn) && good;
	if (judge_cost(notes, line, f[2], &cost) && good)
		put(notes, r, line, site, asn, cost);
}

static void
read_costs(struct notes *notes, const char *text, size_t n, void *ctx)
{
	struct reading *r = ctx;
	struct lines lines = lines_of(text, n);
	struct field line;
	bool first = true;

	while (lines_next(&lines, &line)) {
		if (!first || !field_header(line, 2))
			read_line(notes, r, lines.number, line);
		first = false;
	}
	for (size_t site = 0; site < r->n_sites; site++)
		if (!r->n_line[site])
			notes_warning(notes, 0,
				      "site %s has no cost: it is not counted",
				      r->sites[site]);
}

static struct reading
start(const struct sim_graph *g, const char *const *sites, size_t n_sites)
{
	size_t cells = n_sites * sim_graph_count(g);
	struct reading r = {
	    .g = g,
	    .sites = sites,
	    .n_sites = n_sites,
	    .cost = xcalloc(cells + 1, sizeof(uint32_t)),
	    .line = xcalloc(cells + 1, sizeof(uint32_t)),
	    .n_line = xcalloc(n_sites + 1, sizeof(uint32_t)),
	};

	for (size_t i = 0; i < cells; i++)
		r.cost[i] = SIM_COST_UNKNOWN;
	return r;
}

static int
finish(int err, struct reading *r, uint32_t **out)
{
	*out = err ? NULL : r->cost;
	if (err)
		free(r->cost);
	free(r->line);
	free(r->n_line);
	return err;
}

int
sim_read_costs(const char *path, const struct sim_graph *g,
	       const char *const *sites, size_t n_sites, uint32_t **out,
	       struct text *messages)
{
	struct reading r = start(g, sites, n_sites);

	return finish(read_file(path, read_costs, &r, messages), &r, out);
}

int
sim_read_costs_parse(const char *path, const char *text, size_t n,
		     const struct sim_graph *g, const char *const *sites,
		     size_t n_sites, uint32_t **out, struct text *messages)
{
	struct reading r = start(g, sites, n_sites);

	return finish(read_memory(path, text, n, read_costs, &r, messages), &r,
		      out);
}
