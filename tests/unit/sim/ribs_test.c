/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "../test.h"
#include "base/text.h"
#include "sim/sim.h"

/* 10 above 2 and 100; 2 and 100 above 30; 100 and 9 are peers. */
static const char graph_text[] = "10|2|-1\n"
				 "10|100|-1\n"
				 "2|30|-1\n"
				 "100|30|-1\n"
				 "100|9|0\n";

static struct sim_graph *
graph(const char *text)
{
	struct text messages = {0};
	struct sim_graph *g;

	if (sim_graph_parse("g", text, strlen(text), &g, &messages) != 0)
		fail_msg("%s", text_str(&messages));
	text_free(&messages);
	return g;
}

static struct sim_seeds
seeds(const char *text)
{
	struct text messages = {0};
	struct sim_seeds s;

	if (sim_read_seeds_parse("s", text, strlen(text), &s, &messages) != 0)
		fail_msg("%s", text_str(&messages));
	text_free(&messages);
	return s;
}

static int
to_text(void *arg, const void *octets, size_t n)
{
	text_add_n(arg, octets, n);
	return 0;
}

static void
run(struct sim_graph *g, const char *announced, const struct sim_set *rov,
    size_t memory, unsigned threads, bool gzip, struct text *out)
{
	struct sim_seeds s = seeds(announced);
	struct sim_policy policy = {.rov = rov};
	struct sim_ribs ribs = {
	    .graph = g,
	    .policy = &policy,
	    .seeds = &s,
	    .memory = memory,
	    .folder = ".",
	    .threads = threads,
	    .gzip = gzip,
	    .write = to_text,
	    .arg = out,
	};

	assert_int_equal(sim_ribs(&ribs, NULL), 0);
	sim_seeds_free(&s);
}

/* Worked out by hand. */
static void
test_rows(void **state)
{
	struct sim_graph *g = graph(graph_text);
	struct text out = {0};

	(void)state;
	run(g,
	    "seed_asn,prefix,rov_invalid\n"
	    "30,192.0.2.0/24,False\n"
	    "9,10.0.0.0/8,False\n"
	    "2,10.0.0.0/8,False\n",
	    NULL, 0, 1, false, &out);
	/* 9 hears nobody's but its peer's customers': not 2's. */
	assert_string_equal(text_str(&out), "10,10.0.0.0/8,\"(10, 2)\"\n"
					    "10,192.0.2.0/24,\"(10, 2, 30)\"\n"
					    "100,10.0.0.0/8,\"(100, 9)\"\n"
					    "100,192.0.2.0/24,\"(100, 30)\"\n"
					    "2,10.0.0.0/8,\"(2,)\"\n"
					    "2,192.0.2.0/24,\"(2, 30)\"\n"
					    "30,10.0.0.0/8,\"(30, 2)\"\n"
					    "30,192.0.2.0/24,\"(30,)\"\n"
					    "9,10.0.0.0/8,\"(9,)\"\n"
					    "9,192.0.2.0/24,\"(9, 100, 30)\"\n"
					    "asn,prefix,as_path\n");
	text_free(&out);
	sim_graph_free(g);
}

/* The seed keeps its own; 2 drops it, so 10 has it by 100. */
static void
test_validation(void **state)
{
	struct sim_graph *g = graph(graph_text);
	struct sim_set rov = sim_set_new(g);
	struct text out = {0};

	(void)state;
	sim_set_add(&rov, sim_graph_find(g, 2));
	sim_set_add(&rov, sim_graph_find(g, 30));
	run(g, "30,2001:db8::/32,True\n", &rov, 0, 1, false, &out);
	assert_string_equal(text_str(&out),
			    "10,2001:db8::/32,\"(10, 100, 30)\"\n"
			    "100,2001:db8::/32,\"(100, 30)\"\n"
			    "30,2001:db8::/32,\"(30,)\"\n"
			    "9,2001:db8::/32,\"(9, 100, 30)\"\n"
			    "asn,prefix,as_path\n");
	text_clear(&out);
	/* One more announcement, which is valid. */
	run(g,
	    "30,2001:db8::/32,True\n"
	    "9,2001:db8::/32,False\n",
	    &rov, 0, 1, false, &out);
	assert_string_equal(text_str(&out),
			    "10,2001:db8::/32,\"(10, 100, 30)\"\n"
			    "100,2001:db8::/32,\"(100, 30)\"\n"
			    "30,2001:db8::/32,\"(30,)\"\n"
			    "9,2001:db8::/32,\"(9,)\"\n"
			    "asn,prefix,as_path\n");
	text_free(&out);
	sim_set_free(&rov);
	sim_graph_free(g);
}

