/* SPDX-License-Identifier: ISC */
/*
 * The BGP speaker: sessions to configured peers and what was really sent on
 * them (Adj-RIB-Out). It is told desired routes; it reports facts.
 *
 *   bgp_set/bgp_unset ─► per peer: desired ─► packed UPDATEs ─► sent
 *                                              (Adj-RIB-Out = what was written)
 */
#ifndef BASIN_BGP_BGP_H
#define BASIN_BGP_BGP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/handover.h"
#include "base/ip.h"
#include "base/log.h"
#include "base/time.h"
#include "conf/conf.h"
#include "wire/bgp.h"

#define BGP_STATES(X)                                                          \
	X(IDLE, "Idle")                                                        \
	X(CONNECT, "Connect")                                                  \
	X(ACTIVE, "Active")                                                    \
	X(OPENSENT, "OpenSent")                                                \
	X(OPENCONFIRM, "OpenConfirm")                                          \
	X(ESTABLISHED, "Established")

enum bgp_state {
#define X(n, t) BGP_STATE_##n,
	BGP_STATES(X)
#undef X
	    BGP_STATE_COUNT
};
const char *bgp_state_text(enum bgp_state s);

struct bgp; /* the speaker */
struct bgp_flow;
struct bgp_peer;

/* A route as learned from a peer. */
struct bgp_route {
	struct prefix prefix;
	struct ip next_hop;
	struct ip next_hop_local; /* link-local, none when absent */
	bool blackhole;           /* RFC 7999: what goes there is dropped */
	/* Where packets go: the next hop itself, or who leads to it. */
	struct ip gateway;
	unsigned ifindex; /* of the gateway, 0: the kernel knows */
	const struct bgp_attributes *attributes; /* borrowed */
};

/* One of the paths that are used for a prefix. */
struct bgp_best {
	struct bgp_peer *peer;
	bool install; /* in the kernel */
	struct bgp_route route;
};

struct bgp_callbacks {
	/* A session changed its state; `why` is for people, safe to print. */
	void (*state)(void *arg, struct bgp_peer *peer, enum bgp_state from,
		      enum bgp_state to, const char *why);
	/*
	 * Adj-RIB-Out changed: the UPDATE with this prefix was written to the
	 * socket (announced) or its withdrawal was (or the session ended).
	 */
	void (*sent)(void *arg, struct bgp_peer *peer,
		     const struct prefix *prefix, bool announced);
	/* An accepted import appeared, changed or went (attributes NULL). */
	void (*route)(void *arg, struct bgp_peer *peer,
		      const struct bgp_route *route, bool gone);
	/*
	 * What is used for a prefix changed (Loc-RIB): the best path first,
	 * behind it those that are as good (node.ecmp); n 0: nothing is left.
	 */
	void (*best)(void *arg, const struct prefix *prefix,
		     const struct bgp_best *v, size_t n);
	/* As `sent`, of a flow specification. May be NULL. */
	void (*flow_sent)(void *arg, struct bgp_peer *peer,
			  const struct bgp_flow *flow, bool announced);
};

/* 0 with the gateway to a next hop, or -errno; sys_reach(). */
typedef int bgp_resolve_fn(void *arg, const struct ip *hop, unsigned ifindex,
			   struct ip *gateway, unsigned *gateway_ifindex);

/* Opens a privileged listening socket: the root helper's verb. */
typedef int bgp_listen_fn(void *arg, const struct ip *ip, uint16_t port);

/* Route origin validation, RFC 6811 section 2. */
#define BGP_VALIDITIES(X)                                                      \
	X(NONE, "none") /* nobody validates */                                 \
	X(NOT_FOUND, "not found")                                              \
	X(VALID, "valid")                                                      \
	X(INVALID, "invalid")

enum bgp_validity {
#define X(n, t) BGP_VALIDITY_##n,
	BGP_VALIDITIES(X)
#undef X
	    BGP_VALIDITY_COUNT
};
const char *bgp_validity_text(enum bgp_validity v);
/*
 * `origin`: the AS that the AS_PATH ends with, 0 when there is none (an
 * AS_SET, RFC 6811: never Valid). Cheap: called for every imported route.
 */
typedef enum bgp_validity
bgp_validate_fn(void *arg, const struct prefix *prefix, uint32_t origin);

/* Says on a link where this node is: the root helper's verb. */
typedef void bgp_advertise_fn(void *arg, const char *interface);

