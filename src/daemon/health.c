/* SPDX-License-Identifier: ISC */
/*
 * /health: what this node tells the routing system. 200 while every prefix
 * that nobody drained is announced to at least one peer, else 503. One that
 * is announced as degraded is announced.
 */
#include <stdlib.h>

#include "daemon/show.h"

#define LISTED_MAX 200 /* prefixes in the body; the faulty ones come first */

struct health {
	const struct show *show;
	json_t *prefixes;
	size_t announced, missing, drained, degraded;
};

static void
add_prefix(struct health *h, size_t id, const struct avail_prefix_view *view,
	   size_t announced)
{
	const struct prefix *p = &h->show->b->conf->prefixes[id].prefix;
	char text[PREFIX_TEXT_MAX];
	json_t *object = json_object();

	show_string(object, "prefix", prefix_format(p, text, sizeof(text)));
	show_string(object, "state", avail_prefix_state_text(view->state));
	show_string(object, "rung", avail_rung_text(view->rung));
	show_string(object, "reason", avail_reason_text(view->reason));
	show_bool(object, "announced", announced > 0);
	show_integer(object, "peers_announced", announced);
	json_array_append_new(h->prefixes, object);
}

static size_t
announced_to(const struct basin *b, size_t id)
{
	struct bgp_out_view out;
	size_t n = 0;

	for (size_t i = 0; i < bgp_peers(b->bgp); i++)
		n += bgp_peer_announced(bgp_peer_at(b->bgp, i),
					&b->conf->prefixes[id].prefix, &out);
	return n;
}

/* Counts all; lists the faulty ones in the first pass, others in the second. */
static void
walk(struct health *h, bool faulty)
{
	const struct basin *b = h->show->b;

	for (size_t id = 0; id < b->conf->n_prefixes; id++) {
		struct avail_prefix_view view;
		size_t announced;
		bool drained, bad;

		if (!faulty && json_array_size(h->prefixes) >= LISTED_MAX)
			return;
		avail_view_prefix(b->avail, id, &view);
		announced = announced_to(b, id);
		drained = view.state == AVAIL_PREFIX_DRAINED ||
			  view.state == AVAIL_PREFIX_DRAINING;
		bad = !drained && announced == 0;
		if (faulty) {
			h->announced += announced > 0;
			h->missing += bad;
			h->drained += drained;
			h->degraded += view.rung == AVAIL_RUNG_DEGRADED;
		}
		if (bad == faulty && json_array_size(h->prefixes) < LISTED_MAX)
			add_prefix(h, id, &view, announced);
	}
}

unsigned
health_render(void *root, struct text *body)
{
	struct show s = show_begin(root);
	struct health h = {.show = &s, .prefixes = json_array()};
	json_t *object = json_object();
	char *octets;

	walk(&h, true);
	walk(&h, false);
	show_string(object, "status", h.missing == 0 ? "ok" : "failing");
	show_string(object, "node", s.b->conf->node.name);
	show_bool(object, "drained", avail_node_drained(s.b->avail, NULL));
	show_integer(object, "prefixes_announced", h.announced);
	show_integer(object, "prefixes_missing", h.missing);
	show_integer(object, "prefixes_drained", h.drained);
	show_integer(object, "prefixes_degraded", h.degraded);
	json_object_set_new(object, "prefixes", h.prefixes);
	octets = json_dumps(object, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	text_add(body, octets ? octets : "{}");
	text_add(body, "\n");
	free(octets);
	json_decref(object);
	return h.missing == 0 ? 200 : 503;
}
