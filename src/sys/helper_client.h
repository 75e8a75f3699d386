/* SPDX-License-Identifier: ISC */
/* The main process's end of the helper, shared by its two files. */
#ifndef BASIN_SYS_HELPER_CLIENT_H
#define BASIN_SYS_HELPER_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "sys/sys.h"

struct slot {
	/* SLOT_COUNTERS: arg is an owned struct helper_reading. */
	enum slot_kind { SLOT_FREE, SLOT_VERB, SLOT_EXEC, SLOT_COUNTERS } kind;
	uint32_t generation;
	uint32_t next_free;
	union {
		helper_done *verb;
		helper_exec_done *exec;
	} done;
	void *arg;
};

struct packet {
	STAILQ_ENTRY(packet) link;
	size_t n;
	char octets[];
};

struct helper {
	pid_t pid;          /* 0 after it was waited for */
	int fd;             /* owned; -1 after the helper's end */
	int sync;           /* owned */
	struct slot *slots; /* owned */
	uint32_t n_slots, first_free;
	STAILQ_HEAD(, packet) queue; /* owned; what the pair did not take */
	uv_poll_t poll;
	bool attached;
	void (*gone)(void *arg);
	void *arg;
};

/* A slot that waits for an answer, or -EAGAIN. */
int helper_slot_take(struct helper *h, enum slot_kind kind, void *arg)
    __attribute__((warn_unused_result));
void helper_slot_release(struct helper *h, uint32_t i);
/* The slot of a token that still waits, or -1. */
int helper_slot_find(const struct helper *h, uint32_t token);
uint32_t helper_slot_token(const struct helper *h, uint32_t i);
/* Sends a packet now or when there is room. 0, -EPIPE: no helper. */
int helper_submit(struct helper *h, const void *octets, size_t n)
    __attribute__((warn_unused_result));

/* Fills the slot that was taken, sends. Token > 0 or -errno. */
struct helper_request;
int helper_ask(struct helper *h, struct helper_request *q, int slot)
    __attribute__((warn_unused_result));
/* Waits for 0 or -errno; done may be NULL. */
int helper_ask_verb(struct helper *h, struct helper_request *q,
		    helper_done *done, void *arg)
    __attribute__((warn_unused_result));

/* Counters that come in parts (helper_counters.c). */
struct helper_reading;
struct helper_answer;
void helper_reading_part(struct helper_reading *r,
			 const struct helper_answer *a);
void helper_reading_free(struct helper_reading *r);

#endif
