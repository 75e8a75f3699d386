/* SPDX-License-Identifier: ISC */
/* The kernel's answer to a request for the elements of a set. */
#ifndef BASIN_SYS_NFTABLES_READ_H
#define BASIN_SYS_NFTABLES_READ_H

#include "sys/sys.h"

struct nlmsghdr;

typedef void nftables_each(void *arg, const struct sys_counter *c);
/* One message; what is not an address with its counter is passed over. */
void nftables_parse(const struct nlmsghdr *h, nftables_each *each, void *arg);

#endif
