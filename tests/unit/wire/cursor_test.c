/* SPDX-License-Identifier: ISC */
#include "octets.h"

#include "wire/cursor.h"

static const uint8_t sample[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static void
reads_are_in_network_order(void **state)
{
	struct rbuf r = rbuf_of(sample, sizeof(sample));

	assert_int_equal(rbuf_u8(&r), 0x01);
	assert_int_equal(rbuf_u16(&r), 0x0203);
	assert_int_equal(rbuf_u32(&r), 0x04050607);
	assert_int_equal(rbuf_left(&r), 3);
	r = rbuf_of(sample, sizeof(sample));
	assert_true(rbuf_u64(&r) == UINT64_C(0x0102030405060708));
	assert_false(r.bad);
}

static void
reading_past_the_end_sticks(void **state)
{
	struct rbuf r = rbuf_of(sample, 3);

	assert_int_equal(rbuf_u32(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rbuf_left(&r), 0);
	assert_int_equal(rbuf_u8(&r), 0);
	assert_null(rbuf_take(&r, 1));
}

static void
child_is_bounded(void **state)
{
	struct rbuf r = rbuf_of(sample, sizeof(sample)), child, none;

	child = rbuf_child(&r, 2);
	assert_int_equal(rbuf_u16(&child), 0x0102);
	assert_int_equal(rbuf_u8(&child), 0);
	assert_true(child.bad);
	assert_false(r.bad);
	assert_int_equal(rbuf_u8(&r), 3);
	none = rbuf_child(&r, 100);
	assert_true(none.bad && r.bad);
	assert_int_equal(rbuf_left(&none), 0);
}

static void
writes_that_do_not_fit_stick(void **state)
{
	uint8_t buf[12];
	struct wbuf w = wbuf_of(buf, 11);

	wbuf_u8(&w, 1);
	wbuf_u16(&w, 0x0203);
	wbuf_u64(&w, UINT64_C(0x0405060708090a0b));
	assert_memory_equal(buf, sample, 10);
	assert_int_equal(wbuf_room(&w), 0);
	wbuf_patch_u16(&w, 0, 0xaabb);
	assert_octets("patched", buf, 3, "aabb03");
	wbuf_u8(&w, 1);
	assert_true(w.full);
	assert_int_equal(wbuf_len(&w), 11);
	wbuf_patch_u16(&w, 0, 0);
	assert_octets("not patched", buf, 2, "aabb");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reads_are_in_network_order),
	    cmocka_unit_test(reading_past_the_end_sticks),
	    cmocka_unit_test(child_is_bounded),
	    cmocka_unit_test(writes_that_do_not_fit_stick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
