/* SPDX-License-Identifier: ISC */
/*
 * The giving side of a hot upgrade, pure: (state, event) -> state, actions.
 *
 *          order            ready             taken               done, late
 *   ┌──────┐ ─► ┌──────────┐ ──► ┌─────────┐ ──────► ┌───────────┐ ──► GONE
 *   │ IDLE │    │ STARTING │     │ HANDING │ commit  │ COMMITTED │
 *   └──────┘ ◄─ └──────────┘     └─────────┘         └───────────┘
 *       ▲     refused,    ended, refused │ late, failed     │ ended
 *       ├───────────────── late ◄────────┤                  ▼
 *       │                                ▼              GONE, and undone
 *       │  ended: it had not taken  ┌────────┐  taken       ▲
 *       └────────────────────────── │ FENCED │ ─────────────┘
 *                                   └────────┘ (it is dead: killed)
 *
 * Invariants
 *  - "taken" is the commit, said once by the other process before it acts.
 *    Before it this one goes on as if nothing had been; after it never again.
 *  - This one goes on only when the other has ended or was killed: there are
 *    never two.
 *  - Nothing is read, written or decided from HANDING on.
 *  - What the helper owns is left to the other's helper only when that said
 *    that it has it (done), or its process lives and is slow (late).
 */
#ifndef BASIN_DAEMON_UPGRADE_CORE_H
#define BASIN_DAEMON_UPGRADE_CORE_H

#define UPGRADE_STATES(X)                                                      \
	X(IDLE, "none")                                                        \
	X(STARTING, "starting")                                                \
	X(HANDING, "handing over")                                             \
	X(FENCED, "fenced")                                                    \
	X(COMMITTED, "committed")                                              \
	X(GONE, "gone")

#define UPGRADE_EVENTS(X)                                                      \
	X(ORDER, "ordered")                                                    \
	X(READY, "the new process is ready")                                   \
	X(REFUSED, "the new process refused")                                  \
	X(ENDED, "the new process ended")                                      \
	X(LATE, "no answer in time")                                           \
	X(FAILED, "the state could not be written")                            \
	X(TAKEN, "the new process has taken over")                             \
	X(DONE, "the new process has everything")

enum upgrade_state {
#define X(n, t) UPGRADE_##n,
	UPGRADE_STATES(X)
#undef X
	    UPGRADE_STATE_COUNT
};
enum upgrade_event {
#define X(n, t) UPGRADE_ON_##n,
	UPGRADE_EVENTS(X)
#undef X
	    UPGRADE_EVENT_COUNT
};

/* What the caller does, in the order of the bits. */
enum upgrade_action {
	UPGRADE_START = 1 << 0,   /* begin the new process */
	UPGRADE_WRITE = 1 << 1,   /* stop everything, hand the state over */
	UPGRADE_KILL = 1 << 2,    /* it does nothing any more afterwards */
	UPGRADE_GO_ON = 1 << 3,   /* tell why, and be as before */
	UPGRADE_ANSWER = 1 << 4,  /* tell that it worked */
	UPGRADE_RELEASE = 1 << 5, /* the helper undoes nothing */
	UPGRADE_EXIT = 1 << 6,
};

const char *upgrade_state_text(enum upgrade_state s);
const char *upgrade_event_text(enum upgrade_event e);
/* Changes *s, returns actions; an event that means nothing here: none. */
unsigned upgrade_step(enum upgrade_state *s, enum upgrade_event e);

#endif
