/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "sim/lines.h"
#include "sim/read_file.h"
#include "sim/sim.h"

static int
by_asn(const void *a, const void *b)
{
	const struct sim_asn *x = a, *y = b;

	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static void
each_once(struct notes *notes, struct sim_asns *a)
{
	size_t kept = 0;

	if (a->n)
		qsort(a->v, a->n, sizeof(a->v[0]), by_asn);
	for (size_t i = 0; i < a->n; i++)
		if (kept && a->v[kept - 1].asn == a->v[i].asn)
			notes_warning(notes, a->v[i].line,
				      "AS %u stands in line %u already: "
				      "counted once",
				      a->v[i].asn, a->v[kept - 1].line);
		else
			a->v[kept++] = a->v[i];
	a->n = kept;
}

/* Up to a remark behind it. */
static struct field
without_remark(struct field f)
{
	const char *mark = memchr(f.s, '#', f.n);

	if (mark)
		f.n = (size_t)(mark - f.s);
	return field_trim(f);
}

static void
read_asns(struct notes *notes, const char *text, size_t n, void *ctx)
{
	struct sim_asns *out = ctx;
	struct lines lines = lines_of(text, n);
	struct field line;
	void *v = NULL;

	while (lines_next(&lines, &line)) {
		char quoted[LINES_ESCAPED];
		struct field f = without_remark(line);
		struct sim_asn *entry;
		uint32_t asn;

		if (f.n == 0)
			continue;
		if (!field_as(f, &asn)) {
			notes_error(notes, lines.number,
				    "found \"%s\", expected one AS number, 1 "
				    "to 4294967295",
				    field_quote(f, quoted));
			continue;
		}
		entry = read_append(notes, lines.number, &v, &out->n,
				    sizeof(*entry));
		if (!entry)
			break;
		*entry = (struct sim_asn){asn, lines.number};
	}
	out->v = v;
	if (out->n == 0 && notes->errors.n == 0)
		notes_warning(notes, 0, "no AS number in it");
	each_once(notes, out);
}

static int
finish(int err, struct sim_asns *out)
{
	if (err)
		sim_asns_free(out);
	return err;
}

int
sim_read_asns(const char *path, struct sim_asns *out, struct text *messages)
{
	*out = (struct sim_asns){0};
	return finish(read_file(path, read_asns, out, messages), out);
}

int
sim_read_asns_parse(const char *path, const char *text, size_t n,
		    struct sim_asns *out, struct text *messages)
{
	*out = (struct sim_asns){0};
	return finish(read_memory(path, text, n, read_asns, out, messages),
		      out);
}

void
sim_asns_free(struct sim_asns *a)
{
	free(a->v);
	*a = (struct sim_asns){0};
}

struct sim_set
sim_asns_set(const struct sim_graph *g, const char *path,
	     const struct sim_asns *asns, struct text *messages)
{
	struct sim_set set = sim_set_new(g);
	struct notes notes = {.path = path};

	for (size_t i = 0; i < asns->n; i++) {
		uint32_t id = sim_graph_find(g, asns->v[i].asn);

		if (id == SIM_NONE)
			notes_warning(&notes, asns->v[i].line,
				      "AS %u is not in the graph: passed over",
				      asns->v[i].asn);
		else
			sim_set_add(&set, id);
	}
	if (notes_tell(&notes, messages))
		abort(); /* warnings alone */
	return set;
}
