/* SPDX-License-Identifier: ISC */
/*
 * Checks: a scheduler and one file per kind. A kind runs one check at a time
 * and reports one result; it knows nothing of rise, fall or routes.
 */
#ifndef BASIN_CHECK_CHECK_H
#define BASIN_CHECK_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/log.h"
#include "base/time.h"
#include "conf/conf.h"
#include "sys/sys.h"

/* What one run found; the same four verdicts as avail/ (mapped by daemon/). */
enum check_verdict { CHECK_PASS, CHECK_DEGRADED, CHECK_FAIL, CHECK_UNKNOWN };

/* Why, machine-readable: one list, also the metric label. */
#define CHECK_CAUSES(X)                                                        \
	X(OK, "ok")                                                            \
	X(TIMEOUT, "timeout")                                                  \
	X(REFUSED, "refused")                                                  \
	X(UNREACHABLE, "unreachable")                                          \
	X(CLOSED, "closed")                                                    \
	X(TLS, "tls")                                                          \
	X(CERTIFICATE, "certificate")                                          \
	X(ANSWER, "answer") /* answered, but not what is expected */           \
	X(EXIT_CODE, "exit_code")                                              \
	X(KILLED, "killed")                                                    \
	X(RESOURCES, "resources") /* no descriptors, memory, process */        \
	X(LOCAL, "local") /* source address, file, resolver, permission */

enum check_cause {
#define X(n, t) CHECK_CAUSE_##n,
	CHECK_CAUSES(X)
#undef X
	    CHECK_CAUSE_COUNT
};
const char *check_cause_text(enum check_cause cause);

#define CHECK_DETAIL_MAX 200

struct check_result {
	enum check_verdict verdict;
	enum check_cause cause;
	struct dur latency;
	/* For people, safe to print: foreign octets are escaped already. */
	char detail[CHECK_DETAIL_MAX];
};

/* ---- what a kind provides ---- */

struct check;  /* one configured check, owned by the scheduler */
struct io_set; /* all sockets of all checks, see io.h */

/*
 * One descriptor per kind. `start` begins one run and later, or at once,
 * calls check_done() exactly once; `cancel` ends a run without a result (the
 * timeout, a reload, the exit). Per-check memory is `run_size` octets, zeroed
 * at check creation, given by check_run().
 */
struct check_kind {
	const char *name;
	size_t run_size;
	void (*start)(struct check *check);
	void (*cancel)(struct check *check);
	void (*destroy)(struct check *check); /* may be NULL */
	/*
	 * What the run is waiting for, "connect to 192.0.2.53:53": subject of
	 * the timeout's message. May be NULL. `buf` has CHECK_DETAIL_MAX.
	 */
	const char *(*waits_for)(struct check *check, char *buf);
	/*
	 * True when the run has not got as far as the service, so that its
	 * timeout says nothing of it: UNKNOWN. May be NULL.
	 */
	bool (*is_local)(struct check *check);
	/*
	 * What all checks of the kind share on one scheduler, made at first
	 * use: check_shared(). Both may be NULL. 0 or -errno.
	 */
	int (*open)(struct io_set *io, uv_loop_t *loop, void **shared);
	void (*close)(void *shared);
};

const struct conf_check *check_conf(const struct check *check);
void *check_run(struct check *check);
struct io_set *check_io(struct check *check);
void *check_shared(struct check *check);
/* How the root helper runs a command for exec (see check_services). */
const struct check_services *check_services(struct check *check);
void check_done(struct check *check, enum check_verdict verdict,
		enum check_cause cause, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* What is known of the BFD session of a check. */
struct check_bfd {
	enum check_bfd_state {
		CHECK_BFD_NONE, /* it could not be made */
		CHECK_BFD_DOWN,
		CHECK_BFD_ADMIN_DOWN, /* the neighbour switched it off */
		CHECK_BFD_UP,
	} state;
	char text[CHECK_DETAIL_MAX]; /* for people */
};

/*
 * What checks need from outside, given at construction: the root helper runs
 * commands. `run` returns a token > 0 or -errno; `done` comes later exactly
 * once unless killed. `kill` ends the whole process group, without `done`.
 * The helper kills the group by itself at `deadline`.
 */
struct check_services {
	void *helper; /* borrowed */
	int (*run)(void *helper, const struct conf_exec *exec,
		   struct dur deadline, helper_exec_done *done, void *arg);
	void (*kill)(void *helper, int token);
	void *bfd_arg; /* borrowed */
	/* Fills *out. NULL: there are no sessions. */
	void (*bfd)(void *bfd_arg, const struct conf_bfd_check *conf,
		    struct check_bfd *out);
};

/*
 * Finds a kind's descriptor. What needs no library is linked in; http and dns
 * are modules loaded on first use (what nobody configured is not loaded). NULL
 * with a message for people in *why when a module is missing.
 */
const struct check_kind *check_kind_find(enum conf_check_kind kind,
					 const char **why);

/* ---- the scheduler ---- */

struct checker;

/* Called for every result, on the loop, never from inside checker_add(). */
typedef void check_report(void *arg, size_t id, const struct check_result *r);

struct checker *checker_new(uv_loop_t *loop, struct log *log,
			    const struct check_services *services,
			    check_report *report, void *arg);
/*
 * Adds a check under the caller's id (avail's). `conf` is borrowed until
 * checker_renumber() or checker_remove(). First run: at once, spread over one
 * interval when more than 100 checks are new. 0 or -errno (logged).
 */
int checker_add(struct checker *c, size_t id, const struct conf_check *conf)
    __attribute__((warn_unused_result));
/*
 * After a reload: running checks go on under new ids and with the new
 * configuration tree. All moves happen at once, because old and new ids
 * overlap; what is in no move must have been removed before. A move of a check
 * that could not be added is passed over. `moves` is borrowed during the call.
 */
struct checker_move {
	size_t from, to;
	const struct conf_check *conf; /* borrowed, as in checker_add() */
};
void checker_renumber(struct checker *c, const struct checker_move *moves,
		      size_t n);
bool checker_has(const struct checker *c, size_t id);
void checker_remove(struct checker *c, size_t id);
/* fast_interval applies while `changing`. */
void checker_set_changing(struct checker *c, size_t id, bool changing);
/*
 * Reports to a push check, which samples it soon; reports that come faster
 * than it samples are merged, the last one counts. `message` may be NULL and is
 * foreign. False when there is no push check of that id.
 */
bool push_report(struct checker *c, size_t id, enum check_verdict verdict,
		 const char *message);
/* Run now (an event, an operator): behind the run that goes on, if any. */
void checker_kick(struct checker *c, size_t id);
/*
 * Ends all; the loop must turn until the callback, then the memory is gone.
 * Until then, and for NULL, there is nothing to read.
 */
void checker_close(struct checker *c, void (*closed)(void *arg), void *arg);

struct checker_stats {
	uint64_t runs;           /* results reported */
	uint64_t skipped;        /* due while the last run still went on */
	uint64_t missed;         /* due while the loop stood still */
	uint64_t reports;        /* to push checks */
	uint64_t merged;         /* of these: a later one came first */
	size_t checks, running;  /* now */
	struct dur lateness_max; /* since the last read */
	double lateness_p99;     /* seconds, over the last 4096 runs */
};
void checker_stats(struct checker *c, struct checker_stats *out);
/* The last result of a check, for `show`; false before the first. */
bool checker_last(const struct checker *c, size_t id, struct check_result *out);

#endif
