/* SPDX-License-Identifier: ISC */
/* One other node: is a message new, and is it heard? See session.c. */
#ifndef BASIN_MESH_SESSION_H
#define BASIN_MESH_SESSION_H

#include "mesh/message.h"

/* Why a datagram changes nothing. X(name, metric label, for people) */
#define SESSION_CAUSES(X)                                                      \
	X(MALFORMED, "malformed", "is cut or malformed")                       \
	X(VERSION, "version", "is of another version of the protocol")         \
	X(STRANGER, "stranger", "names a node that is not configured")         \
	X(MISDIRECTED, "misdirected", "is for another node")                   \
	X(FORGED, "forged", "has a wrong tag: another key, or a forgery")      \
	X(REPLAYED, "replayed", "was sent before")                             \
	X(UNPROVEN, "unproven",                                                \
	  "is of a process of the node that has not answered us yet")          \
	X(EARLIER, "earlier", "is for an earlier process of this node")        \
	X(FLOOD, "flood", "comes too often")

enum session_cause {
#define X(n, l, t) SESSION_##n,
	SESSION_CAUSES(X)
#undef X
	    SESSION_CAUSE_COUNT
};
#define SESSION_ACCEPTED SESSION_CAUSE_COUNT
const char *session_cause_label(enum session_cause c);
const char *session_cause_text(enum session_cause c);

struct session {
	uint64_t boot; /* the process that is believed; 0: none yet */
	uint64_t sequence;
	uint64_t nonce; /* ours, on its way; 0: none */
	struct mono nonce_at;
	struct mono heard;  /* the last accepted message; MONO_NEVER: none */
	struct dur rtt;     /* 0: not measured yet */
	struct mono refill; /* the bucket against floods */
	unsigned tokens, answers;
	uint64_t accepted;
};

void session_init(struct session *s, struct mono now);
/*
 * The nonce for a message that goes out now; `random` is a fresh number. One
 * that is on its way is kept for a while: an answer may take long.
 */
uint64_t session_nonce(struct session *s, uint64_t random, struct mono now);
/*
 * Judges a message whose tag is true. `boot` is our own process. When it is
 * accepted and *anew is true, the node has started since.
 */
enum session_cause session_receive(struct session *s, const struct message *m,
				   uint64_t boot, struct mono now, bool *anew);
/* May a nonce of this node be sent back now? Bounded. */
bool session_answers(struct session *s, struct mono now);
bool session_silent(const struct session *s, struct dur limit, struct mono now);

#endif
