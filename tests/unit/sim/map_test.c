/* SPDX-License-Identifier: ISC */
#include "../folder.h"

#include <errno.h>
#include <sys/stat.h>

#include "sim/map.h"
#include "sim/notes.h"

static const char graph_text[] = "1|2|-1\n1|3|-1\n2|3|0\n2|4|-1\n3|4|-1\n"
				 "4|5|-1\n5|6|0\n1|7|0\n6|7|0\n3|8|-1\n";

static struct sim_graph *
parse(void)
{
	struct text messages = {0};
	struct sim_graph *g;

	assert_int_equal(sim_graph_parse("t", graph_text,
					 sizeof(graph_text) - 1, &g, &messages),
			 0);
	text_free(&messages);
	return g;
}

/* A saved graph in memory; `words` are its arrays. */
struct saved {
	struct map_head head;
	uint32_t words[200];
};

static size_t
make_saved(struct saved *out)
{
	struct sim_graph *g = parse();
	struct graph_counts counts = {g->n, sim_graph_provider_links(g),
				      sim_graph_peer_links(g)};
	size_t n = graph_words(&counts);

	assert_true(n <= ARRAY_LEN(out->words));
	memcpy(out->words, g->asn, n * sizeof(uint32_t));
	out->head = map_head(&counts, out->words);
	sim_graph_free(g);
	return sizeof(out->head) + n * sizeof(uint32_t);
}

static void
sign(struct saved *s)
{
	s->head.sum = map_sum(s->words, graph_words(&s->head.counts));
}

static void
expect_refusal(const struct saved *s, size_t n, const char *message)
{
	struct notes notes = {.path = "F"};
	struct text messages = {0};

	assert_null(map_open(&notes, s, n));
	assert_int_equal(notes_tell(&notes, &messages), -EINVAL);
	if (!strstr(text_str(&messages), message))
		assert_string_equal(text_str(&messages), message);
	text_free(&messages);
}

static bool
is_opened(const struct saved *s, size_t n)
{
	struct notes notes = {.path = "F"};
	struct text messages = {0};
	struct sim_graph *g = map_open(&notes, s, n);
	bool opened = g != NULL;

	assert_int_equal(notes_tell(&notes, &messages) == 0, opened);
	assert_int_equal(messages.len == 0, opened);
	free(g);
	text_free(&messages);
	return opened;
}

static void
what_was_saved_is_loaded(void **state)
{
	struct sim_graph *g = parse(), *loaded;
	struct text messages = {0};
	struct folder folder;
	char path[FOLDER_PATH];
	struct stat st;

	folder_make(&folder);
	folder_file(&folder, "graph", path);
	assert_int_equal(sim_graph_save(g, path, &messages), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0600, 0600);
	/* Also over what is there. */
	assert_int_equal(sim_graph_save(g, path, &messages), 0);
	assert_int_equal(sim_graph_load(path, &loaded, &messages), 0);
	assert_string_equal(text_str(&messages), "");
	assert_int_equal(loaded->n, g->n);
	assert_memory_equal(loaded->asn, g->asn, g->octets);
	/* A graph that lies in the file it is written over. */
	assert_int_equal(sim_graph_save(loaded, path, &messages), 0);
	assert_memory_equal(loaded->asn, g->asn, g->octets);
	sim_graph_free(g);
	sim_graph_free(loaded);
	assert_int_equal(folder_remove(&folder), 1);
	text_free(&messages);
}

static void
what_a_crash_left_is_in_nobodys_way(void **state)
{
	struct sim_graph *g = parse();
	struct text messages = {0};
	struct folder folder;
	char path[FOLDER_PATH], left[32];

	folder_make(&folder);
	folder_file(&folder, "graph", path);
	snprintf(left, sizeof(left), "graph.%ld-0", (long)getpid());
	folder_write(&folder, left, "left", 4);
	assert_int_equal(sim_graph_save(g, path, &messages), 0);
	assert_int_equal(folder_remove(&folder), 2);
	sim_graph_free(g);
}

