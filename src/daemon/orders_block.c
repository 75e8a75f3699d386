/* SPDX-License-Identifier: ISC */
/* block, unblock: what operators have dropped upstream. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/block.h"
#include "daemon/show.h"

#define REASON_MAX  200 /* octets */
#define REASON_TEXT (REASON_MAX * 4 + 8)

/* ---- arguments ---- */

static bool
complain(struct ctl_reply *reply, const char *message)
{
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message, message);
	return false;
}

static bool
parse_reason(const json_t *arguments, char safe[REASON_TEXT],
	     struct ctl_reply *reply)
{
	const char *reason = show_argument(arguments, "reason");

	safe[0] = '\0';
	if (!reason)
		return true;
	if (strlen(reason) > REASON_MAX)
		return complain(reply, "\"reason\" has more than 200 octets");
	text_escape(reason, strlen(reason), safe, REASON_TEXT);
	return true;
}

static bool
parse_for(const struct conf_block *conf, const json_t *arguments,
	  struct dur *out, struct ctl_reply *reply)
{
	const char *text = show_argument(arguments, "for");
	char most[32];

	*out = conf->default_for;
	if (!json_object_get(arguments, "for"))
		return true;
	if (!text || dur_parse(text, out) != 0 || out->ns < dur_s(1).ns)
		return complain(reply, "\"for\" is a duration with its unit, "
				       "such as \"30m\" or \"2h\"");
	if (out->ns <= conf->max.ns)
		return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_addf(&reply->message,
		  "\"for\" is longer than %s, which is block.max",
		  dur_format(conf->max, most, sizeof(most)));
	return false;
}

/* "dst", or "flow" with "actions". */
static bool
parse_route(const struct basin *b, const json_t *arguments,
	    struct block_route *out, struct ctl_reply *reply)
{
	const char *dst = show_argument(arguments, "dst");
	const char *flow = show_argument(arguments, "flow");
	const char *actions = show_argument(arguments, "actions");

	if (!dst == !flow)
		return complain(reply, "\"dst\" or \"flow\" says what is "
				       "blocked, and not both");
	if (actions && !flow)
		return complain(reply, "\"actions\" goes with \"flow\"");
	if (block_read(b, flow != NULL, flow ? flow : dst, actions, out,
		       &reply->message) == 0)
		return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	return false;
}

/* ---- answers ---- */

struct promise {
	struct basin *b; /* borrowed */
	struct ctl_later *later;
	char *what; /* owned */
};

static enum ctl_error
code_of(int error)
{
	switch (-error) {
	case ENOENT:
		return CTL_ERROR_NOT_FOUND;
	case ENOSPC:
		return CTL_ERROR_REFUSED;
	default:
		return CTL_ERROR_FAILED;
	}
}

static void
answer(void *arg, int error, const char *message)
{
	struct promise *p = arg;
	struct show s = show_begin(p->b);
	struct ctl_reply reply = {0};
	const struct drains_block *block =
	    drains_find_block(p->b->drains, p->what);

	if (error != 0) {
		reply.error = code_of(error);
		text_add(&reply.message, message);
	} else if (block) {
		reply.result = show_block(&s, block);
	} else {
		reply.result = json_object();
		show_string(reply.result, "what", p->what);
	}
	ctl_answer(p->later, &reply);
	free(p->what);
	free(p);
}

static struct promise *
promise_new(struct basin *b, const char *what, struct ctl_reply *reply)
{
	struct promise *p = xcalloc(1, sizeof(*p));

	p->b = b;
	p->later = ctl_later(reply);
	p->what = xstrdup(what);
	return p;
}

/* ---- block ---- */

static bool
permitted(const struct basin *b, const struct block_route *route,
	  struct ctl_reply *reply)
{
	if (block_permitted(b, route, &reply->message) == 0)
		return true;
	reply->error = CTL_ERROR_REFUSED;
	return false;
}

static bool
enabled(const struct basin *b, struct ctl_reply *reply)
{
	if (b->conf->block.enabled)
		return true;
	reply->error = CTL_ERROR_REFUSED;
	text_add(&reply->message,
		 "the configuration has no section block, which names the "
		 "peers to tell (see basin.yaml(5))");
	return false;
}

void
orders_block_run(void *root, const struct ctl_caller *caller,
		 const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char reason[REASON_TEXT];
	struct block_route route;
	struct drains_block block;
	struct dur duration;

	if (!enabled(b, reply) || !parse_reason(arguments, reason, reply) ||
	    !parse_for(&b->conf->block, arguments, &duration, reply) ||
	    !parse_route(b, arguments, &route, reply) ||
	    !permitted(b, &route, reply))
		return;
	if (json_is_true(json_object_get(arguments, "dry_run"))) {
		reply->result = show_block_preview(b, &route, duration);
		return;
	}
	block = (struct drains_block){
	    .flow = route.nlri.flow != NULL,
	    .what = route.what,
	    .actions = route.actions,
	    .reason = reason,
	    .who = caller->user,
	    .duration = duration,
	};
	block_add(b, &block, answer, promise_new(b, route.what, reply));
}

/* A flow that cannot be read stands there by the text it was stored under. */
void
orders_unblock_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	const char *dst = show_argument(arguments, "dst");
	const char *flow = show_argument(arguments, "flow");
	const char *what = flow ? flow : dst;
	struct block_route route;

	if (what && drains_find_block(b->drains, what)) {
		block_remove(b, what, caller->user, answer,
			     promise_new(b, what, reply));
		return;
	}
	if (parse_route(b, arguments, &route, reply))
		block_remove(b, route.what, caller->user, answer,
			     promise_new(b, route.what, reply));
}
