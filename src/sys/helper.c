/* SPDX-License-Identifier: ISC */
/*
 * The main process's end of the root helper.
 *
 *   verb ─► slot (token) ─► packet ─► pair ─► answer ─► slot's callback
 *                            └► queue while the pair is full
 *
 * Invariants: a token names one slot and one generation of it, so an answer
 * that comes after its request was given up meets nobody; requests leave in
 * the order of the calls; no callback runs inside a verb.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/helper_client.h"
#include "sys/helper_server.h"
#include "sys/helper_wire.h"

/* token = generation, slot + 1; always positive. */
#define SLOT_BITS       20
#define SLOT_MAX        ((1U << SLOT_BITS) - 2)
#define GENERATION_MASK 0x7ffU

/* Answers taken before the loop turns on. */
#define BURST 256

/* ---- starting ---- */

static int
open_pairs(int a[2], int b[2])
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;
	int r;

	if (socketpair(AF_UNIX, type, 0, a) != 0)
		return -errno;
	if (socketpair(AF_UNIX, type, 0, b) == 0)
		return 0;
	r = -errno;
	close(a[0]);
	close(a[1]);
	return r;
}

static struct helper *
helper_new(pid_t pid, int fd, int sync)
{
	struct helper *h = xcalloc(1, sizeof(*h));

	h->pid = pid;
	h->fd = fd;
	h->sync = sync;
	h->first_free = UINT32_MAX;
	STAILQ_INIT(&h->queue);
	return h;
}

int
helper_spawn(const struct helper_settings *s, struct helper **out)
{
	int a[2], b[2], r = open_pairs(a, b);
	pid_t pid;

	if (r != 0)
		return r;
	pid = fork();
	r = pid < 0 ? -errno : 0;
	if (pid == 0)
		helper_main(a[1], b[1], s);
	close(a[1]);
	close(b[1]);
	if (r != 0) {
		close(a[0]);
		close(b[0]);
		return r;
	}
	prctl(PR_SET_NAME, "basind");
	*out = helper_new(pid, a[0], b[0]);
	return 0;
}

pid_t
helper_pid(const struct helper *h)
{
	return h->pid;
}

/* ---- slots ---- */

uint32_t
helper_slot_token(const struct helper *h, uint32_t i)
{
	return (h->slots[i].generation & GENERATION_MASK) << SLOT_BITS |
	       (i + 1);
}

static int
grow(struct helper *h)
{
	uint32_t n = h->n_slots ? h->n_slots * 2 : 64;

	if (n > SLOT_MAX)
		return -EAGAIN;
	h->slots = xrealloc(h->slots, n, sizeof(*h->slots));
	for (uint32_t i = n; i-- > h->n_slots;) {
		h->slots[i] = (struct slot){.next_free = h->first_free};
		h->first_free = i;
	}
	h->n_slots = n;
	return 0;
}

int
helper_slot_take(struct helper *h, enum slot_kind kind, void *arg)
{
	uint32_t i;

	if (h->first_free == UINT32_MAX && grow(h) != 0)
		return -EAGAIN;
	i = h->first_free;
	h->first_free = h->slots[i].next_free;
	h->slots[i].kind = kind;
	h->slots[i].arg = arg;
	return (int)i;
}

void
helper_slot_release(struct helper *h, uint32_t i)
{
	h->slots[i].kind = SLOT_FREE;
	h->slots[i].generation++;
	h->slots[i].next_free = h->first_free;
	h->first_free = i;
}

/* The slot of a token that still waits, or -1. */
int
helper_slot_find(const struct helper *h, uint32_t token)
{
	uint32_t i = (token & ((1U << SLOT_BITS) - 1)) - 1;

	if (i >= h->n_slots || h->slots[i].kind == SLOT_FREE ||
	    helper_slot_token(h, i) != token)
		return -1;
	return (int)i;
}

/* Ends the wait; the slot is free before the callback may take it again. */
static void
slot_finish(struct helper *h, uint32_t i, const struct helper_answer *a)
{
	struct slot s = h->slots[i];
	struct helper_exec_result r = {
	    .wait_status = a->error ? -1 : a->wait_status,
	    .error = -a->error,
	    .deadline = a->deadline,
	    .output = a->output,
	    .output_len = a->output_len,
	};

	helper_slot_release(h, i);
	if (s.kind == SLOT_EXEC)
		s.done.exec(s.arg, &r);
	else if (s.kind == SLOT_COUNTERS)
		helper_reading_part(s.arg, a);
	else if (s.done.verb)
		s.done.verb(s.arg, a->error);
}

/* ---- the helper's end ---- */

static void
drop_queue(struct helper *h)
{
	struct packet *p;

	while ((p = STAILQ_FIRST(&h->queue))) {
		STAILQ_REMOVE_HEAD(&h->queue, link);
		free(p);
	}
}

