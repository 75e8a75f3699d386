/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/lines.h"
#include "sim/read_file.h"
#include "sim/sim.h"

struct reading {
	struct notes *notes;
	struct sim_origins *out;
	void *v; /* out->v to be */
};

static int
by_key(const struct sim_origin *x, const struct sim_origin *y)
{
	int order = prefix_cmp(&x->prefix, &y->prefix);

	if (order)
		return order;
	return (x->asn > y->asn) - (x->asn < y->asn);
}

static int
by_key_and_line(const void *a, const void *b)
{
	const struct sim_origin *x = a, *y = b;
	int order = by_key(x, y);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

/* Files of a million lines are sorted, nearly always. */
static void
sort(struct sim_origins *o)
{
	for (size_t i = 1; i < o->n; i++) {
		if (by_key_and_line(&o->v[i - 1], &o->v[i]) <= 0)
			continue;
		qsort(o->v, o->n, sizeof(o->v[0]), by_key_and_line);
		return;
	}
}

static void
each_once(struct notes *notes, struct sim_origins *o)
{
	size_t kept = 0;

	for (size_t i = 0; i < o->n; i++)
		if (kept && by_key(&o->v[kept - 1], &o->v[i]) == 0)
			notes_warning(notes, o->v[i].line,
				      "AS %u stands as origin of this prefix "
				      "in line %u already: counted once",
				      o->v[i].asn, o->v[kept - 1].line);
		else
			o->v[kept++] = o->v[i];
	o->n = kept;
}

/* "192.0.2.0<tab>24" and "192.0.2.0/24" alike. */
static bool
read_place(struct notes *notes, uint32_t line, const struct field *f,
	   size_t words, struct prefix *out)
{
	char buf[PREFIX_TEXT_MAX] = "";
	struct field whole = f[0];

	if (words == 3 && f[0].n + f[1].n + 1 < sizeof(buf)) {
		memcpy(buf, f[0].s, f[0].n);
		buf[f[0].n] = '/';
		memcpy(buf + f[0].n + 1, f[1].s, f[1].n);
		whole = (struct field){buf, f[0].n + 1 + f[1].n};
	}
	return read_prefix(notes, line, whole, out);
}

/* One of "1_2,3"; false: stop. */
static bool
read_origin(struct reading *r, uint32_t line, const struct prefix *prefix,
	    struct field f)
{
	char quoted[LINES_ESCAPED];
	struct sim_origin *entry;
	uint32_t asn;

	if (!field_asn(f, &asn)) {
		notes_error(r->notes, line,
			    "found origin \"%s\", expected an AS number, 1 to "
			    "4294967295",
			    field_quote(f, quoted));
		return true;
	}
	entry = read_append(r->notes, line, &r->v, &r->out->n, sizeof(*entry));
	if (entry)
		*entry = (struct sim_origin){*prefix, asn, line};
	return entry != NULL;
}

static bool
read_origins_of(struct reading *r, uint32_t line, const struct prefix *prefix,
		struct field f)
{
	size_t start = 0;

	for (size_t i = 0; i <= f.n; i++) {
		if (i < f.n && f.s[i] != '_' && f.s[i] != ',')
			continue;
		if (!read_origin(r, line, prefix,
				 (struct field){f.s + start, i - start}))
			return false;
		start = i + 1;
	}
	return true;
}

static bool
read_line(struct reading *r, uint32_t line, struct field whole)
{
	char quoted[LINES_ESCAPED];
	struct field f[3];
	size_t n = field_words(whole, f, 3);
	struct prefix prefix;

	if (n != 3 && (n != 2 || !memchr(f[0].s, '/', f[0].n))) {
		notes_error(r->notes, line,
			    "found \"%s\", expected ADDRESS LENGTH ORIGINS, "
			    "as \"192.0.2.0 24 64500\"",
			    field_quote(whole, quoted));
		return true;
	}
	if (!read_place(r->notes, line, f, n, &prefix))
		return true;
	return read_origins_of(r, line, &prefix, f[n - 1]);
}

static void
read_origins(struct notes *notes, const char *text, size_t n, void *ctx)
{
	struct reading r = {.notes = notes, .out = ctx};
	struct lines lines = lines_of(text, n);
	struct field line;

	while (lines_next(&lines, &line))
		if (!read_line(&r, lines.number, line))
			break;
	r.out->v = r.v;
	if (r.out->n == 0 && notes->errors.n == 0)
		notes_error(notes, 0, "no prefix in it, expected at least one");
	sort(r.out);
	each_once(notes, r.out);
}

static int
finish(int err, struct sim_origins *out)
{
	if (err)
		sim_origins_free(out);
	return err;
}

int
sim_read_origins(const char *path, struct sim_origins *out,
		 struct text *messages)
{
	*out = (struct sim_origins){0};
	return finish(read_file(path, read_origins, out, messages), out);
}

int
sim_read_origins_parse(const char *path, const char *text, size_t n,
		       struct sim_origins *out, struct text *messages)
{
	*out = (struct sim_origins){0};
	return finish(read_memory(path, text, n, read_origins, out, messages),
		      out);
}

void
sim_origins_free(struct sim_origins *o)
{
	free(o->v);
	*o = (struct sim_origins){0};
}
