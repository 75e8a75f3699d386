/* SPDX-License-Identifier: ISC */
/*
 * BFD sessions (RFC 5880 to 5883): is the way to a neighbour there, within
 * milliseconds? Packets have a thread of their own, and stop when the loop
 * does; states are told on the loop.
 */
#ifndef BASIN_BFD_BFD_H
#define BASIN_BFD_BFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/handover.h"
#include "base/ip.h"
#include "base/log.h"
#include "base/time.h"
#include "conf/conf.h"
#include "wire/bfd.h"

struct bfd;

/* What a session means to who wants it. X(name, label, for people) */
#define BFD_STATUSES(X)                                                        \
	X(WAIT, "wait", "it was not up yet")                                   \
	X(UP, "up", "both sides hear each other")                              \
	X(DOWN, "down", "it was up and is not")                                \
	X(ADMIN_DOWN, "admin_down", "the neighbour switched it off")

enum bfd_status {
#define X(n, l, t) BFD_STATUS_##n,
	BFD_STATUSES(X)
#undef X
	    BFD_STATUS_COUNT
};
const char *bfd_status_text(enum bfd_status s);

struct bfd_callbacks {
	/*
	 * The status changed; `why` is for people. A session that was down
	 * for less than a turn of the loop is told DOWN and then UP.
	 */
	void (*changed)(void *arg, size_t id, enum bfd_status from,
			enum bfd_status to, const char *why);
	/* A difference that stands, or is over. */
	void (*alarm)(void *arg, const char *subject, const char *message,
		      bool on);
	/*
	 * Real-time priority for a thread: bfd_realtime() comes later. Else
	 * packets are sent as the machine finds time.
	 */
	void (*hurry)(void *arg, pid_t thread);
};

struct bfd_settings {
	uv_loop_t *loop;                       /* borrowed */
	struct log *log;                       /* borrowed */
	const struct bfd_callbacks *callbacks; /* borrowed */
	void *arg;
};

struct bfd *bfd_new(const struct bfd_settings *s);
/* The loop must turn once more behind it. NULL is accepted. */
void bfd_free(struct bfd *b);

/* A session as wanted; everything borrowed during the call. */
struct bfd_wanted {
	const char *name; /* unique; of logs */
	struct ip address, source;
	const char *interface; /* NULL: none */
	const struct conf_bfd *conf;
};
/*
 * Has exactly these sessions from now on; ids are their numbers. Sessions of
 * the same name, address, source, interface and kind of hop go on, with a
 * Poll Sequence where times change (RFC 5880 section 6.8.3). Others that are
 * there say AdminDown and go. What cannot be opened is an alarm and tried
 * again.
 */
void bfd_configure(struct bfd *b, const struct bfd_wanted *v, size_t n);

/* What became of callbacks.hurry: 0 or -errno. */
void bfd_realtime(struct bfd *b, int error);

/*
 * All sessions say AdminDown (RFC 5880 section 6.8.16); `done` is called when
 * the neighbours had a detection time to hear it, at most `limit`.
 */
void bfd_shutdown(struct bfd *b, struct dur limit, void (*done)(void *arg),
		  void *arg);

/* ---- a hot upgrade, see handover.c ---- */

/* The loop does not turn for so long, and knows it. `b` may be NULL. */
void bfd_away(struct bfd *b, struct dur limit);
/* Of the old process, which goes on. `b` may be NULL. 0 or -errno. */
int bfd_handover_write(struct bfd *b, handover_put *put, void *arg)
    __attribute__((warn_unused_result));
/* The other one has taken over: nothing is sent or read when it returns. */
void bfd_handover_hold(struct bfd *b);

/*
 * Of the new one: begin, read all, bfd_configure(), commit. Nothing is sent
 * or read before. `fd` is the callee's. 0 or -errno.
 */
void bfd_handover_begin(struct bfd *b);
int bfd_handover_read(struct bfd *b, const void *octets, size_t n, int fd)
    __attribute__((warn_unused_result));
void bfd_handover_commit(struct bfd *b);

/* ---- reading; a bfd that is NULL is empty ---- */

struct bfd_view {
	const char *name; /* borrowed until bfd_configure() */
	struct ip address, source;
	const char *interface;
	bool multihop, passive, authenticated;
	enum bfd_status status;
	struct mono since; /* of the status */
	enum bfd_state state, remote_state;
	uint8_t diag, remote_diag;
	uint32_t discriminator, remote_discriminator;
	const char *reason;   /* static text */
	struct dur interval;  /* of our packets; 0: none are sent */
	struct dur detection; /* 0: nothing was received yet */
	struct dur desired, required, remote_desired, remote_required;
	uint8_t multiplier, remote_multiplier;
	bool remote_independent; /* C bit (RFC 5882 section 4.3) */
	bool remote_demand;
	bool polling;
	struct mono last_rx; /* MONO_NEVER: nothing yet */
	uint64_t packets_in, packets_out, not_sent;
	uint64_t refused;    /* by the authentication */
	const char *refusal; /* why the last one was; NULL: it was not */
	uint64_t ups, downs;
	const char *problem; /* why it cannot work; NULL: none */
};
size_t bfd_sessions(const struct bfd *b);
void bfd_view(const struct bfd *b, size_t id, struct bfd_view *out);
/* The number of a session, SIZE_MAX when there is none. */
size_t bfd_find(const struct bfd *b, const char *name);

struct bfd_discard {
	const char *cause; /* metric label */
	uint64_t n;
};
#define BFD_DISCARDS_MAX 32
struct bfd_facts {
	bool running; /* there is a thread */
	bool realtime;
	bool mute; /* nothing is sent: the loop does not turn */
	uint64_t mutes;
	uint64_t lates; /* turns of the thread that came late */
	struct dur latest;
	size_t n_discards;
	struct bfd_discard discards[BFD_DISCARDS_MAX];
};
void bfd_facts(const struct bfd *b, struct bfd_facts *out);

#endif
