/* SPDX-License-Identifier: ISC */
/* Handlers and pages on a root whose facts the test sets. */
#include "../test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/commands.h"
#include "daemon/metrics.h"
#include "daemon/show.h"
#include "fake.h"

static int
set_up(void **state)
{
	*state = fake_new(FAKE_YAML);
	return 0;
}

static int
tear_down(void **state)
{
	fake_free(*state);
	return 0;
}

static enum ctl_error
run(struct fake *f, const char *name, const char *arguments, json_t **result)
{
	const struct ctl_command *c = basin_commands;
	struct ctl_caller caller = {.user = "alice"};
	struct ctl_reply reply = {0};
	json_t *a = json_loads(arguments, 0, NULL);

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	assert_non_null(c->name);
	assert_non_null(a);
	c->run(&f->basin, &caller, a, &reply);
	json_decref(a);
	if (reply.later) {
		struct ctl_later *later = reply.later;

		reply = later->reply;
		free(later);
	}
	/* Either a result or a message for people. */
	assert_true((reply.error == CTL_OK) == (reply.message.len == 0));
	text_free(&reply.message);
	if (reply.error != CTL_OK) {
		json_decref(reply.result);
		reply.result = NULL;
	}
	*result = reply.result;
	return reply.error;
}

static json_t *
ask(struct fake *f, const char *name, const char *arguments)
{
	json_t *result;

	assert_int_equal(run(f, name, arguments, &result), CTL_OK);
	assert_non_null(result);
	return result;
}

/* A member by a path such as "prefixes.0.state". */
static json_t *
at(json_t *value, const char *path)
{
	char part[64];

	while (*path && value) {
		size_t n = strcspn(path, ".");

		snprintf(part, sizeof(part), "%.*s", (int)n, path);
		value = json_is_array(value)
			    ? json_array_get(value, (size_t)atoi(part))
			    : json_object_get(value, part);
		path += n + (path[n] == '.');
	}
	return value;
}

static void
see_string(json_t *value, const char *path, const char *expected)
{
	const char *seen = json_string_value(at(value, path));

	if (!seen)
		fail_msg("%s is missing", path);
	assert_string_equal(seen, expected);
}

static void
see_integer(json_t *value, const char *path, long long expected)
{
	assert_true(json_is_integer(at(value, path)));
	assert_int_equal(json_integer_value(at(value, path)), expected);
}

static void
see_refused(struct fake *f, const char *name, const char *arguments,
	    enum ctl_error error)
{
	json_t *result;

	assert_int_equal(run(f, name, arguments, &result), error);
}

/* ---- status ---- */

static void
status_says_announcing(void **state)
{
	json_t *s = ask(*state, "status", "{}");

	see_string(s, "node", "nyc1");
	see_string(s, "state", "announcing");
	assert_true(json_is_true(at(s, "attracting")));
	see_integer(s, "prefixes.total", 2);
	see_integer(s, "prefixes.states.announced", 2);
	see_integer(s, "prefixes.listed.0.announced", 2);
	see_integer(s, "prefixes.listed.0.peers", 2);
	/* transit-b does not carry IPv6. */
	see_integer(s, "prefixes.listed.1.peers", 1);
	see_integer(s, "checks.states.up", 3);
	json_decref(s);
}

static void
status_says_what_is_wrong(void **state)
{
	struct fake *f = *state;
	json_t *s;

	f->bgp.peers[1].state = BGP_STATE_ACTIVE;
	f->bgp.peers[1].last_error = "connection refused";
	fake_settle(f);
	s = ask(f, "status", "{}");
	see_string(s, "state", "partly");
	see_string(s, "peers.1.last_error.text", "connection refused");
	json_decref(s);
	fake_samples(f, 0, AVAIL_VERDICT_FAIL);
	fake_samples(f, 1, AVAIL_VERDICT_FAIL);
	fake_settle(f);
	s = ask(f, "status", "{}");
	see_string(s, "state", "silent");
	assert_true(json_is_false(at(s, "attracting")));
	see_string(s, "prefixes.listed.0.state", "withdrawn");
	see_string(s, "prefixes.listed.0.reason", "services_down");
	see_integer(s, "checks.states.down", 3);
	json_decref(s);
}

static void
status_says_drained(void **state)
{
	struct fake *f = *state;
	struct drain drain = {.target = AVAIL_NODE,
			      .name = "",
			      .reason = "kernel",
			      .who = "bob",
			      .expires = MONO_NEVER,
			      .phase = DRAIN_DRAINED};
	json_t *s;

	avail_drain(f->basin.avail, AVAIL_NODE, 0,
		    &(struct avail_drain_times){.expires = MONO_NEVER},
		    mono_now());
	drains_put(f->basin.drains, &drain);
	fake_settle(f);
	s = ask(f, "status", "{}");
	see_string(s, "state", "drained");
	see_string(s, "drains.0.reason", "kernel");
	see_string(s, "prefixes.listed.0.reason", "node_drained");
	see_string(s, "prefixes.listed.0.drain.who", "bob");
	json_decref(s);
}

