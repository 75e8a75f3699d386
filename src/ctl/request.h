/* SPDX-License-Identifier: ISC */
/*
 * The control protocol without sockets: octets into lines, a line into a
 * request, a request into its answer. Fuzzed and tested as it stands.
 */
#ifndef BASIN_CTL_REQUEST_H
#define BASIN_CTL_REQUEST_H

#include "ctl/ctl.h"

/* What was received and not yet answered. */
struct request_input {
	struct text octets;
	size_t start; /* of the first line not yet taken */
};

enum request_line {
	REQUEST_NONE, /* no whole line yet */
	REQUEST_LINE,
	REQUEST_TOO_LONG, /* more than CTL_REQUEST_MAX octets without an end */
};

void request_feed(struct request_input *in, const char *octets, size_t n);
/* What the next line is; it stays where it is. */
enum request_line request_peek(const struct request_input *in);
/*
 * Takes the next line, without its end; borrowed until the next feed. Only
 * behind a REQUEST_LINE of request_peek().
 */
const char *request_take(struct request_input *in, size_t *n);
/* Octets of a line whose end has not come yet. */
size_t request_partial(const struct request_input *in);
void request_free(struct request_input *in);

/* What one line asked and got. */
struct request_done {
	struct text answer;      /* the whole line with its end; owned */
	bool streams;            /* events follow the answer */
	struct ctl_later *later; /* no answer yet: who will give it */
};

/*
 * Runs the command that `line` names and writes the answer. Never fails: what
 * is wrong with the line is the answer.
 */
void request_run(const char *line, size_t n, const struct ctl_command *commands,
		 void *root, const struct ctl_caller *caller,
		 struct request_done *done);
/* The answer line for a reply, which is taken over. */
void request_answer(struct ctl_reply *reply, struct text *answer);
/* The answer line for an error that has no request. */
void request_refuse(enum ctl_error error, const char *message,
		    struct text *answer);

#endif
