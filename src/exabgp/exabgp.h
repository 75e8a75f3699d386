/* SPDX-License-Identifier: ISC */
/*
 * ExaBGP's process API as text: a line that a process wrote becomes a
 * command, and what happens to a neighbour becomes a line. Pure.
 */
#ifndef BASIN_EXABGP_EXABGP_H
#define BASIN_EXABGP_EXABGP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/text.h"
#include "base/time.h"
#include "wire/bgp.h"
#include "wire/bgp_flow.h"

#define EXABGP_LINE_MAX      65536 /* octets of a command */
#define EXABGP_TOKENS_MAX    4096  /* words of a command */
#define EXABGP_PREFIXES_MAX  1024  /* of one command */
#define EXABGP_SELECTORS_MAX 32    /* "neighbor ..." before a command */
#define EXABGP_NAME_MAX      64

#define EXABGP_KINDS(X)                                                        \
	X(NOTHING, "nothing") /* an empty line: no answer */                   \
	X(COMMENT, "comment")                                                  \
	X(ANNOUNCE, "announce")                                                \
	X(WITHDRAW, "withdraw")                                                \
	X(EOR, "announce eor")                                                 \
	X(REFRESH, "announce route-refresh")                                   \
	X(WATCHDOG_ANNOUNCE, "announce watchdog")                              \
	X(WATCHDOG_WITHDRAW, "withdraw watchdog")                              \
	X(FLUSH, "flush adj-rib out")                                          \
	X(CLEAR, "clear adj-rib out")                                          \
	X(SHOW_NEIGHBOR, "show neighbor")                                      \
	X(SHOW_RIB, "show adj-rib")                                            \
	X(SHUTDOWN, "shutdown")                                                \
	X(RELOAD, "reload")                                                    \
	X(RESTART, "restart")                                                  \
	X(RESET, "reset")                                                      \
	X(VERSION, "version")                                                  \
	X(HELP, "help")                                                        \
	X(ACK_ON, "enable-ack")                                                \
	X(ACK_OFF, "disable-ack")                                              \
	X(ACK_SILENT, "silence-ack")

enum exabgp_kind {
#define X(n, t) EXABGP_##n,
	EXABGP_KINDS(X)
#undef X
	    EXABGP_KIND_COUNT
};
const char *exabgp_kind_text(enum exabgp_kind k);

/* What a neighbour must be; each part only when it is given. */
struct exabgp_selector {
	struct ip neighbor, local; /* none: any */
	bool has_local_as, has_peer_as, has_router_id;
	uint32_t local_as, peer_as;
	struct ip router_id;
};

enum exabgp_show { EXABGP_SUMMARY, EXABGP_EXTENSIVE, EXABGP_CONFIGURATION };

struct exabgp_command {
	enum exabgp_kind kind;
	struct exabgp_selector selectors[EXABGP_SELECTORS_MAX];
	size_t n_selectors; /* 0: all neighbours */

	/* Of announce and withdraw. */
	bool is_flow;
	struct bgp_flow flow;
	struct prefix *prefixes; /* owned; without is_flow */
	size_t n_prefixes;
	struct bgp_attributes attributes; /* no next hop: self */
	char watchdog[EXABGP_NAME_MAX];   /* ""; or of the watchdog commands */
	bool withdrawn;                   /* ... begins withdrawn */

	enum exabgp_show show;
	bool out;          /* of show adj-rib, clear: else in */
	struct ip only;    /* of show: this neighbour, none: all */
	unsigned families; /* bgp_family bits of eor and refresh */
};

/* Where and why a line is no command. */
struct exabgp_error {
	size_t column;  /* from 1 */
	char text[160]; /* for people, escaped */
};

/*
 * Without the end of line. 0; -EINVAL with *error: it is no command; -ENOTSUP
 * with *error: it is one of ExaBGP's that cannot be done here. On 0 the
 * caller frees.
 */
int exabgp_parse(const char *line, size_t n, struct exabgp_command *out,
		 struct exabgp_error *error)
    __attribute__((warn_unused_result));
void exabgp_command_free(struct exabgp_command *c);

/* ---- what is told: exabgp_say.c ---- */

struct exabgp_neighbor {
	struct ip local, peer; /* of the session; local may be none */
	uint32_t local_as, peer_as;
	struct ip router_id; /* ours; of routes only */
};

/* Who tells, in the header of JSON. */
struct exabgp_teller {
	bool json;
	const char *host;
	long pid, ppid;
	uint64_t counter; /* of the neighbour; of this line */
	struct wall now;
};

/* "up", "connected" or "down" and why; whole lines with their ends. */
void exabgp_say_state(const struct exabgp_teller *t,
		      const struct exabgp_neighbor *n, const char *state,
		      const char *why, struct text *out);
/* A route of an Adj-RIB, as `show adj-rib` lists it. */
void exabgp_say_route(const struct exabgp_neighbor *n,
		      const struct prefix *prefix, const struct ip *next_hop,
		      const struct bgp_attributes *extensive, struct text *out);
/* " med 5 as-path [ 1 2 ] ...", as commands have them. */
void exabgp_say_attributes(const struct bgp_attributes *a, struct text *out);

#define EXABGP_SPEAKS      "4.2.21"
#define EXABGP_SPEAKS_JSON "4.0.1"

#endif
