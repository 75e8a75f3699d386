/* SPDX-License-Identifier: ISC */
#include "plan_case.h"

#include <stdlib.h>
#include <string.h>

#include "../test.h"
#include "random_case.h"

size_t
plan_case_draw(struct plan_case *c, size_t below)
{
	c->random =
	    c->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (size_t)((c->random >> 33) % below);
}

static void
add_graph(struct plan_case *c, uint64_t seed)
{
	struct random_case *r = xcalloc(1, sizeof(*r));
	struct text file = {0}, messages = {0};

	random_case(seed, r);
	random_case_graph(r, &file);
	assert_int_equal(sim_graph_parse("case", text_str(&file), file.len,
					 &c->g, &messages),
			 0);
	c->policy.preference = r->preference;
	text_free(&file);
	text_free(&messages);
	free(r);
}

static void
add_announcements(struct plan_case *c, size_t prefix)
{
	uint32_t n = sim_graph_count(c->g);

	for (uint32_t u = 0; u < CASE_UPSTREAMS; u++) {
		struct sim_announcement *a = &c->announcements[prefix][u];
		size_t prepended = plan_case_draw(c, 3);

		*a = (struct sim_announcement){
		    .at = (uint32_t)plan_case_draw(c, n),
		    .from = plan_case_draw(c, 4) ? SIM_CUSTOMER : SIM_PEER,
		    .site = c->upstream_site[u],
		    .tail = c->tail,
		    .n_tail = 1 + prepended,
		    .nopeer = !plan_case_draw(c, 8),
		};
		c->upstream[u] = u;
	}
	c->announcements[prefix][CASE_UPSTREAMS] = (struct sim_announcement){
	    .at = (uint32_t)plan_case_draw(c, n),
	    .site = SIM_NONE,
	    .down = plan_case_draw(c, 2),
	};
	c->upstream[CASE_UPSTREAMS] = SIM_NONE;
}

static void
add_weights(struct plan_case *c, size_t prefix)
{
	c->weights[prefix] = sim_weights_ases(c->g);
	c->weights[prefix].total = 0;
	for (uint32_t i = 0; i < c->weights[prefix].n; i++) {
		/* Many weigh next to nothing. */
		c->weights[prefix].v[i] =
		    plan_case_draw(c, plan_case_draw(c, 3) ? 100000 : 50);
		c->weights[prefix].total += c->weights[prefix].v[i];
	}
}

static void
add_prefix(struct plan_case *c, size_t prefix, bool inside)
{
	add_announcements(c, prefix);
	add_weights(c, prefix);
	c->prefixes[prefix] = (struct sim_plan_prefix){
	    .announcements = c->announcements[prefix],
	    .upstream = c->upstream,
	    .n = CASE_ANNOUNCEMENTS,
	    .weights = &c->weights[prefix],
	    .covered_by = inside ? 0 : SIM_NONE,
	};
}

void
plan_case_new(struct plan_case *c, uint64_t seed, size_t prefixes, bool inside)
{
	uint32_t n;

	memset(c, 0, sizeof(*c));
	c->random = seed;
	add_graph(c, seed);
	n = sim_graph_count(c->g);
	for (size_t i = 0; i <= CASE_PREPENDS; i++)
		c->tail[i] = 4200000000;
	/* Every site has an upstream; some have several. */
	for (size_t u = 0; u < CASE_UPSTREAMS; u++)
		c->upstream_site[u] =
		    (uint32_t)(u < CASE_SITES ? u
					      : plan_case_draw(c, CASE_SITES));
	for (size_t i = 0; i < CASE_SITES; i++)
		c->capacity[i] = 100000 + plan_case_draw(c, 2000000);
	for (size_t i = 0; i < prefixes; i++)
		add_prefix(c, i, inside && i);
	c->cost = xcalloc(CASE_SITES * (size_t)n + 1, sizeof(*c->cost));
	for (size_t i = 0; i < CASE_SITES * (size_t)n; i++)
		c->cost[i] = (uint32_t)plan_case_draw(c, 300000);
	c->plan = (struct sim_plan){
	    .g = c->g,
	    .policy = &c->policy,
	    .prefixes = c->prefixes,
	    .n_prefixes = prefixes,
	    .capacity = c->capacity,
	    .n_sites = CASE_SITES,
	    .upstream_site = c->upstream_site,
	    .n_upstreams = CASE_UPSTREAMS,
	    .threads = 2,
	};
}

void
plan_case_free(struct plan_case *c)
{
	for (size_t i = 0; i < CASE_PREFIXES; i++)
		sim_weights_free(&c->weights[i]);
	free(c->cost);
	sim_graph_free(c->g);
}

/* ---- the plain way ---- */

/* One packet, hop by hop; `chain` has the longest prefix first. */
static void
send_packet(const struct plan_case *c,
	    const struct sim_announcement (*announcements)[CASE_ANNOUNCEMENTS],
	    const struct sim_result *results, const uint32_t *chain, size_t n,
	    uint32_t from, struct plan_outcome *out)
{
	uint64_t weight = c->weights[chain[0]].v[from];
	const struct sim_announcement *a = NULL;
	uint32_t at = from;
	unsigned ases = 0;

	while (at != SIM_NONE) {
		struct sim_route route = {.announcement = SIM_UNREACHED};

		for (size_t i = 0; i < n; i++) {
			route = sim_route(c->g, &results[chain[i]], at);
			if (route.announcement == SIM_UNREACHED)
				continue;
			a = &announcements[chain[i]][route.announcement];
			break;
		}
		if (route.announcement == SIM_UNREACHED) {
			out->unreached += weight;
			return;
		}
		at = route.next;
		ases++;
	}
	if (a->site >= CASE_SITES) {
		out->dropped += weight;
		return;
	}
	out->load[a->site] += weight;
	out->served += weight;
	out->hops += (double)weight * (ases - (a->from == SIM_ORIGIN));
	out->cost +=
	    (double)weight * c->cost[a->site * sim_graph_count(c->g) + from];
}

void
plan_case_run(
    const struct plan_case *c,
    const struct sim_announcement (*announcements)[CASE_ANNOUNCEMENTS],
    struct plan_outcome *out)
{
	struct sim_engine *engine = sim_engine_new(c->g);
	struct sim_result results[CASE_PREFIXES];

	memset(out, 0, sizeof(*out));
	for (size_t p = 0; p < c->plan.n_prefixes; p++) {
		results[p] = sim_result_new(c->g);
		assert_int_equal(sim_run(engine, &c->policy, announcements[p],
					 CASE_ANNOUNCEMENTS, &results[p]),
				 0);
	}
	for (uint32_t p = 0; p < c->plan.n_prefixes; p++) {
		uint32_t chain[2] = {p, c->prefixes[p].covered_by};

		for (uint32_t i = 0; i < sim_graph_count(c->g); i++)
			send_packet(c, announcements, results, chain,
				    chain[1] == SIM_NONE ? 1 : 2, i, out);
	}
	for (size_t p = 0; p < c->plan.n_prefixes; p++)
		sim_result_free(&results[p]);
	sim_engine_free(engine);
}
