/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <string.h>

#include "sim/inflate.h"
#include "sim/lines.h"
#include "sim/read_file.h"

/* The largest of these files have 50 MiB today. */
#define TEXT_MAX ((size_t)256 << 20)

int
read_file(const char *path, read_text_fn *read, void *ctx,
	  struct text *messages)
{
	struct notes notes = {.path = path};
	struct text text = {0};
	int err = inflate_file(&notes, path, TEXT_MAX, &text), bad;

	if (!err)
		read(&notes, text.s, text.len, ctx);
	text_free(&text);
	bad = notes_tell(&notes, messages);
	return err ? err : bad;
}

int
read_memory(const char *path, const char *text, size_t n, read_text_fn *read,
	    void *ctx, struct text *messages)
{
	struct notes notes = {.path = path};

	read(&notes, text, n, ctx);
	return notes_tell(&notes, messages);
}

void *
read_append(struct notes *notes, uint32_t line, void **v, size_t *n,
	    size_t size)
{
	if (*n == READ_LINES_MAX) {
		notes_error(notes, line,
			    "more than %u entries, the most that "
			    "are accepted",
			    READ_LINES_MAX);
		return NULL;
	}
	/* A power of two is full: the next one. */
	if ((*n & (*n - 1)) == 0)
		*v = xrealloc(*v, *n ? 2 * *n : 1, size);
	memset((char *)*v + *n * size, 0, size);
	return (char *)*v + (*n)++ * size;
}

bool
read_prefix(struct notes *notes, uint32_t line, struct field f,
	    struct prefix *out)
{
	char quoted[LINES_ESCAPED], meant[PREFIX_TEXT_MAX];
	int err = field_prefix(f, out);

	if (!err)
		return true;
	field_quote(f, quoted);
	if (err == -EDOM)
		notes_error(notes, line,
			    "prefix \"%s\" has bits set behind its length, "
			    "expected %s",
			    quoted, prefix_format(out, meant, sizeof(meant)));
	else
		notes_error(notes, line,
			    "found \"%s\", expected a prefix, as 192.0.2.0/24",
			    quoted);
	return false;
}
