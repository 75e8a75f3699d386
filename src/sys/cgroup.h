/* SPDX-License-Identifier: ISC */
/* Where cgroup v2 is, and where in it a unit of systemd. */
#ifndef BASIN_SYS_CGROUP_H
#define BASIN_SYS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>

/* From a table as /proc/self/mounts. -ENOTSUP when there is none. */
int cgroup_root(const char *mounts, char *out, size_t size);
/*
 * The unit's directory: in system.slice, or in any other slice. 0; -ENOENT
 * with the place in system.slice in `out` when it has none now; -ENOTSUP when
 * there are no slices, so nothing can be said of units.
 */
int cgroup_unit(const char *root, const char *unit, char *out, size_t size);

#endif
