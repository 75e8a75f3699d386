/* SPDX-License-Identifier: ISC */
/* Octets of a ping socket: ours only when they are the whole reply. */
#include <assert.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "check/icmp_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct icmp_message m = {
	    .family = n % 2 ? AF_INET6 : AF_INET,
	    .id = 0x3132,
	    .sequence = 0x3334,
	    .nonce = "0123456789abcde",
	    .size = n < ICMP_MESSAGE_HEADER + ICMP_MESSAGE_NONCE
			? ICMP_MESSAGE_NONCE
			: n - ICMP_MESSAGE_HEADER,
	};
	uint8_t request[9000];

	if (!icmp_message_is_reply(&m, octets, n))
		return 0;
	assert(icmp_message_request(&m, request, sizeof(request)) == n);
	assert(memcmp(request + 4, octets + 4, n - 4) == 0);
	return 0;
}
