/* SPDX-License-Identifier: ISC */
/*
 * Packets have a thread of their own: the loop promises turns of a few
 * milliseconds and not 2, and its priority is nothing special. This thread
 * does little, allocates nothing, and gets real-time priority of the helper
 * where that is permitted.
 *
 *   loop ──beat──► thread ──packets──► neighbours
 *        ◄─tell──         ◄──────────
 *
 * Invariants:
 *  - Fused liveness: when the loop has not turned for THREAD_SILENCE nothing
 *    is sent, and the neighbours see this node as gone, which it is.
 *  - Nothing expires before every packet the kernel has was looked at; after
 *    a turn that came late nothing expires for one interval more.
 *  - The lock lends its holder the thread's priority, and is held for
 *    microseconds.
 */
#include "bfd/thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#define STACK (128 * 1024)
#define BATCH 64 /* packets of one socket in a turn */
/* A turn that is later than that was not ours to time. */
#define LATE dur_ms(5)
/* After a full batch others get the processor for so long. */
#define BREATH_NS 500000

/* ---- a turn ---- */

static bool
send_one(void *arg, const struct table_session *s, const uint8_t *octets,
	 size_t n)
{
	return socket_send(s->fd, &s->key, octets, n);
}

/* True when there may be more. */
static bool
drain(struct thread *t, size_t i, struct mono now)
{
	uint8_t octets[BFD_PACKET_MAX + 12];
	struct table_meta meta = {.multihop = i & 1};
	ssize_t n;

	for (unsigned k = 0; k < BATCH; k++) {
		n = socket_receive(t->receivers[i], &t->clock, now, octets,
				   sizeof(octets), &meta);
		if (n < 0)
			return false;
		table_receive(&t->table, octets, (size_t)n, &meta);
	}
	return true;
}

/* True when a socket was not emptied. */
static bool
drain_all(struct thread *t, struct mono now)
{
	bool more = false;

	socket_clock_read(&t->clock, now);
	for (size_t i = 0; i < SOCKET_RECEIVERS; i++)
		if (t->receivers[i] >= 0)
			more |= drain(t, i, now);
	if (!more)
		t->clock.looked = now;
	return more;
}

/* Does the loop still turn? */
static void
listen_to_beat(struct thread *t, struct mono now)
{
	struct mono beat = {
	    atomic_load_explicit(&t->beat, memory_order_relaxed)};
	bool mute = mono_sub(now, beat).ns > THREAD_SILENCE.ns;

	t->stats.mutes += mute && !t->table.mute;
	t->table.mute = t->stats.mute = mute;
}

static void
note_lateness(struct thread *t, struct mono now)
{
	struct dur late = mono_sub(now, t->deadline);

	if (mono_is_never(t->deadline) || late.ns < LATE.ns)
		return;
	t->stats.lates++;
	if (late.ns > t->stats.latest.ns)
		t->stats.latest = late;
	table_forgive(&t->table, now);
}

static void
signal_fd(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return; /* it is signalled already */
}

/* True when there is more to read at once. */
static bool
turn(struct thread *t)
{
	struct mono now = mono_now();
	bool more;

	if (t->held) {
		t->deadline = MONO_NEVER;
		return false;
	}
	listen_to_beat(t, now);
	note_lateness(t, now);
	more = drain_all(t, now);
	t->deadline = more ? now : table_tick(&t->table, now);
	if (t->table.changes != t->told) {
		t->told = t->table.changes;
		signal_fd(t->tell);
	}
	return more;
}

/* ---- waiting ---- */

static nfds_t
fill(const struct thread *t, struct pollfd *fds)
{
	nfds_t n = 0;

	fds[n++] = (struct pollfd){.fd = t->wake, .events = POLLIN};
	for (size_t i = 0; i < SOCKET_RECEIVERS && !t->held; i++)
		if (t->receivers[i] >= 0)
			fds[n++] = (struct pollfd){.fd = t->receivers[i],
						   .events = POLLIN};
	return n;
}

