/* SPDX-License-Identifier: ISC */
/*
 * A stream of octets from a peer, cut into messages and decoded as a session
 * would. How many octets have come must not change what is found.
 */
#include <assert.h>

#include "wire/bgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* What was found in the first k octets must agree with what came before. */
static int
frame_prefix(const uint8_t *octets, size_t k, size_t max, int before)
{
	struct bgp_verdict v = {0};
	uint8_t type = 0;
	int found = bgp_frame(octets, k, max, &type, &v);

	assert(before == 0 || found == before);
	if (found > 0)
		assert((size_t)found <= k && (size_t)found <= max && type > 0);
	if (found < 0)
		assert(v.action == BGP_RESET_SESSION && v.why &&
		       v.code == BGP_ERR_HEADER && v.data_len <= 2);
	return found;
}

/* First "more", then the message or the fault, for good. */
static int
frame_growing(const uint8_t *octets, size_t n, size_t max)
{
	/* Where something can change: the marker, the header, the end. */
	const size_t steps[] = {0,
				1,
				15,
				BGP_HEADER_LEN - 1,
				BGP_HEADER_LEN,
				n > BGP_HEADER_LEN ? n - 1 : n,
				n};
	int found = 0;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i] <= n)
			found = frame_prefix(octets, steps[i], max, found);
	return found;
}

static void
decode(const uint8_t *message, size_t n, uint8_t type)
{
	static const struct bgp_session_facts facts = {
	    .as4 = true,
	    .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6 | BGP_FAMILY_FLOW4 |
			BGP_FAMILY_FLOW6,
	    .extended_next_hop = BGP_FAMILY_IPV4};
	struct bgp_notification notification;
	struct bgp_refresh refresh;
	struct bgp_update update;
	struct bgp_open open;

	assert(type >= BGP_OPEN && type <= BGP_ROUTE_REFRESH);
	if (type == BGP_OPEN)
		bgp_decode_open(message, n, &open);
	else if (type == BGP_UPDATE)
		bgp_decode_update(message, n, &facts, &update);
	else if (type == BGP_NOTIFICATION)
		bgp_decode_notification(message, n, &notification);
	else if (type == BGP_ROUTE_REFRESH)
		bgp_decode_refresh(message, n, &refresh);
	else
		assert(n == BGP_HEADER_LEN);
}

/* The stream as it may come before and after both said "extended". */
int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	int plain = frame_growing(octets, n, BGP_MESSAGE_MAX);

	while (n > 0) {
		struct bgp_verdict v;
		uint8_t type = 0;
		int len = bgp_frame(octets, n, BGP_EXTENDED_MAX, &type, &v);

		assert(plain <= 0 || plain == len);
		if (len <= 0)
			break;
		plain = 0;
		decode(octets, (size_t)len, type);
		octets += len;
		n -= (size_t)len;
	}
	return 0;
}
