/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/*
 * Commands are the kind whose end the test decides: the fake helper ends them
 * at once with `status`, or never.
 */
struct fake {
	struct check_services services;
	bool hang;
	unsigned started, killed;
	uv_loop_t *loop;
};

struct pending {
	uv_timer_t timer;
	helper_exec_done *done;
	void *arg;
};

static void
free_pending(uv_handle_t *h)
{
	free(h->data);
}

static void
on_pending(uv_timer_t *t)
{
	struct pending *p = t->data;
	struct helper_exec_result r = {.output = "ok\n", .output_len = 3};

	uv_close((uv_handle_t *)t, free_pending);
	p->done(p->arg, &r);
}

static int
fake_run(void *helper, const struct conf_exec *exec, struct dur deadline,
	 helper_exec_done *done, void *arg)
{
	struct fake *fake = helper;
	struct pending *p;

	fake->started++;
	if (fake->hang)
		return (int)fake->started;
	p = calloc(1, sizeof(*p));
	p->done = done;
	p->arg = arg;
	p->timer.data = p;
	uv_timer_init(fake->loop, &p->timer);
	uv_timer_start(&p->timer, on_pending, 0, 0);
	return (int)fake->started;
}

static void
fake_kill(void *helper, int token)
{
	((struct fake *)helper)->killed++;
}

static void
open_fake(struct fake *fake, struct fixture *f, bool hang)
{
	memset(fake, 0, sizeof(*fake));
	fake->services = (struct check_services){fake, fake_run, fake_kill};
	fake->hang = hang;
	fixture_open(f, &fake->services);
	fake->loop = &f->loop;
}

static struct conf_check
exec_conf(struct dur interval)
{
	static const char *argv[] = {"/bin/true"};
	struct conf_check conf = fixture_conf(CONF_CHECK_EXEC);

	conf.exec.argv = (struct conf_names){argv, 1};
	conf.interval = conf.fast_interval = interval;
	return conf;
}

static void
nothing_is_reported_from_within_add(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct check_result r;
	struct fixture f;

	conf.tcp.port = fixture_free_port(SOCK_STREAM);
	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 3, &conf), 0);
	assert_int_equal(f.n, 0);
	assert_false(checker_last(f.checker, 3, &r));
	fixture_results(&f, 1);
	assert_int_equal(f.ids[0], 3);
	assert_true(checker_last(f.checker, 3, &r));
	assert_memory_equal(&r.latency, &f.results[0].latency,
			    sizeof(r.latency));
	assert_string_equal(r.detail, f.results[0].detail);
	assert_int_equal(r.cause, CHECK_CAUSE_REFUSED);
	fixture_close(&f);
}

static void
a_taken_id_is_refused(void **state)
{
	struct conf_check conf = exec_conf(dur_s(5));
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, true);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	assert_true(checker_has(f.checker, 0));
	assert_int_equal(checker_add(f.checker, 0, &conf), -EEXIST);
	assert_int_equal(checker_add(f.checker, SIZE_MAX, &conf), -EEXIST);
	checker_remove(f.checker, 0);
	assert_false(checker_has(f.checker, 0));
	fixture_close(&f);
}

/* The mean of many periods is the interval, whatever the jitter. */
static void
runs_keep_their_schedule(void **state)
{
	struct conf_check conf = exec_conf(dur_ms(10));
	struct checker_stats stats;
	struct fixture f;
	struct fake fake;
	struct mono start;
	double mean;

	conf.jitter = 50;
	open_fake(&fake, &f, false);
	start = mono_now();
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 100);
	mean = dur_to_seconds(mono_sub(mono_now(), start)) / 99;
	/* 50 % evenly spread over 100 periods: s.d. of the mean is 2.9 %. */
	assert_true(mean > 0.0085);
	checker_stats(f.checker, &stats);
	assert_int_equal(stats.runs, 100);
	assert_int_equal(stats.checks, 1);
	fixture_close(&f);
}

static void
remove_itself(struct fixture *f, size_t id)
{
	checker_remove(f->checker, id);
}

static void
a_run_that_goes_on_is_skipped_and_counted(void **state)
{
	struct conf_check conf = exec_conf(dur_ms(10));
	struct checker_stats stats;
	struct fixture f;
	struct fake fake;

	conf.timeout = dur_ms(300);
	open_fake(&fake, &f, true);
	f.hook = remove_itself;
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	checker_stats(f.checker, &stats);
	assert_int_equal(fake.started, 1);
	assert_int_equal(fake.killed, 1);
	assert_true(stats.skipped >= 10);
	assert_int_equal(f.results[0].verdict, CHECK_FAIL);
	assert_int_equal(f.results[0].cause, CHECK_CAUSE_TIMEOUT);
	assert_string_equal(f.results[0].detail,
			    "/bin/true: no answer within 300 ms");
	fixture_close(&f);
}

