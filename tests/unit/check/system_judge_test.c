/* SPDX-License-Identifier: ISC */
#include "check/system_judge.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../test.h"

/* ---- judging ---- */

static void
is(const struct conf_system *conf, const struct system_facts *facts,
   enum check_verdict verdict, enum check_cause cause, const char *detail)
{
	struct judgement j;

	system_judge(conf, facts, &j);
	assert_string_equal(j.detail, detail);
	assert_int_equal(j.verdict, verdict);
	assert_int_equal(j.cause, cause);
}

static const struct conf_system all = {
    .path = "/var/dns\n",
    .disk = {80, 90},
    .inodes = {0, 95},
    .memory = {85, 0},
    .load = {150, 400},
};

static void
below_every_limit_passes(void **state)
{
	const struct system_facts facts = {
	    {0, 79}, {0, 94}, {0, 84}, {0, 149}, false};

	is(&all, &facts, CHECK_PASS, CHECK_CAUSE_OK,
	   "disk /var/dns\\x0a used 79%; inodes /var/dns\\x0a used 94%; "
	   "memory used 84%; load per core 1.49");
}

static void
what_is_reached_counts(void **state)
{
	struct system_facts facts = {
	    {0, 80}, {0, 94}, {0, 84}, {0, 149}, false};

	is(&all, &facts, CHECK_DEGRADED, CHECK_CAUSE_ANSWER,
	   "disk /var/dns\\x0a used 80%, expected less than 80%");
	facts.load.percent = 400;
	is(&all, &facts, CHECK_FAIL, CHECK_CAUSE_ANSWER,
	   "load per core 4.00, expected less than 4.00");
	facts.inodes.percent = 100;
	is(&all, &facts, CHECK_FAIL, CHECK_CAUSE_ANSWER,
	   "inodes /var/dns\\x0a used 100%, expected less than 95%; "
	   "load per core 4.00, expected less than 4.00");
}

static void
memory_without_a_fail_limit_is_degraded_at_most(void **state)
{
	const struct system_facts facts = {
	    {0, 0}, {0, 0}, {0, 100}, {0, 0}, true};

	is(&all, &facts, CHECK_DEGRADED, CHECK_CAUSE_ANSWER,
	   "memory of the cgroup used 100%, expected less than 85%");
}

static void
what_cannot_be_measured_is_unknown_unless_something_fails(void **state)
{
	struct system_facts facts = {
	    {ENOENT, 0}, {0, 0}, {0, 90}, {0, 0}, false};

	is(&all, &facts, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
	   "disk /var/dns\\x0a cannot be measured: no such file or directory");
	facts.load.percent = 800;
	is(&all, &facts, CHECK_FAIL, CHECK_CAUSE_ANSWER,
	   "load per core 8.00, expected less than 4.00");
}

static void
what_is_not_asked_for_is_not_looked_at(void **state)
{
	const struct conf_system conf = {.path = "/", .load = {0, 200}};
	const struct system_facts facts = {
	    {ENOENT, 0}, {0, 100}, {EIO, 100}, {0, 7}, false};

	is(&conf, &facts, CHECK_PASS, CHECK_CAUSE_OK, "load per core 0.07");
}

/* ---- measuring ---- */

struct place {
	char folder[32];
};

static int
remove_one(const char *path, const struct stat *st, int what, struct FTW *ftw)
{
	return remove(path);
}

static int
set_up(void **state)
{
	static const char *const folders[] = {"/proc", "/sys", "/sys/fs",
					      "/sys/fs/cgroup"};
	struct place *p = calloc(1, sizeof(*p));
	char path[64];

	if (!p)
		return -1;
	strcpy(p->folder, "/tmp/basin-system-XXXXXX");
	if (!mkdtemp(p->folder))
		return -1;
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", p->folder, folders[i]);
		if (mkdir(path, 0755))
			return -1;
	}
	*state = p;
	return 0;
}

