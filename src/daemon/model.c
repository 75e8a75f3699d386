/* SPDX-License-Identifier: ISC */
#include "daemon/model.h"

void
model_build(const struct conf *conf, struct mono now, struct avail **avail,
	    struct basin_check **checks)
{
	size_t id = 0;

	*avail = model_new(conf, now);
	*checks = xcalloc(conf_count_checks(conf), sizeof(**checks));
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t j = 0; j < conf->services[i].n_checks; j++)
			(*checks)[id++] = (struct basin_check){
			    .conf = &conf->services[i].checks[j],
			    .service = i,
			};
}

/* Wall-clock expiry as a point on the monotonic clock. */
static struct mono
expiry(const struct drain *d, struct mono now)
{
	if (d->expires.ns == 0)
		return MONO_NEVER;
	return mono_add(now, dur_ns(d->expires.ns - wall_now().ns));
}

void
model_apply_drains(struct basin *b, struct mono now)
{
	for (size_t i = drains_count(b->drains); i-- > 0;) {
		const struct drain *d = drains_at(b->drains, i);
		size_t id = model_find(b->conf, d->target, d->name);
		struct mono expires = expiry(d, now);

		if (mono_reached(expires, now)) {
			log_notice(&b->log, "drain", "%s %s has expired",
				   drain_target_text(d->target), d->name);
			if (drains_remove(b->drains, d->target, d->name) != 0)
				log_warning(&b->log, "drain",
					    "an expired drain could not be "
					    "removed from the file");
			continue;
		}
		if (id == SIZE_MAX) {
			log_warning(&b->log, "drain",
				    "%s %s is drained but not configured; "
				    "the drain is kept",
				    drain_target_text(d->target), d->name);
			continue;
		}
		avail_drain(b->avail, d->target, id,
			    &(struct avail_drain_times){now, expires}, now);
	}
}
