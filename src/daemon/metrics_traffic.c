/* SPDX-License-Identifier: ISC */
/* Metrics of packets to service addresses and of the services' load. */
#include "daemon/counters.h"
#include "daemon/metrics_part.h"
#include "daemon/overload.h"

static size_t
services(const struct metrics_walk *k)
{
	return k->b->conf->n_services;
}

/* Nothing is written of what was never counted. */
static void
each_address(struct metrics_walk *k, size_t service, bool octets)
{
	const struct conf_service *s = &k->b->conf->services[service];

	for (size_t i = 0; i < s->addresses.n; i++) {
		struct counters_view v;
		char text[IP_TEXT_MAX];

		counters_view(k->b, &s->addresses.v[i], &v);
		if (mono_is_never(v.read))
			continue;
		metrics_sample(&k->w);
		metrics_label(&k->w, "service", s->name);
		metrics_label(
		    &k->w, "address",
		    ip_format(&s->addresses.v[i], text, sizeof(text)));
		metrics_count(&k->w, octets ? v.octets : v.packets);
	}
}

static void
packets(struct metrics_walk *k, size_t i)
{
	each_address(k, i, false);
}

static void
octets(struct metrics_walk *k, size_t i)
{
	each_address(k, i, true);
}

static void
available(struct metrics_walk *k, size_t i)
{
	metrics_part_count(k, counters_available(k->b));
}

static void
load(struct metrics_walk *k, size_t i)
{
	struct measure_value values[MEASURE_COUNT];

	if (!overload_view(k->b, i, values))
		return;
	for (int l = 0; l < MEASURE_COUNT; l++) {
		if (!values[l].known || values[l].limit <= 0)
			continue;
		metrics_sample(&k->w);
		metrics_label(&k->w, "service", k->b->conf->services[i].name);
		metrics_label(&k->w, "measure", measure_text((enum measure)l));
		metrics_real(&k->w, values[l].value / values[l].limit);
	}
}

const struct metrics_part metrics_traffic_parts[] = {
    {METRIC_COUNTERS_AVAILABLE, NULL, available},
    {METRIC_SERVICE_PACKETS, services, packets},
    {METRIC_SERVICE_BYTES, services, octets},
    {METRIC_SERVICE_LOAD, services, load},
    {0},
};
