/* SPDX-License-Identifier: ISC */
/*
 * OpenMetrics text. Written without printf where a line repeats for every
 * prefix and peer: one request must not stall the loop.
 */
#include "daemon/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const struct metric_description metrics_table[METRIC_COUNT] = {
#define X(id, name, type, unit, help) {name, type, unit, help},
    METRICS(X)
#undef X
};

#define TOTAL "_total"

/* OpenMetrics: a counter's family has no _total, its sample has. */
static size_t
family_length(const struct metric_description *m)
{
	size_t n = strlen(m->name);

	return strcmp(m->type, "counter") == 0 ? n - strlen(TOTAL) : n;
}

static void
meta(struct text *out, const char *what, const struct metric_description *m,
     const char *value)
{
	text_add(out, what);
	text_add_n(out, m->name, family_length(m));
	text_add(out, " ");
	text_add(out, value);
	text_add(out, "\n");
}

void
metrics_family(struct metrics_writer *w, enum metric metric)
{
	const struct metric_description *m = &metrics_table[metric];

	w->metric = metric;
	meta(w->out, "# TYPE ", m, m->type);
	if (m->unit[0])
		meta(w->out, "# UNIT ", m, m->unit);
	meta(w->out, "# HELP ", m, m->help);
}

void
metrics_sample(struct metrics_writer *w)
{
	text_add(w->out, metrics_table[w->metric].name);
	w->labels = false;
}

static void
escaped(struct text *out, const char *value)
{
	size_t plain = strcspn(value, "\\\"\n");

	while (value[plain]) {
		text_add_n(out, value, plain);
		text_add(out, value[plain] == '\n'  ? "\\n"
			      : value[plain] == '"' ? "\\\""
						    : "\\\\");
		value += plain + 1;
		plain = strcspn(value, "\\\"\n");
	}
	text_add_n(out, value, plain);
}

void
metrics_label(struct metrics_writer *w, const char *name, const char *value)
{
	text_add(w->out, w->labels ? "," : "{");
	text_add(w->out, name);
	text_add(w->out, "=\"");
	escaped(w->out, value);
	text_add(w->out, "\"");
	w->labels = true;
}

static void
end_sample(struct metrics_writer *w, const char *value, size_t n)
{
	text_add(w->out, w->labels ? "} " : " ");
	text_add_n(w->out, value, n);
	text_add(w->out, "\n");
}

void
metrics_count(struct metrics_writer *w, uint64_t value)
{
	char digits[24];
	char *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	end_sample(w, p, (size_t)(digits + sizeof(digits) - p));
}

void
metrics_real(struct metrics_writer *w, double value)
{
	char buf[64];

	assert(isfinite(value));
	snprintf(buf, sizeof(buf), "%.9g", value);
	end_sample(w, buf, strlen(buf));
}

void
metrics_end(struct metrics_writer *w)
{
	text_add(w->out, "# EOF\n");
}
