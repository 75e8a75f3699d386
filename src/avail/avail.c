/* SPDX-License-Identifier: ISC */
/*
 * Building: objects are added, then sealed; behind that nothing moves in
 * memory and nothing is allocated. Reload: state is taken over by key.
 */
#include "avail/avail.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "avail/state.h"
#include "base/text.h"

struct avail *
avail_new(void)
{
	return xcalloc(1, sizeof(struct avail));
}

void
avail_free(struct avail *av)
{
	if (!av)
		return;
	avail_index_free(av);
	free(av->heap.timers);
	free(av->checks);
	free(av->services);
	free(av->prefixes);
	free(av->rests);
	arena_free(&av->arena);
	free(av);
}

/* Room for one more of `size` octets at the end of *array, zeroed. */
static void *
append(void *array, size_t *n, size_t *cap, size_t size)
{
	char **base = array;
	char *item;

	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 8;
		*base = xrealloc(*base, *cap, size);
	}
	item = *base + *n * size;
	memset(item, 0, size);
	++*n;
	return item;
}

static size_t
name(struct avail *av, struct object *o, enum avail_object kind, size_t n,
     const char *key)
{
	assert(!av->sealed);
	o->kind = (uint8_t)kind;
	o->id = n - 1;
	o->cause = SIZE_MAX;
	o->key = arena_strdup(&av->arena, key);
	return o->id;
}

size_t
avail_add_service(struct avail *av, const char *key,
		  const struct avail_service_settings *s)
{
	struct service *service = append(&av->services, &av->n_services,
					 &av->cap_services, sizeof(*service));

	service->s = *s;
	return name(av, &service->o, AVAIL_IS_SERVICE, av->n_services, key);
}

size_t
avail_add_check(struct avail *av, const char *key, size_t service,
		const struct avail_check_settings *s)
{
	struct check *c =
	    append(&av->checks, &av->n_checks, &av->cap_checks, sizeof(*c));

	assert(service < av->n_services && s->rise >= 1 && s->fall >= 1);
	c->s = *s;
	c->service = service;
	av->services[service].n++;
	return name(av, &c->o, AVAIL_IS_CHECK, av->n_checks, key);
}

static bool
same_settings(const struct avail_prefix_settings *a,
	      const struct avail_prefix_settings *b)
{
	return a->require.count == b->require.count &&
	       a->hold_down.ns == b->hold_down.ns &&
	       a->damping.suppress == b->damping.suppress &&
	       a->damping.reuse == b->damping.reuse &&
	       a->damping.half_life.ns == b->damping.half_life.ns &&
	       a->damping.max_suppress.ns == b->damping.max_suppress.ns &&
	       a->ladder_hold.ns == b->ladder_hold.ns && a->brake == b->brake;
}

/* Neighbours mostly have the same: one copy stays in the cache for all. */
static const struct avail_prefix_settings *
share_settings(struct avail *av, const struct avail_prefix_settings *s)
{
	struct avail_prefix_settings *copy;

	assert(s->damping.suppress <= AVAIL_SUPPRESS_MAX);
	assert(s->damping.suppress == 0 ||
	       (s->damping.reuse > 0 && s->damping.half_life.ns > 0));
	if (av->n_prefixes > 1) {
		const struct prefix_entry *last =
		    &av->prefixes[av->n_prefixes - 2];

		if (same_settings(last->s, s))
			return last->s;
	}
	copy = arena_alloc(&av->arena, sizeof(*copy));
	*copy = *s;
	return copy;
}

size_t
avail_add_prefix(struct avail *av, const char *key, const size_t *services,
		 size_t n, const struct avail_prefix_settings *s)
{
	struct prefix_entry *p = append(&av->prefixes, &av->n_prefixes,
					&av->cap_prefixes, sizeof(*p));
	struct prefix_rest *rest =
	    append(&av->rests, &av->n_rests, &av->cap_rests, sizeof(*rest));
	size_t *copy = arena_alloc(&av->arena, (n ? n : 1) * sizeof(*copy));

	for (size_t i = 0; i < n; i++) {
		assert(services[i] < av->n_services);
		av->services[services[i]].n_members++;
		copy[i] = services[i];
	}
	rest->services = copy;
	rest->rung_cause = SIZE_MAX;
	p->o.rung = p->o.told_rung = AVAIL_RUNG_WITHDRAWN;
	p->n = (unsigned)n;
	p->need = s->require.count ? s->require.count : p->n;
	p->s = share_settings(av, s);
	return name(av, &p->o, AVAIL_IS_PREFIX, av->n_prefixes, key);
}

