/* SPDX-License-Identifier: ISC */
/*
 * A configured neighbour: two machines (one connects, one waits) with at most
 * one connection each, and what the established one carries.
 */
#ifndef BASIN_BGP_PEER_H
#define BASIN_BGP_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/log.h"
#include "bgp/bgp.h"
#include "bgp/cause.h"
#include "bgp/conn.h"
#include "bgp/flow_in.h"
#include "bgp/fsm.h"
#include "bgp/gr.h"
#include "bgp/path.h"
#include "bgp/policy.h"
#include "bgp/rib_in.h"
#include "bgp/rib_out.h"

enum peer_slot { PEER_INITIATED, PEER_ACCEPTED, PEER_SLOTS };

struct session {
	struct bgp_peer *peer; /* borrowed; the owner */
	enum peer_slot slot;
	struct fsm fsm;
	struct conn *conn;    /* owned; NULL while there is none */
	struct bgp_open open; /* of the peer, with has_open */
	bool has_open;
};

/* Each cause that a peer can repeat has its own limit. */
enum peer_cause {
	PEER_CAUSE_CONNECT,
	PEER_CAUSE_ATTEMPT,
	PEER_CAUSE_MALFORMED,
	PEER_CAUSE_REFUSED,
	PEER_CAUSE_ACCEPT,
	PEER_CAUSE_NEXT_HOP,
	PEER_CAUSE_MAXIMUM,
	PEER_CAUSES,
};

struct bgp_peer {
	struct bgp *bgp; /* borrowed; the owner */
	const struct conf_peer
	    *configured; /* borrowed from the configuration */
	/* The same, or `own`. */
	const struct conf_peer *conf;
	/* Owned: of one whose address is learned (peer_own.c); else NULL. */
	struct conf_peer *own;
	char *name;             /* owned */
	char *subject;          /* owned; "peer NAME", of log lines */
	bool enabled;           /* shall have a session */
	bool removed;           /* freed when its timer is closed */
	bool draining;          /* stops when everything is withdrawn */
	const char *drain_text; /* borrowed; of the Cease, with draining */
	struct session sessions[PEER_SLOTS];
	enum bgp_state state;
	struct mono since;
	uv_timer_t timer;
	struct mono due; /* what it is armed for; MONO_NEVER: nothing */
	/* No session before, for max_prefix; see peer_is_held() */
	struct mono not_before;
	int key_error; /* -errno: a listening socket did not take the key */

	/* While established. */
	struct session *up; /* NULL while not */
	struct bgp_session_facts facts;
	struct path_session path_session;
	struct rib_out *out; /* owned */
	struct rib_in in;
	struct flow_in flows;
	struct prefix subnets[POLICY_SUBNETS_MAX]; /* of the session's link */
	unsigned n_subnets;
	uint8_t *exports; /* owned; bits.h, NULL: all */
	/* Families whose refresh has begun, and when it must be over. */
	unsigned refreshing;
	struct mono refresh_until;

	/* Graceful restart (peer_gr.c); outlives sessions. */
	struct gr gr;
	unsigned gr_missing;    /* families without End-of-RIB */
	bool gr_peer_restarted; /* the R bit of its OPEN */
	bool hard_reset;        /* of the NOTIFICATION just received */

	/* Of the NOTIFICATION that the next event may send. */
	const uint8_t *notice; /* borrowed during the event */
	size_t notice_len;
	const char *notice_text; /* borrowed: RFC 9003 */
	char why[256];           /* of the next change of state */
	char last_error[256];
	struct mono last_error_at;
	char told[160];      /* of the last NOTIFICATION, either way; or "" */
	struct mono told_at; /* ... since the last established session */
	struct {
		enum bgp_bfd state;
		char why[160];
	} bfd; /* written by bgp_peer_bfd() only */
	/* What the last failure is blamed on (peer_cause.c). */
	struct {
		struct cause found;
		struct sys_tcp_counts counts; /* when the last session came */
		struct mono counted;
		struct peer_clocks {
			struct dur wall;   /* ahead of the boot clock */
			struct dur asleep; /* since boot */
		} clocks;
		/* The latest that a timer came since then, and when. */
		struct dur late;
		struct mono late_at;
	} blame;
	struct log_limit limits[PEER_CAUSES];
	uint64_t messages_in[6], messages_out[6];
	uint64_t established;
	uint64_t octets_in, octets_out; /* of connections that are gone */
	uint64_t updates_malformed, attributes_discarded, treated_as_withdraw;
};

struct bgp_peer *peer_new(struct bgp *bgp, const struct conf_peer *conf);
/* Found in the range of `conf`: NAME@ADDRESS. */
struct bgp_peer *peer_new_dynamic(struct bgp *bgp, const struct conf_peer *conf,
				  const struct ip *ip);
