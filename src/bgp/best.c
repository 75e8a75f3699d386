/* SPDX-License-Identifier: ISC */
#include "bgp/best.h"

const char *
best_step_text(enum best_step step)
{
	static const char *const texts[] = {
#define X(n, text) [BEST_##n] = text,
	    BEST_STEPS(X)
#undef X
	};

	return texts[step];
}

bool
best_usable(const struct best_key *key)
{
	return key->blackhole || *key->reachable;
}

static bool
installs(const struct best_key *key)
{
	return key->blackhole || key->source->install;
}

/* -1 when a < b. */
static int
order(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int
best_compare_before(const struct best_key *a, const struct best_key *b,
		    enum best_step *step)
{
	const struct {
		enum best_step step;
		int order;
	} steps[] = {
	    {BEST_REACHABLE, order(best_usable(b), best_usable(a))},
	    {BEST_INSTALL, order(installs(b), installs(a))},
	    {BEST_LOCAL_PREF, order(b->local_pref, a->local_pref)},
	    {BEST_PATH_LENGTH, order(a->path_length, b->path_length)},
	    {BEST_ORIGIN, order(a->origin, b->origin)},
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		*step = steps[i].step;
		if (steps[i].order)
			return steps[i].order;
	}
	return 0;
}

bool
best_med_loses(const struct best_key *a, const struct best_key *b)
{
	return a->has_neighbour && b->has_neighbour &&
	       a->neighbour == b->neighbour && b->med < a->med;
}

int
best_compare_equal(const struct best_key *a, const struct best_key *b,
		   enum best_step *step)
{
	*step = BEST_EXTERNAL;
	return order(b->source->external, a->source->external);
}

int
best_compare_last(const struct best_key *a, const struct best_key *b,
		  enum best_step *step)
{
	int o = order(a->source->router_id, b->source->router_id);

	*step = BEST_ROUTER_ID;
	if (o)
		return o;
	*step = BEST_ADDRESS;
	return ip_cmp(&a->source->address, &b->source->address);
}
