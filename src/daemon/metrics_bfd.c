/* SPDX-License-Identifier: ISC */
/* Metrics of BFD. */
#include "daemon/detect.h"
#include "daemon/metrics_part.h"

static size_t
sessions(const struct metrics_walk *k)
{
	return bfd_sessions(detect_bfd(k->b));
}

static void
begin(struct metrics_walk *k, size_t i, struct bfd_view *v)
{
	bfd_view(detect_bfd(k->b), i, v);
	metrics_sample(&k->w);
	metrics_label(&k->w, "session", v->name);
}

static void
up(struct metrics_walk *k, size_t i)
{
	struct bfd_view v;

	begin(k, i, &v);
	metrics_count(&k->w, v.status == BFD_STATUS_UP);
}

static void
downs(struct metrics_walk *k, size_t i)
{
	struct bfd_view v;

	begin(k, i, &v);
	metrics_count(&k->w, v.downs);
}

static void
detection(struct metrics_walk *k, size_t i)
{
	struct bfd_view v;

	begin(k, i, &v);
	metrics_real(&k->w, dur_to_seconds(v.detection));
}

static void
packets(struct metrics_walk *k, size_t i)
{
	struct bfd_view v;

	begin(k, i, &v);
	metrics_label(&k->w, "direction", "in");
	metrics_count(&k->w, v.packets_in);
	begin(k, i, &v);
	metrics_label(&k->w, "direction", "out");
	metrics_count(&k->w, v.packets_out);
}

static void
discarded(struct metrics_walk *k, size_t i)
{
	struct bfd_facts f;

	bfd_facts(detect_bfd(k->b), &f);
	for (size_t n = 0; n < f.n_discards; n++) {
		metrics_sample(&k->w);
		metrics_label(&k->w, "cause", f.discards[n].cause);
		metrics_count(&k->w, f.discards[n].n);
	}
}

static void
mutes(struct metrics_walk *k, size_t i)
{
	struct bfd_facts f;

	bfd_facts(detect_bfd(k->b), &f);
	metrics_part_count(k, f.mutes);
}

static void
lates(struct metrics_walk *k, size_t i)
{
	struct bfd_facts f;

	bfd_facts(detect_bfd(k->b), &f);
	metrics_part_count(k, f.lates);
}

const struct metrics_part metrics_bfd_parts[] = {
    {METRIC_BFD_UP, sessions, up},
    {METRIC_BFD_DOWNS, sessions, downs},
    {METRIC_BFD_DETECTION, sessions, detection},
    {METRIC_BFD_PACKETS, sessions, packets},
    {METRIC_BFD_DISCARDED, NULL, discarded},
    {METRIC_BFD_MUTES, NULL, mutes},
    {METRIC_BFD_LATES, NULL, lates},
    {0},
};
