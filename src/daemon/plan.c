/* SPDX-License-Identifier: ISC */
/*
 * What a reload of another file would do: the same comparison of two
 * configurations, the same model that adopts the state, the same code that
 * decides what a peer gets; only nothing is applied.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/reload.h"
#include "daemon/rung.h"
#include "daemon/show.h"
#include "model/model.h"

/* Routes that are listed for a peer; all are counted. */
#define ROUTES_MAX 1000

struct planning {
	struct basin *b;
	const struct conf *conf;     /* borrowed; the new one */
	json_t *peers;               /* owned */
	json_t *announce, *withdraw; /* owned; of the peer that comes */
	size_t messages;
};

/* ---- what would be decided ---- */

/* By number of the prefix in `conf`; the caller frees. */
static enum conf_rung *
rungs_after(struct basin *b, const struct conf *conf)
{
	enum conf_rung *rungs = xcalloc(conf->n_prefixes, sizeof(*rungs));
	struct mono now = mono_now();
	struct avail *av = model_new(conf, now);

	avail_adopt(av, b->avail, now);
	for (size_t id = 0; id < conf->n_prefixes; id++) {
		struct avail_prefix_view v;

		avail_view_prefix(av, id, &v);
		rungs[id] = rung_of(v.rung);
	}
	avail_free(av);
	return rungs;
}

/* ---- peers ---- */

/* Names of attributes that differ; NULL: it was not announced before. */
static json_t *
differing(const struct bgp_attributes *from, const struct bgp_attributes *to)
{
	json_t *names, *a, *b, *value;
	const char *key;

	if (!from)
		return json_null();
	names = json_array();
	a = show_attributes(from);
	b = show_attributes(to);
	json_object_foreach (b, key, value) {
		if (!json_equal(json_object_get(a, key), value))
			json_array_append_new(names, json_string(key));
	}
	json_object_foreach (a, key, value) {
		if (!json_object_get(b, key))
			json_array_append_new(names, json_string(key));
	}
	json_decref(a);
	json_decref(b);
	return names;
}

static void
on_route(void *arg, const char *peer, const struct prefix *prefix,
	 const struct bgp_attributes *from, const struct bgp_attributes *to)
{
	struct planning *pl = arg;
	char text[PREFIX_TEXT_MAX];
	json_t *route;

	prefix_format(prefix, text, sizeof(text));
	if (!to) {
		if (json_array_size(pl->withdraw) < ROUTES_MAX)
			json_array_append_new(pl->withdraw, json_string(text));
		return;
	}
	if (json_array_size(pl->announce) >= ROUTES_MAX)
		return;
	route = show_attributes(to);
	show_string(route, "prefix", text);
	json_object_set_new(route, "changed", differing(from, to));
	json_array_append_new(pl->announce, route);
}

static void
on_peer(void *arg, const struct bgp_plan_peer *p)
{
	struct planning *pl = arg;
	json_t *o = json_object();

	show_string(o, "name", p->name);
	show_string(o, "effect", bgp_plan_text(p->effect));
	show_string(o, "effect_text", bgp_plan_help(p->effect));
	show_string(o, "option", p->option);
	show_bool(o, "established", p->up);
	show_bool(o, "refresh", p->refresh);
	show_integer(o, "announced", p->announced);
	show_integer(o, "withdrawn", p->withdrawn);
	json_object_set_new(o, "announce", pl->announce);
	json_object_set_new(o, "withdraw", pl->withdraw);
	pl->announce = json_array();
	pl->withdraw = json_array();
	json_array_append_new(pl->peers, o);
	pl->messages += p->effect != BGP_PLAN_NONE || p->refresh;
}

static json_t *
plan_peers(struct planning *pl)
{
	static const struct bgp_plan_callbacks callbacks = {on_peer, on_route};
	enum conf_rung *rungs = rungs_after(pl->b, pl->conf);

	pl->peers = json_array();
	pl->announce = json_array();
	pl->withdraw = json_array();
	bgp_plan(pl->b->bgp, pl->conf, rungs, &callbacks, pl);
	json_decref(pl->announce);
	json_decref(pl->withdraw);
	free(rungs);
	return pl->peers;
}

/* ---- checks and addresses ---- */

