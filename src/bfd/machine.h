/* SPDX-License-Identifier: ISC */
/*
 * The BFD state machine of one session in asynchronous mode (RFC 5880 section
 * 6.8), pure: (state, packet or time) -> what is to be sent. See machine.c.
 */
#ifndef BASIN_BFD_MACHINE_H
#define BASIN_BFD_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "wire/bfd.h"

/* Why the state is what it is. X(name, label, for people) */
#define MACHINE_REASONS(X)                                                     \
	X(NEW, "new", "nothing was received yet")                              \
	X(HANDSHAKE, "handshake", "both sides hear each other")                \
	X(HEARD, "heard", "the neighbour is heard")                            \
	X(EXPIRED, "expired", "control detection time expired")                \
	X(NEIGHBOR, "neighbor", "the neighbour signalled session down")        \
	X(REMOTE_ADMIN, "remote_admin", "the neighbour switched BFD off")      \
	X(ADMIN, "admin", "switched off here")

enum machine_reason {
#define X(n, l, t) MACHINE_##n,
	MACHINE_REASONS(X)
#undef X
	    MACHINE_REASON_COUNT
};
const char *machine_reason_label(enum machine_reason r);
const char *machine_reason_text(enum machine_reason r);

/* Intervals in microseconds, as on the wire. */
struct machine_settings {
	uint32_t desired_min_tx, required_min_rx;
	uint8_t multiplier; /* not 0 */
	bool passive;
};

struct machine {
	struct machine_settings settings;
	enum bfd_state state, remote_state;
	enum machine_reason reason;
	struct mono since; /* of the state */
	uint8_t diag, remote_diag;
	uint32_t discriminator, remote_discriminator;

	/* What packets say, and what counts until the poll is answered. */
	uint32_t desired_min_tx, tx_in_use;
	uint32_t required_min_rx, rx_in_use;
	bool polling;

	/* Of the last packet. */
	bool heard; /* and not forgotten since */
	uint32_t remote_desired_min_tx, remote_min_rx;
	uint8_t remote_multiplier;
	bool remote_demand, remote_independent;

	struct mono last_rx, last_tx, next_tx;
	struct mono not_before; /* no expiry before, see machine_forgive() */
	uint64_t random;        /* of the jitter; never 0 */
	uint64_t ups, downs;    /* times Up was entered and left */
	enum machine_reason down_reason; /* why it was left last */
};

/* What the caller does: send a packet now. */
enum machine_action {
	MACHINE_SEND = 1 << 0,
	MACHINE_SEND_FINAL = 1 << 1,
};

void machine_init(struct machine *m, const struct machine_settings *s,
		  uint32_t discriminator, uint64_t seed, struct mono now);
/* New settings on a session that stays: a Poll Sequence where needed. */
unsigned machine_configure(struct machine *m, const struct machine_settings *s,
			   struct mono now);
/* AdminDown, and back to Down. */
unsigned machine_disable(struct machine *m, struct mono now);
unsigned machine_enable(struct machine *m, struct mono now);
/*
 * A packet for this session that passed every check, authentication included.
 * `at` is when it was received, which may be before other calls' `now`.
 */
unsigned machine_receive(struct machine *m, const struct bfd_packet *p,
			 struct mono at);
/* What is due: expiry, and the next packet. */
unsigned machine_tick(struct machine *m, struct mono now);
/* When machine_tick() is due, MONO_NEVER when nothing runs. */
struct mono machine_deadline(const struct machine *m);
/*
 * Nobody could look for a while: what was sent meanwhile may still be on its
 * way through the kernel, so nothing expires for one interval more.
 */
void machine_forgive(struct machine *m, struct mono now);

/* The packet as it is to be sent now, without authentication. */
void machine_packet(const struct machine *m, bool final,
		    struct bfd_packet *out);
/* It was sent (or tried): when is the next one? */
void machine_sent(struct machine *m, struct mono now);

/* RFC 5880 section 6.8.4; 0 before the first packet. */
struct dur machine_detection_time(const struct machine *m);
/* The interval of our packets without jitter; 0: none are sent. */
struct dur machine_interval(const struct machine *m);

#endif
