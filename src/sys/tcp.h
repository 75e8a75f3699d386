/* SPDX-License-Identifier: ISC */
#ifndef BASIN_SYS_TCP_H
#define BASIN_SYS_TCP_H

#include <stdint.h>

#include "base/ip.h"

/* As helper_listen() describes; the descriptor or -errno. */
int tcp_listen(const struct ip *ip, uint16_t port)
    __attribute__((warn_unused_result));

#endif
