/* SPDX-License-Identifier: ISC */
/*
 * The HTTP server: libmicrohttpd without a thread of its own. Its epoll
 * descriptor is watched by our loop; one server per listening descriptor.
 * GET and HEAD of known paths, nothing else: what the network sends reaches
 * no more of the daemon than the choice of a page.
 */
#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/http.h"

#define CONNECTIONS_MAX    64
#define CONNECTIONS_OF_ONE 32 /* from one address: leaves room for others */
#define TIMEOUT_S          10
#define REQUEST_OCTETS     16384 /* of one connection: line and headers */
#define PIECE_OCTETS       16384 /* copied to a connection at once */
#define CONTENT_TYPE_TEXT  "text/plain; charset=utf-8"

struct ctl_http {
	struct ctl_settings settings;
	struct MHD_Daemon *daemon; /* owned */
	uv_poll_t poll;
	uv_timer_t timer;
	uv_idle_t again;  /* work that waits for nothing: the next turn */
	unsigned handles; /* of the three above, still open */
	void (*stopped)(void *arg);
	void *stopped_arg;
};

extern const struct ctl_http_module ctl_http_module;

/* ---- answers ---- */

/* Adds the headers, queues and gives up the response. */
static enum MHD_Result
queue(struct MHD_Connection *connection, unsigned status, const char *type,
      struct MHD_Response *response)
{
	enum MHD_Result result;

	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL,
				"no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW,
					"GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *type,
       struct text *body)
{
	struct MHD_Response *response;

	response = MHD_create_response_from_buffer(body->len, body->s,
						   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		text_free(body);
		return MHD_NO;
	}
	*body = (struct text){0};
	return queue(connection, status, type, response);
}

/* ---- answers in pieces ---- */

struct stream {
	const struct ctl_page *page; /* borrowed */
	void *state;                 /* of the page */
	struct text piece;
	size_t taken; /* octets of the piece already sent */
	bool last;
};

static ssize_t
on_want(void *arg, uint64_t position, char *buf, size_t max)
{
	struct stream *s = arg;
	size_t n;

	while (s->taken == s->piece.len && !s->last) {
		int more;

		text_clear(&s->piece);
		s->taken = 0;
		more = s->page->more(s->state, &s->piece);
		if (more < 0)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		s->last = more == 0;
	}
	n = s->piece.len - s->taken;
	if (n == 0)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (n > max)
		n = max;
	memcpy(buf, s->piece.s + s->taken, n);
	s->taken += n;
	return (ssize_t)n;
}

static void
on_end(void *arg)
{
	struct stream *s = arg;

	s->page->end(s->state);
	text_free(&s->piece);
	free(s);
}

static enum MHD_Result
answer_in_pieces(struct MHD_Connection *connection, const struct ctl_page *page,
		 void *root)
{
	struct stream *s = xcalloc(1, sizeof(*s));
	struct MHD_Response *response;

	s->page = page;
	s->state = page->begin(root);
	response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, PIECE_OCTETS, on_want, s, on_end);
	if (!response) {
		on_end(s);
		return MHD_NO;
	}
	return queue(connection, MHD_HTTP_OK, page->content_type, response);
}

static enum MHD_Result
answer_not_found(struct MHD_Connection *connection,
		 const struct ctl_page *pages)
{
	struct text body = {0};

	text_add(&body, "Not here. This is basin; it has:\n");
	for (; pages->path; pages++)
		text_addf(&body, "  %s\n", pages->path);
	return answer(connection, MHD_HTTP_NOT_FOUND, CONTENT_TYPE_TEXT, &body);
}

static enum MHD_Result
answer_page(struct MHD_Connection *connection, const struct ctl_settings *s,
	    const char *path)
{
	const struct ctl_page *page = s->pages;
	struct text body = {0};
	unsigned status;

	while (page->path && strcmp(page->path, path) != 0)
		page++;
	if (!page->path)
		return answer_not_found(connection, s->pages);
	if (!page->render)
		return answer_in_pieces(connection, page, s->root);
	status = page->render(s->root, &body);
	if (!body.s)
		text_add(&body, "");
	return answer(connection, status, page->content_type, &body);
}

