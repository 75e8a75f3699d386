/* SPDX-License-Identifier: ISC */
#ifndef BASIN_CTL_LOADER_H
#define BASIN_CTL_LOADER_H

#include "ctl/http.h"

/* The HTTP module, or NULL (logged). Once loaded it stays. */
const struct ctl_http_module *loader_http(struct log *log);

#endif
