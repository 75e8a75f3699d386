/* SPDX-License-Identifier: ISC */
#include "report/tell.h"

json_t *
tell_weight(uint64_t thousandths)
{
	if (thousandths % SIM_WEIGHT_ONE == 0)
		return json_integer((json_int_t)(thousandths / SIM_WEIGHT_ONE));
	return json_real((double)thousandths / SIM_WEIGHT_ONE);
}

double
tell_share(const struct report *r, uint64_t thousandths)
{
	return r->total > 0 ? (double)thousandths / r->total : 0;
}

const char *
tell_site(const struct scenario_plan *p, uint32_t site)
{
	if (site == SCENARIO_UNREACHED)
		return TELL_UNREACHED;
	if (site == SCENARIO_DROPPED)
		return TELL_DROPPED;
	return p->sites[site].name;
}

void
tell_upstream(const struct scenario_plan *p, uint32_t upstream,
	      struct text *out)
{
	const struct scenario_upstream *u = &p->upstreams[upstream];

	text_addf(out, "%s.%s", p->sites[u->site].name, u->name);
}

uint32_t
tell_base_prefix(const struct report *r, const struct scenario_plan *p,
		 size_t prefix)
{
	const struct scenario_plan *base = r->s->base;

	for (uint32_t i = 0; i < base->n_prefixes; i++)
		if (prefix_equal(&base->prefixes[i].prefix,
				 &p->prefixes[prefix].prefix))
			return i;
	return SIM_NONE;
}

/* What a culprit adds may be asked for as much as all the rest; for a prefix
 * that only another file has nobody asks as yet. */
const struct sim_weights *
tell_weights(const struct report *r, const struct scenario_plan *p,
	     size_t prefix)
{
	uint32_t i = tell_base_prefix(r, p, prefix);

	if (i != SIM_NONE)
		return r->ask.plan.prefixes[i].weights;
	return p->prefixes[prefix].conf ? &r->nothing : &r->weights;
}

struct scenario_outcome *
tell_run(struct report *r, const struct scenario_plan *p, struct text *messages)
{
	struct scenario_outcome *o = NULL;

	if (scenario_run(r->s, p, r->engine, &o) == 0)
		return o;
	text_addf(messages,
		  "%s: an AS path would be longer than %d ASes: prepend "
		  "less\n",
		  p->name, SIM_PATH_MAX);
	return NULL;
}

void
tell_progress(struct report *r, const char *text)
{
	if (r->request->progress)
		r->request->progress(r->request->ctx, text);
}

bool
tell_stop(void *ctx)
{
	struct report *r = ctx;

	return r->request->stop && r->request->stop(r->request->ctx);
}
