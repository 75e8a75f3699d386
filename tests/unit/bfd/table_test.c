/* SPDX-License-Identifier: ISC */
/* Packets find their session, or are discarded without moving anything. */
#include "../test.h"

#include <string.h>

#include "base/text.h"
#include "bfd/table.h"

static const struct machine_settings fast = {10000, 10000, 3, false};

struct sent {
	uint8_t octets[BFD_PACKET_MAX];
	size_t n;
	unsigned count;
};

static bool
keep(void *arg, const struct table_session *s, const uint8_t *octets, size_t n)
{
	struct sent *sent = arg;

	memcpy(sent->octets, octets, n);
	sent->n = n;
	sent->count++;
	return true;
}

struct world {
	struct table t;
	struct sent sent;
	struct table_session *s;
	struct table_meta meta;
	struct mono now;
};

static void
build(struct world *w, uint8_t auth)
{
	struct table_key key = {.remote = ip_from_v4(0x0a000002)};
	const char *why;

	memset(w, 0, sizeof(*w));
	w->t.send = keep;
	w->t.arg = &w->sent;
	w->now = (struct mono){1000000000};
	w->s = table_add(&w->t, &key, &fast, 7, w->now);
	w->s->fd = -1;
	w->s->auth.type = auth;
	w->s->auth.key_id = 9;
	memcpy(w->s->auth.key, "secret", 6);
	w->s->auth.key_len = 6;
	if (auth_needs_module(auth)) {
		w->s->auth.module = auth_load(&why);
		assert_non_null(w->s->auth.module);
	}
	w->meta = (struct table_meta){.from = key.remote,
				      .to = ip_from_v4(0x0a000001),
				      .ifindex = 3,
				      .ttl = 255,
				      .at = w->now};
}

/* What the neighbour sends: with the same key, its own number. */
static size_t
theirs(const struct world *w, struct bfd_packet *p, uint32_t sequence,
       uint8_t *octets)
{
	struct auth a = w->s->auth;

	a.sent = sequence - 1;
	return auth_encode(&a, p, true, octets, BFD_PACKET_MAX);
}

static struct bfd_packet
packet(const struct world *w, enum bfd_state state)
{
	return (struct bfd_packet){
	    .state = (uint8_t)state,
	    .detect_mult = 3,
	    .my_discriminator = 0x22222222,
	    .your_discriminator =
		state == BFD_STATE_DOWN ? 0 : w->s->machine.discriminator,
	    .desired_min_tx = 10000,
	    .required_min_rx = 10000,
	};
}

static void
hear(struct world *w, enum bfd_state state, uint32_t sequence)
{
	uint8_t octets[BFD_PACKET_MAX];
	struct bfd_packet p = packet(w, state);
	size_t n = theirs(w, &p, sequence, octets);

	w->meta.at = w->now;
	table_receive(&w->t, octets, n, &w->meta);
}

static void
bring_up(struct world *w)
{
	hear(w, BFD_STATE_DOWN, 100);
	hear(w, BFD_STATE_UP, 101);
	assert_int_equal(w->s->machine.state, BFD_STATE_UP);
}

static void
discriminators_are_unique_and_not_zero(void **state)
{
	struct table t = {.send = keep};
	struct table_key key = {.remote = ip_from_v4(0x0a000002)};
	struct mono now = {0};
	struct table_session *a = table_add(&t, &key, &fast, 0, now);
	struct table_session *b = table_add(&t, &key, &fast, 0, now);

	assert_int_not_equal(a->machine.discriminator, 0);
	assert_int_not_equal(b->machine.discriminator, 0);
	assert_int_not_equal(a->machine.discriminator,
			     b->machine.discriminator);
	table_free(&t);
}

static void
a_first_packet_is_matched_by_its_source(void **state)
{
	struct world w;

	build(&w, BFD_AUTH_NONE);
	hear(&w, BFD_STATE_DOWN, 0);
	assert_int_equal(w.s->machine.state, BFD_STATE_INIT);
	assert_int_equal(w.sent.count, 1);
	w.meta.from = ip_from_v4(0x0a000063);
	hear(&w, BFD_STATE_DOWN, 0);
	assert_int_equal(w.t.discards.unknown, 1);
	w.s->key.ifindex = 4;
	w.meta.from = w.s->key.remote;
	hear(&w, BFD_STATE_DOWN, 0);
	assert_int_equal(w.t.discards.unknown, 2);
	table_free(&w.t);
}

