/* SPDX-License-Identifier: ISC */
/*
 * Any text as one of the lists; the first octet says which. It is refused
 * with a message, or what is read is in order and each once.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sim/sim.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static int
try_asns(const char *text, size_t n, struct text *messages)
{
	struct sim_asns a;
	int err = sim_read_asns_parse("F", text, n, &a, messages);

	assert(err == 0 || a.n == 0);
	for (size_t i = 0; i < a.n; i++)
		assert(a.v[i].line > 0 &&
		       a.v[i].asn > (i ? a.v[i - 1].asn : 0));
	sim_asns_free(&a);
	return err;
}

static int
try_loads(const char *text, size_t n, struct text *messages)
{
	struct sim_loads l;
	int err = sim_read_loads_parse("F", text, n, &l, messages);

	assert((err == 0) == (l.n > 0));
	for (size_t i = 0; i < l.n; i++) {
		assert(isfinite(l.v[i].load) && l.v[i].load >= 0);
		assert(ip_is_none(&l.v[i].prefix.addr) == (l.v[i].asn != 0));
		assert(i == 0 || l.v[i].asn > l.v[i - 1].asn ||
		       prefix_cmp(&l.v[i].prefix, &l.v[i - 1].prefix) > 0);
	}
	sim_loads_free(&l);
	return err;
}

static int
try_origins(const char *text, size_t n, struct text *messages)
{
	struct sim_origins o;
	int err = sim_read_origins_parse("F", text, n, &o, messages);

	assert((err == 0) == (o.n > 0));
	for (size_t i = 0; i < o.n; i++) {
		const struct sim_origin *last = &o.v[i ? i - 1 : 0];
		int order = prefix_cmp(&o.v[i].prefix, &last->prefix);

		assert(o.v[i].asn && o.v[i].prefix.addr.family);
		assert(i == 0 || order > 0 ||
		       (order == 0 && o.v[i].asn > last->asn));
	}
	sim_origins_free(&o);
	return err;
}

static int
try_costs(const char *text, size_t n, struct text *messages)
{
	static const char links[] = "1|2|-1\n1|3|-1\n";
	static const char *const sites[] = {"a", "fra"};
	struct text none = {0};
	struct sim_graph *g;
	uint32_t *cost;
	int err = sim_graph_parse("G", links, sizeof(links) - 1, &g, &none);

	assert(err == 0);
	err = sim_read_costs_parse("F", text, n, g, sites, 2, &cost, messages);
	assert((err == 0) == (cost != NULL));
	for (size_t i = 0; cost && i < 6; i++)
		assert(cost[i] <= 4000000000u || cost[i] == SIM_COST_UNKNOWN);
	free(cost);
	sim_graph_free(g);
	return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static int (*const tries[])(const char *, size_t, struct text *) = {
	    try_asns, try_loads, try_origins, try_costs};
	struct text messages = {0};
	int err;

	if (n < 1)
		return 0;
	err = tries[octets[0] % ARRAY_LEN(tries)]((const char *)octets + 1,
						  n - 1, &messages);
	assert(err == 0 || (err == -EINVAL && messages.len > 0));
	text_free(&messages);
	return 0;
}
