/* SPDX-License-Identifier: ISC */
/* The other end of the control protocol: blocking, for the command line. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/time.h"
#include "ctl/ctl.h"

#define CALL_LIMIT_MS 10000
/* Octets of an answer; lists come in pages far below. */
#define ANSWER_MAX (16 << 20)

struct ctl_client {
	int fd;
	struct text input;
	size_t seen; /* octets of input that hold no end of line */
};

int
ctl_client_open(const char *path, struct ctl_client **out)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd, error;

	if (strlen(path) >= sizeof(sun.sun_path))
		return -ENAMETOOLONG;
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	*out = xcalloc(1, sizeof(**out));
	(*out)->fd = fd;
	return 0;
}

/* Milliseconds left until `limit`; -1 for ever. */
static int
left_ms(struct mono limit)
{
	struct dur left;

	if (mono_is_never(limit))
		return -1;
	left = mono_sub(limit, mono_now());
	return left.ns <= 0 ? 0 : (int)(left.ns / 1000000 + 1);
}

static int
wait_for(int fd, short events, struct mono limit)
{
	struct pollfd p = {.fd = fd, .events = events};
	int n;

	do
		n = poll(&p, 1, left_ms(limit));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static int
send_all(struct ctl_client *c, const char *octets, size_t n, struct mono limit)
{
	while (n > 0) {
		int error = wait_for(c->fd, POLLOUT, limit);
		ssize_t sent;

		if (error)
			return error;
		sent = send(c->fd, octets, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (sent > 0) {
			octets += sent;
			n -= (size_t)sent;
		}
	}
	return 0;
}

/* Reads more; -EPIPE at the end of the stream. */
static int
read_more(struct ctl_client *c, struct mono limit)
{
	char octets[65536];
	ssize_t n;
	int error = wait_for(c->fd, POLLIN, limit);

	if (error)
		return error;
	n = recv(c->fd, octets, sizeof(octets), MSG_DONTWAIT);
	if (n == 0)
		return -EPIPE;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	text_add_n(&c->input, octets, (size_t)n);
	return 0;
}

static char *
end_of_line(struct ctl_client *c)
{
	char *end;

	if (c->input.len == c->seen)
		return NULL;
	end = memchr(c->input.s + c->seen, '\n', c->input.len - c->seen);
	if (!end)
		c->seen = c->input.len;
	return end;
}

static int
next_line(struct ctl_client *c, struct mono limit, json_t **out)
{
	size_t n, rest;
	char *end;

	while ((end = end_of_line(c)) == NULL) {
		int error =
		    c->input.len > ANSWER_MAX ? -EMSGSIZE : read_more(c, limit);

		if (error)
			return error;
	}
	n = (size_t)(end - c->input.s);
	rest = c->input.len - n - 1;
	*out = json_loadb(c->input.s, n, 0, NULL);
	memmove(c->input.s, end + 1, rest);
	c->input.len = rest;
	c->seen = 0;
	return *out ? 0 : -EPROTO;
}

int
ctl_client_call(struct ctl_client *c, const char *command, json_t *arguments,
		json_t **answer)
{
	struct mono limit = mono_add(mono_now(), dur_ms(CALL_LIMIT_MS));
	json_t *request = json_object();
	struct text line = {0};
	char *s;
	int error;

	json_object_set_new(request, "command", json_string(command));
	if (arguments)
		json_object_set_new(request, "arguments", arguments);
	s = json_dumps(request, JSON_COMPACT | JSON_REAL_PRECISION(9));
	json_decref(request);
	if (!s)
		return -EINVAL;
	text_add(&line, s);
	text_add(&line, "\n");
	free(s);
	error = line.len > CTL_REQUEST_MAX
		    ? -EMSGSIZE
		    : send_all(c, line.s, line.len, limit);
	text_free(&line);
	/* A refusal may be there although the request could not be sent. */
	if (error && error != -EPIPE && error != -ECONNRESET)
		return error;
	return next_line(c, limit, answer);
}

int
ctl_client_next(struct ctl_client *c, int timeout_ms, json_t **event)
{
	struct mono limit = timeout_ms < 0
				? MONO_NEVER
				: mono_add(mono_now(), dur_ms(timeout_ms));

	return next_line(c, limit, event);
}

void
ctl_client_close(struct ctl_client *c)
{
	if (!c)
		return;
	close(c->fd);
	text_free(&c->input);
	free(c);
}