struct bgp_settings {
	uv_loop_t *loop;                       /* borrowed */
	struct log *log;                       /* borrowed */
	const struct bgp_callbacks *callbacks; /* borrowed */
	void *arg;                             /* of the callbacks */
	bgp_listen_fn *listen;
	bgp_advertise_fn *advertise; /* NULL: never */
	void *listen_arg;
	bgp_validate_fn *validate; /* NULL: BGP_VALIDITY_NONE for all */
	void *validate_arg;
	bgp_resolve_fn *resolve; /* NULL: every next hop is reachable */
	void *resolve_arg;
};

struct bgp *bgp_new(const struct bgp_settings *s);

/*
 * Makes the speaker fit `conf` (borrowed until the next call): listens, adds,
 * removes and changes peers. Sessions whose configuration is equal
 * (conf_peer_session_equal) are not touched; changed export attributes are
 * sent as UPDATEs. 0, or the first -errno of listening (logged; the rest is
 * done all the same).
 */
int bgp_configure(struct bgp *bgp, const struct conf *conf)
    __attribute__((warn_unused_result));

/* The kernel's links, addresses or routes changed: next hops with them. */
void bgp_reachability_changed(struct bgp *bgp);

/* What the settings' `validate` says. */
enum bgp_validity bgp_validate(const struct bgp *bgp,
			       const struct prefix *prefix, uint32_t origin);
/* Its answers have changed: imported routes are judged again. */
void bgp_revalidate(struct bgp *bgp);

/*
 * Desired state of prefix number `id` of the configuration: announce to every
 * peer that exports it with the attributes that the peer's ladder, the peer and
 * the prefix give it on this rung, or not. From rung to rung it is one UPDATE
 * and never a withdrawal between. Cheap: marks; UPDATEs are packed and written
 * once per loop turn.
 */
void bgp_want(struct bgp *bgp, size_t id, enum conf_rung rung);

/* ---- routes beyond the configured prefixes: originated.c ---- */

/* What a route is about: a prefix, or a flow specification. */
struct bgp_nlri {
	unsigned family;             /* one enum bgp_family bit */
	struct prefix prefix;        /* of unicast families */
	const struct bgp_flow *flow; /* borrowed; of flow families, else NULL */
};

/* Whose word counts when two sources originate the same to one peer. */
enum bgp_rank {
	BGP_RANK_OPERATOR, /* a person's command */
	BGP_RANK_PROCESS,  /* a script's */
};

/*
 * A route that somebody wants announced besides the prefixes of the
 * configuration. It outlives sessions and configurations: peers that come get
 * it, as long as it is not withdrawn. A prefix that the configuration has is
 * announced by health alone; an origination of it is kept and waits until the
 * configuration has it no longer.
 */
struct bgp_origination {
	const char *source; /* "block", "exabgp:NAME"; copied */
	enum bgp_rank rank; /* of the source; the first call decides */
	struct bgp_nlri nlri;
	/*
	 * Copied. No next hop: next hop self. An AS_PATH, if there is one, is
	 * sent with our ASN before it to external peers, unless it begins so.
	 * LOCAL_PREF goes to internal peers only, 100 when there is none.
	 * NULL in bgp_withdraw_origination().
	 */
	const struct bgp_attributes *attributes;
	/* Names of peers, also of such that are not configured; 0: all. */
	const char *const *peers;
	size_t n_peers;
};

#define BGP_ORIGINATIONS_MAX (1U << 20)

/*
 * Announces it to its peers, in place of what the same source announces for
 * this NLRI to these peers; others keep what they have. One UPDATE from the
 * old attributes to the new, none when they are equal. -EINVAL: the NLRI or
 * the attributes cannot be sent; -ENOSPC: too many.
 */
int bgp_originate(struct bgp *bgp, const struct bgp_origination *o)
    __attribute__((warn_unused_result));
/* Takes it back from its peers. -ENOENT: the source has no such route there. */
int bgp_withdraw_origination(struct bgp *bgp, const struct bgp_origination *o)
    __attribute__((warn_unused_result));
/* Takes back all routes of the source; how many there were. */
size_t bgp_withdraw_source(struct bgp *bgp, const char *source);

/* ---- flow specifications as text: flow_text.c, flow_parse.c ---- */

struct text;
struct bgp_out_view;

/*
 * "dst 192.0.2.0/24 proto udp dport 123 >=1024&<=2048 length >1400": names of
 * components, each followed by its values. Brackets, commas and semicolons
 * count as space. Without a prefix it is of `family` (AF_INET, AF_INET6). 0, or
 * -EINVAL with a message that names the place.
 */
int bgp_parse_flow(const char *text, uint8_t family, struct bgp_flow *out,
		   struct text *error) __attribute__((warn_unused_result));
