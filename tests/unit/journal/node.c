/* SPDX-License-Identifier: ISC */
#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define WALL_AT_START INT64_C(1763769600000000000) /* 2025-11-22 */

uint64_t
node_random(struct node *node, uint64_t n)
{
	node->seed =
	    node->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (node->seed >> 33) % n;
}

/* Never at a whole microsecond of something else by chance. */
static struct dur
some_us(struct node *node, uint64_t most)
{
	return dur_us((int64_t)node_random(node, most) + 1);
}

/* ---- settings ---- */

static struct journal_setup *
random_setup(struct node *node)
{
	struct journal_setup *s = xcalloc(1, sizeof(*s));

	s->n_services = 2;
	s->n_checks = NODE_CHECKS;
	s->n_prefixes = 3;
	s->services = xcalloc(2, sizeof(*s->services));
	s->checks = xcalloc(NODE_CHECKS, sizeof(*s->checks));
	s->prefixes = xcalloc(3, sizeof(*s->prefixes));
	for (size_t i = 0; i < 2; i++)
		s->services[i] = (struct journal_service){
		    .name = i ? "web" : "dns",
		    .s = {.require = {(unsigned)node_random(node, 3)},
			  .overload_after = dur_s(1),
			  .overload_clear = dur_s(5)}};
	for (size_t i = 0; i < NODE_CHECKS; i++) {
		static const char *const names[] = {"dns/a", "dns/b", "web/a",
						    "web b"};
		struct journal_check *c = &s->checks[i];

		c->name = names[i];
		c->service = i / 2;
		c->interval = dur_ms(i == 3 ? 5000 : 1000);
		c->fast_interval = dur_ms(250);
		c->s = (struct avail_check_settings){
		    .rise = 1 + (unsigned)node_random(node, 4),
		    .fall = 1 + (unsigned)node_random(node, 20),
		    .initial_up = node_random(node, 4) == 0,
		    .unknown_is_down = node_random(node, 4) == 0,
		    .unknown_limit = dur_s(10),
		    .stale_after = dur_ns(3 * c->interval.ns + 2500000000)};
	}
	for (size_t i = 0; i < 3; i++) {
		static const char *const names[] = {
		    "192.0.2.0/24", "2001:db8::/48", "198.51.100.0/24"};
		struct journal_prefix *p = &s->prefixes[i];

		p->name = names[i];
		p->services = arena_alloc(&s->arena, 2 * sizeof(size_t));
		p->services[0] = i == 1;
		p->services[1] = 1;
		p->n = i == 2 ? 2 : 1;
		p->s = (struct avail_prefix_settings){
		    .require = {(unsigned)node_random(node, 2)},
		    .hold_down = dur_s((int64_t)node_random(node, 3) * 4),
		    .ladder_hold = dur_s(2),
		    .brake = node_random(node, 3) == 0};
		if (node_random(node, 2))
			p->s.damping = (struct avail_damping){
			    2000, 750, dur_s(60), dur_s(300)};
	}
	return s;
}

/* The record keeps its own. */
static struct journal_setup *
copy_of(const struct journal_setup *s)
{
	struct journal_setup *c = xcalloc(1, sizeof(*c));

	*c = *s;
	c->arena = (struct arena){0};
	c->services = xcalloc(s->n_services, sizeof(*s->services));
	c->checks = xcalloc(s->n_checks, sizeof(*s->checks));
	c->prefixes = xcalloc(s->n_prefixes, sizeof(*s->prefixes));
	memcpy(c->services, s->services, s->n_services * sizeof(*s->services));
	memcpy(c->checks, s->checks, s->n_checks * sizeof(*s->checks));
	memcpy(c->prefixes, s->prefixes, s->n_prefixes * sizeof(*s->prefixes));
	for (size_t i = 0; i < s->n_prefixes; i++) {
		size_t size = s->prefixes[i].n * sizeof(size_t);

		c->prefixes[i].services = arena_alloc(&c->arena, size);
		memcpy(c->prefixes[i].services, s->prefixes[i].services, size);
	}
	return c;
}

/* ---- deciding ---- */

static struct wall
wall(const struct node *node)
{
	return (struct wall){node->now.ns + node->wall};
}

static void
take(struct node *node)
{
	struct avail_change c;

	while (avail_take(node->av, &c)) {
		if (c.object != AVAIL_IS_PREFIX)
			continue;
		journal_record_decision(node->record, &c);
		node->decisions++;
	}
}