static const char *
change_text(enum conf_change_kind kind)
{
	static const char *const words[] = {[CONF_ADDED] = "added",
					    [CONF_REMOVED] = "removed",
					    [CONF_CHANGED] = "changed"};

	return words[kind];
}

static json_t *
plan_changes(const struct conf_diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n; i++) {
		const struct conf_change *c = &diff->v[i];
		json_t *o = json_object();

		show_string(o, "section", reload_section_text(c->section));
		show_string(o, "name", c->name);
		show_string(o, "change", change_text(c->kind));
		show_string(o, "option", c->option);
		json_array_append_new(list, o);
	}
	return list;
}

/* Checks that begin, end, or begin anew because they changed. */
static json_t *
plan_checks(const struct conf_diff *diff)
{
	json_t *list = json_array();

	for (size_t i = 0; i < diff->n; i++) {
		const struct conf_change *c = &diff->v[i];
		json_t *o;

		if (c->section != CONF_SECTION_CHECK)
			continue;
		o = json_object();
		show_string(o, "name", c->name);
		show_string(o, "effect",
			    c->kind == CONF_CHANGED ? "restarted"
						    : change_text(c->kind));
		json_array_append_new(list, o);
	}
	return list;
}

static bool
has_address(const struct conf *conf, const struct ip *ip, const char *interface)
{
	for (size_t s = 0; s < conf->n_services; s++) {
		const struct conf_service *sv = &conf->services[s];

		for (size_t i = 0; i < sv->addresses.n; i++)
			if (ip_equal(&sv->addresses.v[i], ip) &&
			    strcmp(sv->interface ? sv->interface : "",
				   interface ? interface : "") == 0)
				return true;
	}
	return false;
}

/* Those of `a` that `b` does not have. */
static void
add_addresses(const struct conf *a, const struct conf *b, const char *effect,
	      json_t *list)
{
	for (size_t s = 0; s < a->n_services; s++) {
		const struct conf_service *sv = &a->services[s];

		for (size_t i = 0; i < sv->addresses.n; i++) {
			json_t *o;

			if (has_address(b, &sv->addresses.v[i], sv->interface))
				continue;
			o = json_object();
			show_ip(o, "address", &sv->addresses.v[i]);
			show_string(o, "interface", sv->interface);
			show_string(o, "effect", effect);
			json_array_append_new(list, o);
		}
	}
}

static json_t *
plan_addresses(const struct conf *before, const struct conf *after)
{
	json_t *list = json_array();

	add_addresses(after, before, "added", list);
	add_addresses(before, after, "removed", list);
	return list;
}

/* ---- the command ---- */

static json_t *
plan(struct basin *b, const struct conf *conf)
{
	struct planning pl = {.b = b, .conf = conf};
	json_t *result = json_object();
	struct text refusal = {0};
	struct text fixed = {0};
	struct conf_diff diff;

	conf_diff(b->conf, conf, &diff);
	json_object_set_new(result, "changes", plan_changes(&diff));
	json_object_set_new(result, "peers", plan_peers(&pl));
	json_object_set_new(result, "checks", plan_checks(&diff));
	json_object_set_new(result, "addresses", plan_addresses(b->conf, conf));
	show_bool(result, "refused",
		  conf_guard_removal(b->conf, conf, &refusal) != 0);
	show_string(result, "refusal", refusal.len ? text_str(&refusal) : NULL);
	reload_name_fixed(b->conf, conf, &fixed);
	show_string(result, "restart", fixed.len ? text_str(&fixed) + 2 : NULL);
	show_bool(result, "differs", diff.n > 0 || fixed.len > 0);
	show_bool(result, "noticed", pl.messages > 0);
	text_free(&refusal);
	text_free(&fixed);
	conf_diff_free(&diff);
	return result;
}

void
plan_run(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	const char *path = show_argument(arguments, "path");
	struct basin *b = root;
	struct conf *conf;

	if (!path)
		path = b->options.config;
	if (conf_load(path, &conf, &reply->message) != 0) {
		reply->error = CTL_ERROR_CONFIGURATION;
		return;
	}
	text_free(&reply->message);
	reply->result = plan(b, conf);
	conf_free(conf);
}
