/* SPDX-License-Identifier: ISC */
#include "daemon/overload.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/counters.h"
#include "daemon/input.h"

struct entry {
	bool given; /* the service has limits */
	struct measure_value values[MEASURE_COUNT];
	struct measure_latency *latency; /* owned; NULL: no limit for it */
};

struct overload {
	struct entry *v; /* owned; by service */
	size_t n;
	bool cpu_wanted, cpu_read;
	struct measure_cpu cpu;
	double share; /* percent; -1: not known */
	uv_timer_t timer;
};

/* ---- reading ---- */

/* The first line is all processors together. */
static bool
read_cpu(struct measure_cpu *out)
{
	int fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
	char text[256];
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	return measure_cpu_parse(text, out);
}

static void
update_cpu(struct overload *o)
{
	struct measure_cpu now;
	bool read = o->cpu_wanted && read_cpu(&now);

	o->share = read && o->cpu_read ? measure_cpu_share(&o->cpu, &now) : -1;
	o->cpu_read = read;
	if (read)
		o->cpu = now;
}

static void
set(struct measure_value *v, bool known, double value)
{
	*v = (struct measure_value){.known = known, .value = known ? value : 0};
}

static void
look_at(const struct basin *b, size_t service, struct mono now)
{
	struct entry *e = &b->overload->v[service];
	struct counters_view traffic;
	struct dur median = DUR_ZERO;
	bool counted = counters_view_service(b, service, &traffic);
	bool timed =
	    e->latency && measure_latency_median(e->latency, now, &median);

	set(&e->values[MEASURE_PACKETS], counted, traffic.packets_per_second);
	set(&e->values[MEASURE_OCTETS], counted, traffic.octets_per_second);
	set(&e->values[MEASURE_CPU], b->overload->share >= 0,
	    b->overload->share);
	set(&e->values[MEASURE_LATENCY], timed, dur_to_seconds(median));
}

/* ---- once a second ---- */

static void
second(uv_timer_t *timer)
{
	struct basin *b = timer->data;
	struct overload *o = b->overload;
	struct mono now = mono_now();

	if (b->phase == BASIN_STOPPING)
		return;
	update_cpu(o);
	for (size_t i = 0; i < o->n; i++) {
		bool high;

		if (!o->v[i].given)
			continue;
		look_at(b, i, now);
		high = measure_judge(&b->conf->services[i].overload,
				     o->v[i].values);
		input_load(b, i, high, now);
	}
	basin_decide(b);
}

void
overload_sample(struct basin *b, size_t service, const struct check_result *r)
{
	struct overload *o = b->overload;
	bool answered =
	    r->verdict == CHECK_PASS || r->verdict == CHECK_DEGRADED;

	/* How long a failure took says nothing of load. */
	if (o && answered && service < o->n && o->v[service].latency)
		measure_latency_add(o->v[service].latency, r->latency,
				    mono_now());
}

/* ---- life ---- */

void
overload_start(struct basin *b)
{
	b->overload = xcalloc(1, sizeof(*b->overload));
	b->overload->share = -1;
	uv_timer_init(&b->loop, &b->overload->timer);
	b->overload->timer.data = b;
}

static void
free_entries(struct overload *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->v[i].latency);
	free(o->v);
	o->v = NULL;
	o->n = 0;
}

/* Latencies are learned again: they come with every check. */
static void
add(struct basin *b, size_t service, bool *traffic)
{
	const struct conf_overload *limits =
	    &b->conf->services[service].overload;
	struct entry *e = &b->overload->v[service];

	e->given = conf_overload_given(limits);
	if (!e->given) {
		input_load(b, service, false, mono_now());
		return;
	}
	/* Nothing is known yet. */
	measure_judge(limits, e->values);
	if (limits->latency.ns > 0)
		e->latency = xcalloc(1, sizeof(*e->latency));
	b->overload->cpu_wanted |= limits->cpu > 0;
	*traffic |= limits->packets > 0 || limits->octets > 0;
}

void
overload_configure(struct basin *b)
{
	struct overload *o = b->overload;
	bool traffic = false, any = false;

	free_entries(o);
	o->n = b->conf->n_services;
	o->v = xcalloc(o->n, sizeof(*o->v));
	o->cpu_wanted = false;
	for (size_t i = 0; i < o->n; i++) {
		add(b, i, &traffic);
		any |= o->v[i].given;
	}
	counters_fast_for(b, COUNTERS_FOR_LOAD, traffic);
	if (any)
		uv_timer_start(&o->timer, second, 1000, 1000);
	else
		uv_timer_stop(&o->timer);
}

void
overload_free(struct basin *b)
{
	if (!b->overload)
		return;
	free_entries(b->overload);
	free(b->overload);
	b->overload = NULL;
}

/* ---- what others see ---- */

bool
overload_view(const struct basin *b, size_t service,
	      struct measure_value values[MEASURE_COUNT])
{
	const struct overload *o = b->overload;

	if (!o || service >= o->n || !o->v[service].given)
		return false;
	memcpy(values, o->v[service].values, sizeof(o->v[service].values));
	return true;
}

const char *
overload_text(const struct basin *b, size_t service, char *buf, size_t size)
{
	struct measure_value values[MEASURE_COUNT];

	buf[0] = '\0';
	if (overload_view(b, service, values))
		measure_describe(values, buf, size);
	return buf;
}
