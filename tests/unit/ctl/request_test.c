/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/request.h"

static void
run_echo(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	reply->result = json_deep_copy(arguments);
}

static void
run_fail(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	reply->error = CTL_ERROR_NOT_FOUND;
	text_add(&reply->message, "no such thing");
}

static const struct ctl_command commands[] = {
    {"echo", false, false, run_echo},
    {"fail", false, false, run_fail},
    {"drain", true, false, run_echo},
    {"monitor", false, true, run_echo},
    {0},
};

static void
expect(const char *line, bool read_only, const char *answer)
{
	struct ctl_caller caller = {.read_only = read_only};
	struct request_done done;

	request_run(line, strlen(line), commands, NULL, &caller, &done);
	assert_string_equal(text_str(&done.answer), answer);
	text_free(&done.answer);
}

/* Only the code: the sentence is for people. */
static void
expect_code(const char *line, const char *code)
{
	struct ctl_caller caller = {0};
	struct request_done done;
	json_t *answer;
	const char *got, *message;

	request_run(line, strlen(line), commands, NULL, &caller, &done);
	answer = json_loads(text_str(&done.answer), 0, NULL);
	assert_int_equal(json_unpack(answer, "{s:{s:s,s:s}}", "error", "code",
				     &got, "message", &message),
			 0);
	assert_string_equal(got, code);
	assert_true(strlen(message) > 0);
	json_decref(answer);
	text_free(&done.answer);
}

static void
requests_are_answered(void **state)
{
	expect("{\"command\":\"echo\"}", false,
	       "{\"ok\":true,\"result\":{}}\n");
	expect("{\"command\":\"echo\",\"arguments\":{\"a\":1}}", true,
	       "{\"ok\":true,\"result\":{\"a\":1}}\n");
	expect("{\"command\":\"fail\"}", false,
	       "{\"ok\":false,\"error\":{\"code\":\"not-found\","
	       "\"message\":\"no such thing\"}}\n");
}

static void
bad_requests_get_an_answer(void **state)
{
	static const char *const lines[] = {
	    "",
	    "hello",
	    "{",
	    "[]",
	    "1",
	    "{}",
	    "{\"command\":1}",
	    "{\"command\":\"echo\",\"arguments\":[]}",
	    "{\"command\":\"echo\",\"command\":\"drain\"}",
	    "{\"command\":\"ec\xff\xfe\"}",
	    "\xff\xfe\x00",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		expect_code(lines[i], "bad-request");
}

static void
unknown_commands_get_a_suggestion(void **state)
{
	expect("{\"command\":\"drian\"}", false,
	       "{\"ok\":false,\"error\":{\"code\":\"unknown-command\","
	       "\"message\":\"command \\\"drian\\\" is not known, did you mean "
	       "\\\"drain\\\"?\"}}\n");
	expect_code("{\"command\":\"\\u001b[31m\"}", "unknown-command");
}

static void
the_read_only_socket_refuses_writes(void **state)
{
	struct ctl_caller caller = {.read_only = true};
	struct request_done done;
	const char *line = "{\"command\":\"drain\"}";

	request_run(line, strlen(line), commands, NULL, &caller, &done);
	assert_non_null(strstr(text_str(&done.answer), "\"read-only\""));
	text_free(&done.answer);
	expect(line, false, "{\"ok\":true,\"result\":{}}\n");
}

static void
only_an_accepted_monitor_streams(void **state)
{
	struct ctl_caller caller = {0};
	struct request_done done;

	request_run("{\"command\":\"monitor\"}", 21, commands, NULL, &caller,
		    &done);
	assert_true(done.streams);
	text_free(&done.answer);
	request_run("{\"command\":\"echo\"}", 18, commands, NULL, &caller,
		    &done);
	assert_false(done.streams);
	text_free(&done.answer);
}

static void
deep_nesting_is_refused(void **state)
{
	char line[CTL_REQUEST_MAX + 1];

	memset(line, '[', CTL_REQUEST_MAX);
	line[CTL_REQUEST_MAX] = '\0';
	expect_code(line, "bad-request");
}

/* ---- lines ---- */

static void
lines_come_in_any_pieces(void **state)
{
	const char *octets = "first\nsecond\r\nthird";
	struct request_input in = {0};
	const char *line;
	size_t n;

	for (const char *p = octets; *p; p++)
		request_feed(&in, p, 1);
	assert_int_equal(request_peek(&in), REQUEST_LINE);
	line = request_take(&in, &n);
	assert_int_equal(n, 5);
	assert_memory_equal(line, "first", 5);
	line = request_take(&in, &n);
	assert_int_equal(n, 6);
	assert_memory_equal(line, "second", 6);
	assert_int_equal(request_peek(&in), REQUEST_NONE);
	assert_int_equal(request_partial(&in), 5);
	request_feed(&in, "!\n", 2);
	line = request_take(&in, &n);
	assert_int_equal(n, 6);
	assert_memory_equal(line, "third!", 6);
	assert_int_equal(request_partial(&in), 0);
	request_free(&in);
}

static void
the_longest_line_is_taken_a_longer_is_not(void **state)
{
	struct request_input in = {0};
	char octet[1] = {'x'};
	size_t n;

	for (size_t i = 0; i < CTL_REQUEST_MAX; i++)
		request_feed(&in, octet, 1);
	assert_int_equal(request_peek(&in), REQUEST_NONE);
	request_feed(&in, "\n", 1);
	assert_int_equal(request_peek(&in), REQUEST_LINE);
	request_take(&in, &n);
	assert_int_equal(n, CTL_REQUEST_MAX);
	for (size_t i = 0; i < CTL_REQUEST_MAX + 1; i++)
		request_feed(&in, octet, 1);
	assert_int_equal(request_peek(&in), REQUEST_TOO_LONG);
	request_feed(&in, "\n", 1);
	assert_int_equal(request_peek(&in), REQUEST_TOO_LONG);
	request_free(&in);
}

static void
every_error_has_a_text(void **state)
{
	for (int e = CTL_OK; e < CTL_ERROR_COUNT; e++)
		assert_true(strlen(ctl_error_text((enum ctl_error)e)) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(requests_are_answered),
	    cmocka_unit_test(bad_requests_get_an_answer),
	    cmocka_unit_test(unknown_commands_get_a_suggestion),
	    cmocka_unit_test(the_read_only_socket_refuses_writes),
	    cmocka_unit_test(only_an_accepted_monitor_streams),
	    cmocka_unit_test(deep_nesting_is_refused),
	    cmocka_unit_test(lines_come_in_any_pieces),
	    cmocka_unit_test(the_longest_line_is_taken_a_longer_is_not),
	    cmocka_unit_test(every_error_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
