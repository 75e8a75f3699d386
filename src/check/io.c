/* SPDX-License-Identifier: ISC */
#include "check/io.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/text.h"

/* Events taken from the kernel at once. */
#define BATCH 64

struct io_set {
	uv_poll_t poll; /* of the epoll descriptor */
	int fd;
	/* The batch being told, so that io_forget() can take from it. */
	struct epoll_event *batch; /* borrowed from the stack, or NULL */
	int batch_len;
	void (*closed)(void *arg);
	void *arg;
};

static uint32_t
epoll_events(unsigned events)
{
	return (events & IO_READ ? EPOLLIN : 0) |
	       (events & IO_WRITE ? EPOLLOUT : 0);
}

static unsigned
ready_events(uint32_t events)
{
	if (events & (EPOLLERR | EPOLLHUP))
		return IO_READ | IO_WRITE;
	return (events & EPOLLIN ? IO_READ : 0) |
	       (events & EPOLLOUT ? IO_WRITE : 0);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct io_set *set = poll->data;
	struct epoll_event batch[BATCH];
	int n = epoll_wait(set->fd, batch, BATCH, 0);

	set->batch = batch;
	set->batch_len = n;
	for (int i = 0; i < n; i++) {
		struct io_watch *watch = batch[i].data.ptr;

		if (watch)
			watch->ready(watch, ready_events(batch[i].events));
	}
	set->batch = NULL;
	set->batch_len = 0;
}

int
io_set_new(uv_loop_t *loop, struct io_set **out)
{
	struct io_set *set = xcalloc(1, sizeof(*set));
	int rc;

	*out = NULL;
	set->poll.data = set;
	set->fd = epoll_create1(EPOLL_CLOEXEC);
	if (set->fd < 0) {
		rc = -errno;
		free(set);
		return rc;
	}
	rc = uv_poll_init(loop, &set->poll, set->fd);
	if (!rc)
		rc = uv_poll_start(&set->poll, UV_READABLE, on_readable);
	if (rc) {
		close(set->fd);
		free(set);
		return rc;
	}
	*out = set;
	return 0;
}

static void
on_closed(uv_handle_t *handle)
{
	struct io_set *set = handle->data;

	set->closed(set->arg);
	free(set);
}

void
io_set_close(struct io_set *set, void (*closed)(void *arg), void *arg)
{
	set->closed = closed;
	set->arg = arg;
	uv_poll_stop(&set->poll);
	close(set->fd);
	uv_close((uv_handle_t *)&set->poll, on_closed);
}

int
io_want(struct io_set *set, struct io_watch *watch, unsigned events)
{
	struct epoll_event e = {.events = epoll_events(events),
				.data.ptr = watch};
	int op = watch->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

	if (events == watch->events)
		return 0;
	if (!events) {
		io_forget(set, watch);
		return 0;
	}
	if (epoll_ctl(set->fd, op, watch->fd, &e) < 0)
		return -errno;
	watch->events = events;
	return 0;
}

/* Events of a forgotten watch may stand further down in the same batch. */
static void
drop_from_batch(struct io_set *set, const struct io_watch *watch)
{
	for (int i = 0; i < set->batch_len; i++) {
		if (set->batch[i].data.ptr == watch)
			set->batch[i].data.ptr = NULL;
	}
}

void
io_forget(struct io_set *set, struct io_watch *watch)
{
	drop_from_batch(set, watch);
	if (watch->events)
		epoll_ctl(set->fd, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->events = 0;
}

void
io_close(struct io_set *set, struct io_watch *watch)
{
	if (watch->fd < 0)
		return;
	/* Closing takes the descriptor out of the epoll set by itself. */
	drop_from_batch(set, watch);
	watch->events = 0;
	close(watch->fd);
	watch->fd = -1;
}
