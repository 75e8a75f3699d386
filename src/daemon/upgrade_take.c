/* SPDX-License-Identifier: ISC */
/*
 * The taking side, in the order of the start:
 *
 *   configuration, helper, loop, privileges ─► HELLO ─► receive ─► END
 *     ─► fill avail and bgp ─► TAKEN ═ commit ─► sessions go on
 *     ─► addresses, routes, control ─► DONE ─► the other one ends ─► the rest
 *
 * Invariants: before TAKEN nothing is sent to anybody but the other process,
 * and no verb that changes the kernel is called; when the state is complete
 * and the other process has died, this one takes over all the same; when it is
 * not, this one ends without a word.
 */
#include "daemon/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/detect.h"
#include "daemon/model.h"
#include "daemon/rung.h"
#include "daemon/upgrade_socket.h"

/* Of all records together; what one had for neighbours, twice. */
#define STATE_MAX  ((size_t)1 << 30)
#define SEND_LIMIT dur_s(10)
/* Programs have that long to announce again what they had announced. */
#define PROGRAM_GRACE dur_s(60)
/* The other process ends by itself; without it the rest begins all the same. */
#define REST_LIMIT 5000

struct kept {
	enum upgrade_part part;
	int fd; /* owned; -1: none or given away */
	size_t n;
	struct kept *next;
	uint8_t octets[];
};

struct taking {
	int fd;
	struct kept *first, **last; /* owned */
	size_t octets;
	uint64_t records;
	struct mono stopped; /* when the other one did */
	uv_poll_t poll;
	uv_timer_t timer;
	unsigned handles;
	void (*rest)(struct basin *b);
};

static void
send_to(struct basin *b, enum upgrade_part part, const void *octets, size_t n)
{
	/* It may be gone: then nobody waits for this. */
	int error = upgrade_send(b->options.upgrade_fd, part, octets, n, -1,
				 mono_add(mono_now(), SEND_LIMIT));

	if (error && error != -EPIPE)
		log_warning(&b->log, "upgrade", "no answer could be given: %s",
			    strerror(-error));
}

void
upgrade_refuse(struct basin *b, const char *why)
{
	send_to(b, UPGRADE_PART_REFUSAL, why, strlen(why));
}

static void
say_hello(struct basin *b)
{
	uint8_t buf[128];
	struct wbuf w = wbuf_of(buf, sizeof(buf));

	wbuf_u32(&w, UPGRADE_FORMAT);
	wbuf_u32(&w, (uint32_t)getpid());
	wbuf_bytes(&w, BASIN_VERSION, strlen(BASIN_VERSION));
	send_to(b, UPGRADE_PART_HELLO, buf, wbuf_len(&w));
}

/* ---- receiving ---- */

static int
keep_record(struct taking *t, const struct upgrade_record *rec)
{
	struct kept *k;

	t->octets += rec->n + sizeof(*k);
	if (t->octets > STATE_MAX)
		return -E2BIG;
	k = xcalloc(1, sizeof(*k) + rec->n);
	k->part = rec->part;
	k->fd = rec->fd;
	k->n = rec->n;
	memcpy(k->octets, rec->octets, rec->n);
	*t->last = k;
	t->last = &k->next;
	t->records++;
	return 0;
}

static int
read_begin(struct basin *b, struct taking *t, const struct upgrade_record *rec)
{
	struct rbuf r = rbuf_of(rec->octets, rec->n);
	uint32_t format = rbuf_u32(&r);
	struct upgrade_facts *f = &b->upgraded;
	size_t n;

	t->stopped = (struct mono){(int64_t)rbuf_u64(&r)};
	f->pid = (pid_t)rbuf_u32(&r);
	n = rbuf_left(&r) < sizeof(f->version) ? rbuf_left(&r)
					       : sizeof(f->version) - 1;
	text_escape((const char *)r.p, n, f->version, sizeof(f->version));
	return format == UPGRADE_FORMAT && !r.bad ? 0 : -EPROTO;
}

static int
read_end(const struct taking *t, const struct upgrade_record *rec)
{
	struct rbuf r = rbuf_of(rec->octets, rec->n);

	return rbuf_u64(&r) == t->records && !r.bad ? 0 : -EBADMSG;
}

/* 1: that was all. */
static int
receive_one(struct basin *b, struct taking *t, uint8_t *buf)
{
	struct upgrade_record rec;
	int error = upgrade_receive(t->fd, buf, &rec, MONO_NEVER);

	if (error)
		return error;
	if (rec.part == UPGRADE_PART_BEGIN)
		return read_begin(b, t, &rec);
	if (rec.part == UPGRADE_PART_END)
		return read_end(t, &rec) == 0 ? 1 : -EBADMSG;
	return keep_record(t, &rec);
}

