/* SPDX-License-Identifier: ISC */
/* Sockets of checks: opening them, and whose fault an error is. */
#ifndef BASIN_CHECK_SOCK_H
#define BASIN_CHECK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "check/check.h"

/* "[2001:db8::53]:65535" and NUL. */
#define SOCK_TEXT_MAX (IP_TEXT_MAX + 8)

/*
 * Opens a non-blocking socket of `type` (SOCK_STREAM or SOCK_DGRAM) to
 * `port` of the check's target, from the check's source, and begins to
 * connect. Returns the descriptor, *connected says whether that is done
 * already (a local target mostly is). On failure ends the run with
 * check_done() and returns -1: the check must not be touched any more.
 */
int sock_connect(struct check *check, int type, uint16_t port, bool *connected)
    __attribute__((warn_unused_result));

/*
 * The same with a socket that is open already, now the callee's: closed on
 * failure.
 */
int sock_attach(struct check *check, int fd, uint16_t port, bool *connected);

/* Ends the run because of an errno seen on the way to the target. */
void sock_done(struct check *check, const char *doing, uint16_t port,
	       int error);

/* Binds to a source address, port left to connect(). 0 or errno. */
int sock_bind(int fd, const struct ip *source)
    __attribute__((warn_unused_result));
/* Ends the run because sock_bind() failed. */
void sock_source_done(struct check *check, int error);

/* The pending error of a socket whose connect() went on: 0 or errno. */
int sock_error(int fd);

/* Makes close() forget the connection at once: RST, and no TIME-WAIT. */
void sock_abort_on_close(int fd);

/* Port 0 is left out. */
const char *sock_text(const struct ip *ip, uint16_t port, char *buf);

/* The verdict and cause an errno stands for. */
void sock_judge(int error, enum check_verdict *verdict,
		enum check_cause *cause);
/* An errno in words within a sentence: "connection refused". */
const char *sock_error_text(int error, char *buf, size_t size);

#endif
