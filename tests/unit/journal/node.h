/* SPDX-License-Identifier: ISC */
/*
 * A small daemon in virtual time: checks at their intervals, random facts and
 * orders, everything recorded as daemon/journal.c does.
 */
#ifndef BASIN_TESTS_UNIT_JOURNAL_NODE_H
#define BASIN_TESTS_UNIT_JOURNAL_NODE_H

#include "../test.h"

#include "journal/journal.h"

#define NODE_CHECKS 4
#define NODE_DAYS   8

struct node {
	uint64_t seed;
	struct journal_record *record;
	struct avail *av;
	struct journal_setup *setup; /* as running; owned */
	struct mono now;
	struct mono next[NODE_CHECKS];
	bool sick[NODE_CHECKS]; /* its results are mostly bad */
	int64_t wall;           /* - mono */
	unsigned decisions;
	struct text days[NODE_DAYS]; /* what was recorded, by file */
	size_t n_days;
};

/* A number below `n`. */
uint64_t node_random(struct node *node, uint64_t n);
void node_open(struct node *node, uint64_t seed);
void node_close(struct node *node);
/* Processes start and end; nothing is said when they crash. */
void node_start(struct node *node);
void node_stop(struct node *node);
void node_crash(struct node *node);
/* Checks run for so long; things happen. */
void node_run(struct node *node, struct dur d);
/* Checks run, nothing else happens. */
void node_idle(struct node *node, struct dur d);
void node_result(struct node *node, size_t check, enum avail_verdict v);
void node_reload(struct node *node);
/* Another file. */
void node_midnight(struct node *node);
/* Nothing runs for so long, as under SIGSTOP. */
void node_stall(struct node *node, struct dur d);
/* What was recorded stands in `days`. */
void node_flush(struct node *node);

#endif
