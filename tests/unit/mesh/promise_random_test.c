/* SPDX-License-Identifier: ISC */
/*
 * The promises of 3 to 12 nodes in virtual time, over a network that loses,
 * delays, doubles, reorders and splits, while nodes crash, fail and recover:
 * no run may end with too few sites, and a healed network makes progress.
 *
 * PROMISE_RUNS=N runs N seeds of each kind, PROMISE_SEED=S begins with S.
 */
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mesh/promise.h"

#define NODES_MAX   12
#define QUEUE_MAX   20000
#define CAUSES      2
#define PROGRESS_MS 40000

enum liar { LIAR_NONE, LIAR_PROMISES, LIAR_SILENT, LIAR_BUSY, LIAR_ASKS };

struct packet {
	int64_t at; /* ms */
	unsigned from, to;
	uint64_t from_epoch, to_epoch;
	bool ask;
	uint64_t attempt, cause;
	struct promise_answer answer;
};

struct node {
	struct promise promise;
	uint64_t epoch, counter;
	bool up, sick, announced, withdrawn, drained;
	bool aside; /* not announced, and not by its checks */
	uint64_t cause;
	int64_t withdrew[CAUSES]; /* since its start; -1: never */
};

struct world {
	uint64_t random;
	int64_t now;
	unsigned n, min_sites, max_withdrawn;
	int64_t window;
	unsigned loss, doubled; /* percent */
	int64_t delay;
	unsigned side[NODES_MAX]; /* of a partition */
	bool one_way[NODES_MAX][NODES_MAX];
	struct node nodes[NODES_MAX];
	enum liar liar; /* what node `lies` does */
	unsigned lies;
	struct packet queue[QUEUE_MAX]; /* a heap by `at` */
	size_t n_queue;
	unsigned grants;
};

static uint64_t
draw(struct world *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random >> 11;
}

static unsigned
below(struct world *w, unsigned n)
{
	return (unsigned)(draw(w) % n);
}

static struct mono
moment(const struct world *w)
{
	return (struct mono){dur_ms(w->now).ns};
}

static bool
is_liar(const struct world *w, unsigned i)
{
	return w->liar != LIAR_NONE && w->lies == i;
}

/* ---- the network ---- */

static void
push(struct world *w, const struct packet *p)
{
	size_t i = w->n_queue;

	if (i == QUEUE_MAX)
		return; /* lost: it may be */
	w->n_queue++;
	for (; i > 0 && w->queue[(i - 1) / 2].at > p->at; i = (i - 1) / 2)
		w->queue[i] = w->queue[(i - 1) / 2];
	w->queue[i] = *p;
}

static struct packet
pop(struct world *w)
{
	struct packet first = w->queue[0], last = w->queue[--w->n_queue];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < w->n_queue; i = child) {
		if (child + 1 < w->n_queue &&
		    w->queue[child + 1].at < w->queue[child].at)
			child++;
		if (last.at <= w->queue[child].at)
			break;
		w->queue[i] = w->queue[child];
	}
	w->queue[i] = last;
	return first;
}

static void
send_packet(struct world *w, struct packet p)
{
	unsigned copies = below(w, 100) < w->doubled ? 2 : 1;

	if (w->side[p.from] != w->side[p.to] || w->one_way[p.from][p.to])
		return;
	p.from_epoch = w->nodes[p.from].epoch;
	p.to_epoch = w->nodes[p.to].epoch;
	while (copies-- > 0) {
		if (below(w, 100) < w->loss)
			continue;
		p.at = w->now + 1 + below(w, (unsigned)w->delay + 1);
		push(w, &p);
	}
}

/* Number of `other` among the nodes of `node`, and back. */
static size_t
index_of(unsigned node, unsigned other)
{
	return other < node ? other : other - 1;
}

/* ---- what must hold ---- */

static unsigned
recently(const struct world *w, uint64_t cause)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		n += w->nodes[i].up && w->nodes[i].withdrew[cause] >= 0 &&
		     w->nodes[i].withdrew[cause] > w->now - w->window;
	return n;
}

/*
 * Nodes that crashed, have just started or were drained took no part in the
 * promise; all others that did not withdraw announce.
 */
