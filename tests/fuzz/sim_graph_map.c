/* SPDX-License-Identifier: ISC */
/*
 * Any octets as a saved graph: refused with a message, or a graph that keeps
 * all rules. The first octet says whether the head is made to fit what
 * follows, which chance would not do.
 */
#include <stdlib.h>
#include <string.h>

#include "graph_rules.h"
#include "sim/map.h"
#include "sim/notes.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* A head for the counts it has, as far as the arrays are there. */
static void
make_fit(char *saved, size_t n)
{
	struct map_head head;

	if (n < sizeof(head))
		return;
	memcpy(&head, saved, sizeof(head));
	head.counts.ases %= 64;
	head.counts.provider_links %= 256;
	head.counts.peer_links %= 256;
	if (graph_words(&head.counts) * sizeof(uint32_t) > n - sizeof(head))
		return;
	head = map_head(&head.counts, (const uint32_t *)(saved + sizeof(head)));
	memcpy(saved, &head, sizeof(head));
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct notes notes = {.path = "F"};
	struct text messages = {0};
	struct map_head head;
	struct sim_graph *g;
	char *saved;

	if (n < 1)
		return 0;
	/* Its own memory, so that reading behind the end is seen. */
	saved = xcalloc(n, 1);
	memcpy(saved, octets + 1, n - 1);
	if (octets[0] % 2)
		make_fit(saved, n - 1);
	n--;
	if (octets[0] % 2 && n >= sizeof(head)) {
		memcpy(&head, saved, sizeof(head));
		if (head.octets < n)
			n = head.octets;
	}
	g = map_open(&notes, saved, n);
	assert((g == NULL) == (notes.errors.n > 0));
	assert((notes_tell(&notes, &messages) == 0) == (g != NULL));
	assert((g == NULL) == (messages.len > 0));
	if (g)
		graph_rules_hold(g);
	free(g);
	free(saved);
	text_free(&messages);
	return 0;
}