static int
tear_down(void **state)
{
	struct place *p = *state;

	nftw(p->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static void
write_file(const struct place *p, const char *path, const char *content)
{
	char whole[96];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s%s", p->folder, path);
	f = fopen(whole, "w");
	assert_non_null(f);
	fputs(content, f);
	fclose(f);
}

static struct system_facts
measured(const struct place *p)
{
	struct system_facts facts;

	system_judge_measure(&all, p->folder, &facts);
	return facts;
}

static void
memory_is_what_is_not_available(void **state)
{
	const struct place *p = *state;
	struct system_facts f;

	write_file(p, "/proc/meminfo",
		   "MemTotal:       1000 kB\nMemFree:  1 kB\n"
		   "MemAvailable:    400 kB\n");
	f = measured(p);
	assert_int_equal(f.memory.error, 0);
	assert_int_equal(f.memory.percent, 60);
	assert_false(f.memory_of_cgroup);
}

static void
a_tighter_limit_of_the_container_counts(void **state)
{
	const struct place *p = *state;
	struct system_facts f;

	write_file(p, "/proc/meminfo",
		   "MemTotal: 1000 kB\nMemAvailable: 400 kB\n");
	write_file(p, "/sys/fs/cgroup/memory.max", "max\n");
	write_file(p, "/sys/fs/cgroup/memory.current", "900\n");
	assert_int_equal(measured(p).memory.percent, 60);
	write_file(p, "/sys/fs/cgroup/memory.max", "1000\n");
	f = measured(p);
	assert_int_equal(f.memory.percent, 90);
	assert_true(f.memory_of_cgroup);
	write_file(p, "/sys/fs/cgroup/memory.stat",
		   "anon 100\ninactive_file 250\n");
	assert_int_equal(measured(p).memory.percent, 65);
	write_file(p, "/sys/fs/cgroup/memory.stat", "inactive_file 9999\n");
	f = measured(p);
	assert_int_equal(f.memory.percent, 60);
	assert_false(f.memory_of_cgroup);
}

static void
what_makes_no_sense_is_an_error(void **state)
{
	const struct place *p = *state;
	struct system_facts f = measured(p);

	assert_int_equal(f.memory.error, ENOENT);
	assert_int_equal(f.load.error, ENOENT);
	assert_int_equal(f.disk.error, ENOENT);
	write_file(p, "/proc/meminfo", "MemTotal: 5 kB\nMemAvailable: 6 kB\n");
	write_file(p, "/proc/loadavg", "high\n");
	f = measured(p);
	assert_int_equal(f.memory.error, EPROTO);
	assert_int_equal(f.load.error, EPROTO);
}

static void
load_is_per_core(void **state)
{
	const struct place *p = *state;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	char text[64];

	snprintf(text, sizeof(text), "%ld.%02d 0.50 0.25 1/200 4242\n",
		 cores * 3, 0);
	write_file(p, "/proc/loadavg", text);
	assert_int_equal(measured(p).load.percent, 300);
	write_file(p, "/proc/loadavg", "0.00 0.50 0.25 1/200 4242\n");
	assert_int_equal(measured(p).load.percent, 0);
}

static void
this_node_can_be_measured(void **state)
{
	struct conf_system conf = all;
	struct system_facts f;

	conf.path = "/";
	system_judge_measure(&conf, "", &f);
	assert_int_equal(f.disk.error, 0);
	assert_int_equal(f.memory.error, 0);
	assert_int_equal(f.load.error, 0);
	assert_in_range(f.memory.percent, 1, 100);
	assert_in_range(f.disk.percent, 0, 100);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(below_every_limit_passes),
	    cmocka_unit_test(what_is_reached_counts),
	    cmocka_unit_test(memory_without_a_fail_limit_is_degraded_at_most),
	    cmocka_unit_test(
		what_cannot_be_measured_is_unknown_unless_something_fails),
	    cmocka_unit_test(what_is_not_asked_for_is_not_looked_at),
	    TEST(memory_is_what_is_not_available),
	    TEST(a_tighter_limit_of_the_container_counts),
	    TEST(what_makes_no_sense_is_an_error),
	    TEST(load_is_per_core),
	    cmocka_unit_test(this_node_can_be_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
