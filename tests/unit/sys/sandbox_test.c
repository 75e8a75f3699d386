/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "netns.h"
#include "sys/sandbox.h"
#include "sys/sys.h"

/* A child enters the sandbox and runs `inside`: its wait status. */
static int
in_sandbox(int (*inside)(void))
{
	struct log log = {
	    .fd = 2, .level = LOG_LEVEL_WARNING, .program = "test"};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		const struct rlimit none = {0, 0};

		setrlimit(RLIMIT_CORE, &none);
		_exit(sandbox_enter("nobody", &log) == 0 ? inside() : 100);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
facts_hold(void)
{
	struct sandbox_facts facts;

	sandbox_facts(&facts);
	if (!facts.unprivileged)
		return 1;
	if (!facts.no_new_privileges)
		return 2;
	return 0;
}

static void *
thread(void *arg)
{
	*(int *)arg = 7;
	return NULL;
}

static void
on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *res)
{
	*(int *)req->data = status == 0 ? 1 : -1;
	uv_freeaddrinfo(res);
}

/* What the daemon does all day. */
static int
daily_work(void)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST};
	int made = 0, resolved = 0;
	uv_getaddrinfo_t req = {.data = &resolved};
	char folder[] = "/tmp/sandbox-test-XXXXXX", path[64];
	pthread_t id;
	uv_loop_t loop;

	if (pthread_create(&id, NULL, thread, &made) != 0 ||
	    pthread_join(id, NULL) != 0 || made != 7)
		return 1;
	if (uv_loop_init(&loop) != 0 ||
	    uv_getaddrinfo(&loop, &req, on_resolved, "127.0.0.1", "80",
			   &hints) != 0)
		return 2;
	uv_run(&loop, UV_RUN_DEFAULT);
	if (resolved != 1 || uv_loop_close(&loop) != 0)
		return 3;
	if (!mkdtemp(folder))
		return 4;
	snprintf(path, sizeof(path), "%s/f", folder);
	if (sys_file_replace(path, "abc", 3, 0640) != 0 || unlink(path) != 0 ||
	    rmdir(folder) != 0)
		return 5;
	if (!if_nametoindex("lo"))
		return 6;
	return 0;
}

static int
forbidden_things_fail(void)
{
	if (socket(AF_PACKET, SOCK_RAW, 0) >= 0 || errno != EPERM)
		return 1;
	if (syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0) >= 0 ||
	    errno != EPERM)
		return 2;
	return 0;
}

static int
execute(void)
{
	execl("/bin/true", "true", NULL);
	return 0;
}

static int
trace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	return 0;
}

static int
become_root(void)
{
	return setuid(0);
}

static bool
filters_here(void)
{
	/* Only asks whether this build would; installs it in the child. */
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(sandbox_filter() == 0);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) == 1;
}

static void
privilege_is_gone(void **state)
{
	assert_int_equal(in_sandbox(facts_hold), 0);
}

static void
the_daemon_can_work(void **state)
{
	assert_int_equal(in_sandbox(daily_work), 0);
}

static void
what_is_not_named_fails(void **state)
{
	if (!filters_here())
		skip();
	assert_int_equal(in_sandbox(forbidden_things_fail), 0);
}

static void
what_nobody_does_by_accident_is_fatal(void **state)
{
	if (!filters_here())
		skip();
	assert_int_equal(WTERMSIG(in_sandbox(execute)), SIGSYS);
	assert_int_equal(WTERMSIG(in_sandbox(trace)), SIGSYS);
	assert_int_equal(WTERMSIG(in_sandbox(become_root)), SIGSYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(privilege_is_gone),
	    cmocka_unit_test(the_daemon_can_work),
	    cmocka_unit_test(what_is_not_named_fails),
	    cmocka_unit_test(what_nobody_does_by_accident_is_fatal),
	};

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: not root\n");
		return NETNS_SKIP;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
