/* SPDX-License-Identifier: ISC */
#include "daemon/quiet_judge.h"

#include <stdint.h>

static void
judge_one(const struct quiet_sample *v, size_t i, double quiet_rate,
	  struct mono now, struct quiet_found *found)
{
	const struct quiet_sample *s = &v[i];

	if (!s->available) {
		found->blind++;
		return;
	}
	found->packets_a_second += s->packets_a_second;
	found->known = mono_min(found->known, s->read);
	if (s->packets_a_second > quiet_rate) {
		found->loud++;
		if (found->loudest == SIZE_MAX ||
		    s->packets_a_second > v[found->loudest].packets_a_second)
			found->loudest = i;
	}
	if (!mono_is_never(s->last_packet) &&
	    mono_before(found->began, s->last_packet))
		found->began = mono_min(s->last_packet, now);
}

enum quiet_verdict
quiet_judge(const struct quiet_sample *v, size_t n, double quiet_rate,
	    struct mono began, struct dur quiet, struct mono now,
	    struct quiet_found *found)
{
	*found = (struct quiet_found){
	    .began = began, .known = now, .loudest = SIZE_MAX};
	for (size_t i = 0; i < n; i++)
		judge_one(v, i, quiet_rate, now, found);
	if (n == 0)
		return QUIET_GONE;
	if (found->loud > 0 || found->blind > 0) {
		found->began = now;
		return found->loud > 0 ? QUIET_LOUD : QUIET_BLIND;
	}
	return mono_reached(mono_add(found->began, quiet), found->known)
		   ? QUIET_GONE
		   : QUIET_WAITS;
}
