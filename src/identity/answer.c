/* SPDX-License-Identifier: ISC */
#include "identity/answer.h"

#include <stdio.h>
#include <string.h>

#define PRIVILEGED   1024
#define REQUEST_MAX  4096 /* octets of an HTTP request's head */
#define NS_IN_SECOND INT64_C(1000000000)

size_t
answer_line(const char *name, char buf[static ANSWER_MAX])
{
	int n = snprintf(buf, ANSWER_MAX, "%s\n", name);

	return n > 0 && n < ANSWER_MAX ? (size_t)n : 0;
}

size_t
answer_udp(const char *name, size_t n, uint16_t source, uint16_t own,
	   char buf[static ANSWER_MAX])
{
	size_t size = answer_line(name, buf);

	if (source < PRIVILEGED || source == own || n < size)
		return 0;
	return size;
}

/* ---- HTTP/1.0: one answer, then the end ---- */

static size_t
respond(const char *name, const char *status, const char *more, bool body,
	char buf[static ANSWER_MAX])
{
	int n = snprintf(buf, ANSWER_MAX,
			 "HTTP/1.1 %s\r\n"
			 "X-Anycast-Node: %s\r\n"
			 "Content-Type: text/plain\r\n"
			 "Cache-Control: no-store\r\n"
			 "Connection: close\r\n"
			 "%s"
			 "Content-Length: %zu\r\n\r\n",
			 status, name, more, strlen(name) + 1);

	if (n <= 0 || n >= ANSWER_MAX)
		return 0;
	if (body)
		n += snprintf(buf + n, ANSWER_MAX - (size_t)n, "%s\n", name);
	return n < ANSWER_MAX ? (size_t)n : 0;
}

static bool
begins(const char *request, size_t n, const char *word)
{
	size_t len = strlen(word);

	return n >= len && memcmp(request, word, len) == 0;
}

static bool
is_root(const char *path, size_t n)
{
	return n >= 2 && path[0] == '/' && (path[1] == ' ' || path[1] == '?');
}

size_t
answer_http(const char *name, const char *request, size_t n,
	    char buf[static ANSWER_MAX])
{
	bool head = begins(request, n, "HEAD ");
	size_t method = head ? 5 : 4;

	if (!memmem(request, n, "\r\n\r\n", 4))
		return n < REQUEST_MAX ? 0
				       : respond(name,
						 "431 Request Header Fields "
						 "Too Large",
						 "", true, buf);
	if (!head && !begins(request, n, "GET "))
		return respond(name, "405 Method Not Allowed",
			       "Allow: GET, HEAD\r\n", true, buf);
	if (!is_root(request + method, n - method))
		return respond(name, "404 Not Found", "", !head, buf);
	return respond(name, "200 OK", "", !head, buf);
}

/* ---- rate ---- */

bool
bucket_take(struct bucket *b, uint32_t rate, struct mono now)
{
	int64_t ns = mono_sub(now, b->at).ns;
	int64_t fresh = ns >= NS_IN_SECOND ? rate : ns * rate / NS_IN_SECOND;

	if (!b->started || ns < 0) {
		*b = (struct bucket){now, rate, true};
	} else if (fresh > 0) {
		b->left =
		    b->left + fresh > rate ? rate : b->left + (uint32_t)fresh;
		b->at = now;
	}
	if (b->left == 0)
		return false;
	b->left--;
	return true;
}