/* ---- much ---- */

#define MANY_ASES 1000

static struct sim_graph *
large_graph(void)
{
	struct text text = {0};
	struct sim_graph *g;

	for (unsigned i = 2; i <= MANY_ASES; i++)
		text_addf(&text, "%u|%u|-1\n", i / 2, i);
	g = graph(text_str(&text));
	text_free(&text);
	return g;
}

static void
inflated(const struct text *gz, struct text *out)
{
	z_stream s = {.next_in = (Bytef *)gz->s, .avail_in = (uInt)gz->len};
	char piece[65536];
	int err = Z_OK;

	assert_int_equal(inflateInit2(&s, 15 + 16), Z_OK);
	while (err == Z_OK) {
		s.next_out = (Bytef *)piece;
		s.avail_out = sizeof(piece);
		err = inflate(&s, Z_NO_FLUSH);
		text_add_n(out, piece, sizeof(piece) - s.avail_out);
	}
	/* The check sum is right and nothing stands behind. */
	assert_int_equal(err, Z_STREAM_END);
	assert_int_equal(s.avail_in, 0);
	inflateEnd(&s);
}

/* One member, whoever made its pieces. */
static void
test_gzip(void **state)
{
	struct sim_graph *g = large_graph();
	struct text seeds = {0}, plain = {0}, gz = {0}, back = {0};

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		text_addf(&seeds, "%u,10.%u.0.0/16,False\n", 7 * i + 1, i);
	run(g, text_str(&seeds), NULL, 0, 1, false, &plain);
	run(g, text_str(&seeds), NULL, 0, 3, true, &gz);
	inflated(&gz, &back);
	assert_int_equal(plain.len, back.len);
	assert_memory_equal(plain.s, back.s, plain.len);
	text_free(&seeds);
	text_free(&plain);
	text_free(&gz);
	text_free(&back);
	sim_graph_free(g);
}

/* Several ranges, and a temporary file: the same text. */
static void
test_memory(void **state)
{
	/* All; a few ranges; many, and a file; one AS at a time. */
	static const size_t memory[] = {0, 200000, 4000, 1};
	struct sim_graph *g = large_graph();
	struct text announced = {0}, out[ARRAY_LEN(memory)] = {0};

	(void)state;
	/* Each second prefix is announced as the one before: one group. */
	for (unsigned i = 0; i < 20; i++)
		text_addf(&announced, "%u,10.%u.0.0/16,False\n", i / 2 * 17 + 1,
			  i);
	for (size_t i = 0; i < ARRAY_LEN(memory); i++) {
		run(g, text_str(&announced), NULL, memory[i], 2, false,
		    &out[i]);
		assert_string_equal(text_str(&out[i]), text_str(&out[0]));
	}
	for (size_t i = 0; i < ARRAY_LEN(memory); i++)
		text_free(&out[i]);
	text_free(&announced);
	sim_graph_free(g);
}

static int
full(void *arg, const void *octets, size_t n)
{
	(void)arg;
	(void)octets;
	(void)n;
	return -ENOSPC;
}

static void
test_no_space(void **state)
{
	struct sim_graph *g = graph(graph_text);
	struct sim_seeds s = seeds("30,192.0.2.0/24,False\n");
	struct sim_policy policy = {0};
	struct sim_ribs ribs = {.graph = g,
				.policy = &policy,
				.seeds = &s,
				.threads = 1,
				.write = full};

	(void)state;
	assert_int_equal(sim_ribs(&ribs, NULL), -ENOSPC);
	sim_seeds_free(&s);
	sim_graph_free(g);
}

