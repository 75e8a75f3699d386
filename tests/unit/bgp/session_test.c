/* SPDX-License-Identifier: ISC */
/* One speaker against a peer that says and does what the test wants. */
#include "../addresses.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "bgp/bgp.h"
#include "bgp/peer.h"

#define LIMIT_MS 10000
#define MANY     20000

struct raw {
	int fd; /* -1: none */
	uint8_t buf[65536];
	size_t n;
	bool end; /* closed or reset by the speaker */
	/* Last message of each kind. */
	unsigned seen[6];
	uint8_t code, subcode; /* of a NOTIFICATION */
	uint8_t data[64];
	size_t data_len;
};

struct fixture {
	uv_loop_t loop;
	uv_timer_t tick;
	struct bgp *bgp;
	struct conf conf;
	struct conf_peer peer;
	struct conf_prefix *prefixes;
	struct conf_endpoint at;
	int listening, raw_listening;
	bool closed;
	unsigned ups, downs;
	struct raw a, b;
	struct log log; /* into a file */
};

/* ---- the speaker ---- */

static int
hand_out(void *arg, const struct ip *ip, uint16_t port)
{
	return dup(((struct fixture *)arg)->listening);
}

static void
on_state(void *arg, struct bgp_peer *peer, enum bgp_state from,
	 enum bgp_state to, const char *why)
{
	struct fixture *f = arg;

	f->ups += to == BGP_STATE_ESTABLISHED;
	f->downs += from == BGP_STATE_ESTABLISHED;
}

static const struct bgp_callbacks callbacks = {.state = on_state};

static int
listen_on(const char *text, uint16_t *port)
{
	struct ip ip = ip_of(text), seen;
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(&ip, 0, 0, &ss);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int small = 4096;

	assert_true(fd >= 0);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	*port = ip_from_sockaddr(&ss, &seen);
	return fd;
}

static void
on_tick(uv_timer_t *t)
{
}

static struct fixture *
prepare(size_t n_prefixes)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	uv_loop_init(&f->loop);
	uv_timer_init(&f->loop, &f->tick);
	uv_timer_start(&f->tick, on_tick, 5, 5);
	f->a.fd = f->b.fd = -1;
	f->log =
	    (struct log){.fd = memfd_create("log", 0), .level = LOG_LEVEL_INFO};
	f->at.ip = ip_of("127.0.0.1");
	f->listening = listen_on("127.0.0.1", &f->at.port);
	f->prefixes = calloc(n_prefixes, sizeof(*f->prefixes));
	for (size_t i = 0; i < n_prefixes; i++)
		f->prefixes[i].prefix = (struct prefix){
		    ip_from_v4(0x0b000000 + (uint32_t)i * 256), 24};
	f->peer = (struct conf_peer){
	    .name = "raw",
	    .address = ip_of("127.0.0.2"),
	    .source = ip_of("127.0.0.1"),
	    .asn = 65002,
	    .local_asn = 65001,
	    .passive = true,
	    .families = CONF_IPV4,
	    .hold_time = dur_s(90),
	    .keepalive = dur_s(30),
	    .connect_retry = dur_s(5),
	    .policy = {.first_as = true, .max_prefix = {1000, 80, dur_s(300)}},
	};
	f->raw_listening = listen_on("127.0.0.2", &f->peer.port);
	f->conf = (struct conf){
	    .node = {.asn = 65001, .router_id = ip_from_v4(100)},
	    .bgp = {&f->at, 1},
	    .prefixes = f->prefixes,
	    .n_prefixes = n_prefixes,
	    .peers = &f->peer,
	    .n_peers = 1,
	};
	return f;
}

static void
start(struct fixture *f)
{
	const struct bgp_settings s = {.loop = &f->loop,
				       .log = &f->log,
				       .callbacks = &callbacks,
				       .arg = f,
				       .listen = hand_out,
				       .listen_arg = f};

	f->bgp = bgp_new(&s);
	assert_int_equal(bgp_configure(f->bgp, &f->conf), 0);
}

static void
on_closed(void *arg)
{
	((struct fixture *)arg)->closed = true;
}

