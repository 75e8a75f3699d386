/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* A helper that ends every command as told, in the next turn of the loop. */
struct fake {
	struct check_services services;
	struct helper_exec_result result;
	int refuse; /* -errno of run(), or 0 */
	uv_idle_t idle;
	helper_exec_done *done;
	void *arg;
	const struct conf_exec *seen;
};

static void
on_idle(uv_idle_t *idle)
{
	struct fake *fake = idle->data;

	uv_idle_stop(idle);
	uv_close((uv_handle_t *)idle, NULL);
	fake->done(fake->arg, &fake->result);
}

static int
run(void *helper, const struct conf_exec *exec, struct dur deadline,
    helper_exec_done *done, void *arg)
{
	struct fake *fake = helper;

	fake->seen = exec;
	if (fake->refuse)
		return fake->refuse;
	fake->done = done;
	fake->arg = arg;
	uv_idle_start(&fake->idle, on_idle);
	return 1;
}

static void
kill_nothing(void *helper, int token)
{
	fail_msg("a command that ended was killed");
}

static struct check_result
outcome(struct fake *fake)
{
	static const char *argv[] = {"/usr/lib/check \"it\"", "-v"};
	struct conf_check conf = fixture_conf(CONF_CHECK_EXEC);
	struct fixture f;

	conf.exec.argv = (struct conf_names){argv, 2};
	fake->services = (struct check_services){fake, run, kill_nothing};
	fixture_open(&f, &fake->services);
	uv_idle_init(&f.loop, &fake->idle);
	fake->idle.data = fake;
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	fixture_results(&f, 1);
	if (fake->refuse)
		uv_close((uv_handle_t *)&fake->idle, NULL);
	fixture_close(&f);
	assert_ptr_equal(fake->seen, &conf.exec);
	return f.results[0];
}

static struct check_result
ended(int wait_status, const char *output)
{
	struct fake fake = {.result = {.wait_status = wait_status,
				       .output = output,
				       .output_len = strlen(output)}};

	return outcome(&fake);
}

static void
assert_result(struct check_result r, enum check_verdict verdict,
	      enum check_cause cause, const char *detail)
{
	assert_int_equal(r.verdict, verdict);
	assert_int_equal(r.cause, cause);
	assert_string_equal(r.detail, detail);
}

static void
exit_status_decides(void **state)
{
	assert_result(ended(0 << 8, ""), CHECK_PASS, CHECK_CAUSE_OK,
		      "exit status 0");
	assert_result(ended(1 << 8, "slow\nvery"), CHECK_DEGRADED,
		      CHECK_CAUSE_EXIT_CODE, "exit status 1: slow");
	assert_result(ended(2 << 8, "no\033c zone"), CHECK_FAIL,
		      CHECK_CAUSE_EXIT_CODE, "exit status 2: no\\x1bc zone");
	assert_result(ended(255 << 8, "\n"), CHECK_FAIL, CHECK_CAUSE_EXIT_CODE,
		      "exit status 255");
}

static void
a_signal_is_killed(void **state)
{
	assert_result(ended(SIGSEGV, ""), CHECK_FAIL, CHECK_CAUSE_KILLED,
		      "killed by signal 11 (SEGV)");
	assert_result(ended(SIGRTMIN + 3, ""), CHECK_FAIL, CHECK_CAUSE_KILLED,
		      "killed by signal 37 (unnamed)");
}

static void
the_helpers_deadline_is_a_timeout(void **state)
{
	struct fake fake = {
	    .result = {.wait_status = SIGKILL, .deadline = true}};

	assert_result(outcome(&fake), CHECK_FAIL, CHECK_CAUSE_TIMEOUT,
		      "/usr/lib/check \\x22it\\x22: no answer within 5 s");
}

static void
long_output_is_cut(void **state)
{
	char output[4096];
	struct check_result r;

	memset(output, 'x', sizeof(output));
	output[sizeof(output) - 1] = '\0';
	r = ended(0, output);
	assert_int_equal(r.verdict, CHECK_PASS);
	assert_true(strlen(r.detail) < 160);
	assert_non_null(strstr(r.detail, "xxx..."));
}

static void
what_cannot_start_is_unknown(void **state)
{
	struct fake missing = {.result = {.wait_status = -1, .error = ENOENT}};
	struct fake fork_failed = {.refuse = -EAGAIN};

	assert_result(outcome(&missing), CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
		      "/usr/lib/check \\x22it\\x22 could not be started: "
		      "no such file or directory");
	assert_result(outcome(&fork_failed), CHECK_UNKNOWN,
		      CHECK_CAUSE_RESOURCES,
		      "/usr/lib/check \\x22it\\x22 could not be started: "
		      "resource temporarily unavailable");
}

static void
no_helper_is_unknown(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_EXEC);

	assert_result(fixture_once(&conf, NULL), CHECK_UNKNOWN,
		      CHECK_CAUSE_LOCAL, "no helper process to run commands");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(exit_status_decides),
	    cmocka_unit_test(a_signal_is_killed),
	    cmocka_unit_test(the_helpers_deadline_is_a_timeout),
	    cmocka_unit_test(long_output_is_cut),
	    cmocka_unit_test(what_cannot_start_is_unknown),
	    cmocka_unit_test(no_helper_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
