/* SPDX-License-Identifier: ISC */
/*
 * drain, undrain, offline, online and attack mode: what operators may change
 * of what is announced. Each is answered when it is stored and in force.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/show.h"
#include "model/model.h"

#define REASON_MAX   200 /* octets; it stands in every status */
#define REASON_TEXT  (REASON_MAX * 4 + 8)
#define ATTACK_HOURS 1 /* of attack mode when nothing is said */

static void
refuse(struct ctl_reply *reply, enum ctl_error error, const char *message)
{
	reply->error = error;
	text_add(&reply->message, message);
}

/* ---- arguments ---- */

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

/* Without looking for the object itself. */
static bool
parse_target(const json_t *arguments, struct order *order,
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
	return true;
}

static bool
parse_order(const struct basin *b, const json_t *arguments, struct order *order,
	    struct ctl_reply *reply)
{
	return parse_target(arguments, order, reply) &&
	       (order->target == AVAIL_NODE || find_object(b, order, reply));
}

/*
 * The name a drain stands under, or would. What is drained may have been taken
 * out of the configuration: it can be undrained all the same.
 */
static const char *
stored_name(const struct basin *b, struct order *order,
	    char text[PREFIX_TEXT_MAX], struct ctl_reply *reply)
{
	const char *name = order->name ? order->name : "";
	struct prefix prefix;

	if (order->target == AVAIL_PREFIX && prefix_parse(name, &prefix) == 0)
		name = prefix_format(&prefix, text, PREFIX_TEXT_MAX);
	if (order->target == AVAIL_NODE ||
	    drains_find(b->drains, order->target, name))
		return name;
	if (!find_object(b, order, reply))
		return NULL;
	return model_name(b->conf, order->target, order->id, text,
			  PREFIX_TEXT_MAX);
}

/* `endless`: a word that says 0; NULL: 0 must be said as "0s". */
static bool
parse_duration(const json_t *arguments, const char *key, const char *endless,
	       struct basin_choice *out, struct ctl_reply *reply)
{
	json_t *value = json_object_get(arguments, key);
	const char *text = json_string_value(value);

	*out = (struct basin_choice){.given = value != NULL};
	if (!value || (endless && text && strcmp(text, endless) == 0))
		return true;
	if (text && dur_parse(text, &out->value) == 0 && out->value.ns >= 0 &&
	    (out->value.ns > 0 || !endless))
		return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_addf(&reply->message,
		  "\"%s\" is a duration with its unit, such as \"30m\" or "
		  "\"2h\"%s",
		  key, endless ? "; or \"ever\"" : "");
	return false;
}

/* Everybody reads it at night: one line, no control octets, not endless. */
static bool
parse_reason(const json_t *arguments, bool required, char safe[REASON_TEXT],
	     struct ctl_reply *reply)
{
	const char *reason = show_argument(arguments, "reason");

	safe[0] = '\0';
	if (!reason && !required && !json_object_get(arguments, "reason"))
		return true;
	if (reason && *reason && strlen(reason) <= REASON_MAX) {
		text_escape(reason, strlen(reason), safe, REASON_TEXT);
		return true;
	}
	refuse(reply, CTL_ERROR_BAD_REQUEST,
	       reason && *reason
		   ? "\"reason\" has more than 200 octets"
		   : "\"reason\" is missing: say why, others will ask");
	return false;
}

/* ---- answers ---- */

/* What is told when the order is stored. */
struct promise {
	struct basin *b; /* borrowed */
	struct ctl_later *later;
	enum avail_target target;
	char *name; /* owned; "" for the node */
	json_t *(*tell)(const struct promise *p);
};

static json_t *
tell_target(const struct promise *p)
{
	json_t *object = json_object();

	show_string(object, "target", drain_target_text(p->target));
	show_string(object, "name", p->target == AVAIL_NODE ? NULL : p->name);
	return object;
}

static json_t *
tell_drain(const struct promise *p)
{
	const struct drain *d = drains_find(p->b->drains, p->target, p->name);
	struct show s = show_begin(p->b);

	return d ? show_drain(&s, d) : tell_target(p);
}

static json_t *
tell_attack(const struct promise *p)
{
	struct show s = show_begin(p->b);
	json_t *object = json_object();

	json_object_set_new(object, "attack", show_attack(&s));
	return object;
}

