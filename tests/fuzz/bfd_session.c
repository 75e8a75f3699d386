/* SPDX-License-Identifier: ISC */
/*
 * A life of a BFD session out of octets: time passes, packets come (cut out of
 * the input, some with a digest that is right), settings change.
 */
#include <assert.h>
#include <string.h>

#include "bfd/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

/* Digests that a fuzzer can get right: the sum of the octets. */
static void
sum(const void *octets, size_t n, uint8_t *out, size_t size)
{
	const uint8_t *p = octets;
	uint8_t total = 0;

	for (size_t i = 0; i < n; i++)
		total = (uint8_t)(total + p[i]);
	memset(out, total, size);
}

static void
sum16(const void *octets, size_t n, uint8_t digest[static BFD_MD5_LEN])
{
	sum(octets, n, digest, BFD_MD5_LEN);
}

static void
sum20(const void *octets, size_t n, uint8_t digest[static BFD_SHA1_LEN])
{
	sum(octets, n, digest, BFD_SHA1_LEN);
}

static const struct auth_module digests = {AUTH_ABI, sum16, sum20};

/* What we send can be read, and says what we are. */
static bool
look(void *arg, const struct table_session *s, const uint8_t *octets, size_t n)
{
	struct bfd_packet p;

	assert(bfd_decode(octets, n, &p) == BFD_FAULT_NONE);
	assert(p.my_discriminator == s->machine.discriminator);
	assert(p.state == s->machine.state);
	assert(!(p.poll && p.final) && !p.demand);
	assert(p.state == BFD_STATE_UP || p.desired_min_tx >= 1000000);
	return octets[n - 1] & 1;
}

static void
hold(const struct table_session *s, struct mono now)
{
	const struct machine *m = &s->machine;

	assert(m->state <= BFD_STATE_UP);
	assert(m->downs <= m->ups && m->ups <= m->downs + 1);
	assert((m->state == BFD_STATE_UP) == (m->ups == m->downs + 1));
	assert(m->last_rx.ns <= now.ns);
	assert(m->state != BFD_STATE_UP || m->heard);
}

struct life {
	struct table t;
	struct table_session *s;
	struct mono now;
	struct rbuf in;
};

static void
packet(struct life *l, uint8_t how)
{
	uint8_t octets[64] = {0};
	size_t n = rbuf_u8(&l->in) % sizeof(octets);
	const uint8_t *p = rbuf_take(&l->in, n);
	struct table_meta m = {.from = l->s->key.remote,
			       .to = ip_from_v4(0x0a000001),
			       .ttl = how & 1 ? 255 : how,
			       .at = l->now};

	if (!p)
		return;
	memcpy(octets, p, n);
	if ((how & 2) && n >= 12)
		for (int i = 0; i < 4; i++)
			octets[8 + i] = (uint8_t)(l->s->machine.discriminator >>
						  (24 - 8 * i));
	table_receive(&l->t, octets, n, &m);
}

static void
change(struct life *l, uint8_t how)
{
	struct machine_settings s = {
	    .desired_min_tx = 10000U + rbuf_u16(&l->in) * 100U,
	    .required_min_rx = 10000U + rbuf_u16(&l->in) * 100U,
	    .multiplier = (uint8_t)(rbuf_u8(&l->in) | 1)};
	unsigned a;

	if (how & 4)
		a = machine_disable(&l->s->machine, l->now);
	else if (how & 8)
		a = machine_enable(&l->s->machine, l->now);
	else
		a = machine_configure(&l->s->machine, &s, l->now);
	l->s->fresh = true;
	table_act(&l->t, l->s, a, l->now);
}

static void
step(struct life *l, uint8_t what)
{
	switch (what >> 6) {
	case 0:
		l->now = mono_add(l->now, dur_us((what & 63) * 1000));
		assert(mono_before(l->now, table_tick(&l->t, l->now)));
		break;
	case 1:
		change(l, what);
		break;
	default:
		packet(l, what);
	}
	hold(l->s, l->now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static const struct machine_settings fast = {10000, 10000, 3, false};
	const struct table_key key = {.remote = ip_from_v4(0x0a000002)};
	struct life l = {
	    .t = {.send = look}, .now = {1000000000}, .in = rbuf_of(octets, n)};

	l.s = table_add(&l.t, &key, &fast, 7, l.now);
	l.s->auth = (struct auth){.type = rbuf_u8(&l.in) % 6,
				  .key_id = 1,
				  .key_len = 4,
				  .key = "key",
				  .module = &digests};
	while (rbuf_left(&l.in) > 0)
		step(&l, rbuf_u8(&l.in));
	table_free(&l.t);
	return 0;
}