static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *path,
	   const char *method, const char *version, const char *upload,
	   size_t *upload_size, void **state)
{
	const struct ctl_http *http = arg;
	struct text body = {0};

	/* First call: the headers are there. Wait for the request's end. */
	if (!*state) {
		*state = (void *)http;
		if (strcmp(method, MHD_HTTP_METHOD_GET) == 0 ||
		    strcmp(method, MHD_HTTP_METHOD_HEAD) == 0)
			return MHD_YES;
		text_add(&body, "Only GET and HEAD.\n");
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      CONTENT_TYPE_TEXT, &body);
	}
	if (*upload_size > 0)
		return MHD_NO; /* a GET with a body: closed */
	return answer_page(connection, &http->settings, path);
}

/* ---- driven by our loop ---- */

static void on_timer(uv_timer_t *timer);
static void on_again(uv_idle_t *idle);

static void
run(struct ctl_http *http)
{
	MHD_UNSIGNED_LONG_LONG ms;

	MHD_run(http->daemon);
	uv_timer_stop(&http->timer);
	uv_idle_stop(&http->again);
	if (MHD_get_timeout(http->daemon, &ms) != MHD_YES)
		return;
	/* A timer of 0 ms would run again within the same turn. */
	if (ms == 0)
		uv_idle_start(&http->again, on_again);
	else
		uv_timer_start(&http->timer, on_timer, ms, 0);
}

static void
on_again(uv_idle_t *idle)
{
	run(idle->data);
}

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	run(poll->data);
}

static struct MHD_Daemon *
start_daemon(struct ctl_http *http, int fd)
{
	return MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, on_request, http,
	    MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd,
	    MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
	    MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_OF_ONE,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)REQUEST_OCTETS,
	    MHD_OPTION_END);
}

static int
attach(struct ctl_http *http)
{
	const union MHD_DaemonInfo *info;
	int error;

	info = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info)
		return -ENOTSUP;
	error = uv_poll_init(http->settings.loop, &http->poll, info->epoll_fd);
	if (error)
		return error;
	http->poll.data = http;
	uv_timer_init(http->settings.loop, &http->timer);
	http->timer.data = http;
	uv_idle_init(http->settings.loop, &http->again);
	http->again.data = http;
	http->handles = 3;
	return uv_poll_start(&http->poll, UV_READABLE, on_poll);
}

static void http_stop(struct ctl_http *http, void (*stopped)(void *arg),
		      void *arg);

static struct ctl_http *
http_start(const struct ctl_settings *s, int fd, int *error)
{
	struct ctl_http *http = xcalloc(1, sizeof(*http));

	http->settings = *s;
	http->daemon = start_daemon(http, fd);
	if (!http->daemon) {
		close(fd);
		free(http);
		*error = -EIO;
		log_error(s->log, "http", "the server cannot be started");
		return NULL;
	}
	*error = attach(http);
	if (*error == 0)
		return http;
	log_error(s->log, "http", "the server cannot be watched: %s",
		  strerror(-*error));
	http_stop(http, NULL, NULL);
	return NULL;
}

static void
on_closed(uv_handle_t *handle)
{
	struct ctl_http *http = handle->data;
	void (*stopped)(void *arg) = http->stopped;
	void *arg = http->stopped_arg;

	if (--http->handles > 0)
		return;
	MHD_stop_daemon(http->daemon);
	free(http);
	if (stopped)
		stopped(arg);
}

static void
http_stop(struct ctl_http *http, void (*stopped)(void *arg), void *arg)
{
	http->stopped = stopped;
	http->stopped_arg = arg;
	if (http->handles == 0) { /* never attached */
		MHD_stop_daemon(http->daemon);
		free(http);
		return;
	}
	uv_close((uv_handle_t *)&http->poll, on_closed);
	uv_close((uv_handle_t *)&http->timer, on_closed);
	uv_close((uv_handle_t *)&http->again, on_closed);
}

__attribute__((visibility("default")))
const struct ctl_http_module ctl_http_module = {
    .abi = CTL_HTTP_ABI,
    .start = http_start,
    .stop = http_stop,
};
