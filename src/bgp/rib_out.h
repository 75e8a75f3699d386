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

#include "base/table.h"
#include "base/time.h"
#include "bgp/index.h"
#include "bgp/nlri.h"
#include "bgp/path.h"

/* Most messages that are packed but not yet written. */
#define RIB_OUT_FLIGHT 16
#define RIB_OUT_BATCH  (8 * BGP_MESSAGE_MAX)
/* Of a session with extended messages (RFC 8654). */
#define RIB_OUT_EXTENDED (2 * BGP_EXTENDED_MAX)

#define RIB_OUT_FAMILIES 4 /* bits 0 to 3 of enum bgp_family */

enum rib_out_list {
	RIB_OUT_CLEAN,
	RIB_OUT_WITHDRAW,    /* to be withdrawn */
	RIB_OUT_ANNOUNCE,    /* in its path's list */
	RIB_OUT_FLIGHT_LIST, /* in a message that is not written yet */
};

struct rib_out_entry {
	struct prefix prefix; /* of unicast families */
	uint8_t list;         /* enum rib_out_list */
	bool resend;          /* ROUTE-REFRESH: also when nothing changed */
	uint32_t next, prev;
	uint8_t family;      /* bgp_family bit; 0: the number is free */
	struct path *want;   /* counted; NULL: not to be announced */
	struct path *sent;   /* counted; as written; NULL: not announced */
	struct path *flight; /* counted; in the message under way */
	struct mono since;   /* when `sent` was written */
};

struct rib_out_chain {
	uint32_t first, last;
};

/* What has a number that is none of the configuration. */
struct rib_out_extra {
	struct nlri *nlri; /* counted; its key is the key */
	uint32_t number;
	UT_hash_handle hh;
};

typedef void rib_out_sent_fn(void *arg, const struct bgp_nlri *nlri,
			     bool announced);

struct rib_out {
	/*
	 * [0, n_ids): by number of the prefix; behind: extras, which are
	 * originated, or gone from the configuration and to be withdrawn yet.
	 */
	struct rib_out_entry *entries; /* owned */
	uint32_t n_ids, n, size;
	struct rib_out_extra **extras;  /* owned; number - n_ids, NULL: free */
	struct rib_out_extra *by_nlri;  /* uthash */
	struct rib_out_chain free_list; /* numbers of entries of no family */
	struct path_table paths;
	TAILQ_HEAD(, path) dirty_paths;
	struct rib_out_chain withdraw[RIB_OUT_FAMILIES]; /* by family */
	struct rib_out_chain flight;
	struct {
		uint64_t end; /* offset in the stream behind the message */
		uint32_t n;   /* entries of `flight` in it */
	} messages[RIB_OUT_FLIGHT];
	unsigned n_messages;
	unsigned end_of_rib; /* bgp_family bits still to be sent */
	/* RFC 7313: of a refresh, still to be sent. */
	unsigned begin_refresh, end_refresh;
	unsigned markers; /* of them in the octets packed last */
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
/* ROUTE-REFRESH (RFC 2918): sends the family (one bit) again. */
void rib_out_resend(struct rib_out *r, unsigned family);
/* The same between a Beginning and an End of Route Refresh (RFC 7313). */
void rib_out_refresh(struct rib_out *r, unsigned family);

bool rib_out_idle(const struct rib_out *r); /* nothing to pack or in flight */
/*
 * Packs whole messages into buf (at least the longest one), withdrawals
 * first; `offset` is the stream's offset of buf[0]. Octets packed.
 */
size_t rib_out_pack(struct rib_out *r, const struct bgp_session_facts *facts,
		    uint8_t *buf, size_t size, uint64_t offset,
		    unsigned *messages);
/* One route alone in a message; its length, 0 when that cannot be. */
size_t rib_out_pack_one(const struct bgp_nlri *nlri,
			const struct bgp_attributes *a,
			const struct bgp_session_facts *facts, uint8_t *buf,
			size_t size);
/* The kernel has taken the stream up to `offset`. */
void rib_out_written(struct rib_out *r, uint64_t offset, struct mono now);

/* ---- rib_out_number.c ---- */

/*
 * A new configuration: prefixes keep what was sent; what it does not have is
 * withdrawn, unless the caller wants it again before the next packing.
 */
void rib_out_renumber(struct rib_out *r, const struct index *index);
/*
 * rib_out_want() for an NLRI that the configuration does not have. It has a
 * number as long as it is wanted or announced.
 */
void rib_out_want_extra(struct rib_out *r, struct nlri *nlri,
			struct path *path);
/* NULL when there is no entry. */
const struct rib_out_entry *rib_out_find(const struct rib_out *r,
					 const struct index *index,
					 const struct bgp_nlri *nlri);
/* What the entry is about; borrowed, for prefixes a value. */
struct bgp_nlri rib_out_nlri(const struct rib_out *r, uint32_t i);

/* For rib_out.c and rib_out_number.c. */
void rib_out_begin(struct rib_out *r, const struct conf *conf);
void rib_out_end(struct rib_out *r);
void rib_out_sort(struct rib_out *r, uint32_t i);
void rib_out_append(struct rib_out *r, struct rib_out_chain *c, uint32_t i);
/* Gives the number back when nothing is known of it any more. */
void rib_out_release(struct rib_out *r, uint32_t i);

#define RIB_OUT_NONE UINT32_MAX

#endif
