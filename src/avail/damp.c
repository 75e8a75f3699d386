/* SPDX-License-Identifier: ISC */
/*
 * Flap damping of one prefix, RFC 2439 section 4.2.
 *
 * Fixed point throughout: the figure is a count of 1 / 2^24, what a fraction
 * of a half-life leaves of it is multiplied together from a table. So every
 * machine tells the same time of reuse.
 *
 * Invariants: the figure is at most the ceiling from which it falls to reuse
 * within max_suppress; reuse_at is in the past unless the figure went beyond
 * suppress and has not been below reuse since.
 */
#include <assert.h>

#include "avail/state.h"
#include "base/text.h"

#define SCALE 24 /* bits behind the point of a figure */
#define MOST  ((uint64_t)AVAIL_SUPPRESS_MAX * 10 << SCALE)
#define MS    1000000

/* 2^(-1/2^k) for k = 1 and on, in 1 / 2^32. */
static const uint32_t roots[] = {
    0xb504f334, 0xd744fccb, 0xeac0c6e8, 0xf5257d15, 0xfa83b2db, 0xfd3e0c0d,
    0xfe9e115c, 0xff4ecb59, 0xffa75652, 0xffd3a752, 0xffe9d2b3, 0xfff4e91c,
    0xfffa747f, 0xfffd3a3b, 0xfffe9d1d, 0xffff4e8e, 0xffffa747, 0xffffd3a3,
    0xffffe9d2, 0xfffff4e9, 0xfffffa74, 0xfffffd3a, 0xfffffe9d, 0xffffff4f,
    0xffffffa7, 0xffffffd4, 0xffffffea, 0xfffffff5, 0xfffffffa, 0xfffffffd};

/* x * factor / 2^32, without leaving 64 bits. */
static uint64_t
scale(uint64_t x, uint32_t factor)
{
	return (x >> 32) * factor + (((x & UINT32_MAX) * factor) >> 32);
}

/* What is left of x after `age`. */
static uint64_t
decay(uint64_t x, struct dur age, struct dur half_life)
{
	int64_t halvings = age.ns / half_life.ns;
	uint64_t rest = (uint64_t)(age.ns % half_life.ns);

	if (age.ns <= 0)
		return x;
	if (halvings >= 64)
		return 0;
	x >>= halvings;
	for (size_t i = 0; i < ARRAY_LEN(roots) && rest > 0; i++) {
		rest *= 2;
		if (rest < (uint64_t)half_life.ns)
			continue;
		rest -= (uint64_t)half_life.ns;
		x = scale(x, roots[i]);
	}
	return x;
}

/* Where the figure must not go beyond: falls to reuse in max_suppress. */
static uint64_t
ceiling(const struct avail_damping *d)
{
	int64_t halvings = d->max_suppress.ns / d->half_life.ns;
	struct dur rest =
	    dur_ns(d->half_life.ns - d->max_suppress.ns % d->half_life.ns);
	uint64_t x = (uint64_t)d->reuse << SCALE;

	/* One doubling more than there is time for, and that much less. */
	for (int64_t i = -1; i < halvings && x < 2 * MOST; i++)
		x *= 2;
	x = decay(x, rest, d->half_life);
	return x < MOST ? x : MOST;
}

/* How long x takes to be below reuse, rounded up to milliseconds. */
static struct dur
fall_time(uint64_t x, const struct avail_damping *d)
{
	uint64_t reuse = (uint64_t)d->reuse << SCALE;
	int64_t step = d->half_life.ns, wait = 0;

	if (x < reuse)
		return DUR_ZERO;
	for (; x / 2 >= reuse; x /= 2)
		wait += step;
	for (size_t i = 0; i < ARRAY_LEN(roots); i++) {
		uint64_t less = scale(x, roots[i]);

		step /= 2;
		if (less < reuse)
			continue;
		x = less;
		wait += step;
	}
	wait = (wait / MS + 1) * MS;
	return dur_ns(wait < d->max_suppress.ns ? wait : d->max_suppress.ns);
}

static uint64_t
penalty_at(const struct figure *f, const struct avail_damping *d,
	   struct mono now)
{
	return f->penalty == 0
		   ? 0
		   : decay(f->penalty, mono_sub(now, f->at), d->half_life);
}

/* The figure after one more flap now, and how long it takes to fall. */
static void
add_flap(struct avail *av, const struct avail_prefix_settings *s,
	 const struct figure *f)
{
	const struct avail_damping *d = &s->damping;
	uint64_t most = ceiling(d);
	uint64_t x = penalty_at(f, d, av->now);

	x += (uint64_t)AVAIL_FLAP_PENALTY << SCALE;
	av->memo = (struct damp_memo){
	    .s = s,
	    .before = *f,
	    .after = {x < most ? x : most, av->now},
	};
	av->memo.wait = fall_time(av->memo.after.penalty, d);
}

static bool
remembered(const struct avail *av, const struct avail_prefix_settings *s,
	   const struct figure *f)
{
	const struct damp_memo *m = &av->memo;

	return m->s == s && m->before.penalty == f->penalty &&
	       m->before.at.ns == f->at.ns && m->after.at.ns == av->now.ns;
}

void
avail_damp_flap(struct avail *av, struct prefix_entry *p)
{
	const struct avail_damping *d = &p->s->damping;
	struct figure *f = &av->rests[p->o.id].figure;

	if (d->suppress == 0)
		return;
	if (!remembered(av, p->s, f))
		add_flap(av, p->s, f);
	*f = av->memo.after;
	if (f->penalty > (uint64_t)d->suppress << SCALE ||
	    p->o.state == AVAIL_PREFIX_SUPPRESSED ||
	    mono_before(av->now, p->reuse_at))
		p->reuse_at = mono_add(av->now, av->memo.wait);
}

unsigned
avail_damp_penalty(const struct avail *av, const struct prefix_entry *p)
{
	const struct avail_damping *d = &p->s->damping;

	if (d->suppress == 0)
		return 0;
	return (unsigned)(penalty_at(&av->rests[p->o.id].figure, d, av->now) >>
			  SCALE);
}

/*
 * The figure goes on under the new settings. What is suppressed stays so, for
 * as long as they say.
 */
void
avail_damp_adopt(struct avail *av, struct prefix_entry *p,
		 const struct avail *old, const struct prefix_entry *was)
{
	const struct avail_damping *d = &p->s->damping;
	struct figure *f = &av->rests[p->o.id].figure;

	if (d->suppress == 0 || was->s->damping.suppress == 0)
		return;
	*f = old->rests[was->o.id].figure;
	if (f->penalty > ceiling(d))
		f->penalty = ceiling(d);
	if (mono_before(av->now, was->reuse_at))
		p->reuse_at = mono_add(f->at, fall_time(f->penalty, d));
}
