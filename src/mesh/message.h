/* SPDX-License-Identifier: ISC */
/*
 * What nodes tell each other, one datagram each:
 *
 *   octets  field
 *   1       version, 1
 *   1       type
 *   2       length of the whole datagram
 *   8       boot: of the sender's process, random, not 0
 *   8       for_boot: the receiver's, as far as the sender knows; else 0
 *   8       sequence: counts up from 1 in each process
 *   8       nonce: to be sent back at once; 0: none
 *   8       echo: the nonce of a message of the receiver; 0: none
 *   1 + n   name of the sender, 1 to 64 octets
 *   1 + n   name of the receiver
 *   ...     body: HELLO has none; else 2 octets: number of items, and these
 *   16      tag: HMAC-SHA256 of all before it, its first 16 octets
 *
 * An item is a prefix (1 octet 4 or 6, 1 octet length, 4 or 16 octets), and
 *   STATE    1 octet state, 1 + n octets text: why (up to 47)
 *   ASK      8 octets cause, 8 octets attempt
 *   PROMISE  8 octets attempt, 1 octet: 1 announcing, 2 clean, 4 busy
 *
 * Numbers are in network order. Decoding and encoding are pure; the tag is
 * the caller's.
 */
#ifndef BASIN_MESH_MESSAGE_H
#define BASIN_MESH_MESSAGE_H

#include "base/ip.h"
#include "mesh/promise.h"
#include "wire/cursor.h"

#define MESSAGE_VERSION  1
#define MESSAGE_MAX      1200 /* fits every path without fragments */
#define MESSAGE_NAME_MAX 64
#define MESSAGE_TAG      16
#define MESSAGE_BODY_MAX                                                       \
	(MESSAGE_MAX - 44 - 2 * (1 + MESSAGE_NAME_MAX) - MESSAGE_TAG)
#define MESSAGE_TEXT_MAX 48 /* with NUL */

#define MESSAGE_TYPES(X)                                                       \
	X(HELLO, 1, "hello")                                                   \
	X(STATE, 2, "state")                                                   \
	X(ASK, 3, "ask")                                                       \
	X(PROMISE, 4, "promise")

enum message_type {
#define X(n, v, t) MESSAGE_##n = v,
	MESSAGE_TYPES(X)
#undef X
};

/* What a node says of a prefix; informs people only. */
#define MESSAGE_STATES(X)                                                      \
	X(UNKNOWN, 0, "unknown")                                               \
	X(ANNOUNCED, 1, "announced")                                           \
	X(BRAKED, 2, "braked")                                                 \
	X(DRAINED, 3, "drained")                                               \
	X(WITHDRAWN, 4, "withdrawn")

enum message_state {
#define X(n, v, t) MESSAGE_STATE_##n = v,
	MESSAGE_STATES(X)
#undef X
	    MESSAGE_STATE_COUNT
};
const char *message_state_text(enum message_state s);

struct message {
	enum message_type type;
	uint64_t boot, for_boot, sequence, nonce, echo;
	char sender[MESSAGE_NAME_MAX + 1], receiver[MESSAGE_NAME_MAX + 1];
	struct rbuf body; /* items; borrowed from the datagram */
	unsigned items;
	size_t covered; /* octets the tag covers */
	const uint8_t *tag;
};

struct message_item {
	struct prefix prefix;
	enum message_state state;    /* STATE */
	char text[MESSAGE_TEXT_MAX]; /* STATE */
	uint64_t cause;              /* ASK */
	uint64_t attempt;            /* ASK, PROMISE */
	struct promise_answer answer;
};

/*
 * Everything in front of the items: enough to see whose tag it should have. 0,
 * -EPROTONOSUPPORT (another version) or -EBADMSG.
 */
int message_open(const void *octets, size_t n, struct message *out)
    __attribute__((warn_unused_result));
/* The items of an open message: to be asked before message_take(). */
bool message_sound(const struct message *m);
/* Both, for who has no tag to look at first. */
int message_decode(const void *octets, size_t n, struct message *out)
    __attribute__((warn_unused_result));
/* The next item of a decoded message; false behind the last. */
bool message_take(struct message *m, struct message_item *out);

/* A body that grows; it may be sent to several nodes. */
struct message_body {
	enum message_type type;
	uint8_t octets[MESSAGE_BODY_MAX];
	struct wbuf w;
	unsigned items;
};
void message_body_begin(struct message_body *b, enum message_type type);
/* False when there is no room left: send it and begin another. */
bool message_body_add(struct message_body *b, const struct message_item *item);
/*
 * Writes a datagram but for its tag, whose MESSAGE_TAG octets follow behind
 * the returned number of octets. `out` holds MESSAGE_MAX.
 */
size_t message_encode(const struct message *head,
		      const struct message_body *body, uint8_t *out);

#endif
