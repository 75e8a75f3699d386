/* SPDX-License-Identifier: ISC */
/* What the files of the search share. Its contract is in plan.h. */
#ifndef BASIN_SIM_SEARCH_H
#define BASIN_SIM_SEARCH_H

#include "sim/lab.h"

/* ---- choices: search_space.c ---- */

/*
 * A choice is octets: by unit whether it is chosen, then by upstream its
 * prepends. Equal choices are equal octets.
 */
struct space {
	const struct sim_plan *plan;
	const struct sim_search *search;
	size_t n_units;
	size_t size;    /* octets of a choice */
	size_t choose;  /* units that are up */
	uint8_t *fixed; /* owned; by unit: always up */
	size_t *loose;  /* owned: units that may be chosen or not */
	size_t n_loose;
	size_t pick;       /* so many of the loose ones are up */
	bool *prependable; /* owned; by upstream */
	bool *heavy;       /* owned; by upstream: cannot be prepended */
	bool always;       /* announcements no choice changes are up */
	uint64_t step;     /* weight unreached that makes a difference */
	/* Upstreams by site: members[first[site] .. first[site + 1]). owned */
	size_t *first, *members;
};
/* 0, or -EINVAL explained in *messages. */
int search_space_new(const struct sim_plan *plan,
		     const struct sim_search *search, struct space *out,
		     struct text *messages);
void search_space_free(struct space *s);

static inline bool
search_choosing(const struct space *s)
{
	return s->pick > 0 && s->pick < s->n_loose;
}
/* Whether the upstream is up. */
bool search_active(const struct space *s, const uint8_t *choice,
		   size_t upstream);
static inline bool
search_told_to_stop(const struct space *s)
{
	return s->search->stop && s->search->stop(s->search->ctx);
}
/* Upstreams that are missing to keep min_upstreams. */
size_t search_lacking(const struct space *s, const uint8_t *choice);
/*
 * All prepends one higher is the same choice with longer paths, where nothing
 * is announced that cannot be prepended: takes off what all have.
 */
void search_settle(const struct space *s, uint8_t *choice);
void search_apply(const struct space *s, const uint8_t *choice,
		  struct trial *t);

/* Going through all choices: sets of units, in each the prepends. */
struct cursor {
	const struct space *space;
	uint8_t *choice; /* owned */
	size_t *picked;  /* owned: of `loose`, ascending */
	size_t *digits;  /* owned: upstreams to prepend */
	size_t n_digits;
	bool shifts;
	unsigned steps; /* sets since the last question whether to stop */
	bool stopped;   /* it is the end because we were told */
};
/* False when there is none at all. */
bool search_first(const struct space *s, struct cursor *c);
bool search_next(struct cursor *c);
bool search_next_set(struct cursor *c);
/* Choices with the present set; UINT64_MAX: more. */
uint64_t search_set_count(const struct cursor *c);
void search_cursor_free(struct cursor *c);
/* All choices; UINT64_MAX: too many to count, or told to stop. */
uint64_t search_count(const struct space *s);

/* ---- judging them: search_score.c ---- */

struct score {
	uint64_t lacking;   /* upstreams missing */
	uint64_t over;      /* load above max_load */
	uint64_t unreached; /* dropped ones too */
	uint64_t unserved;  /* both; of unreached whole steps only */
	double objective;
	double path; /* mean ASes on the way */
	unsigned prepends;
};
struct score search_score(const struct space *s, const uint8_t *choice,
			  const struct measure *m);
/* < 0: (a, x) is better. The choices decide between equal scores. */
int search_compare(const struct space *s, const struct score *a,
		   const uint8_t *x, const struct score *b, const uint8_t *y);

/* The best few, that differ as struct sim_found says. */
struct entry {
	struct score score;
	uint8_t *choice; /* owned */
	uint64_t *load;  /* owned; by site */
};
struct podium {
	const struct space *space;
	struct entry *v; /* owned; best first, room for one more than `most` */
	size_t n, most;
};
struct podium search_podium_new(const struct space *s, size_t most);
void search_podium_free(struct podium *p);
void search_podium_offer(struct podium *p, const struct score *score,
			 const uint8_t *choice, const uint64_t *load);

/* ---- bounds: search_bound.c ---- */

struct bounds;
/* Borrows the space. */
struct bounds *search_bounds_new(const struct space *s);
void search_bounds_free(struct bounds *b);
/*
 * What no choice with these units can be better than, whatever its prepends:
 * of those that reach as much as any can, the objective. False when nothing is
 * known.
 */
struct bound {
	uint64_t unserved; /* no less */
	double objective;  /* no less with just so much unserved */
};
bool search_bound(struct bounds *b, const uint8_t *choice, struct bound *out);
/* The same for all choices together. */
bool search_bound_all(struct bounds *b, struct bound *out);
/* Whether all within the bound are worse than the score. */
bool search_beaten(const struct bound *b, const struct score *by);
/* Whether none within the bound has a better objective. */
bool search_reached(const struct bound *b, const struct score *by);

/* ---- running them: search_batch.c ---- */

#define SEARCH_BATCH 256

struct quest {
	const struct sim_plan *plan;
	const struct sim_search *search;
	struct space space;
	struct lab lab;
	struct podium podium;
	struct bounds *bounds; /* NULL: none known */
	struct sim_progress progress;
	/* The batch: choices to run, filled by search_batch_add(). */
	uint8_t *choices; /* owned */
	size_t n;
	struct score *scores; /* owned */
	uint64_t *loads;      /* owned */
	bool *done;           /* owned */
};
void search_batch_start(struct quest *q);
void search_batch_end(struct quest *q);
/* The place for the next choice. There is room for SEARCH_BATCH. */
uint8_t *search_batch_add(struct quest *q);
/*
 * Runs the batch without offering it. 0, -ECANCELED, or as sim_run(). The
 * caller sets `n` to 0 afterwards.
 */
int search_batch_run(struct quest *q);
/* Runs the batch and offers what was run to the podium. */
int search_batch_try(struct quest *q);

/* ---- ways to search ---- */

int search_local(struct quest *q, unsigned restarts); /* search_local.c */
/* What members and prepends of a solution are good for: search_why.c */
int search_why(struct quest *q, const struct entry *e,
	       struct sim_solution *out);

#endif