static int
receive_all(struct basin *b, struct taking *t)
{
	uint8_t *buf = xcalloc(1, HANDOVER_RECORD_MAX + 1);
	int error = 0;

	while (error == 0)
		error = receive_one(b, t, buf);
	free(buf);
	return error == 1 ? 0 : error;
}

/* ---- listening sockets ---- */

static bool
is_socket(const struct kept *k)
{
	return k->part == UPGRADE_PART_LISTENER ||
	       k->part == UPGRADE_PART_CONTROL;
}

/* Each kind of control socket but HTTP is there once. */
static int
check_sockets(const struct taking *t)
{
	struct upgrade_socket s;
	unsigned kinds = 0;
	int error = 0;

	for (struct kept *k = t->first; k && error == 0; k = k->next) {
		if (!is_socket(k))
			continue;
		error =
		    upgrade_socket_read(k->octets, k->n, k->part, k->fd, &s);
		if (k->part == UPGRADE_PART_LISTENER || s.kind == CTL_HTTP)
			continue;
		if (kinds & 1u << s.kind)
			error = -EBADMSG;
		kinds |= 1u << s.kind;
	}
	return error;
}

static bool
is_at(const struct kept *k, const struct ip *ip, uint16_t port)
{
	struct upgrade_socket s;

	return k->part == UPGRADE_PART_LISTENER && k->fd >= 0 &&
	       upgrade_socket_read(k->octets, k->n, k->part, k->fd, &s) == 0 &&
	       ip_equal(&s.ip, ip) && s.port == port;
}

/* Of the other process when it has one, else a new one. */
int
upgrade_listen(struct basin *b, const struct ip *ip, uint16_t port)
{
	struct kept *k = b->taking ? b->taking->first : NULL;

	for (; k; k = k->next) {
		int fd = k->fd;

		if (!is_at(k, ip, port))
			continue;
		k->fd = -1;
		return fd;
	}
	return helper_listen(b->helper, ip, port);
}

static int
adopt_control(struct basin *b, struct kept *k)
{
	struct upgrade_socket s;
	int error = upgrade_socket_read(k->octets, k->n, k->part, k->fd, &s);
	int fd = k->fd;

	if (error)
		return error;
	k->fd = -1;
	return ctl_adopt(b->ctl, s.kind, s.path, fd);
}

int
upgrade_open_control(struct basin *b)
{
	int error = 0;

	for (struct kept *k = b->taking->first; k && error == 0; k = k->next)
		if (k->part == UPGRADE_PART_CONTROL)
			error = adopt_control(b, k);
	return error;
}

/* ---- the state ---- */

/* `old` is filled as the other process had it, and adopted as at a reload. */
static int
fill_avail(struct basin *b, struct taking *t, struct avail *old)
{
	int error = 0;

	for (struct kept *k = t->first; k && error == 0; k = k->next)
		if (k->part == UPGRADE_PART_AVAIL)
			error = avail_handover_read(old, k->octets, k->n);
	if (error == 0)
		avail_adopt(b->avail, old, mono_now());
	return error;
}

static int
take_avail(struct basin *b, struct taking *t)
{
	struct basin_check *unused;
	struct avail *old;
	int error;

	model_build(b->conf, mono_now(), &old, &unused);
	error = fill_avail(b, t, old);
	avail_free(old);
	free(unused);
	return error;
}

/* What is decided, without the kernel's part, which follows the commit. */
static void
want_all(struct basin *b)
{
	for (size_t id = 0; id < avail_prefixes(b->avail); id++) {
		struct avail_prefix_view v;

		avail_view_prefix(b->avail, id, &v);
		bgp_want(b->bgp, id, rung_of(v.rung));
	}
}

static int
take_bgp(struct basin *b, struct taking *t, struct bgp_handover *h)
{
	int error = bgp_configure(b->bgp, b->conf);

	if (error == 0)
		want_all(b);
	for (struct kept *k = t->first; k && error == 0; k = k->next) {
		int fd = k->fd;

		if (k->part != UPGRADE_PART_BGP)
			continue;
		k->fd = -1;
		error = bgp_handover_read(h, k->octets, k->n, fd);
	}
	return error == 0 && !bgp_handover_complete(h) ? -EBADMSG : error;
}

