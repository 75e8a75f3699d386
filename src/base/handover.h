/* SPDX-License-Identifier: ISC */
/*
 * How a part hands its state to the process that comes after this one
 * (daemon/upgrade.c): as records, one call each, with a descriptor or not.
 * What is in them is the part's own; they never leave the host and are read
 * by the same or another version of it, so every field is checked.
 */
#ifndef BASIN_BASE_HANDOVER_H
#define BASIN_BASE_HANDOVER_H

#include <stddef.h>
#include <stdint.h>

/* Octets of one record: a BGP message of the largest size and what it is of. */
#define HANDOVER_RECORD_MAX (72 * 1024)

/* `fd` is borrowed, -1: none. 0, or -errno: then nothing more is written. */
typedef int handover_put(void *arg, const void *octets, size_t n, int fd);

#endif
