/* SPDX-License-Identifier: ISC */
/* Facts for people and metrics. */
#include <string.h>

#include "bfd/internal.h"

size_t
bfd_sessions(const struct bfd *b)
{
	return b ? b->n : 0;
}

size_t
bfd_find(const struct bfd *b, const char *name)
{
	for (size_t i = 0; i < bfd_sessions(b); i++)
		if (strcmp(b->sessions[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

static void
view_machine(const struct machine *m, struct bfd_view *out)
{
	out->state = m->state;
	out->remote_state = m->remote_state;
	out->diag = m->diag;
	out->remote_diag = m->remote_diag;
	out->discriminator = m->discriminator;
	out->remote_discriminator = m->remote_discriminator;
	out->reason = machine_reason_text(m->reason);
	out->interval = machine_interval(m);
	out->detection = machine_detection_time(m);
	out->desired = dur_us(m->desired_min_tx);
	out->required = dur_us(m->required_min_rx);
	out->remote_desired = dur_us(m->remote_desired_min_tx);
	out->remote_required = dur_us(m->remote_min_rx);
	out->remote_multiplier = m->remote_multiplier;
	out->remote_independent = m->remote_independent;
	out->remote_demand = m->remote_demand;
	out->polling = m->polling;
	out->last_rx = m->remote_multiplier ? m->last_rx : MONO_NEVER;
	out->ups = m->ups;
	out->downs = m->downs;
}

static void
view_session(const struct table_session *s, struct bfd_view *out)
{
	view_machine(&s->machine, out);
	out->packets_in = s->packets_in;
	out->packets_out = s->packets_out;
	out->not_sent = s->not_sent;
	for (size_t i = 0; i < AUTH_VERDICT_COUNT; i++)
		out->refused += s->refused[i];
	if (s->last_refused != AUTH_GOOD)
		out->refusal = auth_verdict_text(s->last_refused);
}

void
bfd_view(const struct bfd *b, size_t id, struct bfd_view *out)
{
	const struct watched *w = &b->sessions[id];

	*out = (struct bfd_view){
	    .name = w->name,
	    .address = w->key.remote,
	    .source = w->key.local,
	    .interface = w->interface,
	    .multihop = w->key.multihop,
	    .passive = w->settings.passive,
	    .authenticated = w->auth.type != BFD_AUTH_NONE,
	    .status = w->status,
	    .since = w->since,
	    .state = BFD_STATE_DOWN,
	    .remote_state = BFD_STATE_DOWN,
	    .multiplier = w->settings.multiplier,
	    .reason = machine_reason_text(MACHINE_NEW),
	    .last_rx = MONO_NEVER,
	    .problem = w->problem[0] ? w->problem : NULL,
	};
	if (!w->session)
		return;
	thread_lock(b->thread);
	view_session(w->session, out);
	thread_unlock(b->thread);
}

static void
add_discard(struct bfd_facts *out, const char *cause, uint64_t n)
{
	out->discards[out->n_discards++] = (struct bfd_discard){cause, n};
}

static void
view_discards(const struct table *t, struct bfd_facts *out)
{
	add_discard(out, "ttl", t->discards.ttl);
	add_discard(out, "unknown_session", t->discards.unknown);
	for (size_t i = 1; i < BFD_FAULT_COUNT; i++)
		add_discard(out, bfd_fault_label((enum bfd_fault)i),
			    t->discards.faults[i]);
	for (size_t i = 1; i < AUTH_VERDICT_COUNT; i++) {
		uint64_t n = 0;

		for (size_t k = 0; k < t->n_slots; k++)
			n += t->slots[k] ? t->slots[k]->refused[i] : 0;
		add_discard(out, auth_verdict_label((enum auth_verdict)i), n);
	}
}

void
bfd_facts(const struct bfd *b, struct bfd_facts *out)
{
	*out = (struct bfd_facts){0};
	if (!b || !b->thread)
		return;
	thread_lock(b->thread);
	out->running = true;
	out->realtime = b->realtime;
	out->mute = b->thread->stats.mute;
	out->mutes = b->thread->stats.mutes;
	out->lates = b->thread->stats.lates;
	out->latest = b->thread->stats.latest;
	view_discards(&b->thread->table, out);
	thread_unlock(b->thread);
}
