/* SPDX-License-Identifier: ISC */
/* What flap.c and advice.c share; nobody outside includes this. */
#ifndef BASIN_MODEL_FLAP_H
#define BASIN_MODEL_FLAP_H

#include "conf/conf.h"

/* Can the two come and go in the same way? Names and targets do not matter. */
bool flap_same_service(const struct conf_service *a,
		       const struct conf_service *b);

#endif
