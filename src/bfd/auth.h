/* SPDX-License-Identifier: ISC */
/*
 * Authentication of BFD packets (RFC 5880 section 6.7). The digests are in the
 * module bfd_auth.so, loaded when a session has MD5 or SHA1.
 */
#ifndef BASIN_BFD_AUTH_H
#define BASIN_BFD_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "wire/bfd.h"

#define AUTH_ABI     1
#define AUTH_SYMBOL  "bfd_auth_module"
#define AUTH_KEY_MAX BFD_SHA1_LEN

struct auth_module {
	unsigned abi;
	void (*md5)(const void *octets, size_t n,
		    uint8_t digest[static BFD_MD5_LEN]);
	void (*sha1)(const void *octets, size_t n,
		     uint8_t digest[static BFD_SHA1_LEN]);
};

struct auth {
	uint8_t type; /* enum bfd_auth_type */
	uint8_t key_id;
	uint8_t key[AUTH_KEY_MAX]; /* filled up with zeros */
	uint8_t key_len;
	const struct auth_module *module; /* borrowed; of digests */
	uint32_t sent;                    /* bfd.XmitAuthSeq */
	uint32_t received;                /* bfd.RcvAuthSeq, when known */
	bool known;                       /* bfd.AuthSeqKnown */
};

/* Why a packet is discarded that is well formed. X(name, label, for people) */
#define AUTH_VERDICTS(X)                                                       \
	X(GOOD, "good", "accepted")                                            \
	X(ABSENT, "auth_absent", "has no authentication, but it is needed")    \
	X(UNASKED, "auth_unasked",                                             \
	  "is authenticated, but no authentication is configured")             \
	X(OTHER_TYPE, "auth_other_type", "has another type of authentication") \
	X(OTHER_KEY, "auth_other_key", "has a key ID that is not known")       \
	X(WRONG, "auth_wrong", "has a wrong digest or password")               \
	X(SEQUENCE, "auth_sequence", "has a sequence number out of the window")

enum auth_verdict {
#define X(n, l, t) AUTH_##n,
	AUTH_VERDICTS(X)
#undef X
	    AUTH_VERDICT_COUNT
};
const char *auth_verdict_label(enum auth_verdict v);
const char *auth_verdict_text(enum auth_verdict v);

/* Whether `type` needs the module. */
bool auth_needs_module(uint8_t type);
/* Loads it; NULL with *why (static text). Not on the thread. */
const struct auth_module *auth_load(const char **why);

/*
 * Judges a decoded packet of `n` octets; a good one moves the sequence number.
 * `octets` are changed while it works and as they were when it returns.
 */
enum auth_verdict auth_check(struct auth *a, uint8_t *octets, size_t n,
			     const struct bfd_packet *p);
/* Nothing was received for twice the detection time (section 6.8.1). */
void auth_forget(struct auth *a);
/*
 * Encodes a packet with its authentication. `fresh`: it says something else
 * than the last one. Octets written, 0 when it does not fit.
 */
size_t auth_encode(struct auth *a, struct bfd_packet *p, bool fresh,
		   uint8_t *octets, size_t size);

#endif
