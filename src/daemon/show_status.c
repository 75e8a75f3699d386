/* SPDX-License-Identifier: ISC */
/*
 * status: what the pager asks. Bounded whatever the number of prefixes: all
 * are counted, the first in need of attention are listed.
 */
#include <unistd.h>

#include "daemon/drained.h"
#include "daemon/gate.h"
#include "daemon/reload.h"
#include "daemon/show.h"

#define LISTED_MAX   40 /* of each kind */
#define PROGRESS_MAX 5  /* drains with their traffic */

/* ---- counting ---- */

struct tally {
	json_t *object; /* owned: total, states, listed */
	json_t *listed; /* borrowed from object */
	uint64_t states[16];
};

static struct tally
tally_begin(void)
{
	struct tally t = {json_object(), json_array(), {0}};

	json_object_set_new(t.object, "listed", t.listed);
	return t;
}

static bool
tally_full(const struct tally *t)
{
	return json_array_size(t->listed) >= LISTED_MAX;
}

static json_t *
tally_end(struct tally *t, size_t total, int n_states, const char *(*text)(int))
{
	json_t *states = json_object();

	for (int i = 0; i < n_states; i++)
		show_integer(states, text(i), t->states[i]);
	json_object_set_new(t->object, "states", states);
	show_integer(t->object, "total", total);
	return t->object;
}

static const char *
prefix_text(int s)
{
	return avail_prefix_state_text((enum avail_prefix_state)s);
}

static const char *
service_text(int s)
{
	return avail_service_state_text((enum avail_service_state)s);
}

static const char *
check_text(int s)
{
	return avail_check_state_text((enum avail_check_state)s);
}

/* On which rung how many prefixes stand. */
struct rungs {
	size_t n[AVAIL_RUNG_COUNT];
};

static json_t *
rung_counts(const struct rungs *rungs)
{
	json_t *object = json_object();

	for (int r = 0; r < AVAIL_RUNG_COUNT; r++)
		show_integer(object, avail_rung_text((enum avail_rung)r),
			     rungs->n[r]);
	return object;
}

/* Those that are not healthy come first, then others while there is room. */
static json_t *
prefixes(const struct show *s, struct rungs *rungs)
{
	struct tally t = tally_begin();
	struct avail_prefix_view view;
	size_t n = s->b->conf->n_prefixes;

	for (size_t i = 0; i < n; i++) {
		avail_view_prefix(s->b->avail, i, &view);
		t.states[view.state]++;
		rungs->n[view.rung]++;
		if (view.rung != AVAIL_RUNG_HEALTHY && !tally_full(&t))
			json_array_append_new(t.listed, show_prefix(s, i));
	}
	for (size_t i = 0; i < n && !tally_full(&t); i++) {
		avail_view_prefix(s->b->avail, i, &view);
		if (view.rung == AVAIL_RUNG_HEALTHY)
			json_array_append_new(t.listed, show_prefix(s, i));
	}
	json_object_set_new(t.object, "rungs", rung_counts(rungs));
	return tally_end(&t, n, AVAIL_PREFIX_STATE_COUNT, prefix_text);
}

static json_t *
services(const struct show *s)
{
	struct tally t = tally_begin();
	struct avail_service_view view;
	size_t n = s->b->conf->n_services;

	for (size_t i = 0; i < n; i++) {
		avail_view_service(s->b->avail, i, &view);
		t.states[view.state]++;
		if (view.state != AVAIL_SERVICE_UP && !tally_full(&t))
			json_array_append_new(t.listed, show_service(s, i));
	}
	for (size_t i = 0; i < n && !tally_full(&t); i++) {
		avail_view_service(s->b->avail, i, &view);
		if (view.state == AVAIL_SERVICE_UP)
			json_array_append_new(t.listed, show_service(s, i));
	}
	return tally_end(&t, n, AVAIL_SERVICE_STATE_COUNT, service_text);
}

/* Only those that are not up: the rest is a number. */
static json_t *
checks(const struct show *s)
{
	struct tally t = tally_begin();
	struct avail_check_view view;
	size_t n = avail_checks(s->b->avail);

	for (size_t i = 0; i < n; i++) {
		avail_view_check(s->b->avail, i, &view);
		t.states[view.state]++;
		if (view.state != AVAIL_CHECK_UP && !tally_full(&t))
			json_array_append_new(t.listed, show_check(s, i));
	}
	return tally_end(&t, n, AVAIL_CHECK_STATE_COUNT, check_text);
}

static json_t *
peers(const struct show *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < bgp_peers(s->b->bgp); i++)
		json_array_append_new(list,
				      show_peer(s, bgp_peer_at(s->b->bgp, i)));
	return list;
}

/* The first ones with their traffic. */
static json_t *
drains(const struct show *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < drains_count(s->b->drains); i++) {
		const struct drain *d = drains_at(s->b->drains, i);

		if (drains_is_over(d, s->now))
			continue;
		json_array_append_new(list, i < PROGRESS_MAX
						? show_drain_progress(s, d)
						: show_drain(s, d));
	}
	return list;
}

static json_t *
alarms(const struct basin *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < b->n_alarms; i++) {
		json_t *alarm = json_object();

		show_string(alarm, "subject", b->alarms[i].subject);
		show_string(alarm, "message", b->alarms[i].message);
		show_wall(alarm, "since", b->alarms[i].since);
		json_array_append_new(list, alarm);
	}
	return list;
}

