/* SPDX-License-Identifier: ISC */
#include "../folder.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/outfile.h"

static void
expect_content(const char *path, const char *content)
{
	char seen[32] = "";
	FILE *f = fopen(path, "re");

	assert_non_null(f);
	assert_int_equal(fread(seen, 1, sizeof(seen) - 1, f), strlen(content));
	assert_string_equal(seen, content);
	fclose(f);
}

static void
the_name_comes_last(void **state)
{
	struct folder folder;
	struct outfile out;
	char path[FOLDER_PATH];

	folder_make(&folder);
	folder_write(&folder, "file", "old", 3);
	folder_file(&folder, "file", path);
	assert_int_equal(outfile_open(path, &out), 0);
	assert_true(fputs("new", out.file) >= 0);
	assert_int_equal(fflush(out.file), 0);
	expect_content(path, "old");
	assert_int_equal(outfile_close(&out, 0), 0);
	expect_content(path, "new");
	assert_int_equal(folder_remove(&folder), 1);
}

static void
what_fails_leaves_nothing(void **state)
{
	struct folder folder;
	struct outfile out;
	char path[FOLDER_PATH];

	folder_make(&folder);
	folder_file(&folder, "file", path);
	assert_int_equal(outfile_open(path, &out), 0);
	assert_true(fputs("half", out.file) >= 0);
	assert_int_equal(outfile_close(&out, -EIO), -EIO);
	assert_int_equal(folder_remove(&folder), 0);
}

static void
a_link_stays(void **state)
{
	struct folder folder;
	struct outfile out;
	struct stat st;
	char path[FOLDER_PATH], name[FOLDER_PATH];

	folder_make(&folder);
	folder_write(&folder, "file", "old", 3);
	folder_file(&folder, "file", path);
	assert_int_equal(symlink("file", folder_file(&folder, "link", name)),
			 0);
	assert_int_equal(outfile_open(name, &out), 0);
	assert_true(fputs("new", out.file) >= 0);
	assert_int_equal(outfile_close(&out, 0), 0);
	expect_content(path, "new");
	assert_int_equal(lstat(name, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(folder_remove(&folder), 2);
}

/* A pipe, as it needs no rights: devices are the same to us. */
static void
what_is_no_file_is_written_into(void **state)
{
	struct folder folder;
	struct outfile out;
	struct stat st;
	char path[FOLDER_PATH], seen[8] = "";
	FILE *reader;

	folder_make(&folder);
	assert_int_equal(mkfifo(folder_file(&folder, "pipe", path), 0600), 0);
	reader = fopen(path, "r+e");
	assert_non_null(reader);
	assert_int_equal(outfile_open(path, &out), 0);
	assert_true(fputs("news", out.file) >= 0);
	assert_int_equal(outfile_close(&out, 0), 0);
	assert_int_equal(fread(seen, 1, 4, reader), 4);
	assert_string_equal(seen, "news");
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	fclose(reader);
	assert_int_equal(folder_remove(&folder), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_name_comes_last),
	    cmocka_unit_test(what_fails_leaves_nothing),
	    cmocka_unit_test(a_link_stays),
	    cmocka_unit_test(what_is_no_file_is_written_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
