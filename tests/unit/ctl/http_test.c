/* SPDX-License-Identifier: ISC */
/* The HTTP module as it is loaded, from outside. */
#include "../test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server.h"

static const struct ctl_command commands[] = {{0}};

static unsigned
render_fine(void *root, struct text *body)
{
	text_add(body, "all is well\n");
	return 200;
}

static unsigned
render_ill(void *root, struct text *body)
{
	text_add(body, "{}");
	return 503;
}

/* ---- in pieces ---- */

#define LINES 300000

static void *
begin_long(void *root)
{
	return xcalloc(1, sizeof(int));
}

static int
more_long(void *state, struct text *body)
{
	int *line = state;

	for (int i = 0; i < 1000; i++)
		text_addf(body, "line %d\n", (*line)++);
	return *line < LINES;
}

static int
more_broken(void *state, struct text *body)
{
	int *calls = state;

	text_add(body, "a piece\n");
	return ++*calls < 2 ? 1 : -ESTALE;
}

static const struct ctl_page pages[] = {
    {"/fine", "text/plain", render_fine, NULL, NULL, NULL},
    {"/ill", "application/json", render_ill, NULL, NULL, NULL},
    {"/long", "text/plain", NULL, begin_long, more_long, free},
    {"/broken", "text/plain", NULL, begin_long, more_broken, free},
    {0},
};

struct web {
	struct server server;
	struct sockaddr_in address;
};

static int
set_up(void **state)
{
	struct web *w = calloc(1, sizeof(*w));
	socklen_t n = sizeof(w->address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	w->address.sin_family = AF_INET;
	w->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&w->address, n), 0);
	assert_int_equal(listen(fd, 64), 0);
	getsockname(fd, (struct sockaddr *)&w->address, &n);
	server_start(&w->server, commands, pages, NULL, fd);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct web *w = *state;

	server_stop(&w->server);
	free(w);
	return 0;
}

static int
connect_to(const struct web *w)
{
	struct timeval limit = {.tv_sec = 30};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (const struct sockaddr *)&w->address,
				 sizeof(w->address)),
			 0);
	return fd;
}

/* Sends a request and returns all that comes until the end; free it. */
static char *
ask(const struct web *w, const char *request)
{
	int fd = connect_to(w);
	struct text answer = {0};
	char octets[4096];
	ssize_t n;

	send(fd, request, strlen(request), MSG_NOSIGNAL);
	while ((n = recv(fd, octets, sizeof(octets), 0)) > 0)
		text_add_n(&answer, octets, (size_t)n);
	close(fd);
	return answer.s ? answer.s : xstrdup("");
}

static void
expect(const struct web *w, const char *request, const char *status,
       const char *body)
{
	char *answer = ask(w, request);

	if (strncmp(answer, status, strlen(status)) != 0)
		fail_msg("%s: %s", request, answer);
	if (body)
		assert_non_null(strstr(answer, body));
	free(answer);
}

#define END " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

static void
pages_are_served(void **state)
{
	expect(*state, "GET /fine" END, "HTTP/1.1 200",
	       "\r\n\r\nall is well\n");
	expect(*state, "GET /fine?x=1" END, "HTTP/1.1 200", "all is well\n");
	expect(*state, "GET /ill" END, "HTTP/1.1 503", "application/json");
}

static void
head_has_no_body(void **state)
{
	char *answer = ask(*state, "HEAD /fine" END);

	assert_int_equal(strncmp(answer, "HTTP/1.1 200", 12), 0);
	assert_null(strstr(answer, "all is well"));
	assert_non_null(strstr(answer, "Content-Length: 12"));
	free(answer);
}

/* HTTP/1.0 has no chunks: the body is what comes until the end. */
static void
long_pages_come_whole(void **state)
{
	char *answer = ask(*state, "GET /long HTTP/1.0\r\n\r\n");
	char *line = strstr(answer, "\r\n\r\n");
	char expected[32];

	assert_int_equal(strncmp(answer, "HTTP/1.", 7), 0);
	assert_non_null(line);
	line += 4;
	for (int i = 0; i < LINES; i++) {
		int n = snprintf(expected, sizeof(expected), "line %d\n", i);

		assert_memory_equal(line, expected, n);
		line += n;
	}
	assert_int_equal(*line, '\0');
	free(answer);
}

/* Chunked: without the last chunk a client knows that something is missing. */
static void
broken_pages_are_not_ended(void **state)
{
	char *answer = ask(*state, "GET /broken" END);

	assert_non_null(strstr(answer, "a piece"));
	assert_null(strstr(answer, "\r\n0\r\n"));
	free(answer);
	expect(*state, "GET /fine" END, "HTTP/1.1 200", NULL);
}

/* Clients that go in the middle leave nothing behind (leak checker). */
static void
readers_may_go_in_the_middle(void **state)
{
	for (int i = 0; i < 10; i++) {
		int fd = connect_to(*state);
		char octets[1000];

		send(fd, "GET /long" END, strlen("GET /long" END),
		     MSG_NOSIGNAL);
		assert_true(recv(fd, octets, sizeof(octets), 0) > 0);
		close(fd);
	}
	expect(*state, "GET /fine" END, "HTTP/1.1 200", NULL);
}

static void
other_paths_and_methods_are_refused(void **state)
{
	expect(*state, "GET /" END, "HTTP/1.1 404", "/fine");
	expect(*state, "GET /../etc/passwd" END, "HTTP/1.1 404", NULL);
	expect(*state, "POST /fine" END, "HTTP/1.1 405", "Allow: GET, HEAD");
	expect(*state, "DELETE /fine" END, "HTTP/1.1 405", NULL);
}

static void
long_requests_are_refused(void **state)
{
	struct text request = {0};
	char *answer;

	text_add(&request, "GET /");
	for (int i = 0; i < 3000; i++)
		text_add(&request, "xxxxxxxxxx");
	text_add(&request, END);
	answer = ask(*state, request.s);
	assert_true(strncmp(answer, "HTTP/1.1 4", 10) == 0 || !*answer);
	free(answer);
	text_free(&request);
	expect(*state, "GET /fine" END, "HTTP/1.1 200", NULL);
}

static void
garbage_and_half_requests_disturb_nobody(void **state)
{
	int half[70];

	free(ask(*state, "\x16\x03\x01 nonsense \xff\xfe\r\n\r\n"));
	for (size_t i = 0; i < 20; i++) {
		half[i] = connect_to(*state);
		send(half[i], "GET /fi", 7, MSG_NOSIGNAL);
	}
	expect(*state, "GET /fine" END, "HTTP/1.1 200", NULL);
	for (size_t i = 0; i < 20; i++)
		close(half[i]);
	expect(*state, "GET /fine" END, "HTTP/1.1 200", NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(pages_are_served),
	    TEST(head_has_no_body),
	    TEST(long_pages_come_whole),
	    TEST(broken_pages_are_not_ended),
	    TEST(readers_may_go_in_the_middle),
	    TEST(other_paths_and_methods_are_refused),
	    TEST(long_requests_are_refused),
	    TEST(garbage_and_half_requests_disturb_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
