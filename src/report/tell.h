/* SPDX-License-Identifier: ISC */
/* How the document comes to be: a part of it from each tell_*.c. */
#ifndef BASIN_REPORT_TELL_H
#define BASIN_REPORT_TELL_H

#include "report/report.h"
#include "scenario/scenario.h"

#define TELL_UNREACHED "(unreached)"
#define TELL_DROPPED   "(dropped)"
#define TELL_LARGEST   500 /* ASes of "largest" */
#define TELL_MOVERS    50  /* of "biggest" */

struct report {
	const struct report_request *request; /* borrowed; while it is made */
	struct scenario *s;                   /* owned */
	struct sim_engine *engine;            /* owned */
	struct sim_weights weights;           /* owned */
	/* Owned; weighs prefixes that only another file has. */
	struct sim_weights nothing;
	struct scenario_ask ask;       /* owned; of the base */
	bool asked;                    /* `ask` is set */
	double total;                  /* of the weights of all prefixes */
	struct scenario_outcome *base; /* owned */
	uint32_t *cone;                /* owned; by id: ASes behind it and it */
	json_t *document;              /* owned */
	bool stopped, overloaded;
};

/* ---- the parts; each a new reference ---- */

/* Sites, upstreams, what is unreached; of all prefixes together. */
json_t *tell_outcome(struct report *r, const struct scenario_outcome *o);
/* The same of each prefix. */
json_t *tell_prefixes(struct report *r, const struct scenario_outcome *o);
/* The same of all prefixes that are routed alike. */
json_t *tell_alike(struct report *r, const struct scenario_outcome *o);
/* Do all ASes reach the same sites by both, equally far and equally sure? */
bool tell_routed_alike(const struct report *r, const struct scenario_outcome *o,
		       size_t a, size_t b);
/* Who is elsewhere in `then` than in `now`. */
json_t *tell_moves(struct report *r, const struct scenario_outcome *now,
		   const struct scenario_outcome *then);
/* Of one prefix, from the base; a culprit's own: from what covers it. The
 * culprit, the last site of the plan, is not counted itself. */
json_t *tell_moves_of(struct report *r, const struct scenario_outcome *then,
		      size_t prefix, const struct sim_weights *weights);
json_t *tell_largest(struct report *r);
json_t *tell_ases(struct report *r);

/* 0 or -errno, explained in *messages; *out NULL when nothing is asked. */
int tell_what_if(struct report *r, json_t **out, struct text *messages);
int tell_failures(struct report *r, json_t **out, struct text *messages);
int tell_hijacks(struct report *r, json_t **out, struct text *messages);
int tell_search(struct report *r, json_t **out, struct text *messages);
int tell_explain(struct report *r, json_t **out, struct text *messages);

/* By id how many ASes are behind it, with itself; for free(). */
uint32_t *tell_cones(const struct sim_graph *g);

/* ---- what several need: tell.c ---- */

/* Thousandths as a number: whole where it is. */
json_t *tell_weight(uint64_t thousandths);
/* Of all weights, from 0 to 1. */
double tell_share(const struct report *r, uint64_t thousandths);
/* "fra", TELL_DROPPED or TELL_UNREACHED for a destination. */
const char *tell_site(const struct scenario_plan *p, uint32_t site);
/* "fra.transit-a" */
void tell_upstream(const struct scenario_plan *p, uint32_t upstream,
		   struct text *out);
/* The number in the base of a plan's prefix; SIM_NONE: a culprit's own. */
uint32_t tell_base_prefix(const struct report *r, const struct scenario_plan *p,
			  size_t prefix);
/* The weights that count for a prefix of a plan. */
const struct sim_weights *tell_weights(const struct report *r,
				       const struct scenario_plan *p,
				       size_t prefix);
/* Runs a plan. NULL: explained in *messages. */
struct scenario_outcome *tell_run(struct report *r,
				  const struct scenario_plan *p,
				  struct text *messages);
void tell_progress(struct report *r, const char *text);
/* Asked by what takes long; ctx is the report. */
bool tell_stop(void *ctx);

#endif
