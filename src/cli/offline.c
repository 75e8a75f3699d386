/* SPDX-License-Identifier: ISC */
/*
 * offline and online. They must work on a node that is broken: when no daemon
 * answers, the state it reads at its next start is changed in its place.
 */
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/render.h"
#include "cli/run.h"
#include "cli/table.h"
#include "conf/conf.h"
#include "ctl/ctl.h"
#include "drains/drains.h"

#define CONFIGURATION "/etc/basin/basin.yaml"
#define REASON_MAX    200 /* octets, as the daemon has it */

struct offline {
	struct cli *cli;
	bool on;
	const char *reason;
	const char *config, *state; /* options, NULL when not given */
};

/* ---- without a daemon ---- */

/* Owned; NULL: complained. */
static char *
state_directory(const struct offline *o)
{
	const char *path = o->config ? o->config : CONFIGURATION;
	struct text messages = {0};
	struct conf *conf;
	char *found = NULL;

	if (o->state)
		return xstrdup(o->state);
	if (conf_load(path, &conf, &messages) == 0) {
		found = xstrdup(conf->state_directory);
		conf_free(conf);
	} else {
		command_complain(
		    o->cli,
		    "no daemon answers, and where its state lies could not be "
		    "read from %s:\n%sbasin %s --state DIRECTORY says it "
		    "(usually /var/lib/basin)",
		    path, text_str(&messages), o->on ? "offline" : "online");
	}
	text_free(&messages);
	return found;
}

static const char *
caller(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw ? pw->pw_name : "somebody";
}

/* 0, or -errno; -ENOENT: it is not offline. */
static int
change(const struct offline *o, struct drains *drains,
       const struct drains_clock *clock)
{
	char safe[REASON_MAX * 4 + 8];
	struct drain d = {.target = AVAIL_NODE,
			  .name = DRAINS_OFFLINE,
			  .who = caller(),
			  .since = clock->wall,
			  .expires = MONO_NEVER,
			  .phase = DRAIN_DRAINED,
			  .limit = clock->mono};
	int error;

	if (o->on) {
		d.reason = text_escape(o->reason, strlen(o->reason), safe,
				       sizeof(safe));
		drains_put(drains, &d);
	} else {
		error = drains_remove(drains, AVAIL_NODE, DRAINS_OFFLINE);
		if (error != 0)
			return error;
	}
	return drains_store(drains, clock);
}

/* The daemon's user reads it: whose the directory is, that is whose. */
static void
give_to_owner(const char *directory, const char *file)
{
	struct stat st;

	if (stat(directory, &st) == 0 &&
	    lchown(file, st.st_uid, st.st_gid) != 0)
		return; /* the daemon says so at its start, and stays silent */
}

static int
complain_stored(const struct offline *o, const char *file, int error)
{
	if (error == -ENOENT && !o->on)
		command_complain(o->cli, "the node is not offline (%s)", file);
	else
		command_complain(
		    o->cli,
		    "no daemon answers, and %s could not be "
		    "written: %s%s",
		    file, strerror(-error),
		    error == -EACCES || error == -EPERM ? "; try as root" : "");
	return COMMAND_NOT_FINE;
}

static void
say_stored(const struct offline *o, const char *file)
{
	if (o->cli->json) {
		json_t *object =
		    json_pack("{s:b, s:s}", "offline", o->on, "stored", file);

		render_json(o->cli, object);
		json_decref(object);
		return;
	}
	table_say(o->cli->out, o->cli->colour, TABLE_PLAIN,
		  o->on ? "no daemon answers: stored in %s that this node is "
			  "offline. basind announces nothing when it starts, "
			  "until basin online --reason TEXT"
			: "no daemon answers: stored in %s that this node is "
			  "online again when basind starts",
		  file);
	fputc('\n', o->cli->out);
}

static int
store(const struct offline *o)
{
	struct drains_clock clock = drains_clock();
	char *directory = state_directory(o);
	struct text why = {0};
	struct drains *drains;
	int code = COMMAND_NOT_FINE, error;

	if (!directory)
		return code;
	if (drains_open(directory, &clock, &drains, &why) != 0) {
		command_complain(o->cli, "%s", text_str(&why));
	} else {
		error = change(o, drains, &clock);
		if (error == 0) {
			give_to_owner(directory, drains_path(drains));
			say_stored(o, drains_path(drains));
			code = COMMAND_FINE;
		} else {
			code = complain_stored(o, drains_path(drains), error);
		}
		drains_free(drains);
	}
	text_free(&why);
	free(directory);
	return code;
}

/* ---- with one ---- */

static void
say_moved(struct cli *cli, const json_t *result)
{
	fputs(json_is_true(json_object_get(result, "offline"))
		  ? "the node is offline: withdrawn, sessions closed, service "
		    "addresses go; until basin online --reason TEXT\n"
		  : "the node is online again\n",
	      cli->out);
}

static int
ask(const struct offline *o)
{
	return run_order(o->cli, o->on ? "offline" : "online",
			 json_pack("{s:s}", "reason", o->reason), say_moved);
}

/* Nobody listens: no file, or one that its daemon left behind. */
static bool
nobody_there(const struct offline *o)
{
	int error = connect_try(o->cli);

	return error == -ENOENT || error == -ECONNREFUSED;
}

int
offline_run(struct cli *cli, const struct invocation *in)
{
	struct offline o = {.cli = cli,
			    .on = strcmp(in->command->name, "offline") == 0,
			    .reason = command_option(in, "reason"),
			    .config = command_option(in, "config"),
			    .state = command_option(in, "state")};
	int code;

	if (!o.reason || !*o.reason || strlen(o.reason) > REASON_MAX ||
	    !text_is_utf8(o.reason, strlen(o.reason))) {
		command_complain(cli,
				 "--reason \"TEXT\" says why in at most "
				 "%d octets of UTF-8: others will ask",
				 REASON_MAX);
		return COMMAND_USAGE;
	}
	if (!nobody_there(&o))
		return ask(&o);
	code = store(&o);
	/* One that started meanwhile has perhaps not read it. */
	if (code == COMMAND_FINE && !nobody_there(&o))
		code = ask(&o);
	return code;
}
