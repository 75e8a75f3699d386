/* SPDX-License-Identifier: ISC */
/*
 * Lines of a daemon that is none: the client reads them and the program shows
 * them by every way it has. Nothing in them moves the reader's cursor.
 */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/render.h"
#include "ctl/ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static struct sockaddr_un address = {.sun_family = AF_UNIX};
static int listener = -1;

static void
clean_up(void)
{
	unlink(address.sun_path);
}

static void
prepare(void)
{
	if (listener >= 0)
		return;
	snprintf(address.sun_path, sizeof(address.sun_path),
		 "/tmp/basin-fuzz-answer-%d.sock", (int)getpid());
	unlink(address.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (void *)&address, sizeof(address)) != 0 ||
	    listen(listener, 4) != 0)
		abort();
	atexit(clean_up);
}

/* A client whose answers are there already, and then the end. */
static struct ctl_client *
client_of(const uint8_t *octets, size_t n)
{
	struct ctl_client *client;
	int fd;

	assert(ctl_client_open(address.sun_path, &client) == 0);
	fd = accept(listener, NULL, NULL);
	assert(fd >= 0);
	send(fd, octets, n, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(fd);
	return client;
}

static void (*const renders[])(struct cli *, const json_t *) = {
    render_status, render_services,  render_services_brief,
    render_checks, render_prefixes,  render_peers,
    render_routes, render_addresses, render_events,
    render_event,  render_why,
};

static void
show_all(struct cli *cli, const json_t *line)
{
	const json_t *result = json_object_get(line, "result");

	for (size_t i = 0; i < ARRAY_LEN(renders); i++)
		renders[i](cli, result ? result : line);
}

static void
talk(struct cli *cli, struct ctl_client *client)
{
	json_t *line;
	int code, error;

	json_decref(connect_ask(cli, client, "status", NULL, &code));
	while ((error = ctl_client_next(client, 0, &line)) == 0) {
		show_all(cli, line);
		json_decref(line);
	}
	assert(error == -EPIPE || error == -EPROTO || error == -ECONNRESET ||
	       error == -EMSGSIZE);
}

static void
check_shown(const char *s, size_t n)
{
	assert(strlen(s) == n);
	for (; *s; s++)
		assert(((uint8_t)*s >= 0x20 && *s != 0x7f) || *s == '\n');
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct ctl_client *client;
	char *shown = NULL;
	struct cli cli = {0};
	size_t size;

	prepare();
	client = client_of(octets, n);
	cli.out = cli.err = open_memstream(&shown, &size);
	assert(cli.out);
	talk(&cli, client);
	fclose(cli.out);
	ctl_client_close(client);
	check_shown(shown, size);
	free(shown);
	return 0;
}
