/* SPDX-License-Identifier: ISC */
/* reload and version. */
#include <errno.h>
#include <unistd.h>

#include "daemon/reload.h"
#include "daemon/show.h"

void
orders_reload_run(void *root, const struct ctl_caller *caller,
		  const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	bool allow = json_is_true(json_object_get(arguments, "allow_removal"));
	const char *confirm = show_argument(arguments, "confirm");
	struct text message = {0};
	struct dur limit;
	int error;

	if (confirm && (dur_parse(confirm, &limit) != 0 || limit.ns <= 0)) {
		reply->error = CTL_ERROR_BAD_REQUEST;
		text_add(&reply->message,
			 "`confirm` is a duration with its unit");
		return;
	}
	error = confirm ? reload_on_probation(b, allow, limit, &message)
			: basin_reload(b, allow, &message);

	if (error == 0) {
		reply->result = json_object();
		show_string(reply->result, "message", text_str(&message));
		show_integer(reply->result, "generation", b->generation);
		text_free(&message);
		return;
	}
	reply->error =
	    error == -EPERM ? CTL_ERROR_REFUSED : CTL_ERROR_CONFIGURATION;
	reply->message = message;
}

void
orders_confirm_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;

	if (confirm_now(b, caller->user) == 0) {
		reply->result = json_object();
		show_integer(reply->result, "generation", b->generation);
		return;
	}
	reply->error = CTL_ERROR_NOT_FOUND;
	text_add(&reply->message, "no reload waits to be confirmed");
}

static json_t *
upgraded(const struct show *s)
{
	const struct upgrade_facts *f = &s->b->upgraded;
	json_t *o;

	if (!f->taken_over)
		return json_null();
	o = json_object();
	show_string(o, "version", f->version);
	show_integer(o, "pid", (uint64_t)f->pid);
	show_integer(o, "sessions", f->sessions);
	json_object_set_new(o, "pause",
			    json_real((double)f->pause.ns / 1000000000));
	show_mono(s, o, "at", f->at);
	return o;
}

void
orders_version_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);

	reply->result = json_object();
	show_string(reply->result, "version", BASIN_VERSION);
	show_string(reply->result, "node", s.b->conf->node.name);
	show_integer(reply->result, "pid", (uint64_t)getpid());
	show_mono(&s, reply->result, "started", s.b->started_mono);
	json_object_set_new(reply->result, "upgrade", upgraded(&s));
}
