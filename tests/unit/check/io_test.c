/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "check/io.h"

struct pair {
	struct io_watch watch;
	int peer;
	unsigned ready, calls;
	struct io_set *set;
	struct pair *other; /* closed by the callback when not NULL */
};

static void
on_ready(struct io_watch *watch, unsigned ready)
{
	struct pair *pair = watch->arg;

	pair->ready |= ready;
	pair->calls++;
	if (pair->other)
		io_close(pair->set, &pair->other->watch);
}

static void
open_pair(struct pair *p, struct io_set *set)
{
	int fds[2];

	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	*p = (struct pair){
	    .watch = {fds[0], 0, on_ready, p}, .peer = fds[1], .set = set};
}

static void
close_pair(struct pair *p)
{
	io_close(p->set, &p->watch);
	close(p->peer);
}

static void
count(void *arg)
{
	++*(int *)arg;
}

static void
end(uv_loop_t *loop, struct io_set *set)
{
	int closed = 0;

	io_set_close(set, count, &closed);
	uv_run(loop, UV_RUN_DEFAULT);
	assert_int_equal(closed, 1);
	assert_int_equal(uv_loop_close(loop), 0);
}

static void
what_is_wanted_is_told(void **state)
{
	struct io_set *set;
	struct pair p;
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(io_set_new(&loop, &set), 0);
	open_pair(&p, set);
	assert_int_equal(io_want(set, &p.watch, IO_READ), 0);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(p.calls, 0);
	assert_int_equal(write(p.peer, "x", 1), 1);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(p.ready, IO_READ);
	p.ready = 0;
	assert_int_equal(io_want(set, &p.watch, IO_WRITE), 0);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(p.ready, IO_WRITE);
	p.calls = 0;
	assert_int_equal(io_want(set, &p.watch, 0), 0);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(p.calls, 0);
	close_pair(&p);
	end(&loop, set);
}

static void
a_peer_that_went_is_readable_and_writable(void **state)
{
	struct io_set *set;
	struct pair p;
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(io_set_new(&loop, &set), 0);
	open_pair(&p, set);
	assert_int_equal(io_want(set, &p.watch, IO_READ), 0);
	close(p.peer);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(p.ready, IO_READ | IO_WRITE);
	io_close(set, &p.watch);
	assert_int_equal(p.watch.fd, -1);
	end(&loop, set);
}

/* Both are ready in one batch; whichever is told first closes the other. */
static void
a_watch_closed_by_another_is_not_told(void **state)
{
	struct io_set *set;
	struct pair a, b;
	uv_loop_t loop;

	uv_loop_init(&loop);
	assert_int_equal(io_set_new(&loop, &set), 0);
	open_pair(&a, set);
	open_pair(&b, set);
	a.other = &b;
	b.other = &a;
	assert_int_equal(io_want(set, &a.watch, IO_READ), 0);
	assert_int_equal(io_want(set, &b.watch, IO_READ), 0);
	assert_int_equal(write(a.peer, "x", 1), 1);
	assert_int_equal(write(b.peer, "x", 1), 1);
	uv_run(&loop, UV_RUN_NOWAIT);
	assert_int_equal(a.calls + b.calls, 1);
	close_pair(&a);
	close_pair(&b);
	end(&loop, set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_wanted_is_told),
	    cmocka_unit_test(a_peer_that_went_is_readable_and_writable),
	    cmocka_unit_test(a_watch_closed_by_another_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
