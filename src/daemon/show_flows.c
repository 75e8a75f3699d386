/* SPDX-License-Identifier: ISC */
/* show flows: flow specifications that neighbours sent, or were sent. */
#include "daemon/show.h"

struct walk {
	struct show show;
	struct show_page page;
	const struct bgp_peer *peer;
	bool in;
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

static void
on_peer(void *arg, const struct bgp_peer *peer)
{
	struct walk *w = arg;

	w->peer = peer;
	if (w->in)
		bgp_peer_each_flow_in(peer, on_in, w);
	else
		bgp_peer_each_flow_out(peer, on_out, w);
}

void
show_flows_run(void *root, const struct ctl_caller *caller,
	       const json_t *arguments, struct ctl_reply *reply)
{
	struct walk w = {.show = show_begin(root), .in = true};

	if (!show_direction(arguments, &w.in, reply))
		return;
	w.page = show_page_begin(arguments);
	show_each_peer(w.show.b, show_argument(arguments, "peer"), on_peer, &w,
		       reply);
	reply->result = show_page_end(&w.page, "flows");
	show_string(reply->result, "direction", w.in ? "in" : "out");
}
