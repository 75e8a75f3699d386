/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "identity/answer.h"

static void
a_datagram_is_answered_with_no_more_octets(void **state)
{
	char buf[ANSWER_MAX];

	assert_int_equal(answer_udp("nyc1", 5, 40000, 4786, buf), 5);
	assert_memory_equal(buf, "nyc1\n", 5);
	assert_int_equal(answer_udp("nyc1", 4, 40000, 4786, buf), 0);
	/* Ports where something would answer the answer. */
	assert_int_equal(answer_udp("nyc1", 100, 7, 4786, buf), 0);
	assert_int_equal(answer_udp("nyc1", 100, 1023, 4786, buf), 0);
	assert_int_equal(answer_udp("nyc1", 100, 4786, 4786, buf), 0);
}

static void
expect_http(const char *request, const char *status, bool body)
{
	char buf[ANSWER_MAX];
	size_t n = answer_http("nyc1", request, strlen(request), buf);

	assert_true(n > 0 && n < sizeof(buf));
	buf[n] = '\0';
	assert_memory_equal(buf, status, strlen(status));
	assert_non_null(strstr(buf, "\r\nX-Anycast-Node: nyc1\r\n"));
	assert_int_equal(strcmp(buf + n - 5, "nyc1\n") == 0, body);
}

static void
http_is_answered_when_the_head_is_there(void **state)
{
	char buf[ANSWER_MAX], large[5000];

	assert_int_equal(answer_http("nyc1", "GET / HTTP/1.1\r\n", 16, buf), 0);
	expect_http("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ", true);
	expect_http("GET /?a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ", true);
	expect_http("HEAD / HTTP/1.1\r\n\r\n", "HTTP/1.1 200 ", false);
	expect_http("GET /x HTTP/1.1\r\n\r\n", "HTTP/1.1 404 ", true);
	expect_http("POST / HTTP/1.1\r\n\r\n", "HTTP/1.1 405 ", true);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	expect_http(large, "HTTP/1.1 431 ", true);
}

static void
a_bucket_bounds_the_rate(void **state)
{
	struct bucket b = {0};
	struct mono now = {dur_s(5).ns};
	unsigned taken = 0;

	for (int i = 0; i < 100; i++)
		taken += bucket_take(&b, 10, now);
	assert_int_equal(taken, 10);
	now = mono_add(now, dur_ms(300));
	for (int i = 0; i < 100; i++)
		taken += bucket_take(&b, 10, now);
	assert_int_equal(taken, 13);
	now = mono_add(now, dur_s(3600));
	for (int i = 0; i < 100; i++)
		taken += bucket_take(&b, 10, now);
	assert_int_equal(taken, 23);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_datagram_is_answered_with_no_more_octets),
	    cmocka_unit_test(http_is_answered_when_the_head_is_there),
	    cmocka_unit_test(a_bucket_bounds_the_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