static void
a_place_that_cannot_be_written_is_told(void **state)
{
	struct sim_graph *g = parse();
	struct text messages = {0};
	struct folder folder;
	char path[FOLDER_PATH];

	folder_make(&folder);
	assert_int_equal(sim_graph_save(g, "/nonexistent/graph", &messages),
			 -ENOENT);
	assert_string_equal(text_str(&messages),
			    "/nonexistent/graph: cannot be written: No such "
			    "file or directory\n");
	/* Nothing is left of it. */
	folder_file(&folder, "taken", path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(sim_graph_save(g, path, &messages), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(folder_remove(&folder), 0);
	sim_graph_free(g);
	text_free(&messages);
}

static void
the_head_is_checked(void **state)
{
	struct saved good, s;
	size_t n = make_saved(&good);

	assert_true(is_opened(&good, n));
	expect_refusal(&good, sizeof(good.head) - 1, "for its head alone");
	expect_refusal(&good, n - 4, "it was cut or added to");
	expect_refusal(&good, n + 4, "it was cut or added to");
#define BREAK(what, message)                                                   \
	do {                                                                   \
		s = good;                                                      \
		what;                                                          \
		expect_refusal(&s, n, message);                                \
	} while (0)
	BREAK(s.head.magic[1]++, "is no saved graph");
	BREAK(s.head.order = 0x04030201,
	      "another byte order (mark 04030201, expected 01020304)");
	BREAK(s.head.version++, "version 2, expected version 1");
	BREAK(s.head.counts.ases = 262144, "262144 ASes, expected 2 to");
	BREAK(s.head.counts.ases = 1, "1 ASes, expected 2 to");
	BREAK(s.head.counts.provider_links = UINT32_MAX, "provider links");
	BREAK(s.head.counts.peer_links = UINT32_MAX, "peer links");
	BREAK(s.head.counts.peer_links--, "head: providers begin at octet");
	BREAK(s.head.zero = 1, "head: word 7 is 1, expected 0");
	BREAK(s.head.section[5] += 4, "head: rows of providers begin at");
	BREAK(s.head.octets++, "head: ");
	BREAK(s.head.sum++, "checksum");
	BREAK(s.words[40]++, "checksum");
#undef BREAK
}

/* The place of an array in the words, and of an AS in it. */
static uint32_t *
array(struct saved *s, unsigned section)
{
	return s->words + (s->head.section[section] - sizeof(s->head)) / 4;
}

static void
rules_that_are_broken_are_named(void **state)
{
	enum { ASN, RANK, BY_RANK, AT_C, AT_PE, AT_PR, V_C, V_PE, V_PR };
	struct saved good, s;
	size_t n = make_saved(&good);
#define BREAK(section, i, value, message)                                      \
	do {                                                                   \
		s = good;                                                      \
		array(&s, section)[i] = (uint32_t)(value);                     \
		sign(&s);                                                      \
		expect_refusal(&s, n, message);                                \
	} while (0)

	BREAK(ASN, 0, 0, "AS numbers: 0 follows 0 by rank");
	BREAK(ASN, 0, 9, "expected ascending ones");
	BREAK(RANK, 3, 77, "ids by rank: entry ");
	BREAK(BY_RANK, 0, 8, "ids by rank: entry 0 is 8");
	BREAK(BY_RANK, 1, 0, "ids by rank: entry 1 is 0");
	BREAK(AT_C, 0, 1, "rows of customers: expected offsets from 0 to 6");
	BREAK(AT_C, 1, 7, "rows of customers: expected offsets");
	BREAK(AT_PE, 8, 7, "rows of peers: expected offsets from 0 to 8");
	BREAK(AT_PE, 8, 9, "rows of peers: expected offsets from 0 to 8");
	BREAK(AT_PR, 3, UINT32_MAX, "rows of providers: expected offsets");
	BREAK(V_C, 0, 8, "customers of AS 1: entry 0, id 8, is none");
	BREAK(V_C, 0, 0, "customers of AS 1: entry 0, id 0, is the AS itself");
	BREAK(V_PE, 0, UINT32_MAX, "is none");
	BREAK(V_PE, 0, array(&good, BY_RANK)[0],
	      "peers of AS 1: entry 0, id 0, is the AS itself");
	BREAK(V_PR, 0, 7, "is on the wrong side");
	BREAK(V_C, 1, array(&good, V_C)[0], "is not above the one before");
#undef BREAK
}

static void
a_link_stands_at_both_ends(void **state)
{
	struct saved s;
	size_t n = make_saved(&s);
	/* ids of the graph, by AS number */
	uint32_t *by_rank = array(&s, 2), *at = array(&s, 4);
	uint32_t id6 = by_rank[5], id8 = by_rank[7];

	/* 6 peers with 5 and 7; now with 5 and 8, who knows nothing of it. */
	assert_int_equal(at[id6 + 1] - at[id6], 2);
	array(&s, 7)[at[id6] + 1] = id8;
	sign(&s);
	expect_refusal(&s, n, "peers: a link stands at one of its ends alone");
	/* 3 and 4 have provider 2 or 1: the rows of customers do not know. */
	make_saved(&s);
	at = array(&s, 5);
	assert_int_equal(at[id8 + 1] - at[id8], 1);
	array(&s, 8)[at[id8]] = by_rank[0];
	sign(&s);
	expect_refusal(&s, n, "customers and providers are not the same links");
}

static void
peers_stand_in_order(void **state)
{
	struct saved s;
	size_t n = make_saved(&s);
	/* 6 peers with 5 and 7, and both know. */
	uint32_t at = array(&s, 4)[array(&s, 2)[5]];
	uint32_t *peers = array(&s, 7), first = peers[at];

	peers[at] = peers[at + 1];
	peers[at + 1] = first;
	sign(&s);
	expect_refusal(&s, n, "peers of AS 6: entry 1, id ");
}

static void
no_pair_has_two_relations(void **state)
{
	struct saved s;
	size_t n = make_saved(&s);
	uint32_t *by_rank = array(&s, 2), *at = array(&s, 4);
	uint32_t id1 = by_rank[0], id7 = by_rank[6];

	/* 1 peers with 7; now with 2, which is its customer. */
	array(&s, 7)[at[id1]] = by_rank[1];
	sign(&s);
	expect_refusal(&s, n, "is a provider or customer as well");
	assert_int_equal(at[id7 + 1] - at[id7], 2);
}

/* Whatever one word becomes: refused, or a graph that keeps the rules. */
static void
no_word_can_be_changed_unseen(void **state)
{
	static const uint32_t values[] = {0, 1, 2, 5, 8, UINT32_MAX};
	struct saved good, s;
	size_t n = make_saved(&good), words = graph_words(&good.head.counts);
	int opened = 0;

	for (size_t i = 0; i < words; i++)
		for (size_t j = 0; j < ARRAY_LEN(values); j++) {
			s = good;
			if (s.words[i] == values[j])
				continue;
			s.words[i] = values[j];
			assert_false(is_opened(&s, n));
			sign(&s);
			opened += is_opened(&s, n);
		}
	/* The last AS number may be any that is higher. */
	assert_int_equal(opened, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_saved_is_loaded),
	    cmocka_unit_test(what_a_crash_left_is_in_nobodys_way),
	    cmocka_unit_test(a_place_that_cannot_be_written_is_told),
	    cmocka_unit_test(the_head_is_checked),
	    cmocka_unit_test(rules_that_are_broken_are_named),
	    cmocka_unit_test(a_link_stands_at_both_ends),
	    cmocka_unit_test(peers_stand_in_order),
	    cmocka_unit_test(no_pair_has_two_relations),
	    cmocka_unit_test(no_word_can_be_changed_unseen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
