/* SPDX-License-Identifier: ISC */
/*
 * The sockets of all checks, watched by one epoll set that is itself one
 * descriptor of the loop. Compared with a uv_poll_t each this costs one
 * system call a run instead of five, nothing while a check is idle, and a
 * watch can be forgotten at once instead of in a later turn of the loop.
 */
#ifndef BASIN_CHECK_IO_H
#define BASIN_CHECK_IO_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define IO_READ  1U
#define IO_WRITE 2U

struct io_set;
struct io_watch;

/*
 * Called on the loop with what is ready (an error counts as both). The watch
 * may be forgotten, closed and freed in it.
 */
typedef void io_ready(struct io_watch *watch, unsigned ready);

/* Lives inside its user; zero-initialised except fd = -1 is "nothing". */
struct io_watch {
	int fd;          /* -1: none */
	unsigned events; /* 0: not in the set */
	io_ready *ready;
	void *arg; /* borrowed */
};

/* 0 or -errno. */
int io_set_new(uv_loop_t *loop, struct io_set **out)
    __attribute__((warn_unused_result));
/* The set is gone when `closed` is called, on a later turn of the loop. */
void io_set_close(struct io_set *set, void (*closed)(void *arg), void *arg);

/* Watches watch->fd for `events` (0: stops watching). 0 or -errno. */
int io_want(struct io_set *set, struct io_watch *watch, unsigned events)
    __attribute__((warn_unused_result));
/* Stops watching; the descriptor stays open and is not touched again. */
void io_forget(struct io_set *set, struct io_watch *watch);
/* Stops watching and closes watch->fd if there is one. */
void io_close(struct io_set *set, struct io_watch *watch);

#endif
