/* SPDX-License-Identifier: ISC */
/*
 * A Loc-RIB under any order of paths that come, change and go: its invariants
 * hold after each, and what is told adds up to what is used. Four octets an
 * operation: what, which path, which field, its value.
 */
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#include "bgp/loc_rib.h"

#define PATHS    24
#define PREFIXES 3

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

struct world {
	struct loc_rib rib;
	struct prefix prefixes[PREFIXES];
	struct best_source sources[PATHS];
	struct best_key keys[PATHS];
	bool reachable[PATHS], there[PATHS];
	struct loc_path paths[PATHS];
	const struct loc_path *told[PREFIXES]; /* the best one, as told */
};

static void
on_changed(void *arg, const struct prefix *prefix, const struct loc_path *first)
{
	struct world *w = arg;
	bool used = first && loc_path_used(first);

	for (size_t i = 0; i < PREFIXES; i++)
		if (prefix_equal(&w->prefixes[i], prefix))
			w->told[i] = used ? first : NULL;
}

static void
check_prefix(const struct world *w, size_t i)
{
	const struct loc_path *first = loc_rib_find(&w->rib, &w->prefixes[i]);
	size_t used = 0, usable = 0, n = 0;
	bool behind = false;
	enum best_step step;

	for (const struct loc_path *p = first; p; p = p->next, n++) {
		assert(prefix_equal(p->prefix, &w->prefixes[i]));
		assert(!(behind && loc_path_used(p)));
		behind |= !loc_path_used(p);
		used += loc_path_used(p);
		usable += best_usable(p->key);
		assert((p->step == BEST_CHOSEN) == (p == first && used > 0));
		assert(!loc_path_used(p) || best_usable(p->key));
		assert(!loc_path_used(first) ||
		       best_compare_before(first->key, p->key, &step) <= 0);
	}
	assert((used > 0) == (usable > 0) && used <= w->rib.width);
	assert(w->told[i] == (used ? first : NULL));
	for (size_t k = i; k < PATHS; k += PREFIXES)
		n -= w->there[k];
	assert(n == 0);
}

static void
set_field(struct world *w, size_t at, uint8_t field, uint8_t value)
{
	struct best_key *key = &w->keys[at];

	switch (field % 6) {
	case 0:
		key->local_pref = value % 3;
		break;
	case 1:
		key->path_length = value % 3;
		break;
	case 2:
		key->origin = value % 3;
		break;
	case 3:
		key->med = value % 3;
		break;
	case 4:
		key->neighbour = value % 3;
		key->has_neighbour = value % 5;
		break;
	case 5:
		key->blackhole = value % 2;
		break;
	}
}

static void
operate(struct world *w, const uint8_t op[static 4])
{
	size_t at = op[1] % PATHS;

	switch (op[0] % 4) {
	case 0:
		set_field(w, at, op[2], op[3]);
		if (w->there[at])
			loc_rib_update(&w->rib, &w->paths[at]);
		else
			loc_rib_add(&w->rib, &w->paths[at]);
		w->there[at] = true;
		return;
	case 1:
		if (w->there[at])
			loc_rib_remove(&w->rib, &w->paths[at]);
		w->there[at] = false;
		return;
	case 2:
		w->reachable[at] = op[2] % 2;
		w->sources[at].install = op[2] / 2 % 2;
		w->sources[at].external = op[2] / 4 % 2;
		w->sources[at].router_id = op[3] % 4;
		break;
	case 3:
		w->rib.width = 1 + op[1] % LOC_RIB_WIDTH;
		break;
	}
	loc_rib_rerun(&w->rib, op[3] % 2);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct world w = {.rib = {.width = 1, .changed = on_changed}};

	w.rib.arg = &w;
	for (uint8_t i = 0; i < PREFIXES; i++)
		w.prefixes[i] =
		    (struct prefix){{AF_INET, {10, i}}, (uint8_t)(16 + i)};
	for (size_t i = 0; i < PATHS; i++) {
		w.sources[i].address = ip_from_v4((uint32_t)i + 1);
		w.keys[i].source = &w.sources[i];
		w.keys[i].reachable = &w.reachable[i];
		w.paths[i].prefix = &w.prefixes[i % PREFIXES];
		w.paths[i].key = &w.keys[i];
		w.reachable[i] = true;
	}
	for (; n >= 4; octets += 4, n -= 4) {
		operate(&w, octets);
		for (size_t i = 0; i < PREFIXES; i++)
			check_prefix(&w, i);
	}
	loc_rib_free(&w.rib);
	return 0;
}
