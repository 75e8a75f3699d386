/* SPDX-License-Identifier: ISC */
/*
 * Brakes without a centre. A node that wants to withdraw a prefix because its
 * checks fail first collects promises of the other nodes, in one numbered
 * attempt after the other:
 *
 *          want                   tick                  enough promises
 *   IDLE ───────► WAITING ───────────────────► ASKING ──────────────────► IDLE
 *     ▲              ▲     a new number; ask      │   withdrawn: GRANTED
 *     │ settle       │                            │
 *     └──────────────┴────────────────────────────┘
 *        out of time (REFUSED), or gave way to a node of higher rank
 *
 * Invariants of every node:
 *  (1) It withdraws only on GRANTED, that is in an attempt of its own.
 *  (2) A promise is given while no attempt of its own runs. Giving one while
 *      an attempt runs ends that attempt; its number never comes back and
 *      answers to it are ignored.
 *  (3) A promise names the attempt it is for, so it was given after that
 *      attempt began.
 *
 * min_sites: M other nodes promised in one attempt that they announce. Take
 * all nodes that are withdrawn now, and of them L, whose last attempt began
 * last. Let X be one of the M nodes that promised to L. Were X withdrawn, then
 * by an attempt that began after its promise (2) and so after L's attempt
 * began (3): but L's began last. So all M announce. Lost, late, doubled and
 * reordered messages and partitions only delay promises, and take no part in
 * the argument; a node that is not heard does not count. With different
 * min_sites on the nodes, it is the one of L that holds.
 *
 * max_withdrawn: K of N nodes may withdraw for one cause within the window.
 * An attempt needs N - K others that are clean: not withdrawn for this cause
 * within the window before their promise. Suppose K + 1 nodes withdrew
 * within one window; let L be the one of them whose attempt began last. At
 * most N - 1 - K nodes are left that are not among them, so one that promised
 * to be clean is: it withdrew after its promise, by an attempt that began
 * after L's, against the choice of L; or before it, and then a whole window
 * before L.
 *
 * What the argument does not cover, because nothing can: a node that crashes,
 * is drained or loses its sessions after its promise, and one that lies; it
 * costs at most itself. A node that has just started does not know what it
 * did before: it is not clean before it has announced, or a window has passed.
 *
 * Two nodes that ask at once: the one of lower rank gives way, but to each
 * node once in YIELD_PERIOD only, so that nobody can hold others up by asking
 * on and on, and waits for a moment that differs from time to time.
 */
#include "mesh/promise.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define ATTEMPT_MS   900
#define RESEND_MS    200
#define GAP_MS       200
#define GAP_MORE_MS  300
#define YIELD_PERIOD dur_s(3)

static const char *const state_texts[] = {
#define X(n, t, h) [PROMISE_##n] = t,
    PROMISE_STATES(X)
#undef X
};

const char *
promise_state_text(enum promise_state s)
{
	return state_texts[s];
}

/* ---- states ---- */

static void
enter(struct promise *p, enum promise_state state, struct mono until)
{
	p->state = state;
	p->until = until;
	p->resend = MONO_NEVER;
	/* Answers to an attempt that is over stay to be read, and only that. */
	for (size_t i = 0; state == PROMISE_ASKING && i < p->settings.others;
	     i++)
		p->nodes[i].answered = false;
}

/* xorshift64*: only spreads nodes in time. */
static uint64_t
spread(struct promise *p)
{
	p->random ^= p->random >> 12;
	p->random ^= p->random << 25;
	p->random ^= p->random >> 27;
	return p->random * UINT64_C(0x2545f4914f6cdd1d) >> 33;
}

static void
pause_asking(struct promise *p, struct mono now)
{
	int64_t more = (int64_t)(spread(p) % GAP_MORE_MS);

	enter(p, PROMISE_WAITING, mono_add(now, dur_ms(GAP_MS + more)));
}

