/* SPDX-License-Identifier: ISC */
/* show mesh: the other nodes, and what each brake waits for. */
#include <string.h>

#include "daemon/brake.h"
#include "daemon/show.h"
#include "mesh/mesh.h"

/* Entries of one answer: brakes times nodes. A bound for one loop turn. */
#define ENTRIES_MAX 2000

static const char *const state_texts[] = {
    [MESH_UNKNOWN] = "unknown",     [MESH_ANNOUNCED] = "announced",
    [MESH_BRAKED] = "braked",       [MESH_DRAINED] = "drained",
    [MESH_WITHDRAWN] = "withdrawn",
};

/* ---- nodes ---- */

static void
show_rtt(json_t *object, struct dur rtt)
{
	json_object_set_new(object, "rtt_seconds",
			    rtt.ns ? json_real(dur_to_seconds(rtt))
				   : json_null());
}

static json_t *
node(const struct show *s, const struct mesh *mesh, size_t i)
{
	json_t *object = json_object();
	struct mesh_node_view v;

	mesh_node_view(mesh, i, &v);
	show_string(object, "node", v.name);
	show_ip(object, "address", &v.address);
	show_integer(object, "port", v.port);
	show_string(object, "state",
		    v.heard   ? "heard"
		    : v.known ? "silent"
			      : "unknown");
	show_mono(s, object, "last", v.last);
	show_rtt(object, v.rtt);
	show_integer(object, "messages", v.accepted);
	return object;
}

static json_t *
nodes(const struct show *s, const struct mesh *mesh)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mesh_nodes(mesh); i++)
		json_array_append_new(list, node(s, mesh, i));
	return list;
}

/* ---- brakes ---- */

static json_t *
said(const struct show *s, const struct mesh *mesh, size_t brake)
{
	json_t *list = json_array();

	for (size_t i = 0; i < mesh_nodes(mesh); i++) {
		json_t *object = json_object();
		struct mesh_node_view v;
		struct mesh_said m;

		mesh_node_view(mesh, i, &v);
		mesh_said(mesh, i, brake, &m);
		show_string(object, "node", v.name);
		show_string(object, "state", m.state);
		show_string(object, "why", m.text[0] ? m.text : NULL);
		show_mono(s, object, "said", m.at);
		json_array_append_new(list, object);
	}
	return list;
}

static void
show_limit(json_t *object, const char *key, unsigned value)
{
	json_object_set_new(object, key,
			    value ? json_integer(value) : json_null());
}

static void
show_wait(json_t *object, const struct mesh *mesh, size_t brake)
{
	struct text text = {0};

	mesh_brake_text(mesh, brake, true, &text);
	show_string(object, "wait", text_str(&text));
	text_free(&text);
}

json_t *
show_brake(const struct show *s, size_t brake)
{
	const struct mesh *mesh = brake_mesh(s->b);
	json_t *object = json_object();
	struct mesh_brake_view v;

	mesh_brake_view(mesh, brake, &v);
	show_string(object, "prefix", avail_prefix_key(s->b->avail, v.prefix));
	show_string(object, "state", state_texts[v.state]);
	show_bool(object, "asking", v.asking);
	if (v.asking)
		show_wait(object, mesh, brake);
	show_limit(object, "min_sites", v.min_sites);
	show_limit(object, "max_withdrawn", v.max_withdrawn);
	json_object_set_new(object, "window_seconds",
			    json_real(dur_to_seconds(v.window)));
	show_integer(object, "staying", v.staying);
	show_integer(object, "outside", v.outside);
	show_integer(object, "clean", v.clean);
	show_integer(object, "clean_needed", v.clean_needed);
	show_integer(object, "attempts", v.attempts);
	show_integer(object, "granted", v.granted);
	show_integer(object, "refused", v.refused);
	json_object_set_new(object, "nodes", said(s, mesh, brake));
	return object;
}

static json_t *
state_file(const struct mesh *mesh)
{
	struct mesh_stats stats;

	mesh_stats(mesh, &stats);
	if (!stats.has_state_file)
		return json_null();
	return json_string(stats.state_file_good ? "good" : "unknown");
}

void
show_mesh_run(void *root, const struct ctl_caller *caller,
	      const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const struct mesh *mesh = brake_mesh(s.b);
	const char *name = show_argument(arguments, "name");
	size_t only = name ? show_find_prefix(s.b, name) : SIZE_MAX;
	size_t most = ENTRIES_MAX / (mesh_nodes(mesh) + 1);

	if (page.limit > most)
		page.limit = most;
	for (size_t i = 0; i < mesh_brakes(mesh); i++) {
		struct mesh_brake_view v;

		mesh_brake_view(mesh, i, &v);
		if (name && v.prefix != only)
			continue;
		if (show_page_wants(&page))
			json_array_append_new(page.list, show_brake(&s, i));
	}
	if (name && page.total == 0)
		show_not_found(reply, "a brake for prefix", name, NULL);
	reply->result = show_page_end(&page, "brakes");
	show_string(reply->result, "node", s.b->conf->node.name);
	json_object_set_new(reply->result, "nodes", nodes(&s, mesh));
	json_object_set_new(reply->result, "state_file", state_file(mesh));
}