static void
who_is_leaving_hides_nobody(void **state)
{
	struct table_session *after;
	struct world w;

	build(&w, BFD_AUTH_NONE);
	after = table_add(&w.t, &w.s->key, &fast, 8, w.now);
	w.s->leaving = true;
	hear(&w, BFD_STATE_DOWN, 0);
	assert_int_equal(w.s->machine.state, BFD_STATE_DOWN);
	assert_int_equal(after->machine.state, BFD_STATE_INIT);
	table_free(&w.t);
}

static void
several_hops_are_matched_by_both_addresses(void **state)
{
	struct world w;

	build(&w, BFD_AUTH_NONE);
	w.s->key.multihop = true;
	w.s->key.local = w.meta.to;
	hear(&w, BFD_STATE_DOWN, 0); /* came to the other port */
	assert_int_equal(w.t.discards.unknown, 1);
	w.meta.multihop = true;
	w.meta.ttl = 17;
	hear(&w, BFD_STATE_DOWN, 0);
	assert_int_equal(w.s->machine.state, BFD_STATE_INIT);
	w.meta.to = ip_from_v4(0x0a000063);
	hear(&w, BFD_STATE_DOWN, 0);
	assert_int_equal(w.t.discards.unknown, 2);
	table_free(&w.t);
}

/* Each to a session that is up: nothing of it puts off the expiry. */
static void
what_is_discarded_moves_nothing(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} broken[] = {
	    {0, 0x40},  /* version 2 */
	    {1, 0xc1},  /* Multipoint */
	    {1, 0xc4},  /* authentication that is not there */
	    {2, 0},     /* Detect Mult */
	    {3, 23},    /* Length */
	    {3, 25},    /* more than there is */
	    {11, 0xff}, /* another discriminator */
	};
	struct world w;
	struct machine before;

	build(&w, BFD_AUTH_NONE);
	bring_up(&w);
	before = w.s->machine;
	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		uint8_t octets[BFD_PACKET_MAX];
		struct bfd_packet p = packet(&w, BFD_STATE_DOWN);
		size_t n;

		p.your_discriminator = w.s->machine.discriminator;
		n = theirs(&w, &p, 0, octets);
		octets[broken[i].at] = broken[i].value;
		w.meta.at = mono_add(w.now, dur_ms(5));
		table_receive(&w.t, octets, n, &w.meta);
		assert_memory_equal(&before, &w.s->machine, sizeof(before));
	}
	w.meta.ttl = 254;
	hear(&w, BFD_STATE_ADMIN_DOWN, 0);
	assert_int_equal(w.t.discards.ttl, 1);
	assert_memory_equal(&before, &w.s->machine, sizeof(before));
	table_free(&w.t);
}

static void
authentication_must_be_as_agreed(void **state)
{
	for (uint8_t type = BFD_AUTH_PASSWORD; type <= BFD_AUTH_METICULOUS_SHA1;
	     type++) {
		uint8_t octets[BFD_PACKET_MAX];
		struct bfd_packet p;
		struct world w;
		size_t n;

		build(&w, type);
		bring_up(&w);
		p = packet(&w, BFD_STATE_ADMIN_DOWN);
		n = theirs(&w, &p, 102, octets);
		octets[n - 1] ^= 1;
		table_receive(&w.t, octets, n, &w.meta);
		assert_int_equal(w.s->refused[AUTH_WRONG], 1);
		n = bfd_encode(&(struct bfd_packet){.state = BFD_STATE_UP,
						    .detect_mult = 3,
						    .my_discriminator = 1},
			       octets, sizeof(octets));
		octets[1] = 0x40;
		table_receive(&w.t, octets, n, &w.meta);
		assert_int_equal(w.s->refused[AUTH_ABSENT], 1);
		assert_int_equal(w.s->machine.state, BFD_STATE_UP);
		table_free(&w.t);
	}
}