void
promise_init(struct promise *p, const struct promise_settings *s, uint64_t seed,
	     struct mono now)
{
	*p = (struct promise){
	    .settings = *s,
	    .born = now,
	    .random = seed | 1,
	    .until = MONO_NEVER,
	    .resend = MONO_NEVER,
	    .forgotten = now,
	    .nodes = xcalloc(s->others + 1, sizeof(*p->nodes)),
	};
	for (size_t i = 0; i < s->others; i++)
		p->nodes[i].yielded = MONO_NEVER;
}

void
promise_free(struct promise *p)
{
	free(p->nodes);
	p->nodes = NULL;
}

void
promise_adopt(struct promise *p, const struct promise *old, struct mono now)
{
	p->announcing = old->announcing;
	p->announced_once = old->announced_once;
	p->born = old->born;
	p->cause = old->cause;
	p->attempt = old->attempt;
	p->random = old->random;
	memcpy(p->past, old->past, sizeof(p->past));
	p->n_past = old->n_past;
	p->forgotten = old->forgotten;
	if (old->state != PROMISE_IDLE)
		enter(p, PROMISE_WAITING, now);
}

void
promise_announcing(struct promise *p, bool announcing)
{
	p->announcing = announcing;
	p->announced_once |= announcing;
}

void
promise_outside(struct promise *p, unsigned sites)
{
	p->outside = sites;
}

void
promise_want(struct promise *p, uint64_t cause, struct mono now)
{
	bool other = p->cause != cause;

	p->cause = cause;
	/* Promises of an attempt are for its cause. */
	if (p->state == PROMISE_IDLE || (p->state == PROMISE_ASKING && other))
		enter(p, PROMISE_WAITING, now);
}

void
promise_settle(struct promise *p)
{
	enter(p, PROMISE_IDLE, MONO_NEVER);
}

/* ---- own withdrawals ---- */

static bool
inside(const struct promise *p, struct mono at, struct mono now)
{
	return mono_before(now, mono_add(at, p->settings.window));
}

static bool
is_clean(const struct promise *p, uint64_t cause, struct mono now)
{
	if (inside(p, p->born, now) && !p->announced_once)
		return false;
	if (mono_before(now, p->forgotten))
		return false;
	for (size_t i = 0; i < p->n_past; i++)
		if (p->past[i].cause == cause && inside(p, p->past[i].at, now))
			return false;
	return true;
}

struct mono
promise_clean_at(const struct promise *p)
{
	struct mono at = p->forgotten;

	for (size_t i = 0; i < p->n_past; i++) {
		struct mono until = mono_add(p->past[i].at, p->settings.window);

		if (mono_before(at, until))
			at = until;
	}
	return at;
}

static size_t
oldest(const struct promise *p)
{
	size_t found = 0;

	for (size_t i = 1; i < p->n_past; i++)
		if (mono_before(p->past[i].at, p->past[found].at))
			found = i;
	return found;
}

/* The place for a withdrawal: of its cause, a free one, or the oldest. */
static struct promise_withdrawal *
place_for(struct promise *p, uint64_t cause)
{
	struct promise_withdrawal *w;

	for (size_t i = 0; i < p->n_past; i++)
		if (p->past[i].cause == cause)
			return &p->past[i];
	if (p->n_past < PROMISE_CAUSES)
		return &p->past[p->n_past++];
	w = &p->past[oldest(p)];
	if (mono_before(p->forgotten, mono_add(w->at, p->settings.window)))
		p->forgotten = mono_add(w->at, p->settings.window);
	return w;
}

static enum promise_action
withdraw(struct promise *p, struct mono now)
{
	*place_for(p, p->cause) = (struct promise_withdrawal){p->cause, now};
	p->announcing = false;
	enter(p, PROMISE_IDLE, MONO_NEVER);
	return PROMISE_GRANTED;
}

/* ---- counting ---- */

