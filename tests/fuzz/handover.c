/* SPDX-License-Identifier: ISC */
/*
 * Records of a hot upgrade as nobody writes them: length, octets, one after
 * the other. What is accepted must be a state that can be lived with: taken
 * over, looked at from every side, with time passing.
 */
#include <assert.h>
#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include "avail/avail.h"
#include "base/text.h"
#include "bfd/internal.h"
#include "wire/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* ---- checks, services and prefixes ---- */

static struct avail *
avail_of_two(void)
{
	static const struct avail_check_settings check = {
	    .rise = 2,
	    .fall = 3,
	    .unknown_limit = {1000000000},
	    .stale_after = {2000000000}};
	static const struct avail_service_settings service = {
	    .overload_after = {1000000000}};
	static const struct avail_prefix_settings prefix = {
	    .hold_down = {3000000000},
	    .damping = {.suppress = 2500,
			.reuse = 900,
			.half_life = {60000000000},
			.max_suppress = {600000000000}},
	    .ladder_hold = {1000000000},
	    .brake = true};
	struct avail *av = avail_new();
	size_t services[2];

	services[0] = avail_add_service(av, "s", &service);
	services[1] = avail_add_service(av, "t", &service);
	avail_add_check(av, "c", services[0], &check);
	avail_add_check(av, "d", services[1], &check);
	avail_add_prefix(av, "p", services, 2, &prefix);
	avail_seal(av, (struct mono){1000000000});
	return av;
}

static void
look(const struct avail *av)
{
	struct avail_check_view c;
	struct avail_service_view s;
	struct avail_prefix_view p;

	for (size_t i = 0; i < avail_checks(av); i++) {
		avail_view_check(av, i, &c);
		assert(*avail_check_state_text(c.state));
		assert(*avail_reason_text(c.reason));
		assert(*avail_verdict_text(c.last));
	}
	for (size_t i = 0; i < avail_services(av); i++) {
		avail_view_service(av, i, &s);
		assert(*avail_service_state_text(s.state));
		assert(s.cause == SIZE_MAX || s.cause < avail_checks(av));
		assert(s.checks_up <= s.checks);
	}
	for (size_t i = 0; i < avail_prefixes(av); i++) {
		avail_view_prefix(av, i, &p);
		assert(*avail_prefix_state_text(p.state));
		assert(*avail_rung_text(p.rung));
		assert(p.announce == (p.rung != AVAIL_RUNG_WITHDRAWN));
		assert(p.cause == SIZE_MAX || p.cause < avail_services(av));
		assert(p.services_up <= p.services);
	}
}

static void
live(struct avail *av)
{
	struct mono now = {5000000000};
	struct avail_change change;
	char text[2048];

	for (int i = 0; i < 8; i++) {
		now = mono_add(now, dur_ms(700));
		avail_tick(av, now);
		avail_sample(av, (size_t)i % 2,
			     (enum avail_verdict)(i % AVAIL_VERDICT_COUNT),
			     now);
		while (avail_take(av, &change))
			avail_change_text(av, &change, text, sizeof(text));
		look(av);
	}
}

static void
take_avail(struct rbuf in)
{
	struct avail *old = avail_of_two(), *av = avail_of_two();
	int error = 0;

	while (rbuf_left(&in) > 0 && error == 0) {
		struct rbuf record = rbuf_child(&in, rbuf_u16(&in));

		error = avail_handover_read(old, record.p, rbuf_left(&record));
	}
	if (error == 0) {
		avail_adopt(av, old, (struct mono){5000000000});
		look(av);
		live(av);
	}
	avail_free(old);
	avail_free(av);
}

/* ---- BFD ---- */

static void
changed(void *arg, size_t id, enum bfd_status from, enum bfd_status to,
	const char *why)
{
	assert(id == 0 && *bfd_status_text(from) && *bfd_status_text(to));
	assert(*why);
}

static void
alarm_changed(void *arg, const char *subject, const char *message, bool on)
{
}

static void
hurry(void *arg, pid_t thread)
{
}

/* Receivers would have to be sockets: they are left out. */
static int
read_bfd(struct bfd *b, struct rbuf in)
{
	int error = 0;

	while (rbuf_left(&in) > 0 && error == 0) {
		struct rbuf r = rbuf_child(&in, rbuf_u16(&in));
		int fd;

		if (rbuf_left(&r) == 2)
			continue;
		fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
		error = bfd_handover_read(b, r.p, rbuf_left(&r), fd);
	}
	return error;
}

/* As bfd_configure() has it, but without a socket where there is none. */
static void
give(struct bfd *b)
{
	struct watched *w = xcalloc(1, sizeof(*w));
	struct bfd_view v;

	w->name = xstrdup("b");
	w->key = (struct table_key){.remote = ip_from_v4(0x0a000002)};
	w->settings = (struct machine_settings){100000, 100000, 3, false};
	b->sessions = w;
	b->n = 1;
	if (bfd_handover_give(b, w))
		bfd_view(b, 0, &v);
}

static void
take_bfd(struct rbuf in)
{
	static const struct bfd_callbacks callbacks = {changed, alarm_changed,
						       hurry};
	uv_loop_t loop;
	struct bfd_settings s = {.loop = &loop, .callbacks = &callbacks};
	struct bfd *b;

	uv_loop_init(&loop);
	b = bfd_new(&s);
	bfd_handover_begin(b);
	if (bfd_start_thread(b) == 0 && read_bfd(b, in) == 0) {
		give(b);
		bfd_handover_commit(b);
	}
	bfd_free(b);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct rbuf in = rbuf_of(octets, n);

	if (rbuf_u8(&in) & 1)
		take_bfd(in);
	else
		take_avail(in);
	return 0;
}
