/* SPDX-License-Identifier: ISC */
/*
 * A regular expression against what a server chose to send. The time that
 * takes has no useful bound (glibc needs 20 s for "(a+)+b" and 64 KiB of "a"),
 * so all but short bodies are matched by a thread, and the loop goes on.
 */
#ifndef BASIN_CHECK_HTTP_MATCH_H
#define BASIN_CHECK_HTTP_MATCH_H

#include <stdbool.h>
#include <stddef.h>

struct text;
struct http_match;

/* True when it can be matched on the loop: a few milliseconds at most. */
bool http_match_is_short(const char *pattern, size_t body_len);

/*
 * Starts a thread; takes over the body. NULL when there are no resources. The
 * descriptor becomes readable when the result is there.
 */
struct http_match *http_match_start(const char *pattern, struct text *body);
int http_match_fd(const struct http_match *m);
/* True when the thread is done: then *rc is http_judge_match()'s. */
bool http_match_done(const struct http_match *m, int *rc);
/* The body; valid until http_match_drop(). */
const struct text *http_match_body(const struct http_match *m);
/* Gives it up: the thread, if it still runs, frees it at its end. */
void http_match_drop(struct http_match *m);

#endif
