/* SPDX-License-Identifier: ISC */
/*
 * basin doctor: what is wrong around the daemon, and the cure. One row of
 * doctor_checks and one function each. They run in this process and see what
 * its user may see.
 */
#ifndef BASIN_CLI_DOCTOR_H
#define BASIN_CLI_DOCTOR_H

#include <jansson.h>

#include "cli/command.h"
#include "conf/conf.h"

#define DOCTOR_VERDICTS(X)                                                     \
	X(OK, "ok")                                                            \
	X(WARNING, "warning")                                                  \
	X(PROBLEM, "problem")                                                  \
	X(SKIPPED, "skipped")

enum doctor_verdict {
#define X(n, t) DOCTOR_##n,
	DOCTOR_VERDICTS(X)
#undef X
	    DOCTOR_VERDICT_COUNT
};
const char *doctor_verdict_text(enum doctor_verdict v);

struct doctor_finding {
	const struct doctor_check *check;
	enum doctor_verdict verdict;
	char *subject; /* owned: "dns 192.0.2.53 udp/53"; "" for the node */
	char *seen;    /* owned */
	char *cure;    /* owned; "" when nothing is to be done */
};

struct doctor {
	const struct conf *conf; /* borrowed */
	const json_t *status;    /* of the daemon; NULL: none answers */
	const json_t *services;  /* as `show services`, or NULL */
	const json_t *counters;  /* as `show counters`, or NULL */
	const char *proc;        /* "/proc"; tests have another */
	const struct doctor_check *check; /* the one that runs */
	struct doctor_finding *v;         /* owned */
	size_t n;
};

struct doctor_check {
	const char *name;  /* "reply-source" */
	const char *title; /* for people, a question */
	void (*run)(struct doctor *d);
};
extern const struct doctor_check doctor_checks[]; /* ends with name NULL */

/* Of the check that runs. `subject` and `cure` may be NULL. */
void doctor_find(struct doctor *d, enum doctor_verdict verdict,
		 const char *subject, const char *cure, const char *seen, ...)
    __attribute__((format(printf, 5, 6)));
void doctor_free(struct doctor *d);
/* Runs all checks. */
void doctor_examine(struct doctor *d);
/* Prints the findings; the exit code they mean. */
int doctor_tell(struct cli *cli, const struct doctor *d);

/* ---- what services are known to listen on ---- */

struct doctor_endpoint {
	const struct conf_service *service;
	struct ip ip; /* one of its addresses */
	bool udp;
	uint16_t port;
	const struct conf_check *check; /* NULL: only watched */
	char name[IP_TEXT_MAX + 96];    /* "dns 192.0.2.53 udp/53" */
};
/* At most so many are looked at. */
#define DOCTOR_ENDPOINTS_MAX 256
/* Owned by the caller. */
struct doctor_endpoint *doctor_endpoints(const struct conf *conf, size_t *n);

/* A socket of this network namespace that waits for clients. */
struct doctor_socket {
	bool udp;
	struct ip ip;
	uint16_t port;
};
/* From /proc/net. Owned by the caller. */
struct doctor_socket *doctor_sockets(const char *proc, size_t *n);

/* ---- the checks ---- */

void doctor_daemon(struct doctor *d);
void doctor_clock(struct doctor *d);
void doctor_ping(struct doctor *d);
void doctor_rp_filter(struct doctor *d);
void doctor_watch(struct doctor *d);
void doctor_counters(struct doctor *d);
void doctor_addresses(struct doctor *d);
void doctor_bound(struct doctor *d);
void doctor_wildcard(struct doctor *d);
void doctor_reply_source(struct doctor *d);

#endif
