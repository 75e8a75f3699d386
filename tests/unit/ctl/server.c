/* SPDX-License-Identifier: ISC */
#include "server.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
on_wake(uv_async_t *wake)
{
	struct server *s = wake->data;

	for (; s->events > 0; s->events--)
		ctl_event(s->ctl, json_pack("{s:i, s:s}", "number", s->events,
					    "padding", s->padding));
	if (s->stop) {
		ctl_close(s->ctl, NULL, NULL);
		uv_close((uv_handle_t *)wake, NULL);
	}
}

static void
on_thread(void *arg)
{
	struct server *s = arg;

	uv_run(&s->loop, UV_RUN_DEFAULT);
}

static void
run_push(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	reply->result = json_string("taken");
}

static const struct ctl_command push_commands[] = {
    {"push", true, false, run_push},
    {0},
};

void
server_start(struct server *s, const struct ctl_command *commands,
	     const struct ctl_page *pages, void *root, int http_fd)
{
	struct ctl_settings settings = {.loop = &s->loop,
					.commands = commands,
					.push_commands = push_commands,
					.pages = pages,
					.root = root};
	int error;

	signal(SIGPIPE, SIG_IGN);
	memset(s, 0, sizeof(*s));
	memset(s->padding, 'x', sizeof(s->padding) - 1);
	snprintf(s->folder, sizeof(s->folder), "/tmp/basin-ctl-XXXXXX");
	if (!mkdtemp(s->folder))
		abort();
	snprintf(s->full, sizeof(s->full), "%s/full", s->folder);
	snprintf(s->read_only, sizeof(s->read_only), "%s/ro", s->folder);
	snprintf(s->push, sizeof(s->push), "%s/push", s->folder);
	uv_loop_init(&s->loop);
	uv_async_init(&s->loop, &s->wake, on_wake);
	s->wake.data = s;
	s->ctl = ctl_new(&settings);
	error = ctl_listen(s->ctl, s->full, s->read_only, NULL);
	assert(error == 0);
	error = ctl_listen_push(s->ctl, s->push, NULL);
	assert(error == 0);
	if (http_fd >= 0)
		error = ctl_http_start(s->ctl, &http_fd, 1);
	assert(error == 0);
	uv_thread_create(&s->thread, on_thread, s);
}

void
server_send_events(struct server *s, int n)
{
	s->events = n;
	uv_async_send(&s->wake);
}

void
server_stop(struct server *s)
{
	int error;

	s->stop = true;
	uv_async_send(&s->wake);
	uv_thread_join(&s->thread);
	error = uv_loop_close(&s->loop);
	assert(error == 0);
	/* Both socket files are gone: the folder is empty. */
	error = rmdir(s->folder);
	assert(error == 0);
}

int
server_connect(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	struct timeval limit = {.tv_sec = 30};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0)
		abort();
	return fd;
}

char *
server_read_line(int fd)
{
	struct text line = {0};
	char c;

	while (recv(fd, &c, 1, 0) == 1) {
		if (c == '\n')
			return line.s ? line.s : xstrdup("");
		text_add_n(&line, &c, 1);
	}
	text_free(&line);
	return NULL;
}