/* They are as they were, and silent until the commit. */
static int
take_bfd(struct basin *b, struct taking *t)
{
	struct bfd *bfd = detect_take(b);
	int error = 0;

	for (struct kept *k = t->first; k && error == 0; k = k->next) {
		int fd = k->fd;

		if (k->part != UPGRADE_PART_BFD)
			continue;
		k->fd = -1;
		error = bfd_handover_read(bfd, k->octets, k->n, fd);
	}
	if (error == 0)
		detect_configure(b);
	detect_taken(b);
	return error;
}

static void
commit(struct basin *b, struct taking *t, struct bgp_handover *h)
{
	struct upgrade_facts *f = &b->upgraded;

	upgrade_point("new:filled");
	send_to(b, UPGRADE_PART_TAKEN, NULL, 0);
	bfd_handover_commit(detect_bfd(b));
	f->sessions = bgp_handover_commit(h);
	f->taken_over = true;
	f->at = mono_now();
	f->pause = mono_sub(f->at, t->stopped);
	upgrade_point("new:taken");
}

static int
fail(struct basin *b, const char *what, int error)
{
	char why[200];

	snprintf(why, sizeof(why), "%s: %s", what, strerror(-error));
	log_error(&b->log, "upgrade", "%s; the other basind goes on", why);
	upgrade_refuse(b, why);
	return 1;
}

int
upgrade_take(struct basin *b)
{
	struct taking *t = xcalloc(1, sizeof(*t));
	struct bgp_handover *h;
	int error;

	t->fd = b->options.upgrade_fd;
	t->last = &t->first;
	b->taking = t;
	model_build(b->conf, mono_now(), &b->avail, &b->checks);
	h = bgp_handover_begin(b->bgp);
	upgrade_point("new:hello");
	say_hello(b);
	error = receive_all(b, t);
	upgrade_point("new:received");
	if (error)
		return fail(b, "the state did not come whole", error);
	error = check_sockets(t);
	if (error)
		return fail(b, "the listening sockets are malformed", error);
	error = take_avail(b, t);
	if (error)
		return fail(b, "the state of checks and prefixes is malformed",
			    error);
	error = take_bgp(b, t, h);
	if (error)
		return fail(b, "the state of the sessions is malformed", error);
	error = take_bfd(b, t);
	if (error)
		return fail(b, "the state of BFD is malformed", error);
	commit(b, t, h);
	return 0;
}

/* ---- afterwards ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct taking *t = ((struct basin *)handle->data)->taking;
	struct kept *k;

	if (--t->handles > 0)
		return;
	while ((k = t->first)) {
		t->first = k->next;
		if (k->fd >= 0)
			close(k->fd);
		free(k);
	}
	((struct basin *)handle->data)->taking = NULL;
	free(t);
}

/* Its ports and names are free now. */
static void
begin_rest(struct basin *b)
{
	struct taking *t = b->taking;

	if (t->fd < 0)
		return;
	uv_close((uv_handle_t *)&t->poll, on_closed);
	uv_close((uv_handle_t *)&t->timer, on_closed);
	close(t->fd);
	t->fd = -1;
	upgrade_point("new:rest");
	t->rest(b);
}

static void
on_end(uv_poll_t *poll, int status, int events)
{
	begin_rest(poll->data);
}

static void
on_late(uv_timer_t *timer)
{
	begin_rest(timer->data);
}

static void
on_adopted(void *arg, int error)
{
	upgrade_point("new:done");
	send_to(arg, UPGRADE_PART_DONE, NULL, 0);
}

void
upgrade_finish(struct basin *b, void (*rest)(struct basin *b))
{
	struct taking *t = b->taking;

	t->rest = rest;
	uv_poll_init(&b->loop, &t->poll, t->fd);
	uv_timer_init(&b->loop, &t->timer);
	t->poll.data = t->timer.data = b;
	t->handles = 2;
	uv_poll_start(&t->poll, UV_READABLE | UV_DISCONNECT, on_end);
	uv_timer_start(&t->timer, on_late, REST_LIMIT, 0);
	/* Answered behind everything that was asked before. */
	if (helper_barrier(b->helper, on_adopted, b) != 0)
		on_adopted(b, -EPIPE);
}

void
upgrade_second(struct basin *b)
{
	struct upgrade_facts *f = &b->upgraded;
	bool programs = b->conf->n_exabgp > 0;

	if (!f->taken_over || f->settled ||
	    (programs &&
	     !mono_reached(mono_add(f->at, PROGRAM_GRACE), mono_now())))
		return;
	f->settled = true;
	bgp_handover_settle(b->bgp);
}
