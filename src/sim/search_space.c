/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/search.h"

/* Sets that are gone through to count what they hold. */
#define COUNTED_SETS (UINT64_C(1) << 20)
/* Of all weight, so many parts make a difference when unreached: else a single
 * AS more somewhere would weigh more than any load. */
#define PARTS 1000
/* Sets that are passed over between two questions whether to stop. */
#define STEPS 1024

static uint64_t
times(uint64_t a, uint64_t b)
{
	uint64_t product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint32_t
upstream_of(const struct sim_plan_prefix *p, size_t i)
{
	return p->upstream ? p->upstream[i] : SIM_NONE;
}

static const char *
unit_word(const struct sim_search *search)
{
	return search->upstreams ? "upstreams" : "sites";
}

/* ---- what there is to choose from ---- */

static void
sort_upstreams(struct space *s)
{
	const struct sim_plan *plan = s->plan;
	size_t n = 0;

	s->first = xcalloc(plan->n_sites + 1, sizeof(*s->first));
	s->members = xcalloc(plan->n_upstreams + 1, sizeof(*s->members));
	for (size_t site = 0; site < plan->n_sites; site++) {
		for (size_t u = 0; u < plan->n_upstreams; u++)
			if (plan->upstream_site[u] == site)
				s->members[n++] = u;
		s->first[site + 1] = n;
	}
}

static bool
too_few_upstreams(const struct space *s, size_t site)
{
	return s->first[site + 1] - s->first[site] < s->search->min_upstreams;
}

static enum sim_bound
unit_bound(const struct space *s, size_t unit)
{
	enum sim_bound b =
	    s->search->bounds ? s->search->bounds[unit] : SIM_FREE;

	if (b == SIM_FREE && !s->search->upstreams &&
	    too_few_upstreams(s, unit))
		return SIM_FORBIDDEN;
	return b;
}

static void
sort_units(struct space *s, size_t *required)
{
	for (size_t i = 0; i < s->n_units; i++) {
		enum sim_bound b = unit_bound(s, i);

		s->fixed[i] = b == SIM_REQUIRED;
		*required += b == SIM_REQUIRED;
		if (b == SIM_FREE)
			s->loose[s->n_loose++] = i;
	}
}

/* What of the announcements can be prepended, and what never changes. */
static void
sort_announcements(struct space *s, const struct sim_plan_prefix *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct sim_announcement *a = &p->announcements[i];
		uint32_t u = upstream_of(p, i);

		if (u == SIM_NONE)
			s->always |= !a->down;
		else if (a->n_tail && a->from != SIM_ORIGIN)
			s->prependable[u] = true;
		else
			s->heavy[u] = true;
	}
}

static uint64_t
all_weight(const struct sim_plan *plan)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < plan->n_prefixes; i++)
		if (plan->prefixes[i].weights)
			sum += plan->prefixes[i].weights->total;
	return sum;
}

static int
check_numbers(const struct space *s, size_t required, struct text *messages)
{
	const struct sim_search *search = s->search;
	size_t there = required + s->n_loose;

	if (search->prepend_max > SIM_PREPENDS_MAX) {
		text_addf(messages,
			  "search: prepend: found a maximum of %u, expected "
			  "0 to %d\n",
			  search->prepend_max, SIM_PREPENDS_MAX);
		return -EINVAL;
	}
	if (search->objective == SIM_MINIMISE_COST && !search->cost) {
		text_add(messages,
			 "search: objective: cost needs a list of costs\n");
		return -EINVAL;
	}
	if (there == 0) {
		text_addf(messages,
			  "search: found no %s to choose from, expected some "
			  "that are not forbidden, with enough upstreams\n",
			  unit_word(search));
		return -EINVAL;
	}
	if (search->choose > there || search->choose > s->n_units ||
	    (search->choose && search->choose < required)) {
		text_addf(messages,
			  "search: found %zu %s to choose, expected %zu "
			  "(required) to %zu (required or free, with enough "
			  "upstreams)\n",
			  search->choose, unit_word(search),
			  required ? required : 1, there);
		return -EINVAL;
	}
	return 0;
}

int
search_space_new(const struct sim_plan *plan, const struct sim_search *search,
		 struct space *out, struct text *messages)
{
	size_t required = 0;
	int error;

