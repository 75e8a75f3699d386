/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/sys.h"

struct fixture {
	char folder[64], path[128];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/basin-file-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/state", f->folder);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	/* Nothing else was left beside it. */
	assert_int_equal(rmdir(f->folder), 0);
	free(f);
	return 0;
}

static void
expect_content(const char *path, const char *text)
{
	char buf[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fread(buf, 1, sizeof(buf) - 1, f), strlen(text));
	fclose(f);
	assert_string_equal(buf, text);
}

static void
content_is_replaced(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(sys_file_replace(f->path, "one", 3, 0640), 0);
	expect_content(f->path, "one");
	assert_int_equal(sys_file_replace(f->path, "", 0, 0600), 0);
	expect_content(f->path, "");
	assert_int_equal(sys_file_replace(f->path, "three", 5, 0640), 0);
	expect_content(f->path, "three");
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

/* Stands for a full disk: no file may grow beyond four octets. */
static void
the_old_content_survives_an_error(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small = {4, RLIM_INFINITY};
	int r;

	assert_int_equal(sys_file_replace(f->path, "old", 3, 0640), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small.rlim_max = before.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	r = sys_file_replace(f->path, "new content", 11, 0640);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -EFBIG);
	expect_content(f->path, "old");
}

static void
errors_are_told(void **state)
{
	char name[5000];

	assert_int_equal(sys_file_replace("/nonexistent/x", "a", 1, 0600),
			 -ENOENT);
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(sys_file_replace(name, "a", 1, 0600), -ENAMETOOLONG);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(content_is_replaced),
	    T(the_old_content_survives_an_error),
	    cmocka_unit_test(errors_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