void bgp_print_flow(const struct bgp_flow *flow, struct text *out);
/*
 * "discard", "rate 125000" (octets a second), "packets 1000" (a second),
 * "redirect 65000:100", "mark 46", "sample", "terminal": adds the extended
 * communities. 0, or -EINVAL with a message.
 */
int bgp_parse_flow_actions(const char *text, struct bgp_attributes *out,
			   struct text *error)
    __attribute__((warn_unused_result));
/* Of the actions among its extended communities; "accept" when none. */
void bgp_print_flow_actions(const struct bgp_attributes *a, struct text *out);

/* Reading. */
typedef void bgp_origination_fn(void *arg, const struct bgp_origination *o,
				struct mono since);
/* Of one source, or of all (NULL). */
void bgp_each_origination(const struct bgp *bgp, const char *source,
			  bgp_origination_fn *each, void *arg);
size_t bgp_originations(const struct bgp *bgp, const char *source);
/* As bgp_peer_announced(), also of flow specifications. */
bool bgp_peer_announced_nlri(const struct bgp_peer *peer,
			     const struct bgp_nlri *nlri,
			     struct bgp_out_view *out);
typedef void bgp_flow_fn(void *arg, const struct bgp_flow *flow,
			 const struct bgp_attributes *attributes,
			 struct mono since);
/* The flow specifications in Adj-RIB-Out. */
void bgp_peer_each_flow_out(const struct bgp_peer *peer, bgp_flow_fn *each,
			    void *arg);
/* A received flow specification: validated, never applied or passed on. */
struct bgp_flow_view {
	const struct bgp_flow *flow;             /* borrowed */
	const struct bgp_attributes *attributes; /* borrowed */
	struct mono since;
	bool feasible;       /* RFC 8955 section 6, RFC 9117 */
	const char *verdict; /* static: "feasible", "no_route", ... */
	const char *why;     /* static; for people */
};
typedef void bgp_flow_in_fn(void *arg, const struct bgp_flow_view *v);
void bgp_peer_each_flow_in(const struct bgp_peer *peer, bgp_flow_in_fn *each,
			   void *arg);
/*
 * The UPDATE that this peer would be sent if `o` was originated, into buf (at
 * least BGP_MESSAGE_MAX); its length, or 0 with *why.
 */
size_t bgp_preview(const struct bgp_peer *peer, const struct bgp_origination *o,
		   uint8_t *buf, size_t size, const char **why);
/* As bgp_peer_withheld(), of an originated route. */
const char *bgp_peer_withheld_nlri(const struct bgp_peer *peer,
				   const struct bgp_nlri *nlri);

/*
 * Ends all sessions with Cease/Administrative Shutdown and `text` (RFC 9003,
 * at most 255 octets of it) and keeps them closed, across bgp_configure() too,
 * until bgp_resume(): nothing is connected to, nothing accepted. What is
 * wanted stays and is announced by the sessions that come after.
 */
void bgp_suspend(struct bgp *bgp, const char *text);
void bgp_resume(struct bgp *bgp);
/*
 * Stops all sessions: withdraws, then Cease/Administrative Shutdown with
 * `text` (RFC 9003), then `closed` on the loop, at the latest after `limit`.
 */
void bgp_shutdown(struct bgp *bgp, const char *text, struct dur limit,
		  void (*closed)(void *arg), void *arg);
/*
 * Frees a speaker whose sessions are closed. One that was not shut down drops
 * its connections without a word, and its memory goes as the loop turns.
 */
void bgp_free(struct bgp *bgp);

/*
 * An earlier life of this node ended without saying goodbye; `forwarding_kept`:
 * the system has run on since. Before the first bgp_configure(). Where peers
 * keep our routes (graceful_restart: on) nothing is announced then until
 * bgp_ready(), which says that everything is decided, and until the neighbours
 * have told their routes, or the deferral is over.
 */
void bgp_restarted(struct bgp *bgp, bool forwarding_kept);
bool bgp_waits(const struct bgp *bgp); /* for bgp_ready() */
void bgp_ready(struct bgp *bgp);

/* ---- BFD beside a session: peer_bfd.c ---- */

#define BGP_BFDS(X)                                                            \
	X(OFF, "off")                                                          \
	X(WAIT, "wait") /* it was not up yet */                                \
	X(UP, "up")                                                            \
	X(DOWN, "down")                                                        \
	X(ADMIN_DOWN, "admin down") /* the neighbour switched it off */

