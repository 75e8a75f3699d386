/* SPDX-License-Identifier: ISC */
/*
 * Any text as announcements on a small graph. It is refused with a message, or
 * each AS and prefix stands there once and all paths can be written, with
 * little memory and with enough as the same text.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "sim/sim.h"

/* Enough for a few prefixes in a few groups. */
#define LITTLE 300

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static int
append(void *arg, const void *octets, size_t n)
{
	text_add_n(arg, octets, n);
	return 0;
}

static void
write_ribs(const struct sim_graph *g, const struct sim_seeds *seeds,
	   size_t memory, struct text *out)
{
	struct sim_policy policy = {0};
	struct sim_ribs ribs = {
	    .graph = g,
	    .policy = &policy,
	    .seeds = seeds,
	    .threads = 1,
	    .memory = memory,
	    .folder = "/tmp",
	    .write = append,
	    .arg = out,
	};
	struct text messages = {0};
	int err = sim_ribs(&ribs, &messages);

	assert(err == 0 && messages.len == 0);
}

static void
try_ribs(const struct sim_graph *g, const struct sim_seeds *seeds)
{
	struct text much = {0}, little = {0}, messages = {0};

	if (sim_seeds_check(g, "F", seeds, &messages) == 0) {
		write_ribs(g, seeds, 0, &much);
		write_ribs(g, seeds, LITTLE, &little);
		assert(strcmp(text_str(&much), text_str(&little)) == 0);
	} else {
		assert(messages.len > 0);
	}
	text_free(&much);
	text_free(&little);
	text_free(&messages);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static const char links[] = "1|2|-1\n1|3|-1\n2|3|0\n2|10|-1\n";
	struct text messages = {0};
	struct sim_graph *g;
	struct sim_seeds s;
	int err = sim_graph_parse("G", links, sizeof(links) - 1, &g, &messages);

	assert(err == 0);
	err = sim_read_seeds_parse("F", (const char *)octets, n, &s, &messages);
	assert(err == 0 ? s.n > 0 : err == -EINVAL && messages.len > 0);
	for (size_t i = 1; i < s.n; i++) {
		int order = prefix_cmp(&s.v[i - 1].prefix, &s.v[i].prefix);

		assert(order < 0 ||
		       (order == 0 && s.v[i - 1].asn < s.v[i].asn));
	}
	if (!err)
		try_ribs(g, &s);
	sim_seeds_free(&s);
	sim_graph_free(g);
	text_free(&messages);
	return 0;
}
