/* SPDX-License-Identifier: ISC */
#ifndef BASIN_SYS_SANDBOX_H
#define BASIN_SYS_SANDBOX_H

/* Installs the system-call filter. 0, -errno, or 1: not with this build. */
int sandbox_filter(void) __attribute__((warn_unused_result));

#endif
