/* SPDX-License-Identifier: ISC */
#include "check/aside.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text.h"

/* Held by the check and by the thread; the last one frees it. */
struct aside {
	atomic_int holders;
	atomic_bool done;
	int fd; /* owned; an eventfd */
	void (*work)(void *job);
	void (*free_job)(void *job);
	void *job; /* owned; the thread's until done */
};

void
aside_drop(struct aside *a)
{
	if (!a || atomic_fetch_sub(&a->holders, 1) > 1)
		return;
	close(a->fd);
	a->free_job(a->job);
	free(a);
}

static void *
work_in_thread(void *arg)
{
	struct aside *a = arg;
	const uint64_t one = 1;
	ssize_t told;

	a->work(a->job);
	atomic_store(&a->done, true);
	/* An eventfd at zero always takes one. */
	told = write(a->fd, &one, sizeof(one));
	(void)told;
	aside_drop(a);
	return NULL;
}

/* A detached thread that no signal is delivered to. */
static bool
start_thread(struct aside *a)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, work_in_thread, a);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

struct aside *
aside_start(void (*work)(void *job), void (*free_job)(void *job), void *job)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct aside *a;

	if (fd < 0)
		return NULL;
	a = xcalloc(1, sizeof(*a));
	a->fd = fd;
	a->work = work;
	a->free_job = free_job;
	a->job = job;
	atomic_store(&a->holders, 2);
	if (start_thread(a))
		return a;
	close(fd);
	free(a);
	return NULL;
}

int
aside_fd(const struct aside *a)
{
	return a->fd;
}

void *
aside_done(const struct aside *a)
{
	return atomic_load(&a->done) ? a->job : NULL;
}
