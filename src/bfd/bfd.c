/* SPDX-License-Identifier: ISC */
/*
 * The loop's side: what is wanted against what the thread has, and states on
 * their way to who wants them.
 *
 *   WAIT ──up──► UP ──any end──► DOWN ──up──► UP
 *                 └──the neighbour says AdminDown──► ADMIN_DOWN ──► WAIT
 *
 * Invariant: `sessions` is the loop's; a table_session is touched with the
 * thread's lock only, and freed by the loop only.
 */
#include "bfd/internal.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"

#define SUBJECT "bfd"
#define RETRY   dur_s(1)
/* AdminDown is said at most so long: the neighbour chooses its interval. */
#define LEAVING_US (INT64_C(60) * 1000000)

const char *
bfd_status_text(enum bfd_status s)
{
	static const char *const texts[] = {
#define X(n, l, t) [BFD_STATUS_##n] = l,
	    BFD_STATUSES(X)
#undef X
	};

	return texts[s];
}

static uint64_t
random_number(void)
{
	uint64_t v = 0;

	if (getrandom(&v, sizeof(v), GRND_NONBLOCK) != sizeof(v))
		v = (uint64_t)mono_now().ns;
	return v;
}

/* ---- what is told ---- */

struct news {
	enum bfd_status first, then; /* equal but for a short interruption */
	char why[128];
};

static enum bfd_status
status_of(const struct watched *w, const struct machine *m)
{
	bool off = m->heard && m->remote_state == BFD_STATE_ADMIN_DOWN;

	if (m->state == BFD_STATE_UP)
		return BFD_STATUS_UP;
	if (off)
		return BFD_STATUS_ADMIN_DOWN;
	if (m->downs != w->downs && m->down_reason != MACHINE_REMOTE_ADMIN)
		return BFD_STATUS_DOWN;
	if (w->status == BFD_STATUS_DOWN)
		return BFD_STATUS_DOWN;
	return BFD_STATUS_WAIT;
}

/* With the lock. */
static bool
read_news(struct watched *w, struct news *news)
{
	const struct machine *m = &w->session->machine;
	enum machine_reason reason = m->reason;

	news->first = news->then = status_of(w, m);
	if (w->status == BFD_STATUS_UP && m->downs != w->downs &&
	    news->then == BFD_STATUS_UP) {
		news->first = m->down_reason == MACHINE_REMOTE_ADMIN
				  ? BFD_STATUS_ADMIN_DOWN
				  : BFD_STATUS_DOWN;
		reason = m->down_reason;
	}
	snprintf(news->why, sizeof(news->why), "%s",
		 machine_reason_text(reason));
	w->ups = m->ups;
	w->downs = m->downs;
	return news->first != w->status;
}

static void
say(struct bfd *b, size_t id, enum bfd_status to, const char *why)
{
	struct watched *w = &b->sessions[id];
	enum bfd_status from = w->status;

	w->status = to;
	w->since = mono_now();
	b->settings.callbacks->changed(b->settings.arg, id, from, to, why);
}

static void
tell(struct bfd *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct watched *w = &b->sessions[i];
		struct news news;
		bool any;

		if (!w->session)
			continue;
		thread_lock(b->thread);
		any = read_news(w, &news);
		thread_unlock(b->thread);
		if (!any)
			continue;
		say(b, i, news.first, news.why);
		if (news.then != news.first)
			say(b, i, news.then,
			    machine_reason_text(MACHINE_HANDSHAKE));
	}
}

static void
on_told(uv_poll_t *poll, int status, int events)
{
	struct bfd *b = poll->data;
	uint64_t count;

	if (read(b->thread->tell, &count, sizeof(count)) < 0)
		return;
	tell(b);
}

/* ---- making and ending sessions ---- */

