/* SPDX-License-Identifier: ISC */
#include "sys/pidfd.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/text.h"

struct pidfd {
	uv_poll_t poll;
	int fd;
	pid_t pid;
	pidfd_ended *ended;
	void *arg;
};

static void
on_poll(uv_poll_t *poll, int status, int events)
{
	struct pidfd *p = poll->data;

	uv_poll_stop(poll);
	p->ended(p->arg, p);
}

/* Of whole processes: pidfd_open(2) refuses a thread. */
static int
open_live(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ready = {fd, POLLIN, 0};

	if (fd < 0)
		return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
	if (poll(&ready, 1, 0) == 0)
		return fd;
	close(fd);
	return -ESRCH;
}

struct pidfd *
pidfd_hold(uv_loop_t *loop, pid_t pid, pidfd_ended *ended, void *arg,
	   int *error)
{
	int fd = open_live(pid);
	struct pidfd *p;

	*error = fd < 0 ? fd : 0;
	if (fd < 0)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	*p = (struct pidfd){.fd = fd, .pid = pid, .ended = ended, .arg = arg};
	*error = uv_poll_init(loop, &p->poll, fd);
	if (*error != 0) {
		close(fd);
		free(p);
		return NULL;
	}
	p->poll.data = p;
	uv_poll_start(&p->poll, UV_READABLE, on_poll);
	return p;
}

static void
on_closed(uv_handle_t *handle)
{
	struct pidfd *p = handle->data;

	close(p->fd);
	free(p);
}

void
pidfd_drop(struct pidfd *p)
{
	uv_close((uv_handle_t *)&p->poll, on_closed);
}

pid_t
pidfd_pid(const struct pidfd *p)
{
	return p->pid;
}
