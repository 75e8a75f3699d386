/* SPDX-License-Identifier: ISC */
/* drill, drill end, show drill. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/drill.h"
#include "daemon/show.h"

#define LIMIT_STANDARD dur_s(10)

/* ---- reading ---- */

static json_t *
seconds(bool known, struct dur d)
{
	return known ? json_real(dur_to_seconds(d)) : json_null();
}

static json_t *
expected(const struct drill_expected *e)
{
	return json_pack("{s:b, s:o, s:o, s:f, s:i, s:i}", "noticed",
			 e->noticed, "detection",
			 seconds(e->noticed, e->detection), "recovery",
			 seconds(e->noticed, e->recovery), "hold_down",
			 dur_to_seconds(e->hold_down), "checks", (int)e->checks,
			 "looking", (int)e->looking);
}

static json_t *
steps(const struct drill *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_steps; i++) {
		const struct drill_step *s = &d->steps[i];
		json_t *o = json_object();

		show_string(o, "what", drill_step_text(s->kind));
		show_string(o, "phase", s->recovery ? "recovery" : "failure");
		json_object_set_new(o, "after",
				    json_real(dur_to_seconds(s->after)));
		show_string(o, "prefix", s->prefix[0] ? s->prefix : NULL);
		show_string(o, "peer", s->peer[0] ? s->peer : NULL);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *
last_drill(const struct show *s)
{
	const struct drill *d = s->b->drill;
	json_t *o = json_object();
	bool began = d->began_wall.ns != 0 && d->state > DRILL_STATE_STARTING;

	show_integer(o, "id", d->id);
	show_string(o, "state", drill_state_text(d->state));
	show_string(o, "service", d->service);
	show_string(o, "mode", drill_mode_text(d->mode));
	show_string(o, "who", d->who);
	json_object_set_new(o, "for", json_real(dur_to_seconds(d->limit)));
	if (began)
		show_wall(o, "began", d->began_wall);
	else
		show_string(o, "began", NULL);
	json_object_set_new(o, "lasted",
			    seconds(d->state == DRILL_STATE_RECOVERING ||
					d->state == DRILL_STATE_ENDED,
				    mono_sub(d->ended, d->began)));
	show_string(o, "error", d->error ? strerror(-d->error) : NULL);
	json_object_set_new(o, "expected", expected(&d->expected));
	json_object_set_new(o, "steps", steps(d));
	show_integer(o, "left_out", (json_int_t)d->n_left_out);
	return o;
}

json_t *
show_drill_running(const struct basin *b)
{
	const struct drill *d = b->drill;
	json_t *o;

	if (!drill_running(b))
		return json_null();
	o = json_object();
	show_string(o, "service", d->service);
	show_string(o, "mode", drill_mode_text(d->mode));
	show_string(o, "who", d->who);
	json_object_set_new(o, "for", json_real(dur_to_seconds(d->limit)));
	return o;
}

void
show_drill_run(void *root, const struct ctl_caller *caller,
	       const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);

	reply->result = json_object();
	json_object_set_new(reply->result, "drill",
			    s.b->drill->state == DRILL_STATE_NONE
				? json_null()
				: last_drill(&s));
}

/* ---- ordering ---- */

/* A request a prober can make, "tcp/8053"; NULL when nothing tells one. */
static const char *
probe_of(const struct conf_service *s, char *buf, size_t size)
{
	for (size_t i = 0; i < s->n_checks; i++) {
		const struct conf_check *c = &s->checks[i];
		const char *protocol = "tcp";
		uint16_t port = 0;

		if (c->kind == CONF_CHECK_TCP)
			port = c->tcp.port;
		else if (c->kind == CONF_CHECK_DNS)
			port = c->dns.port;
		else if (c->kind == CONF_CHECK_UDP)
			port = c->udp.port;
		if (c->kind == CONF_CHECK_UDP ||
		    (c->kind == CONF_CHECK_DNS &&
		     c->dns.transport == CONF_DNS_UDP))
			protocol = "udp";
		if (port == 0)
			continue;
		snprintf(buf, size, "%s/%u", protocol, port);
		return buf;
	}
	return NULL;
}

