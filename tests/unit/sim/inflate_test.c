/* SPDX-License-Identifier: ISC */
#include "../folder.h"

#include <bzlib.h>
#include <errno.h>
#include <zlib.h>

#include "sim/inflate.h"
#include "sim/inflate_blocks.h"
#include "sim/notes.h"

#define TEXT_SIZE 450000 /* five blocks of the smallest size */

static char *
make_text(void)
{
	char *text = xcalloc(TEXT_SIZE, 1);
	uint32_t v = 1;

	for (size_t i = 0; i < TEXT_SIZE; i++) {
		v = v * 1103515245 + 12345;
		text[i] = (char)(i % 11 ? '0' + (v >> 16) % 10 : '\n');
	}
	return text;
}

static struct text
pack_bz2(const char *text, unsigned n)
{
	unsigned size = n + n / 50 + 1000;
	struct text out = {.s = xcalloc(size, 1)};

	assert_int_equal(BZ2_bzBuffToBuffCompress(
			     out.s, &size, (char *)(uintptr_t)text, n, 1, 0, 0),
			 BZ_OK);
	out.len = size;
	return out;
}

static struct text
pack_gz(const char *text, size_t n)
{
	struct text out = {.s = xcalloc(n + 1000, 1)};
	z_stream s = {0};

	assert_int_equal(
	    deflateInit2(&s, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY),
	    Z_OK);
	s.next_in = (Bytef *)(uintptr_t)text;
	s.avail_in = (unsigned)n;
	s.next_out = (Bytef *)out.s;
	s.avail_out = (unsigned)n + 1000;
	assert_int_equal(deflate(&s, Z_FINISH), Z_STREAM_END);
	out.len = n + 1000 - s.avail_out;
	deflateEnd(&s);
	return out;
}

/* What becomes of `octets` in a file; messages without its name. */
static int
inflate_in_file(const char *octets, size_t n, size_t max, struct text *out,
		struct text *messages)
{
	struct notes notes = {.path = "F"};
	struct folder folder;
	char path[FOLDER_PATH];
	int err;

	folder_make(&folder);
	folder_write(&folder, "f", octets, n);
	err = inflate_file(&notes, folder_file(&folder, "f", path), max, out);
	folder_remove(&folder);
	assert_int_equal(notes_tell(&notes, messages) != 0, err != 0);
	return err;
}

static void
expect_text(const struct text *packed, const char *text, size_t n)
{
	struct text out = {0}, messages = {0};

	assert_int_equal(inflate_in_file(packed->s, packed->len, 10 * TEXT_SIZE,
					 &out, &messages),
			 0);
	assert_int_equal(out.len, n);
	assert_memory_equal(out.s, text, n);
	text_free(&out);
	text_free(&messages);
}

static void
expect_error(const struct text *packed, size_t n, size_t max, int err,
	     const char *message)
{
	struct text out = {0}, messages = {0};

	assert_int_equal(inflate_in_file(packed->s, n, max, &out, &messages),
			 err);
	if (!strstr(text_str(&messages), message))
		assert_string_equal(text_str(&messages), message);
	text_free(&out);
	text_free(&messages);
}

static void
each_form_gives_the_same_text(void **state)
{
	char *text = make_text();
	struct text plain = {.s = text, .len = TEXT_SIZE};
	struct text bz2 = pack_bz2(text, TEXT_SIZE);
	struct text small = pack_bz2(text, 1000);
	struct text gz = pack_gz(text, TEXT_SIZE);

	expect_text(&plain, text, TEXT_SIZE);
	expect_text(&bz2, text, TEXT_SIZE);
	expect_text(&small, text, 1000);
	expect_text(&gz, text, TEXT_SIZE);
	text_free(&bz2);
	text_free(&small);
	text_free(&gz);
	free(text);
}

static void
streams_one_behind_the_other_are_one_file(void **state)
{
	char *text = make_text();
	struct text bz2 = pack_bz2(text, 300000);
	struct text more = pack_bz2(text + 300000, 150000);
	struct text gz = pack_gz(text, 300000);
	struct text more_gz = pack_gz(text + 300000, 150000);

	bz2.cap = bz2.len;
	text_add_n(&bz2, more.s, more.len);
	expect_text(&bz2, text, TEXT_SIZE);
	gz.cap = gz.len;
	text_add_n(&gz, more_gz.s, more_gz.len);
	expect_text(&gz, text, TEXT_SIZE);
	text_free(&bz2);
	text_free(&more);
	text_free(&gz);
	text_free(&more_gz);
	free(text);
}

