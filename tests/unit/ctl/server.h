/* SPDX-License-Identifier: ISC */
/*
 * A control server on a loop in a thread of its own, with canned commands, so
 * that tests talk to it from outside as programs do.
 */
#ifndef BASIN_TESTS_UNIT_CTL_SERVER_H
#define BASIN_TESTS_UNIT_CTL_SERVER_H

#include "ctl/ctl.h"

struct server {
	uv_loop_t loop;
	uv_thread_t thread;
	uv_async_t wake;
	struct ctl *ctl;
	char folder[64];
	char full[96], read_only[96], push[96];
	/* What the next wake does, in the loop's thread. */
	int events; /* event lines to send, about 1000 octets each */
	char padding[1000];
	bool stop;
};

/* Listens in a new temporary folder; http_fd < 0: no HTTP. */
void server_start(struct server *s, const struct ctl_command *commands,
		  const struct ctl_page *pages, void *root, int http_fd);
void server_send_events(struct server *s, int n);
void server_stop(struct server *s);
/* A connected stream socket, with a receive limit of 30 seconds. */
int server_connect(const char *path);
/* Reads one line; NULL at the end of the stream. Free it. */
char *server_read_line(int fd);

#endif
