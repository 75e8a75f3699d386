/* SPDX-License-Identifier: ISC */
/*
 * Scenarios of a few lines on a graph of a few ASes:
 *
 *      1 ----- 2      1 and 2 peer, both above the others
 *     / \     / \
 *   11   12--21  22   12 and 21 peer
 *   |     \  /    |
 *  111    122    222
 */
#ifndef BASIN_TESTS_SCENARIO_LAB_H
#define BASIN_TESTS_SCENARIO_LAB_H

#include "scenario/scenario.h"

struct lab {
	struct scenario *s;
	struct sim_engine *engine;
	struct scenario_outcome *base;
	struct text messages;
};

/* `yaml` without its line "graph:"; must be sound. */
void lab_begin(struct lab *l, const char *yaml);
void lab_end(struct lab *l);
/* The site's name, "unreached" or "dropped". */
const char *lab_where(const struct lab *l, const struct scenario_outcome *o,
		      const char *prefix, uint32_t asn);
/* "111=fra 122=ams ..." of all ASes, for comparisons; to be freed. */
char *lab_map(const struct lab *l, const struct scenario_outcome *o,
	      const char *prefix);
/* Runs the change; *plan and the outcome are for lab_forget(). */
struct scenario_outcome *lab_what_if(struct lab *l, const char *words);
struct scenario_outcome *lab_hijack(struct lab *l, uint32_t asn,
				    enum conf_hijack_kind kind);
void lab_forget(struct scenario_outcome *o);

#endif