static void
finish(struct fixture *f)
{
	if (f->a.fd >= 0)
		close(f->a.fd);
	if (f->b.fd >= 0)
		close(f->b.fd);
	bgp_shutdown(f->bgp, "", dur_ms(500), on_closed, f);
	while (!f->closed)
		uv_run(&f->loop, UV_RUN_ONCE);
	bgp_free(f->bgp);
	close(f->listening);
	close(f->raw_listening);
	close(f->log.fd);
	uv_close((uv_handle_t *)&f->tick, NULL);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f->prefixes);
	free(f);
}

static struct bgp_peer_view
view(struct fixture *f)
{
	struct bgp_peer_view v;

	bgp_peer_view(bgp_peer_at(f->bgp, 0), &v);
	return v;
}

/* The log so far; the caller frees. */
static char *
logged(struct fixture *f)
{
	off_t n = lseek(f->log.fd, 0, SEEK_END);
	char *text = calloc((size_t)n + 1, 1);

	assert_int_equal(pread(f->log.fd, text, (size_t)n, 0), n);
	return text;
}

/* ---- the raw peer ---- */

static void
raw_connect_from(struct fixture *f, struct raw *r, const char *from)
{
	struct ip ip = ip_of(from);
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(&ip, 0, 0, &ss);
	int small = 4096;

	r->fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	assert_int_equal(bind(r->fd, (struct sockaddr *)&ss, len), 0);
	len = ip_to_sockaddr(&f->at.ip, f->at.port, 0, &ss);
	assert_int_equal(connect(r->fd, (struct sockaddr *)&ss, len), 0);
}

static void
raw_send(struct raw *r, const void *octets, size_t n)
{
	assert_int_equal(send(r->fd, octets, n, MSG_NOSIGNAL), (ssize_t)n);
}

static void
raw_send_open(struct raw *r, uint32_t asn, uint32_t id, uint16_t hold)
{
	const struct bgp_open open = {.version = 4,
				      .asn = asn,
				      .hold_time = hold,
				      .router_id = id,
				      .has_multiprotocol = true,
				      .families = BGP_FAMILY_IPV4,
				      .as4 = true};
	uint8_t buf[256];

	raw_send(r, buf, bgp_encode_open(&open, buf, sizeof(buf)));
}

static void
raw_send_keepalive(struct raw *r)
{
	uint8_t buf[32];

	raw_send(r, buf, bgp_encode_keepalive(buf, sizeof(buf)));
}

static void
raw_note(struct raw *r, uint8_t type, const uint8_t *m, size_t n)
{
	struct bgp_notification note;

	r->seen[type]++;
	if (type != BGP_NOTIFICATION)
		return;
	bgp_decode_notification(m, n, &note);
	r->code = note.code;
	r->subcode = note.subcode;
	r->data_len = note.data_len < 64 ? note.data_len : 64;
	memcpy(r->data, note.data, r->data_len);
}

static void
raw_frame(struct raw *r)
{
	struct bgp_verdict v;
	size_t at = 0;
	uint8_t type;
	int len;

	while ((len = bgp_frame(r->buf + at, r->n - at, BGP_MESSAGE_MAX, &type,
				&v)) > 0) {
		raw_note(r, type, r->buf + at, (size_t)len);
		at += (size_t)len;
	}
	assert_true(len == 0);
	memmove(r->buf, r->buf + at, r->n - at);
	r->n -= at;
}

static void
raw_read(struct raw *r)
{
	ssize_t n;

	if (r->fd < 0 || r->end)
		return;
	n = recv(r->fd, r->buf + r->n, sizeof(r->buf) - r->n, MSG_DONTWAIT);
	if (n > 0) {
		r->n += (size_t)n;
		raw_frame(r);
	} else if (n == 0 || errno != EAGAIN) {
		r->end = true;
	}
}

/* Turns the loop, and reads what comes, until `done` or the limit. */
static bool
run_until(struct fixture *f, bool (*done)(struct fixture *f))
{
	uint64_t end = uv_hrtime() + (uint64_t)LIMIT_MS * 1000000;

	while (!done(f)) {
		if (uv_hrtime() > end)
			return false;
		uv_run(&f->loop, UV_RUN_ONCE);
		raw_read(&f->a);
		raw_read(&f->b);
	}
	return true;
}

static bool
a_ended(struct fixture *f)
{
	return f->a.end;
}

static bool
b_ended(struct fixture *f)
{
	return f->b.end;
}

static bool
is_up(struct fixture *f)
{
	return view(f).state == BGP_STATE_ESTABLISHED;
}

static bool
a_was_opened(struct fixture *f)
{
	return f->a.seen[BGP_OPEN] > 0;
}

