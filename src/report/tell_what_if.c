/* SPDX-License-Identifier: ISC */
/* Alternatives, and what failures leave. */
#include <errno.h>
#include <string.h>

#include "report/tell.h"

#define PICTURED 64 /* single failures whose moves are told */

/* ---- alternatives ---- */

/* Takes the plan over. */
static json_t *
plan_json(struct report *r, struct scenario_plan *plan, struct text *messages)
{
	struct scenario_outcome *then = tell_run(r, plan, messages);
	json_t *json = NULL;

	if (then)
		json = json_pack("{s:s, s:o, s:o}", "change", plan->name,
				 "outcome", tell_outcome(r, then), "moves",
				 tell_moves(r, r->base, then));
	scenario_outcome_free(then);
	scenario_plan_free(plan);
	return json;
}

static json_t *
alternative(struct report *r, const char *words, const char *where,
	    struct text *messages)
{
	struct scenario_plan *plan;

	if (scenario_what_if(r->s, words, where, &plan, messages) != 0)
		return NULL;
	return plan_json(r, plan, messages);
}

static bool
add_alternative(struct report *r, json_t *list, const char *words,
		const char *where, struct text *messages)
{
	json_t *one = alternative(r, words, where, messages);

	return one && json_array_append_new(list, one) == 0;
}

/* The same words, however far apart they stand. */
static bool
same_words(const char *a, const char *b)
{
	while (*a || *b) {
		size_t n = strcspn(a, " "), m = strcspn(b, " ");

		if (n != m || strncmp(a, b, n) != 0)
			return false;
		a += n + strspn(a + n, " ");
		b += m + strspn(b + m, " ");
	}
	return true;
}

/* Was the option's alternative `i` asked for before, here or in the file? */
static bool
asked_before(const struct report *r, size_t i)
{
	const struct conf_scenario *conf = r->s->conf;
	const char *const *asked = r->request->what_if;

	for (size_t k = 0; k < conf->n_what_if; k++)
		if (same_words(conf->what_if[k].text, asked[i]))
			return true;
	for (size_t k = 0; k < i; k++)
		if (same_words(asked[k], asked[i]))
			return true;
	return false;
}

/* Another file. */
static bool
add_other(struct report *r, json_t *list, const char *path,
	  struct text *messages)
{
	struct scenario_plan *plan;
	json_t *one = NULL;

	if (scenario_other(r->s, path, &plan, messages) == 0)
		one = plan_json(r, plan, messages);
	return one && json_array_append_new(list, one) == 0;
}

static bool
add_others(struct report *r, json_t *list, struct text *messages)
{
	const struct report_request *q = r->request;
	uint32_t n = sim_graph_count(r->s->graph);
	bool fine = true;

	if (q->n_then == 0)
		return true;
	r->nothing.n = n;
	r->nothing.v = xcalloc(n, sizeof(*r->nothing.v));
	for (size_t i = 0; i < q->n_then; i++)
		fine &= add_other(r, list, q->then[i], messages);
	return fine;
}

/* Those of the file first; each once. Then other files. */
int
tell_what_if(struct report *r, json_t **out, struct text *messages)
{
	const struct conf_scenario *conf = r->s->conf;
	const struct report_request *q = r->request;
	bool fine = true;

	*out = json_array();
	for (size_t i = 0; i < conf->n_what_if; i++)
		fine &= add_alternative(r, *out, conf->what_if[i].text,
					conf->path, messages);
	for (size_t i = 0; i < q->n_what_if; i++)
		if (!asked_before(r, i))
			fine &= add_alternative(r, *out, q->what_if[i],
						"--what-if", messages);
	fine &= add_others(r, *out, messages);
	return fine ? 0 : -EINVAL;
}

/* ---- failures ---- */

static const char *
name(const struct report *r, uint32_t site)
{
	return r->s->base->sites[site].name;
}

static json_t *
names(const struct report *r, const uint32_t *sites, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_string(name(r, sites[i])));
	return list;
}

static bool
failed(const struct sim_failure *f, size_t before, uint32_t site)
{
	for (size_t i = 0; i < before; i++)
		if (f->failed[i] == site)
			return true;
	return false;
}