/* As each input begins. */
static void
due(struct node *node, bool alone)
{
	journal_record_due(node->record, avail_next_deadline(node->av), alone,
			   node->now);
}

/* A timer of the loop comes a little late. */
static void
tick(struct node *node)
{
	struct mono at = avail_next_deadline(node->av);

	node->now = mono_add(at, some_us(node, 1500));
	due(node, true);
	avail_tick(node->av, node->now);
	take(node);
}

void
node_result(struct node *node, size_t check, enum avail_verdict v)
{
	struct avail_check_view view;
	const struct journal_check *c = &node->setup->checks[check];
	struct dur wait;

	due(node, false);
	journal_record_sample(node->record, check, v, node->now);
	avail_sample(node->av, check, v, node->now);
	take(node);
	avail_view_check(node->av, check, &view);
	wait = view.changing ? c->fast_interval : c->interval;
	wait.ns = wait.ns * (95 + (int64_t)node_random(node, 10)) / 100;
	node->next[check] = mono_add(node->now, dur_us(wait.ns / 1000));
}

static enum avail_verdict
verdict(struct node *node, size_t check)
{
	unsigned dice = (unsigned)node_random(node, 100);

	if (node->sick[check])
		return dice < 80   ? AVAIL_VERDICT_FAIL
		       : dice < 90 ? AVAIL_VERDICT_UNKNOWN
				   : AVAIL_VERDICT_PASS;
	return dice < 97   ? AVAIL_VERDICT_PASS
	       : dice < 99 ? AVAIL_VERDICT_DEGRADED
			   : AVAIL_VERDICT_FAIL;
}

/* ---- what happens ---- */

static void
fact(struct node *node)
{
	size_t s = node_random(node, node->setup->n_services);
	bool on = node_random(node, 2);

	due(node, false);
	switch (node_random(node, JOURNAL_FACT_COUNT)) {
	case JOURNAL_FACT_ADDRESSES:
		journal_record_fact(node->record, JOURNAL_FACT_ADDRESSES, s, on,
				    node->now);
		avail_addresses(node->av, s, on, node->now);
		break;
	case JOURNAL_FACT_WATCH:
		journal_record_fact(node->record, JOURNAL_FACT_WATCH, s, on,
				    node->now);
		avail_watch(node->av, s, on, node->now);
		break;
	case JOURNAL_FACT_LOAD:
		journal_record_fact(node->record, JOURNAL_FACT_LOAD, s, on,
				    node->now);
		avail_load(node->av, s, on, node->now);
		break;
	default:
		journal_record_fact(node->record, JOURNAL_FACT_DRILL, s, on,
				    node->now);
		avail_drill(node->av, s, on, node->now);
	}
	take(node);
}

static void
order(struct node *node)
{
	enum avail_target target = (enum avail_target)node_random(node, 3);
	size_t id = target == AVAIL_NODE ? 0 : node_random(node, 2);
	struct avail_drain_times times = {
	    mono_add(node->now, dur_s((int64_t)node_random(node, 5))),
	    MONO_NEVER};

	due(node, false);
	switch (node_random(node, 3)) {
	case 0:
		if (node_random(node, 2))
			times.expires =
			    mono_add(node->now,
				     dur_s(1 + (int64_t)node_random(node, 20)));
		journal_record_drain(node->record, target, id, &times,
				     node->now);
		avail_drain(node->av, target, id, &times, node->now);
		break;
	case 1:
		journal_record_quiet(node->record, target, id, node->now);
		avail_quiet(node->av, target, id, node->now);
		break;
	default:
		journal_record_undrain(node->record, target, id, node->now);
		avail_undrain(node->av, target, id, node->now);
	}
	take(node);
}

static void
attack_or_brake(struct node *node)
{
	struct mono until = mono_add(node->now, dur_s(30));
	bool on = node_random(node, 2);
	size_t p = node_random(node, node->setup->n_prefixes);

	due(node, false);
	if (node_random(node, 2)) {
		journal_record_attack(node->record, on, until, node->now);
		avail_attack(node->av, on, until, node->now);
	} else {
		journal_record_brake(node->record, p, on, node->now);
		avail_brake(node->av, p, on, node->now);
	}
	take(node);
}

static void
something(struct node *node)
{
	unsigned dice = (unsigned)node_random(node, 100);

	if (dice < 60)
		node->sick[node_random(node, NODE_CHECKS)] =
		    node_random(node, 3) == 0;
	else if (dice < 80)
		fact(node);
	else if (dice < 92)
		order(node);
	else
		attack_or_brake(node);
}

