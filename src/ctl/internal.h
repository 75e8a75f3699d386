/* SPDX-License-Identifier: ISC */
/* What the files of ctl/ share and nobody else sees. */
#ifndef BASIN_CTL_INTERNAL_H
#define BASIN_CTL_INTERNAL_H

#include <sys/queue.h>

#include "ctl/ctl.h"
#include "ctl/http.h"

/* Clients of one socket; the read-only one cannot starve the full one. */
#define CTL_CLIENTS_MAX 64

struct session;
TAILQ_HEAD(session_list, session);

struct listener {
	uv_pipe_t pipe;
	struct ctl *ctl;                    /* borrowed */
	const struct ctl_command *commands; /* borrowed */
	bool read_only;
	bool open;
	size_t clients;
	uint64_t turn;  /* the loop's time when it last accepted */
	unsigned taken; /* connections in that turn */
	bool waiting;   /* one more is there, for the next turn */
	char *path;     /* owned; NULL when never bound */
	struct log_limit refused;
};

struct ctl {
	struct ctl_settings settings;
	struct listener full, read_only, push;
	struct session_list sessions;
	size_t streams; /* sessions that want events */
	/* Turns while a session has a request; each turn runs a few. */
	uv_idle_t turn;
	const struct ctl_http_module *http_module; /* NULL: not loaded */
	struct ctl_http **http; /* owned array; one a descriptor */
	size_t n_http;
	int http_fds[CTL_HTTP_MAX]; /* borrowed from those */
	size_t handles; /* libuv handles (and HTTP servers) still open */
	bool closing;
	void (*closed)(void *arg);
	void *closed_arg;
	char scratch[16384]; /* what is read before it is a session's */
};

/* A handle of this ctl is closed; the last one frees ctl when closing. */
void ctl_handle_closed(struct ctl *ctl);
/* A session has a request to run. */
void ctl_wake(struct ctl *ctl);

#endif
