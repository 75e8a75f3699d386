/* SPDX-License-Identifier: ISC */
/*
 * Programs that speak ExaBGP's process API: started, listened to, told of
 * neighbours, started again.
 */
#ifndef BASIN_DAEMON_PROCESS_H
#define BASIN_DAEMON_PROCESS_H

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

/* ---- between process.c, process_do.c, process_pipe.c, process_tell.c ---- */

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
	struct log_limit refused;
	struct process_watched *watched; /* owned */
	size_t n_watched;
};

/* The address that the session with a neighbour had last. */
struct process_heard {
	struct process_heard *next;
	struct ip peer, local;
};

struct processes {
	struct process *list;        /* owned */
	struct process_heard *heard; /* owned */
};
void processes_forget_heard(struct processes *k);

enum process_answer { PROCESS_DONE, PROCESS_ERROR, PROCESS_SILENT };
/* Does what a command says; what it tells the program goes to `out`. */
enum process_answer process_do(struct process *p, struct exabgp_command *c,
			       struct text *out);
void process_forget_watched(struct process *p);
/* It ended, or could not be started. */
void process_gone(struct process *p, const char *how);
/* It runs: takes its descriptors. */
void process_adopt(struct process *p, const struct helper_process *h);
/* Ends it; nothing when it does not run. */
void process_close(struct process *p);
/* Lines, to one that runs. */
void process_tell(struct process *p, const char *lines, size_t n);
/* May it speak for this peer? */
bool process_speaks_for(const struct process *p, const struct conf_peer *peer);

#endif
