/* SPDX-License-Identifier: ISC */
/*
 * Types of options of the import policy.
 */
#ifndef BASIN_CONF_TYPE_POLICY_H
#define BASIN_CONF_TYPE_POLICY_H

#include "conf/type.h"

extern const struct option_type type_ranges; /* struct conf_ranges */
extern const struct option_type type_asns;   /* struct conf_asns */

#endif
