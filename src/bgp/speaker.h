/* SPDX-License-Identifier: ISC */
/*
 * The root of the folder: struct bgp.
 */
#ifndef BASIN_BGP_SPEAKER_H
#define BASIN_BGP_SPEAKER_H

#include "bgp/bgp.h"
#include "bgp/bits.h"
#include "bgp/conn.h"
#include "bgp/flows.h"
#include "bgp/index.h"
#include "bgp/originated.h"
#include "bgp/peer.h"

enum speaker_phase {
	SPEAKER_RUNNING,
	SPEAKER_DRAINING, /* withdrawing, then Cease */
	SPEAKER_CLOSING,  /* only handles are left */
	SPEAKER_CLOSED,
};

struct listener;
struct unnumbered;

struct bgp {
	struct bgp_settings settings;
	const struct conf *conf; /* borrowed; NULL before bgp_configure */
	struct index index;
	struct loc_rib loc;
	struct hops hops;
	uint8_t *at[CONF_RUNG_WITHDRAWN]; /* owned; bits.h: on each rung */
	uint8_t *ipv4; /* owned; bits.h: the others are IPv6 */
	/* Owned; order of the configuration, then those found in ranges. */
	struct bgp_peer **peers;
	size_t n_peers, n_configured;
	uv_timer_t reaper;             /* of peers found in ranges */
	struct unnumbered *unnumbered; /* owned; NULL: there are none */
	struct originated_table originated;
	struct flows flows; /* received flow specifications */
	size_t next_peer;   /* whose turn it is to write first */
	TAILQ_HEAD(, listener) listeners;
	struct gr_self gr;               /* after a restart of our own */
	bool restarted, forwarding_kept; /* bgp_restarted() */
	bool ready;                      /* bgp_ready() */
	struct log_limit strangers, accept_errors;
	uv_idle_t idle; /* runs while there are octets to write */
	uv_timer_t limit;
	bool flushing;
	struct conn_host host;
	uint8_t *tx;      /* owned; RIB_OUT_BATCH: UPDATEs are packed here */
	unsigned handles; /* not closed, without those of connections */
	enum speaker_phase phase;
	char *shutdown_text; /* owned */
	char *suspended;     /* owned; text of bgp_suspend(), NULL: none */
	void (*closed)(void *arg);
	void *closed_arg;
	bool free_when_closed;
};

/* There is something to write: on the next turn of the loop. */
void speaker_kick(struct bgp *bgp);
/* A handle of ours is closed. */
void speaker_handle_closed(struct bgp *bgp);
struct bgp_peer *speaker_peer_by_address(struct bgp *bgp, const struct ip *ip,
					 unsigned scope);

/* used.c: the Loc-RIB */
void speaker_used_init(struct bgp *bgp);
void speaker_used_configure(struct bgp *bgp);
void speaker_used_source(struct bgp_peer *p, const struct session *s);

/* listen.c */
int listen_configure(struct bgp *bgp, const struct conf *conf)
    __attribute__((warn_unused_result));
void listen_close_all(struct bgp *bgp);
/* The keys of all peers, on all listening sockets. */
void listen_protect(struct bgp *bgp);

static inline enum conf_rung
speaker_rung(const struct bgp *bgp, uint32_t id)
{
	int rung = 0;

	while (rung < CONF_RUNG_WITHDRAWN && !bits_has(bgp->at[rung], id))
		rung++;
	return (enum conf_rung)rung;
}

#endif
