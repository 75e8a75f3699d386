/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/load_map.h"
#include "sim/map.h"
#include "sim/notes.h"

static bool
is_saved_graph(int fd, struct stat *st)
{
	char magic[MAP_MAGIC_SIZE];

	/* What is read from a pipe would be gone for the other readers. */
	return fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
	       pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       memcmp(magic, MAP_MAGIC, sizeof(magic)) == 0;
}

static struct sim_graph *
map(struct notes *notes, int fd, size_t n)
{
	/* A private mapping: it is read at once, to be checked. */
	void *octets =
	    mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	struct sim_graph *g;

	if (octets == MAP_FAILED) {
		notes_error(notes, 0, "cannot be mapped: %s", strerror(errno));
		return NULL;
	}
	g = map_open(notes, octets, n);
	if (!g) {
		munmap(octets, n);
		return NULL;
	}
	g->memory = octets;
	g->octets = n;
	g->mapped = true;
	return g;
}

bool
load_map(struct notes *notes, const char *path, struct sim_graph **out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool saved;

	if (fd < 0)
		return false;
	saved = is_saved_graph(fd, &st);
	if (saved)
		*out = map(notes, fd, (size_t)st.st_size);
	close(fd);
	return saved;
}
