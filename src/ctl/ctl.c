/* SPDX-License-Identifier: ISC */
#include "ctl/ctl.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl/internal.h"
#include "ctl/listen.h"
#include "ctl/loader.h"
#include "ctl/session.h"

struct ctl *
ctl_new(const struct ctl_settings *s)
{
	struct ctl *ctl = xcalloc(1, sizeof(*ctl));

	ctl->settings = *s;
	TAILQ_INIT(&ctl->sessions);
	ctl->full.ctl = ctl;
	ctl->full.commands = s->commands;
	ctl->read_only.ctl = ctl;
	ctl->read_only.commands = s->commands;
	ctl->push.ctl = ctl;
	ctl->push.commands = s->push_commands;
	ctl->read_only.read_only = true;
	uv_idle_init(s->loop, &ctl->turn);
	ctl->turn.data = ctl;
	ctl->handles = 1;
	return ctl;
}

static void
on_turn(uv_idle_t *idle)
{
	struct ctl *ctl = idle->data;

	bool busy = listen_turn(&ctl->full);

	busy |= listen_turn(&ctl->read_only);
	busy |= listen_turn(&ctl->push);
	busy |= session_turn(ctl);
	if (!busy)
		uv_idle_stop(idle);
}

void
ctl_wake(struct ctl *ctl)
{
	if (!ctl->closing)
		uv_idle_start(&ctl->turn, on_turn);
}

bool
ctl_watched(const struct ctl *ctl)
{
	return ctl->streams > 0;
}

void
ctl_event(struct ctl *ctl, json_t *event)
{
	json_t *line = json_pack("{s:o}", "event", event);
	struct text text = {0};
	char *s;

	s = line && ctl_watched(ctl)
		? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(9))
		: NULL;
	if (s) {
		text_add(&text, s);
		text_add(&text, "\n");
		session_event(ctl, text.s, text.len);
	}
	text_free(&text);
	free(s);
	json_decref(line);
}

/* ---- control sockets ---- */

static int
group_id(struct ctl *ctl, const char *group, const char *option, gid_t *gid)
{
	struct group *entry;

	*gid = (gid_t)-1;
	if (!group)
		return 0;
	entry = getgrnam(group);
	if (!entry) {
		log_error(ctl->settings.log, "control",
			  "group \"%s\" of the control sockets does not "
			  "exist (see control.%s)",
			  group, option);
		return -ENOENT;
	}
	*gid = entry->gr_gid;
	return 0;
}

int
ctl_listen(struct ctl *ctl, const char *path, const char *read_only_path,
	   const char *group)
{
	gid_t gid;
	int error = group_id(ctl, group, "group", &gid);

	if (!error)
		error = listen_open(&ctl->full, path, 0660, gid);
	if (!error)
		error = listen_open(&ctl->read_only, read_only_path, 0666, gid);
	return error;
}

int
ctl_listen_push(struct ctl *ctl, const char *path, const char *group)
{
	gid_t gid;
	int error = group_id(ctl, group, "push_group", &gid);

	return error ? error : listen_open(&ctl->push, path, 0660, gid);
}

/* ---- HTTP ---- */

static void
close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(fds[i]);
}

int
ctl_http_start(struct ctl *ctl, const int *fds, size_t n)
{
	int error = 0;

	if (!ctl->http_module)
		ctl->http_module = loader_http(ctl->settings.log);
	if (!ctl->http_module) {
		close_all(fds, n);
		return -ENOENT;
	}
	ctl->http = xrealloc(ctl->http, ctl->n_http + n, sizeof(*ctl->http));
	for (size_t i = 0; i < n; i++) {
		struct ctl_http *http =
		    ctl->http_module->start(&ctl->settings, fds[i], &error);

		if (!http) {
			close_all(fds + i + 1, n - i - 1);
			break;
		}
		if (ctl->n_http < CTL_HTTP_MAX)
			ctl->http_fds[ctl->n_http] = fds[i];
		ctl->http[ctl->n_http++] = http;
		ctl->handles++;
	}
	return error;
}

static void
on_http_stopped(void *arg)
{
	ctl_handle_closed(arg);
}

/* ---- a hot upgrade ---- */

static struct listener *
listener_of(struct ctl *ctl, enum ctl_socket socket)
{
	if (socket == CTL_FULL)
		return &ctl->full;
	return socket == CTL_READ_ONLY ? &ctl->read_only : &ctl->push;
}

int
ctl_each_listener(struct ctl *ctl, ctl_listener_fn *each, void *arg)
{
	int error = 0;

	for (int s = CTL_FULL; s < CTL_HTTP && error == 0; s++) {
		const struct listener *l = listener_of(ctl, (enum ctl_socket)s);

		if (l->path)
			error = each(arg, (enum ctl_socket)s, l->path,
				     listen_descriptor(l));
	}
	for (size_t i = 0; i < ctl->n_http && i < CTL_HTTP_MAX && error == 0;
	     i++)
		error = each(arg, CTL_HTTP, "", ctl->http_fds[i]);
	return error;
}

int
ctl_adopt(struct ctl *ctl, enum ctl_socket socket, const char *path, int fd)
{
	if (socket == CTL_HTTP)
		return ctl_http_start(ctl, &fd, 1);
	return listen_adopt(listener_of(ctl, socket), path, fd);
}

/* ---- the end ---- */

void
ctl_handle_closed(struct ctl *ctl)
{
	void (*closed)(void *arg) = ctl->closed;
	void *arg = ctl->closed_arg;

	if (--ctl->handles > 0 || !ctl->closing)
		return;
	free(ctl->http);
	free(ctl);
	if (closed)
		closed(arg);
}

static void
on_turn_closed(uv_handle_t *handle)
{
	ctl_handle_closed(handle->data);
}

void
ctl_close(struct ctl *ctl, void (*closed)(void *arg), void *arg)
{
	ctl->closing = true;
	ctl->closed = closed;
	ctl->closed_arg = arg;
	session_close_all(ctl);
	listen_close(&ctl->full);
	listen_close(&ctl->read_only);
	listen_close(&ctl->push);
	for (size_t i = 0; i < ctl->n_http; i++)
		ctl->http_module->stop(ctl->http[i], on_http_stopped, ctl);
	uv_close((uv_handle_t *)&ctl->turn, on_turn_closed);
}
