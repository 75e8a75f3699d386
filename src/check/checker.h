/* SPDX-License-Identifier: ISC */
/* What check.c, checker.c and heap.c know of each other; private to check/. */
#ifndef BASIN_CHECK_CHECKER_H
#define BASIN_CHECK_CHECKER_H

#include <stdalign.h>
#include <stddef.h>

#include "check/check.h"
#include "check/heap.h"
#include "check/idtable.h"
#include "check/io.h"
#include "check/lateness.h"

/*
 * One check. Thousands exist: keep it small. The kind's memory follows in
 * the same allocation.
 */
struct check {
	const struct conf_check *conf; /* borrowed from the configuration */
	const struct check_kind *kind; /* static */
	struct checker *checker;       /* borrowed */
	struct mono due;               /* next planned start */
	struct mono deadline;          /* of the run; never while idle */
	struct mono started;           /* last real start; 0: never ran */
	struct dur latency;            /* of the last result */
	char *detail;                  /* owned; NULL is "" */
	uint32_t id;
	uint32_t place;         /* in the heap */
	uint8_t verdict, cause; /* of the last result */
	bool fresh : 1;         /* added, not planned yet */
	bool running : 1;
	bool changing : 1;
	bool reported : 1; /* has a last result */
	bool graced : 1;   /* deadline was moved once because of a stall */
	bool kicked : 1;   /* while running: run again behind it */
	alignas(max_align_t) unsigned char run[];
};

struct checker {
	uv_loop_t *loop;                       /* borrowed */
	struct log *log;                       /* borrowed, may be NULL */
	const struct check_services *services; /* borrowed, may be NULL */
	check_report *report;
	void *arg; /* borrowed */
	uv_timer_t timer;
	uv_idle_t more;    /* active when there is work for the next turn */
	struct mono armed; /* when the timer fires; never: it does not */
	struct mono no_turn_before;
	struct io_set *io; /* owned */
	struct heap heap;
	struct idtable table;
	void *shared[CONF_CHECK_KINDS]; /* owned by the kinds */
	const struct check_kind *kinds[CONF_CHECK_KINDS]; /* opened ones */
	size_t fresh;   /* checks without a plan */
	size_t running; /* checks */
	uint64_t random;
	uint64_t runs, skipped, missed;
	uint64_t reports, merged; /* see push.c */
	struct lateness lateness;
	bool closing;
	unsigned handles; /* still to be closed */
	void (*closed)(void *arg);
	void *closed_arg;
};

/* When the scheduler must look at the check again. */
static inline struct mono
check_wake(const struct check *check)
{
	return mono_min(check->due, check->deadline);
}

/* NULL when there is none of that id. */
struct check *checker_find(const struct checker *c, size_t id);
/* Its next run is at that time, unless it is sooner anyway. */
void checker_hurry(struct check *check, struct mono at);

/* Ends the run: the scheduler's half of check_done(). */
void checker_ended(struct check *check, const struct check_result *result);

#endif