static void
wait_until(struct pollfd *fds, nfds_t n, struct mono until)
{
	int64_t ns = mono_sub(until, mono_now()).ns;
	struct timespec ts;
	uint64_t count;

	if (ns < 0)
		ns = 0;
	ts = (struct timespec){ns / 1000000000, ns % 1000000000};
	if (ppoll(fds, n, mono_is_never(until) ? NULL : &ts, NULL) <= 0)
		return;
	if ((fds[0].revents & POLLIN) &&
	    read(fds[0].fd, &count, sizeof(count)) < 0)
		return;
}

static void *
run(void *arg)
{
	static const struct timespec breath = {0, BREATH_NS};
	struct pollfd fds[SOCKET_RECEIVERS + 1];
	struct thread *t = arg;

	prctl(PR_SET_NAME, "basind: bfd");
	atomic_store_explicit(&t->number, gettid(), memory_order_relaxed);
	for (;;) {
		struct mono until;
		bool more, stop;
		nfds_t n;

		pthread_mutex_lock(&t->lock);
		more = turn(t);
		until = t->deadline;
		stop = t->stop;
		n = fill(t, fds);
		pthread_mutex_unlock(&t->lock);
		if (stop)
			return NULL;
		if (more)
			nanosleep(&breath, NULL);
		else
			wait_until(fds, n, until);
	}
}

/* ---- life ---- */

static int
make_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t a;
	int r = pthread_mutexattr_init(&a);

	if (r == 0)
		r = pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	if (r == 0)
		r = pthread_mutex_init(lock, &a);
	pthread_mutexattr_destroy(&a);
	return -r;
}

/* Signals are the loop's. */
static int
make_thread(struct thread *t)
{
	sigset_t all, before;
	pthread_attr_t a;
	int r;

	sigfillset(&all);
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, STACK);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	r = pthread_create(&t->id, &a, run, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&a);
	return -r;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
release(struct thread *t)
{
	for (size_t i = 0; i < t->table.n_slots; i++)
		if (t->table.slots[i])
			close_fd(t->table.slots[i]->fd);
	table_free(&t->table);
	for (size_t i = 0; i < SOCKET_RECEIVERS; i++)
		close_fd(t->receivers[i]);
	close_fd(t->wake);
	close_fd(t->tell);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

int
thread_start(struct thread **out, bool held)
{
	struct thread *t = xcalloc(1, sizeof(*t));
	struct mono now = mono_now();
	int r = make_lock(&t->lock);

	*out = NULL;
	t->table.send = send_one;
	t->table.arg = t;
	t->held = held;
	t->deadline = MONO_NEVER;
	t->clock.looked = now;
	thread_beat(t, now);
	for (size_t i = 0; i < SOCKET_RECEIVERS; i++)
		t->receivers[i] = -1;
	t->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	t->tell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r == 0 && (t->wake < 0 || t->tell < 0))
		r = -errno;
	if (r == 0)
		r = make_thread(t);
	if (r == 0)
		*out = t;
	else
		release(t);
	return r;
}

void
thread_stop(struct thread *t)
{
	pthread_mutex_lock(&t->lock);
	t->stop = true;
	pthread_mutex_unlock(&t->lock);
	thread_wake(t);
	pthread_join(t->id, NULL);
	release(t);
}

void
thread_lock(struct thread *t)
{
	pthread_mutex_lock(&t->lock);
}

void
thread_unlock(struct thread *t)
{
	pthread_mutex_unlock(&t->lock);
}

void
thread_hold(struct thread *t, bool held)
{
	pthread_mutex_lock(&t->lock);
	t->held = held;
	pthread_mutex_unlock(&t->lock);
	thread_wake(t);
}

void
thread_wake(struct thread *t)
{
	signal_fd(t->wake);
}

void
thread_beat(struct thread *t, struct mono now)
{
	atomic_store_explicit(&t->beat, now.ns, memory_order_relaxed);
}
