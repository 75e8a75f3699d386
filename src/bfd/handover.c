/* SPDX-License-Identifier: ISC */
/*
 * Sessions for the process that takes over (a hot upgrade). The sockets go
 * with them: both processes share source ports and what was received.
 *
 *   old: write ──────────────► goes on ──► hold: silent from here
 *   new: begin ► read … ► bfd_configure() ► commit: the thread runs
 *
 * Invariants: before the commit the new process neither sends nor receives;
 * a session that is not configured as it was is not taken; every number of a
 * record is checked when it is read. What the old one sends or receives behind
 * the record is made up for at the commit, see resume().
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/handover.h"
#include "base/text.h"
#include "bfd/internal.h"
#include "wire/iobuf.h"

enum record {
	RECORD_RECEIVER = 1, /* its number; with the descriptor */
	RECORD_SESSION,      /* see session(); with the descriptor */
};

#define RECORD_MAX 1024
/* The rest of the start is over by then, and the loop turns. */
#define AWAY dur_s(4)

struct taken {
	char name[256];
	struct watched watched;        /* what the loop knows; name: NULL */
	struct table_session *session; /* owned; NULL: given away */
	struct taken *next;
};

struct bfd_taking {
	struct taken *first; /* owned */
	struct mono written; /* when the old process did */
};

/* ---- what is in a record ---- */

static void
address(struct iobuf *io, struct ip *ip)
{
	const uint8_t *p;

	IOBUF_SMALL(io, ip->family, 256);
	if (io->w) {
		wbuf_bytes(io->w, ip->bytes, sizeof(ip->bytes));
		return;
	}
	p = rbuf_take(&io->r, sizeof(ip->bytes));
	if (p)
		memcpy(ip->bytes, p, sizeof(ip->bytes));
}

static void
text(struct iobuf *io, char *buf, size_t size)
{
	size_t n =
	    iobuf_small(io, io->w ? (unsigned)strlen(buf) : 0, (unsigned)size);
	const uint8_t *p;

	if (io->w) {
		wbuf_bytes(io->w, buf, n);
		return;
	}
	p = rbuf_take(&io->r, n);
	if (p)
		memcpy(buf, p, n);
	buf[p ? n : 0] = '\0';
}

static void
key(struct iobuf *io, struct table_key *k)
{
	address(io, &k->remote);
	address(io, &k->local);
	iobuf_u32(io, &k->ifindex);
	IOBUF_FLAG(io, k->multihop);
}

static void
times(struct iobuf *io, struct machine *m)
{
	iobuf_u32(io, &m->desired_min_tx);
	iobuf_u32(io, &m->tx_in_use);
	iobuf_u32(io, &m->required_min_rx);
	iobuf_u32(io, &m->rx_in_use);
	IOBUF_FLAG(io, m->polling);
	iobuf_moment(io, &m->last_rx);
	iobuf_moment(io, &m->last_tx);
	iobuf_u64(io, &m->random);
}

static void
neighbour(struct iobuf *io, struct machine *m)
{
	IOBUF_SMALL(io, m->remote_state, BFD_STATE_UP + 1);
	IOBUF_SMALL(io, m->remote_diag, 32);
	iobuf_u32(io, &m->remote_discriminator);
	IOBUF_FLAG(io, m->heard);
	iobuf_u32(io, &m->remote_desired_min_tx);
	iobuf_u32(io, &m->remote_min_rx);
	IOBUF_SMALL(io, m->remote_multiplier, 256);
	IOBUF_FLAG(io, m->remote_demand);
	IOBUF_FLAG(io, m->remote_independent);
}

static void
machine(struct iobuf *io, struct machine *m)
{
	IOBUF_SMALL(io, m->state, BFD_STATE_UP + 1);
	IOBUF_SMALL(io, m->reason, MACHINE_REASON_COUNT);
	IOBUF_SMALL(io, m->down_reason, MACHINE_REASON_COUNT);
	IOBUF_SMALL(io, m->diag, 32);
	iobuf_moment(io, &m->since);
	iobuf_u32(io, &m->discriminator);
	iobuf_u64(io, &m->ups);
	iobuf_u64(io, &m->downs);
	times(io, m);
	neighbour(io, m);
	if (m->discriminator == 0 || m->random == 0 ||
	    (m->heard && m->remote_multiplier == 0))
		io->bad = true;
}

