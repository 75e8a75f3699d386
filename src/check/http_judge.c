/* SPDX-License-Identifier: ISC */
#include "check/http_judge.h"

#include <jansson.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* Foreign octets shown in a message, after escaping. */
#define SHOWN_MAX 56

static bool
wrong(struct judgement *out, const char *what, const char *name,
      const char *expected, const char *seen, size_t seen_len)
{
	char n[SHOWN_MAX], e[SHOWN_MAX], s[SHOWN_MAX];

	text_escape(name, strlen(name), n, sizeof(n));
	text_escape(expected, strlen(expected), e, sizeof(e));
	if (!seen)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "answer has no %s %s, expected \"%s\"", what, n,
			     e);
	text_escape(seen, seen_len, s, sizeof(s));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "%s %s is \"%s\", expected \"%s\"", what, n, s, e);
}

/* ---- status ---- */

static void
ranges_text(const struct conf_http *conf, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < conf->n_status && used + 16 < size; i++) {
		const struct conf_status_range *r = &conf->status[i];

		used += (size_t)snprintf(buf + used, size - used,
					 r->low == r->high ? "%s%u" : "%s%u-%u",
					 i ? ", " : "", r->low, r->high);
	}
}

static bool
judge_status(const struct conf_http *conf, long status, struct judgement *out)
{
	char ranges[80];

	for (size_t i = 0; i < conf->n_status; i++) {
		if (status >= conf->status[i].low &&
		    status <= conf->status[i].high)
			return true;
	}
	ranges_text(conf, ranges, sizeof(ranges));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "status %ld, expected %s", status, ranges);
}

/* ---- headers ---- */

struct span {
	const char *p;
	size_t n;
};

static struct span
trim(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	while (end > p && strchr(" \t\r\n", end[-1]))
		end--;
	return (struct span){p, (size_t)(end - p)};
}

/* The value when the line is that header, else p is NULL. */
static struct span
header_value(const char *line, const char *end, const char *name)
{
	size_t n = strlen(name);

	if ((size_t)(end - line) <= n || line[n] != ':' ||
	    strncasecmp(line, name, n) != 0)
		return (struct span){0};
	return trim(line + n + 1, end);
}

static bool
judge_header(const struct conf_pair *want, const struct http_answer *a,
	     struct judgement *out)
{
	const char *line = a->headers, *end = a->headers + a->headers_len;
	size_t n = strlen(want->value);
	struct span seen = {0};

	while (line < end) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));
		const char *next = nl ? nl + 1 : end;
		struct span v = header_value(line, next, want->name);

		if (v.p && v.n == n && memcmp(v.p, want->value, n) == 0)
			return true;
		if (v.p)
			seen = v;
		line = next;
	}
	return wrong(out, "header", want->name, want->value, seen.p, seen.n);
}

static bool
judge_headers(const struct conf_http *conf, const struct http_answer *a,
	      struct judgement *out)
{
	for (size_t i = 0; i < conf->expect_headers.n; i++) {
		if (!judge_header(&conf->expect_headers.v[i], a, out))
			return false;
	}
	return true;
}

/* ---- body ---- */

static bool
judge_text(const struct conf_http *conf, const struct http_answer *a,
	   struct judgement *out)
{
	char wanted[SHOWN_MAX], seen[SHOWN_MAX];

	if (!conf->body ||
	    memmem(a->body, a->body_len, conf->body, strlen(conf->body)))
		return true;
	text_escape(conf->body, strlen(conf->body), wanted, sizeof(wanted));
	text_escape(a->body, a->body_len, seen, sizeof(seen));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "body does not contain \"%s\"; it begins \"%s\"", wanted,
		     seen);
}

int
http_judge_match(const char *pattern, const char *body, size_t n)
{
	regmatch_t whole = {.rm_so = 0, .rm_eo = (regoff_t)n};
	regex_t re;
	int rc = regcomp(&re, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB);

	if (rc)
		return rc;
	/* The body may hold NULs: its end is given by number. */
	rc = regexec(&re, body, 1, &whole, REG_STARTEND);
	regfree(&re);
	return rc;
}

