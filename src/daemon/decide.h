/* SPDX-License-Identifier: ISC */
#ifndef BASIN_DAEMON_DECIDE_H
#define BASIN_DAEMON_DECIDE_H

#include "daemon/basin.h"

void decide_start(struct basin *b);
/* checker's report: one result of one check (arg: struct basin). */
void decide_report(void *arg, size_t id, const struct check_result *r);
/* out's fact: a service's addresses are (not) there (arg: struct basin). */
void decide_addresses(void *arg, size_t service, bool present);

#endif
