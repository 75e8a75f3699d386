/* SPDX-License-Identifier: ISC */
/* What comes to the DNS port of the identity responder. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "identity/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);
extern const struct identity_dns identity_dns;

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	uint8_t answer[1232];
	size_t len =
	    identity_dns.answer("nyc1", octets, n, answer, sizeof(answer));

	assert(len == 0 || len >= 12);
	assert(len <= sizeof(answer));
	if (len == 0)
		return 0;
	/* An answer to this query, and nothing that is answered again. */
	assert(!(octets[2] & 0x80) && (answer[2] & 0x80));
	assert(memcmp(octets, answer, 2) == 0);
	assert(identity_dns.answer("nyc1", answer, len, answer,
				   sizeof(answer)) == 0);
	return 0;
}
