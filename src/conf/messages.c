/* SPDX-License-Identifier: ISC */
#include "conf/messages.h"

#include <stdlib.h>
#include <string.h>

/* Nobody reads more; 100,000 equal mistakes must not cost 100,000 lines. */
#define MESSAGES_MAX 500

static void __attribute__((format(printf, 4, 0)))
vadd(struct messages *m, struct conf_place place, bool warning, const char *fmt,
     va_list ap)
{
	struct text text = {0};

	m->errors += !warning;
	if (m->n >= MESSAGES_MAX) {
		m->left_out++;
		return;
	}
	if (m->n == m->cap) {
		m->cap = m->cap ? m->cap * 2 : 16;
		m->v = xrealloc(m->v, m->cap, sizeof(*m->v));
	}
	text_vaddf(&text, fmt, ap);
	m->v[m->n] = (struct message){place, warning, m->n, text.s};
	m->n++;
}

void
messages_add(struct messages *m, struct conf_place place, bool warning,
	     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vadd(m, place, warning, fmt, ap);
	va_end(ap);
}

static int
by_place(const void *a, const void *b)
{
	const struct message *x = a, *y = b;

	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	if (x->place.column != y->place.column)
		return x->place.column < y->place.column ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* An aliased value is read more than once and says the same each time. */
static bool
is_repeated(const struct message *a, const struct message *b)
{
	return a->place.line == b->place.line &&
	       a->place.column == b->place.column &&
	       strcmp(a->text, b->text) == 0;
}

static void
write_one(const struct message *m, const char *path, struct text *out)
{
	text_add(out, path);
	if (m->place.line > 0)
		text_addf(out, ":%u:%u", m->place.line, m->place.column);
	text_addf(out, ": %s%s\n", m->warning ? "warning: " : "", m->text);
}

void
messages_write(struct messages *m, const char *path, struct text *out)
{
	if (m->n > 1)
		qsort(m->v, m->n, sizeof(*m->v), by_place);
	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].warning && m->errors > 0)
			continue;
		if (i == 0 || !is_repeated(&m->v[i - 1], &m->v[i]))
			write_one(&m->v[i], path, out);
	}
	if (m->left_out > 0)
		text_addf(out, "%s: %zu more messages are not shown\n", path,
			  m->left_out);
}

void
messages_free(struct messages *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->v[i].text);
	free(m->v);
	*m = (struct messages){0};
}