static void
prepare_drain(struct drain *d, enum avail_target target, size_t id)
{
	d->target = target;
	d->id = id;
	d->timer.kind = TIMER_DRAIN;
	d->timer.owner = d;
}

/* Every service learns who stands on it. */
static void
link_members(struct avail *av)
{
	for (size_t i = 0; i < av->n_services; i++) {
		struct service *s = &av->services[i];

		s->members = arena_alloc(&av->arena,
					 (s->n_members + 1) * sizeof(size_t));
		s->n_members = 0;
	}
	for (size_t i = 0; i < av->n_prefixes; i++) {
		const struct prefix_entry *p = &av->prefixes[i];
		const size_t *services = av->rests[i].services;

		for (size_t j = 0; j < p->n; j++) {
			struct service *s = &av->services[services[j]];

			assert(s->n_members == 0 ||
			       s->members[s->n_members - 1] != i);
			s->members[s->n_members++] = i;
		}
	}
}

static void
prepare(struct avail *av)
{
	for (size_t i = 0; i < av->n_services; i++) {
		struct service *s = &av->services[i];

		s->need = s->s.require.count ? s->s.require.count : s->n;
		s->o.since = s->o.at = av->now;
		s->load.kind = TIMER_LOAD;
		s->load.owner = s;
		prepare_drain(&s->drain, AVAIL_SERVICE, i);
	}
	for (size_t i = 0; i < av->n_prefixes; i++) {
		struct prefix_entry *p = &av->prefixes[i];

		p->o.since = p->o.at = av->now;
		p->hold_until = av->now;
		p->reuse_at.ns = INT64_MIN;
		av->rests[i].hold.kind = TIMER_HOLD;
		av->rests[i].hold.owner = p;
		prepare_drain(&av->rests[i].drain, AVAIL_PREFIX, i);
	}
	prepare_drain(&av->drain, AVAIL_NODE, SIZE_MAX);
	av->attack.timer.kind = TIMER_ATTACK;
}

static void
prepare_heap(struct avail *av)
{
	struct heap *h = &av->heap;

	h->cap = av->n_checks + 2 * av->n_services + 2 * av->n_prefixes + 2;
	h->timers = xcalloc(h->cap, sizeof(*h->timers));
}

/* Bottom up: every count and decision from the state of the checks. */
static void
decide_everything(struct avail *av)
{
	for (size_t i = 0; i < av->n_services; i++) {
		struct service *s = &av->services[i];

		memset(s->counts, 0, sizeof(s->counts));
		s->impaired = 0;
	}
	for (size_t i = 0; i < av->n_checks; i++) {
		const struct check *c = &av->checks[i];

		av->services[c->service].counts[c->stand]++;
		av->services[c->service].impaired += c->degraded;
	}
	for (size_t i = 0; i < av->n_services; i++)
		avail_service_start(av, &av->services[i]);
	for (size_t i = 0; i < av->n_prefixes; i++)
		avail_decide_start(av, &av->prefixes[i]);
}

void
avail_seal(struct avail *av, struct mono now)
{
	assert(!av->sealed);
	av->sealed = true;
	av->now = now;
	link_members(av);
	prepare(av);
	prepare_heap(av);
	avail_index_build(av);
	for (size_t i = 0; i < av->n_checks; i++)
		avail_rise_start(av, &av->checks[i]);
	decide_everything(av);
}

/* ---- reload ---- */

/* The same object before the reload; NULL when it is new. */
static const struct object *
before(const struct avail *old, const struct object *o)
{
	return avail_index_find(old, o->kind, o->key);
}

