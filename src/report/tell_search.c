/* SPDX-License-Identifier: ISC */
/* The best few that a search found, and why they are. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/time.h"
#include "report/tell.h"

struct search {
	struct report *r;        /* borrowed */
	struct scenario_ask ask; /* owned */
	struct mono until;       /* the time the scenario allows */
	bool limited;            /* there is such a time */
};

static bool
stop(void *ctx)
{
	struct search *s = ctx;

	if (s->limited && mono_now().ns >= s->until.ns)
		return true;
	return tell_stop(s->r);
}

static void
progress(void *ctx, const struct sim_progress *p)
{
	struct search *s = ctx;
	struct text line = {0};

	text_addf(&line, "search: %llu tried", (unsigned long long)p->tried);
	if (p->exact && p->total != UINT64_MAX)
		text_addf(&line, ", %llu ruled out, of %llu",
			  (unsigned long long)p->pruned,
			  (unsigned long long)p->total);
	if (p->found)
		text_addf(&line, "; best %s %.4g",
			  sim_objective_text(s->ask.search.objective), p->best);
	tell_progress(s->r, text_str(&line));
	text_free(&line);
}

/* ---- as JSON ---- */

static void
add_unit(const struct search *s, uint32_t unit, struct text *out)
{
	const struct scenario_plan *p = s->r->s->base;

	if (s->ask.search.upstreams)
		tell_upstream(p, unit, out);
	else
		text_add(out, p->sites[unit].name);
}

static json_t *
text_json(struct text *t)
{
	json_t *json = json_string(text_str(t));

	text_free(t);
	return json;
}

static json_t *
chosen_json(const struct search *s, const struct sim_solution *v)
{
	size_t n = s->ask.search.upstreams ? s->ask.plan.n_upstreams
					   : s->ask.plan.n_sites;
	json_t *list = json_array();

	for (uint32_t i = 0; i < n; i++) {
		struct text name = {0};

		if (!v->chosen[i])
			continue;
		add_unit(s, i, &name);
		json_array_append_new(list, text_json(&name));
	}
	return list;
}

static json_t *
prepends_json(const struct search *s, const struct sim_solution *v)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < s->ask.plan.n_upstreams; i++) {
		struct text name = {0};

		if (v->prepend[i] == 0)
			continue;
		tell_upstream(s->r->s->base, i, &name);
		text_addf(&name, " %u", v->prepend[i]);
		json_array_append_new(list, text_json(&name));
	}
	return list;
}

static json_t *
why_json(const struct search *s, const struct sim_solution *v)
{
	const char *what = sim_objective_text(s->ask.search.objective);
	json_t *list = json_array();

	for (size_t i = 0; i < v->n_why; i++) {
		const struct sim_contribution *c = &v->why[i];
		struct text line = {0};

		text_add(&line, "without ");
		if (c->unit == SIM_NONE) {
			text_add(&line, "the prepend at ");
			tell_upstream(s->r->s->base, c->upstream, &line);
		} else {
			add_unit(s, c->unit, &line);
		}
		text_addf(&line, ": %s %.4g", what, c->without);
		if (c->unreached > v->unreached)
			text_addf(&line, ", %.1f %% more unreached",
				  100 * tell_share(s->r, c->unreached -
							     v->unreached));
		if (c->over > v->over)
			text_addf(&line, ", %.1f %% more above capacity",
				  100 * tell_share(s->r, c->over - v->over));
		json_array_append_new(list, text_json(&line));
	}
	return list;
}

static json_t *
loads_json(const struct search *s, const struct sim_solution *v)
{
	json_t *list = json_array();

	for (uint32_t i = 0; i < s->ask.plan.n_sites; i++) {
		uint64_t limit =
		    s->ask.plan.capacity ? s->ask.plan.capacity[i] : 0;

		if (v->load[i] == 0)
			continue;
		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:f, s:o}", "name",
				    s->r->s->base->sites[i].name, "weight",
				    tell_weight(v->load[i]), "share",
				    tell_share(s->r, v->load[i]), "use",
				    limit ? json_real((double)v->load[i] /
						      (double)limit)
					  : json_null()));
	}
	return list;
}

/* Where load is the objective nothing bounds it, and `over` is 0. */
static bool
is_over(const struct search *s, const struct sim_solution *v)
{
	const uint64_t *capacity = s->ask.plan.capacity;

	for (uint32_t i = 0; i < s->ask.plan.n_sites; i++)
		if (capacity[i] > 0 && v->load[i] > capacity[i])
			return true;
	return false;
}

static json_t *
number_json(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *
solution_json(const struct search *s, const struct sim_solution *v)
{
	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "chosen",
	    chosen_json(s, v), "prepends", prepends_json(s, v), "objective",
	    number_json(v->objective), "unreached", tell_weight(v->unreached),
	    "over", is_over(s, v), "mean_length", number_json(v->mean_path),
	    "ahead", number_json(v->ahead), "sites", loads_json(s, v), "why",
	    why_json(s, v));
}

static void
add_summary(const struct search *s, const struct sim_found *f, struct text *out)
{
	const struct sim_progress *d = &f->done;

	text_addf(out, "the best %zu by %s: ", f->n,
		  sim_objective_text(s->ask.search.objective));
	text_addf(out, "%llu combinations tried", (unsigned long long)d->tried);
	if (d->pruned > 0)
		text_addf(out, ", %llu ruled out",
			  (unsigned long long)d->pruned);
	if (d->total != UINT64_MAX)
		text_addf(out, ", of %llu", (unsigned long long)d->total);
	if (f->proven)
		text_add(out, "; nothing is better");
	else if (f->stopped)
		text_add(out, "; ended early, this is the best so far");
	else
		text_add(out, "; better ones may exist");
}

static json_t *
found_json(const struct search *s, const struct sim_found *f)
{
	json_t *best = json_array();
	struct text summary = {0};

	for (size_t i = 0; i < f->n; i++)
		json_array_append_new(best, solution_json(s, &f->v[i]));
	add_summary(s, f, &summary);
	return json_pack(
	    "{s:s, s:o, s:I, s:I, s:b, s:b, s:o, s:o}", "objective",
	    sim_objective_text(s->ask.search.objective), "summary",
	    text_json(&summary), "tried", (json_int_t)f->done.tried, "pruned",
	    (json_int_t)f->done.pruned, "proven", f->proven, "stopped",
	    f->stopped, "bound", number_json(f->bound), "best", best);
}

/* ---- the search ---- */

static int
run(struct search *s, json_t **out, struct text *messages)
{
	struct sim_found found;
	struct dur time = s->r->s->conf->search.time;
	int error;

	s->limited = time.ns > 0;
	s->until.ns = mono_now().ns + time.ns;
	s->ask.search.stop = stop;
	s->ask.search.progress = progress;
	s->ask.search.ctx = s;
	error = sim_search(&s->ask.plan, &s->ask.search, &found, messages);
	if (error != 0)
		return error;
	s->r->stopped |= found.stopped && tell_stop(s->r);
	*out = found_json(s, &found);
	sim_found_free(&found);
	return 0;
}

int
tell_search(struct report *r, json_t **out, struct text *messages)
{
	struct search s = {.r = r};
	int error;

	*out = NULL;
	if (!r->request->search)
		return 0;
	error = scenario_ask_search(r->s, &r->weights, r->request->threads,
				    &s.ask, messages);
	if (error != 0)
		return error;
	error = run(&s, out, messages);
	scenario_ask_free(&s.ask);
	return error;
}
