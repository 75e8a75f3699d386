/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "sim/graph.h"
#include "sim/load_map.h"
#include "sim/load_text.h"
#include "sim/notes.h"
#include "sim/read_file.h"

static void
parse(struct notes *notes, const char *text, size_t n, void *ctx)
{
	struct load_links links = load_text_links(notes, text, n);
	struct sim_graph **out = ctx;

	*out = graph_build_noted(notes, links.v, links.n);
	free(links.v);
}

int
sim_graph_parse(const char *path, const char *text, size_t n,
		struct sim_graph **out, struct text *messages)
{
	*out = NULL;
	return read_memory(path, text, n, parse, out, messages);
}

int
sim_graph_load(const char *path, struct sim_graph **out, struct text *messages)
{
	struct notes notes = {.path = path};

	*out = NULL;
	if (load_map(&notes, path, out))
		return notes_tell(&notes, messages);
	return read_file(path, parse, out, messages);
}