static void
what_is_authenticated_unasked_is_discarded(void **state)
{
	uint8_t octets[BFD_PACKET_MAX];
	struct bfd_packet p;
	struct world w;
	struct auth a = {.type = BFD_AUTH_PASSWORD, .key_len = 1};
	size_t n;

	build(&w, BFD_AUTH_NONE);
	p = packet(&w, BFD_STATE_DOWN);
	n = auth_encode(&a, &p, true, octets, sizeof(octets));
	table_receive(&w.t, octets, n, &w.meta);
	assert_int_equal(w.s->refused[AUTH_UNASKED], 1);
	assert_int_equal(w.s->machine.state, BFD_STATE_DOWN);
	table_free(&w.t);
}

/* RFC 5880 sections 6.7.3 and 6.7.4. */
static void
sequence_numbers_stay_in_their_window(void **state)
{
	struct world w;

	build(&w, BFD_AUTH_METICULOUS_SHA1);
	bring_up(&w); /* 101 */
	hear(&w, BFD_STATE_UP, 101);
	assert_int_equal(w.s->refused[AUTH_SEQUENCE], 1);
	hear(&w, BFD_STATE_UP, 111);
	assert_int_equal(w.s->refused[AUTH_SEQUENCE], 2);
	hear(&w, BFD_STATE_UP, 110);
	assert_int_equal(w.s->auth.received, 110);
	/* Known no more after twice the detection time. */
	w.now = mono_add(w.now, dur_ms(60));
	table_tick(&w.t, w.now);
	hear(&w, BFD_STATE_DOWN, 5);
	assert_int_equal(w.s->auth.received, 5);
	table_free(&w.t);
	build(&w, BFD_AUTH_MD5);
	bring_up(&w);
	hear(&w, BFD_STATE_UP, 101); /* not meticulous: again */
	assert_int_equal(w.s->refused[AUTH_SEQUENCE], 0);
	table_free(&w.t);
}

/* RFC 1321 and RFC 3174 test vectors. */
static void
the_module_has_the_right_digests(void **state)
{
	static const uint8_t md5[] = {0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2,
				      0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d,
				      0x28, 0xe1, 0x7f, 0x72};
	static const uint8_t sha1[] = {0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81,
				       0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50,
				       0xc2, 0x6c, 0x9c, 0xd0, 0xd8, 0x9d};
	const char *why;
	const struct auth_module *m = auth_load(&why);
	uint8_t out[BFD_SHA1_LEN];

	assert_non_null(m);
	m->md5("abc", 3, out);
	assert_memory_equal(out, md5, sizeof(md5));
	m->sha1("abc", 3, out);
	assert_memory_equal(out, sha1, sizeof(sha1));
}

/* The loop hangs: nothing goes out, whatever comes in. */
static void
who_is_mute_sends_nothing(void **state)
{
	struct world w;

	build(&w, BFD_AUTH_NONE);
	bring_up(&w);
	w.sent.count = 0;
	w.t.mute = true;
	w.now = mono_add(w.now, dur_ms(15));
	table_tick(&w.t, w.now);
	hear(&w, BFD_STATE_UP, 0);
	assert_int_equal(w.sent.count, 0);
	w.t.mute = false;
	w.now = mono_add(w.now, dur_ms(15));
	table_tick(&w.t, w.now);
	assert_int_equal(w.sent.count, 1);
	table_free(&w.t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(discriminators_are_unique_and_not_zero),
	    cmocka_unit_test(a_first_packet_is_matched_by_its_source),
	    cmocka_unit_test(who_is_leaving_hides_nobody),
	    cmocka_unit_test(several_hops_are_matched_by_both_addresses),
	    cmocka_unit_test(what_is_discarded_moves_nothing),
	    cmocka_unit_test(authentication_must_be_as_agreed),
	    cmocka_unit_test(what_is_authenticated_unasked_is_discarded),
	    cmocka_unit_test(sequence_numbers_stay_in_their_window),
	    cmocka_unit_test(the_module_has_the_right_digests),
	    cmocka_unit_test(who_is_mute_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
