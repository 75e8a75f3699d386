/* SPDX-License-Identifier: ISC */
/*
 * Adj-RIB-Out of one established session: what the peer should have against
 * what was written to it. Knows no socket: rib_out_pack() fills a buffer with
 * messages, rib_out_written() tells how far the kernel took the stream.
 */
#ifndef BASIN_BGP_RIB_OUT_H
#define BASIN_BGP_RIB_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "bgp/index.h"
#include "bgp/path.h"

/* Most messages that are packed but not yet written. */
#define RIB_OUT_FLIGHT 16
#define RIB_OUT_BATCH  (8 * BGP_MESSAGE_MAX)

enum rib_out_list {
	RIB_OUT_CLEAN,
	RIB_OUT_WITHDRAW,    /* to be withdrawn */
	RIB_OUT_ANNOUNCE,    /* in its path's list */
	RIB_OUT_FLIGHT_LIST, /* in a message that is not written yet */
};

struct rib_out_entry {
	struct prefix prefix;
	uint8_t list; /* enum rib_out_list */
	bool resend;  /* ROUTE-REFRESH: also when nothing changed */
	uint32_t next, prev;
	struct path *want;   /* counted; NULL: not to be announced */
	struct path *sent;   /* counted; as written; NULL: not announced */
	struct path *flight; /* counted; in the message under way */
	struct mono since;   /* when `sent` was written */
};

struct rib_out_chain {
	uint32_t first, last;
};

typedef void rib_out_sent_fn(void *arg, const struct prefix *prefix,
			     bool announced);

struct rib_out {
	/* [0, n_ids): by number of the prefix; behind: gone from conf. */
	struct rib_out_entry *entries; /* owned */
	uint32_t n_ids, n;
	struct path_table paths;
	TAILQ_HEAD(, path) dirty_paths;
	struct rib_out_chain withdraw[2]; /* IPv4, IPv6 */
	struct rib_out_chain flight;
	struct {
		uint64_t end; /* offset in the stream behind the message */
		uint32_t n;   /* entries of `flight` in it */
	} messages[RIB_OUT_FLIGHT];
	unsigned n_messages;
	unsigned end_of_rib; /* bgp_family bits still to be sent */
	uint32_t announced, pending;
	uint32_t unsendable; /* attributes too long for a message */
	rib_out_sent_fn *sent;
	void *arg;
};

/* `families`: End-of-RIB follows the first UPDATEs of each. */
struct rib_out *rib_out_new(const struct conf *conf, unsigned families,
			    rib_out_sent_fn *sent, void *arg);
/* Everything announced is reported as gone. */
void rib_out_free(struct rib_out *r);

/* Takes over the caller's count of `path`; NULL: withdraw. */
void rib_out_want(struct rib_out *r, uint32_t id, struct path *path);
/* A new configuration: prefixes keep what was sent, others are withdrawn. */
void rib_out_renumber(struct rib_out *r, const struct index *index);
/* ROUTE-REFRESH (RFC 2918): sends the family (AF_*) again. */
void rib_out_resend(struct rib_out *r, uint8_t family);

bool rib_out_idle(const struct rib_out *r); /* nothing to pack or in flight */
/*
 * Packs whole messages into buf (at least BGP_MESSAGE_MAX), withdrawals
 * first; `offset` is the stream's offset of buf[0]. Octets packed.
 */
size_t rib_out_pack(struct rib_out *r, const struct bgp_session_facts *facts,
		    uint8_t *buf, size_t size, uint64_t offset,
		    unsigned *messages);
/* The kernel has taken the stream up to `offset`. */
void rib_out_written(struct rib_out *r, uint64_t offset, struct mono now);

/* NULL when the prefix has no entry. */
const struct rib_out_entry *rib_out_find(const struct rib_out *r,
					 const struct index *index,
					 const struct prefix *prefix);

#endif
