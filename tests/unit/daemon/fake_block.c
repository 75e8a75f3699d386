/* SPDX-License-Identifier: ISC */
/* The rest of the daemon as the block commands see it: nothing is kept. */
#include "daemon/block.h"

bool
bgp_peer_announced_nlri(const struct bgp_peer *peer,
			const struct bgp_nlri *nlri, struct bgp_out_view *out)
{
	return false;
}

const char *
bgp_peer_withheld_nlri(const struct bgp_peer *peer, const struct bgp_nlri *nlri)
{
	return "the session is not established";
}

size_t
bgp_preview(const struct bgp_peer *peer, const struct bgp_origination *o,
	    uint8_t *buf, size_t size, const char **why)
{
	*why = "the session is not established";
	return 0;
}

struct bgp_origination
block_origination(const struct basin *b, const struct block_route *route)
{
	return (struct bgp_origination){.source = BLOCK_SOURCE};
}

void
block_add(struct basin *b, const struct drains_block *block,
	  basin_ordered *done, void *arg)
{
	struct drains_block added = *block;

	added.expires = mono_add(mono_now(), block->duration);
	drains_put_block(b->drains, &added);
	done(arg, 0, NULL);
}

void
block_remove(struct basin *b, const char *what, const char *who,
	     basin_ordered *done, void *arg)
{
	int error = drains_remove_block(b->drains, what);

	done(arg, error, error ? "it is not blocked" : NULL);
}
