/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "base/outfile.h"
#include "sim/map.h"

static int
write_graph(FILE *f, const struct sim_graph *g)
{
	struct graph_counts counts = {
	    .ases = g->n,
	    .provider_links = sim_graph_provider_links(g),
	    .peer_links = sim_graph_peer_links(g),
	};
	struct map_head head = map_head(&counts, g->asn);
	size_t n = graph_words(&counts);

	errno = 0;
	if (fwrite(&head, sizeof(head), 1, f) == 1 &&
	    fwrite(g->asn, sizeof(uint32_t), n, f) == n)
		return 0;
	return errno ? -errno : -EIO;
}

int
sim_graph_save(const struct sim_graph *g, const char *path,
	       struct text *messages)
{
	struct outfile out;
	int err = outfile_open(path, &out);

	if (!err)
		err = outfile_close(&out, write_graph(out.file, g));
	if (err)
		text_addf(messages, "%s: cannot be written: %s\n", path,
			  strerror(-err));
	return err;
}