/* Stops silently and frees on the loop. */
void peer_free(struct bgp_peer *p);
/* Closes the timer; the memory stays (bgp_shutdown). */
void peer_close(struct bgp_peer *p);
void peer_start(struct bgp_peer *p);
/* Cease with `subcode` and `text` (may be NULL) where a session is. */
void peer_stop(struct bgp_peer *p, uint8_t subcode, const char *text);
/* The same, but what is kept for a peer that restarts stays. */
void peer_halt(struct bgp_peer *p, uint8_t subcode, const char *text);
/* Takes over an accepted descriptor. */
void peer_accept(struct bgp_peer *p, int fd);
/* Puts an event into a machine and does what it says. */
void peer_event(struct session *s, const struct fsm_event *ev);
/* Says why the next change of state happens. */
void peer_why(struct bgp_peer *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Logs unless this cause was logged a moment ago; whether it did. */
bool peer_log(struct bgp_peer *p, enum peer_cause cause, enum log_level level,
	      const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void peer_send(struct session *s, enum bgp_type type, const uint8_t *octets,
	       size_t n);

/* peer_own.c: the configuration of a peer */
void peer_set_conf(struct bgp_peer *p, const struct conf_peer *conf);
bool peer_is_dynamic(const struct bgp_peer *p);
/* Waits for nobody itself: those in its range are peers of their own. */
bool peer_is_range(const struct bgp_peer *p);
void peer_learn_address(struct bgp_peer *p, const struct ip *ip);
/* Its OPEN says so: one of several ASNs. */
void peer_learn_asn(struct bgp_peer *p, uint32_t asn);
void peer_free_conf(struct bgp_peer *p);

/* peer_state.c: the state of the peer and why it is what it is */
/* One of the machines has changed its state. */
void peer_state_changed(struct bgp_peer *p);
void peer_remember_error(struct bgp_peer *p, const char *why, struct mono now);

/* peer_connect.c: TCP connections */
/* 0, or -errno when not even the attempt could be made. */
int peer_connect(struct session *s) __attribute__((warn_unused_result));
void peer_cannot_connect(struct session *s, int error);
/* -errno; 0: no answer to SYN within the ConnectRetryTimer. */
void peer_say_cannot_connect(struct bgp_peer *p, int error);
/* The connection stays, its key is a new one (MD5). */
void peer_rekey(struct bgp_peer *p, const struct conf_peer *old);
/* Lets the connection go, if there is one; `notified`: when it is read. */
void peer_drop(struct session *s, bool notified);

/* peer_cause.c: whose fault it is; before the connection is given up */
/* From here on failures are explained: a start, a session. */
void peer_cause_begin(struct bgp_peer *p);
/*
 * Before anything that happens is looked at: when the timer should have come
 * long ago, nothing of this node ran, whatever the loop reads first.
 */
void peer_cause_late(struct bgp_peer *p);
void peer_blame(struct bgp_peer *p, const struct session *s,
		enum cause_event event, uint8_t code, uint8_t subcode);
/* -errno of a connection; 0: no answer. */
void peer_blame_error(struct bgp_peer *p, const struct session *s, int error);
/* Of the last failure, or of a session that only seems to be well. */
struct cause peer_cause(const struct bgp_peer *p);

/* peer_timer.c */
/* Arms the timer for the nearest deadline. */
void peer_rearm(struct bgp_peer *p);

static inline bool
peer_is_ibgp(const struct bgp_peer *p)
{
	return p->conf->asn == p->conf->local_asn;
}

/* `s` is established: what both OPENs say holds now (also handover.c). */
void peer_negotiated(struct session *s);

/* peer_policy.c: what policy.c must know of a session */
/* `s` may be NULL: a peer without a session. */
struct policy_self peer_self(const struct bgp_peer *p, const struct session *s);
/* Adds our role and what we can take to an OPEN of ours. */
void peer_policy_offer(const struct session *s, struct bgp_open *open);
/* `s` is established. */
void peer_policy_up(struct bgp_peer *p, const struct session *s);
/* Judges again what was imported. */
void peer_policy_again(struct bgp_peer *p);
/* The same, and asks for what the RPKI has kept out. */
void peer_policy_revalidate(struct bgp_peer *p);

/* peer_bfd.c: no session now, because BFD is not up and strict. */
bool peer_bfd_holds(const struct bgp_peer *p);

/* peer_routes.c: routes of the established session */
/* An empty Adj-RIB-Out; End-of-RIB is sent for these families. */
void peer_routes_attach(struct bgp_peer *p, unsigned end_of_rib);
/* NULL when it is not to be announced; *why when it could not be. */
struct path *peer_wanted_path(struct bgp_peer *p, uint32_t id,
			      const char **why);
void peer_want_all(struct bgp_peer *p);
/* Makes p->exports of its configuration. */
void peer_routes_exports(struct bgp_peer *p);
bool peer_routes_same_import(const struct conf_peer *a,
			     const struct conf_peer *b);

/* Down for max_prefix without an end: until an operator reloads. */
#define PEER_HELD_FOR dur_s(INT64_C(10) * 365 * 86400)
bool peer_is_held(const struct bgp_peer *p);
/* Would `to` end a time that it is kept down for max_prefix? */
bool peer_is_released(const struct bgp_peer *p, const struct conf_peer *to);
void peer_routes_up(struct bgp_peer *p);
void peer_routes_down(struct bgp_peer *p);
void peer_want(struct bgp_peer *p, uint32_t id);
void peer_withdraw_all(struct bgp_peer *p);
/* A new configuration on a session that stays. */
void peer_routes_reconfigure(struct bgp_peer *p, const struct conf_peer *old);
/* Without a session: would this prefix be announced? How many would? */
bool peer_waits(const struct bgp_peer *p, uint32_t id);
size_t peer_count_waiting(const struct bgp_peer *p);
/* Why a wanted prefix is not announced; NULL: it is, or will be. */
const char *peer_withheld(const struct bgp_peer *p, uint32_t id);
/* peer_originated.c: routes beyond the configured prefixes */
struct originated;
void peer_originate(struct bgp_peer *p, const struct originated *o);
void peer_originate_all(struct bgp_peer *p);
/* Packs and writes until `until`; true when there is more to do at once. */
bool peer_flush(struct bgp_peer *p, struct mono until);
/* The kernel took octets of the established session. */
void peer_progress(struct bgp_peer *p);

#endif
