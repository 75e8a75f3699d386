/* SPDX-License-Identifier: ISC */
/* D10: an empty or shrunken file never means "withdraw everything". */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
by_prefix(const void *a, const void *b)
{
	return prefix_cmp(a, b);
}

/* How many of the sorted `v` items of `before` are not in `after`. */
static size_t
missing(const void *before, size_t n_before, const void *after, size_t n_after,
	size_t size, int (*cmp)(const void *, const void *))
{
	const char *item = before;
	size_t gone = 0;

	for (size_t i = 0; i < n_before; i++, item += size)
		gone += !n_after || !bsearch(item, after, n_after, size, cmp);
	return gone;
}

static struct prefix *
sorted_prefixes(const struct conf *conf)
{
	struct prefix *v = xcalloc(conf->n_prefixes, sizeof(*v));

	for (size_t i = 0; i < conf->n_prefixes; i++)
		v[i] = conf->prefixes[i].prefix;
	qsort(v, conf->n_prefixes, sizeof(*v), by_prefix);
	return v;
}

static const char **
sorted_services(const struct conf *conf)
{
	const char **v = xcalloc(conf->n_services, sizeof(*v));

	for (size_t i = 0; i < conf->n_services; i++)
		v[i] = conf->services[i].name;
	qsort(v, conf->n_services, sizeof(*v), by_name);
	return v;
}

static const char **
sorted_peers(const struct conf *conf)
{
	const char **v = xcalloc(conf->n_peers, sizeof(*v));

	for (size_t i = 0; i < conf->n_peers; i++)
		v[i] = conf->peers[i].name;
	qsort(v, conf->n_peers, sizeof(*v), by_name);
	return v;
}

static size_t
missing_prefixes(const struct conf *before, const struct conf *after)
{
	struct prefix *a = sorted_prefixes(before);
	struct prefix *b = sorted_prefixes(after);
	size_t gone = missing(a, before->n_prefixes, b, after->n_prefixes,
			      sizeof(*a), by_prefix);

	free(a);
	free(b);
	return gone;
}

static size_t
missing_services(const struct conf *before, const struct conf *after)
{
	const char **a = sorted_services(before);
	const char **b = sorted_services(after);
	size_t gone = missing(a, before->n_services, b, after->n_services,
			      sizeof(*a), by_name);

	free(a);
	free(b);
	return gone;
}

static size_t
missing_peers(const struct conf *before, const struct conf *after)
{
	const char **a = sorted_peers(before);
	const char **b = sorted_peers(after);
	size_t gone =
	    missing(a, before->n_peers, b, after->n_peers, sizeof(*a), by_name);

	free(a);
	free(b);
	return gone;
}

static bool
is_too_much(size_t gone, size_t of)
{
	return of > 0 && gone * 2 > of;
}

int
conf_guard_removal(const struct conf *before, const struct conf *after,
		   struct text *why)
{
	const struct {
		size_t gone, of;
		const char *what;
	} items[] = {
	    {missing_prefixes(before, after), before->n_prefixes, "prefixes"},
	    {missing_services(before, after), before->n_services, "services"},
	    {missing_peers(before, after), before->n_peers, "peers"},
	};

	for (size_t i = 0; i < ARRAY_LEN(items); i++) {
		if (!is_too_much(items[i].gone, items[i].of))
			continue;
		text_addf(why,
			  "%s: the new configuration would remove %zu of %zu "
			  "%s, expected at most half of them: --allow-removal "
			  "does it all the same",
			  after->path, items[i].gone, items[i].of,
			  items[i].what);
		return -EPERM;
	}
	return 0;
}
