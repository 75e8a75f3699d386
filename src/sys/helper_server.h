/* SPDX-License-Identifier: ISC */
/* The root helper's own state, shared by its files; never seen by main. */
#ifndef BASIN_SYS_HELPER_SERVER_H
#define BASIN_SYS_HELPER_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "sys/helper_wire.h"
#include "sys/netlink.h"

/* Commands running at once; a further one is refused with -EAGAIN. */
#define HELPER_JOBS_MAX 1024

/* Long-lived processes at once. */
#define HELPER_RUNS_MAX 32

struct helper_job;
struct helper_run;
struct helper_owned;
struct helper_counted;
struct helper_joined;

struct helper_server {
	int requests;    /* owned; SOCK_SEQPACKET to the main process */
	int sync;        /* owned; the same for the synchronous verbs */
	int children;    /* owned; signalfd of SIGCHLD */
	int null;        /* owned; /dev/null */
	bool user_fixed; /* users cannot be switched here; warned */
	struct log log;
	struct log_limit refused;
	char user[HELPER_USER_MAX]; /* of commands that name none */
	struct netlink netlink;
	struct helper_owned *owned;     /* owned; what was added */
	struct helper_counted *counted; /* owned; NULL: nothing is */
	struct helper_joined *anycasts; /* owned; list of what is joined */
	struct helper_job *jobs;        /* owned; list of running commands */
	size_t n_jobs;
	struct helper_run *runs; /* owned; list of long-lived processes */
	size_t n_runs;
	char *const *argv;         /* borrowed; of the main process */
	struct rlimit descriptors; /* as it was started with */
	pid_t successor;           /* 0: none (helper_upgrade.c) */
	bool handing;              /* it is being given the state */
	bool released;             /* what is owned is another helper's */
};

/* Never returns. */
void helper_main(int requests, int sync, const struct helper_settings *s)
    __attribute__((noreturn));

/* ---- addresses and routes (helper_owned.c) ---- */

int helper_owned_address_add(struct helper_server *sv,
			     const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_owned_address_del(struct helper_server *sv,
			     const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_owned_route_add(struct helper_server *sv,
			   const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_owned_route_del(struct helper_server *sv,
			   const struct helper_request *q)
    __attribute__((warn_unused_result));
/* Gives back memory that only adopting needed. */
void helper_owned_tidy(struct helper_server *sv);
/* Removes all that was added and is still marked as ours. */
void helper_owned_undo(struct helper_server *sv);

/* ---- anycast addresses of links (helper_joined.c) ---- */

int helper_joined_add(struct helper_server *sv, const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_joined_del(struct helper_server *sv, const struct helper_request *q)
    __attribute__((warn_unused_result));

/* helper_realtime.c */
int helper_realtime_give(struct helper_server *sv,
			 const struct helper_request *q)
    __attribute__((warn_unused_result));

/* ---- router advertisements (helper_advertised.c) ---- */

int helper_advertised_send(struct helper_server *sv,
			   const struct helper_request *q)
    __attribute__((warn_unused_result));

/* ---- counting and dropping packets (helper_counted.c) ---- */

int helper_counted_set(struct helper_server *sv, const struct helper_request *q)
    __attribute__((warn_unused_result));
/* 0: it has answered. */
int helper_counted_read(struct helper_server *sv,
			const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_counted_drop(struct helper_server *sv,
			const struct helper_request *q)
    __attribute__((warn_unused_result));

/* ---- the process after this one (helper_upgrade.c) ---- */

int helper_upgrade_start(struct helper_server *sv,
			 const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_upgrade_handing(struct helper_server *sv,
			   const struct helper_request *q)
    __attribute__((warn_unused_result));
/* The main process has died: has the other one taken over? */
bool helper_upgrade_outlived(struct helper_server *sv);
int helper_upgrade_end(struct helper_server *sv, const struct helper_request *q)
    __attribute__((warn_unused_result));
int helper_upgrade_release(struct helper_server *sv,
			   const struct helper_request *q)
    __attribute__((warn_unused_result));

/* ---- check commands (helper_exec.c) ---- */

/* 0: running, an answer comes at its end; or -errno: answer that now. */
int helper_exec_start(struct helper_server *sv, const struct helper_request *q)
    __attribute__((warn_unused_result));
/* No answer will come. */
void helper_exec_cancel(struct helper_server *sv, uint32_t token);
/* Entries for poll(2), at most n_jobs; returns how many. */
size_t helper_exec_poll(struct helper_server *sv, struct pollfd *fds);
/* What one poll(2) has shown. */
struct helper_turn {
	struct mono now;
	bool child_ended;
	const struct pollfd *fds; /* as filled by helper_exec_poll() */
};
/* Reads output, kills what is late, answers what has ended. */
void helper_exec_turn(struct helper_server *sv, const struct helper_turn *turn);
/* Milliseconds until the next deadline, -1: none. */
int helper_exec_wait(const struct helper_server *sv);
void helper_exec_undo(struct helper_server *sv);

/* ---- long-lived processes (helper_run.c) ---- */

/* The main process's end of the channel, or -errno. */
int helper_run_start(struct helper_server *sv, const struct helper_request *q)
    __attribute__((warn_unused_result));
/* Entries for poll(2), at most HELPER_RUNS_MAX; returns how many. */
size_t helper_run_poll(struct helper_server *sv, struct pollfd *fds);
void helper_run_turn(struct helper_server *sv, const struct pollfd *fds,
		     bool child_ended);
void helper_run_undo(struct helper_server *sv);

/* The child's side (helper_child.c): becomes the command. */
struct helper_child {
	const struct helper_server *server;
	char *const *argv;
	const char *user;
	bool has_input; /* else stdin is /dev/null, stderr is `output` */
	int input, errors;
	int output; /* becomes stdout, and stderr */
	int failed; /* takes an errno when the command cannot be started */
	pid_t helper;
};
void helper_child_run(const struct helper_child *c) __attribute__((noreturn));

#endif
