/* SPDX-License-Identifier: ISC */
/*
 * Any text as an AS relationship file: it is refused with a message, or it is
 * a graph that keeps all rules and that its own saved form would give again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "graph_rules.h"
#include "sim/map.h"
#include "sim/notes.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
try_saved(const struct sim_graph *g)
{
	struct graph_counts counts = {g->n, sim_graph_provider_links(g),
				      sim_graph_peer_links(g)};
	struct map_head head = map_head(&counts, g->asn);
	size_t size = graph_words(&counts) * sizeof(uint32_t);
	char *saved = xcalloc(sizeof(head) + size, 1);
	struct notes notes = {.path = "saved"};
	struct sim_graph *again;

	memcpy(saved, &head, sizeof(head));
	memcpy(saved + sizeof(head), g->asn, size);
	again = map_open(&notes, saved, sizeof(head) + size);
	assert(again && notes.errors.n == 0);
	free(again);
	free(saved);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct text messages = {0};
	struct sim_graph *g;
	int err = sim_graph_parse("F", (const char *)octets, n, &g, &messages);

	assert(err == 0 || err == -EINVAL);
	assert((err == 0) == (g != NULL));
	assert(err == 0 || messages.len > 0);
	if (g) {
		graph_rules_hold(g);
		try_saved(g);
	}
	sim_graph_free(g);
	text_free(&messages);
	return 0;
}
