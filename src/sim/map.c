/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/map.h"
#include "sim/notes.h"

#define LANES 8

static const char *
section_name(unsigned section)
{
	static const char *const names[] = {
#define X(name) name,
	    MAP_SECTIONS(X)
#undef X
	};

	return names[section];
}

static uint64_t
mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

uint64_t
map_sum(const uint32_t *words, size_t n)
{
	uint64_t lane[LANES] = {1, 2, 3, 4, 5, 6, 7, 8}, sum = n;
	size_t i = 0;

	for (; i + 2 * LANES <= n; i += 2 * LANES)
		for (size_t j = 0; j < LANES; j++) {
			uint64_t two;

			memcpy(&two, words + i + 2 * j, sizeof(two));
			lane[j] = mix(lane[j], two);
		}
	for (; i < n; i++)
		sum = mix(sum, words[i]);
	for (size_t j = 0; j < LANES; j++)
		sum = mix(sum, lane[j]);
	return sum;
}

/* Where the arrays begin when `words` stand behind the head. */
static void
place_sections(struct map_head *head, const struct graph_counts *c)
{
	uint64_t n = c->ases, at = sizeof(*head);
	uint64_t words[MAP_N_SECTIONS] = {
	    n,
	    n,
	    n,
	    n + 1,
	    n + 1,
	    n + 1,
	    c->provider_links,
	    2 * (uint64_t)c->peer_links,
	    c->provider_links,
	};

	for (unsigned i = 0; i < MAP_N_SECTIONS; i++) {
		head->section[i] = at;
		at += words[i] * sizeof(uint32_t);
	}
	head->octets = at;
}

struct map_head
map_head(const struct graph_counts *counts, const uint32_t *words)
{
	struct map_head head = {
	    .order = MAP_ORDER,
	    .version = MAP_VERSION,
	    .counts = *counts,
	    .sum = map_sum(words, graph_words(counts)),
	};

	memcpy(head.magic, MAP_MAGIC, MAP_MAGIC_SIZE);
	place_sections(&head, counts);
	return head;
}

static bool
check_kind(struct notes *notes, const struct map_head *head)
{
	if (memcmp(head->magic, MAP_MAGIC, MAP_MAGIC_SIZE) != 0)
		notes_error(notes, 0, "is no saved graph");
	else if (head->order != MAP_ORDER)
		notes_error(notes, 0,
			    "saved graph of another byte order (mark %08x, "
			    "expected %08x): save it on this kind of machine",
			    head->order, MAP_ORDER);
	else if (head->version != MAP_VERSION)
		notes_error(notes, 0,
			    "saved graph of version %u, expected version %d: "
			    "save it anew from the AS relationship file",
			    head->version, MAP_VERSION);
	return notes->errors.n == 0;
}

static bool
check_counts(struct notes *notes, const struct graph_counts *c)
{
	if (c->ases < 2 || c->ases > GRAPH_MAX)
		notes_error(notes, 0, "head: %u ASes, expected 2 to %u",
			    c->ases, GRAPH_MAX);
	if (c->provider_links > GRAPH_LINKS_MAX)
		notes_error(notes, 0,
			    "head: %u provider links, expected at most %u",
			    c->provider_links, GRAPH_LINKS_MAX);
	if (c->peer_links > GRAPH_LINKS_MAX)
		notes_error(notes, 0,
			    "head: %u peer links, expected at most %u",
			    c->peer_links, GRAPH_LINKS_MAX);
	return notes->errors.n == 0;
}

static bool
check_places(struct notes *notes, const struct map_head *head, size_t n)
{
	struct map_head right = *head;

	place_sections(&right, &head->counts);
	if (head->zero)
		notes_error(notes, 0, "head: word 7 is %u, expected 0",
			    head->zero);
	for (unsigned i = 0; i < MAP_N_SECTIONS; i++)
		if (head->section[i] != right.section[i])
			notes_error(notes, 0,
				    "head: %s begin at octet %" PRIu64
				    ", expected %" PRIu64,
				    section_name(i), head->section[i],
				    right.section[i]);
	if (head->octets != right.octets)
		notes_error(notes, 0,
			    "head: %" PRIu64 " octets, expected %" PRIu64
			    " for these counts",
			    head->octets, right.octets);
	else if (n != right.octets)
		notes_error(notes, 0,
			    "saved graph has %zu octets, expected %" PRIu64
			    ": it was cut or added to",
			    n, right.octets);
	return notes->errors.n == 0;
}

struct sim_graph *
map_open(struct notes *notes, const void *octets, size_t n)
{
	/* Nothing is written by way of it: graph_layout() is for both. */
	uint32_t *words =
	    (uint32_t *)((uintptr_t)octets + sizeof(struct map_head));
	struct map_head head;
	struct sim_graph *g;

	if (n < sizeof(head)) {
		notes_error(notes, 0,
			    "saved graph has %zu octets, expected %zu for its "
			    "head alone: it was cut",
			    n, sizeof(head));
		return NULL;
	}
	memcpy(&head, octets, sizeof(head));
	if (!check_kind(notes, &head) || !check_counts(notes, &head.counts) ||
	    !check_places(notes, &head, n))
		return NULL;
	if (map_sum(words, graph_words(&head.counts)) != head.sum) {
		notes_error(notes, 0,
			    "saved graph does not have the checksum of its "
			    "head: it is damaged");
		return NULL;
	}
	g = xcalloc(1, sizeof(*g));
	graph_layout(g, words, &head.counts);
	if (map_check(notes, g, &head.counts))
		return g;
	free(g);
	return NULL;
}
