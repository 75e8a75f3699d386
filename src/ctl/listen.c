/* SPDX-License-Identifier: ISC */
#include "ctl/listen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/session.h"

#define BACKLOG 64
/* Taken from one socket: each costs some 50 microseconds. */
#define CONNECTIONS_A_TURN 8

static int
address_of(const char *path, struct sockaddr_un *sun)
{
	*sun = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(path) >= sizeof(sun->sun_path))
		return -ENAMETOOLONG;
	memcpy(sun->sun_path, path, strlen(path) + 1);
	return 0;
}

/* A file in the way: removed when it is a socket nobody listens on. */
static int
clear_stale(int fd, const struct sockaddr_un *sun)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0)
		return -EADDRINUSE;
	/* EAGAIN: somebody listens, but is busy. */
	if (errno != ECONNREFUSED)
		return errno == EAGAIN ? -EADDRINUSE : -errno;
	return unlink(sun->sun_path) < 0 && errno != ENOENT ? -errno : 0;
}

static int
new_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

static int
probe(const struct sockaddr_un *sun)
{
	int fd = new_socket();
	int error;

	if (fd < 0)
		return fd;
	error = clear_stale(fd, sun);
	close(fd);
	return error;
}

/* Nobody may connect before mode and group are what they shall be. */
static int
bind_closed(int fd, const struct sockaddr_un *sun, mode_t mode, gid_t gid)
{
	mode_t old = umask(0777);
	int error = 0;

	if (bind(fd, (const struct sockaddr *)sun, sizeof(*sun)) < 0)
		error = -errno;
	umask(old);
	if (error)
		return error;
	if (gid != (gid_t)-1 && chown(sun->sun_path, (uid_t)-1, gid) < 0)
		return -errno;
	return chmod(sun->sun_path, mode) < 0 ? -errno : 0;
}

/*
 * libuv goes on for as long as there are connections, and somebody may make
 * them faster than they are taken. One that is left alone stops it: the next
 * turn takes it.
 */
static void
on_connection(uv_stream_t *stream, int status)
{
	struct listener *listener = stream->data;
	uint64_t turn = uv_now(listener->ctl->settings.loop);

	if (status != 0)
		return;
	if (turn != listener->turn)
		listener->taken = 0;
	listener->turn = turn;
	if (listener->taken++ < CONNECTIONS_A_TURN) {
		session_accept(listener);
		return;
	}
	listener->waiting = true;
	ctl_wake(listener->ctl);
}

bool
listen_turn(struct listener *listener)
{
	if (!listener->waiting || !listener->open)
		return false;
	listener->waiting = false;
	listener->taken = 0;
	session_accept(listener);
	return true;
}

static void
on_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	ctl_handle_closed(listener->ctl);
}

static int
listen_on(struct listener *listener, int fd)
{
	struct ctl *ctl = listener->ctl;
	int error;

	uv_pipe_init(ctl->settings.loop, &listener->pipe, 0);
	listener->pipe.data = listener;
	listener->open = true;
	ctl->handles++;
	error = uv_pipe_open(&listener->pipe, fd);
	if (error) {
		close(fd);
		return error;
	}
	return uv_listen((uv_stream_t *)&listener->pipe, BACKLOG,
			 on_connection);
}

static const char *
explain(int error)
{
	if (error == -EADDRINUSE)
		return "another basind answers on it";
	if (error == -EEXIST)
		return "a file that is no socket is in the way";
	return strerror(-error);
}

int
listen_open(struct listener *listener, const char *path, mode_t mode, gid_t gid)
{
	struct sockaddr_un sun;
	int fd = -1;
	int error = address_of(path, &sun);

	if (!error)
		error = probe(&sun);
	if (!error) {
		fd = new_socket();
		error = fd < 0 ? fd : bind_closed(fd, &sun, mode, gid);
	}
	if (!error) {
		listener->path = xstrdup(path);
		error = listen_on(listener, fd);
	} else if (fd >= 0) {
		close(fd);
	}
	if (error)
		log_error(listener->ctl->settings.log, "control",
			  "cannot listen on %s: %s", path, explain(error));
	return error;
}

int
listen_adopt(struct listener *listener, const char *path, int fd)
{
	listener->path = xstrdup(path);
	return listen_on(listener, fd);
}

int
listen_descriptor(const struct listener *listener)
{
	uv_os_fd_t fd;

	if (!listener->open ||
	    uv_fileno((const uv_handle_t *)&listener->pipe, &fd) != 0)
		return -1;
	return fd;
}

void
listen_close(struct listener *listener)
{
	if (listener->path)
		unlink(listener->path);
	free(listener->path);
	listener->path = NULL;
	if (!listener->open)
		return;
	listener->open = false;
	uv_close((uv_handle_t *)&listener->pipe, on_closed);
}
