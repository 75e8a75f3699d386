/* SPDX-License-Identifier: ISC */
/*
 * Programs that speak ExaBGP's process API: started, listened to, told of
 * neighbours, started again.
 */
#ifndef BASIN_DAEMON_EXABGP_H
#define BASIN_DAEMON_EXABGP_H

#include "daemon/basin.h"
#include "exabgp/exabgp.h"

struct process;
struct processes;

void processes_start(struct basin *b);
/* After a configuration came into force; before the old one is freed. */
void processes_configure(struct basin *b);
/* The loop must turn once more behind it. */
void processes_free(struct basin *b);
/* A session changed its state. */
void processes_peer(struct basin *b, const struct bgp_peer *peer,
		    enum bgp_state from, enum bgp_state to, const char *why);

struct process_view {
	const struct conf_exabgp *conf; /* borrowed */
	bool running;
	struct mono since;   /* it runs or waits */
	struct mono restart; /* MONO_NEVER: it runs */
	uint64_t starts, commands, errors, unanswered;
	size_t routes;
	char error[240]; /* the last line that was refused, and why; or "" */
	char ended[120]; /* how it ended last; "" */
};
size_t processes_count(const struct basin *b);
void processes_view(const struct basin *b, size_t i, struct process_view *out);

/* ---- between exabgp.c and exabgp_do.c ---- */

/* Routes that a watchdog brings and takes. */
struct process_watched {
	struct process_watched *next;
	struct exabgp_command command;
};

struct process {
	struct basin *b;
	const struct conf_exabgp *conf; /* borrowed */
	struct process *next;
	char source[96];     /* of its routes: "exabgp:NAME" */
	struct child *child; /* owned; NULL: it does not run */
	uv_timer_t timer;    /* until it is started again */
	bool removed;        /* freed when its timer is closed */
	bool acknowledge;    /* as the program wants it now */
	bool left;           /* it said shutdown: not started again */
	unsigned failures;   /* soon one after the other */
	struct mono since, restart;
	uint64_t starts, commands, errors, unanswered, counter;
	char error[240], ended[120];
	struct process_watched *watched; /* owned */
	size_t n_watched;
};

enum process_answer { PROCESS_DONE, PROCESS_ERROR, PROCESS_SILENT };
/* Does what a command says; what it tells the program goes to `out`. */
enum process_answer process_do(struct process *p, struct exabgp_command *c,
			       struct text *out);
void process_forget_watched(struct process *p);
/* May it speak for this peer? */
bool process_speaks_for(const struct process *p, const struct conf_peer *peer);

#endif