enum bgp_bfd {
#define X(n, t) BGP_BFD_##n,
	BGP_BFDS(X)
#undef X
};
const char *bgp_bfd_text(enum bgp_bfd state);
/*
 * What BFD says of the way to the peer. DOWN ends a session with Cease/BFD
 * Down; its routes are gone when this returns. With `bfd.strict` there is no
 * session but while it is UP, or ADMIN_DOWN. `independent`: the neighbour's BFD
 * does not share the fate of its control plane, so that DOWN during a graceful
 * restart means that nothing is forwarded (RFC 5882 section 4.3). `why` is for
 * people.
 */
void bgp_peer_bfd(struct bgp_peer *peer, enum bgp_bfd state, bool independent,
		  const char *why);

/* ---- what bgp_configure() would do ---- */

/* X(name, label, for people) */
#define BGP_PLANS(X)                                                           \
	X(NONE, "none", "nothing")                                             \
	X(UPDATES, "updates", "UPDATEs on the session that is there")          \
	X(SESSION, "session", "a new session")                                 \
	X(ADDED, "added", "a session more")                                    \
	X(REMOVED, "removed", "its session ends")                              \
	X(SHUTDOWN, "shutdown", "its session ends and stays closed")

enum bgp_plan_effect {
#define X(n, t, h) BGP_PLAN_##n,
	BGP_PLANS(X)
#undef X
};
const char *bgp_plan_text(enum bgp_plan_effect e);
const char *bgp_plan_help(enum bgp_plan_effect e);

struct bgp_plan_peer {
	const char *name;
	enum bgp_plan_effect effect;
	const char *option;          /* of SESSION: what changed */
	bool up;                     /* there is a session now */
	bool refresh;                /* it is asked to send its routes again */
	size_t announced, withdrawn; /* routes in those UPDATEs */
};
struct bgp_plan_callbacks {
	void (*peer)(void *arg, const struct bgp_plan_peer *peer);
	/* Before its peer: `from` NULL: new to it, `to` NULL: withdrawn. */
	void (*route)(void *arg, const char *peer, const struct prefix *prefix,
		      const struct bgp_attributes *from,
		      const struct bgp_attributes *to);
};
/* `rungs`: by number of the prefix in `conf`. Nothing changes. */
void bgp_plan(const struct bgp *bgp, const struct conf *conf,
	      const enum conf_rung *rungs,
	      const struct bgp_plan_callbacks *callbacks, void *arg);

/* ---- a hot upgrade: the process before and the one after ---- */

/* Established sessions and their tables, as records of base/handover.h. */
int bgp_handover_write(const struct bgp *bgp, handover_put *put, void *arg)
    __attribute__((warn_unused_result));
/* Listening sockets: `fd` is borrowed; ends when `each` is not 0. */
int bgp_each_listener(const struct bgp *bgp,
		      int (*each)(void *arg, const struct conf_endpoint *at,
				  int fd),
		      void *arg) __attribute__((warn_unused_result));
/*
 * The other side: begin, bgp_configure(), bgp_want() for all, read every
 * record, commit. Until then nothing leaves; the callbacks tell of imports.
 * A descriptor is taken over, also on error.
 */
struct bgp_handover;
struct bgp_handover *bgp_handover_begin(struct bgp *bgp);
int bgp_handover_read(struct bgp_handover *h, const void *octets, size_t n,
		      int fd) __attribute__((warn_unused_result));
/* No session is in the middle. */
bool bgp_handover_complete(const struct bgp_handover *h);
/* The sessions go on; frees it. How many were taken over. */
size_t bgp_handover_commit(struct bgp_handover *h);
/* The other peers begin. */
void bgp_handover_start(struct bgp *bgp);
/* Who originates routes has done so again: what nobody did goes. */
void bgp_handover_settle(struct bgp *bgp);

/*
 * Sends all routes of Adj-RIB-Out once more, as after a ROUTE-REFRESH; asks the
 * peer for all of its routes of these families. False: no session, or the
 * peer cannot.
 */
bool bgp_peer_resend(struct bgp_peer *peer);
bool bgp_peer_ask_again(struct bgp_peer *peer, unsigned families);

/* ---- reading: facts for show, why and metrics ---- */

/* Received flow specifications. */
struct bgp_flow_counts {
	size_t kept, feasible;
	size_t limit;     /* of a peer */
	uint64_t dropped; /* ever: beyond a limit, or larger than we keep */
};

