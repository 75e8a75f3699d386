/* SPDX-License-Identifier: ISC */
/* Advice about a plan of addresses: the list, and what its parts share. */
#include "scenario/advice.h"

#include <stdlib.h>
#include <string.h>

const char *
scenario_advice_text(enum scenario_advice_kind kind)
{
	static const char *const texts[] = {
#define X(n, t) [SCENARIO_ADVISE_##n] = t,
	    SCENARIO_ADVICE(X)
#undef X
	};

	return texts[kind];
}

void
advice_add(struct adviser *a, enum scenario_advice_kind kind,
	   enum scenario_severity severity, struct conf_place place,
	   const char *fmt, ...)
{
	struct scenario_advices *out = a->out;
	struct text text = {0};
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&text, fmt, ap);
	va_end(ap);
	out->v = xrealloc(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = (struct scenario_advice){
	    .kind = kind,
	    .severity = severity,
	    .place = place,
	    .text = xstrdup(text_str(&text)),
	};
	text_free(&text);
}

const char *
advice_share(const struct adviser *a, double ases, char buf[ADVICE_SHARE_MAX])
{
	snprintf(buf, ADVICE_SHARE_MAX, "%.1f %%",
		 100 * ases / (double)sim_graph_count(a->s->graph));
	return buf;
}

bool
advice_announced(const struct scenario_prefix *q, size_t upstream)
{
	const struct sim_announcement *a = &q->announcements[upstream];

	/* What stays in the AS of a site is announced to nobody. */
	return !a->down && a->site != SIM_NONE &&
	       !(a->n_tail > 0 && a->tail[0] == PLAN_SERVERS);
}

bool
advice_global(const struct scenario_prefix *q, size_t upstream)
{
	return advice_announced(q, upstream) &&
	       !q->announcements[upstream].no_export;
}

size_t
advice_sites(const struct adviser *a, const struct scenario_prefix *q,
	     bool global, size_t *one)
{
	size_t n = 0, last = SIZE_MAX;

	/* The upstreams of a site stand together, but for what is added. */
	for (size_t i = 0; i < a->plan->n_upstreams; i++) {
		size_t site = a->plan->upstreams[i].site;

		if (site == last ||
		    !(global ? advice_global(q, i) : advice_announced(q, i)))
			continue;
		last = *one = site;
		n++;
	}
	return n;
}

static int
by_severity(const void *a, const void *b)
{
	const struct scenario_advice *x = a, *y = b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->place.line != y->place.line)
		return x->place.line < y->place.line ? -1 : 1;
	return strcmp(x->text, y->text);
}

int
scenario_advise(const struct scenario *s,
		const struct scenario_outcome *outcome,
		struct sim_engine *engine, struct scenario_advices *out)
{
	struct adviser a = {s, outcome->plan, outcome, engine, out};
	int err;

	*out = (struct scenario_advices){0};
	advice_addresses(&a);
	advice_sites_all(&a);
	err = advice_roas(&a);
	if (out->n > 0)
		qsort(out->v, out->n, sizeof(*out->v), by_severity);
	if (err != 0)
		scenario_advices_free(out);
	return err;
}

void
scenario_advices_free(struct scenario_advices *a)
{
	for (size_t i = 0; i < a->n; i++)
		free((char *)a->v[i].text);
	free(a->v);
	*a = (struct scenario_advices){0};
}
