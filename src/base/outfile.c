/* SPDX-License-Identifier: ISC */
#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define TRIES 100 /* of names for a file beside */

/* Of a new file beside f->path. */
static int
open_beside(struct outfile *f)
{
	struct text name = {0};
	int fd = -1;

	/* What a crash left keeps its name. */
	for (unsigned i = 0; i < TRIES && fd < 0; i++) {
		text_clear(&name);
		text_addf(&name, "%s.%ld-%u", f->path, (long)getpid(), i);
		fd =
		    open(name.s, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	if (fd < 0) {
		int error = errno;

		text_free(&name);
		return -error;
	}
	f->beside = name.s;
	return fd;
}

/* Where there is something that is no regular file, it is written into. */
static int
open_either(struct outfile *f)
{
	struct stat st;
	int fd;

	if (stat(f->path, &st) != 0 || S_ISREG(st.st_mode))
		return open_beside(f);
	fd = open(f->path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int
outfile_open(const char *path, struct outfile *out)
{
	char *target = realpath(path, NULL);
	int fd;

	*out = (struct outfile){.path = target ? target : xstrdup(path)};
	fd = open_either(out);
	if (fd >= 0)
		out->file = fdopen(fd, "w");
	if (out->file)
		return 0;
	if (fd >= 0) {
		fd = -errno;
		if (out->beside)
			unlink(out->beside);
	}
	free(out->beside);
	free(out->path);
	return fd;
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
complete(struct outfile *f)
{
	int err = 0;

	if (fflush(f->file) != 0 || (f->beside && fsync(fileno(f->file)) != 0))
		err = -errno;
	if (fclose(f->file) != 0 && !err)
		err = -errno;
	if (!err && f->beside && rename(f->beside, f->path) != 0)
		err = -errno;
	return err;
}

int
outfile_close(struct outfile *f, int error)
{
	int err = error;

	if (err)
		fclose(f->file);
	else
		err = complete(f);
	if (err && f->beside)
		unlink(f->beside);
	if (!err && f->beside)
		err = sync_folder(f->path);
	free(f->beside);
	free(f->path);
	*f = (struct outfile){0};
	return err;
}