	*out = (struct space){.plan = plan, .search = search};
	out->n_units = search->upstreams ? plan->n_upstreams : plan->n_sites;
	out->size = out->n_units + plan->n_upstreams;
	out->fixed = xcalloc(out->n_units + 1, 1);
	out->loose = xcalloc(out->n_units + 1, sizeof(*out->loose));
	out->prependable = xcalloc(plan->n_upstreams + 1, sizeof(bool));
	out->heavy = xcalloc(plan->n_upstreams + 1, sizeof(bool));
	sort_upstreams(out);
	sort_units(out, &required);
	for (size_t i = 0; i < plan->n_prefixes; i++)
		sort_announcements(out, &plan->prefixes[i]);
	out->step = all_weight(plan) / PARTS + 1;
	error = check_numbers(out, required, messages);
	if (error) {
		search_space_free(out);
		return error;
	}
	out->choose = search->choose ? search->choose : required + out->n_loose;
	out->pick = out->choose - required;
	return 0;
}

void
search_space_free(struct space *s)
{
	free(s->fixed);
	free(s->loose);
	free(s->prependable);
	free(s->heavy);
	free(s->first);
	free(s->members);
	*s = (struct space){0};
}

/* ---- one choice ---- */

bool
search_active(const struct space *s, const uint8_t *choice, size_t upstream)
{
	size_t unit =
	    s->search->upstreams ? upstream : s->plan->upstream_site[upstream];

	return unit < s->n_units && choice[unit];
}

size_t
search_lacking(const struct space *s, const uint8_t *choice)
{
	const struct sim_plan *plan = s->plan;
	const bool *needs = s->search->needs_site;
	size_t lacking = 0;

	if (!s->search->upstreams || (!s->search->min_upstreams && !needs))
		return 0;
	for (size_t site = 0; site < plan->n_sites; site++) {
		size_t least = s->search->min_upstreams, n = 0;

		for (size_t i = s->first[site]; i < s->first[site + 1]; i++)
			n += choice[s->members[i]];
		if (needs && needs[site] && !least)
			least = 1;
		if (n < least && (n || (needs && needs[site])))
			lacking += least - n;
	}
	return lacking;
}

static bool
digit(const struct space *s, const uint8_t *choice, size_t upstream)
{
	return s->search->prepend_max && s->prependable[upstream] &&
	       search_active(s, choice, upstream);
}

/* Whether search_settle() would change a choice with these units. */
static bool
shifts(const struct space *s, const uint8_t *choice)
{
	if (s->always)
		return false;
	for (size_t u = 0; u < s->plan->n_upstreams; u++)
		if (s->heavy[u] && search_active(s, choice, u))
			return false;
	return true;
}

void
search_settle(const struct space *s, uint8_t *choice)
{
	uint8_t *prepend = choice + s->n_units, least = UINT8_MAX;

	for (size_t u = 0; u < s->plan->n_upstreams; u++)
		if (!digit(s, choice, u))
			prepend[u] = 0;
		else if (prepend[u] < least)
			least = prepend[u];
	if (!least || least == UINT8_MAX || !shifts(s, choice))
		return;
	for (size_t u = 0; u < s->plan->n_upstreams; u++)
		if (digit(s, choice, u))
			prepend[u] -= least;
}

static bool
is_up(const struct space *s, const uint8_t *choice,
      const struct sim_announcement *a, uint32_t upstream)
{
	if (upstream == SIM_NONE && a->down)
		return false;
	if (!s->search->upstreams)
		return a->site >= s->n_units || choice[a->site];
	return upstream == SIM_NONE || choice[upstream];
}

void
search_apply(const struct space *s, const uint8_t *choice, struct trial *t)
{
	const uint8_t *prepend = choice + s->n_units;

	for (size_t p = 0; p < s->plan->n_prefixes; p++) {
		const struct sim_plan_prefix *prefix = &s->plan->prefixes[p];

		for (size_t i = 0; i < prefix->n; i++) {
			uint32_t u = upstream_of(prefix, i);
			bool own = u == SIM_NONE || !s->search->prepend_max;

			trial_set(
			    t, p, i,
			    is_up(s, choice, &prefix->announcements[i], u),
			    own ? TRIAL_OWN_PREPEND : prepend[u]);
		}
	}
}

/* ---- all choices ---- */

