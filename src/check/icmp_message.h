/* SPDX-License-Identifier: ISC */
/*
 * Echo request and echo reply (RFC 792, RFC 4443 section 4) as ping sockets
 * carry them: from the ICMP header on, checksum left to the kernel. Pure.
 */
#ifndef BASIN_CHECK_ICMP_MESSAGE_H
#define BASIN_CHECK_ICMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ICMP_MESSAGE_HEADER 8
#define ICMP_MESSAGE_NONCE  16

/* What makes a request and its reply belong together. */
struct icmp_message {
	int family;
	uint16_t id, sequence;
	uint8_t nonce[ICMP_MESSAGE_NONCE]; /* begins the payload */
	size_t size;                       /* of the payload, from 16 */
};

/* Writes the request; its length, 0 when it does not fit. */
size_t icmp_message_request(const struct icmp_message *m, uint8_t *octets,
			    size_t room);
/* True when the octets are exactly the reply to that request. */
bool icmp_message_is_reply(const struct icmp_message *m, const uint8_t *octets,
			   size_t n);

#endif
