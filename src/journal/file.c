/* SPDX-License-Identifier: ISC */
/*
 * One file a day. What stands in a file ends with the end of a line, whatever
 * happened while it was written: a crash, a full disk.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/journal.h"

#define TAIL 4096 /* octets looked at for the last line's end */

static int
path_of(const char *directory, const char *name, char *buf, size_t size)
{
	int n = snprintf(buf, size, "%s/%s", directory, name);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

const char *
journal_file_name(struct wall wall, char *buf, size_t size)
{
	char text[32];

	snprintf(buf, size, "%.10s.log", wall_format(wall, text, sizeof(text)));
	return buf;
}

bool
journal_file_over(const char *name, struct wall wall)
{
	const struct wall tomorrow = {wall.ns + dur_s(86400).ns};
	char day[JOURNAL_NAME_MAX];

	return strcmp(journal_file_name(wall, day, sizeof(day)), name) != 0 &&
	       strcmp(journal_file_name(tomorrow, day, sizeof(day)), name) != 0;
}

/* ---- appending ---- */

static int
write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, p, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? -errno : -ENOSPC;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* Where the last whole line ends. */
static int
find_end(int fd, off_t size, off_t *end)
{
	char tail[TAIL];

	for (*end = size; *end > 0;) {
		off_t from = *end > TAIL ? *end - TAIL : 0;
		ssize_t n = pread(fd, tail, (size_t)(*end - from), from);
		const char *at;

		if (n != *end - from)
			return n < 0 ? -errno : -EIO;
		at = memrchr(tail, '\n', (size_t)n);
		if (at) {
			*end = from + (at - tail) + 1;
			return 0;
		}
		*end = from;
	}
	return 0;
}

void
journal_file_header(struct text *t)
{
	text_addf(t, "basin-journal %d\n", JOURNAL_VERSION);
}

static int
write_text(int fd, bool header, const struct text *text)
{
	struct text first = {0};
	int error = 0;

	if (header) {
		journal_file_header(&first);
		error = write_all(fd, text_str(&first), first.len);
		text_free(&first);
	}
	return error != 0 ? error : write_all(fd, text_str(text), text->len);
}

static int
append(int fd, const struct text *text, uint64_t *total)
{
	struct stat st;
	off_t end;
	int error;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	error = find_end(fd, st.st_size, &end);
	if (error == 0 && end != st.st_size && ftruncate(fd, end) != 0)
		error = -errno;
	if (error != 0)
		return error;
	error = write_text(fd, end == 0, text);
	if (error != 0 && ftruncate(fd, end) != 0)
		return error; /* the next call cuts it off */
	*total = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	return error;
}

int
journal_file_append(const char *directory, const char *name,
		    const struct text *text, uint64_t *total)
{
	char path[4096];
	int error = path_of(directory, name, path, sizeof(path));
	int fd;

	if (error != 0)
		return error;
	if (mkdir(directory, 0750) != 0 && errno != EEXIST)
		return -errno;
	fd = open(path,
		  O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW |
		      O_NONBLOCK,
		  0640);
	if (fd < 0)
		return -errno;
	error = append(fd, text, total);
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

/* ---- the files of a directory ---- */

/* "2026-11-22.log" */
static int
is_day(const struct dirent *e)
{
	static const char form[] = "dddd-dd-dd.log";

	for (size_t i = 0; i < sizeof(form); i++) {
		unsigned char c = (unsigned char)e->d_name[i];

		if (form[i] == 'd' ? !isdigit(c) : c != (unsigned char)form[i])
			return 0;
	}
	return 1;
}

static uint64_t
size_of(int directory, const char *name)
{
	struct stat st;

	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	return (uint64_t)st.st_size;
}

static int
prune(int directory, struct dirent **list, int n, const char *first,
      const char *today, uint64_t size)
{
	uint64_t total = 0;
	int error = 0;

	for (int i = 0; i < n; i++)
		total += size_of(directory, list[i]->d_name);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if (strcmp(name, today) >= 0 ||
		    (strcmp(name, first) >= 0 && total <= size))
			break;
		total -= size_of(directory, name);
		if (unlinkat(directory, name, 0) != 0)
			error = -errno;
	}
	return error;
}

int
journal_file_prune(const char *directory, struct wall now, struct dur keep,
		   uint64_t size)
{
	char first[32], today[32];
	struct dirent **list;
	int n = scandir(directory, &list, is_day, alphasort);
	int fd, error;

	if (n < 0)
		return errno == ENOENT ? 0 : -errno;
	journal_file_name((struct wall){now.ns - keep.ns}, first,
			  sizeof(first));
	journal_file_name(now, today, sizeof(today));
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	error = fd < 0 ? -errno : prune(fd, list, n, first, today, size);
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	return error;
}

static void
add_path(struct journal_files *files, char *path)
{
	files->paths =
	    xrealloc(files->paths, files->n + 1, sizeof(*files->paths));
	files->paths[files->n++] = path;
}

static int
list_directory(const char *path, struct journal_files *files)
{
	struct dirent **list;
	int n = scandir(path, &list, is_day, alphasort);

	if (n < 0)
		return -errno;
	for (int i = 0; i < n; i++) {
		struct text full = {0};

		text_addf(&full, "%s/%s", path, list[i]->d_name);
		add_path(files, full.s);
		free(list[i]);
	}
	free(list);
	return n == 0 ? -ENOENT : 0;
}

int
journal_file_list(const char *path, struct journal_files *files,
		  struct text *why)
{
	struct stat st;
	int error;

	if (stat(path, &st) != 0) {
		error = -errno;
		text_addf(why, "%s: %s\n", path, strerror(errno));
		return error;
	}
	if (!S_ISDIR(st.st_mode)) {
		add_path(files, xstrdup(path));
		return 0;
	}
	error = list_directory(path, files);
	if (error == -ENOENT)
		text_addf(why, "%s: no journal in it (YYYY-MM-DD.log)\n", path);
	else if (error != 0)
		text_addf(why, "%s: %s\n", path, strerror(-error));
	return error;
}

void
journal_file_list_free(struct journal_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		free(files->paths[i]);
	free(files->paths);
	*files = (struct journal_files){0};
}
