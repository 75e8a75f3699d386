/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about peers; include that. */
#ifndef BASIN_CONF_PEER_H
#define BASIN_CONF_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/time.h"
#include "conf/bfd.h"
#include "conf/mesh.h"
#include "conf/policy.h"
#include "conf/transport.h"

/*
 * What upstreams are told of a prefix, best first: what each rung looks like
 * is each peer's `ladder`.
 */
#define CONF_RUNGS(X)                                                          \
	X(HEALTHY, "healthy")                                                  \
	X(DEGRADED, "degraded")                                                \
	X(DRAINING, "draining")                                                \
	X(WITHDRAWN, "withdrawn")

enum conf_rung {
#define X(n, t) CONF_RUNG_##n,
	CONF_RUNGS(X)
#undef X
	    CONF_RUNG_COUNT
};
const char *conf_rung_text(enum conf_rung rung);

/* Bits, those of enum bgp_family. */
enum conf_family {
	CONF_IPV4 = 1,
	CONF_IPV6 = 2,
	CONF_FLOW4 = 4,
	CONF_FLOW6 = 8,
};

/*
 * What a rung changes of what the peer itself says, which is what a healthy
 * prefix has: numbers that are set replace the peer's, communities are added.
 */
struct conf_step {
	bool announce;          /* false: withdrawn from this peer */
	bool graceful_shutdown; /* 65535:0, RFC 8326 */
	bool prepend_set;
	unsigned prepend;
	bool med_set;
	uint32_t med;
	bool local_pref_set; /* iBGP only; set to 0 by graceful_shutdown */
	uint32_t local_pref;
	struct conf_communities communities;
};

/* Graceful restart (RFC 4724, RFC 8538) with a peer. */
enum conf_gr_mode { CONF_GR_OFF, CONF_GR_HELPER, CONF_GR_ON };

struct conf_graceful_restart {
	enum conf_gr_mode mode;  /* default helper: never keeps our routes */
	struct dur stale_time;   /* of imported routes; default 180 s */
	struct dur restart_time; /* ON: announced; default 120 s */
	struct dur deferral;     /* ON: Selection_Deferral_Timer; 60 s */
	bool forwarding;         /* ON: F bit after a restart */
};

struct conf_peer {
	struct conf_place place;
	const char *name;
	const char *description; /* NULL when absent */
	struct ip address;       /* none: unnumbered, or with a range */
	struct prefix range;     /* dynamic: every neighbour in it; else none */
	uint32_t max_sessions;   /* of a range; default 100 */
	const char *interface;   /* the session's, NULL when absent */
	uint16_t port;           /* default 179 */
	uint32_t asn;            /* the first of asns */
	struct conf_asns asns;   /* a range may have several */
	struct conf_transport transport;
	uint32_t local_asn;       /* default node.asn */
	struct ip source;         /* none: the kernel chooses */
	bool passive;             /* only wait for the peer's connection */
	bool shutdown;            /* administratively down */
	unsigned families;        /* enum conf_family bits */
	struct dur hold_time;     /* 0 or >= 3 s; default 90 s */
	struct dur keepalive;     /* default hold_time / 3 */
	struct dur connect_retry; /* default 5 s */
	uint8_t ttl; /* 0: 1 for eBGP on-link peers, 64 for iBGP and multihop */
	bool multihop;
	struct ip next_hop4, next_hop6; /* none: the session's own address */

	/* Export: exactly these prefixes; NULL and 0: all configured ones. */
	size_t *prefixes; /* indexes into conf->prefixes */
	size_t n_prefixes;
	unsigned prepend; /* 0..16 extra copies of local_asn */
	bool med_set;
	uint32_t med;
	bool local_pref_set; /* iBGP only */
	uint32_t local_pref;
	struct conf_communities communities;
	/* By enum conf_rung; HEALTHY is the peer itself: nothing there. */
	struct conf_step ladder[CONF_RUNG_WITHDRAWN];

	struct conf_bfd bfd;
	struct conf_policy policy; /* of received routes; policy.h */
	bool install; /* put imported routes into the kernel; default false */
	struct conf_graceful_restart graceful_restart;
};

/* Neither address nor range: found on its interface. */
bool conf_peer_unnumbered(const struct conf_peer *p);
bool conf_peer_dynamic(const struct conf_peer *p);
bool conf_peer_has_asn(const struct conf_peer *p, uint32_t asn);
/*
 * The first option that differs and needs a new session (asn, source, timers,
 * ...); NULL: none does.
 */
const char *conf_peer_session_option(const struct conf_peer *a,
				     const struct conf_peer *b);
bool conf_peer_session_equal(const struct conf_peer *a,
			     const struct conf_peer *b);

#endif
