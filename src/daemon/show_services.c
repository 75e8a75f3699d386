/* SPDX-License-Identifier: ISC */
/* show checks, services, addresses. */

#include <stdlib.h>
#include <string.h>

#include "daemon/overload.h"
#include "daemon/show.h"
#include "daemon/watch.h"

/* ---- checks ---- */

static void
add_last(const struct show *s, json_t *object, size_t id,
	 const struct avail_check_view *view)
{
	struct check_result result;
	json_t *last;

	if (mono_is_never(view->last_at)) {
		json_object_set_new(object, "last", json_null());
		return;
	}
	last = json_object();
	show_string(last, "verdict", avail_verdict_text(view->last));
	show_mono(s, last, "at", view->last_at);
	if (checker_last(s->b->checker, id, &result)) {
		show_string(last, "cause", check_cause_text(result.cause));
		show_string(last, "detail", result.detail);
		json_object_set_new(last, "latency",
				    json_real(dur_to_seconds(result.latency)));
	}
	json_object_set_new(object, "last", last);
}

static void
add_schedule(json_t *object, const struct conf_check *conf)
{
	show_string(object, "kind", conf_check_kind_text(conf->kind));
	show_ip(object, "target", &conf->target);
	json_object_set_new(object, "interval",
			    json_real(dur_to_seconds(conf->interval)));
	json_object_set_new(object, "timeout",
			    json_real(dur_to_seconds(conf->timeout)));
	show_integer(object, "rise", conf->rise);
	show_integer(object, "fall", conf->fall);
}

json_t *
show_check(const struct show *s, size_t id)
{
	const struct basin_check *check = &s->b->checks[id];
	struct avail_check_view view;
	json_t *object = json_object(), *samples = json_object();

	avail_view_check(s->b->avail, id, &view);
	show_string(object, "check", check->conf->name);
	show_string(object, "service",
		    s->b->conf->services[check->service].name);
	show_string(object, "state", avail_check_state_text(view.state));
	show_reason(object, view.reason);
	show_mono(s, object, "since", view.since);
	add_last(s, object, id, &view);
	show_integer(object, "streak", view.streak);
	show_bool(object, "changing", view.changing);
	add_schedule(object, check->conf);
	show_integer(object, "transitions", view.transitions);
	for (int v = 0; v < AVAIL_VERDICT_COUNT; v++)
		show_integer(samples, avail_verdict_text((enum avail_verdict)v),
			     view.samples[v]);
	json_object_set_new(object, "samples", samples);
	return object;
}

/* Names a check, or its service: all of them. */
static bool
check_matches(const struct basin *b, size_t id, const char *name)
{
	const struct basin_check *check = &b->checks[id];

	return !name || strcmp(check->conf->name, name) == 0 ||
	       strcmp(b->conf->services[check->service].name, name) == 0;
}

void
show_checks_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *name = show_argument(arguments, "name");

	for (size_t i = 0; i < avail_checks(s.b->avail); i++)
		if (check_matches(s.b, i, name) && show_page_wants(&page))
			json_array_append_new(page.list, show_check(&s, i));
	if (name && page.total == 0) {
		const char **names = show_check_names(s.b);

		show_not_found(reply, "check", name, names);
		free(names);
	}
	reply->result = show_page_end(&page, "checks");
}

/* ---- services ---- */

static json_t *
address_names(const struct conf_service *service)
{
	json_t *list = json_array();
	char buf[IP_TEXT_MAX];

	for (size_t i = 0; i < service->addresses.n; i++)
		json_array_append_new(
		    list, json_string(ip_format(&service->addresses.v[i], buf,
						sizeof(buf))));
	return list;
}

static void
add_drain(const struct show *s, json_t *object, enum avail_target target,
	  const char *name)
{
	const struct drain *drain = drains_find(s->b->drains, target, name);

	if (drain && !drains_is_over(drain, s->now))
		json_object_set_new(object, "drain", show_drain(s, drain));
}

/* `present` is null when nobody can say. */
static json_t *
show_watch(const struct watch_view *v)
{
	bool socket = v->kind == CONF_WATCH_TCP || v->kind == CONF_WATCH_UDP;
	json_t *object = json_object();

	show_string(object, "watch", v->name);
	if (socket)
		show_string(object, "socket", v->name);
	if (v->presence == SYS_UNKNOWN)
		json_object_set_new(object, "present", json_null());
	else
		show_bool(object, "present", v->presence == SYS_PRESENT);
	if (v->problem[0])
		show_string(object, "problem", v->problem);
	return object;
}

