/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>

#include "sim/notes.h"

__attribute__((format(printf, 3, 0))) static void
keep(struct notes_list *list, uint32_t line, const char *fmt, va_list ap)
{
	struct text text = {0};

	if (list->n < NOTES_MAX) {
		text_vaddf(&text, fmt, ap);
		list->v[list->n] = (struct note){line, text.s};
	}
	list->n++;
}

void
notes_error(struct notes *notes, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(&notes->errors, line, fmt, ap);
	va_end(ap);
}

void
notes_warning(struct notes *notes, uint32_t line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(&notes->warnings, line, fmt, ap);
	va_end(ap);
}

static int
by_line(const void *a, const void *b)
{
	const struct note *x = a, *y = b;

	return (x->line > y->line) - (x->line < y->line);
}

static void
tell(const char *path, struct notes_list *list, const char *kind,
     const char *mark, struct text *out)
{
	uint32_t kept = list->n < NOTES_MAX ? list->n : NOTES_MAX;

	qsort(list->v, kept, sizeof(list->v[0]), by_line);
	for (uint32_t i = 0; i < kept; i++) {
		text_add(out, path);
		if (list->v[i].line)
			text_addf(out, ":%u", list->v[i].line);
		text_addf(out, ": %s%s\n", mark, list->v[i].text);
		free(list->v[i].text);
	}
	if (list->n > kept)
		text_addf(out, "%s: and %u more %s\n", path, list->n - kept,
			  kind);
	list->n = 0;
}

int
notes_tell(struct notes *notes, struct text *messages)
{
	bool failed = notes->errors.n > 0;

	tell(notes->path, &notes->errors, "errors", "", messages);
	tell(notes->path, &notes->warnings, "warnings", "warning: ", messages);
	return failed ? -EINVAL : 0;
}
