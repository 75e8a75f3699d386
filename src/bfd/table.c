/* SPDX-License-Identifier: ISC */
#include "bfd/table.h"

#include <stdlib.h>

#include "base/text.h"

#define TTL_SINGLE_HOP 255

/* ---- sessions ---- */

static size_t
free_slot(struct table *t)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (!t->slots[i])
			return i;
	if (t->n_slots == TABLE_MAX)
		return TABLE_MAX;
	t->slots = xrealloc(t->slots, t->n_slots + 1, sizeof(*t->slots));
	t->slots[t->n_slots] = NULL;
	return t->n_slots++;
}

/* Random but for the slot, and never 0 (RFC 5880 section 6.8.1). */
static uint32_t
discriminator_of(size_t slot, uint64_t random)
{
	uint32_t high = (uint32_t)random << TABLE_SLOT_BITS;

	return (high ? high : 1U << TABLE_SLOT_BITS) | (uint32_t)slot;
}

struct table_session *
table_add(struct table *t, const struct table_key *key,
	  const struct machine_settings *settings, uint64_t random,
	  struct mono now)
{
	size_t slot = free_slot(t);
	struct table_session *s;

	if (slot == TABLE_MAX)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->key = *key;
	s->fd = -1;
	s->fresh = true;
	machine_init(&s->machine, settings, discriminator_of(slot, random),
		     random >> 32, now);
	t->slots[slot] = s;
	return s;
}

bool
table_put(struct table *t, struct table_session *s)
{
	size_t slot = s->machine.discriminator & (TABLE_MAX - 1);

	while (t->n_slots <= slot) {
		t->slots =
		    xrealloc(t->slots, t->n_slots + 1, sizeof(*t->slots));
		t->slots[t->n_slots++] = NULL;
	}
	if (t->slots[slot])
		return false;
	t->slots[slot] = s;
	return true;
}

static void
free_session(struct table_session *s)
{
	explicit_bzero(s, sizeof(*s)); /* there may be a key in it */
	free(s);
}

void
table_remove(struct table *t, struct table_session *s)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i] == s)
			t->slots[i] = NULL;
	free_session(s);
}

void
table_free(struct table *t)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i])
			free_session(t->slots[i]);
	free(t->slots);
	t->slots = NULL;
	t->n_slots = 0;
}

/* ---- sending ---- */

static void
send_packet(struct table *t, struct table_session *s, bool final,
	    struct mono now)
{
	uint8_t octets[BFD_PACKET_MAX];
	struct bfd_packet p;
	size_t n;

	machine_packet(&s->machine, final, &p);
	n = auth_encode(&s->auth, &p, s->fresh, octets, sizeof(octets));
	s->fresh = false;
	if (!t->mute && n > 0 && t->send(t->arg, s, octets, n))
		s->packets_out++;
	else
		s->not_sent++;
	machine_sent(&s->machine, now);
}

void
table_act(struct table *t, struct table_session *s, unsigned actions,
	  struct mono now)
{
	if (actions & MACHINE_SEND_FINAL)
		send_packet(t, s, true, now);
	else if (actions & MACHINE_SEND)
		send_packet(t, s, false, now);
}

/* ---- receiving ---- */

static struct table_session *
by_discriminator(const struct table *t, uint32_t discriminator)
{
	size_t slot = discriminator & (TABLE_MAX - 1);
	struct table_session *s = slot < t->n_slots ? t->slots[slot] : NULL;

	return s && s->machine.discriminator == discriminator ? s : NULL;
}

/* Whether a packet may be for this session at all. */
static bool
fits(const struct table_key *k, const struct table_meta *m)
{
	if (k->multihop != m->multihop || !ip_equal(&k->remote, &m->from))
		return false;
	if (k->multihop)
		return ip_is_none(&k->local) || ip_equal(&k->local, &m->to);
	return k->ifindex == 0 || k->ifindex == m->ifindex;
}

static struct table_session *
find(const struct table *t, const struct bfd_packet *p,
     const struct table_meta *m)
{
	struct table_session *s;

	if (p->your_discriminator != 0) {
		s = by_discriminator(t, p->your_discriminator);
		return s && fits(&s->key, m) ? s : NULL;
	}
	/* One that is leaving must not hide the one that came in its place. */
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i] && !t->slots[i]->leaving &&
		    fits(&t->slots[i]->key, m))
			return t->slots[i];
	return NULL;
}

static void
accept_packet(struct table *t, struct table_session *s,
	      const struct bfd_packet *p, struct mono at)
{
	enum bfd_state before = s->machine.state;
	enum bfd_state theirs = s->machine.remote_state;
	unsigned actions = machine_receive(&s->machine, p, at);

	s->packets_in++;
	s->fresh |= s->machine.state != before;
	t->changes +=
	    s->machine.state != before || s->machine.remote_state != theirs;
	table_act(t, s, actions, at);
}

void
table_receive(struct table *t, uint8_t *octets, size_t n,
	      const struct table_meta *m)
{
	struct bfd_packet p;
	enum bfd_fault fault;
	enum auth_verdict verdict;
	struct table_session *s;

	if (!m->multihop && m->ttl != TTL_SINGLE_HOP) {
		t->discards.ttl++;
		return;
	}
	fault = bfd_decode(octets, n, &p);
	if (fault != BFD_FAULT_NONE) {
		t->discards.faults[fault]++;
		return;
	}
	s = find(t, &p, m);
	if (!s) {
		t->discards.unknown++;
		return;
	}
	verdict = auth_check(&s->auth, octets, n, &p);
	if (verdict != AUTH_GOOD) {
		s->refused[verdict]++;
		s->last_refused = verdict;
		return;
	}
	s->last_refused = AUTH_GOOD;
	accept_packet(t, s, &p, m->at);
}

/* ---- time ---- */

/* Section 6.8.1, bfd.AuthSeqKnown. */
static void
forget_sequence(struct table_session *s, struct mono now)
{
	struct dur twice = machine_detection_time(&s->machine);

	twice.ns *= 2;
	if (s->auth.known &&
	    mono_reached(mono_add(s->machine.last_rx, twice), now))
		auth_forget(&s->auth);
}

struct mono
table_tick(struct table *t, struct mono now)
{
	struct mono next = MONO_NEVER;

	for (size_t i = 0; i < t->n_slots; i++) {
		struct table_session *s = t->slots[i];
		enum bfd_state before, theirs;
		unsigned actions;

		if (!s)
			continue;
		before = s->machine.state;
		theirs = s->machine.remote_state;
		actions = machine_tick(&s->machine, now);
		s->fresh |= s->machine.state != before;
		t->changes += s->machine.state != before ||
			      s->machine.remote_state != theirs;
		forget_sequence(s, now);
		table_act(t, s, actions, now);
		next = mono_min(next, machine_deadline(&s->machine));
	}
	return next;
}

void
table_forgive(struct table *t, struct mono now)
{
	for (size_t i = 0; i < t->n_slots; i++)
		if (t->slots[i])
			machine_forgive(&t->slots[i]->machine, now);
}