static void
hold_sites(const struct world *w)
{
	unsigned staying = 0, braked = 0;

	for (unsigned i = 0; i < w->n; i++) {
		const struct node *n = &w->nodes[i];

		if (is_liar(w, i))
			continue;
		braked += n->withdrawn;
		staying += !n->withdrawn;
		assert_int_equal(n->announced + n->withdrawn + n->aside, 1);
	}
	if (braked > 0)
		assert_true(staying + (w->liar == LIAR_PROMISES) >=
			    w->min_sites);
}

static void
hold_window(const struct world *w, uint64_t cause)
{
	if (w->max_withdrawn > 0)
		assert_true(recently(w, cause) <=
			    w->max_withdrawn + (w->liar == LIAR_PROMISES));
}

/* ---- nodes ---- */

static void
announce(struct world *w, unsigned i)
{
	struct node *n = &w->nodes[i];

	n->announced = true;
	n->withdrawn = n->aside = false;
	promise_announcing(&n->promise, true);
}

static void
ask_all(struct world *w, unsigned i)
{
	struct promise *p = &w->nodes[i].promise;

	for (unsigned to = 0; to < w->n; to++)
		if (to != i && promise_lacks(p, index_of(i, to)))
			send_packet(w, (struct packet){.from = i,
						       .to = to,
						       .ask = true,
						       .attempt = p->attempt,
						       .cause = p->cause});
}

static void
act(struct world *w, unsigned i, enum promise_action action)
{
	struct node *n = &w->nodes[i];

	if (action == PROMISE_ASK)
		ask_all(w, i);
	if (action != PROMISE_GRANTED)
		return;
	assert_true(n->up && n->sick && n->announced);
	n->announced = false;
	n->withdrawn = true;
	n->withdrew[n->cause] = w->now;
	w->grants++;
	hold_sites(w);
	hold_window(w, n->cause);
}

static void
fall_sick(struct world *w, unsigned i, uint64_t cause)
{
	struct node *n = &w->nodes[i];

	n->sick = true;
	n->cause = cause;
	if (n->up && n->announced)
		promise_want(&n->promise, cause, moment(w));
}

static void
recover(struct world *w, unsigned i)
{
	struct node *n = &w->nodes[i];

	n->sick = false;
	if (!n->up)
		return;
	promise_settle(&n->promise);
	if (!n->drained)
		announce(w, i);
}

static void
crash(struct world *w, unsigned i)
{
	struct node *n = &w->nodes[i];

	n->up = n->announced = n->withdrawn = false;
	n->aside = true;
}

static void
start(struct world *w, unsigned i)
{
	struct node *n = &w->nodes[i];
	struct promise_settings s = {.others = w->n - 1,
				     .min_sites = w->min_sites,
				     .max_withdrawn = w->max_withdrawn,
				     .window = dur_ms(w->window)};

	promise_free(&n->promise);
	promise_init(&n->promise, &s, draw(w), moment(w));
	n->epoch++;
	n->counter = 0;
	n->up = n->aside = true;
	memset(n->withdrew, 0xff, sizeof(n->withdrew));
	for (unsigned k = 0; k < w->n; k++)
		if (k != i && w->nodes[k].up && w->nodes[k].promise.nodes)
			promise_forget(&w->nodes[k].promise, index_of(k, i));
	if (!n->sick && !n->drained)
		announce(w, i);
}

static void
drain(struct world *w, unsigned i, bool on)
{
	struct node *n = &w->nodes[i];

	n->drained = on;
	if (!n->up)
		return;
	if (!on) {
		if (!n->sick)
			announce(w, i);
		return;
	}
	n->announced = n->withdrawn = false;
	n->aside = true;
	promise_settle(&n->promise);
	promise_announcing(&n->promise, false);
}

/* ---- liars ---- */

static void
lie(struct world *w, const struct packet *p)
{
	struct packet answer = {
	    .from = p->to, .to = p->from, .attempt = p->attempt};

	if (w->liar == LIAR_PROMISES)
		answer.answer = (struct promise_answer){true, true, false};
	else
		answer.answer.busy = true;
	if (w->liar != LIAR_SILENT)
		send_packet(w, answer);
}

static void
pester(struct world *w)
{
	struct node *n = &w->nodes[w->lies];

	if (w->liar != LIAR_ASKS || !n->up)
		return;
	n->counter++;
	for (unsigned to = 0; to < w->n; to++)
		if (to != w->lies)
			send_packet(w, (struct packet){.from = w->lies,
						       .to = to,
						       .ask = true,
						       .attempt = n->counter});
}