static json_t *
plan(const struct basin *b, const struct drill_request *q)
{
	const struct conf_service *s = &b->conf->services[q->service];
	json_t *o = json_object(), *list = json_array();
	struct drill_expected e;
	char text[IP_TEXT_MAX];

	drill_expect(b->conf, q->service, q->mode, &e);
	for (size_t i = 0; i < s->addresses.n; i++)
		json_array_append_new(
		    list, json_string(ip_format(&s->addresses.v[i], text,
						sizeof(text))));
	show_string(o, "service", s->name);
	show_string(o, "mode", drill_mode_text(q->mode));
	json_object_set_new(o, "for", json_real(dur_to_seconds(q->limit)));
	json_object_set_new(o, "addresses", list);
	show_string(o, "probe", probe_of(s, text, sizeof(text)));
	json_object_set_new(o, "expected", expected(&e));
	return o;
}

static bool
bad_request(struct ctl_reply *reply, const char *message)
{
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message, message);
	return false;
}

static bool
find_service(const struct basin *b, const char *name, struct ctl_reply *reply,
	     size_t *out)
{
	const char **names;

	if (!name)
		return bad_request(reply, "\"service\" is missing");
	*out = show_find_service(b, name);
	if (*out != SIZE_MAX)
		return true;
	names = show_service_names(b);
	show_not_found(reply, "service", name, names);
	free(names);
	return false;
}

static bool
parse_request(const struct basin *b, const json_t *arguments,
	      struct ctl_reply *reply, struct drill_request *q)
{
	const char *mode = show_argument(arguments, "mode");
	const char *limit = show_argument(arguments, "for");

	q->limit = LIMIT_STANDARD;
	q->force = json_is_true(json_object_get(arguments, "force"));
	if (!find_service(b, show_argument(arguments, "service"), reply,
			  &q->service))
		return false;
	if (mode && !drill_mode_parse(mode, &q->mode))
		return bad_request(reply, "\"mode\" is admin or drop");
	if (limit &&
	    (dur_parse(limit, &q->limit) != 0 || q->limit.ns < dur_ms(1).ns ||
	     q->limit.ns > DRILL_LIMIT_MAX.ns))
		return bad_request(reply,
				   "\"for\" is a duration with its unit, "
				   "such as \"10s\", one hour at most");
	return true;
}

/* With "plan" it is only told what would be done, or why not. */
void
drill_run(void *root, const struct ctl_caller *caller, const json_t *arguments,
	  struct ctl_reply *reply)
{
	struct basin *b = root;
	struct drill_request q = {.who = caller->user};
	bool only = json_is_true(json_object_get(arguments, "plan"));
	json_t *result;
	int error;

	if (!parse_request(b, arguments, reply, &q))
		return;
	result = plan(b, &q);
	error = only ? drill_allowed(b, &q, &reply->message)
		     : drill_begin(b, &q, &reply->message);
	if (error == 0) {
		show_integer(result, "id", b->drill->id);
		reply->result = result;
		return;
	}
	json_decref(result);
	reply->error = error == -EPERM ? CTL_ERROR_REFUSED : CTL_ERROR_FAILED;
}

void
drill_end_run(void *root, const struct ctl_caller *caller,
	      const json_t *arguments, struct ctl_reply *reply)
{
	struct basin *b = root;
	char why[96];

	snprintf(why, sizeof(why), "ended by %s", caller->user);
	if (drill_end(b, why)) {
		reply->result =
		    json_pack("{s:s}", "service", b->drill->service);
		return;
	}
	reply->error = CTL_ERROR_NOT_FOUND;
	text_add(&reply->message, "no drill runs");
}