/* Jitter must not turn a timeout as long as the interval into skipping. */
static void
a_silent_service_is_asked_every_time(void **state)
{
	struct conf_check conf = exec_conf(dur_ms(40));
	struct checker_stats stats;
	struct fixture f;
	struct fake fake;

	conf.timeout = dur_ms(40);
	conf.jitter = 20;
	open_fake(&fake, &f, true);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 10);
	checker_stats(f.checker, &stats);
	assert_int_equal(fake.killed, 10);
	assert_true(stats.skipped <= 2);
	/* And each time it gets its whole timeout. */
	for (size_t i = 0; i < f.n; i++)
		assert_true(f.results[i].latency.ns >= dur_ms(40).ns);
	fixture_close(&f);
}

static void
stand_still(struct fixture *f, size_t id)
{
	struct timespec t = {0, 300 * 1000000};

	if (f->n == 1)
		nanosleep(&t, NULL);
}

/* Fifteen due times pass while the loop stands still: no burst follows. */
static void
a_stall_is_not_made_up_for(void **state)
{
	struct conf_check conf = exec_conf(dur_ms(20));
	struct checker_stats stats;
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, false);
	f.hook = stand_still;
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	fixture_results(&f, 1);
	checker_stats(f.checker, &stats);
	assert_int_equal(stats.missed, 1);
	assert_int_equal(stats.runs, 2);
	fixture_close(&f);
}

/* An answer that came while the loop stood still counts. */
static void
a_stall_is_not_the_services_fault(void **state)
{
	struct conf_check conf = exec_conf(dur_s(5));
	struct timespec t = {0, 150 * 1000000};
	struct fixture f;
	struct fake fake;

	conf.timeout = dur_ms(50);
	open_fake(&fake, &f, false);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	while (!fake.started)
		uv_run(&f.loop, UV_RUN_ONCE);
	nanosleep(&t, NULL);
	if (!f.n)
		fixture_results(&f, 1);
	assert_int_equal(f.results[0].verdict, CHECK_PASS);
	fixture_close(&f);
}

static void
fast_interval_applies_while_changing(void **state)
{
	struct conf_check conf = exec_conf(dur_s(15));
	struct fixture f;
	struct fake fake;

	conf.fast_interval = dur_ms(10);
	open_fake(&fake, &f, false);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	checker_set_changing(f.checker, 0, true);
	fixture_results(&f, 5);
	checker_set_changing(f.checker, 0, false);
	/* At most the run that was planned already. */
	fixture_wait(&f, dur_ms(100));
	assert_true(f.n <= 7);
	fixture_close(&f);
}

static void
kick_runs_now(void **state)
{
	struct conf_check conf = exec_conf(dur_s(3600));
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, false);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	checker_kick(f.checker, 0);
	assert_int_equal(f.n, 1);
	fixture_results(&f, 1);
	fixture_close(&f);
}

/* What goes on may have looked before the event. */
static void
kick_runs_again_behind_a_run(void **state)
{
	struct conf_check conf = exec_conf(dur_s(3600));
	struct fixture f;
	struct fake fake;

	conf.timeout = dur_ms(100);
	open_fake(&fake, &f, true);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	while (fake.started == 0)
		fixture_wait(&f, dur_ms(1));
	checker_kick(f.checker, 0);
	checker_kick(f.checker, 0);
	assert_int_equal(fake.started, 1);
	fixture_results(&f, 2);
	fixture_wait(&f, dur_ms(150));
	assert_int_equal(fake.started, 2);
	fixture_close(&f);
}

static void
a_check_may_be_removed_from_its_own_report(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct checker_stats stats;
	struct fixture f;

	conf.tcp.port = fixture_free_port(SOCK_STREAM);
	fixture_open(&f, NULL);
	f.hook = remove_itself;
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	checker_stats(f.checker, &stats);
	assert_int_equal(stats.checks, 0);
	fixture_close(&f);
}

static void
close_all(struct fixture *f, size_t id)
{
	checker_close(f->checker, NULL, NULL);
	f->checker = NULL;
}

static void
everything_may_be_closed_from_a_report(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct fixture f;

	conf.tcp.port = fixture_free_port(SOCK_STREAM);
	fixture_open(&f, NULL);
	f.hook = close_all;
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	assert_int_equal(checker_add(f.checker, 1, &conf), 0);
	fixture_results(&f, 1);
	fixture_close(&f);
	assert_int_equal(f.n, 1);
}

static void
removal_ends_a_run_without_a_result(void **state)
{
	struct conf_check conf = exec_conf(dur_s(5));
	struct checker_stats stats;
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, true);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	while (!fake.started)
		uv_run(&f.loop, UV_RUN_ONCE);
	checker_stats(f.checker, &stats);
	assert_int_equal(stats.running, 1);
	checker_remove(f.checker, 0);
	assert_int_equal(fake.killed, 1);
	assert_int_equal(f.n, 0);
	fixture_close(&f);
}

