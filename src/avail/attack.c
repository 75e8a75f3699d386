/* SPDX-License-Identifier: ISC */
/*
 * What keeps a prefix announced though its services failed: attack mode of
 * the node, and the brake of the prefix.
 *
 *   ANNOUNCED ──only checks fail──► FROZEN    while attack mode is on
 *                                 ► BRAKED    else, where there is a brake
 *                                             asked ──refused──► asked again
 *   FROZEN, BRAKED ──enough services──► ANNOUNCED
 *                  ──attack off, released, certain──► WITHDRAWN
 *
 * Invariants: neither begins on a prefix that is not announced; neither lasts
 * when the prefix lacks services even with every failed check forgiven.
 */
#include "avail/state.h"

/* Would there be enough if no check had failed? */
static bool
only_checks(const struct prefix_entry *p)
{
	return p->counts[STAND_UP] + p->counts[STAND_DOWN] +
		   p->counts[STAND_PENDING] >=
	       p->need;
}

enum avail_prefix_state
avail_attack_judge(const struct avail *av, const struct prefix_entry *p)
{
	if (!avail_decide_announces(p->o.state) || !only_checks(p))
		return AVAIL_PREFIX_WITHDRAWN;
	if (av->attack.on)
		return AVAIL_PREFIX_FROZEN;
	if (p->s->brake && p->brake != BRAKE_RELEASED)
		return AVAIL_PREFIX_BRAKED;
	return AVAIL_PREFIX_WITHDRAWN;
}

/* What failed behind a prefix stays the cause of what becomes of it. */
static void
decide_again(struct avail *av)
{
	for (size_t i = 0; i < av->n_prefixes; i++) {
		struct prefix_entry *p = &av->prefixes[i];

		if (p->o.state == AVAIL_PREFIX_FROZEN ||
		    p->o.state == AVAIL_PREFIX_BRAKED)
			avail_decide_prefix(av, p, p->o.cause);
	}
}

void
avail_attack(struct avail *av, bool on, struct mono expires, struct mono now)
{
	avail_clock_advance(av, now);
	av->attack.on = on;
	avail_timer_arm(&av->heap, &av->attack.timer,
			on ? expires : MONO_NEVER);
	decide_again(av);
	avail_clock_run(av); /* it may be over already */
}

void
avail_attack_expire(struct avail *av)
{
	av->attack.on = false;
	av->attack.tell_expired = true;
	av->attack.expired_at = av->now;
	decide_again(av);
}

void
avail_attack_adopt(struct avail *av, const struct avail *old)
{
	av->attack.on = old->attack.on;
	av->attack.tell_expired = old->attack.tell_expired;
	av->attack.expired_at = old->attack.expired_at;
	if (old->attack.timer.place)
		avail_timer_arm(&av->heap, &av->attack.timer,
				old->attack.timer.at);
}

bool
avail_attacked(const struct avail *av, struct mono *expires)
{
	if (expires)
		*expires =
		    av->attack.timer.place ? av->attack.timer.at : MONO_NEVER;
	return av->attack.on;
}

void
avail_brake(struct avail *av, size_t prefix, bool released, struct mono now)
{
	struct prefix_entry *p = &av->prefixes[prefix];

	avail_clock_advance(av, now);
	if (p->o.state != AVAIL_PREFIX_BRAKED)
		return;
	p->brake = released ? BRAKE_RELEASED : BRAKE_REFUSED;
	avail_decide_prefix(av, p, p->o.cause);
}
