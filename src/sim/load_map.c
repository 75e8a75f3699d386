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
has_magic(int fd)
{
	char magic[MAP_MAGIC_SIZE];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       memcmp(magic, MAP_MAGIC, sizeof(magic)) == 0;
}

static struct sim_graph *
map(struct notes *notes, int fd, size_t n)
{
	/*
	 * Read at once, to be checked. sim_graph_save() puts a new file in
	 * the place of an old one: nobody writes into what is mapped.
	 */
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
	struct stat st;
	bool saved;
	int fd;

	/* What is read from a pipe would be gone for the other readers. */
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	saved = has_magic(fd) && fstat(fd, &st) == 0;
	if (saved)
		*out = map(notes, fd, (size_t)st.st_size);
	close(fd);
	return saved;
}
