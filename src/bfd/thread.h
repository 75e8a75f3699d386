/* SPDX-License-Identifier: ISC */
/*
 * The thread that sends and receives BFD packets, see thread.c. Everything in
 * `table` is to be touched with the lock only.
 */
#ifndef BASIN_BFD_THREAD_H
#define BASIN_BFD_THREAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "bfd/socket.h"

/*
 * The loop that decides has not turned for so long: it hangs, and packets
 * would promise what nobody looks after. Longer than the longest turns there
 * are (a reload of 10,000 checks on a busy machine), shorter than anything a
 * person would wait for.
 */
#define THREAD_SILENCE dur_s(1)
/* The loop must say that it turns at least this often. */
#define THREAD_BEAT dur_ms(100)

struct thread_stats {
	bool mute;
	uint64_t mutes;    /* times the loop was found hanging */
	uint64_t lates;    /* turns that came late */
	struct dur latest; /* of them the worst */
};

struct thread {
	pthread_t id;
	pthread_mutex_t lock;
	struct table table;
	int receivers[SOCKET_RECEIVERS]; /* owned; -1: none */
	int wake;                        /* owned eventfd: to the thread */
	int tell;                        /* owned eventfd: states changed */
	_Atomic int64_t beat;            /* mono ns of the loop's last turn */
	_Atomic pid_t number;            /* in the kernel; 0: not known yet */
	bool stop;
	bool held;     /* nothing is read, sent or expires */
	uint64_t told; /* table.changes */
	struct socket_clock clock;
	struct thread_stats stats;
	struct mono deadline;
};

/* 0 or -errno; then *out is the caller's until thread_stop(). */
int thread_start(struct thread **out, bool held)
    __attribute__((warn_unused_result));
/* Ends the thread and closes what it had; sessions too. */
void thread_stop(struct thread *t);
void thread_lock(struct thread *t);
void thread_unlock(struct thread *t);
/* When it returns the thread does nothing more, or goes on. */
void thread_hold(struct thread *t, bool held);
/* It looks at once at what was changed. */
void thread_wake(struct thread *t);
void thread_beat(struct thread *t, struct mono now);

#endif