static bool
a_was_confirmed(struct fixture *f)
{
	return f->a.seen[BGP_KEEPALIVE] > 0;
}

static struct fixture *
connected(size_t n_prefixes)
{
	struct fixture *f = prepare(n_prefixes);

	start(f);
	raw_connect_from(f, &f->a, "127.0.0.2");
	assert_true(run_until(f, a_was_opened));
	return f;
}

static struct fixture *
established(size_t n_prefixes, uint16_t hold)
{
	struct fixture *f = connected(n_prefixes);

	raw_send_open(&f->a, 65002, 200, hold);
	raw_send_keepalive(&f->a);
	assert_true(run_until(f, is_up));
	return f;
}

static void
expect_notification(struct fixture *f, uint8_t code, uint8_t subcode)
{
	assert_true(run_until(f, a_ended));
	assert_int_equal(f->a.seen[BGP_NOTIFICATION], 1);
	assert_int_equal(f->a.code, code);
	assert_int_equal(f->a.subcode, subcode);
}

/* ---- tests ---- */

static void
strangers_are_reset(void **state)
{
	struct fixture *f = prepare(1);

	start(f);
	raw_connect_from(f, &f->a, "127.0.0.3");
	assert_true(run_until(f, a_ended));
	assert_int_equal(f->a.seen[BGP_OPEN], 0);
	finish(f);
}

static void
a_wrong_asn_is_named(void **state)
{
	struct fixture *f = connected(1);

	raw_send_open(&f->a, 65077, 200, 90);
	expect_notification(f, 2, 2);
	assert_non_null(strstr(view(f).last_error, "65077"));
	assert_non_null(strstr(view(f).last_error, "65002"));
	assert_int_equal(f->ups, 0);
	finish(f);
}

static void
garbage_is_not_synchronized(void **state)
{
	struct fixture *f = connected(1);

	raw_send(&f->a, "GET / HTTP/1.0\r\n\r\nxxxxxxx", 25);
	expect_notification(f, 1, 1);
	finish(f);
}

static void
a_bad_length_is_shown(void **state)
{
	struct fixture *f = established(1, 90);
	uint8_t m[19];

	memset(m, 0xff, 16);
	m[16] = 0xff;
	m[17] = 0xfe;
	m[18] = BGP_UPDATE;
	raw_send(&f->a, m, sizeof(m));
	expect_notification(f, 1, 2);
	assert_int_equal(f->a.data_len, 2);
	assert_memory_equal(f->a.data, m + 16, 2);
	assert_int_equal(f->downs, 1);
	finish(f);
}

static void
messages_out_of_turn_are_fsm_errors(void **state)
{
	struct fixture *f = connected(1);

	raw_send_keepalive(&f->a);
	expect_notification(f, 5, 1);
	finish(f);
	f = established(1, 90);
	raw_send_open(&f->a, 65002, 200, 90);
	expect_notification(f, 5, 3);
	finish(f);
}

static void
octets_may_come_one_by_one(void **state)
{
	const struct bgp_open open = {.version = 4,
				      .asn = 65002,
				      .hold_time = 90,
				      .router_id = 200,
				      .has_multiprotocol = true,
				      .families = BGP_FAMILY_IPV4,
				      .as4 = true};
	struct fixture *f = connected(1);
	uint8_t buf[256];
	size_t n = bgp_encode_open(&open, buf, sizeof(buf));

	n += bgp_encode_keepalive(buf + n, sizeof(buf) - n);
	for (size_t i = 0; i < n; i++) {
		raw_send(&f->a, buf + i, 1);
		uv_run(&f->loop, UV_RUN_NOWAIT);
	}
	assert_true(run_until(f, is_up));
	finish(f);
}

static void
silence_is_answered_by_hold_timer_expired(void **state)
{
	struct fixture *f = established(1, 3);

	assert_int_equal(view(f).hold_time.ns, dur_s(3).ns);
	expect_notification(f, 4, 0);
	assert_true(f->a.seen[BGP_KEEPALIVE] >= 2);
	assert_non_null(strstr(view(f).last_error, "hold timer"));
	finish(f);
}