static void
test_no_folder(void **state)
{
	struct sim_graph *g = graph(graph_text);
	struct sim_seeds s = seeds("30,192.0.2.0/24,False\n");
	struct sim_policy policy = {0};
	struct text messages = {0};
	struct sim_ribs ribs = {.graph = g,
				.policy = &policy,
				.seeds = &s,
				.memory = 1,
				.folder = "/nonexistent",
				.write = full};

	(void)state;
	assert_int_equal(sim_ribs(&ribs, &messages), -ENOENT);
	assert_string_equal(text_str(&messages),
			    "/nonexistent: no room for a temporary file of 1 "
			    "MiB: No such file or directory\n");
	text_free(&messages);
	sim_seeds_free(&s);
	sim_graph_free(g);
}

/* ---- bad input ---- */

static void
refused(const char *text, const char *expected)
{
	struct text messages = {0};
	struct sim_seeds s;

	assert_int_equal(
	    sim_read_seeds_parse("s.csv", text, strlen(text), &s, &messages),
	    -EINVAL);
	assert_string_equal(text_str(&messages), expected);
	assert_null(s.v);
	text_free(&messages);
}

static void
test_refused(void **state)
{
	(void)state;
	refused("", "s.csv: no announcements, expected lines "
		    "\"seed_asn,prefix,rov_invalid\"\n");
	refused("seed_asn,prefix,rov_invalid\n# nothing\n",
		"s.csv: no announcements, expected lines "
		"\"seed_asn,prefix,rov_invalid\"\n");
	refused("30,192.0.2.0/24\n30,192.0.2.0/24,False,1\n",
		"s.csv:1: 2 fields, expected 3: seed_asn,prefix,rov_invalid\n"
		"s.csv:2: 4 fields, expected 3: seed_asn,prefix,rov_invalid\n");
	refused("0,192.0.2.1/24,no\nx\x1b,192.0.2.0,True\n",
		"s.csv:1: found \"0\", expected an AS number\n"
		"s.csv:1: prefix \"192.0.2.1/24\" has bits set behind its "
		"length, expected "
		"192.0.2.0/24\n"
		"s.csv:1: rov_invalid: found \"no\", expected True or False\n"
		"s.csv:2: found \"x\\x1b\", expected an AS number\n"
		"s.csv:2: found \"192.0.2.0\", expected a prefix, as "
		"192.0.2.0/24\n");
	/* A header is one line, the first. */
	refused("1,10.0.0.0/8,0\nseed_asn,prefix,rov_invalid\n",
		"s.csv:2: found \"seed_asn\", expected an AS number\n"
		"s.csv:2: found \"prefix\", expected a prefix, as "
		"192.0.2.0/24\n"
		"s.csv:2: rov_invalid: found \"rov_invalid\", expected True "
		"or False\n");
	refused("1,2001:db8::/32,False\n\n1,2001:DB8:0::/32,True\n",
		"s.csv:3: AS 1 announces 2001:db8::/32 already in line 1\n");
}

static void
test_not_in_graph(void **state)
{
	struct sim_graph *g = graph(graph_text);
	struct sim_seeds s = seeds(" 77 ,10.0.0.0/8,false\r\n"
				   "30, 10.0.0.0/8, true\r\n");
	struct text messages = {0};

	(void)state;
	assert_int_equal(s.n, 2);
	assert_true(s.v[0].asn == 30 && s.v[0].invalid);
	assert_int_equal(sim_seeds_check(g, "s.csv", &s, &messages), -EINVAL);
	assert_string_equal(text_str(&messages),
			    "s.csv:1: AS 77 is not in the graph\n");
	text_free(&messages);
	sim_seeds_free(&s);
	sim_graph_free(g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_validation),
	    cmocka_unit_test(test_gzip),
	    cmocka_unit_test(test_memory),
	    cmocka_unit_test(test_no_space),
	    cmocka_unit_test(test_no_folder),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_not_in_graph),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
