/* SPDX-License-Identifier: ISC */
/* What operators may change: drain, undrain, reload. And version. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/show.h"

#define REASON_MAX 200 /* octets; it stands in every status */

static void
refuse(struct ctl_reply *reply, enum ctl_error error, const char *message)
{
	reply->error = error;
	text_add(&reply->message, message);
}

/* ---- drain, undrain ---- */

struct order {
	enum avail_target target;
	size_t id;
	const char *name; /* borrowed from the arguments; NULL for the node */
};

static bool
find_object(const struct basin *b, struct order *order, struct ctl_reply *reply)
{
	if (order->target == AVAIL_PREFIX) {
		order->id = show_find_prefix(b, order->name);
		if (order->id == SIZE_MAX)
			show_not_found(reply, "prefix", order->name, NULL);
		return order->id != SIZE_MAX;
	}
	order->id = show_find_service(b, order->name);
	if (order->id == SIZE_MAX) {
		const char **names = show_service_names(b);

		show_not_found(reply, "service", order->name, names);
		free(names);
	}
	return order->id != SIZE_MAX;
}

static bool
parse_order(const struct basin *b, const json_t *arguments, struct order *order,
	    struct ctl_reply *reply)
{
	const char *target = show_argument(arguments, "target");

	*order = (struct order){.name = show_argument(arguments, "name")};
	if (target && strcmp(target, "node") == 0 && !order->name) {
		order->target = AVAIL_NODE;
		return true;
	}
	if (target && strcmp(target, "service") == 0)
		order->target = AVAIL_SERVICE;
	else if (target && strcmp(target, "prefix") == 0)
		order->target = AVAIL_PREFIX;
	else
		target = NULL;
	if (!target || !order->name) {
		refuse(reply, CTL_ERROR_BAD_REQUEST,
		       "\"target\" is \"node\", or \"service\" or \"prefix\" "
		       "with a \"name\"");
		return false;
	}
	return find_object(b, order, reply);
}

static json_t *
done(const struct basin *b, const struct order *order)
{
	json_t *object = json_object();
	char prefix[PREFIX_TEXT_MAX];

	show_string(object, "target", drain_target_text(order->target));
	if (order->target == AVAIL_PREFIX)
		show_string(object, "name",
			    prefix_format(&b->conf->prefixes[order->id].prefix,
					  prefix, sizeof(prefix)));
	else
		show_string(object, "name", order->name);
	return object;
}

static bool
parse_duration(const json_t *arguments, struct dur *duration,
	       struct ctl_reply *reply)
{
	json_t *value = json_object_get(arguments, "for");
	const char *text = json_string_value(value);

	*duration = DUR_ZERO;
	if (!value)
		return true;
	if (text && dur_parse(text, duration) == 0 && duration->ns > 0)
		return true;
	refuse(reply, CTL_ERROR_BAD_REQUEST,
	       "\"for\" is a duration with its unit, such as \"30m\" or "
	       "\"2h\"");
	return false;
}

/* Everybody reads it at night: one line, no control octets, not endless. */
static bool
parse_reason(const json_t *arguments, char *safe, size_t size,
	     struct ctl_reply *reply)
{
	const char *reason = show_argument(arguments, "reason");

	if (reason && *reason && strlen(reason) <= REASON_MAX) {
		text_escape(reason, strlen(reason), safe, size);
		return true;
	}
	refuse(reply, CTL_ERROR_BAD_REQUEST,
	       reason && *reason
		   ? "\"reason\" has more than 200 octets"
		   : "\"reason\" is missing: say why, others will ask");
	return false;
}

void
orders_drain_run(void *root, const struct ctl_caller *caller,
		 const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char reason[REASON_MAX * 4 + 8];
	struct order order;
	struct dur duration;

	if (!parse_order(b, arguments, &order, reply) ||
	    !parse_reason(arguments, reason, sizeof(reason), reply) ||
	    !parse_duration(arguments, &duration, reply))
		return;
	if (basin_drain(b, order.target, order.id, reason, caller->user,
			duration, &reply->message) != 0) {
		reply->error = CTL_ERROR_FAILED;
		return;
	}
	reply->result = done(b, &order);
	show_string(reply->result, "reason", reason);
	show_string(reply->result, "who", caller->user);
	if (duration.ns > 0)
		show_wall(reply->result, "expires",
			  (struct wall){wall_now().ns + duration.ns});
	else
		show_string(reply->result, "expires", NULL);
}

void
orders_undrain_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	struct order order;
	int error;

	if (!parse_order(b, arguments, &order, reply))
		return;
	error = basin_undrain(b, order.target, order.id, caller->user,
			      &reply->message);
	if (error == 0)
		reply->result = done(b, &order);
	else
		reply->error =
		    error == -ENOENT ? CTL_ERROR_NOT_FOUND : CTL_ERROR_FAILED;
}

/* ---- reload, version ---- */

void
orders_reload_run(void *root, const struct ctl_caller *caller,
		  const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	bool allow = json_is_true(json_object_get(arguments, "allow_removal"));
	struct text message = {0};
	int error = basin_reload(b, allow, &message);

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
orders_version_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);

	reply->result = json_object();
	show_string(reply->result, "version", BASIN_VERSION);
	show_string(reply->result, "node", s.b->conf->node.name);
	show_integer(reply->result, "pid", (uint64_t)getpid());
	show_mono(&s, reply->result, "started", s.b->started_mono);
}