static void
a_notification_is_not_answered(void **state)
{
	static const uint8_t text[] = "\x0a\x1b[2Jbye\"\n\x01x";
	struct fixture *f = established(1, 90);
	uint8_t buf[64];
	size_t n = bgp_encode_notification(6, 2, text, 11, buf, sizeof(buf));

	raw_send(&f->a, buf, n);
	assert_true(run_until(f, a_ended));
	assert_int_equal(f->a.seen[BGP_NOTIFICATION], 0);
	assert_non_null(strstr(view(f).last_error, "bye"));
	assert_null(strchr(view(f).last_error, '\x1b'));
	assert_null(strchr(view(f).last_error, '\n'));
	finish(f);
}

/*
 * After a standstill of ours the loop may read what the neighbour said before
 * it looks at its timers.
 */
static void
a_standstill_is_seen_before_the_timers_run(void **state)
{
	struct fixture *f = established(1, 90);
	struct bgp_peer *p = bgp_peer_at(f->bgp, 0);
	uint8_t buf[64];
	size_t n = bgp_encode_notification(4, 0, NULL, 0, buf, sizeof(buf));

	p->due = mono_add(mono_now(), dur_s(-5));
	raw_send(&f->a, buf, n);
	assert_true(run_until(f, a_ended));
	assert_non_null(strstr(view(f).cause, "did not run"));
	finish(f);
}

/* ... but a neighbour does not end a session for what was long ago. */
static void
a_standstill_of_long_ago_explains_nothing(void **state)
{
	struct fixture *f = established(1, 90);
	struct bgp_peer *p = bgp_peer_at(f->bgp, 0);
	uint8_t buf[64];
	size_t n = bgp_encode_notification(4, 0, NULL, 0, buf, sizeof(buf));

	p->blame.late = dur_s(5);
	p->blame.late_at = mono_add(mono_now(), dur_s(-61));
	raw_send(&f->a, buf, n);
	assert_true(run_until(f, a_ended));
	assert_non_null(strstr(view(f).cause, "in time"));
	finish(f);
}

