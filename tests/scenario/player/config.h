/* SPDX-License-Identifier: ISC */
/* The statements service, check and prefix, and the engine built of them. */
#ifndef BASIN_TESTS_SCENARIO_CONFIG_H
#define BASIN_TESTS_SCENARIO_CONFIG_H

#include "reader.h"

/*
 * Parses the current line when it is one of the three statements: 1, 0 when
 * it is something else, or -EINVAL.
 */
int config_statement(struct reader *r, struct sc_config *config)
    __attribute__((warn_unused_result));
/* Sealed at `now`; the caller frees it. */
struct avail *config_build(const struct sc_config *config, struct mono now);
void config_free(struct sc_config *config);

#endif
