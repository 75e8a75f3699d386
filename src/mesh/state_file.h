/* SPDX-License-Identifier: ISC */
/*
 * What another tool says of other nodes:
 *
 *   {"version": 1, "nodes": {"lon1": {"announces": ["192.0.2.0/24"]}}}
 */
#ifndef BASIN_MESH_STATE_FILE_H
#define BASIN_MESH_STATE_FILE_H

#include <sys/stat.h>

#include "base/ip.h"
#include "base/text.h"
#include "base/time.h"

/* One node and one prefix it announces. */
struct state_file_entry {
	char *node; /* owned */
	struct prefix prefix;
};

struct state_file {
	char *path; /* owned; NULL: there is none */
	struct dur limit;
	struct timespec mtime; /* of what was read last */
	ino_t inode;
	off_t size;
	bool seen;           /* once at least */
	struct mono written; /* when it was seen to change */
	struct state_file_entry *v;
	size_t n;
	char problem[160]; /* "": it is good */
};

void state_file_init(struct state_file *f, const char *path, struct dur limit);
void state_file_free(struct state_file *f);
/* Looks at the file; true when its answers may differ now. */
bool state_file_look(struct state_file *f, struct mono now, struct wall wall);
/* 0, or -EINVAL with f->problem. Replaces the entries. */
int state_file_parse(struct state_file *f, const char *octets, size_t n)
    __attribute__((warn_unused_result));
/* Nodes that announce `prefix`, without those that are `known` otherwise. */
unsigned state_file_sites(const struct state_file *f,
			  const struct prefix *prefix,
			  bool (*known)(const void *arg, const char *node),
			  const void *arg);

#endif
