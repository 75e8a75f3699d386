/* SPDX-License-Identifier: ISC */
/* What a system check knows of the node, and what it says of it. */
#ifndef BASIN_CHECK_SYSTEM_JUDGE_H
#define BASIN_CHECK_SYSTEM_JUDGE_H

#include "check/judgement.h"

struct system_measure {
	int error;        /* errno: it could not be measured */
	unsigned percent; /* used; load: of one core, 100 is one each */
};

struct system_facts {
	struct system_measure disk, inodes, memory, load;
	bool memory_of_cgroup; /* its limit is tighter than the node's */
};

/*
 * Measures what is asked for. `root` stands before /proc and /sys: "" but in
 * tests. May block as long as the file system does.
 */
void system_judge_measure(const struct conf_system *conf, const char *root,
			  struct system_facts *out);
/* Pure. The worst counts: fail, unknown, degraded, pass. */
void system_judge(const struct conf_system *conf,
		  const struct system_facts *facts, struct judgement *out);

#endif