static void
a_flood_of_keepalives_changes_nothing(void **state)
{
	struct fixture *f = established(1, 90);
	static uint8_t flood[19 * 1000];

	for (size_t i = 0; i < 1000; i++)
		bgp_encode_keepalive(flood + i * 19, 19);
	for (int i = 0; i < 100; i++) {
		for (size_t at = 0; at < sizeof(flood);) {
			ssize_t n =
			    send(f->a.fd, flood + at, sizeof(flood) - at,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

			at += n > 0 ? (size_t)n : 0;
			uv_run(&f->loop, UV_RUN_NOWAIT);
		}
	}
	while (view(f).messages_in[BGP_KEEPALIVE] < 100001)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_true(is_up(f));
	finish(f);
}

static void
a_second_connection_is_ceased(void **state)
{
	struct fixture *f = established(1, 90);

	raw_connect_from(f, &f->b, "127.0.0.2");
	assert_true(run_until(f, b_ended));
	assert_int_equal(f->b.code, 6);
	assert_int_equal(f->b.subcode, 7);
	assert_true(is_up(f));
	finish(f);
}

static bool
b_ended_or_open(struct fixture *f)
{
	return f->b.end || f->b.seen[BGP_OPEN] > 0;
}

static bool
has_error(struct fixture *f)
{
	return strstr(view(f).last_error, "without a NOTIFICATION") != NULL;
}

/* Routers refuse connections for a while after an error: why is the error. */
static void
what_the_peer_said_outlives_what_it_does_next(void **state)
{
	struct fixture *f = prepare(1);
	uint8_t buf[64];

	f->peer.connect_retry = dur_ms(100);
	start(f);
	raw_connect_from(f, &f->a, "127.0.0.2");
	assert_true(run_until(f, a_was_opened));
	raw_send(&f->a, buf,
		 bgp_encode_notification(BGP_ERR_OPEN, BGP_OPEN_BAD_PEER_AS,
					 NULL, 0, buf, sizeof(buf)));
	assert_true(run_until(f, a_ended));
	close(f->a.fd);
	raw_connect_from(f, &f->b, "127.0.0.2");
	f->a.fd = -1;
	while (f->b.seen[BGP_OPEN] == 0) {
		if (run_until(f, b_ended_or_open) && !f->b.end)
			break;
		close(f->b.fd);
		f->b = (struct raw){.fd = -1};
		raw_connect_from(f, &f->b, "127.0.0.2");
	}
	shutdown(f->b.fd, SHUT_RDWR);
	assert_true(run_until(f, has_error));
	assert_non_null(strstr(view(f).last_error,
			       "; before that: peer sent NOTIFICATION 2/2"));
	finish(f);
}

/* An UPDATE whose ORIGIN has a value that does not exist. */
static void
malformed_attributes_do_not_end_the_session(void **state)
{
	static const uint8_t body[] = {
	    0,    0,   0, 20,                       /* lengths */
	    0x40, 1,   1, 9,                        /* ORIGIN 9 */
	    0x40, 2,   6, 2,   1, 0, 0, 0xfd, 0xea, /* AS_PATH 65002 */
	    0x40, 3,   4, 10,  0, 0, 2,             /* NEXT_HOP */
	    24,   203, 0, 113,
	};
	struct fixture *f = established(1, 90);
	uint8_t m[19 + sizeof(body)];
	char *log;

	memset(m, 0xff, 16);
	m[16] = 0;
	m[17] = sizeof(m);
	m[18] = BGP_UPDATE;
	memcpy(m + 19, body, sizeof(body));
	raw_send(&f->a, m, sizeof(m));
	raw_send(&f->a, m, sizeof(m));
	while (view(f).messages_in[BGP_UPDATE] < 2)
		uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(view(f).updates_malformed, 2);
	assert_int_equal(view(f).treated_as_withdraw, 2);
	assert_true(is_up(f));
	/* RFC 7606 section 6: the NLRI and the whole message; once. */
	log = logged(f);
	assert_non_null(strstr(log, "; NLRI 203.0.113.0/24\n"));
	assert_non_null(strstr(log, "octets 0 to 46 of 47: ffffffff"));
	assert_non_null(strstr(log, "18cb0071\n"));
	assert_null(strstr(strstr(log, "18cb0071") + 1, "18cb0071"));
	free(log);
	finish(f);
}

/*
 * A peer that does not read: nothing piles up, and when it reads again it
 * gets the last state, not the history.
 */
static void
a_peer_that_does_not_read_costs_little(void **state)
{
	struct fixture *f = established(MANY, 90);
	size_t most = 0;

	for (int round = 0; round < 400; round++) {
		for (size_t i = 0; i < MANY; i++)
			bgp_want(f->bgp, i,
				 round % 2 == 0 ? CONF_RUNG_HEALTHY
						: CONF_RUNG_WITHDRAWN);
		for (int i = 0; i < 5; i++)
			uv_run(&f->loop, UV_RUN_NOWAIT);
		if (view(f).queued_octets > most)
			most = view(f).queued_octets;
	}
	assert_true(most > 0);
	assert_true(most <= 40 * 1024);
	assert_true(view(f).pending > 0);
	for (size_t i = 0; i < MANY; i++)
		bgp_want(f->bgp, i, CONF_RUNG_HEALTHY);
	while (view(f).announced != MANY || view(f).pending) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		raw_read(&f->a);
	}
	assert_true(is_up(f));
	assert_int_equal(view(f).queued_octets, 0);
	finish(f);
}

static void
read_all(struct fixture *f, size_t announced)
{
	do {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		raw_read(&f->a);
	} while (view(f).announced != announced || view(f).pending);
}

/*
 * Every second prefix steps down, the wants of two rungs come mixed: few
 * UPDATEs all the same, each full, and no withdrawal (octets: 4 a prefix).
 */
static void
a_step_of_many_is_packed(void **state)
{
	struct fixture *f = established(MANY, 90);
	const enum conf_rung of[] = {CONF_RUNG_DEGRADED, CONF_RUNG_DRAINING,
				     CONF_RUNG_HEALTHY, CONF_RUNG_HEALTHY};
	uint64_t octets, updates;

	f->peer.ladder[CONF_RUNG_DEGRADED] =
	    (struct conf_step){.announce = true, .med_set = true, .med = 7};
	f->peer.ladder[CONF_RUNG_DRAINING] =
	    (struct conf_step){.announce = true, .graceful_shutdown = true};
	for (size_t i = 0; i < MANY; i++)
		bgp_want(f->bgp, i, CONF_RUNG_HEALTHY);
	read_all(f, MANY);
	octets = view(f).octets_out;
	updates = view(f).messages_out[BGP_UPDATE];
	for (size_t i = 0; i < MANY; i++)
		bgp_want(f->bgp, i, of[i % 4]);
	read_all(f, MANY);
	updates = view(f).messages_out[BGP_UPDATE] - updates;
	octets = view(f).octets_out - octets;
	assert_in_range(updates, 2, MANY / 2 / 1000 + 2);
	assert_in_range(octets, MANY / 2 * 4, MANY / 2 * 4 + updates * 80);
	finish(f);
}

