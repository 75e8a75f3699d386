/* SPDX-License-Identifier: ISC */
/*
 * Replays without clocks. Each process has a random number, its boot, and
 * counts its messages. A receiver believes one boot of a node at a time:
 *
 *   (none) or B ──message of boot C that echoes our nonce──► C, count from it
 *        B      ──message of B with a higher count─────────► B
 *
 * and anything else changes nothing. A message that was recorded in an earlier
 * process of the sender echoes no nonce that is on its way now; one of this
 * process has a count that was seen; one for an earlier process of the
 * receiver names that process. Nonces are random, and good for one answer.
 */
#include "mesh/session.h"

/* Longer while nobody is believed: the way may be slow. */
#define NONCE_LIFE       dur_s(1)
#define FIRST_NONCE_LIFE dur_s(5)
#define BUCKET           4000 /* messages at once */
#define REFILL           2000 /* a second */
#define ANSWERS          20   /* a second */

static const char *const labels[] = {
#define X(n, l, t) [SESSION_##n] = l,
    SESSION_CAUSES(X)
#undef X
};

static const char *const texts[] = {
#define X(n, l, t) [SESSION_##n] = t,
    SESSION_CAUSES(X)
#undef X
};

const char *
session_cause_label(enum session_cause c)
{
	return labels[c];
}

const char *
session_cause_text(enum session_cause c)
{
	return texts[c];
}

void
session_init(struct session *s, struct mono now)
{
	*s = (struct session){
	    .heard = MONO_NEVER,
	    .refill = now,
	    .tokens = BUCKET,
	    .answers = ANSWERS,
	};
}

static bool
nonce_lives(const struct session *s, struct mono now)
{
	struct dur life = s->boot != 0 ? NONCE_LIFE : FIRST_NONCE_LIFE;

	return s->nonce != 0 && mono_before(now, mono_add(s->nonce_at, life));
}

uint64_t
session_nonce(struct session *s, uint64_t random, struct mono now)
{
	if (nonce_lives(s, now))
		return s->nonce;
	s->nonce = random != 0 ? random : 1;
	s->nonce_at = now;
	return s->nonce;
}

/* ---- floods ---- */

static void
refill(struct session *s, struct mono now)
{
	int64_t ms = dur_to_ms(mono_sub(now, s->refill));
	uint64_t more;

	if (ms < 100)
		return;
	more = (uint64_t)ms * REFILL / 1000 + s->tokens;
	s->tokens = more < BUCKET ? (unsigned)more : BUCKET;
	more = (uint64_t)ms * ANSWERS / 1000 + s->answers;
	s->answers = more < ANSWERS ? (unsigned)more : ANSWERS;
	s->refill = now;
}

bool
session_answers(struct session *s, struct mono now)
{
	refill(s, now);
	if (s->answers == 0)
		return false;
	s->answers--;
	return true;
}

static bool
too_often(struct session *s, struct mono now)
{
	refill(s, now);
	if (s->tokens == 0)
		return true;
	s->tokens--;
	return false;
}

/* ---- judging ---- */

static bool
echoes(const struct session *s, const struct message *m, struct mono now)
{
	return m->echo == s->nonce && nonce_lives(s, now);
}

/* A greeting from a node that does not know our process, or not yet. */
static bool
greets(const struct session *s, const struct message *m, struct mono now)
{
	return m->type == MESSAGE_HELLO &&
	       (m->for_boot == 0 || echoes(s, m, now));
}

static void
believe(struct session *s, const struct message *m, struct mono now)
{
	if (echoes(s, m, now)) {
		s->rtt = mono_sub(now, s->nonce_at);
		s->nonce = 0;
	}
	s->boot = m->boot;
	s->sequence = m->sequence;
	s->heard = now;
	s->accepted++;
}

enum session_cause
session_receive(struct session *s, const struct message *m, uint64_t boot,
		struct mono now, bool *anew)
{
	*anew = m->boot != s->boot;
	if (*anew && !echoes(s, m, now))
		return SESSION_UNPROVEN;
	if (!*anew && m->sequence <= s->sequence)
		return SESSION_REPLAYED;
	if (m->for_boot != boot && !greets(s, m, now))
		return SESSION_EARLIER;
	if (too_often(s, now))
		return SESSION_FLOOD;
	believe(s, m, now);
	return SESSION_ACCEPTED;
}

bool
session_silent(const struct session *s, struct dur limit, struct mono now)
{
	return mono_is_never(s->heard) ||
	       !mono_before(now, mono_add(s->heard, limit));
}
