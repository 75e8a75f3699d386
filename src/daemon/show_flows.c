/* SPDX-License-Identifier: ISC */
/* show flows: flow specifications that neighbours sent, or were sent. */
#include <stdlib.h>
#include <string.h>

#include "daemon/show.h"

struct walk {
	struct show show;
	struct show_page page;
	const struct bgp_peer *peer;
};

static json_t *
show_flow(const struct walk *w, const struct bgp_flow *flow,
	  const struct bgp_attributes *a, struct mono since)
{
	json_t *object = show_attributes(a);
	struct text text = {0};

	show_string(object, "peer", bgp_peer_name(w->peer));
	bgp_print_flow(flow, &text);
	show_string(object, "flow", text_str(&text));
	text_clear(&text);
	bgp_print_flow_actions(a, &text);
	show_string(object, "actions", text_str(&text));
	text_free(&text);
	show_mono(&w->show, object, "since", since);
	return object;
}

static void
on_out(void *arg, const struct bgp_flow *flow, const struct bgp_attributes *a,
       struct mono since)
{
	struct walk *w = arg;

	if (show_page_wants(&w->page))
		json_array_append_new(w->page.list,
				      show_flow(w, flow, a, since));
}

static void
on_in(void *arg, const struct bgp_flow_view *v)
{
	struct walk *w = arg;
	json_t *object;

	if (!show_page_wants(&w->page))
		return;
	object = show_flow(w, v->flow, v->attributes, v->since);
	show_bool(object, "feasible", v->feasible);
	show_string(object, "verdict", v->verdict);
	show_string(object, "why_not", v->feasible ? NULL : v->why);
	show_bool(object, "applied", false);
	json_array_append_new(w->page.list, object);
}

static bool
is_direction(const char *direction, struct ctl_reply *reply)
{
	if (!direction || strcmp(direction, "in") == 0 ||
	    strcmp(direction, "out") == 0)
		return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message, "direction is \"in\" or \"out\"");
	return false;
}

void
show_flows_run(void *root, const struct ctl_caller *caller,
	       const json_t *arguments, struct ctl_reply *reply)
{
	const char *direction = show_argument(arguments, "direction");
	const char *name = show_argument(arguments, "peer");
	bool out = direction && strcmp(direction, "out") == 0, found = false;
	struct walk w = {.show = show_begin(root)};
	const struct basin *b = w.show.b;

	if (!is_direction(direction, reply))
		return;
	w.page = show_page_begin(arguments);
	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		w.peer = bgp_peer_at(b->bgp, i);
		if (name && strcmp(bgp_peer_name(w.peer), name) != 0)
			continue;
		found = true;
		if (out)
			bgp_peer_each_flow_out(w.peer, on_out, &w);
		else
			bgp_peer_each_flow_in(w.peer, on_in, &w);
	}
	if (name && !found) {
		const char **names = show_peer_names(b);

		show_not_found(reply, "peer", name, names);
		free(names);
	}
	reply->result = show_page_end(&w.page, "flows");
	show_string(reply->result, "direction", out ? "out" : "in");
}
