/* SPDX-License-Identifier: ISC */
/* Reading: what nodes said, what a brake waits for, what was counted. */
#include "mesh/internal.h"

size_t
mesh_nodes(const struct mesh *m)
{
	return m ? m->n_nodes : 0;
}

void
mesh_node_view(const struct mesh *m, size_t i, struct mesh_node_view *out)
{
	const struct mesh_node *n = &m->nodes[i];

	*out = (struct mesh_node_view){
	    .name = n->name,
	    .address = n->address,
	    .port = n->port,
	    .heard = !session_silent(&n->session, MESH_SILENT, mono_now()),
	    .known = n->session.boot != 0,
	    .last = n->session.heard,
	    .rtt = n->session.rtt,
	    .accepted = n->session.accepted,
	};
}

size_t
mesh_brakes(const struct mesh *m)
{
	return m ? m->n_brakes : 0;
}

size_t
mesh_brake_of(const struct mesh *m, size_t prefix)
{
	return m && m->n_brakes > 0 ? m->by_id[prefix] : SIZE_MAX;
}

void
mesh_brake_view(const struct mesh *m, size_t i, struct mesh_brake_view *out)
{
	const struct mesh_brake *b = &m->brakes[i];

	*out = (struct mesh_brake_view){
	    .prefix = b->id,
	    .min_sites = b->promise.settings.min_sites,
	    .max_withdrawn = b->promise.settings.max_withdrawn,
	    .window = b->promise.settings.window,
	    .state = b->state,
	    .asking = b->promise.state != PROMISE_IDLE,
	    .staying = promise_staying(&b->promise),
	    .outside = b->promise.outside,
	    .clean = promise_clean(&b->promise),
	    .clean_needed = promise_clean_needed(&b->promise),
	    .attempts = b->attempts,
	    .granted = b->granted,
	    .refused = b->refused,
	};
}

void
mesh_said(const struct mesh *m, size_t node, size_t brake,
	  struct mesh_said *out)
{
	const struct said *said = &m->nodes[node].said[brake];

	*out = (struct mesh_said){message_state_text(said->state), said->text,
				  said->at};
}

/* ---- what a brake waits for ---- */

/* Why the answer of a node, or its absence, is not a promise to stay. */
static void
explain(const struct mesh *m, const struct mesh_brake *b, size_t node,
	bool ages, struct mono now, struct text *out)
{
	const struct promise_node *p = &b->promise.nodes[node];
	const struct mesh_node *n = &m->nodes[node];
	char age[32];

	text_addf(out, "; %s ", n->name);
	if (session_silent(&n->session, MESH_SILENT, now)) {
		text_add(out, "is not heard");
		if (ages && !mono_is_never(n->session.heard))
			text_addf(out, " for %s",
				  dur_format(mono_sub(now, n->session.heard),
					     age, sizeof(age)));
	} else if (!p->answered) {
		text_add(out, "has not answered yet");
	} else if (p->answer.busy) {
		text_add(out, "wants to withdraw it as well");
	} else if (b->promise.settings.min_sites > 0 && !p->answer.announcing) {
		text_add(out, "does not announce it");
	} else {
		text_add(out, "withdrew it for the same cause lately");
	}
}

static void
add_staying(const struct mesh *m, const struct mesh_brake *b, struct text *out)
{
	const char *before = " (";

	text_addf(out, "%u of %u needed nodes stay",
		  promise_staying(&b->promise), b->promise.settings.min_sites);
	for (size_t i = 0; i < m->n_nodes; i++)
		if (b->promise.nodes[i].answered &&
		    b->promise.nodes[i].answer.announcing) {
			text_addf(out, "%s%s", before, m->nodes[i].name);
			before = ", ";
		}
	if (b->promise.outside > 0) {
		text_addf(out, "%s%u by the state file", before,
			  b->promise.outside);
		before = ", ";
	}
	if (before[0] == ',')
		text_add(out, ")");
}

void
mesh_brake_text(const struct mesh *m, size_t brake, bool ages, struct text *out)
{
	const struct mesh_brake *b = &m->brakes[brake];
	const struct promise_settings *s = &b->promise.settings;
	unsigned needed = promise_clean_needed(&b->promise);
	bool few_clean = promise_clean(&b->promise) < needed;
	struct mono now = mono_now();

	if (s->min_sites > 0)
		add_staying(m, b, out);
	if (needed > 0)
		text_addf(out,
			  "%s%u of %u needed nodes did not withdraw it for "
			  "this cause lately",
			  s->min_sites > 0 ? "; " : "",
			  promise_clean(&b->promise), needed);
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct promise_node *n = &b->promise.nodes[i];
		bool lacks = (s->min_sites > 0 && !n->answer.announcing) ||
			     (few_clean && !n->answer.clean);

		if (!n->answered || lacks)
			explain(m, b, i, ages, now, out);
	}
}

/* ---- counters ---- */

void
mesh_stats(const struct mesh *m, struct mesh_stats *out)
{
	*out = (struct mesh_stats){.n_discards = SESSION_CAUSE_COUNT};
	for (size_t i = 0; i < SESSION_CAUSE_COUNT; i++)
		out->discards[i].cause =
		    session_cause_label((enum session_cause)i);
	if (!m)
		return;
	out->sent = m->sent;
	out->lost = m->lost;
	out->received = m->received;
	out->has_state_file = m->file.path != NULL;
	out->state_file_good = m->file.path && m->file.problem[0] == '\0';
	for (size_t i = 0; i < SESSION_CAUSE_COUNT; i++)
		out->discards[i].n = m->discarded[i];
}
