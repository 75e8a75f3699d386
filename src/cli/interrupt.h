/* SPDX-License-Identifier: ISC */
/*
 * SIGINT or SIGTERM ends the work, not the program: what is found so far is
 * shown and what is half-written goes away. The next one ends the program as
 * ever.
 */
#ifndef BASIN_CLI_INTERRUPT_H
#define BASIN_CLI_INTERRUPT_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

struct interrupt {
	int fd; /* of signalfd(); -1: none */
	sigset_t before;
	atomic_bool came;
};

/* From here to the end signals are held back, in threads made meanwhile too. */
void interrupt_begin(struct interrupt *in);
void interrupt_end(struct interrupt *in); /* also again */
/* Asked by any thread. */
bool interrupt_came(struct interrupt *in);

#endif
