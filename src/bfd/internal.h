/* SPDX-License-Identifier: ISC */
/* What bfd.c and view.c share. */
#ifndef BASIN_BFD_INTERNAL_H
#define BASIN_BFD_INTERNAL_H

#include "bfd/bfd.h"
#include "bfd/thread.h"

/* A session that is wanted. */
struct watched {
	char *name;      /* owned */
	char *interface; /* owned; NULL: none */
	struct table_key key;
	struct machine_settings settings;
	struct auth auth;              /* of a session to be made */
	struct table_session *session; /* with the lock; NULL: not made */
	enum bfd_status status;
	struct mono since;
	uint64_t ups, downs; /* as last told */
	char problem[128];   /* "": none */
	bool alarmed;
};

/* A session that says AdminDown until its neighbour must have heard it. */
struct leaving {
	struct table_session *session;
	struct mono until;
};

struct bfd {
	struct bfd_settings settings;
	struct thread *thread;    /* owned; NULL: no session was ever wanted */
	struct watched *sessions; /* owned */
	size_t n;
	struct leaving *leaving; /* owned */
	size_t n_leaving;
	uv_timer_t *timer;     /* owned: the beat and what is tried again */
	uv_prepare_t *prepare; /* owned: the beat */
	uv_poll_t *told;       /* owned */
	struct mono retry;
	bool realtime_asked, realtime;
	void (*done)(void *arg); /* of bfd_shutdown() */
	void *done_arg;
	struct mono done_limit;
	struct bfd_taking *taking; /* owned; NULL: see handover.c */
};

/* The thread is there; held while something is being taken. 0 or -errno. */
int bfd_start_thread(struct bfd *b) __attribute__((warn_unused_result));
/* Its session of the other process. False: it has none. */
bool bfd_handover_give(struct bfd *b, struct watched *w);
void bfd_handover_free(struct bfd *b);

#endif
