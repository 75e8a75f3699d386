/* SPDX-License-Identifier: ISC */
#include "sim/ribs_hops.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HOP_OCTETS 3
#define HOP_NONE   UINT32_C(0xffffff) /* no route */
#define HOP_ORIGIN UINT32_C(0xfffffe) /* the path ends here */

/* Room on the disk now, so that writing to the mapping cannot fail later. */
static int
map_file(int fd, struct ribs_hops *out)
{
	int err = posix_fallocate(fd, 0, (off_t)out->octets);
	void *v;

	if (err)
		return -err;
	v = mmap(NULL, out->octets, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (v == MAP_FAILED)
		return -errno;
	out->v = v;
	out->mapped = true;
	return 0;
}

/* The file loses its name at once, so that nothing is left behind. */
static int
in_file(const char *folder, struct ribs_hops *out)
{
	struct text path = {0};
	int fd, err;

	text_addf(&path, "%s/basin-XXXXXX", folder);
	fd = mkostemp(path.s, O_CLOEXEC);
	err = fd < 0 ? -errno : 0;
	if (!err) {
		unlink(path.s);
		err = map_file(fd, out);
		close(fd);
	}
	text_free(&path);
	return err;
}

int
ribs_hops_new(const struct sim_graph *g, uint32_t groups, size_t memory,
	      const char *folder, struct ribs_hops *out, struct text *messages)
{
	int err;

	*out = (struct ribs_hops){.n = sim_graph_count(g)};
	out->octets = (size_t)groups * out->n * HOP_OCTETS;
	if (out->octets <= memory) {
		out->v = xcalloc(out->octets, 1);
		return 0;
	}
	err = in_file(folder, out);
	if (err)
		text_addf(messages,
			  "%s: no room for a temporary file of %zu MiB: %s\n",
			  folder, (out->octets >> 20) + 1, strerror(-err));
	return err;
}

void
ribs_hops_free(struct ribs_hops *h)
{
	if (h->mapped)
		munmap(h->v, h->octets);
	else
		free(h->v);
	*h = (struct ribs_hops){0};
}

static uint8_t *
place(const struct ribs_hops *h, uint32_t group, uint32_t id)
{
	return h->v + ((size_t)group * h->n + id) * HOP_OCTETS;
}

static uint32_t
hop(const struct ribs_hops *h, uint32_t group, uint32_t id)
{
	const uint8_t *p = place(h, group, id);

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

void
ribs_hops_set(struct ribs_hops *h, uint32_t group, const struct sim_graph *g,
	      const struct sim_result *r)
{
	uint8_t *p = place(h, group, 0);

	for (uint32_t id = 0; id < h->n; id++, p += HOP_OCTETS) {
		struct sim_route route = sim_route(g, r, id);
		uint32_t v = route.next;

		if (route.announcement == SIM_UNREACHED)
			v = HOP_NONE;
		else if (v == SIM_NONE)
			v = HOP_ORIGIN;
		p[0] = (uint8_t)v;
		p[1] = (uint8_t)(v >> 8);
		p[2] = (uint8_t)(v >> 16);
	}
}

size_t
ribs_hops_path(const struct ribs_hops *h, uint32_t group,
	       const struct sim_graph *g, uint32_t id, uint32_t *path)
{
	uint32_t next = hop(h, group, id);
	size_t n = 0;

	if (next == HOP_NONE)
		return 0;
	path[n++] = sim_graph_asn(g, id);
	for (; next != HOP_ORIGIN && n < SIM_PATH_MAX;
	     next = hop(h, group, next))
		path[n++] = sim_graph_asn(g, next);
	return n;
}
