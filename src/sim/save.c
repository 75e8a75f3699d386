/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/map.h"

#define TRIES 100 /* of names for a temporary file */

static int
write_all(int fd, const void *octets, size_t n)
{
	const char *at = octets;

	while (n) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

static int
write_graph(int fd, const struct sim_graph *g)
{
	struct graph_counts counts = {
	    .ases = g->n,
	    .provider_links = sim_graph_provider_links(g),
	    .peer_links = sim_graph_peer_links(g),
	};
	struct map_head head = map_head(&counts, g->asn);
	int err = write_all(fd, &head, sizeof(head));

	if (!err)
		err = write_all(fd, g->asn,
				graph_words(&counts) * sizeof(uint32_t));
	if (!err && fsync(fd) != 0)
		err = -errno;
	return err;
}

/* A new file beside `path`, whose name comes into *name; or -errno. */
static int
open_temporary(const char *path, struct text *name)
{
	int fd = -1;

	/* What a crash left keeps its name. */
	for (unsigned i = 0; i < TRIES && fd < 0; i++) {
		text_clear(name);
		text_addf(name, "%s.%ld-%u", path, (long)getpid(), i);
		fd = open(name->s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			  0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd < 0 ? -errno : fd;
}

/* The new name is there after a crash. */
static int
sync_folder(const char *path)
{
	char *copy = xstrdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = 0;

	free(copy);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot, and need not. */
	if (fsync(fd) != 0 && errno != EINVAL)
		err = -errno;
	close(fd);
	return err;
}

static int
fill_and_rename(int fd, const char *temporary, const struct sim_graph *g,
		const char *path)
{
	int err = write_graph(fd, g);

	if (close(fd) != 0 && !err)
		err = -errno;
	if (!err && rename(temporary, path) != 0)
		err = -errno;
	if (err)
		unlink(temporary);
	return err ? err : sync_folder(path);
}

int
sim_graph_save(const struct sim_graph *g, const char *path,
	       struct text *messages)
{
	struct text temporary = {0};
	int fd = open_temporary(path, &temporary);
	int err = fd < 0 ? fd : fill_and_rename(fd, temporary.s, g, path);

	if (err)
		text_addf(messages, "%s: cannot be written: %s\n", path,
			  strerror(-err));
	text_free(&temporary);
	return err;
}
