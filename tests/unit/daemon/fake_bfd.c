/* SPDX-License-Identifier: ISC */
/* One BFD session, of a peer, that is up. */
#include "daemon/detect.h"
#include "daemon/gate.h"

struct bfd *
detect_bfd(const struct basin *b)
{
	return NULL;
}

size_t
bfd_sessions(const struct bfd *b)
{
	return 1;
}

size_t
bfd_find(const struct bfd *b, const char *name)
{
	return 0;
}

void
bfd_view(const struct bfd *b, size_t id, struct bfd_view *out)
{
	*out = (struct bfd_view){.name = "transit-a",
				 .address = ip_from_v4(0xc6336441),
				 .status = BFD_STATUS_UP,
				 .state = BFD_STATE_UP,
				 .remote_state = BFD_STATE_UP,
				 .reason = "both sides hear each other",
				 .interval = dur_ms(10),
				 .detection = dur_ms(30),
				 .multiplier = 3,
				 .last_rx = mono_now(),
				 .packets_in = 7,
				 .packets_out = 8};
}

const char *
bfd_status_text(enum bfd_status s)
{
	return "up";
}

void
bfd_facts(const struct bfd *b, struct bfd_facts *out)
{
	*out = (struct bfd_facts){.running = true,
				  .realtime = true,
				  .n_discards = 1,
				  .discards = {{"ttl", 3}}};
}

bool
gate_text(const struct basin *b, struct text *out)
{
	return false;
}

struct mono
gate_limit(const struct basin *b)
{
	return MONO_NEVER;
}

const char *
bgp_bfd_text(enum bgp_bfd state)
{
	return "up";
}
