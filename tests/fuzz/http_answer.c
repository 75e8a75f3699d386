/* SPDX-License-Identifier: ISC */
/*
 * Headers and body of a web server, apart by the first empty line, against
 * every expectation there is.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "check/http_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
judge_one(const struct conf_http *conf, const struct http_answer *a)
{
	struct judgement j = {.cause = CHECK_CAUSE_COUNT};

	http_judge(conf, a, &j);
	assert(j.cause < CHECK_CAUSE_COUNT);
	assert(memchr(j.detail, '\0', sizeof(j.detail)));
	for (const char *p = j.detail; *p; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static struct conf_status_range ok = {200, 299};
	static struct conf_pair fields[] = {{"checks.0.status", "healthy"},
					    {"load", "0.5"}};
	static struct conf_pair headers[] = {{"X-Node", "nyc1"}};
	const struct conf_http json = {
	    .status = &ok, .n_status = 1, .json = {fields, 2}};
	const struct conf_http text = {.status = &ok,
				       .n_status = 1,
				       .body = "healthy",
				       .body_regex = "^st[a-z]+: *ok$"};
	const struct conf_http head = {
	    .status = &ok, .n_status = 1, .expect_headers = {headers, 1}};
	struct text copy = {0};
	const char *start;
	struct http_answer a = {.status = 200};
	const char *empty;

	text_add_n(&copy, (const char *)octets, n);
	start = copy.s;
	empty = memmem(start, n, "\n\n", 2);
	a.headers = start;
	a.headers_len = empty ? (size_t)(empty - start) : 0;
	a.body = start + a.headers_len;
	a.body_len = n - a.headers_len;
	a.match = http_judge_match(text.body_regex, a.body, a.body_len);
	judge_one(&json, &a);
	judge_one(&text, &a);
	judge_one(&head, &a);
	text_free(&copy);
	return 0;
}
