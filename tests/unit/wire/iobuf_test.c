/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "base/text.h"
#include "wire/iobuf.h"

enum colour { RED, GREEN, BLUE, COLOURS };

struct thing {
	uint64_t many;
	uint32_t few;
	enum colour colour;
	bool flag;
	struct mono since, never_checked;
};

static const struct thing one = {
    UINT64_MAX, 7, BLUE, true, {5}, {INT64_MIN},
};

static void
both_ways(struct iobuf *io, struct thing *t)
{
	iobuf_u64(io, &t->many);
	iobuf_u32(io, &t->few);
	IOBUF_SMALL(io, t->colour, COLOURS);
	IOBUF_FLAG(io, t->flag);
	iobuf_moment(io, &t->since);
	iobuf_any_moment(io, &t->never_checked);
}

static size_t
write_one(struct thing t, uint8_t *buf, size_t size)
{
	struct wbuf w = wbuf_of(buf, size);
	struct iobuf io = {.w = &w};

	both_ways(&io, &t);
	return iobuf_ok(&io) ? wbuf_len(&w) : 0;
}

static bool
read_one(const uint8_t *buf, size_t n, struct thing *t)
{
	struct iobuf io = {.r = rbuf_of(buf, n)};

	both_ways(&io, t);
	return iobuf_ok(&io);
}

static void
what_is_written_is_read(void **state)
{
	struct thing seen = {0};
	uint8_t buf[64];
	size_t n = write_one(one, buf, sizeof(buf));

	assert_int_equal(n, 8 + 4 + 4 + 4 + 8 + 8);
	assert_true(read_one(buf, n, &seen));
	assert_true(seen.many == one.many && seen.few == one.few);
	assert_true(seen.colour == BLUE && seen.flag);
	assert_true(seen.since.ns == 5 && seen.never_checked.ns == INT64_MIN);
}

static void
what_does_not_fit_is_noticed(void **state)
{
	struct thing seen;
	uint8_t buf[64];
	size_t n = write_one(one, buf, sizeof(buf));

	for (size_t cut = 0; cut < n; cut++) {
		assert_false(read_one(buf, cut, &seen));
		assert_int_equal(write_one(one, buf, cut), 0);
	}
}

static void
numbers_that_cannot_be_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t octet;
	} wrong[] = {{15, COLOURS}, {19, 2}, {12, 1}, {20, 0x80}};
	struct thing seen;
	uint8_t buf[64];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		size_t n = write_one(one, buf, sizeof(buf));

		buf[wrong[i].at] = wrong[i].octet;
		assert_false(read_one(buf, n, &seen));
		assert_true(seen.colour < COLOURS);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(what_does_not_fit_is_noticed),
	    cmocka_unit_test(numbers_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