/* 0, or -errno with w->problem. */
static int
open_sockets(struct bfd *b, struct watched *w, int *sender)
{
	int family = w->key.remote.family;
	size_t i = (family == AF_INET ? 0 : 2) + w->key.multihop;
	int receiver = b->thread->receivers[i];

	if (receiver < 0) {
		receiver = socket_receiver(family, w->key.multihop);
		if (receiver < 0) {
			snprintf(w->problem, sizeof(w->problem),
				 "UDP port %u cannot be opened: %s%s",
				 w->key.multihop ? BFD_PORT_MULTI
						 : BFD_PORT_SINGLE,
				 strerror(-receiver),
				 receiver == -EADDRINUSE
				     ? "; does another BFD daemon run here?"
				     : "");
			return receiver;
		}
		thread_lock(b->thread);
		b->thread->receivers[i] = receiver;
		thread_unlock(b->thread);
	}
	*sender = socket_sender(&w->key);
	if (*sender < 0)
		snprintf(w->problem, sizeof(w->problem),
			 "a socket cannot be bound to its source: %s",
			 strerror(-*sender));
	return *sender < 0 ? *sender : 0;
}

static int
find_interface(struct watched *w)
{
	if (!w->interface)
		return 0;
	w->key.ifindex = if_nametoindex(w->interface);
	if (w->key.ifindex != 0)
		return 0;
	snprintf(w->problem, sizeof(w->problem), "there is no interface %s",
		 w->interface);
	return -ENODEV;
}

static int
load_digests(struct watched *w)
{
	const char *why;

	if (!auth_needs_module(w->auth.type) || w->auth.module)
		return 0;
	w->auth.module = auth_load(&why);
	if (w->auth.module)
		return 0;
	snprintf(w->problem, sizeof(w->problem),
		 "authentication is not possible: %s", why);
	return -ENOENT;
}

static void
complain(struct bfd *b, struct watched *w, bool on)
{
	char subject[96];

	if (!on && !w->alarmed)
		return;
	snprintf(subject, sizeof(subject), "bfd %s", w->name);
	w->alarmed = on;
	b->settings.callbacks->alarm(b->settings.arg, subject,
				     on ? w->problem : "it works again", on);
}

static void
make_session(struct bfd *b, struct watched *w)
{
	struct mono now = mono_now();
	int sender = -1;

	w->problem[0] = '\0';
	if (find_interface(w) != 0 || load_digests(w) != 0) {
		complain(b, w, true);
		return;
	}
	if (bfd_handover_give(b, w))
		return;
	if (open_sockets(b, w, &sender) != 0) {
		complain(b, w, true);
		return;
	}
	thread_lock(b->thread);
	w->session = table_add(&b->thread->table, &w->key, &w->settings,
			       random_number(), now);
	if (w->session) {
		w->session->fd = sender;
		w->session->auth = w->auth;
		w->session->auth.sent = (uint32_t)random_number();
	}
	thread_unlock(b->thread);
	thread_wake(b->thread);
	if (w->session) {
		complain(b, w, false);
		return;
	}
	close(sender);
	snprintf(w->problem, sizeof(w->problem), "more than %u sessions",
		 TABLE_MAX);
	complain(b, w, true);
}

/* The session is gone from who wanted it, and says AdminDown for a while. */
static void
let_go(struct bfd *b, struct watched *w)
{
	struct table_session *s = w->session;
	struct mono now = mono_now();
	struct leaving *l;
	int64_t us;

	w->session = NULL;
	if (!s)
		return;
	thread_lock(b->thread);
	us = (int64_t)s->machine.settings.multiplier *
	     (s->machine.tx_in_use > s->machine.remote_min_rx
		  ? s->machine.tx_in_use
		  : s->machine.remote_min_rx);
	s->leaving = true;
	s->fresh = true;
	table_act(&b->thread->table, s, machine_disable(&s->machine, now), now);
	thread_unlock(b->thread);
	thread_wake(b->thread);
	b->leaving =
	    xrealloc(b->leaving, b->n_leaving + 1, sizeof(*b->leaving));
	l = &b->leaving[b->n_leaving++];
	us = us < LEAVING_US ? us : LEAVING_US;
	*l = (struct leaving){s, mono_add(now, dur_us(us))};
}

static void
remove_session(struct bfd *b, struct table_session *s)
{
	int fd;

	thread_lock(b->thread);
	fd = s->fd;
	table_remove(&b->thread->table, s);
	thread_unlock(b->thread);
	if (fd >= 0)
		close(fd);
}

