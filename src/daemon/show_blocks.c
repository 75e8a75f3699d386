/* SPDX-License-Identifier: ISC */
/* show blocks, and the dry run of block. */
#include <string.h>

#include "daemon/block.h"
#include "daemon/show.h"

static bool
is_told(const struct basin *b, const struct bgp_peer *peer)
{
	const struct conf_names *peers = &b->conf->block.peers;

	for (size_t i = 0; i < peers->n; i++)
		if (strcmp(peers->v[i], bgp_peer_name(peer)) == 0)
			return true;
	return false;
}

/* ---- what stands ---- */

static json_t *
show_at_peer(const struct show *s, const struct bgp_peer *peer,
	     const struct bgp_nlri *nlri)
{
	json_t *object = json_object();
	struct bgp_out_view view;
	bool announced = bgp_peer_announced_nlri(peer, nlri, &view);
	const char *why = bgp_peer_withheld_nlri(peer, nlri);

	show_string(object, "peer", bgp_peer_name(peer));
	show_bool(object, "announced", announced);
	show_string(object, "why_not", announced ? NULL : why);
	if (announced)
		show_mono(s, object, "since", view.since);
	return object;
}

json_t *
show_block(const struct show *s, const struct drains_block *block)
{
	json_t *object = json_object(), *peers = json_array();
	struct block_route route;
	struct text error = {0};
	int result = block_read(s->b, block->flow, block->what, block->actions,
				&route, &error);

	show_string(object, "what", block->what);
	show_bool(object, "flow", block->flow);
	show_string(object, "actions",
		    block->flow ? block->actions : "blackhole");
	show_string(object, "reason", block->reason[0] ? block->reason : NULL);
	show_string(object, "who", block->who);
	show_wall(object, "since", block->since);
	show_mono(s, object, "expires", block->expires);
	for (size_t i = 0; result == 0 && i < bgp_peers(s->b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(s->b->bgp, i);

		if (is_told(s->b, peer))
			json_array_append_new(
			    peers, show_at_peer(s, peer, &route.nlri));
	}
	json_object_set_new(object, "peers", peers);
	text_free(&error);
	return object;
}

void
show_blocks_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);

	for (size_t i = 0; i < drains_blocks(s.b->drains); i++) {
		const struct drains_block *block =
		    drains_block_at(s.b->drains, i);

		if (!mono_reached(block->expires, s.now) &&
		    show_page_wants(&page))
			json_array_append_new(page.list, show_block(&s, block));
	}
	reply->result = show_page_end(&page, "blocks");
	show_integer(reply->result, "limit", s.b->conf->block.limit);
	show_bool(reply->result, "configured", s.b->conf->block.enabled);
}

/* ---- what would stand ---- */

static json_t *
hex(const uint8_t *octets, size_t n)
{
	char text[2 * BGP_MESSAGE_MAX + 1];

	for (size_t i = 0; i < n; i++)
		snprintf(text + 2 * i, 3, "%02x", octets[i]);
	return json_stringn(text, 2 * n);
}

static json_t *
preview_at_peer(const struct bgp_peer *peer, const struct bgp_origination *o)
{
	uint8_t octets[BGP_MESSAGE_MAX];
	json_t *object = json_object();
	const char *why;
	size_t n = bgp_preview(peer, o, octets, sizeof(octets), &why);

	show_string(object, "peer", bgp_peer_name(peer));
	json_object_set_new(object, "update", n ? hex(octets, n) : json_null());
	show_string(object, "why_not", n ? NULL : why);
	return object;
}

json_t *
show_block_preview(const struct basin *b, const struct block_route *route,
		   struct dur duration)
{
	struct bgp_origination o = block_origination(b, route);
	json_t *object = json_object(), *peers = json_array();

	show_bool(object, "dry_run", true);
	show_string(object, "what", route->what);
	show_bool(object, "flow", route->nlri.flow != NULL);
	show_string(object, "actions",
		    route->nlri.flow ? route->actions : "blackhole");
	json_object_set_new(object, "for", json_real(dur_to_seconds(duration)));
	json_object_set_new(object, "attributes",
			    show_attributes(&route->attributes));
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(b->bgp, i);

		if (is_told(b, peer))
			json_array_append_new(peers, preview_at_peer(peer, &o));
	}
	json_object_set_new(object, "peers", peers);
	return object;
}
