/* SPDX-License-Identifier: ISC */
/*
 * All sessions: which one a packet is for, and what is due. No clock and no
 * socket: the thread gives packets and the time, and sends what it is handed.
 */
#ifndef BASIN_BFD_TABLE_H
#define BASIN_BFD_TABLE_H

#include "base/ip.h"
#include "bfd/auth.h"
#include "bfd/machine.h"

/* Slots; the low bits of a discriminator are the slot. */
#define TABLE_SLOT_BITS 12
#define TABLE_MAX       (1U << TABLE_SLOT_BITS)

/* What tells sessions apart (RFC 5881 section 3, RFC 5883 section 4). */
struct table_key {
	struct ip remote;
	struct ip local;  /* none: any */
	unsigned ifindex; /* single hop; 0: any */
	bool multihop;
};

struct table_session {
	struct table_key key;
	struct machine machine;
	struct auth auth;
	int fd;       /* owned by the thread's user; -1: nothing can be sent */
	bool fresh;   /* the next packet says something else */
	bool leaving; /* AdminDown, then removed */
	uint64_t packets_in, packets_out, not_sent;
	uint64_t refused[AUTH_VERDICT_COUNT];
	enum auth_verdict last_refused; /* AUTH_GOOD: none */
};

/* Where a packet came from. */
struct table_meta {
	struct ip from, to;
	unsigned ifindex;
	int ttl;
	bool multihop;  /* came to that port */
	struct mono at; /* received */
};

/* Packets that no session got. */
struct table_discards {
	uint64_t faults[BFD_FAULT_COUNT];
	uint64_t ttl;     /* not 255 on one hop: RFC 5881 section 5 */
	uint64_t unknown; /* no such session */
};

/* False: it could not be sent. */
typedef bool table_send_fn(void *arg, const struct table_session *s,
			   const uint8_t *octets, size_t n);

struct table {
	struct table_session **slots; /* owned array of owned sessions */
	size_t n_slots;               /* some may be NULL */
	table_send_fn *send;
	void *arg;
	bool mute;        /* nothing is sent */
	uint64_t changes; /* of any state, ours or a neighbour's */
	struct table_discards discards;
};

/* A session in a free slot; NULL when there are too many. */
struct table_session *table_add(struct table *t, const struct table_key *key,
				const struct machine_settings *s,
				uint64_t random, struct mono now);
/* One that has its discriminator; false: the slot of it is not free. */
bool table_put(struct table *t, struct table_session *s);
/* Takes it out and frees it; its descriptor is the caller's. */
void table_remove(struct table *t, struct table_session *s);
void table_free(struct table *t);

/* `octets` may be changed. */
void table_receive(struct table *t, uint8_t *octets, size_t n,
		   const struct table_meta *meta);
/* Does what is due; returns when it is to be called again. */
struct mono table_tick(struct table *t, struct mono now);
/* Sends what a machine asked for. */
void table_act(struct table *t, struct table_session *s, unsigned actions,
	       struct mono now);
/* See machine_forgive(). */
void table_forgive(struct table *t, struct mono now);

#endif