/* Ids of the new generation may be ids of the old one. */
static void
a_reload_may_exchange_ids(void **state)
{
	struct conf_check a = exec_conf(dur_s(3600));
	struct conf_check b = exec_conf(dur_s(3600));
	const struct checker_move moves[] = {
	    {0, 1, &a}, {1, 0, &b}, {9, 5, &a}};
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, false);
	assert_int_equal(checker_add(f.checker, 0, &a), 0);
	assert_int_equal(checker_add(f.checker, 1, &b), 0);
	assert_int_equal(checker_add(f.checker, 2, &b), 0);
	fixture_results(&f, 3);
	checker_remove(f.checker, 2);
	checker_renumber(f.checker, moves, 3);
	assert_false(checker_has(f.checker, 5));
	assert_int_equal(checker_add(f.checker, 2, &a), 0);
	fixture_results(&f, 1);
	assert_int_equal(f.ids[3], 2);
	checker_kick(f.checker, 1);
	fixture_results(&f, 1);
	assert_int_equal(f.ids[4], 1);
	fixture_close(&f);
}

/* More than 100 new checks are spread over their interval, evenly. */
static void
many_new_checks_are_spread(void **state)
{
	struct conf_check conf = exec_conf(dur_ms(2000));
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, true);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(checker_add(f.checker, i, &conf), 0);
	fixture_wait(&f, dur_ms(200));
	/* About 100 by now; all at once would be 1,000. */
	assert_true(fake.started > 0 && fake.started < 900);
	fixture_close(&f);
}

static void
a_hundred_new_checks_start_at_once(void **state)
{
	struct conf_check conf = exec_conf(dur_s(3600));
	struct fixture f;
	struct fake fake;

	open_fake(&fake, &f, false);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(checker_add(f.checker, i, &conf), 0);
	fixture_results(&f, 100);
	fixture_close(&f);
}

/* 1,000 checks twice a second for two seconds: each keeps its period. */
static void
a_thousand_checks_keep_their_schedule(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct checker_stats stats;
	struct fixture f;

	conf.interval = conf.fast_interval = dur_ms(500);
	conf.jitter = 5;
	conf.tcp.port = fixture_free_port(SOCK_STREAM);
	fixture_open(&f, NULL);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(checker_add(f.checker, i, &conf), 0);
	fixture_wait(&f, dur_s(2));
	checker_stats(f.checker, &stats);
	/* Never faster than configured; a machine may be slower. */
	assert_true(stats.runs <= 4300);
	assert_int_equal(stats.runs + stats.missed * 2 >= 1000, 1);
	assert_true(stats.lateness_p99 < 0.5);
	fixture_close(&f);
}

static void
count_turn(uv_prepare_t *prepare)
{
	++*(unsigned *)prepare->data;
}

static void
take_long(struct fixture *f, size_t id)
{
	struct mono end = mono_add(mono_now(), dur_ns(200000));

	while (mono_before(mono_now(), end))
		continue;
}

/* 60 checks of 0.2 ms are due at once; a turn works for 1 ms. */
static void
long_work_is_cut_into_turns_of_the_loop(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_PUSH);
	unsigned turns = 0;
	uv_prepare_t prepare = {.data = &turns};
	struct fixture f;

	conf.push.ttl = dur_s(3600);
	fixture_open(&f, NULL);
	f.hook = take_long;
	uv_prepare_init(&f.loop, &prepare);
	uv_prepare_start(&prepare, count_turn);
	for (size_t i = 0; i < 60; i++)
		assert_int_equal(checker_add(f.checker, i, &conf), 0);
	fixture_results(&f, 60);
	assert_true(turns >= 8);
	uv_close((uv_handle_t *)&prepare, NULL);
	fixture_close(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_reported_from_within_add),
	    cmocka_unit_test(a_taken_id_is_refused),
	    cmocka_unit_test(runs_keep_their_schedule),
	    cmocka_unit_test(a_run_that_goes_on_is_skipped_and_counted),
	    cmocka_unit_test(a_silent_service_is_asked_every_time),
	    cmocka_unit_test(a_stall_is_not_made_up_for),
	    cmocka_unit_test(a_stall_is_not_the_services_fault),
	    cmocka_unit_test(fast_interval_applies_while_changing),
	    cmocka_unit_test(kick_runs_now),
	    cmocka_unit_test(kick_runs_again_behind_a_run),
	    cmocka_unit_test(a_check_may_be_removed_from_its_own_report),
	    cmocka_unit_test(everything_may_be_closed_from_a_report),
	    cmocka_unit_test(removal_ends_a_run_without_a_result),
	    cmocka_unit_test(a_reload_may_exchange_ids),
	    cmocka_unit_test(many_new_checks_are_spread),
	    cmocka_unit_test(a_hundred_new_checks_start_at_once),
	    cmocka_unit_test(a_thousand_checks_keep_their_schedule),
	    cmocka_unit_test(long_work_is_cut_into_turns_of_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
