/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <string.h>

#include "check/http_judge.h"

static struct conf_status_range ok = {200, 299};

static struct http_answer
answer(const char *headers, const char *body)
{
	return (struct http_answer){.status = 200,
				    .headers = headers,
				    .headers_len = strlen(headers),
				    .body = body,
				    .body_len = strlen(body)};
}

static struct judgement
judged(const struct conf_http *conf, const struct http_answer *a)
{
	struct judgement j;

	http_judge(conf, a, &j);
	return j;
}

static enum check_verdict
field(const char *body, const char *path, const char *value)
{
	struct conf_pair pair = {path, value};
	struct conf_http conf = {
	    .status = &ok, .n_status = 1, .json = {&pair, 1}};
	struct http_answer a = answer("", body);

	return judged(&conf, &a).verdict;
}

static void
status_ranges(void **state)
{
	struct conf_status_range ranges[] = {{200, 204}, {301, 301}};
	struct conf_http conf = {.status = ranges, .n_status = 2};
	struct http_answer a = answer("", "");
	struct judgement j;

	a.status = 204;
	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a.status = 301;
	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a.status = 205;
	j = judged(&conf, &a);
	assert_int_equal(j.verdict, CHECK_FAIL);
	assert_int_equal(j.cause, CHECK_CAUSE_ANSWER);
	assert_string_equal(j.detail, "status 205, expected 200-204, 301");
}

static void
json_fields(void **state)
{
	static const char body[] =
	    "{\"status\":\"healthy\",\"a.b\":{\"c\":1},\"n\":null,\"t\":true,"
	    "\"list\":[{\"x\":\"y\"},7],\"r\":0.10,\"empty\":\"\"}";

	assert_int_equal(field(body, "status", "healthy"), CHECK_PASS);
	assert_int_equal(field(body, "status", "health"), CHECK_FAIL);
	assert_int_equal(field(body, "n", "null"), CHECK_PASS);
	assert_int_equal(field(body, "t", "true"), CHECK_PASS);
	assert_int_equal(field(body, "list.0.x", "y"), CHECK_PASS);
	assert_int_equal(field(body, "list.1", "7"), CHECK_PASS);
	assert_int_equal(field(body, "list.2", "7"), CHECK_FAIL);
	assert_int_equal(field(body, "list.1x", "7"), CHECK_FAIL);
	assert_int_equal(field(body, "list", "7"), CHECK_FAIL);
	assert_int_equal(field(body, "r", "0.1"), CHECK_PASS);
	assert_int_equal(field(body, "r", "0.2"), CHECK_FAIL);
	assert_int_equal(field(body, "r", ""), CHECK_FAIL);
	assert_int_equal(field(body, "empty", ""), CHECK_PASS);
	assert_int_equal(field(body, "missing", ""), CHECK_FAIL);
	assert_int_equal(field(body, "status.deeper", "healthy"), CHECK_FAIL);
	assert_int_equal(field("{\"a.b\":\"c\"}", "a.b", "c"), CHECK_PASS);
	assert_int_equal(field("{\"a\":1} x", "a", "1"), CHECK_FAIL);
	assert_int_equal(field("", "a", "1"), CHECK_FAIL);
}

static void
headers(void **state)
{
	struct conf_pair pair = {"X-Node", "nyc1"};
	struct conf_http conf = {
	    .status = &ok, .n_status = 1, .expect_headers = {&pair, 1}};
	struct http_answer a;

	a = answer("HTTP/1.1 200 OK\r\nx-node:\t nyc1 \r\n\r\n", "");
	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a = answer("X-Node: lon1\r\nX-Node: nyc1\r\n", "");
	assert_int_equal(judged(&conf, &a).verdict, CHECK_PASS);
	a = answer("X-Node: nyc12\r\n", "");
	assert_int_equal(judged(&conf, &a).verdict, CHECK_FAIL);
	a = answer("X-Node-2: nyc1\r\n", "");
	assert_int_equal(judged(&conf, &a).verdict, CHECK_FAIL);
	a = answer("X-Node", "");
	assert_int_equal(judged(&conf, &a).verdict, CHECK_FAIL);
}

static void
a_body_with_a_nul_is_seen_whole(void **state)
{
	struct conf_http text = {.status = &ok, .n_status = 1, .body = "up"};
	struct conf_http regex = {
	    .status = &ok, .n_status = 1, .body_regex = "up$"};
	struct http_answer a = answer("", "");

	a.body = "\0\0up";
	a.body_len = 4;
	assert_int_equal(judged(&text, &a).verdict, CHECK_PASS);
	a.match = http_judge_match(regex.body_regex, a.body, a.body_len);
	assert_int_equal(judged(&regex, &a).verdict, CHECK_PASS);
	a.match = http_judge_match("^up", a.body, a.body_len);
	assert_int_equal(judged(&regex, &a).verdict, CHECK_FAIL);
}

static void
a_cut_body_that_is_no_json_says_so(void **state)
{
	struct conf_pair pair = {"a", "1"};
	struct conf_http conf = {
	    .status = &ok, .n_status = 1, .json = {&pair, 1}};
	struct http_answer a = answer("", "{\"a\":");
	struct judgement j;

	a.cut = true;
	j = judged(&conf, &a);
	assert_int_equal(j.verdict, CHECK_FAIL);
	assert_non_null(strstr(j.detail, "64 KiB"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(status_ranges),
	    cmocka_unit_test(json_fields),
	    cmocka_unit_test(headers),
	    cmocka_unit_test(a_body_with_a_nul_is_seen_whole),
	    cmocka_unit_test(a_cut_body_that_is_no_json_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
