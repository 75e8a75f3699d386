/* SPDX-License-Identifier: ISC */
/* Is an HTTP answer what was configured? Pure. */
#ifndef BASIN_CHECK_HTTP_JUDGE_H
#define BASIN_CHECK_HTTP_JUDGE_H

#include <stddef.h>

#include "check/judgement.h"

struct http_answer {
	long status;
	/* Header lines of the last response, as received. Borrowed. */
	const char *headers;
	size_t headers_len;
	const char *body; /* borrowed; a NUL follows its last octet */
	size_t body_len;
	bool cut;  /* the body was longer than what was kept */
	int match; /* http_judge_match() of conf->body_regex, if there is one */
};

/*
 * 0, REG_NOMATCH or another error of regcomp(3). May take long: see
 * http_match.h. A NUL follows the body's last octet.
 */
int http_judge_match(const char *pattern, const char *body, size_t n);

void http_judge(const struct conf_http *conf, const struct http_answer *a,
		struct judgement *out);

#endif
