/* SPDX-License-Identifier: ISC */
/* Everything once more, both ways, because somebody asks for it. */
#include "bgp/session.h"
#include "bgp/speaker.h"

static const struct {
	unsigned bit;
	uint8_t family;
} families[] = {{BGP_FAMILY_IPV4, AF_INET}, {BGP_FAMILY_IPV6, AF_INET6}};

bool
bgp_peer_resend(struct bgp_peer *peer)
{
	if (!peer->up)
		return false;
	for (unsigned bit = 1; bit <= BGP_FAMILY_FLOW6; bit <<= 1)
		if (peer->facts.families & bit)
			rib_out_resend(peer->out, bit);
	speaker_kick(peer->bgp);
	return true;
}

bool
bgp_peer_ask_again(struct bgp_peer *peer, unsigned wanted)
{
	bool asked = false;

	for (size_t i = 0; peer->up && i < 2; i++)
		if (wanted & peer->facts.families & families[i].bit) {
			session_request_refresh(peer->up, families[i].family);
			asked = true;
		}
	return asked;
}
