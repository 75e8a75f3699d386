/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/lines.h"
#include "sim/read_file.h"
#include "sim/sim.h"

#define HEADER "seed_asn,prefix,rov_invalid"

static bool
read_invalid(struct notes *notes, uint32_t line, struct field f, bool *out)
{
	char quoted[LINES_ESCAPED];

	*out = field_is(f, "True") || field_is(f, "true") || field_is(f, "1");
	if (*out || field_is(f, "False") || field_is(f, "false") ||
	    field_is(f, "0"))
		return true;
	notes_error(notes, line,
		    "rov_invalid: found \"%s\", expected True or False",
		    field_quote(f, quoted));
	return false;
}

static bool
read_seed(struct notes *notes, uint32_t line, struct field text,
	  struct sim_seed *out)
{
	struct field f[3];
	size_t n = field_split(text, ',', f, ARRAY_LEN(f));
	char quoted[LINES_ESCAPED];
	bool fine;

	if (n != ARRAY_LEN(f)) {
		notes_error(notes, line, "%zu field%s, expected 3: " HEADER, n,
			    n == 1 ? "" : "s");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		f[i] = field_trim(f[i]);
	out->line = line;
	fine = field_asn(f[0], &out->asn);
	if (!fine)
		notes_error(notes, line, "found \"%s\", expected an AS number",
			    field_quote(f[0], quoted));
	/* Each field is read, so that each error is told. */
	fine &= read_prefix(notes, line, f[1], &out->prefix);
	return read_invalid(notes, line, f[2], &out->invalid) && fine;
}

static int
by_prefix(const void *a, const void *b)
{
	const struct sim_seed *x = a, *y = b;
	int c = prefix_cmp(&x->prefix, &y->prefix);

	if (c)
		return c;
	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static void
find_twice(struct notes *notes, const struct sim_seeds *s)
{
	char text[PREFIX_TEXT_MAX];

	for (size_t i = 1; i < s->n; i++) {
		const struct sim_seed *a = &s->v[i - 1], *b = &s->v[i];

		if (a->asn == b->asn && prefix_equal(&a->prefix, &b->prefix))
			notes_error(
			    notes, b->line,
			    "AS %u announces %s already in line %u", b->asn,
			    prefix_format(&b->prefix, text, sizeof(text)),
			    a->line);
	}
}

static void
read_seeds(struct notes *notes, const char *text, size_t n, void *ctx)
{
	struct sim_seeds *out = ctx;
	struct lines lines = lines_of(text, n);
	struct field line;
	void *v = NULL;

	for (bool first = true; lines_next(&lines, &line); first = false) {
		struct sim_seed seed, *entry;

		if (first && field_is(field_trim(line), HEADER))
			continue;
		if (!read_seed(notes, lines.number, line, &seed))
			continue;
		entry = read_append(notes, lines.number, &v, &out->n,
				    sizeof(*entry));
		if (!entry)
			break;
		*entry = seed;
	}
	out->v = v;
	if (out->n) {
		qsort(out->v, out->n, sizeof(*out->v), by_prefix);
		find_twice(notes, out);
	} else if (notes->errors.n == 0) {
		notes_error(notes, 0,
			    "no announcements, expected lines "
			    "\"" HEADER "\"");
	}
}

static int
done(int err, struct sim_seeds *out)
{
	if (err)
		sim_seeds_free(out);
	return err;
}

int
sim_read_seeds_parse(const char *path, const char *text, size_t n,
		     struct sim_seeds *out, struct text *messages)
{
	*out = (struct sim_seeds){0};
	return done(read_memory(path, text, n, read_seeds, out, messages), out);
}

int
sim_read_seeds(const char *path, struct sim_seeds *out, struct text *messages)
{
	*out = (struct sim_seeds){0};
	return done(read_file(path, read_seeds, out, messages), out);
}

void
sim_seeds_free(struct sim_seeds *s)
{
	free(s->v);
	*s = (struct sim_seeds){0};
}

int
sim_seeds_check(const struct sim_graph *g, const char *path,
		const struct sim_seeds *seeds, struct text *messages)
{
	struct notes notes = {.path = path};
	size_t first = 0;

	for (size_t i = 0; i < seeds->n; i++) {
		const struct sim_seed *s = &seeds->v[i];

		if (sim_graph_find(g, s->asn) == SIM_NONE)
			notes_error(&notes, s->line,
				    "AS %u is not in the graph", s->asn);
		if (!prefix_equal(&s->prefix, &seeds->v[first].prefix))
			first = i;
		if (i - first == SIM_ANNOUNCE_MAX)
			notes_error(&notes, s->line,
				    "one prefix has more than %d announcements",
				    SIM_ANNOUNCE_MAX);
	}
	return notes_tell(&notes, messages);
}