unsigned
promise_staying(const struct promise *p)
{
	unsigned n = p->outside;

	for (size_t i = 0; i < p->settings.others; i++)
		n += p->nodes[i].answered && p->nodes[i].answer.announcing;
	return n;
}

unsigned
promise_clean(const struct promise *p)
{
	unsigned n = 0;

	for (size_t i = 0; i < p->settings.others; i++)
		n += p->nodes[i].answered && p->nodes[i].answer.clean;
	return n;
}

unsigned
promise_clean_needed(const struct promise *p)
{
	unsigned nodes = p->settings.others + 1;
	unsigned k = p->settings.max_withdrawn;

	return k == 0 || k >= nodes ? 0 : nodes - k;
}

static bool
enough(const struct promise *p)
{
	return promise_staying(p) >= p->settings.min_sites &&
	       promise_clean(p) >= promise_clean_needed(p);
}

bool
promise_lacks(const struct promise *p, size_t node)
{
	const struct promise_node *n = &p->nodes[node];

	return !n->answered || !n->answer.announcing || !n->answer.clean;
}

/* ---- messages ---- */

static bool
gives_way(const struct promise *p, const struct promise_node *n, bool higher,
	  uint64_t attempt, struct mono now)
{
	if (!higher || attempt == n->seen)
		return false;
	return mono_is_never(n->yielded) ||
	       mono_reached(mono_add(n->yielded, YIELD_PERIOD), now);
}

bool
promise_asked(struct promise *p, size_t node, bool higher, uint64_t attempt,
	      uint64_t cause, struct mono now, struct promise_answer *answer)
{
	struct promise_node *n = &p->nodes[node];

	*answer = (struct promise_answer){0};
	if (attempt < n->seen)
		return false;
	if (p->state == PROMISE_ASKING) {
		answer->busy = !gives_way(p, n, higher, attempt, now);
		if (answer->busy)
			return true;
		n->yielded = now;
		pause_asking(p, now);
	}
	n->seen = attempt;
	answer->announcing = p->announcing;
	answer->clean = is_clean(p, cause, now);
	return true;
}

enum promise_action
promise_answered(struct promise *p, size_t node, uint64_t attempt,
		 const struct promise_answer *answer, struct mono now)
{
	struct promise_node *n = &p->nodes[node];

	if (p->state != PROMISE_ASKING || attempt != p->attempt)
		return PROMISE_NOTHING;
	n->answered = true;
	n->answer = *answer;
	return enough(p) ? withdraw(p, now) : PROMISE_NOTHING;
}

void
promise_forget(struct promise *p, size_t node)
{
	p->nodes[node] = (struct promise_node){.yielded = MONO_NEVER};
}

/* ---- time ---- */

static enum promise_action
begin(struct promise *p, uint64_t *counter, struct mono now)
{
	p->attempt = ++*counter;
	enter(p, PROMISE_ASKING, mono_add(now, dur_ms(ATTEMPT_MS)));
	p->resend = mono_add(now, dur_ms(RESEND_MS));
	return enough(p) ? withdraw(p, now) : PROMISE_ASK;
}

static enum promise_action
go_on(struct promise *p, struct mono now)
{
	if (mono_reached(p->until, now)) {
		pause_asking(p, now);
		return PROMISE_REFUSED;
	}
	if (!mono_reached(p->resend, now))
		return PROMISE_NOTHING;
	p->resend = mono_add(now, dur_ms(RESEND_MS));
	return PROMISE_ASK;
}

enum promise_action
promise_tick(struct promise *p, uint64_t *counter, struct mono now)
{
	switch (p->state) {
	case PROMISE_ASKING:
		return go_on(p, now);
	case PROMISE_WAITING:
		if (mono_reached(p->until, now))
			return begin(p, counter, now);
		break;
	case PROMISE_IDLE:
	case PROMISE_STATE_COUNT:
		break;
	}
	return PROMISE_NOTHING;
}

struct mono
promise_next(const struct promise *p)
{
	return mono_min(p->until, p->resend);
}