static void
load_set(struct cursor *c)
{
	const struct space *s = c->space;

	memset(c->choice, 0, s->size);
	memcpy(c->choice, s->fixed, s->n_units);
	for (size_t i = 0; i < s->pick; i++)
		c->choice[s->loose[c->picked[i]]] = 1;
	c->n_digits = 0;
	for (size_t u = 0; u < s->plan->n_upstreams; u++)
		if (digit(s, c->choice, u))
			c->digits[c->n_digits++] = u;
	c->shifts = shifts(s, c->choice);
}

/* The next set, in ascending order, whether it keeps the bounds or not. */
static bool
step_set(struct cursor *c)
{
	const struct space *s = c->space;
	size_t i = s->pick;

	while (i > 0 && c->picked[i - 1] == s->n_loose - s->pick + i - 1)
		i--;
	if (!i)
		return false;
	c->picked[i - 1]++;
	for (; i < s->pick; i++)
		c->picked[i] = c->picked[i - 1] + 1;
	load_set(c);
	return true;
}

bool
search_first(const struct space *s, struct cursor *c)
{
	*c = (struct cursor){
	    .space = s,
	    .choice = xcalloc(s->size + 1, 1),
	    .picked = xcalloc(s->pick + 1, sizeof(*c->picked)),
	    .digits = xcalloc(s->plan->n_upstreams + 1, sizeof(*c->digits)),
	};
	for (size_t i = 0; i < s->pick; i++)
		c->picked[i] = i;
	load_set(c);
	return !search_lacking(s, c->choice) || search_next_set(c);
}

bool
search_next_set(struct cursor *c)
{
	while (step_set(c)) {
		if (!search_lacking(c->space, c->choice))
			return true;
		if (++c->steps % STEPS)
			continue;
		c->stopped = search_told_to_stop(c->space);
		if (c->stopped)
			return false;
	}
	return false;
}

static bool
all_prepended(const struct cursor *c)
{
	const uint8_t *prepend = c->choice + c->space->n_units;

	for (size_t i = 0; i < c->n_digits; i++)
		if (!prepend[c->digits[i]])
			return false;
	return c->n_digits > 0;
}

static bool
next_prepends(struct cursor *c)
{
	uint8_t *prepend = c->choice + c->space->n_units;
	uint8_t most = c->space->search->prepend_max;
	size_t i = c->n_digits;

	while (i > 0 && prepend[c->digits[i - 1]] == most)
		prepend[c->digits[--i]] = 0;
	if (!i)
		return false;
	prepend[c->digits[i - 1]]++;
	return true;
}

bool
search_next(struct cursor *c)
{
	while (next_prepends(c))
		if (!c->shifts || !all_prepended(c))
			return true;
	return search_next_set(c);
}

void
search_cursor_free(struct cursor *c)
{
	free(c->choice);
	free(c->picked);
	free(c->digits);
	*c = (struct cursor){0};
}

uint64_t
search_set_count(const struct cursor *c)
{
	uint64_t all = 1, shifted = 1, most = c->space->search->prepend_max;

	for (size_t i = 0; i < c->n_digits; i++) {
		all = times(all, most + 1);
		shifted = times(shifted, most);
	}
	if (all == UINT64_MAX || !c->shifts || !c->n_digits)
		return all;
	return all - shifted;
}

static uint64_t
count_sets(const struct space *s)
{
	uint64_t n = 1;

	for (size_t i = 0; i < s->pick; i++) {
		trial_wide next = (trial_wide)n * (s->n_loose - i) / (i + 1);

		if (next >= UINT64_MAX)
			return UINT64_MAX;
		n = (uint64_t)next;
	}
	return n;
}

/* All that is left; UINT64_MAX: more, or told to stop. */
static uint64_t
count_on(struct cursor *c)
{
	uint64_t n = 0, sets = 0;

	do {
		uint64_t one = search_set_count(c);

		if (__builtin_add_overflow(n, one, &n) ||
		    (++sets % STEPS == 0 && search_told_to_stop(c->space)))
			return UINT64_MAX;
	} while (search_next_set(c));
	return c->stopped ? UINT64_MAX : n;
}

uint64_t
search_count(const struct space *s)
{
	uint64_t sets = count_sets(s), n;
	struct cursor c;

	if (!s->search->prepend_max && !s->search->upstreams)
		return sets;
	if (sets > COUNTED_SETS)
		return UINT64_MAX;
	n = search_first(s, &c) ? count_on(&c) : 0;
	search_cursor_free(&c);
	return n;
}