static enum ctl_error
code_of(int error)
{
	switch (-error) {
	case ENOENT:
		return CTL_ERROR_NOT_FOUND;
	case EPERM:
		return CTL_ERROR_REFUSED;
	case EINVAL:
		return CTL_ERROR_BAD_REQUEST;
	default:
		return CTL_ERROR_FAILED;
	}
}

static void
answer(void *arg, int error, const char *message)
{
	struct promise *p = arg;
	struct ctl_reply reply = {0};

	if (error == 0)
		reply.result = p->tell(p);
	else
		refuse(&reply, code_of(error), message);
	ctl_answer(p->later, &reply);
	free(p->name);
	free(p);
}

static struct promise *
promise_new(struct basin *b, struct ctl_reply *reply, enum avail_target target,
	    const char *name, json_t *(*tell)(const struct promise *p))
{
	struct promise *p = xcalloc(1, sizeof(*p));

	p->b = b;
	p->later = ctl_later(reply);
	p->target = target;
	p->name = xstrdup(name);
	p->tell = tell;
	return p;
}

static struct promise *
promise_of(struct basin *b, struct ctl_reply *reply, const struct order *order,
	   json_t *(*tell)(const struct promise *p))
{
	char text[PREFIX_TEXT_MAX];

	return promise_new(
	    b, reply, order->target,
	    model_name(b->conf, order->target, order->id, text, sizeof(text)),
	    tell);
}

/* ---- drain, undrain ---- */

static bool
parse_waits(const json_t *arguments, struct basin_drain *d,
	    struct ctl_reply *reply)
{
	if (!parse_duration(arguments, "for", "ever", &d->duration, reply) ||
	    !parse_duration(arguments, "limit", NULL, &d->limit, reply) ||
	    !parse_duration(arguments, "quiet", NULL, &d->quiet, reply))
		return false;
	if (json_is_true(json_object_get(arguments, "now")))
		d->limit = (struct basin_choice){.given = true};
	if (d->limit.value.ns <= dur_s(86400).ns)
		return true;
	refuse(reply, CTL_ERROR_BAD_REQUEST, "\"limit\" is more than a day");
	return false;
}

void
orders_drain_run(void *root, const struct ctl_caller *caller,
		 const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char reason[REASON_TEXT];
	struct order order;
	struct basin_drain d = {.who = caller->user};

	if (!parse_order(b, arguments, &order, reply) ||
	    !parse_reason(arguments, false, reason, reply) ||
	    !parse_waits(arguments, &d, reply))
		return;
	d.target = order.target;
	d.id = order.id;
	d.reason = reason[0] ? reason : NULL;
	basin_drain(b, &d, answer, promise_of(b, reply, &order, tell_drain));
}

void
orders_undrain_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char text[PREFIX_TEXT_MAX];
	struct order order;
	const char *name;

	if (!parse_target(arguments, &order, reply))
		return;
	name = stored_name(b, &order, text, reply);
	if (name)
		basin_undrain(
		    b, order.target, name, caller->user, answer,
		    promise_new(b, reply, order.target, name, tell_target));
}

/* ---- offline ---- */

void
orders_offline_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char reason[REASON_TEXT];

	if (parse_reason(arguments, true, reason, reply))
		basin_offline(b, reason, caller->user, answer,
			      promise_new(b, reply, AVAIL_NODE, DRAINS_OFFLINE,
					  tell_drain));
}

void
orders_online_run(void *root, const struct ctl_caller *caller,
		  const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char reason[REASON_TEXT];

	if (parse_reason(arguments, true, reason, reply))
		basin_online(
		    b, reason, caller->user, answer,
		    promise_new(b, reply, AVAIL_NODE, "", tell_target));
}

/* ---- attack mode ---- */

void
orders_attack_on_run(void *root, const struct ctl_caller *caller,
		     const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char reason[REASON_TEXT];
	struct basin_choice duration;

	if (!parse_reason(arguments, true, reason, reply) ||
	    !parse_duration(arguments, "for", "ever", &duration, reply))
		return;
	if (!duration.given)
		duration.value = dur_s(ATTACK_HOURS * 3600);
	basin_attack_on(b, reason, caller->user, duration.value, answer,
			promise_new(b, reply, AVAIL_NODE, "", tell_attack));
}

void
orders_attack_off_run(void *root, const struct ctl_caller *caller,
		      const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;

	basin_attack_off(b, caller->user, answer,
			 promise_new(b, reply, AVAIL_NODE, "", tell_attack));
}
