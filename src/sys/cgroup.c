/* SPDX-License-Identifier: ISC */
#include "sys/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Slices within slices. */
#define DEPTH_MAX 8

int
cgroup_root(const char *mounts, char *out, size_t size)
{
	FILE *f = setmntent(mounts, "re");
	struct mntent e;
	char buf[4096];
	int r = f ? -ENOTSUP : -errno;

	while (f && r != 0 && getmntent_r(f, &e, buf, sizeof(buf)))
		if (strcmp(e.mnt_type, "cgroup2") == 0 &&
		    snprintf(out, size, "%s", e.mnt_dir) < (int)size)
			r = 0;
	if (f)
		endmntent(f);
	return r;
}

static bool
is_slice(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return e->d_type == DT_DIR && n > 6 &&
	       strcmp(e->d_name + n - 6, ".slice") == 0;
}

static bool
is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* 1: in `out`; 0: not here; counts the slices it saw. */
static int
find_below(const char *slice, const char *unit, unsigned depth,
	   unsigned *slices, char *out, size_t size)
{
	DIR *d = depth < DEPTH_MAX ? opendir(slice) : NULL;
	struct dirent *e;
	char below[PATH_MAX];
	int found = 0;

	while (d && !found && (e = readdir(d))) {
		if (!is_slice(e) ||
		    snprintf(below, sizeof(below), "%s/%s", slice, e->d_name) >=
			(int)sizeof(below))
			continue;
		++*slices;
		found = snprintf(out, size, "%s/%s", below, unit) < (int)size &&
			is_directory(out);
		if (!found)
			found = find_below(below, unit, depth + 1, slices, out,
					   size);
	}
	if (d)
		closedir(d);
	return found;
}

int
cgroup_unit(const char *root, const char *unit, char *out, size_t size)
{
	unsigned slices = 0;

	snprintf(out, size, "%s/system.slice/%s", root, unit);
	if (is_directory(out) ||
	    find_below(root, unit, 0, &slices, out, size) != 0)
		return 0;
	snprintf(out, size, "%s/system.slice/%s", root, unit);
	return slices > 0 ? -ENOENT : -ENOTSUP;
}
