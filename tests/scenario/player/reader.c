/* SPDX-License-Identifier: ISC */
#include "reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

int
reader_complain(const struct reader *r, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: ", r->sc->path, r->line);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return -EINVAL;
}

bool
reader_line(struct reader *r)
{
	while (fgets(r->text, sizeof(r->text), r->f)) {
		char *save = NULL, *word;

		r->line++;
		r->text[strcspn(r->text, "#")] = '\0';
		r->n = r->next = 0;
		word = strtok_r(r->text, " \t\r\n", &save);
		while (word && r->n < READER_WORDS) {
			r->words[r->n++] = word;
			word = strtok_r(NULL, " \t\r\n", &save);
		}
		if (r->n > 0)
			return true;
	}
	return false;
}

const char *
reader_word(struct reader *r)
{
	return r->next < r->n ? r->words[r->next++] : NULL;
}

bool
reader_accept(struct reader *r, const char *word)
{
	if (r->next == r->n || strcmp(r->words[r->next], word) != 0)
		return false;
	r->next++;
	return true;
}

int
reader_end(struct reader *r)
{
	if (r->next == r->n)
		return 0;
	return reader_complain(r, "nothing more is expected here, found \"%s\"",
			       r->words[r->next]);
}

int
reader_name(struct reader *r, const char *what, const char **out)
{
	const char *word = reader_word(r);

	if (!word)
		return reader_complain(r, "%s expected, found the end of line",
				       what);
	*out = arena_strdup(&r->sc->arena, word);
	return 0;
}

int
reader_count(struct reader *r, const char *what, unsigned min, unsigned *out)
{
	const char *word = reader_word(r);
	unsigned long value;
	char *end;

	if (!word)
		return reader_complain(r, "%s expected, found the end of line",
				       what);
	value = strtoul(word, &end, 10);
	if (*end || end == word || value < min || value > 1000000)
		return reader_complain(
		    r, "%s expected, a number from %u, found \"%s\"", what, min,
		    word);
	*out = (unsigned)value;
	return 0;
}

int
reader_time(struct reader *r, const char *what, bool negative, int64_t *out)
{
	const char *word = reader_word(r);
	bool minus = negative && word && word[0] == '-';
	struct dur d;

	if (!word)
		return reader_complain(r, "%s expected, found the end of line",
				       what);
	if (dur_parse(word + minus, &d) != 0)
		return reader_complain(
		    r, "%s expected, such as 1.5s, found \"%s\"", what, word);
	*out = minus ? -d.ns : d.ns;
	return 0;
}

int
reader_choice(struct reader *r, const char *what, const char *const *names,
	      size_t n, int *out)
{
	const char *word = reader_word(r);
	struct text list = {0};

	for (size_t i = 0; word && i < n; i++) {
		if (strcmp(word, names[i]) != 0)
			continue;
		*out = (int)i;
		return 0;
	}
	for (size_t i = 0; i < n; i++)
		text_addf(&list, "%s%s", i ? ", " : "", names[i]);
	reader_complain(r, "%s expected (%s), found \"%s\"", what,
			text_str(&list), word ? word : "the end of line");
	text_free(&list);
	return -EINVAL;
}