/* ---- turning ---- */

static void
deliver(struct world *w, const struct packet *p)
{
	struct node *n = &w->nodes[p->to];
	struct packet answer = {
	    .from = p->to, .to = p->from, .attempt = p->attempt};
	size_t from = index_of(p->to, p->from);

	if (!n->up || n->epoch != p->to_epoch ||
	    w->nodes[p->from].epoch != p->from_epoch)
		return;
	if (is_liar(w, p->to)) {
		if (p->ask)
			lie(w, p);
		return;
	}
	if (!p->ask)
		act(w, p->to,
		    promise_answered(&n->promise, from, p->attempt, &p->answer,
				     moment(w)));
	else if (promise_asked(&n->promise, from, p->from < p->to, p->attempt,
			       p->cause, moment(w), &answer.answer))
		send_packet(w, answer);
}

static int64_t
next_timer(const struct world *w)
{
	struct mono next = MONO_NEVER;

	for (unsigned i = 0; i < w->n; i++)
		if (w->nodes[i].up && !is_liar(w, i))
			next =
			    mono_min(next, promise_next(&w->nodes[i].promise));
	return next.ns == INT64_MAX ? INT64_MAX : next.ns / 1000000;
}

static void
tick_all(struct world *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->nodes[i];

		if (n->up && !is_liar(w, i))
			act(w, i,
			    promise_tick(&n->promise, &n->counter, moment(w)));
	}
}

static void
run_until(struct world *w, int64_t end)
{
	int64_t nuisance = w->now;

	for (;;) {
		int64_t timer = next_timer(w);
		int64_t packet = w->n_queue ? w->queue[0].at : INT64_MAX;
		int64_t next = timer < packet ? timer : packet;

		if (w->liar == LIAR_ASKS && nuisance < next)
			next = nuisance;
		if (next > end)
			break;
		if (next > w->now)
			w->now = next;
		if (packet <= w->now) {
			struct packet p = pop(w);

			deliver(w, &p);
		} else if (w->liar == LIAR_ASKS && nuisance <= w->now) {
			pester(w);
			nuisance = w->now + 20;
		} else {
			tick_all(w);
		}
	}
	w->now = end;
}

/* ---- stories ---- */

static struct world *
new_world(uint64_t seed, enum liar liar)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	for (int i = 0; i < 8; i++)
		draw(w);
	w->n = 3 + below(w, NODES_MAX - 2);
	w->min_sites = below(w, 4) ? 1 + below(w, w->n - 1) : 0;
	w->max_withdrawn =
	    w->min_sites == 0 || below(w, 2) ? 1 + below(w, w->n) : 0;
	w->window = 1000 + below(w, 30000);
	w->loss = below(w, 40);
	w->doubled = below(w, 30);
	w->delay = 1 + below(w, below(w, 4) ? 100 : 1500);
	w->liar = liar;
	w->lies = below(w, w->n);
	for (unsigned i = 0; i < w->n; i++)
		start(w, i);
	return w;
}

static void
free_world(struct world *w)
{
	for (unsigned i = 0; i < w->n; i++)
		promise_free(&w->nodes[i].promise);
	free(w);
}

static void
change_network(struct world *w)
{
	bool split = below(w, 2);

	for (unsigned i = 0; i < w->n; i++)
		w->side[i] = split ? below(w, 2) : 0;
	memset(w->one_way, 0, sizeof(w->one_way));
	for (unsigned i = below(w, 6); i > 0; i--)
		w->one_way[below(w, w->n)][below(w, w->n)] = true;
}

static void
something_happens(struct world *w, bool crashes)
{
	unsigned i = below(w, w->n);
	struct node *n = &w->nodes[i];

	switch (below(w, crashes ? 8 : 5)) {
	case 0:
		change_network(w);
		break;
	case 1:
	case 2:
		if (!n->sick)
			fall_sick(w, i, below(w, CAUSES));
		break;
	case 3: /* wrong on all of them at once */
		for (unsigned k = 0; k < w->n; k++)
			if (!w->nodes[k].sick)
				fall_sick(w, k, 0);
		break;
	case 4:
		if (n->sick)
			recover(w, i);
		break;
	case 5:
		if (n->up)
			crash(w, i);
		break;
	case 6:
		if (!n->up)
			start(w, i);
		break;
	case 7:
		drain(w, i, !n->drained);
		break;
	}
}