/* An id of `old` as an id of `av`; SIZE_MAX when it is gone. */
static size_t
translate(const struct avail *av, const struct avail *old,
	  enum avail_object kind, size_t id)
{
	const char *key;
	const struct object *o;

	if (id == SIZE_MAX)
		return SIZE_MAX;
	key = kind == AVAIL_IS_CHECK ? old->checks[id].o.key
				     : old->services[id].o.key;
	o = avail_index_find(av, kind, key);
	return o ? o->id : SIZE_MAX;
}

static void
adopt_object(struct object *o, const struct object *old, size_t cause)
{
	size_t id = o->id;
	const char *key = o->key;

	*o = *old;
	o->id = id;
	o->key = key;
	o->cause = cause;
	o->queued = false;
	o->next = NULL;
}

static void
adopt_services(struct avail *av, const struct avail *old)
{
	for (size_t i = 0; i < av->n_services; i++) {
		struct service *s = &av->services[i];
		const struct object *o = before(old, &s->o);
		const struct service *was;

		/* What it decided alone at the seal was no decision yet. */
		s->base = STAND_PENDING;
		if (!o)
			continue;
		was = &old->services[o->id];
		adopt_object(&s->o, o,
			     translate(av, old, AVAIL_IS_CHECK, o->cause));
		s->base = was->base;
		s->told = was->told;
		s->present = was->present;
		s->gone = was->gone;
		s->drilled = was->drilled;
		avail_load_adopt(av, s, was);
		avail_drain_adopt(av, &s->drain, &was->drain);
	}
}

static void
adopt_prefixes(struct avail *av, const struct avail *old)
{
	for (size_t i = 0; i < av->n_prefixes; i++) {
		struct prefix_entry *p = &av->prefixes[i];
		const struct object *o = before(old, &p->o);
		const struct prefix_entry *was;

		if (!o)
			continue;
		was = &old->prefixes[o->id];
		adopt_object(&p->o, o,
			     translate(av, old, AVAIL_IS_SERVICE, o->cause));
		p->enough = was->enough;
		p->opened = was->opened;
		p->hold_until = was->hold_until;
		p->phase = was->phase;
		p->brake = was->brake;
		avail_damp_adopt(av, p, old, was);
		avail_ladder_adopt(av, p, old, was->o.id);
		avail_drain_adopt(av, &av->rests[i].drain,
				  &old->rests[o->id].drain);
	}
}

static void
adopt_checks(struct avail *av, const struct avail *old, bool jump)
{
	for (size_t i = 0; i < av->n_checks; i++) {
		struct check *c = &av->checks[i];
		const struct object *o = before(old, &c->o);

		if (!o)
			continue;
		avail_rise_adopt(av, c, &old->checks[o->id]);
		if (jump)
			avail_rise_jump(av, c);
	}
}

static void
queue_everything(struct avail *av)
{
	for (size_t i = 0; i < av->n_checks; i++)
		avail_change_queue(av, &av->checks[i].o);
	for (size_t i = 0; i < av->n_services; i++)
		avail_change_queue(av, &av->services[i].o);
	for (size_t i = 0; i < av->n_prefixes; i++)
		avail_change_queue(av, &av->prefixes[i].o);
}

void
avail_adopt(struct avail *av, const struct avail *old, struct mono now)
{
	bool jump;

	assert(av->sealed && old->sealed);
	if (mono_before(av->now, now))
		av->now = now;
	if (mono_before(av->now, old->now))
		av->now = old->now;
	av->stopping = old->stopping;
	avail_change_forget(av);
	avail_drain_adopt(av, &av->drain, &old->drain);
	avail_attack_adopt(av, old);
	av->gate = old->gate;
	adopt_services(av, old);
	adopt_prefixes(av, old);
	jump = avail_clock_jumped(old, now);
	adopt_checks(av, old, jump);
	for (size_t i = 0; jump && i < av->n_services; i++)
		avail_load_jump(av, &av->services[i]);
	decide_everything(av);
	queue_everything(av);
	avail_clock_run(av);
}
