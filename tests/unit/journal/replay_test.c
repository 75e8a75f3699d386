/* SPDX-License-Identifier: ISC */
#include "node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEEDS 100
#define EVER  ((struct wall){INT64_MAX})

/* Everything that was recorded, decided again. */
static struct journal_replay *
replay(struct node *node, const struct conf *conf)
{
	struct journal_replay *rp =
	    journal_replay_new(conf, (struct wall){0}, EVER);

	node_flush(node);
	for (size_t i = 0; i < node->n_days; i++) {
		const struct text *t = &node->days[i];
		struct journal_day *day;
		struct text why = {0};

		if (journal_read_text("day", text_str(t), t->len, &day, &why) !=
		    0)
			fail_msg("%s", text_str(&why));
		journal_replay_day(rp, day);
		journal_day_free(day);
	}
	return rp;
}

static void
expect_same(struct node *node, const char *what, uint64_t seed)
{
	struct journal_replay *rp = replay(node, NULL);
	const struct journal_result *r = journal_replay_end(rp);

	if (r->different != 0)
		fail_msg("%s, seed %llu: %llu same, %llu different: %s", what,
			 (unsigned long long)seed, (unsigned long long)r->same,
			 (unsigned long long)r->different, r->difference);
	for (size_t i = 0; i < r->n_lines; i++) {
		const struct journal_line *l = r->lines[i];

		assert_int_equal(l->then.withdrawals, l->now.withdrawals);
	}
	journal_replay_free(rp);
}

/* The promise of the journal: the same settings decide the same. */
static void
the_same_settings_decide_the_same(void **state)
{
	uint64_t decisions = 0;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct node node;

		node_open(&node, seed);
		node_start(&node);
		node_run(&node, dur_s(300));
		node_stop(&node);
		decisions += node.decisions;
		expect_same(&node, "one life", seed);
		node_close(&node);
	}
	assert_true(decisions > SEEDS);
}

static void
a_reload_decides_the_same(void **state)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct node node;

		node_open(&node, seed);
		node_start(&node);
		node_run(&node, dur_s(60));
		node_reload(&node);
		node_run(&node, dur_s(100));
		node_stop(&node);
		expect_same(&node, "reload", seed);
		node_close(&node);
	}
}

static void
midnight_changes_nothing(void **state)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct node node;

		node_open(&node, seed);
		node_start(&node);
		for (int i = 0; i < 3; i++) {
			node_run(&node, dur_s(50));
			node_midnight(&node);
			node_run(&node, dur_s(50));
		}
		node_stop(&node);
		assert_int_equal(node.n_days, 4);
		expect_same(&node, "midnight", seed);
		node_close(&node);
	}
}

static void
crashes_and_stalls_decide_the_same(void **state)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct node node;

		node_open(&node, seed);
		for (int i = 0; i < 3; i++) {
			node_start(&node);
			node_run(&node, dur_s(60));
			node_stall(&node, dur_s(30));
			node_run(&node, dur_s(30));
			node_crash(&node);
		}
		expect_same(&node, "crash", seed);
		node_close(&node);
	}
}

/* A replay that cannot tell a difference would prove nothing. */
static void
a_difference_is_seen(void **state)
{
	struct node node;
	struct journal_replay *rp;
	char *at;

	node_open(&node, 1);
	node_start(&node);
	node_idle(&node, dur_s(30));
	node_stop(&node);
	node_flush(&node);
	at = strstr(node.days[0].s, " announced services_up");
	assert_non_null(at);
	memcpy(at, " withdrawn", 10);
	rp = replay(&node, NULL);
	assert_true(journal_replay_end(rp)->different > 0);
	assert_string_not_equal(journal_replay_end(rp)->difference, "");
	journal_replay_free(rp);
	node_close(&node);
}

/* What an hour of a check that always passes takes. */
static void
a_steady_check_is_two_lines_a_day(void **state)
{
	struct node node;
	size_t before;

	node_open(&node, 3);
	node_start(&node);
	node_idle(&node, dur_s(120));
	before = journal_record_size(node.record);
	node_idle(&node, dur_s(3600));
	/* "alive" once a minute, for the node. */
	assert_true(journal_record_size(node.record) - before < 61 * 24);
	node_stop(&node);
	expect_same(&node, "steady", 3);
	node_close(&node);
}

static void
lost_lines_are_said_and_end_comparing(void **state)
{
	struct node node;
	struct journal_replay *rp;

	node_open(&node, 4);
	node_start(&node);
	node_run(&node, dur_s(60));
	node_flush(&node);
	node_run(&node, dur_s(60));
	journal_record_lose(node.record);
	node_run(&node, dur_s(60));
	assert_true(journal_record_lost(node.record) > 1);
	assert_int_equal(journal_record_size(node.record), 0);
	journal_record_resume(node.record, node.av, node.now,
			      (struct wall){node.now.ns + node.wall});
	assert_int_equal(journal_record_lost(node.record), 0);
	node_run(&node, dur_s(60));
	node_stop(&node);
	rp = replay(&node, NULL);
	assert_true(journal_replay_end(rp)->lost > 1);
	assert_int_equal(journal_replay_end(rp)->different, 0);
	journal_replay_free(rp);
	node_close(&node);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_same_settings_decide_the_same),
	    cmocka_unit_test(a_reload_decides_the_same),
	    cmocka_unit_test(midnight_changes_nothing),
	    cmocka_unit_test(crashes_and_stalls_decide_the_same),
	    cmocka_unit_test(a_difference_is_seen),
	    cmocka_unit_test(a_steady_check_is_two_lines_a_day),
	    cmocka_unit_test(lost_lines_are_said_and_end_comparing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
