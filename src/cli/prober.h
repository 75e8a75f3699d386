/* SPDX-License-Identifier: ISC */
/*
 * A client for drills: one request each interval, without waiting for the
 * last, and what became of each. TCP: the connection is accepted. UDP: any
 * answer.
 */
#ifndef BASIN_CLI_PROBER_H
#define BASIN_CLI_PROBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/time.h"

struct prober_settings {
	struct ip target, source; /* source: none, the kernel chooses */
	bool udp;
	uint16_t port;
	struct dur interval, timeout;
	const char *payload; /* UDP; borrowed */
	size_t payload_len;
};

/* "tcp/8053" or "udp/53". */
bool prober_parse(const char *text, struct prober_settings *out);
/* What is sent by UDP when nothing else is said: to port 53 a DNS query. */
void prober_payload(struct prober_settings *s);

#define PROBER_RESULTS(X)                                                      \
	X(WAITING, "waiting")                                                  \
	X(ANSWERED, "answered")                                                \
	X(REFUSED, "refused")                                                  \
	X(UNREACHABLE, "unreachable")                                          \
	X(SILENT, "silent") /* no answer within the timeout */

enum prober_result {
#define X(n, t) PROBER_##n,
	PROBER_RESULTS(X)
#undef X
	    PROBER_RESULT_COUNT
};
const char *prober_result_text(enum prober_result r);

struct prober_request {
	struct mono sent;
	enum prober_result result;
	struct dur latency; /* of ANSWERED */
};

struct prober;
struct prober *prober_new(const struct prober_settings *s);
void prober_free(struct prober *p);
/* Sends what is due and takes answers, until `until`. */
void prober_run(struct prober *p, struct mono until);
/* Sends nothing more and waits for the last answers. */
void prober_finish(struct prober *p);

struct prober_summary {
	size_t sent, lost;
	size_t results[PROBER_RESULT_COUNT];
	/* From the first lost in a row to the next answered; the longest. */
	struct dur longest;
	struct mono first_lost, last_lost; /* MONO_NEVER: none */
	struct dur latency;                /* median of the answered */
};
/* Pure: over `n` requests in the order they were sent. */
void prober_sum(const struct prober_request *v, size_t n, struct mono end,
		struct prober_summary *out);
void prober_summary(const struct prober *p, struct prober_summary *out);

#endif
