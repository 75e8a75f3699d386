/* SPDX-License-Identifier: ISC */
/* A BFD control packet: what is accepted can be said again. */
#include <assert.h>
#include <string.h>

#include "wire/bfd.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check_accepted(const struct bfd_packet *p)
{
	assert(p->detect_mult > 0 && p->my_discriminator != 0);
	assert(p->state <= BFD_STATE_UP);
	assert(p->your_discriminator != 0 || p->state <= BFD_STATE_DOWN);
	assert(p->auth.type <= BFD_AUTH_METICULOUS_SHA1);
	assert((p->auth.len > 0) == (p->auth.type != BFD_AUTH_NONE));
	assert(p->auth.len <= sizeof(p->auth.value));
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	uint8_t buf[BFD_PACKET_MAX];
	struct bfd_packet p, again;
	enum bfd_fault fault = bfd_decode(octets, n, &p);
	size_t len;

	assert(bfd_fault_text(fault) && bfd_fault_label(fault));
	if (fault != BFD_FAULT_NONE)
		return 0;
	check_accepted(&p);
	len = bfd_encode(&p, buf, sizeof(buf));
	/* Octets behind the header are nothing without an A bit. */
	assert(len > 0 && len <= n && (len == octets[3] || !p.auth.type));
	fault = bfd_decode(buf, len, &again);
	assert(fault == BFD_FAULT_NONE);
	assert(memcmp(&p, &again, sizeof(p)) == 0);
	assert(bfd_encode(&p, buf, len - 1) == 0);
	assert(bfd_state_text(p.state) && bfd_diag_text(p.diag));
	return 0;
}
