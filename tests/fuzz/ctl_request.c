/* SPDX-License-Identifier: ISC */
/* Control sockets: any octets, in any pieces, get answers and no more. */
#include <assert.h>
#include <stdint.h>

#include "ctl/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
run_echo(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	const char *name =
	    json_string_value(json_object_get(arguments, "name"));

	if (name) {
		reply->error = CTL_ERROR_NOT_FOUND;
		text_addf(&reply->message, "no %s", name);
	} else {
		reply->result = json_deep_copy(arguments);
	}
}

static const struct ctl_command commands[] = {
    {"status", false, false, run_echo},
    {"drain", true, false, run_echo},
    {"monitor", false, true, run_echo},
    {0},
};

static void
answer_all(struct request_input *in, const struct ctl_caller *caller)
{
	struct request_done done;
	const char *line;
	size_t n;

	while (request_peek(in) == REQUEST_LINE) {
		line = request_take(in, &n);
		request_run(line, n, commands, NULL, caller, &done);
		assert(done.answer.len > 0);
		assert(done.answer.s[done.answer.len - 1] == '\n');
		text_free(&done.answer);
	}
}

/* First octet: size of the pieces; its lowest bit: the read-only socket. */
int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct request_input in = {0};
	struct ctl_caller caller = {.read_only = n > 0 && (octets[0] & 1)};
	size_t piece = n > 0 ? (size_t)octets[0] + 1 : 1;

	for (size_t at = 1; at < n; at += piece) {
		size_t len = n - at < piece ? n - at : piece;

		request_feed(&in, (const char *)octets + at, len);
		answer_all(&in, &caller);
		if (request_peek(&in) == REQUEST_TOO_LONG)
			break;
	}
	request_free(&in);
	return 0;
}
