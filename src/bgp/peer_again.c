/* SPDX-License-Identifier: ISC */
/* Everything once more, both ways, because somebody asks for it. */
#include "bgp/session.h"
#include "bgp/speaker.h"

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

	if (!peer->up)
		return false;
	for (unsigned bit = 1; bit <= BGP_FAMILY_FLOW6; bit <<= 1)
		if (wanted & peer->facts.families & bit) {
			session_request_refresh(peer->up, bit);
			asked = true;
		}
	return asked;
}
