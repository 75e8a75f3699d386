/* SPDX-License-Identifier: ISC */
/*
 * Commands: exit status 0 passes, 1 is degraded, everything else fails. The
 * root helper runs them; here only its answer is judged.
 */
#include "check/kind.h"

#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "check/sock.h"

/* Octets of the first line that are shown, after escaping. */
#define LINE_MAX_SHOWN 140

struct run {
	int token; /* of the helper; 0: not running */
};

/* ": first line of the output", or "". */
static const char *
first_line(const struct helper_exec_result *r, char *buf, size_t size)
{
	const char *end = memchr(r->output, '\n', r->output_len);
	size_t n = end ? (size_t)(end - r->output) : r->output_len;

	buf[0] = '\0';
	if (!n)
		return buf;
	memcpy(buf, ": ", 3);
	text_escape(r->output, n, buf + 2, size - 2);
	return buf;
}

static void
exited(struct check *check, int code, const char *line)
{
	if (code == 0)
		check_done(check, CHECK_PASS, CHECK_CAUSE_OK, "exit status 0%s",
			   line);
	else if (code == 1)
		check_done(check, CHECK_DEGRADED, CHECK_CAUSE_EXIT_CODE,
			   "exit status 1%s", line);
	else
		check_done(check, CHECK_FAIL, CHECK_CAUSE_EXIT_CODE,
			   "exit status %d%s", code, line);
}

static void
not_started(struct check *check, int error)
{
	const struct conf_exec *exec = &check_conf(check)->exec;
	char path[80], why[80];
	enum check_verdict verdict;
	enum check_cause cause;

	sock_judge(error, &verdict, &cause);
	text_escape(exec->argv.v[0], strlen(exec->argv.v[0]), path,
		    sizeof(path));
	check_done(check, CHECK_UNKNOWN,
		   cause == CHECK_CAUSE_RESOURCES ? cause : CHECK_CAUSE_LOCAL,
		   "%s could not be started: %s", path,
		   sock_error_text(error, why, sizeof(why)));
}

static const char *
waits_for(struct check *check, char *buf)
{
	const char *path = check_conf(check)->exec.argv.v[0];

	text_escape(path, strlen(path), buf, 120);
	return buf;
}

/* The helper was faster than the scheduler in ending it. */
static void
late(struct check *check)
{
	char path[CHECK_DETAIL_MAX], limit[32];

	waits_for(check, path);
	check_done(
	    check, CHECK_FAIL, CHECK_CAUSE_TIMEOUT,
	    "%.150s: no answer within %s", path,
	    dur_format(check_conf(check)->timeout, limit, sizeof(limit)));
}

static void
on_done(void *arg, const struct helper_exec_result *r)
{
	struct check *check = arg;
	struct run *run = check_run(check);
	char line[LINE_MAX_SHOWN];

	run->token = 0;
	if (r->wait_status == -1) {
		not_started(check, r->error);
		return;
	}
	if (r->deadline) {
		late(check);
		return;
	}
	if (r->output_len)
		first_line(r, line, sizeof(line));
	else
		line[0] = '\0';
	if (WIFEXITED(r->wait_status))
		exited(check, WEXITSTATUS(r->wait_status), line);
	else
		check_done(check, CHECK_FAIL, CHECK_CAUSE_KILLED,
			   "killed by signal %d (%s)%s",
			   WTERMSIG(r->wait_status),
			   sigabbrev_np(WTERMSIG(r->wait_status))
			       ? sigabbrev_np(WTERMSIG(r->wait_status))
			       : "unnamed",
			   line);
}

static void
start(struct check *check)
{
	const struct check_services *services = check_services(check);
	struct run *run = check_run(check);
	int token;

	if (!services || !services->run) {
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
			   "no helper process to run commands");
		return;
	}
	token = services->run(services->helper, &check_conf(check)->exec,
			      check_conf(check)->timeout, on_done, check);
	if (token < 0)
		not_started(check, -token);
	else
		run->token = token;
}

static void
cancel(struct check *check)
{
	const struct check_services *services = check_services(check);
	struct run *run = check_run(check);

	if (run->token)
		services->kill(services->helper, run->token);
	run->token = 0;
}

const struct check_kind check_exec_kind = {
    .name = "exec",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = cancel,
    .waits_for = waits_for,
};
