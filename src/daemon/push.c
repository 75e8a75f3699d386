/* SPDX-License-Identifier: ISC */
/*
 * Reports of applications. A report costs a search through the services and
 * the checks of one; ctl takes two requests a turn of the loop, and the check
 * merges what comes faster than it samples.
 */
#include "daemon/push.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/show.h"

const struct ctl_command push_commands[] = {
    {"push", true, false, push_run},
    {0},
};

static bool
parse_state(const json_t *arguments, enum check_verdict *out,
	    struct ctl_reply *reply)
{
	static const struct {
		const char *word;
		enum check_verdict verdict;
	} states[] = {
	    {"pass", CHECK_PASS},
	    {"degraded", CHECK_DEGRADED},
	    {"fail", CHECK_FAIL},
	};
	const json_t *value = json_object_get(arguments, "state");
	const char *word = value ? json_string_value(value) : "pass";

	for (size_t i = 0; word && i < ARRAY_LEN(states); i++) {
		if (strcmp(word, states[i].word) != 0)
			continue;
		*out = states[i].verdict;
		return true;
	}
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message,
		 "\"state\" is \"pass\", \"degraded\" or \"fail\"");
	return false;
}

/* ---- which checks ---- */

struct target {
	size_t service;    /* SIZE_MAX: any */
	const char *check; /* NULL: all */
};

static size_t
find_service(const struct basin *b, const char *name, size_t n)
{
	for (size_t i = 0; i < b->conf->n_services; i++) {
		const char *service = b->conf->services[i].name;

		if (strncmp(service, name, n) == 0 && service[n] == '\0')
			return i;
	}
	return SIZE_MAX;
}

/* "SERVICE", "SERVICE/CHECK", or a check's whole name. */
static struct target
find_target(const struct basin *b, const char *name)
{
	const char *slash = strchr(name, '/');
	size_t n = slash ? (size_t)(slash - name) : strlen(name);
	struct target t = {find_service(b, name, n), slash ? slash + 1 : NULL};

	if (t.service == SIZE_MAX)
		t.check = name;
	return t;
}

static bool
is_meant(const struct basin_check *check, const struct target *t,
	 const char *name)
{
	if (check->conf->kind != CONF_CHECK_PUSH)
		return false;
	if (t->service != SIZE_MAX && check->service != t->service)
		return false;
	/* An automatic name holds the service's: "dns/push". */
	return !t->check || strcmp(check->conf->name, t->check) == 0 ||
	       strcmp(check->conf->name, name) == 0;
}

static void
refuse_target(const struct basin *b, const char *name, const struct target *t,
	      struct ctl_reply *reply)
{
	char safe[128];

	if (t->service == SIZE_MAX) {
		const char **names = show_service_names(b);

		show_not_found(reply, "service", name, names);
		free(names);
		return;
	}
	text_escape(name, strlen(name), safe, sizeof(safe));
	reply->error = CTL_ERROR_NOT_FOUND;
	text_addf(&reply->message, "%s \"%s\" %s",
		  t->check ? "push check" : "service", safe,
		  t->check ? "is not configured" : "has no push check");
}

/* ---- the command ---- */

static void
report(struct basin *b, const char *name, enum check_verdict verdict,
       const char *message, struct ctl_reply *reply)
{
	struct target t = find_target(b, name);
	json_t *names = json_array();

	for (size_t id = 0; id < avail_checks(b->avail); id++)
		if (is_meant(&b->checks[id], &t, name) &&
		    push_report(b->checker, id, verdict, message))
			json_array_append_new(
			    names, json_string(b->checks[id].conf->name));
	if (json_array_size(names) == 0) {
		json_decref(names);
		refuse_target(b, name, &t, reply);
		return;
	}
	reply->result = json_pack("{s:o}", "checks", names);
}

void
push_run(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	struct basin *b = root;
	const char *name = show_argument(arguments, "name");
	enum check_verdict verdict;

	if (!name) {
		reply->error = CTL_ERROR_BAD_REQUEST;
		text_add(&reply->message,
			 "\"name\" is missing: a service, or SERVICE/CHECK");
		return;
	}
	if (!parse_state(arguments, &verdict, reply))
		return;
	if (b->phase == BASIN_STOPPING) {
		reply->error = CTL_ERROR_REFUSED;
		text_add(&reply->message, "basind is stopping");
		return;
	}
	report(b, name, verdict, show_argument(arguments, "message"), reply);
}
