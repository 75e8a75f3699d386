/* SPDX-License-Identifier: ISC */
/*
 * What goes over the pair between the main process and the root helper. One
 * packet is one request or one answer. The helper trusts nothing: decoding a
 * request checks every field, so that a verb never sees a value it would have
 * to doubt.
 */
#ifndef BASIN_SYS_HELPER_WIRE_H
#define BASIN_SYS_HELPER_WIRE_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "sys/sys.h"

#define HELPER_VERBS(X)                                                        \
	X(LISTEN, "listen")                                                    \
	X(ADDRESS_ADD, "address add")                                          \
	X(ADDRESS_DEL, "address del")                                          \
	X(ANYCAST_JOIN, "anycast join")                                        \
	X(ANYCAST_LEAVE, "anycast leave")                                      \
	X(ROUTE_ADD, "route add")                                              \
	X(ROUTE_DEL, "route del")                                              \
	X(EXEC, "exec")                                                        \
	X(EXEC_KILL, "exec kill")                                              \
	X(COUNTERS_SET, "counters set")                                        \
	X(COUNTERS_READ, "counters read")                                      \
	X(DROP, "drop")                                                        \
	X(SERVE_TCP, "serve tcp")                                              \
	X(ADVERTISE, "advertise")                                              \
	X(SERVE_UDP, "serve udp")                                              \
	X(UPGRADE, "upgrade")                                                  \
	X(UPGRADE_HAND, "upgrade hand")                                        \
	X(UPGRADE_END, "upgrade end")                                          \
	X(RELEASE, "release")                                                  \
	X(REALTIME, "realtime")                                                \
	X(RUN, "run")

enum helper_verb {
#define X(n, t) HELPER_##n,
	HELPER_VERBS(X)
#undef X
	    HELPER_VERB_COUNT
};

#define HELPER_USER_MAX      33   /* useradd(8): 32 octets and NUL */
#define HELPER_ARGC_MAX      64   /* words of one command */
#define HELPER_ARGS_MAX      4096 /* octets of all words, each with its NUL */
#define HELPER_OUTPUT_MAX    4096 /* kept of a command's output */
#define HELPER_DEADLINE_MAX  3600 /* seconds */
#define HELPER_ADDRESSES_MAX 128  /* in one request */
#define HELPER_COUNTED_MAX   4096 /* addresses that are counted */
#define HELPER_COUNTERS_MAX  120  /* counters in one answer */
#define HELPER_DROP_MAX      3600 /* seconds */
#define HELPER_REQUEST_MAX   (HELPER_ARGS_MAX + 128)
#define HELPER_ANSWER_MAX    (HELPER_OUTPUT_MAX + 32)

struct helper_request {
	enum helper_verb verb;
	uint32_t token;
	struct ip ip;                /* listen, address, serve */
	uint16_t port;               /* listen, serve */
	char interface[IF_NAMESIZE]; /* address */
	struct sys_route route;      /* its further hops are these */
	struct sys_hop hops[SYS_HOPS_MAX - 1];
	char user[HELPER_USER_MAX]; /* exec; "": the helper's default */
	uint32_t deadline_ms;       /* exec */
	unsigned argc;              /* exec, upgrade */
	const char *args;           /* argc words, borrowed from the packet */
	size_t args_len;
	/* counters set: this part of `total` begins at `from`; read: at from */
	uint16_t from, total;
	uint32_t limit_ms; /* drop */
	uint32_t thread;   /* realtime; its number in the kernel */
	uint16_t n_addresses;
	struct ip addresses[HELPER_ADDRESSES_MAX]; /* counters set, drop */
};

struct helper_answer {
	uint32_t token;
	int error; /* 0 or -errno */
	int wait_status;
	bool deadline;
	const char *output; /* borrowed from the packet */
	size_t output_len;
};

/* Octets written, or -EMSGSIZE. */
int helper_wire_put_request(const struct helper_request *q, void *buf,
			    size_t size) __attribute__((warn_unused_result));
/* 0, or -EBADMSG (no request), -EINVAL (a value that is never allowed). */
int helper_wire_get_request(const void *octets, size_t n,
			    struct helper_request *out)
    __attribute__((warn_unused_result));

int helper_wire_put_answer(const struct helper_answer *a, void *buf,
			   size_t size) __attribute__((warn_unused_result));
int helper_wire_get_answer(const void *octets, size_t n,
			   struct helper_answer *out)
    __attribute__((warn_unused_result));

/* The output of an answer to "counters read": n of all `total`. */
struct helper_counters {
	uint16_t total, n;
	struct sys_counter v[HELPER_COUNTERS_MAX];
};
/* Octets written, or -EMSGSIZE. */
int helper_wire_put_counters(const struct helper_counters *c, void *buf,
			     size_t size) __attribute__((warn_unused_result));
int helper_wire_get_counters(const void *octets, size_t n,
			     struct helper_counters *out)
    __attribute__((warn_unused_result));

#endif
