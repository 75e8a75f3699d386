/* SPDX-License-Identifier: ISC */
/*
 * struct basin: the root. It owns every part and wires them one way:
 *
 *   checker ─► decide (avail) ─► out ─► bgp / kernel
 *                 ▲                        │ facts
 *   control ──────┘      events ◄──────────┘
 *
 * Ids are shared: check, service and prefix ids of avail are indexes into
 * `checks`, conf->services and conf->prefixes of the same generation.
 */
#ifndef BASIN_DAEMON_BASIN_H
#define BASIN_DAEMON_BASIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "avail/avail.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "bgp/bgp.h"
#include "check/check.h"
#include "conf/conf.h"
#include "ctl/ctl.h"
#include "daemon/events.h"
#include "daemon/stall.h"
#include "drains/drains.h"
#include "out/out.h"
#include "sys/sys.h"

#define BASIN_PHASES(X)                                                        \
	X(STARTING, "starting")                                                \
	X(RUNNING, "running")                                                  \
	X(STOPPING, "stopping")

enum basin_phase {
#define X(n, t) BASIN_##n,
	BASIN_PHASES(X)
#undef X
	    BASIN_PHASE_COUNT
};
const char *basin_phase_text(enum basin_phase phase);

/* A check id of avail: which configured check it is. */
struct basin_check {
	const struct conf_check *conf; /* borrowed from conf */
	size_t service;                /* index into conf->services */
	bool changing;                 /* as last told to the checker */
};

/* A difference that stands, for `status`. */
struct basin_alarm {
	char subject[EVENT_NAME_MAX];
	char message[EVENT_DETAIL_MAX];
	struct wall since;
};

#define BASIN_ALARMS_MAX 64

/* What the command line says; it stays for the whole life. */
struct basin_options {
	const char *config; /* path */
	const char *user;   /* unprivileged user, resolved */
	enum log_format log_format;
	enum log_level log_level;
	bool log_format_given, log_level_given;
	bool no_sandbox;   /* sanitizer and debugger runs only */
	int upgrade_fd;    /* to the process before this one; -1: none */
	char *const *argv; /* of main() */
};

struct counters;  /* daemon/counters.c */
struct identity;  /* identity/identity.h */
struct journal;   /* daemon/journal.c */
struct overload;  /* daemon/overload.c */
struct brakes;    /* daemon/brake.c */
struct keep;      /* daemon/keep.c */
struct leave;     /* daemon/leave.c */
struct quiet;     /* daemon/quiet.c */
struct origins;   /* daemon/origins.c */
struct processes; /* daemon/process.c */
struct watch;     /* daemon/watch.c */
struct drill;     /* daemon/drill.c */
struct detect;    /* daemon/detect.c */
struct gate;      /* daemon/gate.c */
struct confirm;   /* daemon/confirm.c */
struct upgrade;   /* daemon/upgrade.c */
struct taking;    /* daemon/upgrade_take.c */

/* Where this process has taken over from another one (daemon/upgrade.h). */
struct upgrade_facts {
	bool taken_over;
	bool settled;     /* routes that nobody originates any more are gone */
	pid_t pid;        /* of the one before */
	char version[64]; /* ... */
	size_t sessions;
	struct dur pause; /* in which nothing was read, sent or decided */
	struct mono at;
};

struct basin {
	struct basin_options options;
	enum basin_phase phase;
	struct wall started;
	struct mono started_mono;
	struct log log;
	uv_loop_t loop;
	bool has_loop; /* it is initialised */

	struct conf *conf;      /* owned; the generation in force */
	uint64_t generation;    /* counts from 1 */
	struct wall configured; /* when it came into force */
	bool reload_failed;     /* the last reload was refused */

	struct helper *helper; /* owned, as all below */
	struct avail *avail;
	struct identity *identity; /* NULL: not configured */
	struct mono identity_retry;
	struct journal *journal;
	struct journal_record *record; /* of journal; NULL: nothing is */
	struct watch *watch;
	struct counters *counters;
	struct overload *overload;
	struct brakes *brakes;
	struct origins *origins;
	struct processes *processes;
	struct drill *drill;
	struct detect *detect;
	struct gate *gate;
	struct checker *checker; /* NULL when stopping has closed it */
	struct check_services check_services; /* what checks need of us */
	struct basin_check *checks;           /* avail_checks() entries */
	struct bgp *bgp;
	struct out *out;
	struct ctl *ctl;
	struct events *events;
	struct drains *drains;   /* changed by `keep` only */
	struct keep *keep;       /* daemon/keep.c */
	struct quiet *quiet;     /* daemon/quiet.c */
	struct leave *leave;     /* daemon/leave.c */
	struct confirm *confirm; /* NULL: nothing is on probation */
	struct upgrade *upgrade; /* NULL: none is under way */
	struct taking *taking;   /* NULL: nothing is being taken over */
	struct upgrade_facts upgraded;
	struct stall stall;

