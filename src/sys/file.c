/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sys.h"

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The new content, on the disk, beside the old one. */
static int
write_beside(const char *path, const void *octets, size_t n, mode_t mode)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, octets, n);
	/* Exactly `mode`, whatever the umask; a leftover may differ too. */
	if (r == 0 && fchmod(fd, mode) != 0)
		r = -errno;
	if (r == 0 && fsync(fd) != 0)
		r = -errno;
	/* Some file systems report a full disk only here. */
	if (close(fd) != 0 && r == 0)
		r = -errno;
	return r;
}

/* Makes the rename last; a file system without it keeps its own promises. */
static void
sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

int
sys_file_replace(const char *path, const void *octets, size_t n, mode_t mode)
{
	char beside[PATH_MAX];
	int r;

	if ((size_t)snprintf(beside, sizeof(beside), "%s.new", path) >=
	    sizeof(beside))
		return -ENAMETOOLONG;
	r = write_beside(beside, octets, n, mode);
	if (r == 0 && rename(beside, path) != 0)
		r = -errno;
	if (r != 0) {
		unlink(beside);
		return r;
	}
	sync_folder(path);
	return 0;
}
