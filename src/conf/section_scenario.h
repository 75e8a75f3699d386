/* SPDX-License-Identifier: ISC */
/*
 * What the sections of a scenario share. Sites are read first: the others
 * name them.
 */
#ifndef BASIN_CONF_SECTION_SCENARIO_H
#define BASIN_CONF_SECTION_SCENARIO_H

#include "conf/section.h"

/* Numbers of sites and how many behind them: names in the file. */
struct scenario_names {
	size_t *v;
	size_t n;
};
extern const struct option_type section_scenario_names_type;

#endif