	struct basin_alarm alarms[BASIN_ALARMS_MAX];
	size_t n_alarms;

	uv_timer_t decide_timer; /* next avail deadline */
	uv_idle_t decide_more;   /* a long change list goes on next turn */
	uv_timer_t second_timer; /* housekeeping */
	uv_timer_t watchdog_timer;
	uv_timer_t stop_timer; /* the bound of stopping */
	uv_signal_t signals[3];
	uint64_t cause; /* event id behind what is done right now */
	int exit_code;
};

/* ---- what operators can do (control handlers call these) ---- */

/*
 * How an order ended: 0, stored and in force, or -errno with a message for
 * people and nothing changed. On the loop, never inside the call.
 */
typedef void basin_ordered(void *arg, int error, const char *message);

/* A duration that may be left out. */
struct basin_choice {
	bool given;
	struct dur value;
};

/* What is left out is as it stands, or as the node's `drain` says. */
struct basin_drain {
	enum avail_target target;
	size_t id;          /* of the service or prefix */
	const char *reason; /* NULL: only with a drain that stands */
	const char *who;
	struct basin_choice duration; /* 0: until undrained */
	struct basin_choice limit;    /* 0: at once */
	struct basin_choice quiet;
};

/*
 * Drains a target: DRAINING until its traffic has left or the limit comes,
 * then withdrawn. Again on the same target changes what is given. -EINVAL
 * without a reason.
 */
void basin_drain(struct basin *b, const struct basin_drain *order,
		 basin_ordered *done, void *arg);
/*
 * Of the drain stored under this name, whether that is still configured or not.
 * -ENOENT when it was not drained, -EPERM when the node is offline.
 */
void basin_undrain(struct basin *b, enum avail_target target, const char *name,
		   const char *who, basin_ordered *done, void *arg);
/*
 * Out of service at once and for good: everything withdrawn, the sessions
 * closed, the service addresses removed, across restarts, until
 * basin_online() (-ENOENT when it was not offline). Offline is in force also
 * where it could not be stored, which is an error all the same.
 */
void basin_offline(struct basin *b, const char *reason, const char *who,
		   basin_ordered *done, void *arg);
void basin_online(struct basin *b, const char *reason, const char *who,
		  basin_ordered *done, void *arg);
/* Attack mode for so long (0: until off); off is -ENOENT when it was off. */
void basin_attack_on(struct basin *b, const char *reason, const char *who,
		     struct dur duration, basin_ordered *done, void *arg);
void basin_attack_off(struct basin *b, const char *who, basin_ordered *done,
		      void *arg);

/*
 * Loads the configuration file again and applies the differences. Nothing
 * changes on error. 0 with a summary in *message; -EINVAL with all errors;
 * -EPERM when too much would be removed and `allow_removal` is not given.
 */
int basin_reload(struct basin *b, bool allow_removal, struct text *message)
    __attribute__((warn_unused_result));

/* Withdraw, Cease, linger, remove addresses, exit; bounded. */
void basin_stop(struct basin *b, const char *why, int exit_code);

/* ---- inside the daemon ---- */

/* Level and form of the log, unless the command line has said them. */
void basin_configure_log(struct basin *b, const struct conf *conf);
/* Takes avail's changes to out, events and the checker. */
void basin_decide(struct basin *b);
void basin_alarm(struct basin *b, const char *subject, const char *message,
		 bool on);
/*
 * Records an event caused by b->cause. Returns its id, 0 when it was only
 * counted (a burst).
 */
uint64_t basin_event(struct basin *b, enum event_kind kind,
		     enum log_level level, const char *name, const char *from,
		     const char *to, const char *reason, const char *fmt, ...)
    __attribute__((format(printf, 8, 9)));

#endif
