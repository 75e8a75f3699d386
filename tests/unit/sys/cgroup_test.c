/* SPDX-License-Identifier: ISC */
/* On made-up tables of mounts and folders: any machine will do. */
#include "../test.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/cgroup.h"
#include "sys/sys.h"

struct fixture {
	char folder[64];
	uv_loop_t loop;
	struct sys_sight sight;
	int told;
};

static const char *
at(const struct fixture *f, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	return path;
}

static void
write_file(const struct fixture *f, const char *name, const char *text)
{
	FILE *file = fopen(at(f, name), "we");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void
make(const struct fixture *f, const char *name)
{
	assert_int_equal(mkdir(at(f, name), 0755), 0);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/basin-cgroup-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	uv_loop_init(&f->loop);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	char command[128];

	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	snprintf(command, sizeof(command), "rm -r %s", f->folder);
	assert_int_equal(system(command), 0);
	free(f);
	return 0;
}

static void
test_root(void **state)
{
	struct fixture *f = *state;
	char root[PATH_MAX];

	write_file(f, "mounts",
		   "proc /proc proc rw 0 0\n"
		   "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n"
		   "cgroup2 /sys/fs/with\\040blank cgroup2 rw 0 0\n");
	assert_int_equal(cgroup_root(at(f, "mounts"), root, sizeof(root)), 0);
	assert_string_equal(root, "/sys/fs/with blank");
}

static void
test_no_root(void **state)
{
	struct fixture *f = *state;
	char root[PATH_MAX];

	write_file(f, "mounts", "cgroup /sys/fs/cgroup/cpu cgroup rw 0 0\n");
	assert_int_equal(cgroup_root(at(f, "mounts"), root, sizeof(root)),
			 -ENOTSUP);
	assert_int_equal(cgroup_root(at(f, "missing"), root, sizeof(root)),
			 -ENOENT);
}

static void
test_unit(void **state)
{
	struct fixture *f = *state;
	char unit[PATH_MAX];

	assert_int_equal(
	    cgroup_unit(f->folder, "a.service", unit, sizeof(unit)), -ENOTSUP);
	make(f, "system.slice");
	assert_int_equal(
	    cgroup_unit(f->folder, "a.service", unit, sizeof(unit)), -ENOENT);
	assert_string_equal(unit, at(f, "system.slice/a.service"));
	make(f, "dns.slice");
	make(f, "dns.slice/dns-far.slice");
	make(f, "dns.slice/dns-far.slice/a.service");
	assert_int_equal(
	    cgroup_unit(f->folder, "a.service", unit, sizeof(unit)), 0);
	assert_string_equal(unit, at(f, "dns.slice/dns-far.slice/a.service"));
	make(f, "system.slice/a.service");
	assert_int_equal(
	    cgroup_unit(f->folder, "a.service", unit, sizeof(unit)), 0);
	assert_string_equal(unit, at(f, "system.slice/a.service"));
}

static void
on_sight(void *arg, size_t index, const struct sys_sight *s)
{
	struct fixture *f = arg;

	f->sight = *s;
	f->told++;
}

/* Turns the loop until it was told `n` times. */
static void
turn_until(struct fixture *f, int n)
{
	for (int i = 0; f->told < n && i < 1000; i++)
		if (!uv_run(&f->loop, UV_RUN_NOWAIT) || f->told < n)
			usleep(10000);
	assert_int_equal(f->told, n);
}

static void
test_watch_without_cgroups(void **state)
{
	struct fixture *f = *state;
	const char *units[] = {"a.service"};
	struct cgroupwatch *w;

	write_file(f, "mounts", "proc /proc proc rw 0 0\n");
	w = cgroupwatch_new(&f->loop, at(f, "mounts"), on_sight, f);
	cgroupwatch_set(w, units, 1);
	assert_int_equal(f->told, 1);
	assert_int_equal(f->sight.presence, SYS_UNKNOWN);
	assert_int_equal(f->sight.error, -ENOTSUP);
	cgroupwatch_close(w);
}

static void
test_watch(void **state)
{
	struct fixture *f = *state;
	const char *units[] = {"a.service"};
	struct cgroupwatch *w;
	char line[128];

	snprintf(line, sizeof(line), "none %s cgroup2 rw 0 0\n", f->folder);
	write_file(f, "mounts", line);
	make(f, "system.slice");
	w = cgroupwatch_new(&f->loop, at(f, "mounts"), on_sight, f);
	cgroupwatch_set(w, units, 1);
	assert_int_equal(f->sight.presence, SYS_GONE);
	make(f, "system.slice/a.service");
	write_file(f, "system.slice/a.service/cgroup.events",
		   "populated 1\nfrozen 0\n");
	turn_until(f, 2);
	assert_int_equal(f->sight.presence, SYS_PRESENT);
	assert_false(f->sight.looked);
	write_file(f, "system.slice/a.service/cgroup.events",
		   "populated 0\nfrozen 0\n");
	turn_until(f, 3);
	assert_int_equal(f->sight.presence, SYS_GONE);
	cgroupwatch_close(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_root, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_no_root, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_unit, setup, teardown),
	    cmocka_unit_test_setup_teardown(test_watch_without_cgroups, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_watch, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
