/* SPDX-License-Identifier: ISC */
/*
 * A group is the caches of one preference. Groups run from the best one down
 * to the first that has a synchronised cache; the next one begins when all
 * caches of a group have failed. So a lost cache is still tried while a worse
 * one helps out, and the worse one stops when the better one is back.
 *
 * Data count of the best group with a synchronised cache, also those of its
 * caches that were lost and are not expired. While none is synchronised all
 * data count that there are: they are older, not wrong.
 */
#include "rpki/choose.h"

static unsigned
best_synchronised(const struct choose_cache *v, size_t n)
{
	unsigned best = 256;

	for (size_t i = 0; i < n; i++)
		if (v[i].synchronised && v[i].preference < best)
			best = v[i].preference;
	return best;
}

/* The worst group that runs. */
static unsigned
last_running(const struct choose_cache *v, size_t n)
{
	for (unsigned p = 0; p < 256; p++) {
		bool any = false, synchronised = false, failed = true;

		for (size_t i = 0; i < n; i++) {
			if (v[i].preference != p)
				continue;
			any = true;
			synchronised |= v[i].synchronised;
			failed &= v[i].failed;
		}
		if (any && (synchronised || !failed))
			return p;
	}
	return 255;
}

void
choose(struct choose_cache *v, size_t n)
{
	unsigned best = best_synchronised(v, n), last = last_running(v, n);

	for (size_t i = 0; i < n; i++) {
		v[i].run = v[i].preference <= last;
		v[i].use =
		    v[i].has_data && (best == 256 || v[i].preference == best);
	}
}