static bool
judge_regex(const struct conf_http *conf, const struct http_answer *a,
	    struct judgement *out)
{
	char wanted[SHOWN_MAX], seen[SHOWN_MAX];

	if (!conf->body_regex || a->match == 0)
		return true;
	text_escape(conf->body_regex, strlen(conf->body_regex), wanted,
		    sizeof(wanted));
	if (a->match != REG_NOMATCH)
		return judge(out, CHECK_UNKNOWN, CHECK_CAUSE_RESOURCES,
			     "regular expression \"%s\" cannot be applied",
			     wanted);
	text_escape(a->body, a->body_len, seen, sizeof(seen));
	return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
		     "body does not match \"%s\"; it begins \"%s\"", wanted,
		     seen);
}

/* ---- JSON ---- */

static const json_t *
json_step(const json_t *at, const char *key, size_t n)
{
	char *end;
	size_t index;

	if (json_is_object(at))
		return json_object_getn(at, key, n);
	index = strtoul(key, &end, 10);
	if (json_is_array(at) && n && end == key + n)
		return json_array_get(at, index);
	return NULL;
}

/* "checks.0.status"; a key that itself has dots is found too. */
static const json_t *
json_at(const json_t *at, const char *path)
{
	while (at && *path) {
		const json_t *whole = json_object_get(at, path);
		size_t n = strcspn(path, ".");

		if (whole)
			return whole;
		at = json_step(at, path, n);
		path += n + (path[n] == '.');
	}
	return at;
}

/* The value as a person writes it; NULL for objects and arrays. */
static const char *
json_text(const json_t *v, char buf[static 40])
{
	switch (json_typeof(v)) {
	case JSON_STRING:
		return json_string_value(v);
	case JSON_INTEGER:
		snprintf(buf, 40, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(v));
		return buf;
	case JSON_REAL:
		snprintf(buf, 40, "%.15g", json_real_value(v));
		return buf;
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "null";
	default:
		return NULL;
	}
}

static bool
json_equals(const json_t *v, const char *text, const char *expected)
{
	char *end;
	double number;

	if (strcmp(text, expected) == 0)
		return true;
	if (!json_is_real(v) || !*expected)
		return false;
	/* 0.10 and 0.1 are the same number. */
	number = strtod(expected, &end);
	return !*end && number >= json_real_value(v) &&
	       number <= json_real_value(v);
}

static bool
judge_field(const struct conf_pair *want, const json_t *root,
	    struct judgement *out)
{
	const json_t *v = json_at(root, want->name);
	char buf[40];
	const char *text = v ? json_text(v, buf) : NULL;

	if (v && !text)
		text = json_is_object(v) ? "{...}" : "[...]";
	else if (v && json_equals(v, text, want->value))
		return true;
	return wrong(out, "JSON field", want->name, want->value, text,
		     text ? strlen(text) : 0);
}

static bool
judge_json(const struct conf_http *conf, const struct http_answer *a,
	   struct judgement *out)
{
	json_error_t error;
	json_t *root;
	char why[SHOWN_MAX];
	bool good = true;

	if (!conf->json.n)
		return true;
	root = json_loadb(a->body, a->body_len, JSON_DECODE_ANY, &error);
	if (!root && a->cut)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "body is no JSON within its first 64 KiB");
	if (!root)
		return judge(out, CHECK_FAIL, CHECK_CAUSE_ANSWER,
			     "body is no JSON: line %d: %s", error.line,
			     text_escape(error.text, strlen(error.text), why,
					 sizeof(why)));
	for (size_t i = 0; i < conf->json.n && good; i++)
		good = judge_field(&conf->json.v[i], root, out);
	json_decref(root);
	return good;
}

void
http_judge(const struct conf_http *conf, const struct http_answer *a,
	   struct judgement *out)
{
	if (judge_status(conf, a->status, out) && judge_headers(conf, a, out) &&
	    judge_text(conf, a, out) && judge_regex(conf, a, out) &&
	    judge_json(conf, a, out))
		judge(out, CHECK_PASS, CHECK_CAUSE_OK, "status %ld", a->status);
}