static void
live(struct world *w, bool crashes)
{
	unsigned events = 5 + below(w, 25);

	while (events-- > 0) {
		something_happens(w, crashes);
		run_until(w, w->now + below(w, 2500));
		hold_sites(w);
	}
}

/* Everybody up, well and announced, the network whole; then time passes. */
static void
heal(struct world *w)
{
	memset(w->side, 0, sizeof(w->side));
	memset(w->one_way, 0, sizeof(w->one_way));
	w->loss = below(w, 10);
	w->delay = 1 + below(w, 200);
	for (unsigned i = 0; i < w->n; i++) {
		if (!w->nodes[i].up)
			start(w, i);
		drain(w, i, false);
		recover(w, i);
	}
	run_until(w, w->now + w->window + 2000);
}

static unsigned
announced(const struct world *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n; i++)
		n += w->nodes[i].announced && !is_liar(w, i);
	return n;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The check is wrong everywhere: as many as allowed withdraw, and no more. */
static void
must_progress(struct world *w)
{
	unsigned honest = w->n - (w->liar != LIAR_NONE), left, allowed;

	heal(w);
	w->window = 1000000;
	for (unsigned i = 0; i < w->n; i++)
		w->nodes[i].promise.settings.window = dur_ms(w->window);
	/* Withdrawals of before the window grew count again. */
	for (unsigned i = 0; i < w->n; i++)
		w->nodes[i].promise.n_past = 0;
	for (unsigned i = 0; i < w->n; i++)
		memset(w->nodes[i].withdrew, 0xff,
		       sizeof(w->nodes[i].withdrew));
	for (unsigned i = 0; i < w->n; i++)
		if (!is_liar(w, i))
			fall_sick(w, i, 1);
	run_until(w, w->now + PROGRESS_MS);
	left = announced(w);
	hold_sites(w);
	allowed = honest - least(honest, w->min_sites);
	if (w->max_withdrawn > 0)
		allowed = least(allowed, w->max_withdrawn);
	if (w->liar == LIAR_NONE)
		assert_int_equal(left, w->n - allowed);
	else
		/* One that lies costs one site, or one withdrawal. */
		assert_in_range(left + 1, honest - allowed,
				honest - allowed + 2);
}

/* ---- the tests ---- */

static unsigned long
number(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void
run_seeds(enum liar liar, bool crashes, unsigned long share)
{
	unsigned long first = number("PROMISE_SEED", 1);
	unsigned long n = number("PROMISE_RUNS", 1000) / share;
	unsigned long grants = 0;

	for (unsigned long seed = first; seed <= first + n; seed++) {
		struct world *w = new_world(seed, liar);

		if (getenv("PROMISE_VERBOSE"))
			printf("seed %lu: %u nodes, min_sites %u, "
			       "max_withdrawn %u\n",
			       seed, w->n, w->min_sites, w->max_withdrawn);
		live(w, crashes);
		must_progress(w);
		grants += w->grants;
		free_world(w);
	}
	/* The story is one: nodes did withdraw in it. */
	assert_true(grants > n);
}

static void
never_too_few_sites(void **state)
{
	run_seeds(LIAR_NONE, false, 1);
}

static void
never_too_few_sites_while_nodes_crash(void **state)
{
	run_seeds(LIAR_NONE, true, 1);
}

static void
a_node_that_promises_and_is_not_there_costs_one(void **state)
{
	run_seeds(LIAR_PROMISES, false, 3);
}

static void
a_node_that_never_answers_holds_nobody_up(void **state)
{
	run_seeds(LIAR_SILENT, true, 3);
}

static void
a_node_that_always_refuses_holds_nobody_up(void **state)
{
	run_seeds(LIAR_BUSY, true, 3);
}

static void
a_node_that_asks_on_and_on_holds_nobody_up(void **state)
{
	run_seeds(LIAR_ASKS, true, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(never_too_few_sites),
	    cmocka_unit_test(never_too_few_sites_while_nodes_crash),
	    cmocka_unit_test(a_node_that_promises_and_is_not_there_costs_one),
	    cmocka_unit_test(a_node_that_never_answers_holds_nobody_up),
	    cmocka_unit_test(a_node_that_always_refuses_holds_nobody_up),
	    cmocka_unit_test(a_node_that_asks_on_and_on_holds_nobody_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
