/* SPDX-License-Identifier: ISC */
#include "ctl/request.h"

#include <assert.h>
#include <string.h>

/* More candidates than any table has; the rest gets no suggestion. */
#define NAMES_MAX 64

static const char *const error_texts[] = {[CTL_OK] = "ok",
#define X(n, t) [CTL_ERROR_##n] = t,
					  CTL_ERRORS(X)
#undef X
};

const char *
ctl_error_text(enum ctl_error e)
{
	assert(e < CTL_ERROR_COUNT);
	return error_texts[e];
}

/* ---- octets to lines ---- */

void
request_feed(struct request_input *in, const char *octets, size_t n)
{
	size_t left = in->octets.len - in->start;

	if (in->start > 0) {
		memmove(in->octets.s, in->octets.s + in->start, left);
		in->octets.len = left;
		in->start = 0;
	}
	text_add_n(&in->octets, octets, n);
}

static size_t
pending(const struct request_input *in)
{
	return in->octets.len - in->start;
}

static const char *
line_end(const struct request_input *in)
{
	size_t n = pending(in);

	if (n == 0)
		return NULL;
	if (n > CTL_REQUEST_MAX + 1)
		n = CTL_REQUEST_MAX + 1;
	return memchr(in->octets.s + in->start, '\n', n);
}

enum request_line
request_peek(const struct request_input *in)
{
	if (line_end(in))
		return REQUEST_LINE;
	return pending(in) > CTL_REQUEST_MAX ? REQUEST_TOO_LONG : REQUEST_NONE;
}

const char *
request_take(struct request_input *in, size_t *n)
{
	const char *line = in->octets.s + in->start;
	const char *end = line_end(in);

	assert(end);
	*n = (size_t)(end - line);
	in->start += *n + 1;
	if (*n > 0 && line[*n - 1] == '\r')
		--*n;
	return line;
}

size_t
request_partial(const struct request_input *in)
{
	return line_end(in) ? 0 : pending(in);
}

void
request_free(struct request_input *in)
{
	text_free(&in->octets);
	in->start = 0;
}

/* ---- a line to its answer ---- */

/* Answers of tens of thousands of routes: no copy of the whole text. */
static int
append(const char *octets, size_t n, void *data)
{
	text_add_n(data, octets, n);
	return 0;
}

static void
write_line(const json_t *object, struct text *answer)
{
	if (json_dump_callback(object, append, answer,
			       JSON_COMPACT | JSON_REAL_PRECISION(9)) != 0) {
		text_clear(answer);
		text_add(answer, "{\"ok\":false,\"error\":{\"code\":\"failed\","
				 "\"message\":\"answer is no JSON\"}}");
	}
	text_add(answer, "\n");
}

void
request_refuse(enum ctl_error error, const char *message, struct text *answer)
{
	json_t *text = json_string(message);
	json_t *object;

	/* Messages may quote foreign octets: never an answer without one. */
	if (!text)
		text = json_string("no message: it was not UTF-8");
	object = json_pack("{s:b, s:{s:s, s:o}}", "ok", 0, "error", "code",
			   ctl_error_text(error), "message", text);
	write_line(object, answer);
	json_decref(object);
}

static void
accept_result(json_t *result, struct text *answer)
{
	json_t *object = json_object();

	json_object_set_new(object, "ok", json_true());
	json_object_set_new(object, "result", result ? result : json_null());
	write_line(object, answer);
	json_decref(object);
}

static const struct ctl_command *
find(const struct ctl_command *commands, const char *name)
{
	for (; commands->name; commands++)
		if (strcmp(commands->name, name) == 0)
			return commands;
	return NULL;
}

static void
refuse_unknown(const char *name, const struct ctl_command *commands,
	       struct text *answer)
{
	const char *names[NAMES_MAX + 1] = {NULL};
	const char *nearest;
	char safe[128];
	struct text why = {0};

	for (size_t i = 0; i < NAMES_MAX && commands[i].name; i++)
		names[i] = commands[i].name;
	nearest = text_nearest(name, names);
	text_escape(name, strlen(name), safe, sizeof(safe));
	text_addf(&why, "command \"%s\" is not known", safe);
	if (nearest)
		text_addf(&why, ", did you mean \"%s\"?", nearest);
	request_refuse(CTL_ERROR_UNKNOWN_COMMAND, text_str(&why), answer);
	text_free(&why);
}

void
request_answer(struct ctl_reply *reply, struct text *answer)
{
	if (reply->error == CTL_OK) {
		accept_result(reply->result, answer);
	} else {
		json_decref(reply->result);
		request_refuse(reply->error, text_str(&reply->message), answer);
	}
	text_free(&reply->message);
}

static void
run_command(const struct ctl_command *command, void *root,
	    const struct ctl_caller *caller, const json_t *arguments,
	    struct request_done *done)
{
	struct ctl_reply reply = {0};

	command->run(root, caller, arguments, &reply);
	done->later = reply.later;
	if (reply.later)
		return;
	done->streams = command->streams && reply.error == CTL_OK;
	request_answer(&reply, &done->answer);
}

/* The request is an object; looks at what is in it. */
static void
run_object(const json_t *request, const struct ctl_command *commands,
	   void *root, const struct ctl_caller *caller,
	   struct request_done *done)
{
	const char *name =
	    json_string_value(json_object_get(request, "command"));
	json_t *given = json_object_get(request, "arguments");
	const struct ctl_command *command;
	json_t *arguments;

	if (!name || (given && !json_is_object(given))) {
		request_refuse(CTL_ERROR_BAD_REQUEST,
			       "a request is {\"command\": \"NAME\", "
			       "\"arguments\": {...}}",
			       &done->answer);
		return;
	}
	command = find(commands, name);
	if (!command) {
		refuse_unknown(name, commands, &done->answer);
		return;
	}
	if (command->writes && caller->read_only) {
		request_refuse(CTL_ERROR_READ_ONLY,
			       "this socket is read-only; changes need the "
			       "full socket and its permissions",
			       &done->answer);
		return;
	}
	arguments = given ? json_incref(given) : json_object();
	run_command(command, root, caller, arguments, done);
	json_decref(arguments);
}

void
request_run(const char *line, size_t n, const struct ctl_command *commands,
	    void *root, const struct ctl_caller *caller,
	    struct request_done *done)
{
	json_error_t where;
	json_t *request = json_loadb(line, n, JSON_REJECT_DUPLICATES, &where);
	struct text why = {0};

	*done = (struct request_done){0};
	if (!json_is_object(request)) {
		char safe[160];

		text_escape(where.text, strlen(where.text), safe, sizeof(safe));
		text_addf(&why, "the line is no JSON object: %s",
			  request ? "it is another JSON value" : safe);
		request_refuse(CTL_ERROR_BAD_REQUEST, text_str(&why),
			       &done->answer);
		text_free(&why);
	} else {
		run_object(request, commands, root, caller, done);
	}
	json_decref(request);
}