static void
blocks_are_done_apart_when_all_is_well(void **state)
{
	char *text = make_text();
	struct text bz2 = pack_bz2(text, TEXT_SIZE);
	struct text out = {0};

	assert_true(inflate_blocks(bz2.s, bz2.len, TEXT_SIZE, &out));
	assert_int_equal(out.len, TEXT_SIZE);
	assert_memory_equal(out.s, text, TEXT_SIZE);
	text_clear(&out);
	assert_false(inflate_blocks(bz2.s, bz2.len, TEXT_SIZE - 1, &out));
	assert_false(inflate_blocks(bz2.s, bz2.len - 1, TEXT_SIZE, &out));
	/* The checksum of the whole, at the end. */
	bz2.s[bz2.len - 3] ^= 4;
	assert_false(inflate_blocks(bz2.s, bz2.len, TEXT_SIZE, &out));
	expect_error(&bz2, bz2.len, 10 * TEXT_SIZE, -EINVAL, "is damaged");
	bz2.s[bz2.len - 3] ^= 4;
	bz2.s[bz2.len / 2] ^= 4;
	assert_false(inflate_blocks(bz2.s, bz2.len, TEXT_SIZE, &out));
	assert_int_equal(out.len, 0);
	text_free(&out);
	text_free(&bz2);
	free(text);
}

static void
any_damage_is_told(void **state)
{
	char *text = make_text();
	struct text bz2 = pack_bz2(text, TEXT_SIZE);
	struct text gz = pack_gz(text, TEXT_SIZE);

	expect_error(&bz2, bz2.len - 1, 10 * TEXT_SIZE, -EINVAL,
		     "in the middle: the file was cut");
	expect_error(&bz2, 5, 10 * TEXT_SIZE, -EINVAL, "the file was cut");
	expect_error(&gz, gz.len - 1, 10 * TEXT_SIZE, -EINVAL,
		     "in the middle: the file was cut");
	expect_error(&gz, 9, 10 * TEXT_SIZE, -EINVAL, "the file was cut");
	bz2.s[bz2.len / 2] ^= 4;
	expect_error(&bz2, bz2.len, 10 * TEXT_SIZE, -EINVAL, "is damaged");
	gz.s[gz.len / 2] ^= 4;
	expect_error(&gz, gz.len, 10 * TEXT_SIZE, -EINVAL, "is damaged");
	text_free(&bz2);
	text_free(&gz);
	free(text);
}

static void
what_follows_a_stream_is_not_dropped(void **state)
{
	char *text = make_text();
	struct text bz2 = pack_bz2(text, 1000);
	struct text gz = pack_gz(text, 1000);

	bz2.cap = bz2.len;
	text_add(&bz2, "more");
	gz.cap = gz.len;
	text_add(&gz, "more");
	expect_error(&bz2, bz2.len, TEXT_SIZE, -EINVAL, "is damaged");
	expect_error(&gz, gz.len, TEXT_SIZE, -EINVAL, "is damaged");
	text_free(&bz2);
	text_free(&gz);
	free(text);
}

static void
other_forms_are_named(void **state)
{
	char xz_front[] = "\3757zXZ", zip_front[] = "PK\x03\x04more";
	struct text xz = {.s = xz_front, .len = sizeof(xz_front)};
	struct text zip = {.s = zip_front, .len = sizeof(zip_front)};

	expect_error(&xz, xz.len, TEXT_SIZE, -EINVAL,
		     "F: compressed with xz, expected text, plain or "
		     "compressed with bzip2 or gzip\n");
	expect_error(&zip, zip.len, TEXT_SIZE, -EINVAL, "with zip, expected");
}

static void
a_bomb_ends_at_the_limit(void **state)
{
	static const char message[] =
	    "F: decompresses to more than 1 MiB, the most that is accepted\n";
	size_t n = 12 << 20, max = 1 << 20;
	char *zeros = xcalloc(n, 1);
	struct text bz2 = pack_bz2(zeros, (unsigned)n);
	struct text gz = pack_gz(zeros, n);
	struct text plain = {.s = zeros, .len = 2 * max};

	expect_error(&bz2, bz2.len, max, -EFBIG, message);
	expect_error(&gz, gz.len, max, -EFBIG, message);
	expect_error(&plain, plain.len, max, -EFBIG,
		     "has more than 1 MiB, the most that is accepted");
	text_free(&bz2);
	text_free(&gz);
	free(zeros);
}

static void
what_is_no_file_is_told(void **state)
{
	static const struct {
		const char *path, *message;
		int err;
	} cases[] = {
	    {"/nonexistent/f", "cannot be opened: No such file or directory",
	     -ENOENT},
	    {"/tmp", "cannot be read: Is a directory", -EISDIR},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct notes notes = {.path = cases[i].path};
		struct text out = {0}, messages = {0};

		assert_int_equal(inflate_file(&notes, cases[i].path, 100, &out),
				 cases[i].err);
		assert_int_equal(notes_tell(&notes, &messages), -EINVAL);
		assert_non_null(strstr(text_str(&messages), cases[i].message));
		text_free(&out);
		text_free(&messages);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_form_gives_the_same_text),
	    cmocka_unit_test(streams_one_behind_the_other_are_one_file),
	    cmocka_unit_test(blocks_are_done_apart_when_all_is_well),
	    cmocka_unit_test(any_damage_is_told),
	    cmocka_unit_test(what_follows_a_stream_is_not_dropped),
	    cmocka_unit_test(other_forms_are_named),
	    cmocka_unit_test(a_bomb_ends_at_the_limit),
	    cmocka_unit_test(what_is_no_file_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
