/* SPDX-License-Identifier: ISC */
/* Metrics of the RPKI caches and of own prefixes' validity. */
#include "daemon/metrics_part.h"
#include "daemon/origins.h"

static size_t
caches(const struct metrics_walk *k)
{
	return rpki_caches(origins_rpki(k->b));
}

static size_t
prefixes(const struct metrics_walk *k)
{
	return rpki_configured(origins_rpki(k->b)) ? k->b->conf->n_prefixes : 0;
}

static struct rpki_cache_view
begin_cache(struct metrics_walk *k, size_t i)
{
	struct rpki_cache_view v;

	rpki_cache_view(origins_rpki(k->b), i, &v);
	metrics_sample(&k->w);
	metrics_label(&k->w, "cache", v.conf->name);
	return v;
}

static void
rpki_synchronised(struct metrics_walk *k, size_t i)
{
	struct rpki_cache_view v = begin_cache(k, i);

	metrics_count(&k->w, v.state == RPKI_SYNCHRONISED);
}

static void
rpki_used(struct metrics_walk *k, size_t i)
{
	struct rpki_cache_view v = begin_cache(k, i);

	metrics_count(&k->w, v.used);
}

static void
rpki_vrps(struct metrics_walk *k, size_t i)
{
	struct rpki_cache_view v = begin_cache(k, i);

	metrics_count(&k->w, v.vrps);
}

static void
rpki_serial(struct metrics_walk *k, size_t i)
{
	struct rpki_cache_view v = begin_cache(k, i);

	metrics_count(&k->w, v.serial);
}

static void
rpki_errors(struct metrics_walk *k, size_t i)
{
	struct rpki_cache_view v = begin_cache(k, i);

	metrics_count(&k->w, v.errors);
}

static void
rpki_own(struct metrics_walk *k, size_t i)
{
	struct origins_view v;

	origins_view(k->b, i, &v);
	metrics_sample(&k->w);
	metrics_label(&k->w, "prefix", avail_prefix_key(k->b->avail, i));
	metrics_label(&k->w, "state", bgp_validity_text(v.state));
	metrics_count(&k->w, 1);
}

static void
rpki_refused(struct metrics_walk *k, size_t i)
{
	struct origins_view v;

	origins_view(k->b, i, &v);
	metrics_sample(&k->w);
	metrics_label(&k->w, "prefix", avail_prefix_key(k->b->avail, i));
	metrics_count(&k->w, v.refused);
}

const struct metrics_part metrics_rpki_parts[] = {
    {METRIC_RPKI_SYNCHRONISED, caches, rpki_synchronised},
    {METRIC_RPKI_USED, caches, rpki_used},
    {METRIC_RPKI_VRPS, caches, rpki_vrps},
    {METRIC_RPKI_SERIAL, caches, rpki_serial},
    {METRIC_RPKI_ERRORS, caches, rpki_errors},
    {METRIC_RPKI_OWN, prefixes, rpki_own},
    {METRIC_RPKI_REFUSED, prefixes, rpki_refused},
    {0},
};