static size_t
next_check(const struct node *node)
{
	size_t first = 0;

	for (size_t i = 1; i < NODE_CHECKS; i++)
		if (mono_before(node->next[i], node->next[first]))
			first = i;
	return first;
}

static void
run(struct node *node, struct dur d, bool quiet)
{
	struct mono end = mono_add(node->now, d);
	struct mono alive = node->now;

	for (;;) {
		size_t check = next_check(node);
		struct mono timer = avail_next_deadline(node->av);
		struct mono at = mono_min(timer, node->next[check]);

		if (!mono_before(at, end))
			break;
		if (mono_reached(mono_add(alive, dur_s(60)), at)) {
			alive = at;
			journal_record_alive(node->record, node->now,
					     wall(node));
		}
		if (mono_before(timer, node->next[check])) {
			tick(node);
			continue;
		}
		if (mono_before(node->now, at))
			node->now = at;
		node_result(node, check,
			    quiet ? AVAIL_VERDICT_PASS : verdict(node, check));
		if (!quiet && node_random(node, 40) == 0) {
			node->now = mono_add(node->now, some_us(node, 200));
			something(node);
		}
	}
	if (mono_before(node->now, end))
		node->now = end;
}

void
node_run(struct node *node, struct dur d)
{
	run(node, d, false);
}

void
node_idle(struct node *node, struct dur d)
{
	run(node, d, true);
}

void
node_stall(struct node *node, struct dur d)
{
	node->now = mono_add(node->now, d);
	due(node, true);
	avail_tick(node->av, node->now);
	take(node);
}

/* ---- life ---- */

void
node_open(struct node *node, uint64_t seed)
{
	*node = (struct node){.seed = seed * 7919 + 1, .n_days = 1};
	node->now = (struct mono){dur_s(1000).ns};
	node->wall = WALL_AT_START - node->now.ns;
	node->record = journal_record_new(64 << 20);
	journal_file_header(&node->days[0]);
}

static void
end(struct node *node)
{
	avail_free(node->av);
	journal_setup_free(node->setup);
	node->av = NULL;
	node->setup = NULL;
}

void
node_close(struct node *node)
{
	end(node);
	journal_record_free(node->record);
	for (size_t i = 0; i < NODE_DAYS; i++)
		text_free(&node->days[i]);
}

void
node_start(struct node *node)
{
	node->setup = random_setup(node);
	node->setup->generation = 1;
	node->now = mono_add(node->now, dur_s(2));
	node->av = journal_setup_avail(node->setup, node->now);
	journal_record_start(node->record, "nyc1", "0.1.0", node->now,
			     wall(node));
	journal_record_configuration(node->record, copy_of(node->setup),
				     node->now);
	take(node);
	for (size_t i = 0; i < NODE_CHECKS; i++)
		node->next[i] = mono_add(node->now, some_us(node, 1000000));
	for (size_t i = 0; i < 2; i++) {
		journal_record_fact(node->record, JOURNAL_FACT_ADDRESSES, i,
				    true, node->now);
		avail_addresses(node->av, i, true, node->now);
		take(node);
	}
}

void
node_reload(struct node *node)
{
	struct journal_setup *setup = random_setup(node);
	struct avail *av = journal_setup_avail(setup, node->now);

	setup->generation = node->setup->generation + 1;
	due(node, false);
	journal_record_configuration(node->record, copy_of(setup), node->now);
	avail_adopt(av, node->av, node->now);
	end(node);
	node->av = av;
	node->setup = setup;
	take(node);
}

void
node_stop(struct node *node)
{
	due(node, false);
	journal_record_stop(node->record, node->now);
	avail_stop(node->av, node->now);
	take(node);
	end(node);
}

void
node_crash(struct node *node)
{
	struct journal_record *fresh;

	node_flush(node);
	fresh = journal_record_new(64 << 20);
	journal_record_free(node->record);
	node->record = fresh;
	end(node);
}

void
node_flush(struct node *node)
{
	struct text t = journal_record_take(node->record);

	text_add(&node->days[node->n_days - 1], text_str(&t));
	text_free(&t);
}

void
node_midnight(struct node *node)
{
	journal_record_close(node->record);
	node_flush(node);
	assert_true(node->n_days < NODE_DAYS);
	node->n_days++;
	journal_file_header(&node->days[node->n_days - 1]);
	journal_record_resume(node->record, node->av, node->now, wall(node));
}
