/* SPDX-License-Identifier: ISC */
/* What messages say, and what is said to the nodes. */
#include <string.h>

#include "mesh/internal.h"

/* Datagrams of STATE to each node at once, at most. */
#define STATES_AT_ONCE 4

/* ---- hearing ---- */

static void
heard_state(struct mesh *m, size_t node, const struct message_item *item)
{
	struct mesh_brake *b = mesh_find(m, &item->prefix, NULL);
	struct said *said;

	if (!b)
		return;
	said = &m->nodes[node].said[b - m->brakes];
	said->state = item->state;
	said->at = m->nodes[node].session.heard;
	memcpy(said->text, item->text, sizeof(said->text));
}

static bool
heard_ask(struct mesh *m, size_t node, struct message_item *item)
{
	bool configured;
	struct mesh_brake *b = mesh_find(m, &item->prefix, &configured);

	/* Never announced here is clean; without a brake nothing is promised.
	 */
	item->answer = (struct promise_answer){
	    .clean = !configured && mono_reached(m->removed_until,
						 m->nodes[node].session.heard)};
	if (!b)
		return true;
	return promise_asked(&b->promise, node, m->nodes[node].higher,
			     item->attempt, item->cause,
			     m->nodes[node].session.heard, &item->answer);
}

static void
answer_all(struct mesh *m, size_t node, struct message *message)
{
	struct message_body body;
	struct message_item item;

	message_body_begin(&body, MESSAGE_PROMISE);
	while (message_take(message, &item)) {
		if (!heard_ask(m, node, &item))
			continue;
		if (message_body_add(&body, &item))
			continue;
		link_send(m, &m->nodes[node], &body);
		message_body_begin(&body, MESSAGE_PROMISE);
		(void)message_body_add(&body, &item);
	}
	if (body.items > 0)
		link_send(m, &m->nodes[node], &body);
}

static void
heard_promise(struct mesh *m, size_t node, const struct message_item *item)
{
	struct mesh_brake *b = mesh_find(m, &item->prefix, NULL);

	if (b)
		mesh_apply(m, b,
			   promise_answered(&b->promise, node, item->attempt,
					    &item->answer,
					    m->nodes[node].session.heard));
}

void
talk_received(struct mesh *m, size_t node, struct message *message)
{
	struct message_item item;

	switch (message->type) {
	case MESSAGE_ASK:
		answer_all(m, node, message);
		mesh_soon(m); /* it may have given way */
		break;
	case MESSAGE_STATE:
		while (message_take(message, &item))
			heard_state(m, node, &item);
		break;
	case MESSAGE_PROMISE:
		while (message_take(message, &item))
			heard_promise(m, node, &item);
		mesh_soon(m);
		break;
	case MESSAGE_HELLO:
		break;
	}
}

/* ---- asking ---- */

static void
ask_node(struct mesh *m, size_t node)
{
	struct message_body body;

	message_body_begin(&body, MESSAGE_ASK);
	for (size_t i = 0; i < m->n_brakes; i++) {
		const struct mesh_brake *b = &m->brakes[i];
		struct message_item item = {.prefix = b->prefix,
					    .cause = b->promise.cause,
					    .attempt = b->promise.attempt};

		if (!b->due || !promise_lacks(&b->promise, node))
			continue;
		if (message_body_add(&body, &item))
			continue;
		link_send(m, &m->nodes[node], &body);
		message_body_begin(&body, MESSAGE_ASK);
		(void)message_body_add(&body, &item);
	}
	if (body.items > 0)
		link_send(m, &m->nodes[node], &body);
}

void
talk_ask(struct mesh *m)
{
	/* A node without a boot would not believe that it is meant. */
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].session.boot != 0)
			ask_node(m, i);
	for (size_t i = 0; i < m->n_brakes; i++)
		m->brakes[i].due = false;
}

/* ---- telling ---- */

static void
send_all(struct mesh *m, const struct message_body *body)
{
	for (size_t i = 0; i < m->n_nodes; i++)
		if (m->nodes[i].session.boot != 0)
			link_send(m, &m->nodes[i], body);
}

static bool
add_state(struct message_body *body, struct mesh_brake *b)
{
	struct message_item item = {.prefix = b->prefix,
				    .state = (enum message_state)b->state};

	memcpy(item.text, b->text, sizeof(item.text));
	if (!message_body_add(body, &item))
		return false;
	b->changed = false;
	return true;
}

void
talk_changes(struct mesh *m)
{
	unsigned datagrams = 0;
	struct message_body body;

	message_body_begin(&body, MESSAGE_STATE);
	for (size_t i = 0; i < m->n_brakes; i++) {
		struct mesh_brake *b = &m->brakes[i];

		if (!b->changed || add_state(&body, b))
			continue;
		send_all(m, &body);
		if (++datagrams == STATES_AT_ONCE)
			return; /* the others when their turn comes */
		message_body_begin(&body, MESSAGE_STATE);
		(void)add_state(&body, b);
	}
	if (body.items > 0)
		send_all(m, &body);
}

void
talk_turn(struct mesh *m)
{
	struct message_body body;
	size_t left = m->n_brakes;

	for (unsigned n = 0; n < STATES_AT_ONCE && left > 0; n++) {
		message_body_begin(&body, MESSAGE_STATE);
		for (; left > 0; left--) {
			if (m->turn >= m->n_brakes)
				m->turn = 0;
			if (!add_state(&body, &m->brakes[m->turn]))
				break;
			m->turn++;
		}
		send_all(m, &body);
	}
}
