/* SPDX-License-Identifier: ISC */
#ifndef BASIN_SYS_SERVE_H
#define BASIN_SYS_SERVE_H

#include <stdbool.h>

#include "base/ip.h"

/* As helper_serve(), in this process. */
int serve_open(const struct ip *ip, uint16_t port, bool tcp)
    __attribute__((warn_unused_result));
/* Does the helper open it? DNS and HTTP only. */
bool serve_is_privileged(uint16_t port);

#endif