static void
remove_left(struct bfd *b, struct mono now)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n_leaving; i++) {
		if (mono_reached(b->leaving[i].until, now))
			remove_session(b, b->leaving[i].session);
		else
			b->leaving[kept++] = b->leaving[i];
	}
	b->n_leaving = kept;
}

static void
free_watched(struct bfd *b, struct watched *w)
{
	complain(b, w, false);
	free(w->name);
	free(w->interface);
	explicit_bzero(&w->auth, sizeof(w->auth));
}

/* ---- the loop ---- */

/* Once the thread has said which it is. */
static void
ask_for_priority(struct bfd *b)
{
	pid_t number = atomic_load(&b->thread->number);

	if (b->realtime_asked || number == 0)
		return;
	b->realtime_asked = true;
	b->settings.callbacks->hurry(b->settings.arg, number);
}

void
bfd_realtime(struct bfd *b, int error)
{
	b->realtime = error == 0;
	if (error != 0)
		log_notice(b->settings.log, SUBJECT,
			   "real-time priority is not permitted (%s): on a "
			   "busy machine short intervals may not be kept",
			   strerror(-error));
}

static void
on_timer(uv_timer_t *timer)
{
	struct bfd *b = timer->data;
	struct mono now = mono_now();
	void (*done)(void *arg) = b->done;

	thread_beat(b->thread, now);
	ask_for_priority(b);
	remove_left(b, now);
	if (done && (b->n_leaving == 0 || mono_reached(b->done_limit, now))) {
		b->done = NULL;
		done(b->done_arg);
		return;
	}
	if (!mono_reached(b->retry, now))
		return;
	b->retry = mono_add(now, RETRY);
	for (size_t i = 0; i < b->n; i++)
		if (!b->sessions[i].session)
			make_session(b, &b->sessions[i]);
}

static void
on_turn(uv_prepare_t *prepare)
{
	struct bfd *b = prepare->data;

	thread_beat(b->thread, mono_now());
}

int
bfd_start_thread(struct bfd *b)
{
	int r = b->thread ? 0 : thread_start(&b->thread, b->taking != NULL);

	if (b->timer)
		return 0;
	if (r != 0) {
		log_error(b->settings.log, SUBJECT,
			  "the thread of BFD cannot be started: %s",
			  strerror(-r));
		return r;
	}
	b->timer = xcalloc(1, sizeof(*b->timer));
	b->prepare = xcalloc(1, sizeof(*b->prepare));
	b->told = xcalloc(1, sizeof(*b->told));
	uv_timer_init(b->settings.loop, b->timer);
	uv_prepare_init(b->settings.loop, b->prepare);
	uv_poll_init(b->settings.loop, b->told, b->thread->tell);
	b->timer->data = b->prepare->data = b->told->data = b;
	uv_timer_start(b->timer, on_timer, 0, (uint64_t)dur_to_ms(THREAD_BEAT));
	uv_prepare_start(b->prepare, on_turn);
	uv_poll_start(b->told, UV_READABLE, on_told);
	return 0;
}

/* ---- configuration ---- */

static struct table_key
key_of(const struct bfd_wanted *v)
{
	return (struct table_key){
	    .remote = v->address,
	    .local = v->source,
	    .multihop = v->conf->multihop,
	};
}

static struct machine_settings
settings_of(const struct conf_bfd *c)
{
	return (struct machine_settings){
	    .desired_min_tx = (uint32_t)(c->interval.ns / 1000),
	    .required_min_rx = (uint32_t)(c->receive_interval.ns / 1000),
	    .multiplier = (uint8_t)c->multiplier,
	    .passive = c->passive,
	};
}

static struct auth
auth_of(const struct conf_bfd_auth *c)
{
	struct auth a = {.type = (uint8_t)c->type, .key_id = c->key_id};

	a.key_len =
	    (uint8_t)(c->key.n < AUTH_KEY_MAX ? c->key.n : AUTH_KEY_MAX);
	if (a.key_len)
		memcpy(a.key, c->key.v, a.key_len);
	return a;
}

