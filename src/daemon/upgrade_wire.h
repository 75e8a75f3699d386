/* SPDX-License-Identifier: ISC */
/*
 * Records between the two processes of a hot upgrade: one packet each, on a
 * SOCK_SEQPACKET pair, with a descriptor or not.
 */
#ifndef BASIN_DAEMON_UPGRADE_WIRE_H
#define BASIN_DAEMON_UPGRADE_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/handover.h"
#include "base/time.h"

/*
 * Of everything that is handed over. Another number is refused before
 * anything stops; count it up with every change of a record.
 */
#define UPGRADE_FORMAT 4

enum upgrade_part {
	UPGRADE_PART_HELLO = 1, /* new: format, pid, version; it is ready */
	UPGRADE_PART_REFUSAL,   /* new: why it ends, for people */
	UPGRADE_PART_BEGIN,    /* old: format, time of the stop, pid, version */
	UPGRADE_PART_LISTENER, /* old: BGP: address and port; descriptor */
	UPGRADE_PART_CONTROL,  /* old: kind, path; descriptor */
	UPGRADE_PART_AVAIL,    /* old: avail_handover_write() */
	UPGRADE_PART_BGP,      /* old: bgp_handover_write() */
	UPGRADE_PART_BFD,      /* old: bfd_handover_write() */
	UPGRADE_PART_END,      /* old: number of records before */
	UPGRADE_PART_TAKEN,    /* new: the commit */
	UPGRADE_PART_DONE,     /* new: its helper has everything */
	UPGRADE_PART_COUNT
};

struct upgrade_record {
	enum upgrade_part part;
	uint8_t *octets; /* borrowed from the caller's buffer */
	size_t n;
	int fd; /* the receiver's; -1: none */
};

/* Waits for room until `until`. 0, -ETIMEDOUT, -EPIPE: it has ended. */
int upgrade_send(int to, enum upgrade_part part, const void *octets, size_t n,
		 int fd, struct mono until) __attribute__((warn_unused_result));
/*
 * Waits for a record until `until`. `buf` has HANDOVER_RECORD_MAX + 1 octets.
 * 0, -ETIMEDOUT, -EPIPE: it has ended, -EBADMSG: no record.
 */
int upgrade_receive(int from, uint8_t *buf, struct upgrade_record *out,
		    struct mono until) __attribute__((warn_unused_result));

/* For tests of crashes: see upgrade_wire.c. */
void upgrade_point(const char *name);

#endif