/* ---- show ---- */

static void
lists_can_be_filtered(void **state)
{
	static const struct {
		const char *command, *arguments, *key;
		int n;
	} cases[] = {
	    {"show services", "{}", "services", 2},
	    {"show services", "{\"name\":\"dns\"}", "services", 1},
	    {"show checks", "{}", "checks", 3},
	    {"show checks", "{\"name\":\"dns\"}", "checks", 2},
	    {"show checks", "{\"name\":\"web-port\"}", "checks", 1},
	    {"show prefixes", "{}", "prefixes", 2},
	    {"show prefixes", "{\"name\":\"192.0.2.0/24\"}", "prefixes", 1},
	    {"show prefixes", "{\"name\":\"192.0.2.7\"}", "prefixes", 1},
	    {"show peers", "{\"name\":\"transit-b\"}", "peers", 1},
	    {"show routes", "{}", "routes", 3},
	    {"show routes", "{\"peer\":\"transit-b\"}", "routes", 1},
	    {"show routes", "{\"prefix\":\"192.0.2.0/24\"}", "routes", 2},
	    {"show routes", "{\"direction\":\"in\"}", "routes", 2},
	    {"show addresses", "{}", "addresses", 2},
	    {"show addresses", "{\"name\":\"dns\"}", "addresses", 1},
	    {"show rpki", "{}", "caches", 2},
	    {"show exabgp", "{}", "processes", 1},
	    {"show flows", "{}", "flows", 2},
	    {"show flows", "{\"peer\":\"transit-b\"}", "flows", 1},
	    {"show flows", "{\"direction\":\"out\"}", "flows", 0},
	    {"show mesh", "{}", "brakes", 1},
	    {"show mesh", "{}", "nodes", 1},
	    {"show mesh", "{\"name\":\"192.0.2.0/24\"}", "brakes", 1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *r = ask(*state, cases[i].command, cases[i].arguments);

		see_integer(r, "total", cases[i].n);
		assert_int_equal(json_array_size(at(r, cases[i].key)),
				 cases[i].n);
		json_decref(r);
	}
}

static void
lists_come_in_pages(void **state)
{
	struct fake *f = fake_many(1200);
	json_t *r = ask(f, "show prefixes", "{}");

	see_integer(r, "total", 1200);
	assert_int_equal(json_array_size(at(r, "prefixes")), 200);
	see_string(r, "prefixes.0.prefix", "10.0.0.0/24");
	json_decref(r);
	r = ask(f, "show prefixes", "{\"offset\":1100}");
	assert_int_equal(json_array_size(at(r, "prefixes")), 100);
	json_decref(r);
	r = ask(f, "show prefixes", "{\"offset\":5,\"limit\":1}");
	see_string(r, "prefixes.0.prefix", "10.0.5.0/24");
	assert_int_equal(json_array_size(at(r, "prefixes")), 1);
	json_decref(r);
	r = ask(f, "show prefixes", "{\"offset\":-1,\"limit\":\"x\"}");
	assert_int_equal(json_array_size(at(r, "prefixes")), 200);
	json_decref(r);
	fake_free(f);
}

static void
names_that_are_not_there_are_not_found(void **state)
{
	static const char *const commands[] = {
	    "show services", "show checks",    "show prefixes", "show peers",
	    "why",           "show addresses", "show mesh",
	};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		see_refused(*state, commands[i], "{\"name\":\"nowhere\"}",
			    CTL_ERROR_NOT_FOUND);
	see_refused(*state, "show routes", "{\"peer\":\"nowhere\"}",
		    CTL_ERROR_NOT_FOUND);
	see_refused(*state, "show routes", "{\"direction\":\"up\"}",
		    CTL_ERROR_BAD_REQUEST);
	see_refused(*state, "show routes", "{\"prefix\":\"x\"}",
		    CTL_ERROR_BAD_REQUEST);
	see_refused(*state, "why", "{}", CTL_ERROR_BAD_REQUEST);
}

static void
routes_have_their_attributes(void **state)
{
	json_t *r = ask(*state, "show routes", "{\"peer\":\"transit-b\"}");

	see_string(r, "routes.0.prefix", "192.0.2.0/24");
	see_integer(r, "routes.0.as_path.1", 65000);
	see_integer(r, "routes.0.med", 50);
	see_string(r, "routes.0.next_hop", "203.0.113.2");
	see_string(r, "routes.0.communities.0", "NO_EXPORT");
	see_string(r, "routes.0.communities.1", "65000:100");
	see_string(r, "routes.0.large_communities.0", "65000:1:2");
	json_decref(r);
}

/* ---- events and why ---- */

static uint64_t
event(struct fake *f, enum event_kind kind, const char *name, const char *to,
      uint64_t cause)
{
	struct event e = {
	    .kind = kind, .level = LOG_LEVEL_NOTICE, .to = to, .cause = cause};

	snprintf(e.name, sizeof(e.name), "%s", name);
	return events_add(f->basin.events, &e);
}

static void
events_can_be_chosen(void **state)
{
	struct fake *f = *state;
	json_t *r;

	for (int i = 0; i < 60; i++)
		event(f, i % 2 ? EVENT_PEER : EVENT_CHECK, i < 3 ? "a" : "b",
		      "up", 0);
	r = ask(f, "show events", "{}");
	assert_int_equal(json_array_size(at(r, "events")), 50);
	see_integer(r, "events.49.id", 60);
	see_integer(r, "last_id", 60);
	json_decref(r);
	r = ask(f, "show events", "{\"limit\":5,\"kind\":\"peer\"}");
	assert_int_equal(json_array_size(at(r, "events")), 5);
	see_string(r, "events.0.kind", "peer");
	json_decref(r);
	r = ask(f, "show events", "{\"name\":\"a\"}");
	assert_int_equal(json_array_size(at(r, "events")), 3);
	json_decref(r);
	r = ask(f, "show events", "{\"after\":58}");
	assert_int_equal(json_array_size(at(r, "events")), 2);
	json_decref(r);
	see_refused(f, "show events", "{\"kind\":\"pear\"}",
		    CTL_ERROR_BAD_REQUEST);
}

static void
why_tells_the_chain_of_a_prefix(void **state)
{
	struct fake *f = *state;
	uint64_t check, service, prefix;
	json_t *r;

	event(f, EVENT_CHECK, "other", "up", 0);
	check = event(f, EVENT_CHECK, "web-port", "up", 0);
	service = event(f, EVENT_SERVICE, "web", "up", check);
	prefix = event(f, EVENT_PREFIX, "192.0.2.0/24", "announced", service);
	event(f, EVENT_ADVERTISEMENT, "192.0.2.0/24", "announced", prefix);
	event(f, EVENT_ADVERTISEMENT, "10.0.0.0/8", "announced", prefix);
	f->bgp.peers[1].state = BGP_STATE_ACTIVE;
	f->bgp.peers[1].last_error = "connection refused";
	fake_settle(f);
	r = ask(f, "why", "{\"name\":\"192.0.2.53\"}");
	see_string(r, "kind", "prefix");
	see_string(r, "prefix.prefix", "192.0.2.0/24");
	see_string(r, "services.0.service", "dns");
	see_string(r, "services.0.check_list.0.last.detail", "connected");
	see_string(r, "peers.0.attributes.origin", "igp");
	see_string(r, "peers.1.why_not",
		   "the session is in Active: connection refused");
	assert_int_equal(json_array_size(at(r, "events")), 4);
	see_string(r, "events.0.name", "web-port");
	see_string(r, "events.2.kind", "prefix");
	see_string(r, "events.3.kind", "advertisement");
	json_decref(r);
}

static void
why_not_names_the_first_obstacle(void **state)
{
	struct fake *f = *state;
	json_t *r;

	fake_samples(f, 0, AVAIL_VERDICT_PASS);
	fake_settle(f);
	f->bgp.peers[0].announced[1] = false;
	f->bgp.peers[0].withheld = "it has no next hop";
	r = ask(f, "why", "{\"name\":\"2001:db8:abcd::/48\"}");
	see_string(r, "peers.0.why_not", "it has no next hop");

	see_string(r, "peers.1.why_not", "the peer is not configured for IPv6");
	json_decref(r);
	fake_samples(f, 0, AVAIL_VERDICT_FAIL);
	fake_settle(f);
	r = ask(f, "why", "{\"name\":\"2001:db8:abcd::/48\"}");
	see_string(r, "peers.0.why_not", "the decision is not to announce it");
	json_decref(r);
}

static void
why_knows_services_and_checks(void **state)
{
	json_t *r = ask(*state, "why", "{\"name\":\"dns\"}");

	see_string(r, "kind", "service");
	assert_int_equal(json_array_size(at(r, "prefixes")), 2);
	json_decref(r);
	r = ask(*state, "why", "{\"name\":\"web-port\"}");
	see_string(r, "kind", "check");
	see_string(r, "service.service", "web");
	json_decref(r);
}

/* ---- orders ---- */

static void
orders_are_passed_on(void **state)
{
	struct fake *f = *state;
	static const struct {
		const char *command, *arguments, *order;
	} cases[] = {
	    {"drain", "{\"target\":\"node\",\"reason\":\"x\"}",
	     "drain 0 0 x alice - - -"},
	    {"drain", "{\"target\":\"node\"}", "drain 0 0 (none) alice - - -"},
	    {"drain",
	     "{\"target\":\"node\",\"reason\":\"x\",\"for\":\"ever\","
	     "\"now\":true,\"quiet\":\"2s\"}",
	     "drain 0 0 x alice 0s 0s 2s"},
	    {"offline", "{\"reason\":\"owned\"}", "offline owned alice"},
	    {"online", "{\"reason\":\"new disk\"}", "online new disk alice"},
	    {"attack on", "{\"reason\":\"flood\"}", "attack 3600s flood alice"},
	    {"attack on", "{\"reason\":\"flood\",\"for\":\"5m\"}",
	     "attack 300s flood alice"},
	    {"attack off", "{}", "attack off alice"},
	    {"drain",
	     "{\"target\":\"service\",\"name\":\"web\",\"reason\":\"y\","
	     "\"for\":\"2h\",\"limit\":\"30s\"}",
	     "drain 1 1 y alice 7200s 30s -"},
	    {"drain",
	     "{\"target\":\"prefix\",\"name\":\"2001:db8:abcd::/48\","
	     "\"reason\":\"a\\nb\"}",
	     "drain 2 1 a\\x0ab alice - - -"},
	    {"undrain", "{\"target\":\"node\"}", "undrain 0  alice"},
	    {"reload", "{}", "reload 0"},
	    {"reload", "{\"allow_removal\":true}", "reload 1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_decref(ask(f, cases[i].command, cases[i].arguments));
		assert_string_equal(f->orders.last, cases[i].order);
	}
}

static void
put_drain(struct fake *f, enum avail_target target, const char *name,
	  struct mono expires)
{
	struct drain d = {.target = target,
			  .name = name,
			  .reason = "x",
			  .who = "ada",
			  .expires = expires};

	drains_put(f->basin.drains, &d);
}

/* A reload took it out of the configuration. */
static void
what_is_not_configured_can_be_undrained(void **state)
{
	struct fake *f = *state;

	put_drain(f, AVAIL_SERVICE, "gone", MONO_NEVER);
	put_drain(f, AVAIL_PREFIX, "10.0.0.0/8", MONO_NEVER);
	json_decref(
	    ask(f, "undrain", "{\"target\":\"service\",\"name\":\"gone\"}"));
	assert_string_equal(f->orders.last, "undrain 1 gone alice");
	json_decref(ask(f, "undrain",
			"{\"target\":\"prefix\",\"name\":\"10.0.0.0/8\"}"));
	assert_string_equal(f->orders.last, "undrain 2 10.0.0.0/8 alice");
	see_refused(f, "undrain", "{\"target\":\"service\",\"name\":\"never\"}",
		    CTL_ERROR_NOT_FOUND);
	see_refused(f, "drain",
		    "{\"target\":\"service\",\"name\":\"gone\","
		    "\"reason\":\"x\"}",
		    CTL_ERROR_NOT_FOUND);
}

/* That it is over is stored a little later. */
static void
what_is_over_is_not_shown(void **state)
{
	struct fake *f = *state;
	struct drains_attack attack = {
	    .reason = "flood", .who = "ada", .expires = mono_now()};
	json_t *r;

	put_drain(f, AVAIL_SERVICE, "web", mono_now());
	put_drain(f, AVAIL_NODE, "", mono_now());
	drains_set_attack(f->basin.drains, &attack);
	r = ask(f, "show drains", "{}");
	see_integer(r, "total", 0);
	json_decref(r);
	r = ask(f, "status", "{}");
	assert_true(json_is_null(at(r, "attack")));
	assert_int_equal(json_array_size(at(r, "drains")), 0);
	assert_string_not_equal(json_string_value(at(r, "state")), "draining");
	json_decref(r);
}

static void
bad_orders_change_nothing(void **state)
{
	struct fake *f = *state;
	static const char *const bad[] = {
	    "{}",
	    "{\"target\":\"node\",\"reason\":\"\"}",
	    "{\"target\":\"node\",\"name\":\"x\",\"reason\":\"x\"}",
	    "{\"target\":\"service\",\"reason\":\"x\"}",
	    "{\"target\":\"all\",\"name\":\"x\",\"reason\":\"x\"}",
	    "{\"target\":\"node\",\"reason\":\"x\",\"for\":\"5\"}",
	    "{\"target\":\"node\",\"reason\":\"x\",\"for\":7}",
	    "{\"target\":\"node\",\"reason\":\"x\",\"limit\":\"25h\"}",
	    "{\"target\":\"node\",\"reason\":\"x\",\"quiet\":\"-1s\"}",
	    "{\"target\":\"node\",\"reason\":\"x\",\"limit\":\"ever\"}",
	    "{\"target\":1,\"reason\":2}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		see_refused(f, "drain", bad[i], CTL_ERROR_BAD_REQUEST);
	see_refused(f, "offline", "{}", CTL_ERROR_BAD_REQUEST);
	see_refused(f, "online", "{\"reason\":\"\"}", CTL_ERROR_BAD_REQUEST);
	see_refused(f, "attack on", "{}", CTL_ERROR_BAD_REQUEST);
	see_refused(f, "drain",
		    "{\"target\":\"service\",\"name\":\"x\","
		    "\"reason\":\"x\"}",
		    CTL_ERROR_NOT_FOUND);
	assert_string_equal(f->orders.last, "");
}

static void
refused_orders_have_their_code(void **state)
{
	struct fake *f = *state;

	f->orders.message = "why";
	f->orders.result = -ENOENT;
	see_refused(f, "undrain", "{\"target\":\"node\"}", CTL_ERROR_NOT_FOUND);
	f->orders.result = -EPERM;
	see_refused(f, "reload", "{}", CTL_ERROR_REFUSED);
	f->orders.result = -EINVAL;
	see_refused(f, "reload", "{}", CTL_ERROR_CONFIGURATION);
	f->orders.result = -EIO;
	see_refused(f, "drain", "{\"target\":\"node\",\"reason\":\"x\"}",
		    CTL_ERROR_FAILED);
}

/* ---- pages ---- */

static unsigned
render_pieces(struct fake *f, const struct ctl_page *page, struct text *body)
{
	void *state = page->begin(&f->basin);
	int more;

	do {
		struct text piece = {0};

		more = page->more(state, &piece);
		text_add(body, text_str(&piece));
		text_free(&piece);
	} while (more > 0);
	page->end(state);
	return more == 0 ? 200 : 500;
}

static unsigned
render(struct fake *f, const char *path, struct text *body)
{
	const struct ctl_page *page = basin_pages;

	while (page->path && strcmp(page->path, path) != 0)
		page++;
	assert_non_null(page->path);
	text_clear(body);
	return page->render ? page->render(&f->basin, body)
			    : render_pieces(f, page, body);
}

static void
health_follows_what_is_announced(void **state)
{
	struct fake *f = *state;
	struct text body = {0};
	json_t *health;

	assert_int_equal(render(f, "/health", &body), 200);
	fake_samples(f, 0, AVAIL_VERDICT_FAIL);
	fake_settle(f);
	assert_int_equal(render(f, "/health", &body), 503);
	health = json_loads(body.s, 0, NULL);
	see_string(health, "status", "failing");
	see_integer(health, "prefixes_missing", 1);
	see_integer(health, "prefixes_announced", 1);
	see_string(health, "prefixes.0.prefix", "2001:db8:abcd::/48");
	json_decref(health);
	/* A drained prefix is missing on purpose. */
	avail_drain(f->basin.avail, AVAIL_PREFIX, 1,
		    &(struct avail_drain_times){.expires = MONO_NEVER},
		    mono_now());
	assert_int_equal(render(f, "/health", &body), 200);
	/* Decided, but not in any Adj-RIB-Out. */
	f->bgp.peers[0].announced[0] = false;
	f->bgp.peers[1].announced[0] = false;
	assert_int_equal(render(f, "/health", &body), 503);
	text_free(&body);
}

static void
the_status_page_is_the_status(void **state)
{
	struct text body = {0};
	json_t *status;

	assert_int_equal(render(*state, "/status.json", &body), 200);
	status = json_loads(body.s, 0, NULL);
	see_string(status, "state", "announcing");
	json_decref(status);
	text_free(&body);
}

static void
metrics_tell_what_was_sent(void **state)
{
	static const char *const lines[] = {
	    "# TYPE basin_announced gauge\n",
	    "basin_announced{prefix=\"192.0.2.0/24\",peer=\"transit-a\"} 1\n",
	    "basin_announced{prefix=\"192.0.2.0/24\",peer=\"transit-b\"} 0\n",
	    "basin_desired{prefix=\"192.0.2.0/24\"} 1\n",
	    "# TYPE basin_transitions counter\n",
	    "basin_peer_state{peer=\"transit-a\",state=\"Established\"} 1\n",
	    "basin_peer_routes_refused_total{peer=\"transit-a\","
	    "reason=\"leak\"} 7\n",
	    ("basin_peer_messages_total{peer=\"transit-a\",direction=\"out\","
	     "type=\"update\"} 3\n"),
	    "basin_drained{target=\"node\",name=\"\"} 0\n",
	    "# UNIT basin_check_latency_seconds seconds\n",
	};
	struct fake *f = *state;
	struct text body = {0};

	f->bgp.peers[1].announced[0] = false;
	assert_int_equal(render(f, "/metrics", &body), 200);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		if (!strstr(body.s, lines[i]))
			fail_msg("%s is missing in\n%s", lines[i], body.s);
	/* transit-b does not carry IPv6: there is nothing to tell. */
	assert_null(strstr(body.s, "abcd::/48\",peer=\"transit-b\""));
	assert_string_equal(body.s + body.len - 6, "# EOF\n");
	text_free(&body);
}

/* ---- the ladder ---- */

static struct fake *
degraded_fake(void)
{
	struct fake *f = fake_new(
	    "node: {name: nyc1, asn: 65000, router_id: 198.51.100.1}\n"
	    "services:\n"
	    "  dns: {addresses: [192.0.2.53], checks: [{tcp: 53}]}\n"
	    "  web: {addresses: [198.51.101.80], checks: [{tcp: 80}]}\n"
	    "prefixes:\n"
	    "  192.0.2.0/24: {services: dns, damping: on}\n"
	    "  198.51.101.0/24: {services: web}\n"
	    "peers:\n"
	    "  transit-a: {address: 203.0.113.1, asn: 65001}\n"
	    "  transit-b:\n"
	    "    address: 203.0.113.9\n"
	    "    asn: 65002\n"
	    "    ladder: {degraded: {announce: false}}\n");

	fake_samples(f, 1, AVAIL_VERDICT_DEGRADED);
	fake_settle(f);
	return f;
}

static void
the_rung_is_shown(void **state)
{
	struct fake *f = degraded_fake();
	json_t *r = ask(f, "show prefixes", "{}");

	see_string(r, "prefixes.0.rung", "healthy");
	see_string(r, "prefixes.1.state", "announced");
	see_string(r, "prefixes.1.rung", "degraded");
	see_string(r, "prefixes.1.rung_reason", "impaired");
	see_string(r, "prefixes.1.rung_cause", "web");
	assert_true(json_is_null(at(r, "prefixes.0.rung_cause")));
	see_string(r, "prefixes.1.rung_reason_text",
		   avail_reason_help(AVAIL_REASON_IMPAIRED));
	see_integer(r, "prefixes.1.penalty", 0);
	assert_true(json_is_null(at(r, "prefixes.1.rung_until")));
	/* The ladder of transit-b keeps it away: not missed there. */
	see_integer(r, "prefixes.1.announced", 1);
	see_integer(r, "prefixes.1.peers", 1);
	json_decref(r);
	r = ask(f, "status", "{}");
	see_string(r, "state", "degraded");
	see_integer(r, "prefixes.rungs.degraded", 1);
	see_integer(r, "prefixes.rungs.healthy", 1);
	see_string(r, "prefixes.listed.0.prefix", "198.51.101.0/24");
	json_decref(r);
	r = ask(f, "why", "{\"name\":\"198.51.101.0/24\"}");
	see_string(r, "peers.1.why_not",
		   "its ladder withdraws what is "
		   "degraded");
	json_decref(r);
	fake_free(f);
}

/* Whichever of the three is drained; nothing of it when all is back. */
static void
the_limit_of_a_drain_is_shown(void **state)
{
	static const enum avail_target targets[] = {AVAIL_NODE, AVAIL_SERVICE,
						    AVAIL_PREFIX};
	struct fake *f = *state;
	struct mono now = mono_now();
	struct avail_drain_times times = {mono_add(now, dur_s(60)), MONO_NEVER};

	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		/* Service 0 and the prefix 1 that stands on it alone. */
		size_t id = targets[i] == AVAIL_PREFIX;
		json_t *r;

		avail_drain(f->basin.avail, targets[i], id, &times, now);
		r = ask(f, "show prefixes", "{\"name\":\"2001:db8:abcd::1\"}");
		see_string(r, "prefixes.0.state", "draining");
		see_string(r, "prefixes.0.rung", "draining");
		assert_true(json_is_string(at(r, "prefixes.0.drain_limit")));
		json_decref(r);
		avail_undrain(f->basin.avail, targets[i], id, now);
		r = ask(f, "show prefixes", "{\"name\":\"2001:db8:abcd::1\"}");
		assert_true(json_is_null(at(r, "prefixes.0.drain_limit")));
		json_decref(r);
	}
}

static void
degraded_is_healthy_enough_for_the_page(void **state)
{
	struct fake *f = degraded_fake();
	struct text body = {0};
	json_t *health;

	assert_int_equal(render(f, "/health", &body), 200);
	health = json_loads(body.s, 0, NULL);
	see_integer(health, "prefixes_degraded", 1);
	see_string(health, "prefixes.1.rung", "degraded");
	json_decref(health);
	text_free(&body);
	/* Announced to nobody is not. */
	f->bgp.peers[0].announced[1] = false;
	assert_int_equal(render(f, "/health", &body), 503);
	text_free(&body);
	fake_free(f);
}

static void
rungs_are_measured(void **state)
{
	struct fake *f = degraded_fake();
	struct text body = {0};

	f->bgp.peers[1].suspended = "disk of ns1";
	render(f, "/metrics", &body);
	assert_non_null(strstr(body.s, "basin_prefix_rung{prefix=\"192.0.2.0/24"
				       "\",rung=\"healthy\"} 1\n"));
	assert_non_null(strstr(body.s, "basin_prefix_rung{prefix=\"198.51.101."
				       "0/24\",rung=\"degraded\"} 1\n"));
	assert_non_null(strstr(body.s, "basin_prefix_penalty{prefix=\"192.0.2."
				       "0/24\"} 0\n"));
	assert_null(strstr(body.s, "basin_prefix_penalty{prefix=\"198.51"));
	assert_non_null(
	    strstr(body.s, "basin_peer_suspended{peer=\"transit-a\"} 0\n"));
	assert_non_null(
	    strstr(body.s, "basin_peer_suspended{peer=\"transit-b\"} 1\n"));
	text_free(&body);
	fake_free(f);
}

static void
a_closed_node_says_so_of_each_peer(void **state)
{
	struct fake *f = *state;
	json_t *r;

	f->bgp.peers[0].state = BGP_STATE_IDLE;
	f->bgp.peers[0].suspended = "disk of ns1";
	fake_settle(f);
	r = ask(f, "why", "{\"name\":\"192.0.2.0/24\"}");
	see_string(r, "peers.0.why_not",
		   "all sessions are closed: disk of ns1");
	json_decref(r);
	r = ask(f, "show peers", "{}");
	see_string(r, "peers.0.suspended", "disk of ns1");
	assert_true(json_is_null(at(r, "peers.1.suspended")));
	json_decref(r);
}

static void
every_metric_is_written_once(void **state)
{
	struct text body = {0};
	char type[128];

	render(*state, "/metrics", &body);
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		const struct metric_description *m = &metrics_table[i];
		size_t n = strlen(m->name);
		const char *first;

		if (strcmp(m->type, "counter") == 0)
			n -= strlen("_total");
		snprintf(type, sizeof(type), "# TYPE %.*s %s\n", (int)n,
			 m->name, m->type);
		first = strstr(body.s, type);
		if (!first)
			fail_msg("%s is missing", m->name);
		assert_null(strstr(first + 1, type));
	}
	text_free(&body);
}

static void
long_pages_come_in_pieces(void **state)
{
	struct fake *f = fake_many(1000);
	void *page = metrics_begin(&f->basin);
	struct text piece = {0};
	int pieces = 0;

	while (metrics_more(page, &piece) > 0) {
		assert_in_range(piece.len, 32768, 40000);
		text_clear(&piece);
		pieces++;
	}
	assert_true(pieces > 20);
	metrics_free(page);
	text_free(&piece);
	fake_free(f);
}

static void
a_reload_ends_the_page(void **state)
{
	struct fake *f = fake_many(1000);
	void *page = metrics_begin(&f->basin);
	struct text piece = {0};

	assert_int_equal(metrics_more(page, &piece), 1);
	f->basin.generation++;
	assert_int_equal(metrics_more(page, &piece), -ESTALE);
	metrics_free(page);
	text_free(&piece);
	fake_free(f);
}

static void
label_values_are_escaped(void **state)
{
	struct text out = {0};
	struct metrics_writer w = {.out = &out};

	metrics_family(&w, METRIC_DRAINED);
	text_clear(&out);
	metrics_sample(&w);
	metrics_label(&w, "name", "a\"b\\c\nd");
	metrics_count(&w, UINT64_MAX);
	assert_string_equal(out.s, "basin_drained{name=\"a\\\"b\\\\c\\nd\"} "
				   "18446744073709551615\n");
	text_free(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* For the manual's test: the page of a node with everything in it. */
static int
print_metrics(void)
{
	struct fake *f = fake_new(FAKE_YAML);
	struct text body = {0};

	render(f, "/metrics", &body);
	fputs(body.s, stdout);
	text_free(&body);
	fake_free(f);
	return 0;
}

/* ---- counters, drill ---- */

static void
counters_are_shown_by_address(void **state)
{
	struct fake *f = *state;
	json_t *all = ask(f, "show counters", "{}");
	json_t *one = ask(f, "show counters", "{\"name\": \"192.0.2.80\"}");
	json_t *none;

	assert_int_equal(json_integer_value(at(all, "total")), 3);
	assert_true(json_is_true(at(all, "available")));
	assert_int_equal(json_integer_value(at(all, "counters.0.packets")),
			 1000);
	assert_true(json_is_null(at(all, "counters.0.why")));
	assert_string_equal(json_string_value(at(all, "counters.1.why")),
			    "not read yet");
	assert_int_equal(json_integer_value(at(one, "total")), 1);
	assert_string_equal(json_string_value(at(one, "counters.0.service")),
			    "web");
	json_decref(all);
	json_decref(one);
	assert_int_equal(
	    run(f, "show counters", "{\"name\": \"nothing\"}", &none),
	    CTL_ERROR_NOT_FOUND);
}

static void
a_plan_of_a_drill_changes_nothing(void **state)
{
	struct fake *f = *state;
	json_t *plan = ask(f, "drill",
			   "{\"service\": \"dns\", \"mode\": \"drop\", "
			   "\"for\": \"5s\", \"plan\": true}");
	json_t *show = ask(f, "show drill", "{}");

	assert_string_equal(json_string_value(at(plan, "probe")), "tcp/53");
	assert_int_equal(json_array_size(at(plan, "addresses")), 2);
	assert_true(json_is_true(at(plan, "expected.noticed")));
	assert_true(json_is_null(at(show, "drill")));
	json_decref(plan);
	json_decref(show);
}

static void
a_drill_runs_once_and_is_ended(void **state)
{
	struct fake *f = *state;
	json_t *result = ask(f, "drill", "{\"service\": \"dns\"}");

	assert_string_equal(json_string_value(at(result, "mode")), "admin");
	assert_true(json_real_value(at(result, "for")) == 10);
	json_decref(result);
	assert_int_equal(run(f, "drill", "{\"service\": \"web\"}", &result),
			 CTL_ERROR_REFUSED);
	result = ask(f, "show drill", "{}");
	assert_string_equal(json_string_value(at(result, "drill.state")),
			    "running");
	json_decref(result);
	json_decref(ask(f, "drill end", "{}"));
	assert_int_equal(run(f, "drill end", "{}", &result),
			 CTL_ERROR_NOT_FOUND);
}

static void
wrong_drills_are_bad_requests(void **state)
{
	static const char *const wrong[] = {
	    "{}",
	    "{\"service\": \"dns\", \"mode\": \"kill\"}",
	    "{\"service\": \"dns\", \"for\": \"5\"}",
	    "{\"service\": \"dns\", \"for\": \"0s\"}",
	    "{\"service\": \"dns\", \"for\": \"61m\"}",
	};
	struct fake *f = *state;
	json_t *result;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(run(f, "drill", wrong[i], &result),
				 CTL_ERROR_BAD_REQUEST);
	assert_int_equal(run(f, "drill", "{\"service\": \"nds\"}", &result),
			 CTL_ERROR_NOT_FOUND);
}

static void
loads_are_shown_with_their_limits(void **state)
{
	struct fake *f = *state;
	json_t *result = ask(f, "show services", "{\"name\": \"dns\"}");

	assert_true(json_is_true(at(result, "services.0.load.packets.high")));
	assert_true(json_is_null(at(result, "services.0.load.cpu.value")));
	assert_string_equal(
	    json_string_value(at(result, "services.0.load_high")),
	    "packets 12/s (limit 10/s)");
	json_decref(result);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    TEST(counters_are_shown_by_address),
	    TEST(a_plan_of_a_drill_changes_nothing),
	    TEST(a_drill_runs_once_and_is_ended),
	    TEST(wrong_drills_are_bad_requests),
	    TEST(loads_are_shown_with_their_limits),
	    TEST(status_says_announcing),
	    TEST(status_says_what_is_wrong),
	    TEST(status_says_drained),
	    TEST(lists_can_be_filtered),
	    TEST(lists_come_in_pages),
	    TEST(names_that_are_not_there_are_not_found),
	    TEST(routes_have_their_attributes),
	    TEST(events_can_be_chosen),
	    TEST(why_tells_the_chain_of_a_prefix),
	    TEST(the_rung_is_shown),
	    TEST(the_limit_of_a_drain_is_shown),
	    TEST(degraded_is_healthy_enough_for_the_page),
	    TEST(rungs_are_measured),
	    TEST(a_closed_node_says_so_of_each_peer),
	    TEST(why_not_names_the_first_obstacle),
	    TEST(why_knows_services_and_checks),
	    TEST(orders_are_passed_on),
	    TEST(what_is_not_configured_can_be_undrained),
	    TEST(what_is_over_is_not_shown),
	    TEST(bad_orders_change_nothing),
	    TEST(refused_orders_have_their_code),
	    TEST(health_follows_what_is_announced),
	    TEST(the_status_page_is_the_status),
	    TEST(metrics_tell_what_was_sent),
	    TEST(every_metric_is_written_once),
	    TEST(long_pages_come_in_pieces),
	    TEST(a_reload_ends_the_page),
	    TEST(label_values_are_escaped),
	};

	if (argc == 2 && strcmp(argv[1], "--metrics") == 0)
		return print_metrics();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