/* ---- collisions (RFC 4271 section 6.8) ---- */

static bool
speaker_connected(struct fixture *f)
{
	f->b.fd = accept4(f->raw_listening, NULL, NULL, SOCK_NONBLOCK);
	return f->b.fd >= 0;
}

static bool
b_was_opened(struct fixture *f)
{
	return f->b.seen[BGP_OPEN] > 0;
}

static bool
one_was_ceased(struct fixture *f)
{
	return f->a.end || f->b.end;
}

/* a: the raw peer's connection, b: the speaker's (identifier 100). */
static struct fixture *
colliding(uint32_t raw_id, bool a_first)
{
	struct fixture *f = prepare(1);
	struct raw *first = a_first ? &f->a : &f->b;
	struct raw *second = a_first ? &f->b : &f->a;

	f->peer.passive = false;
	start(f);
	assert_true(run_until(f, speaker_connected));
	raw_connect_from(f, &f->a, "127.0.0.2");
	assert_true(run_until(f, a_was_opened));
	assert_true(run_until(f, b_was_opened));
	raw_send_open(first, 65002, raw_id, 90);
	raw_send_open(second, 65002, raw_id, 90);
	assert_true(run_until(f, one_was_ceased));
	return f;
}

static void
check_loser(struct fixture *f, struct raw *loser, struct raw *winner)
{
	assert_true(loser->end);
	assert_false(winner->end);
	assert_int_equal(loser->code, 6);
	assert_int_equal(loser->subcode, 7);
	raw_send_keepalive(winner);
	assert_true(run_until(f, is_up));
	assert_int_equal(f->ups, 1);
	finish(f);
}

static void
the_higher_identifier_wins_in_any_order(void **state)
{
	for (int order = 0; order < 2; order++) {
		struct fixture *f = colliding(200, order);

		check_loser(f, &f->b, &f->a);
		f = colliding(50, order);
		check_loser(f, &f->a, &f->b);
	}
}

static void
after_a_collision_both_ways_work_again(void **state)
{
	struct fixture *f = colliding(200, true);

	raw_send_keepalive(&f->a);
	assert_true(run_until(f, is_up));
	close(f->a.fd);
	close(f->b.fd);
	memset(&f->a, 0, sizeof(f->a));
	memset(&f->b, 0, sizeof(f->b));
	f->a.fd = f->b.fd = -1;
	while (is_up(f))
		uv_run(&f->loop, UV_RUN_NOWAIT);
	raw_connect_from(f, &f->a, "127.0.0.2");
	assert_true(run_until(f, a_was_opened));
	raw_send_open(&f->a, 65002, 200, 90);
	assert_true(run_until(f, a_was_confirmed));
	raw_send_keepalive(&f->a);
	assert_true(run_until(f, is_up));
	assert_int_equal(f->ups, 2);
	finish(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(strangers_are_reset),
	    cmocka_unit_test(a_wrong_asn_is_named),
	    cmocka_unit_test(garbage_is_not_synchronized),
	    cmocka_unit_test(a_bad_length_is_shown),
	    cmocka_unit_test(messages_out_of_turn_are_fsm_errors),
	    cmocka_unit_test(octets_may_come_one_by_one),
	    cmocka_unit_test(silence_is_answered_by_hold_timer_expired),
	    cmocka_unit_test(a_notification_is_not_answered),
	    cmocka_unit_test(a_standstill_is_seen_before_the_timers_run),
	    cmocka_unit_test(a_standstill_of_long_ago_explains_nothing),
	    cmocka_unit_test(a_flood_of_keepalives_changes_nothing),
	    cmocka_unit_test(a_second_connection_is_ceased),
	    cmocka_unit_test(what_the_peer_said_outlives_what_it_does_next),
	    cmocka_unit_test(malformed_attributes_do_not_end_the_session),
	    cmocka_unit_test(a_peer_that_does_not_read_costs_little),
	    cmocka_unit_test(a_step_of_many_is_packed),
	    cmocka_unit_test(the_higher_identifier_wins_in_any_order),
	    cmocka_unit_test(after_a_collision_both_ways_work_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
