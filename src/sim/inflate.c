/* SPDX-License-Identifier: ISC */
#include <bzlib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "sim/inflate.h"
#include "sim/inflate_blocks.h"
#include "sim/notes.h"

#define PIECE 65536

struct source {
	struct notes *notes;
	const char *in; /* the file */
	size_t n;
	size_t max; /* of what comes out */
};

static void
make_room(struct text *t, size_t more)
{
	if (t->cap - t->len >= more)
		return;
	t->cap = 2 * t->cap + more;
	t->s = xrealloc(t->s, t->cap, 1);
}

static int
too_much(const struct source *from)
{
	notes_error(from->notes, 0,
		    "decompresses to more than %zu MiB, the most that is "
		    "accepted",
		    from->max >> 20);
	return -EFBIG;
}

static int
broken(const struct source *from, const char *what, size_t at, bool ended)
{
	if (ended)
		notes_error(from->notes, 0,
			    "the %s data end at octet %zu in the middle: the "
			    "file was cut, fetch it again",
			    what, from->n);
	else
		notes_error(from->notes, 0,
			    "no %s data around octet %zu: the file is damaged, "
			    "fetch it again",
			    what, at);
	return -EINVAL;
}

/* Concatenated streams are one file, as bzip2 has it. */
static int
inflate_bz2(const struct source *from, struct text *out)
{
	bz_stream s = {.next_in = (char *)(uintptr_t)from->in,
		       .avail_in = (unsigned)from->n};
	int err;

	if (inflate_blocks(from->in, from->n, from->max, out))
		return 0;
	err = BZ2_bzDecompressInit(&s, 0, 0);
	while (err == BZ_OK) {
		if (out->len > from->max)
			break;
		make_room(out, PIECE + 1);
		s.next_out = out->s + out->len;
		s.avail_out = PIECE;
		err = BZ2_bzDecompress(&s);
		out->len += PIECE - s.avail_out;
		if (err == BZ_OK && s.avail_in == 0 && s.avail_out)
			err = BZ_UNEXPECTED_EOF;
		if (err == BZ_STREAM_END && s.avail_in) {
			BZ2_bzDecompressEnd(&s);
			err = BZ2_bzDecompressInit(&s, 0, 0);
		}
	}
	BZ2_bzDecompressEnd(&s);
	if (err == BZ_OK)
		return too_much(from);
	if (err == BZ_STREAM_END)
		return 0;
	if (err == BZ_MEM_ERROR)
		abort();
	return broken(from, "bzip2", from->n - s.avail_in,
		      err == BZ_UNEXPECTED_EOF);
}

static int
inflate_gz(const struct source *from, struct text *out)
{
	z_stream s = {.next_in = (Bytef *)(uintptr_t)from->in,
		      .avail_in = (unsigned)from->n};
	int err = inflateInit2(&s, 15 + 16); /* gzip alone */

	while (err == Z_OK) {
		if (out->len > from->max)
			break;
		make_room(out, PIECE + 1);
		s.next_out = (Bytef *)out->s + out->len;
		s.avail_out = PIECE;
		err = inflate(&s, Z_NO_FLUSH);
		out->len += PIECE - s.avail_out;
		if (err == Z_OK && s.avail_in == 0 && s.avail_out)
			err = Z_BUF_ERROR;
		if (err == Z_STREAM_END && s.avail_in)
			err = inflateReset(&s);
	}
	inflateEnd(&s);
	if (err == Z_OK)
		return too_much(from);
	if (err == Z_STREAM_END)
		return 0;
	if (err == Z_MEM_ERROR)
		abort();
	return broken(from, "gzip", from->n - s.avail_in, err == Z_BUF_ERROR);
}

static int
read_all(int fd, struct text *out, size_t max)
{
	for (;;) {
		ssize_t n;

		make_room(out, PIECE + 1);
		n = read(fd, out->s + out->len, out->cap - out->len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		out->len += (size_t)n;
		if (n == 0)
			return 0;
		if (out->len > max)
			return -EFBIG;
	}
}

static int
slurp(struct notes *notes, const char *path, size_t max, struct text *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;
	struct stat st;

	if (fd < 0) {
		err = -errno;
		notes_error(notes, 0, "cannot be opened: %s", strerror(-err));
		return err;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (uintmax_t)st.st_size <= max)
		make_room(out, (size_t)st.st_size + PIECE + 1);
	err = read_all(fd, out, max);
	close(fd);
	if (err == -EFBIG)
		notes_error(notes, 0,
			    "has more than %zu MiB, the most that is accepted",
			    max >> 20);
	else if (err)
		notes_error(notes, 0, "cannot be read: %s", strerror(-err));
	return err;
}

/* Forms that are not read, so that nobody sees them as text. */
static const char *
other_form(const char *in, size_t n)
{
	static const struct {
		const char *front;
		size_t n;
		const char *name;
	} forms[] = {
	    {"\3757zXZ", 5, "xz"},
	    {"\x28\xb5\x2f\xfd", 4, "zstd"},
	    {"PK\x03\x04", 4, "zip"},
	};

	for (size_t i = 0; i < ARRAY_LEN(forms); i++)
		if (n >= forms[i].n &&
		    memcmp(in, forms[i].front, forms[i].n) == 0)
			return forms[i].name;
	return NULL;
}

int
inflate_octets(struct notes *notes, const char *in, size_t n, size_t max,
	       struct text *out)
{
	struct source from = {.notes = notes, .in = in, .n = n, .max = max};
	const char *other = other_form(in, n);

	if (n > 3 && memcmp(in, "BZh", 3) == 0)
		return inflate_bz2(&from, out);
	if (n > 2 && memcmp(in, "\x1f\x8b", 2) == 0)
		return inflate_gz(&from, out);
	if (!other)
		return 1;
	notes_error(notes, 0,
		    "compressed with %s, expected text, plain or compressed "
		    "with bzip2 or gzip",
		    other);
	return -EINVAL;
}

int
inflate_file(struct notes *notes, const char *path, size_t max,
	     struct text *out)
{
	struct text file = {0};
	int err = slurp(notes, path, max, &file);

	if (!err)
		err = inflate_octets(notes, file.s, file.len, max, out);
	if (err == 1) {
		*out = file;
		return 0;
	}
	text_free(&file);
	return err;
}
