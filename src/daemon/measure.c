/* SPDX-License-Identifier: ISC */
#include "daemon/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- judging ---- */

const char *
measure_text(enum measure l)
{
	static const char *const texts[] = {
#define X(n, t) [MEASURE_##n] = t,
	    MEASURES(X)
#undef X
	};

	return texts[l];
}

bool
measure_judge(const struct conf_overload *limits,
	      struct measure_value values[MEASURE_COUNT])
{
	const double limit[MEASURE_COUNT] = {
	    [MEASURE_PACKETS] = limits->packets,
	    [MEASURE_OCTETS] = (double)limits->octets,
	    [MEASURE_CPU] = limits->cpu,
	    [MEASURE_LATENCY] = dur_to_seconds(limits->latency),
	};
	bool any = false;

	for (int i = 0; i < MEASURE_COUNT; i++) {
		values[i].limit = limit[i];
		values[i].high = limit[i] > 0 && values[i].known &&
				 values[i].value > limit[i];
		any |= values[i].high;
	}
	return any;
}

/* "62000/s", "97%", "350 ms" */
static void
add_value(struct text *t, enum measure l, double value)
{
	if (l == MEASURE_CPU)
		text_addf(t, "%.0f%%", value);
	else if (l == MEASURE_LATENCY)
		text_addf(t, "%.1f ms", value * 1e3);
	else
		text_addf(t, "%.0f/s", value);
}

const char *
measure_describe(const struct measure_value values[MEASURE_COUNT], char *buf,
		 size_t size)
{
	struct text t = {0};

	for (int i = 0; i < MEASURE_COUNT; i++) {
		if (!values[i].high)
			continue;
		text_addf(&t, "%s%s ", t.len ? ", " : "",
			  measure_text((enum measure)i));
		add_value(&t, (enum measure)i, values[i].value);
		text_add(&t, " (limit ");
		add_value(&t, (enum measure)i, values[i].limit);
		text_add(&t, ")");
	}
	snprintf(buf, size, "%s", text_str(&t));
	text_free(&t);
	return buf;
}

/* ---- the share of the processors ---- */

/* user nice system idle iowait irq softirq steal; guests are in user. */
#define CPU_FIELDS 8
#define CPU_IDLE   3
#define CPU_IOWAIT 4

bool
measure_cpu_parse(const char *text, struct measure_cpu *out)
{
	struct measure_cpu cpu = {0};
	char *end;

	if (strncmp(text, "cpu ", 4) != 0)
		return false;
	text += 4;
	for (int i = 0; i < CPU_FIELDS; i++, text = end) {
		uint64_t v = strtoull(text, &end, 10);

		/* Kernels before 2.6.11 have fewer. */
		if (end == text)
			return false;
		cpu.total += v;
		if (i != CPU_IDLE && i != CPU_IOWAIT)
			cpu.busy += v;
	}
	*out = cpu;
	return true;
}

double
measure_cpu_share(const struct measure_cpu *before,
		  const struct measure_cpu *after)
{
	double total = (double)after->total - (double)before->total;
	double busy = (double)after->busy - (double)before->busy;

	/* Idle time may go back a little on some machines. */
	if (total <= 0 || busy < 0)
		return -1;
	return busy >= total ? 100 : 100 * busy / total;
}

/* ---- the median of latencies ---- */

void
measure_latency_add(struct measure_latency *l, struct dur latency,
		    struct mono now)
{
	size_t i = l->n++ % MEASURE_SAMPLES;

	l->v[i] = latency;
	l->at[i] = now;
}

static int
compare(const void *a, const void *b)
{
	const struct dur *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

bool
measure_latency_median(const struct measure_latency *l, struct mono now,
		       struct dur *out)
{
	struct dur v[MEASURE_SAMPLES];
	size_t n = 0, kept = l->n < MEASURE_SAMPLES ? l->n : MEASURE_SAMPLES;

	for (size_t i = 0; i < kept; i++)
		if (!mono_reached(mono_add(l->at[i], MEASURE_WINDOW), now))
			v[n++] = l->v[i];
	if (n == 0)
		return false;
	qsort(v, n, sizeof(*v), compare);
	*out = v[n / 2];
	return true;
}