/* Keys stay where they are: the other process has them of its files. */
static void
session(struct iobuf *io, char name[static 256], struct watched *w,
	struct table_session *s)
{
	text(io, name, 256);
	IOBUF_SMALL(io, w->status, BFD_STATUS_COUNT);
	iobuf_moment(io, &w->since);
	iobuf_u64(io, &w->ups);
	iobuf_u64(io, &w->downs);
	key(io, &s->key);
	machine(io, &s->machine);
	iobuf_u32(io, &s->auth.sent);
	iobuf_u32(io, &s->auth.received);
	IOBUF_FLAG(io, s->auth.known);
	iobuf_u64(io, &s->packets_in);
	iobuf_u64(io, &s->packets_out);
	iobuf_u64(io, &s->not_sent);
}

/* ---- writing ---- */

static int
write_session(struct bfd *b, struct watched *w, handover_put *put, void *arg)
{
	uint8_t buf[RECORD_MAX];
	struct wbuf out = wbuf_of(buf, sizeof(buf));
	struct iobuf io = {.w = &out};
	char name[256];

	snprintf(name, sizeof(name), "%s", w->name);
	wbuf_u8(&out, RECORD_SESSION);
	thread_lock(b->thread);
	iobuf_moment(&io, &(struct mono){mono_now().ns});
	session(&io, name, w, w->session);
	thread_unlock(b->thread);
	return out.full ? -EMSGSIZE
			: put(arg, buf, wbuf_len(&out), w->session->fd);
}

void
bfd_away(struct bfd *b, struct dur limit)
{
	if (b && b->thread)
		thread_beat(b->thread, mono_add(mono_now(), limit));
}

int
bfd_handover_write(struct bfd *b, handover_put *put, void *arg)
{
	int error = 0;

	if (!b || !b->thread)
		return 0;
	for (uint8_t i = 0; i < SOCKET_RECEIVERS && error == 0; i++) {
		const uint8_t record[] = {RECORD_RECEIVER, i};

		if (b->thread->receivers[i] >= 0)
			error = put(arg, record, sizeof(record),
				    b->thread->receivers[i]);
	}
	for (size_t i = 0; i < b->n && error == 0; i++)
		if (b->sessions[i].session)
			error = write_session(b, &b->sessions[i], put, arg);
	return error;
}

void
bfd_handover_hold(struct bfd *b)
{
	if (b && b->thread)
		thread_hold(b->thread, true);
}

/* ---- reading ---- */

void
bfd_handover_begin(struct bfd *b)
{
	b->taking = xcalloc(1, sizeof(*b->taking));
}

/* The thread is there, and held, as soon as it has something. */
static int
read_receiver(struct bfd *b, struct rbuf *r, int fd)
{
	uint8_t i = rbuf_u8(r);
	int error;

	if (r->bad || i >= SOCKET_RECEIVERS || fd < 0)
		return -EBADMSG;
	error = bfd_start_thread(b);
	if (error)
		return error;
	if (b->thread->receivers[i] >= 0)
		return -EBADMSG;
	thread_lock(b->thread);
	b->thread->receivers[i] = fd;
	thread_unlock(b->thread);
	return 0;
}

static void
free_taken(struct taken *t)
{
	if (t->session && t->session->fd >= 0)
		close(t->session->fd);
	free(t->session);
	free(t);
}

