/* SPDX-License-Identifier: ISC */
/* A number that is used again, and descriptors that are used up. */
#include "../test.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/sys.h"

#define NUMBER 150

struct fixture {
	char file[64];
	uv_loop_t loop;
	struct pidwatch *watch;
	struct sys_sight sight;
	int told;
	pid_t child;
};

static void
on_sight(void *arg, size_t index, const struct sys_sight *s)
{
	struct fixture *f = arg;

	f->sight = *s;
	f->told++;
}

/* The next process of this namespace gets the number. */
static bool
choose_number(void)
{
	FILE *file = fopen("/proc/sys/kernel/ns_last_pid", "we");

	return file && fprintf(file, "%d", NUMBER - 1) > 0 && fclose(file) == 0;
}

static pid_t
spawn(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	return pid;
}

static void
end(pid_t pid)
{
	assert_true(pid > 1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
write_number(const struct fixture *f, pid_t pid)
{
	FILE *file = fopen(f->file, "we");

	assert_non_null(file);
	fprintf(file, "%d\n", pid);
	fclose(file);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fd;

	strcpy(f->file, "/tmp/basin-pid-XXXXXX");
	fd = mkstemp(f->file);
	assert_true(fd >= 0);
	close(fd);
	uv_loop_init(&f->loop);
	f->watch = pidwatch_new(&f->loop, on_sight, f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pidwatch_close(f->watch);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	unlink(f->file);
	free(f);
	return 0;
}

static void
set(struct fixture *f)
{
	const char *paths[] = {f->file};

	pidwatch_set(f->watch, paths, 1);
}

static void
turn_until(struct fixture *f, int n, int tries)
{
	for (int i = 0; f->told < n && i < tries; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		if (f->told < n)
			usleep(10000);
	}
}

static void
test_number_used_again(void **state)
{
	struct fixture *f = *state;
	pid_t one, two;

	if (!choose_number())
		skip();
	one = spawn();
	if (one != NUMBER)
		skip();
	write_number(f, one);
	set(f);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	end(one);
	turn_until(f, 2, 1000);
	assert_int_equal(f->sight.presence, SYS_GONE);
	assert_true(choose_number());
	two = spawn();
	assert_int_equal(two, NUMBER);
	turn_until(f, 3, 250); /* longer than the periodic look takes */
	assert_int_equal(f->told, 2);
	write_number(f, two); /* now it is meant */
	turn_until(f, 3, 1000);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	end(two);
}

static void
test_descriptors_used_up(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;
	pid_t pid = spawn();

	write_number(f, pid);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	none = before;
	none.rlim_cur = (rlim_t)dup(0);
	close((int)none.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	set(f);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(f->sight.presence, SYS_UNKNOWN);
	assert_int_equal(f->sight.error, -EMFILE);
	turn_until(f, 2, 1000); /* looked at again */
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	end(pid);
	turn_until(f, 3, 1000);
	assert_int_equal(f->sight.presence, SYS_GONE);
}

static int
run_all(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_number_used_again, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_descriptors_used_up, setup,
					    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Its leak check looks for this process in a /proc that has others. */
const char *__asan_default_options(void);
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}

/* Numbers can be chosen in a namespace of its own only. */
int
main(void)
{
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWPID) != 0)
		return run_all();
	pid = fork();
	if (pid == 0)
		return run_all();
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
