/* SPDX-License-Identifier: ISC */
/* The body of a ROUTE-REFRESH: what is said again is the same, unfiltered. */
#include <assert.h>

#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct fuzz_message room;
	uint8_t buf[BGP_HEADER_LEN + 4];
	struct bgp_refresh r;
	struct bgp_verdict v;
	const uint8_t *m;
	size_t len;

	if (n > FUZZ_BODY_MAX)
		return 0;
	m = fuzz_message(&room, octets, n);
	v = bgp_decode_refresh(m, BGP_HEADER_LEN + n, &r);
	assert((v.why == NULL) == (v.action == BGP_ACCEPT));
	if (v.action != BGP_ACCEPT) {
		assert(v.action == BGP_RESET_SESSION && v.code != 0);
		return 0;
	}
	len = bgp_encode_refresh(&r, buf, sizeof(buf));
	assert(len == sizeof(buf));
	assert(memcmp(buf + BGP_HEADER_LEN, octets, 4) == 0);
	return 0;
}