struct bgp_peer_view {
	const struct conf_peer *conf; /* borrowed */
	/* bgp_suspend() keeps it closed: its text, borrowed; NULL: it does not
	 */
	const char *suspended;
	enum bgp_state state;
	struct mono since;               /* of the state */
	struct ip local, remote;         /* of the session, none while down */
	uint32_t remote_id;              /* host order */
	struct dur hold_time, keepalive; /* negotiated */
	unsigned families;               /* negotiated bgp_family bits */
	const struct bgp_open *remote_open; /* NULL before one was received */
	/*
	 * What is probably wrong and what helps against it: without a session,
	 * or with one that only seems to be well. Static; NULL: not known.
	 */
	const char *cause, *cure;
	bool dynamic;    /* found in the range of a configured peer */
	bool range;      /* such a peer: has no session of its own */
	size_t sessions; /* of a range: peers that are there */
	/* Why the last session ended, for people; "" when never. */
	char last_error[256];
	struct mono last_error_at;
	/* Kept down for max_prefix, until then ... */
	struct mono held_until; /* MONO_NEVER: it is not, or `held` */
	bool held;              /* ... or until an operator reloads */
	uint64_t messages_in[6], messages_out[6]; /* by enum bgp_type */
	uint64_t established;                     /* number of times */
	uint64_t octets_in, octets_out;
	uint64_t updates_malformed; /* RFC 7606: other than accepted */
	uint64_t attributes_discarded, treated_as_withdraw;
	size_t announced; /* prefixes in Adj-RIB-Out */
	size_t pending;   /* desired but not yet written, or the reverse */
	size_t imported;  /* accepted routes */
	size_t stale;     /* of these: of a session that was lost */
	struct mono stale_until; /* at the latest; MONO_NEVER: none is stale */
	const char *gr_phase;    /* static text; "none" */
	bool deferring; /* nothing is announced yet, after our restart */
	enum bgp_bfd bfd;
	const char *bfd_why;  /* borrowed; for people */
	size_t queued_octets; /* not yet taken by the kernel */
	struct bgp_flow_counts flows;
};

size_t bgp_peers(const struct bgp *bgp);
struct bgp_peer *bgp_peer_at(const struct bgp *bgp, size_t i);
const char *bgp_peer_name(const struct bgp_peer *peer);
void bgp_peer_view(const struct bgp_peer *peer, struct bgp_peer_view *out);

/* What is in Adj-RIB-Out for a prefix: false when nothing was announced. */
struct bgp_out_view {
	struct mono since;                       /* when it was written */
	const struct bgp_attributes *attributes; /* borrowed, as sent */
};
bool bgp_peer_announced(const struct bgp_peer *peer,
			const struct prefix *prefix, struct bgp_out_view *out);
/* True while desired and sent differ for this prefix at this peer. */
bool bgp_peer_pending(const struct bgp_peer *peer, const struct prefix *prefix);
/*
 * Why this peer would not get the prefix even when it is wanted (static text,
 * for people); NULL when nothing is in the way.
 */
const char *bgp_peer_withheld(const struct bgp_peer *peer,
			      const struct prefix *prefix);
/* Calls `each` for every route in Adj-RIB-Out / accepted import. */
typedef void bgp_route_fn(void *arg, const struct bgp_route *route,
			  struct mono since);
void bgp_peer_each_out(const struct bgp_peer *peer, bgp_route_fn *each,
		       void *arg);
void bgp_peer_each_in(const struct bgp_peer *peer, bgp_route_fn *each,
		      void *arg);
/*
 * The paths to a prefix, of all peers, used ones first: `step` says of each
 * that it is used, or what was better (text for people).
 */
typedef void bgp_path_fn(void *arg, struct bgp_peer *peer,
			 const struct bgp_route *route, bool used,
			 const char *step);
void bgp_each_path(const struct bgp *bgp, const struct prefix *prefix,
		   bgp_path_fn *each, void *arg);
/* What is used, of all prefixes, as `best` tells it. */
typedef void bgp_best_fn(void *arg, const struct prefix *prefix,
			 const struct bgp_best *v, size_t n);
void bgp_each_best(const struct bgp *bgp, bgp_best_fn *each, void *arg);
/*
 * Why a peer's route to the prefix is not accepted, for people; NULL: nothing
 * is known against it (or it never came).
 */
const char *bgp_peer_refused(const struct bgp_peer *peer,
			     const struct prefix *prefix);
/* Those that are remembered of this session, the newest first. */
typedef void bgp_refusal_fn(void *arg, const struct prefix *prefix,
			    const char *name, const char *why, struct mono at);
void bgp_peer_each_refusal(const struct bgp_peer *peer, bgp_refusal_fn *each,
			   void *arg);
/* What the settings' `validate` says of a route that this peer sent. */
enum bgp_validity bgp_peer_validity(const struct bgp_peer *peer,
				    const struct bgp_route *route);
/* How often each reason refused a route; false behind the last reason. */
bool bgp_peer_refusals(const struct bgp_peer *peer, unsigned i,
		       const char **name, uint64_t *n);

#endif
