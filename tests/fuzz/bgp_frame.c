/* SPDX-License-Identifier: ISC */
/*
 * A stream of octets from a peer, cut into messages and decoded as a session
 * would. How many octets have come must not change what is found.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* Octet by octet: first "more", then the message or the fault, for good. */
static int
frame_growing(const uint8_t *octets, size_t n, uint8_t *type)
{
	int found = 0, got;

	for (size_t k = 0; k <= n && k <= BGP_MESSAGE_MAX + 1; k++) {
		struct bgp_verdict v = {0};
		uint8_t *exact = malloc(k ? k : 1);

		assert(exact);
		if (k > 0)
			memcpy(exact, octets, k);
		got = bgp_frame(exact, k, BGP_MESSAGE_MAX, type, &v);
		free(exact);
		assert(found == 0 || got == found);
		if (got > 0)
			assert((size_t)got <= k && got <= BGP_MESSAGE_MAX);
		if (got < 0)
			assert(v.action == BGP_RESET_SESSION && v.why &&
			       v.code == BGP_ERR_HEADER && v.data_len <= 2);
		found = got;
		if (found)
			break;
	}
	return found;
}

/* ROUTE-REFRESH: what is said again is the same, without filters. */
static void
refresh(const uint8_t *message, size_t n)
{
	uint8_t buf[BGP_HEADER_LEN + 4];
	struct bgp_refresh r;
	struct bgp_verdict v = bgp_decode_refresh(message, n, &r);

	assert((v.why == NULL) == (v.action == BGP_ACCEPT));
	if (v.action != BGP_ACCEPT)
		return;
	assert(bgp_encode_refresh(&r, buf, sizeof(buf)) == sizeof(buf));
	assert(memcmp(buf + BGP_HEADER_LEN, message + BGP_HEADER_LEN, 4) == 0);
}

static void
decode(const uint8_t *message, size_t n, uint8_t type)
{
	static const struct bgp_session_facts facts = {
	    .as4 = true, .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6};
	struct bgp_notification notification;
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
		refresh(message, n);
	else
		assert(n == BGP_HEADER_LEN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	while (n > 0) {
		struct bgp_verdict v;
		uint8_t type = 0, again = 0;
		int len = frame_growing(octets, n, &type);

		assert(bgp_frame(octets, n, BGP_MESSAGE_MAX, &again, &v) ==
		       len);
		if (len <= 0)
			break;
		assert(type == again);
		decode(octets, (size_t)len, type);
		octets += len;
		n -= (size_t)len;
	}
	return 0;
}