/* ---- the one word ---- */

/* What of all that should be out is out. */
struct attraction {
	size_t announced, pending; /* prefixes times peers */
	size_t established, sessions;
};

static struct attraction
attraction(const struct basin *b)
{
	struct attraction a = {0};

	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		struct bgp_peer_view view;

		bgp_peer_view(bgp_peer_at(b->bgp, i), &view);
		a.announced += view.announced;
		a.pending += view.pending;
		a.established += view.state == BGP_STATE_ESTABLISHED;
		a.sessions +=
		    !view.conf->shutdown && !view.range && !view.dynamic;
		a.sessions +=
		    view.dynamic && view.state == BGP_STATE_ESTABLISHED;
	}
	return a;
}

static const char *
summary(const struct basin *b, const struct attraction *a,
	const struct rungs *rungs)
{
	const struct drain *node =
	    avail_node_drained(b->avail, NULL) ? drains_node(b->drains) : NULL;

	if (b->phase != BASIN_RUNNING)
		return basin_phase_text(b->phase);
	if (node && !drained_has(b, AVAIL_NODE, 0))
		return "draining";
	if (a->announced == 0 && node)
		return drains_is_offline(node) ? "offline" : "drained";
	if (a->announced == 0)
		return "silent";
	if (a->pending > 0 || a->established < a->sessions ||
	    rungs->n[AVAIL_RUNG_WITHDRAWN] > 0)
		return "partly";
	if (rungs->n[AVAIL_RUNG_DRAINING] > 0)
		return "draining";
	return rungs->n[AVAIL_RUNG_DEGRADED] > 0 ? "degraded" : "announcing";
}

/* ---- all of it ---- */

static void
add_node(const struct show *s, json_t *object)
{
	const struct basin *b = s->b;
	char id[IP_TEXT_MAX];

	show_string(object, "node", b->conf->node.name);
	show_integer(object, "asn", b->conf->node.asn);
	show_string(object, "router_id",
		    ip_format(&b->conf->node.router_id, id, sizeof(id)));
	show_string(object, "version", BASIN_VERSION);
	show_integer(object, "pid", (uint64_t)getpid());
	show_string(object, "phase", basin_phase_text(b->phase));
	show_mono(s, object, "started", b->started_mono);
}

static void
add_configuration(const struct show *s, json_t *object)
{
	const struct basin *b = s->b;
	json_t *conf = json_object();

	show_string(conf, "path", b->conf->path);
	show_integer(conf, "generation", b->generation);
	show_wall(conf, "loaded", b->configured);
	show_bool(conf, "reload_failed", b->reload_failed);
	show_mono(s, conf, "taken_back", confirm_until(b));
	json_object_set_new(object, "configuration", conf);
}

static void
add_sandbox(json_t *object)
{
	struct sandbox_facts facts;
	json_t *sandbox = json_object();

	sandbox_facts(&facts);
	show_bool(sandbox, "filtered", facts.filtered);
	show_bool(sandbox, "no_new_privileges", facts.no_new_privileges);
	show_bool(sandbox, "unprivileged", facts.unprivileged);
	json_object_set_new(object, "sandbox", sandbox);
}

static void
add_loop(const struct basin *b, json_t *object)
{
	json_t *loop = json_object();

	show_integer(loop, "turns", b->stall.turns);
	show_integer(loop, "stalls", b->stall.stalls);
	json_object_set_new(loop, "longest",
			    json_real(dur_to_seconds(b->stall.longest)));
	json_object_set_new(object, "loop", loop);
}

/* null: it is open. */
static json_t *
start_gate(const struct show *s)
{
	struct text waits = {0};
	json_t *object = json_null();

	if (gate_text(s->b, &waits)) {
		object = json_object();
		show_string(object, "waiting_for", text_str(&waits));
		show_mono(s, object, "until", gate_limit(s->b));
	}
	text_free(&waits);
	return object;
}

json_t *
show_status(const struct show *s)
{
	struct attraction a = attraction(s->b);
	json_t *object = json_object(), *counted;
	struct rungs rungs = {0};

	counted = prefixes(s, &rungs);
	add_node(s, object);
	show_string(object, "state", summary(s->b, &a, &rungs));
	show_bool(object, "attracting", a.announced > 0);
	show_integer(object, "sent", a.announced);
	show_integer(object, "pending", a.pending);
	show_bool(object, "drained", avail_node_drained(s->b->avail, NULL));
	json_object_set_new(object, "attack", show_attack(s));
	json_object_set_new(object, "drill", show_drill_running(s->b));
	json_object_set_new(object, "start_gate", start_gate(s));
	add_configuration(s, object);
	json_object_set_new(object, "drains", drains(s));
	json_object_set_new(object, "alarms", alarms(s->b));
	json_object_set_new(object, "prefixes", counted);
	json_object_set_new(object, "peers", peers(s));
	json_object_set_new(object, "services", services(s));
	json_object_set_new(object, "checks", checks(s));
	add_sandbox(object);
	add_loop(s->b, object);
	show_integer(object, "last_event", events_last_id(s->b->events));
	return object;
}

void
show_status_run(void *root, const struct ctl_caller *caller,
		const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);

	reply->result = show_status(&s);
}
