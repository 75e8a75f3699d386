/* SPDX-License-Identifier: ISC */
#include "check/http_match.h"

#include <ctype.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text.h"
#include "check/http_judge.h"

/* Matching time grows with the square of this. */
#define SHORT_BODY 1024

/* Held by the check and by the thread; the last one frees it. */
struct http_match {
	atomic_int holders;
	atomic_bool done;
	int fd;           /* owned; an eventfd */
	char *pattern;    /* owned */
	struct text body; /* owned */
	int rc;           /* valid once done */
};

/* Back references make the time exponential. */
static bool
refers_back(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern != '\\')
			continue;
		pattern++;
		if (!*pattern)
			return false;
		if (isdigit((unsigned char)*pattern))
			return true;
	}
	return false;
}

bool
http_match_is_short(const char *pattern, size_t body_len)
{
	return body_len <= SHORT_BODY && !refers_back(pattern);
}

void
http_match_drop(struct http_match *m)
{
	if (!m || atomic_fetch_sub(&m->holders, 1) > 1)
		return;
	close(m->fd);
	free(m->pattern);
	text_free(&m->body);
	free(m);
}

static void *
match_in_thread(void *arg)
{
	struct http_match *m = arg;
	const uint64_t one = 1;
	ssize_t told;

	m->rc = http_judge_match(m->pattern, text_str(&m->body), m->body.len);
	atomic_store(&m->done, true);
	/* An eventfd at zero always takes one. */
	told = write(m->fd, &one, sizeof(one));
	(void)told;
	http_match_drop(m);
	return NULL;
}

/* A detached thread that no signal is delivered to. */
static bool
start_thread(struct http_match *m)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, match_in_thread, m);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc == 0;
}

struct http_match *
http_match_start(const char *pattern, struct text *body)
{
	struct http_match *m;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return NULL;
	m = xcalloc(1, sizeof(*m));
	m->fd = fd;
	m->pattern = xstrdup(pattern);
	m->body = *body;
	*body = (struct text){0};
	atomic_store(&m->holders, 2);
	if (start_thread(m))
		return m;
	atomic_store(&m->holders, 1);
	http_match_drop(m);
	return NULL;
}

int
http_match_fd(const struct http_match *m)
{
	return m->fd;
}

bool
http_match_done(const struct http_match *m, int *rc)
{
	if (!atomic_load(&m->done))
		return false;
	*rc = m->rc;
	return true;
}

const struct text *
http_match_body(const struct http_match *m)
{
	return &m->body;
}