static bool
same_session(const struct watched *w, const struct bfd_wanted *v)
{
	return strcmp(w->name, v->name) == 0 &&
	       ip_equal(&w->key.remote, &v->address) &&
	       ip_equal(&w->key.local, &v->source) &&
	       w->key.multihop == v->conf->multihop &&
	       strcmp(w->interface ? w->interface : "",
		      v->interface ? v->interface : "") == 0;
}

static bool
same_auth(const struct auth *a, const struct auth *b)
{
	return a->type == b->type && a->key_id == b->key_id &&
	       a->key_len == b->key_len &&
	       memcmp(a->key, b->key, sizeof(a->key)) == 0;
}

static struct watched
new_watched(const struct bfd_wanted *v)
{
	return (struct watched){
	    .name = xstrdup(v->name),
	    .interface = v->interface ? xstrdup(v->interface) : NULL,
	    .key = key_of(v),
	    .settings = settings_of(v->conf),
	    .auth = auth_of(&v->conf->auth),
	    .since = mono_now(),
	};
}

/* A session that goes on, with what may be other values. */
static void
adopt(struct bfd *b, struct watched *w, const struct bfd_wanted *v)
{
	struct machine_settings s = settings_of(v->conf);
	struct auth auth = auth_of(&v->conf->auth);
	struct mono now = mono_now();
	bool other_auth = !same_auth(&w->auth, &auth);

	if (other_auth)
		w->auth = auth;
	w->settings = s;
	if (!w->session || (other_auth && load_digests(w) != 0))
		return;
	thread_lock(b->thread);
	if (other_auth) {
		auth = w->auth;
		auth.sent = w->session->auth.sent + 1;
		w->session->auth = auth;
	}
	w->session->fresh = true;
	table_act(&b->thread->table, w->session,
		  machine_configure(&w->session->machine, &s, now), now);
	thread_unlock(b->thread);
	thread_wake(b->thread);
}

static struct watched *
take_same(struct watched *old, size_t n, const struct bfd_wanted *v)
{
	for (size_t i = 0; i < n; i++)
		if (old[i].name && same_session(&old[i], v))
			return &old[i];
	return NULL;
}

void
bfd_configure(struct bfd *b, const struct bfd_wanted *v, size_t n)
{
	struct watched *old = b->sessions;
	size_t n_old = b->n;

	if (n > 0 && bfd_start_thread(b) != 0)
		return;
	b->sessions = xcalloc(n ? n : 1, sizeof(*b->sessions));
	b->n = n;
	for (size_t i = 0; i < n; i++) {
		struct watched *same = take_same(old, n_old, &v[i]);

		if (same) {
			b->sessions[i] = *same;
			same->name = NULL;
			adopt(b, &b->sessions[i], &v[i]);
		} else {
			b->sessions[i] = new_watched(&v[i]);
		}
	}
	for (size_t i = 0; i < n_old; i++) {
		if (!old[i].name)
			continue;
		let_go(b, &old[i]);
		free_watched(b, &old[i]);
	}
	free(old);
	for (size_t i = 0; i < n; i++)
		if (!b->sessions[i].session)
			make_session(b, &b->sessions[i]);
}

/* ---- life ---- */

struct bfd *
bfd_new(const struct bfd_settings *s)
{
	struct bfd *b = xcalloc(1, sizeof(*b));

	b->settings = *s;
	return b;
}

void
bfd_shutdown(struct bfd *b, struct dur limit, void (*done)(void *arg),
	     void *arg)
{
	if (!b->thread) {
		done(arg);
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		let_go(b, &b->sessions[i]);
		free_watched(b, &b->sessions[i]);
	}
	b->n = 0;
	b->done = done;
	b->done_arg = arg;
	b->done_limit = mono_add(mono_now(), limit);
}

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void
close_handle(void *handle)
{
	if (handle)
		uv_close(handle, free_handle);
}

void
bfd_free(struct bfd *b)
{
	if (!b)
		return;
	close_handle(b->timer);
	close_handle(b->prepare);
	close_handle(b->told);
	for (size_t i = 0; i < b->n; i++)
		free_watched(b, &b->sessions[i]);
	if (b->thread)
		thread_stop(b->thread);
	bfd_handover_free(b);
	free(b->sessions);
	free(b->leaving);
	free(b);
}
