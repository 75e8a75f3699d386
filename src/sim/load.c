/* SPDX-License-Identifier: ISC */
#include <stdlib.h>

#include "sim/graph.h"
#include "sim/inflate.h"
#include "sim/load_text.h"
#include "sim/notes.h"

/* The text of the file of today has 11 MiB. */
#define TEXT_MAX ((size_t)256 << 20)

static struct sim_graph *
parse(struct notes *notes, const char *text, size_t n)
{
	struct load_links links = load_text(notes, text, n);
	struct sim_graph *g = graph_build_noted(notes, links.v, links.n);

	free(links.v);
	return g;
}

int
sim_graph_parse(const char *path, const char *text, size_t n,
		struct sim_graph **out, struct text *messages)
{
	struct notes notes = {.path = path};

	*out = parse(&notes, text, n);
	return notes_tell(&notes, messages);
}

int
sim_graph_load(const char *path, struct sim_graph **out, struct text *messages)
{
	struct notes notes = {.path = path};
	struct text text = {0};
	int err = inflate_file(&notes, path, TEXT_MAX, &text), bad;

	*out = NULL;
	if (!err)
		*out = parse(&notes, text.s, text.len);
	text_free(&text);
	bad = notes_tell(&notes, messages);
	return err ? err : bad;
}