/* What each site that is left carries after a round. */
static json_t *
loads(struct report *r, const struct sim_failure *f, size_t round, json_t *over)
{
	const struct sim_plan *plan = &r->ask.plan;
	const struct sim_round *at = &f->rounds[round];
	size_t gone = round + 1 < f->n_rounds ? f->rounds[round + 1].failed_at
					      : f->n_failed;
	json_t *list = json_array();

	for (uint32_t i = 0; i < plan->n_sites; i++) {
		uint64_t limit = plan->capacity ? plan->capacity[i] : 0;
		json_t *use = json_null();

		if (failed(f, gone, i))
			continue;
		if (limit > 0)
			use = json_real((double)at->load[i] / (double)limit);
		if (over && limit > 0 && at->load[i] > limit)
			json_array_append_new(over, json_string(name(r, i)));
		json_array_append_new(
		    list, json_pack("{s:s, s:o, s:f, s:o}", "name", name(r, i),
				    "weight", tell_weight(at->load[i]), "share",
				    tell_share(r, at->load[i]), "use", use));
	}
	return list;
}

static json_t *
lost(const struct report *r, uint64_t thousandths)
{
	return json_pack("{s:o, s:f}", "weight", tell_weight(thousandths),
			 "share", tell_share(r, thousandths));
}

static json_t *
cascade_json(struct report *r, const struct sim_failure *f)
{
	const struct sim_round *last = &f->rounds[f->n_rounds - 1];

	return json_pack(
	    "{s:I, s:o, s:b, s:o, s:o}", "rounds", (json_int_t)f->n_rounds - 1,
	    "lost", names(r, f->failed + f->n_first, f->n_failed - f->n_first),
	    "collapse", f->collapse, "sites",
	    loads(r, f, f->n_rounds - 1, NULL), "unreached",
	    lost(r, last->unreached));
}

static json_t *
failure_json(struct report *r, const struct sim_failure *f)
{
	json_t *over = json_array();
	json_t *sites = loads(r, f, 0, over);

	return json_pack(
	    "{s:o, s:o, s:o, s:o, s:o, s:o}", "down",
	    names(r, f->failed, f->n_first), "sites", sites, "overloaded", over,
	    "unreached", lost(r, f->rounds[0].unreached), "dropped",
	    lost(r, f->rounds[0].dropped), "cascade", cascade_json(r, f));
}

static void
set_moves(struct report *r, const struct sim_failure *f, json_t *json)
{
	struct text words = {0}, messages = {0};
	json_t *one;

	text_addf(&words, "%s down", name(r, f->failed[0]));
	one = alternative(r, text_str(&words), "--failures", &messages);
	if (one)
		json_object_set(json, "moves", json_object_get(one, "moves"));
	json_decref(one);
	text_free(&words);
	text_free(&messages);
}

static json_t *
cases_json(struct report *r, const struct sim_cascade *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct sim_failure *f = &c->v[i];
		json_t *one;

		/* Nothing fails at first: only if overload does it all. */
		if (f->n_first == 0 && f->n_failed == 0)
			continue;
		one = failure_json(r, f);
		if (f->n_first == 1 && r->ask.plan.n_sites <= PICTURED)
			set_moves(r, f, one);
		json_array_append_new(list, one);
	}
	return list;
}

int
tell_failures(struct report *r, json_t **out, struct text *messages)
{
	struct sim_cascade c;
	unsigned depth = r->request->failures;
	int error;

	*out = NULL;
	if (depth == 0)
		return 0;
	tell_progress(r, "failures of sites");
	error = sim_cascade(&r->ask.plan, depth, tell_stop, r, &c);
	if (error == -E2BIG)
		text_addf(messages,
			  "--failures %u: more than %d failures: expected "
			  "fewer sites, or 1\n",
			  depth, SIM_FAILURES_MAX);
	else if (error != 0)
		text_add(messages, "--failures: an AS path is too long\n");
	if (error != 0)
		return error;
	r->stopped |= c.stopped;
	*out = json_pack("{s:I, s:b, s:o}", "depth", (json_int_t)depth,
			 "complete", !c.stopped, "cases", cases_json(r, &c));
	sim_cascade_free(&c);
	return 0;
}