static json_t *
watched(const struct basin *b, size_t service)
{
	json_t *list = json_array();
	struct watch_view v;

	for (size_t i = 0; i < watch_count(b); i++)
		if (watch_view(b, i, &v) == service)
			json_array_append_new(list, show_watch(&v));
	return list;
}

/* Of what is looked at: value, limit, and whether it is high. */
static json_t *
loads(const struct basin *b, size_t service)
{
	struct measure_value v[MEASURE_COUNT];
	json_t *object;

	if (!overload_view(b, service, v))
		return json_null();
	object = json_object();
	for (int i = 0; i < MEASURE_COUNT; i++)
		if (v[i].limit > 0)
			json_object_set_new(
			    object, measure_text((enum measure)i),
			    json_pack("{s:o, s:f, s:b}", "value",
				      v[i].known ? json_real(v[i].value)
						 : json_null(),
				      "limit", v[i].limit, "high", v[i].high));
	return object;
}

static void
add_overload(const struct basin *b, json_t *object, size_t service)
{
	char text[160];

	overload_text(b, service, text, sizeof(text));
	json_object_set_new(object, "load", loads(b, service));
	show_string(object, "load_high", text[0] ? text : NULL);
}

json_t *
show_service(const struct show *s, size_t id)
{
	const struct conf_service *conf = &s->b->conf->services[id];
	struct avail_service_view view;
	json_t *object = json_object();

	avail_view_service(s->b->avail, id, &view);
	show_string(object, "service", conf->name);
	show_string(object, "state", avail_service_state_text(view.state));
	show_reason(object, view.reason);
	show_mono(s, object, "since", view.since);
	show_string(object, "cause",
		    view.cause == SIZE_MAX
			? NULL
			: s->b->checks[view.cause].conf->name);
	show_integer(object, "checks", view.checks);
	show_integer(object, "checks_up", view.checks_up);
	json_object_set_new(object, "addresses", address_names(conf));
	show_bool(object, "addresses_present", view.addresses_present);
	json_object_set_new(object, "watch", watched(s->b, id));
	show_string(object, "on_event",
		    conf->on_event == CONF_EVENT_DOWN ? "down" : "check");
	show_bool(object, "overloaded", view.overloaded);
	add_overload(s->b, object, id);
	show_bool(object, "drained", view.drained);
	add_drain(s, object, AVAIL_SERVICE, conf->name);
	show_integer(object, "transitions", view.transitions);
	return object;
}

void
show_services_run(void *root, const struct ctl_caller *caller,
		  const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *name = show_argument(arguments, "name");

	for (size_t i = 0; i < s.b->conf->n_services; i++) {
		if (name && strcmp(s.b->conf->services[i].name, name) != 0)
			continue;
		if (show_page_wants(&page))
			json_array_append_new(page.list, show_service(&s, i));
	}
	if (name && page.total == 0) {
		const char **names = show_service_names(s.b);

		show_not_found(reply, "service", name, names);
		free(names);
	}
	reply->result = show_page_end(&page, "services");
}

/* ---- addresses ---- */

json_t *
show_address(const struct show *s, const struct out_address_view *view,
	     const char *service)
{
	json_t *object = json_object();

	show_ip(object, "address", &view->ip);
	show_string(object, "service", service);
	show_string(object, "interface", view->interface);
	show_string(object, "state", out_address_state_text(view->state));
	show_mono(s, object, "since", view->since);
	show_integer(object, "healed", view->healed);
	show_string(object, "error",
		    view->error ? out_address_error_text(&view->ip, view->error)
				: NULL);
	return object;
}

void
show_addresses_run(void *root, const struct ctl_caller *caller,
		   const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *name = show_argument(arguments, "name");

	for (size_t i = 0; i < out_addresses(s.b->out); i++) {
		struct out_address_view view;
		const char *service = NULL;
		char ip[IP_TEXT_MAX];

		out_view_address(s.b->out, i, &view);
		/* A lingering address may belong to a service that is gone. */
		if (view.service < s.b->conf->n_services)
			service = s.b->conf->services[view.service].name;
		ip_format(&view.ip, ip, sizeof(ip));
		if (name && strcmp(name, ip) != 0 &&
		    (!service || strcmp(name, service) != 0))
			continue;
		if (show_page_wants(&page))
			json_array_append_new(page.list,
					      show_address(&s, &view, service));
	}
	if (name && page.total == 0)
		show_not_found(reply, "service or address", name, NULL);
	reply->result = show_page_end(&page, "addresses");
}