static int
read_session(struct bfd *b, struct rbuf *r, int fd)
{
	struct taken *t = xcalloc(1, sizeof(*t));
	struct iobuf io = {.r = *r};

	t->session = xcalloc(1, sizeof(*t->session));
	t->session->fd = -1;
	iobuf_moment(&io, &b->taking->written);
	session(&io, t->name, &t->watched, t->session);
	if (!iobuf_ok(&io) || rbuf_left(&io.r) > 0 || fd < 0 ||
	    mono_before(mono_now(), b->taking->written)) {
		free_taken(t);
		return -EBADMSG;
	}
	t->session->fd = fd;
	t->next = b->taking->first;
	b->taking->first = t;
	return 0;
}

int
bfd_handover_read(struct bfd *b, const void *octets, size_t n, int fd)
{
	struct rbuf r = rbuf_of(octets, n);
	uint8_t kind = rbuf_u8(&r);
	int error = -EBADMSG;

	if (kind == RECORD_RECEIVER)
		error = read_receiver(b, &r, fd);
	else if (kind == RECORD_SESSION)
		error = read_session(b, &r, fd);
	if (error && fd >= 0)
		close(fd);
	return error;
}

static bool
same_key(const struct table_key *a, const struct table_key *b)
{
	return ip_equal(&a->remote, &b->remote) &&
	       ip_equal(&a->local, &b->local) && a->ifindex == b->ifindex &&
	       a->multihop == b->multihop;
}

static struct taken *
find_taken(struct bfd *b, const struct watched *w)
{
	struct taken *t = b->taking ? b->taking->first : NULL;

	while (t && (!t->session || strcmp(t->name, w->name) != 0 ||
		     !same_key(&t->session->key, &w->key)))
		t = t->next;
	return t;
}

bool
bfd_handover_give(struct bfd *b, struct watched *w)
{
	struct taken *t = find_taken(b, w);
	struct auth auth = w->auth;
	bool put;

	if (!t)
		return false;
	thread_lock(b->thread);
	put = table_put(&b->thread->table, t->session);
	thread_unlock(b->thread);
	if (!put)
		return false;
	auth.sent = t->session->auth.sent;
	auth.received = t->session->auth.received;
	auth.known = t->session->auth.known;
	t->session->auth = auth;
	t->session->machine.settings = w->settings;
	w->session = t->session;
	w->status = t->watched.status;
	w->since = t->watched.since;
	w->ups = t->watched.ups;
	w->downs = t->watched.downs;
	t->session = NULL;
	return true;
}

/* ---- the commit ---- */

/*
 * Sequence numbers go on behind those the old process may have used since: at
 * most one a packet, in intervals shortened by the jitter. What it has seen of
 * the neighbour's moved on too: beyond a detection time it is not known.
 */
static void
resume_auth(struct table_session *s, struct dur away)
{
	struct dur interval = machine_interval(&s->machine);

	s->auth.sent += 2;
	if (interval.ns > 0 && away.ns > 0)
		s->auth.sent += (uint32_t)(away.ns * 4 / (interval.ns * 3));
	if (away.ns > machine_detection_time(&s->machine).ns)
		auth_forget(&s->auth);
}

/* The old process has heard the neighbour until now: so nothing expires. */
static void
resume(struct table_session *s, struct dur away, struct mono now)
{
	resume_auth(s, away);
	s->fresh = true;
	if (s->machine.heard)
		s->machine.last_rx = now;
	machine_configure(&s->machine, &s->machine.settings, now);
	machine_forgive(&s->machine, now);
	s->machine.next_tx =
	    machine_interval(&s->machine).ns > 0 ? now : MONO_NEVER;
}

void
bfd_handover_free(struct bfd *b)
{
	struct taken *t;

	if (!b->taking)
		return;
	while ((t = b->taking->first)) {
		b->taking->first = t->next;
		free_taken(t);
	}
	free(b->taking);
	b->taking = NULL;
}

void
bfd_handover_commit(struct bfd *b)
{
	struct mono now = mono_now();
	struct dur away = mono_sub(now, b->taking->written);

	for (size_t i = 0; i < b->n; i++)
		if (b->sessions[i].session)
			resume(b->sessions[i].session, away, now);
	bfd_handover_free(b);
	if (!b->thread)
		return;
	bfd_away(b, AWAY);
	thread_hold(b->thread, false);
}