static void
close_pairs(struct helper *h)
{
	if (h->attached)
		uv_poll_stop(&h->poll);
	if (h->fd >= 0)
		close(h->fd);
	if (h->sync >= 0)
		close(h->sync);
	h->fd = h->sync = -1;
	drop_queue(h);
}

/* The helper died: everybody who waits is told, then the owner. */
static void
lost(struct helper *h)
{
	const struct helper_answer a = {.error = -EPIPE, .output = ""};
	uint32_t n = h->n_slots;

	close_pairs(h);
	for (uint32_t i = 0; i < n; i++)
		if (h->slots[i].kind != SLOT_FREE)
			slot_finish(h, i, &a);
	if (h->gone)
		h->gone(h->arg);
}

/* ---- sending and receiving ---- */

static void on_poll(uv_poll_t *poll, int status, int events);

static void
listen_for(struct helper *h)
{
	int events = UV_READABLE;

	if (!STAILQ_EMPTY(&h->queue))
		events |= UV_WRITABLE;
	if (h->attached && h->fd >= 0)
		uv_poll_start(&h->poll, events, on_poll);
}

/* 0, -EAGAIN: no room, else the helper is gone (seen as EOF later). */
static int
send_now(struct helper *h, const void *octets, size_t n)
{
	ssize_t r;

	do
		r = send(h->fd, octets, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int
helper_submit(struct helper *h, const void *octets, size_t n)
{
	struct packet *p;
	int r = -EAGAIN;

	if (h->fd < 0)
		return -EPIPE;
	if (STAILQ_EMPTY(&h->queue))
		r = send_now(h, octets, n);
	if (r != -EAGAIN && r != -ENOBUFS)
		return r;
	p = xcalloc(1, sizeof(*p) + n);
	p->n = n;
	memcpy(p->octets, octets, n);
	STAILQ_INSERT_TAIL(&h->queue, p, link);
	listen_for(h);
	return 0;
}

static void
flush(struct helper *h)
{
	struct packet *p;

	while ((p = STAILQ_FIRST(&h->queue))) {
		int r = send_now(h, p->octets, p->n);

		if (r == -EAGAIN || r == -ENOBUFS)
			return;
		STAILQ_REMOVE_HEAD(&h->queue, link);
		free(p);
	}
	listen_for(h);
}

/* 1: an answer was taken, 0: none is there, -errno: the end. */
static int
receive(struct helper *h)
{
	char buf[HELPER_ANSWER_MAX];
	struct helper_answer a;
	ssize_t n = recv(h->fd, buf, sizeof(buf), MSG_DONTWAIT);
	int i;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return n == 0 ? -EPIPE : -errno;
	if (helper_wire_get_answer(buf, (size_t)n, &a) != 0)
		return 1;
	i = helper_slot_find(h, a.token);
	if (i >= 0)
		slot_finish(h, (uint32_t)i, &a);
	return 1;
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct helper *h = poll->data;
	int r = 1;

	/* A callback may stop the helper: look at the descriptor each time. */
	for (int i = 0; i < BURST && r == 1 && h->fd >= 0; i++)
		r = receive(h);
	if (h->fd < 0)
		return;
	if (r < 0)
		lost(h);
	else if (events & UV_WRITABLE)
		flush(h);
	else if (status < 0)
		listen_for(h); /* libuv stopped polling */
}

int
helper_attach(struct helper *h, uv_loop_t *loop, void (*gone)(void *arg),
	      void *arg)
{
	int r;

	if (h->fd < 0)
		return -EPIPE;
	r = uv_poll_init(loop, &h->poll, h->fd);
	if (r != 0)
		return r;
	h->poll.data = h;
	h->gone = gone;
	h->arg = arg;
	h->attached = true;
	listen_for(h);
	return 0;
}

/* ---- stopping ---- */

static void
free_helper(uv_handle_t *handle)
{
	struct helper *h = handle->data;

	for (uint32_t i = 0; i < h->n_slots; i++)
		if (h->slots[i].kind == SLOT_COUNTERS)
			helper_reading_free(h->slots[i].arg);
	free(h->slots);
	free(h);
}

static void
wait_for(pid_t pid, struct dur limit)
{
	struct mono end = mono_add(mono_now(), limit);

	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (mono_reached(end, mono_now())) {
			kill(pid, SIGKILL);
			return;
		}
		usleep(1000);
	}
}

void
helper_stop(struct helper *h)
{
	close_pairs(h);
	wait_for(h->pid, dur_s(2));
	h->poll.data = h;
	if (h->attached)
		uv_close((uv_handle_t *)&h->poll, free_helper);
	else
		free_helper((uv_handle_t *)&h->poll);
}
