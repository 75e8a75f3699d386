/* SPDX-License-Identifier: ISC */
/* What tests/net does not reach: many at once, and descriptors used up. */
#include "../test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sys.h"

struct fixture {
	char name[16];
	uv_loop_t loop;
	struct procwatch *watch;
	struct sys_sight sight;
	int told;
};

static void
on_sight(void *arg, size_t index, const struct sys_sight *s)
{
	struct fixture *f = arg;

	f->sight = *s;
	f->told++;
}

/* A process of the fixture's name, once it says so. */
static pid_t
spawn(const struct fixture *f)
{
	int ends[2];
	char octet = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, f->name);
		if (write(ends[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &octet, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void
end(pid_t pid)
{
	assert_true(pid > 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->name, sizeof(f->name), "bspw%d", (int)getpid());
	uv_loop_init(&f->loop);
	f->watch = procwatch_new(&f->loop, on_sight, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	procwatch_close(f->watch);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

static void
set(struct fixture *f)
{
	const char *names[] = {f->name};

	procwatch_set(f->watch, names, 1);
}

static void
turn_until(struct fixture *f, int n)
{
	for (int i = 0; f->told < n && i < 1000; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		if (f->told < n)
			usleep(10000);
	}
	assert_int_equal(f->told, n);
}

static void
test_comes_and_goes(void **state)
{
	struct fixture *f = *state;
	pid_t pid;

	set(f);
	assert_int_equal(f->sight.presence, SYS_GONE);
	pid = spawn(f);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	end(pid);
	turn_until(f, 3);
	assert_int_equal(f->sight.presence, SYS_GONE);
	assert_false(f->sight.looked);
}

/* One that nobody has looked for yet takes over: it was never gone. */
static void
test_successor(void **state)
{
	struct fixture *f = *state;
	pid_t one = spawn(f), two;

	set(f);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	two = spawn(f);
	end(one);
	for (int i = 0; i < 30; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		usleep(10000);
	}
	assert_int_equal(f->told, 1);
	end(two);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_GONE);
}

/* Killed and not buried: its number is there, and it is gone. */
static void
test_zombie(void **state)
{
	struct fixture *f = *state;
	pid_t pid = spawn(f);

	set(f);
	kill(pid, SIGKILL);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_GONE);
	set(f);
	assert_int_equal(f->sight.presence, SYS_GONE);
	waitpid(pid, NULL, 0);
}

static void
test_descriptors_used_up(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, few;
	pid_t pid = spawn(f);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)dup(0);
	close((int)few.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	set(f);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(f->sight.presence, SYS_UNKNOWN);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	end(pid);
	turn_until(f, 3);
	assert_int_equal(f->sight.presence, SYS_GONE);
}

/* It is known to be dead: that it cannot be looked for changes nothing. */
static void
test_gone_stays_gone(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, few;
	pid_t pid = spawn(f);

	set(f);
	end(pid);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_GONE);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)dup(0);
	close((int)few.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	for (int i = 0; i < 30; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		usleep(10000);
	}
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(f->sight.presence, SYS_GONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_comes_and_goes, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_successor, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_zombie, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_descriptors_used_up, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_gone_stays_gone, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
