/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/lines.h"
#include "sim/read_file.h"
#include "sim/sim.h"

static int
by_key(const struct sim_load *x, const struct sim_load *y)
{
	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return prefix_cmp(&x->prefix, &y->prefix);
}

/* Prefixes come first: their asn is 0. */
static int
by_key_and_line(const void *a, const void *b)
{
	const struct sim_load *x = a, *y = b;
	int order = by_key(x, y);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void
refuse_twice(struct notes *notes, struct sim_loads *l)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(l->v[0]), by_key_and_line);
	for (size_t i = 1; i < l->n; i++)
		if (by_key(&l->v[i - 1], &l->v[i]) == 0)
			notes_error(notes, l->v[i].line,
				    "the same AS or prefix as in line %u, "
				    "expected each once",
				    l->v[i - 1].line);
}

static bool
read_key(struct notes *notes, uint32_t line, struct field f,
	 struct sim_load *out)
{
	char quoted[LINES_ESCAPED];

	if (f.n && memchr(f.s, '/', f.n))
		return read_prefix(notes, line, f, &out->prefix);
	if (field_as(f, &out->asn))
		return true;
	notes_error(notes, line,
		    "found \"%s\", expected an AS number, 1 to 4294967295, or "
		    "a prefix",
		    field_quote(f, quoted));
	return false;
}

static bool
read_value(struct notes *notes, uint32_t line, struct field f, double *out)
{
	char quoted[LINES_ESCAPED];

	if (field_decimal(f, out))
		return true;
	notes_error(notes, line,
		    "found load \"%s\", expected a number, 0 or more",
		    field_quote(f, quoted));
	return false;
}

static bool
read_load(struct notes *notes, uint32_t line, struct field whole,
	  struct sim_load *out)
{
	char quoted[LINES_ESCAPED];
	struct field f[2];
	size_t n = field_csv(whole, f, 2);
	bool good;

	if (n != 2) {
		notes_error(notes, line,
			    "\"%s\" has %zu column%s, expected AS,LOAD or "
			    "PREFIX,LOAD",
			    field_quote(whole, quoted), n, n == 1 ? "" : "s");
		return false;
	}
	*out = (struct sim_load){.line = line};
	good = read_key(notes, line, f[0], out);
	return read_value(notes, line, f[1], &out->load) && good;
}

static void
read_loads(struct notes *notes, const char *text, size_t n, void *ctx)
{
	struct sim_loads *out = ctx;
	struct lines lines = lines_of(text, n);
	struct field line;
	bool first = true;
	void *v = NULL;

	while (lines_next(&lines, &line)) {
		struct sim_load load, *entry;
		bool header = first && field_header(line, 1);

		first = false;
		if (header || !read_load(notes, lines.number, line, &load))
			continue;
		entry = read_append(notes, lines.number, &v, &out->n,
				    sizeof(*entry));
		if (!entry)
			break;
		*entry = load;
	}
	out->v = v;
	if (out->n == 0 && notes->errors.n == 0)
		notes_error(notes, 0, "no load in it, expected at least one");
	refuse_twice(notes, out);
}

static int
finish(int err, struct sim_loads *out)
{
	if (err)
		sim_loads_free(out);
	return err;
}

int
sim_read_loads(const char *path, struct sim_loads *out, struct text *messages)
{
	*out = (struct sim_loads){0};
	return finish(read_file(path, read_loads, out, messages), out);
}

int
sim_read_loads_parse(const char *path, const char *text, size_t n,
		     struct sim_loads *out, struct text *messages)
{
	*out = (struct sim_loads){0};
	return finish(read_memory(path, text, n, read_loads, out, messages),
		      out);
}

void
sim_loads_free(struct sim_loads *l)
{
	free(l->v);
	*l = (struct sim_loads){0};
}
