/* SPDX-License-Identifier: ISC */
/* Metrics of what services are watched by. */
#include "daemon/metrics_part.h"
#include "daemon/watch.h"

static size_t
watches(const struct metrics_walk *k)
{
	return watch_count(k->b);
}

static void
watch_present(struct metrics_walk *k, size_t i)
{
	struct watch_view v;
	size_t service = watch_view(k->b, i, &v);

	if (v.presence == SYS_UNKNOWN)
		return;
	metrics_sample(&k->w);
	metrics_label(&k->w, "service", k->b->conf->services[service].name);
	metrics_label(&k->w, "watch", v.name);
	metrics_count(&k->w, v.presence == SYS_PRESENT);
}

static size_t
watch_kinds(const struct metrics_walk *k)
{
	return CONF_WATCH_KINDS;
}

static void
watch_kind_count(struct metrics_walk *k, size_t i, uint64_t value)
{
	metrics_sample(&k->w);
	metrics_label(&k->w, "kind",
		      conf_watch_kind_text((enum conf_watch_kind)i));
	metrics_count(&k->w, value);
}

static void
watch_events(struct metrics_walk *k, size_t i)
{
	watch_kind_count(k, i,
			 watch_counters(k->b, (enum conf_watch_kind)i)->events);
}

static void
watch_repairs(struct metrics_walk *k, size_t i)
{
	watch_kind_count(
	    k, i, watch_counters(k->b, (enum conf_watch_kind)i)->repairs);
}

const struct metrics_part metrics_watch_parts[] = {
    {METRIC_WATCH_PRESENT, watches, watch_present},
    {METRIC_WATCH_EVENTS, watch_kinds, watch_events},
    {METRIC_WATCH_REPAIRS, watch_kinds, watch_repairs},
    {0},
};
