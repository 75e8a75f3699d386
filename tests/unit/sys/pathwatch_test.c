/* SPDX-License-Identifier: ISC */
/* What tests/net does not reach: mounts, and descriptors that are used up. */
#include "../test.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sys.h"

struct fixture {
	char folder[64], file[96];
	uv_loop_t loop;
	struct pathwatch *watch;
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

static void
touch(const char *path)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	fclose(file);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/basin-path-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->file, sizeof(f->file), "%s/ready", f->folder);
	uv_loop_init(&f->loop);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pathwatch_close(f->watch);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	unlink(f->file);
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void
begin(struct fixture *f, bool directory)
{
	struct pathwatch_path path = {directory ? f->folder : f->file,
				      directory};

	f->watch = pathwatch_new(&f->loop, on_sight, f);
	pathwatch_set(f->watch, &path, 1);
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
test_mounts(void **state)
{
	struct fixture *f = *state;

	if (unshare(CLONE_NEWNS) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		f->watch = pathwatch_new(&f->loop, on_sight, f);
		skip();
	}
	begin(f, true);
	assert_int_equal(f->sight.presence, SYS_GONE);
	/* What changes before the loop turns is found by a look. */
	uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(mount("none", f->folder, "tmpfs", 0, NULL), 0);
	touch(f->file);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	assert_false(f->sight.looked);
	/* Lazily: no inode goes, only the table of mounts changes. */
	assert_int_equal(umount2(f->folder, MNT_DETACH), 0);
	turn_until(f, 3);
	assert_int_equal(f->sight.presence, SYS_GONE);
	assert_false(f->sight.looked);
}

static void
test_without_inotify(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, none;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	touch(f->file);
	none = before;
	none.rlim_cur = (rlim_t)dup(0);
	close((int)none.rlim_cur);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	begin(f, false);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	assert_int_equal(f->sight.error, -EMFILE);
	unlink(f->file);
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_GONE);
	assert_true(f->sight.looked);
}

/* As "file" is not: a directory of that name is something else. */
static void
test_kinds(void **state)
{
	struct fixture *f = *state;
	struct pathwatch_path path = {f->folder, false};

	begin(f, true);
	assert_int_equal(f->sight.presence, SYS_GONE);
	pathwatch_set(f->watch, &path, 1);
	assert_int_equal(f->told, 2);
	assert_int_equal(f->sight.presence, SYS_GONE);
	path = (struct pathwatch_path){"/proc/self/nothing/there", false};
	pathwatch_set(f->watch, &path, 1);
	assert_int_equal(f->sight.presence, SYS_GONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_kinds, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_without_inotify, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_mounts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
