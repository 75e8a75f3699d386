/* SPDX-License-Identifier: ISC */
#include "../test.h"
#include "rpki/pdu.h"

#include <string.h>

static const uint8_t response[] = {1, 3, 0, 7, 0, 0, 0, 8};
static const uint8_t ipv4[] = {1,  4, 0,   0, 0, 0, 0, 20, 1, 24,
			       24, 0, 192, 0, 2, 0, 0, 0,  0, 1};
static const uint8_t end[] = {1, 7, 0, 7, 0, 0, 0, 24, 0, 0, 0,    5,
			      0, 0, 1, 0, 0, 0, 0, 60, 0, 0, 0x1c, 0x20};
static const uint8_t report[] = {1, 10, 0, 2, 0, 0,   0,   22, 0,   0,   0,
				 0, 0,  0, 0, 6, 'n', 'o', 27, '"', 'n', 'e'};

static void
a_stream_in_any_pieces(void **state)
{
	uint8_t stream[sizeof(response) + sizeof(ipv4) + sizeof(end)];

	memcpy(stream, response, sizeof(response));
	memcpy(stream + sizeof(response), ipv4, sizeof(ipv4));
	memcpy(stream + sizeof(response) + sizeof(ipv4), end, sizeof(end));
	for (size_t piece = 1; piece <= sizeof(stream); piece++) {
		struct pdu_watch w = {0};
		enum pdu_seen seen = PDU_NOTHING;

		pdu_begin(&w);
		for (size_t i = 0; i < sizeof(stream); i += piece) {
			size_t left = sizeof(stream) - i;

			assert_int_equal(seen, PDU_NOTHING);
			seen = pdu_look(&w, stream + i,
					left < piece ? left : piece);
		}
		assert_int_equal(seen, PDU_END);
		assert_int_equal(w.intervals.refresh, 256);
		assert_int_equal(w.intervals.retry, 60);
		assert_int_equal(w.intervals.expire, 7200);
	}
}

static void
reports_are_escaped(void **state)
{
	struct pdu_watch w = {0};

	pdu_begin(&w);
	assert_int_equal(pdu_look(&w, report, sizeof(report)), PDU_REPORT);
	assert_int_equal(w.code, 2);
	assert_string_equal(w.text, "no\\x1b\\x22ne");
	assert_string_equal(pdu_error_text(2), "No Data Available");
	assert_string_equal(pdu_error_text(65535), "unknown error");
}

static void
absurd_lengths_are_named(void **state)
{
	static const uint8_t lengths[][4] = {{0, 0, 0, 0},
					     {0, 0, 0, 7},
					     {0, 0, 0x0c, 0xb1},
					     {255, 255, 255, 255}};

	for (size_t i = 0; i < 4; i++) {
		uint8_t octets[9] = {1, 4};
		struct pdu_watch w = {0};

		memcpy(octets + 4, lengths[i], 4);
		pdu_begin(&w);
		assert_int_equal(pdu_look(&w, octets, sizeof(octets)),
				 PDU_ABSURD);
		assert_non_null(strstr(w.text, "expected 8 to 3248"));
	}
}

/* A library that reports 3000 octets of its memory: only the PDU goes out. */
static void
reports_are_cut_to_what_they_are_about(void **state)
{
	uint8_t octets[3100] = {1,    10,   0, 0, 0,    0,
				0x0c, 0x1c, 0, 0, 0x0b, 0xb8};
	uint8_t out[PDU_REPORT_MAX];
	struct pdu_watch w = {0};
	size_t n;

	memset(octets + 12, 0x5a, 3000);
	memcpy(octets + 12, end, sizeof(end));
	octets[12 + 3000 + 3] = 4;
	memcpy(octets + 12 + 3004, "bad", 4);
	n = pdu_clean_report(octets, 12 + 3004 + 4, out);
	assert_int_equal(n, 8 + 4 + sizeof(end) + 4 + 3);
	assert_memory_equal(out + 12, end, sizeof(end));
	assert_null(memchr(out, 0x5a, n));
	pdu_begin(&w);
	assert_int_equal(pdu_look(&w, out, n), PDU_REPORT);
	assert_string_equal(w.text, "bad");
	assert_int_equal(pdu_clean_report(end, sizeof(end), out), 0);
	assert_int_equal(pdu_clean_report(octets, 3, out), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_stream_in_any_pieces),
	    cmocka_unit_test(reports_are_escaped),
	    cmocka_unit_test(absurd_lengths_are_named),
	    cmocka_unit_test(reports_are_cut_to_what_they_are_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
