/* SPDX-License-Identifier: ISC */
/*
 * BFD control packets: bytes <-> struct (RFC 5880 section 4). What can be said
 * of a packet without knowing the session is checked here (section 6.8.6);
 * digests are computed by the caller over the octets.
 */
#ifndef BASIN_WIRE_BFD_H
#define BASIN_WIRE_BFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/cursor.h"

#define BFD_PORT_SINGLE 3784 /* RFC 5881 section 4 */
#define BFD_PORT_MULTI  4784 /* RFC 5883 section 5 */
#define BFD_VERSION     1
#define BFD_HEADER_LEN  24
#define BFD_PACKET_MAX  52 /* header and the longest authentication section */

enum bfd_state {
	BFD_STATE_ADMIN_DOWN = 0,
	BFD_STATE_DOWN = 1,
	BFD_STATE_INIT = 2,
	BFD_STATE_UP = 3,
};

/* Diagnostics: symbol, text (RFC 5880 section 4.1). In order from 0. */
#define BFD_DIAGS(X)                                                           \
	X(NONE, "No Diagnostic")                                               \
	X(TIME_EXPIRED, "Control Detection Time Expired")                      \
	X(ECHO_FAILED, "Echo Function Failed")                                 \
	X(NEIGHBOR_DOWN, "Neighbor Signaled Session Down")                     \
	X(FORWARDING_RESET, "Forwarding Plane Reset")                          \
	X(PATH_DOWN, "Path Down")                                              \
	X(CONCATENATED_PATH_DOWN, "Concatenated Path Down")                    \
	X(ADMIN_DOWN, "Administratively Down")                                 \
	X(REVERSE_CONCATENATED_PATH_DOWN, "Reverse Concatenated Path Down")

enum bfd_diag {
#define X(symbol, text) BFD_DIAG_##symbol,
	BFD_DIAGS(X)
#undef X
	    BFD_DIAG_COUNT
};

enum bfd_auth_type {
	BFD_AUTH_NONE = 0,
	BFD_AUTH_PASSWORD = 1,
	BFD_AUTH_MD5 = 2,
	BFD_AUTH_METICULOUS_MD5 = 3,
	BFD_AUTH_SHA1 = 4,
	BFD_AUTH_METICULOUS_SHA1 = 5,
};
#define BFD_PASSWORD_MAX 16
#define BFD_MD5_LEN      16
#define BFD_SHA1_LEN     20
/* Where a digest stands in a packet with MD5 or SHA1 authentication. */
#define BFD_DIGEST_AT 32

/* Authentication section (RFC 5880 sections 4.2 to 4.4). */
struct bfd_auth {
	uint8_t type; /* enum bfd_auth_type; NONE: A bit not set */
	uint8_t key_id;
	uint32_t sequence; /* MD5 and SHA1 */
	/* Password or digest: of `len` octets. */
	uint8_t value[BFD_SHA1_LEN];
	uint8_t len;
};

/* Intervals are in microseconds, as on the wire. */
struct bfd_packet {
	uint8_t diag;  /* enum bfd_diag, or a value nobody assigned */
	uint8_t state; /* enum bfd_state */
	bool poll, final;
	bool control_plane_independent;
	bool demand;
	uint8_t detect_mult;
	uint32_t my_discriminator, your_discriminator;
	uint32_t desired_min_tx, required_min_rx, required_min_echo_rx;
	struct bfd_auth auth;
};

/* Why a packet is discarded: symbol, metric label, text. */
#define BFD_FAULTS(X)                                                          \
	X(NONE, "none", "accepted")                                            \
	X(SHORT, "short", "packet is shorter than 24 octets")                  \
	X(VERSION, "version", "version is not 1")                              \
	X(LENGTH, "length", "Length field does not fit the packet")            \
	X(MULTIPLIER, "multiplier", "Detect Mult is 0")                        \
	X(MULTIPOINT, "multipoint", "Multipoint bit is set")                   \
	X(MY_DISCRIMINATOR, "my_discriminator", "My Discriminator is 0")       \
	X(YOUR_DISCRIMINATOR, "your_discriminator",                            \
	  "Your Discriminator is 0 in state Init or Up")                       \
	X(AUTH_TYPE, "auth_type", "Auth Type is not one of 1 to 5")            \
	X(AUTH_LENGTH, "auth_length", "Auth Len does not fit Auth Type")

enum bfd_fault {
#define X(symbol, label, text) BFD_FAULT_##symbol,
	BFD_FAULTS(X)
#undef X
	    BFD_FAULT_COUNT
};

/* Checks as RFC 5880 section 6.8.6 orders them; *out is valid with NONE. */
enum bfd_fault bfd_decode(const uint8_t *octets, size_t n,
			  struct bfd_packet *out)
    __attribute__((warn_unused_result));
/*
 * Octets written, 0 when it does not fit or the authentication is not one of
 * enum bfd_auth_type. The digest of MD5 and SHA1 is auth.value; for computing
 * it the caller puts the key there (RFC 5880 section 6.7.3, 6.7.4).
 */
size_t bfd_encode(const struct bfd_packet *packet, uint8_t *buf, size_t size);

const char *bfd_state_text(uint8_t state);
const char *bfd_diag_text(uint8_t diag);
const char *bfd_fault_label(enum bfd_fault fault);
const char *bfd_fault_text(enum bfd_fault fault);

#endif
