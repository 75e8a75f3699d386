/* SPDX-License-Identifier: ISC */
#ifndef BASIN_CTL_LATER_H
#define BASIN_CTL_LATER_H

#include "ctl/internal.h"

struct ctl_later {
	struct session *session; /* borrowed; NULL when the client has gone */
};

#endif
