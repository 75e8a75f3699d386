/* SPDX-License-Identifier: ISC */
/* The body of an OPEN: any octets; what is accepted can be said again. */
#include <assert.h>

#include "message.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check_accepted(const struct bgp_open *open)
{
	assert(open->version == BGP_VERSION);
	assert(open->asn != 0 && open->my_as != 0 && open->router_id != 0);
	assert(open->hold_time != 1 && open->hold_time != 2);
	assert(open->n_capabilities <= BGP_CAPABILITIES_MAX);
	assert(open->restart_time < 4096);
	assert((open->gr_forwarding & ~open->gr_families) == 0);
	assert(!open->more && open->more_len == 0);
	assert(open->as4 || open->asn == open->my_as);
}

static struct bgp_open
said_again(const struct bgp_open *open)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	size_t n = bgp_encode_open(open, buf, sizeof(buf));
	struct bgp_verdict v;
	struct bgp_open again;
	uint8_t type;

	assert(n > 0);
	assert(bgp_frame(buf, n, BGP_MESSAGE_MAX, &type, &v) == (int)n &&
	       type == BGP_OPEN);
	v = bgp_decode_open(buf, n, &again);
	assert(v.action == BGP_ACCEPT);
	return again;
}

static void
check_again(const struct bgp_open *open)
{
	struct bgp_open second = said_again(open);
	struct bgp_open third = said_again(&second);

	assert(second.asn == open->asn);
	assert(second.hold_time == open->hold_time);
	assert(second.router_id == open->router_id);
	assert(second.as4 == open->as4);
	assert(second.graceful_restart == open->graceful_restart);
	assert(second.restart_time == open->restart_time);
	assert(second.gr_restarted == open->gr_restarted);
	assert(second.gr_notification == open->gr_notification);
	assert(second.gr_families == open->gr_families);
	assert(second.gr_forwarding == open->gr_forwarding);
	assert(second.extended_next_hop == open->extended_next_hop);
	assert(second.has_role == open->has_role);
	assert(second.role == open->role);
	/* Families nobody knows are not said again. */
	assert(second.families == open->families || open->families == 0);
	assert(memcmp(&second, &third, sizeof(second)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct fuzz_message room;
	struct bgp_verdict v;
	struct bgp_open open;

	if (n > FUZZ_BODY_MAX)
		return 0;
	v = bgp_decode_open(fuzz_message(&room, octets, n), BGP_HEADER_LEN + n,
			    &open);
	assert((v.why == NULL) == (v.action == BGP_ACCEPT));
	if (v.action == BGP_ACCEPT) {
		check_accepted(&open);
		check_again(&open);
	} else {
		assert(v.action == BGP_RESET_SESSION && v.code != 0);
	}
	return 0;
}
