/* SPDX-License-Identifier: ISC */
/*
 * The well-known communities by name: RFC 1997, 3765, 7611, 7999, 8326, 9494.
 * One list for those who read names (configuration) and those who print them.
 */
#ifndef BASIN_BASE_COMMUNITY_H
#define BASIN_BASE_COMMUNITY_H

#include <stdint.h>

/* X(value, as one writes it, as it is printed) */
#define COMMUNITIES(X)                                                         \
	X(UINT32_C(0xffffff01), "no-export", "NO_EXPORT")                      \
	X(UINT32_C(0xffffff02), "no-advertise", "NO_ADVERTISE")                \
	X(UINT32_C(0xffffff03), "no-export-subconfed", "NO_EXPORT_SUBCONFED")  \
	X(UINT32_C(0xffffff04), "no-peer", "NOPEER")                           \
	X(UINT32_C(0xffff029a), "blackhole", "BLACKHOLE")                      \
	X(UINT32_C(0xffff0001), "accept-own", "ACCEPT_OWN")                    \
	X(UINT32_C(0xffff0000), "graceful-shutdown", "GRACEFUL_SHUTDOWN")      \
	X(UINT32_C(0xffff0006), "llgr-stale", "LLGR_STALE")                    \
	X(UINT32_C(0xffff0007), "no-llgr", "NO_LLGR")

#endif
