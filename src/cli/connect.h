/* SPDX-License-Identifier: ISC */
/* Asking the daemon, with errors told to people. */
#ifndef BASIN_CLI_CONNECT_H
#define BASIN_CLI_CONNECT_H

#include "cli/command.h"

#define CONNECT_SOCKET           "/run/basin/basin.sock"
#define CONNECT_READ_ONLY_SOCKET "/run/basin/basin-ro.sock"
#define CONNECT_PUSH_SOCKET      "/run/basin/basin-push.sock"

/*
 * Opens the control socket; reads may fall back to the read-only one when the
 * full one is not permitted. NULL: complained.
 */
struct ctl_client *connect_open(struct cli *cli, bool writes);
/* The socket that takes reports, else the full one. NULL: complained. */
struct ctl_client *connect_open_push(struct cli *cli);
/* Does anybody listen on the full socket? 0 or -errno, without complaint. */
int connect_try(struct cli *cli);
/*
 * Opens, calls and closes. The result (owned), or NULL with the complaint
 * written and *code set to the exit code. Takes over `arguments`.
 */
json_t *connect_call(struct cli *cli, const char *command, json_t *arguments,
		     bool writes, int *code);
/* The same on an open connection; what the answer says is told. */
json_t *connect_ask(struct cli *cli, struct ctl_client *client,
		    const char *command, json_t *arguments, int *code);
/* A list command, page by page until `key` holds all of it. */
json_t *connect_list(struct cli *cli, const char *command, json_t *arguments,
		     const char *key, int *code);

#endif
