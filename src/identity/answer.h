/* SPDX-License-Identifier: ISC */
/* What is answered, as octets. Pure. */
#ifndef BASIN_IDENTITY_ANSWER_H
#define BASIN_IDENTITY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* Fits the answer to every protocol. */
#define ANSWER_MAX 1232

/*
 * The line with the name to a datagram of `n` octets from `source`; 0: no
 * answer. Never more octets than came in, and never to a port where another
 * service would answer the answer: privileged ones and our own (RFC 862
 * responders that are pointed at each other never stop).
 */
size_t answer_udp(const char *name, size_t n, uint16_t source, uint16_t own,
		  char buf[static ANSWER_MAX]);
size_t answer_line(const char *name, char buf[static ANSWER_MAX]);
/* To an HTTP request's head, as far as it has come; 0: more is needed. */
size_t answer_http(const char *name, const char *request, size_t n,
		   char buf[static ANSWER_MAX]);

/* Answers a second; what nobody takes is saved up to one second's. */
struct bucket {
	struct mono at;
	uint32_t left;
	bool started;
};
bool bucket_take(struct bucket *b, uint32_t rate, struct mono now);

#endif
