/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "sim/sim.h"

static void
add_as(struct sim_total *t, uint64_t weight, bool tied)
{
	t->ases++;
	t->weight += weight;
	t->tied_ases += tied;
	t->tied += tied ? weight : 0;
}

void
sim_totals(const struct sim_weights *w,
	   const struct sim_announcement *announcements, size_t n,
	   size_t n_sites, const uint16_t *where, const struct sim_set *ties,
	   struct sim_totals *out)
{
	*out = (struct sim_totals){
	    .site = xcalloc(n_sites + 1, sizeof(*out->site)),
	    .n_sites = n_sites,
	    .announcement = xcalloc(n + 1, sizeof(*out->announcement)),
	    .n_announcements = n,
	};
	for (uint32_t id = 0; id < w->n; id++) {
		bool tied = ties && sim_set_has(ties, id);
		uint16_t a = where[id];

		if (a == SIM_UNREACHED) {
			add_as(&out->unreached, w->v[id], tied);
			continue;
		}
		add_as(&out->announcement[a], w->v[id], tied);
		if (announcements[a].site >= n_sites) {
			add_as(&out->dropped, w->v[id], tied);
			continue;
		}
		add_as(&out->site[announcements[a].site], w->v[id], tied);
		add_as(&out->all, w->v[id], tied);
	}
}

void
sim_totals_free(struct sim_totals *t)
{
	free(t->site);
	free(t->announcement);
	*t = (struct sim_totals){0};
}
