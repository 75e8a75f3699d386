/* SPDX-License-Identifier: ISC */
#include "fake.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/counters.h"
#include "daemon/drill.h"
#include "daemon/leave.h"
#include "daemon/model.h"
#include "daemon/overload.h"
#include "daemon/quiet.h"
#include "daemon/reload.h"
#include "daemon/show.h"
#include "daemon/watch.h"

/* ---- making ---- */

static void
make_peers(struct fake *f)
{
	const struct conf *conf = f->basin.conf;

	f->bgp.conf = conf;
	f->bgp.n = conf->n_peers;
	f->bgp.peers = xcalloc(conf->n_peers, sizeof(*f->bgp.peers));
	for (size_t i = 0; i < conf->n_peers; i++) {
		struct bgp_peer *peer = &f->bgp.peers[i];

		peer->conf = &conf->peers[i];
		peer->state = BGP_STATE_ESTABLISHED;
		peer->announced = xcalloc(conf->n_prefixes, sizeof(bool));
		peer->pending = xcalloc(conf->n_prefixes, sizeof(bool));
		peer->prefixes = conf->prefixes;
		peer->n = conf->n_prefixes;
		peer->last_error = "";
	}
	f->basin.bgp = &f->bgp;
}

static struct avail_change
drain_changes(struct avail *av)
{
	struct avail_change change = {0};

	while (avail_take(av, &change))
		;
	return change;
}

void
fake_samples(struct fake *f, size_t service, enum avail_verdict verdict)
{
	struct basin *b = &f->basin;

	for (size_t i = 0; i < avail_checks(b->avail); i++)
		for (unsigned n = 0; b->checks[i].service == service && n < 10;
		     n++)
			avail_sample(b->avail, i, verdict, mono_now());
	drain_changes(b->avail);
}

static bool
carries(const struct conf_peer *peer, const struct conf_prefix *prefix)
{
	return peer->families &
	       (prefix->prefix.addr.family == AF_INET ? CONF_IPV4 : CONF_IPV6);
}

void
fake_settle(struct fake *f)
{
	struct avail_prefix_view view;

	for (size_t p = 0; p < f->bgp.n; p++) {
		struct bgp_peer *peer = &f->bgp.peers[p];

		for (size_t i = 0; i < f->bgp.conf->n_prefixes; i++) {
			avail_view_prefix(f->basin.avail, i, &view);
			peer->announced[i] =
			    view.announce &&
			    show_climbs(peer->conf, view.rung) &&
			    peer->state == BGP_STATE_ESTABLISHED &&
			    carries(peer->conf, &f->bgp.conf->prefixes[i]);
		}
	}
}

struct fake *
fake_new(const char *yaml)
{
	struct fake *f = xcalloc(1, sizeof(*f));
	struct drains_clock clock = drains_clock();
	struct basin *b = &f->basin;
	struct text messages = {0};

	if (conf_load_text("/etc/basin/basin.yaml", yaml, strlen(yaml),
			   &b->conf, &messages) != 0) {
		fputs(text_str(&messages), stderr);
		abort();
	}
	text_free(&messages);
	snprintf(f->folder, sizeof(f->folder), "/tmp/basin-fake-XXXXXX");
	if (!mkdtemp(f->folder) ||
	    drains_open(f->folder, &clock, &b->drains, &messages) != 0)
		abort();
	b->phase = BASIN_RUNNING;
	b->started = b->configured = wall_now();
	b->started_mono = mono_now();
	b->generation = 1;
	b->events = events_new(NULL, NULL, NULL);
	b->drill = xcalloc(1, sizeof(*b->drill));
	model_build(b->conf, mono_now(), &b->avail, &b->checks);
	make_peers(f);
	for (size_t i = 0; i < b->conf->n_services; i++) {
		avail_addresses(b->avail, i, true, mono_now());
		fake_samples(f, i, AVAIL_VERDICT_PASS);
	}
	fake_settle(f);
	return f;
}

struct fake *
fake_many(size_t n)
{
	struct text yaml = {0};
	struct fake *f;

	text_add(&yaml, "node: {name: big, asn: 65000, router_id: 1.2.3.4}\n"
			"services:\n");
	for (size_t i = 0; i < n; i++)
		text_addf(&yaml,
			  "  s%zu: {addresses: [10.%zu.%zu.1], "
			  "checks: [{tcp: 53}]}\n",
			  i, i / 256, i % 256);
	text_add(&yaml, "prefixes:\n");
	for (size_t i = 0; i < n; i++)
		text_addf(&yaml, "  10.%zu.%zu.0/24: {services: [s%zu]}\n",
			  i / 256, i % 256, i);
	text_add(&yaml, "peers:\n"
			"  a: {address: 203.0.113.1, asn: 65001}\n"
			"  b: {address: 203.0.113.2, asn: 65002}\n");
	f = fake_new(text_str(&yaml));
	text_free(&yaml);
	return f;
}

void
fake_free(struct fake *f)
{
	struct basin *b = &f->basin;
	char path[128];

	for (size_t i = 0; i < f->bgp.n; i++) {
		free(f->bgp.peers[i].announced);
		free(f->bgp.peers[i].pending);
	}
	free(f->bgp.peers);
	events_free(b->events);
	free(b->drill);
	drains_free(b->drains);
	snprintf(path, sizeof(path), "%s/drains.json", f->folder);
	unlink(path);
	rmdir(f->folder);
	avail_free(b->avail);
	free(b->checks);
	conf_free(b->conf);
	free(f);
}

/* ---- sessions ---- */

size_t
bgp_peers(const struct bgp *bgp)
{
	return bgp->n;
}

struct bgp_peer *
bgp_peer_at(const struct bgp *bgp, size_t i)
{
	return &bgp->peers[i];
}

const char *
bgp_peer_name(const struct bgp_peer *peer)
{
	return peer->conf->name;
}

const char *
bgp_state_text(enum bgp_state s)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    BGP_STATES(X)
#undef X
	};

	return texts[s];
}

static size_t
count(const bool *v, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum;
}

void
bgp_peer_view(const struct bgp_peer *peer, struct bgp_peer_view *out)
{
	*out = (struct bgp_peer_view){
	    .conf = peer->conf,
	    .state = peer->state,
	    .since = mono_now(),
	    .local = peer->conf->source,
	    .remote = peer->conf->address,
	    .families = peer->conf->families,
	    .suspended = peer->suspended,
	    .messages_in = {[BGP_OPEN] = 1, [BGP_KEEPALIVE] = 42},
	    .messages_out = {[BGP_OPEN] = 1, [BGP_UPDATE] = 3},
	    .established = 1,
	    .octets_in = 1000,
	    .octets_out = 2000,
	};
	snprintf(out->last_error, sizeof(out->last_error), "%s",
		 peer->last_error);
	out->last_error_at = mono_now();
	out->announced = count(peer->announced, peer->n);
	out->pending = count(peer->pending, peer->n);
}

/* Prefixes are in the order of their numbers only when sorted: searched. */
static size_t
index_of(const struct bgp_peer *peer, const struct prefix *prefix)
{
	for (size_t i = 0; i < peer->n; i++) {
		size_t at = (peer->hint + i) % peer->n;

		if (!prefix_equal(&peer->prefixes[at].prefix, prefix))
			continue;
		((struct bgp_peer *)peer)->hint = at;
		return at;
	}
	return SIZE_MAX;
}

static const struct bgp_attributes fake_attributes = {
    .has_origin = true,
    .has_as_path = true,
    .as_path = {65000, 65000},
    .n_as_path = 2,
    .has_med = true,
    .med = 50,
    .next_hop = {AF_INET, {203, 0, 113, 2}},
    .communities = {0xffffff01, (65000U << 16) | 100},
    .n_communities = 2,
    .large_communities = {{{65000, 1, 2}}},
    .n_large_communities = 1,
    .ext_communities = {0x0002fde800000064},
    .n_ext_communities = 1,
};

bool
bgp_peer_announced(const struct bgp_peer *peer, const struct prefix *prefix,
		   struct bgp_out_view *out)
{
	size_t i = index_of(peer, prefix);

	if (i == SIZE_MAX || !peer->announced[i])
		return false;
	*out = (struct bgp_out_view){mono_now(), &fake_attributes};
	return true;
}

bool
bgp_peer_pending(const struct bgp_peer *peer, const struct prefix *prefix)
{
	size_t i = index_of(peer, prefix);

	return i != SIZE_MAX && peer->pending[i];
}

const char *
bgp_peer_withheld(const struct bgp_peer *peer, const struct prefix *prefix)
{
	return peer->withheld;
}

void
bgp_peer_each_out(const struct bgp_peer *peer, bgp_route_fn *each, void *arg)
{
	for (size_t i = 0; i < peer->n; i++) {
		struct bgp_route route = {.prefix = peer->prefixes[i].prefix,
					  .attributes = &fake_attributes};

		if (peer->announced[i])
			each(arg, &route, mono_now());
	}
}

/* One default route, from every peer. */
void
bgp_peer_each_in(const struct bgp_peer *peer, bgp_route_fn *each, void *arg)
{
	struct bgp_route route = {.prefix = {{AF_INET, {0}}, 0},
				  .next_hop = peer->conf->address,
				  .attributes = &fake_attributes};

	each(arg, &route, mono_now());
}

/* ---- checker ---- */

const char *
check_cause_text(enum check_cause cause)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    CHECK_CAUSES(X)
#undef X
	};

	return texts[cause];
}

bool
checker_last(const struct checker *c, size_t id, struct check_result *out)
{
	*out = (struct check_result){.latency = dur_us(400)};
	snprintf(out->detail, sizeof(out->detail), "connected");
	return true;
}

bool
push_report(struct checker *c, size_t id, enum check_verdict verdict,
	    const char *message)
{
	return false;
}

void
checker_stats(struct checker *c, struct checker_stats *out)
{
	*out = (struct checker_stats){
	    .runs = 100, .skipped = 1, .lateness_max = dur_ms(3)};
}

/* ---- kernel ---- */

const char *
out_address_state_text(enum out_address_state s)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    OUT_ADDRESS_STATES(X)
#undef X
	};

	return texts[s];
}

size_t
out_addresses(const struct out *out)
{
	return 2;
}

const char *
out_address_error_text(const struct ip *ip, int error)
{
	return strerror(-error);
}

void
out_view_address(const struct out *out, size_t i, struct out_address_view *view)
{
	*view = (struct out_address_view){
	    .ip = {AF_INET, {192, 0, 2, (uint8_t)(53 + i)}},
	    .interface = "lo",
	    .service = i == 0 ? 0 : SIZE_MAX,
	    .state = i == 0 ? OUT_ADDRESS_OWNED : OUT_ADDRESS_LINGERING,
	    .since = mono_now(),
	    .error = i == 0 ? 0 : -EPERM,
	};
}

void
out_stats(const struct out *out, struct out_stats *stats)
{
	*stats = (struct out_stats){.healed = 1, .retries = 2, .overruns = 3};
}

void
sandbox_facts(struct sandbox_facts *out)
{
	*out = (struct sandbox_facts){true, true, false};
}

/* ---- the operator's verbs ---- */

static struct fake_orders *
orders_of(struct basin *b)
{
	return &((struct fake *)(void *)b)->orders;
}

static int
finish(struct fake_orders *orders, struct text *message)
{
	text_add(message, orders->message ? orders->message : "");
	return orders->result;
}

/* As it is told, but at once. */
static void
end(struct basin *b, basin_ordered *done, void *arg)
{
	struct fake_orders *orders = orders_of(b);

	done(arg, orders->result, orders->message ? orders->message : "");
}

static const char *
choice(const struct basin_choice *c, char *buf, size_t size)
{
	snprintf(buf, size, c->given ? "%gs" : "-", dur_to_seconds(c->value));
	return buf;
}

void
basin_drain(struct basin *b, const struct basin_drain *d, basin_ordered *done,
	    void *arg)
{
	struct fake_orders *orders = orders_of(b);
	char v[3][32];

	snprintf(orders->last, sizeof(orders->last),
		 "drain %d %zu %s %s %s %s %s", (int)d->target, d->id,
		 d->reason ? d->reason : "(none)", d->who,
		 choice(&d->duration, v[0], sizeof(v[0])),
		 choice(&d->limit, v[1], sizeof(v[1])),
		 choice(&d->quiet, v[2], sizeof(v[2])));
	end(b, done, arg);
}

void
basin_undrain(struct basin *b, enum avail_target target, const char *name,
	      const char *who, basin_ordered *done, void *arg)
{
	struct fake_orders *orders = orders_of(b);

	snprintf(orders->last, sizeof(orders->last), "undrain %d %s %s",
		 (int)target, name, who);
	end(b, done, arg);
}

static void
told(struct basin *b, const char *verb, const char *reason, const char *who,
     basin_ordered *done, void *arg)
{
	struct fake_orders *orders = orders_of(b);

	snprintf(orders->last, sizeof(orders->last), "%s %s %s", verb, reason,
		 who);
	end(b, done, arg);
}

void
basin_offline(struct basin *b, const char *reason, const char *who,
	      basin_ordered *done, void *arg)
{
	told(b, "offline", reason, who, done, arg);
}

void
basin_online(struct basin *b, const char *reason, const char *who,
	     basin_ordered *done, void *arg)
{
	told(b, "online", reason, who, done, arg);
}

void
basin_attack_on(struct basin *b, const char *reason, const char *who,
		struct dur duration, basin_ordered *done, void *arg)
{
	char verb[64];

	snprintf(verb, sizeof(verb), "attack %gs", dur_to_seconds(duration));
	told(b, verb, reason, who, done, arg);
}

void
basin_attack_off(struct basin *b, const char *who, basin_ordered *done,
		 void *arg)
{
	told(b, "attack", "off", who, done, arg);
}

struct ctl_later *
ctl_later(struct ctl_reply *reply)
{
	reply->later = xcalloc(1, sizeof(*reply->later));
	return reply->later;
}

void
ctl_answer(struct ctl_later *later, struct ctl_reply *reply)
{
	later->reply = *reply;
}

/* ---- what drains do outside of the engine ---- */

bool
leave_closed(const struct basin *b)
{
	return true;
}

/* One address with one packet a second. */
bool
quiet_view(const struct basin *b, enum avail_target target, const char *name,
	   struct quiet_view *out)
{
	static const struct quiet_address address = {
	    .ip = {AF_INET, {192, 0, 2, 53}},
	    .sample = {true, 1.0, {0}, {0}},
	    .packets = 7};

	*out = (struct quiet_view){.verdict = QUIET_LOUD,
				   .found = {.packets_a_second = 1, .loud = 1},
				   .v = &address,
				   .n = 1,
				   .why = ""};
	return true;
}

int
basin_reload(struct basin *b, bool allow_removal, struct text *message)
{
	struct fake_orders *orders = orders_of(b);

	snprintf(orders->last, sizeof(orders->last), "reload %d",
		 allow_removal);
	return finish(orders, message);
}

const char *
basin_phase_text(enum basin_phase phase)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    BASIN_PHASES(X)
#undef X
	};

	return texts[phase];
}

/* ---- watch ---- */

/* ---- drills: allowed unless the test says why not ---- */

int
drill_allowed(const struct basin *b, const struct drill_request *q,
	      struct text *why)
{
	if (b->drill->state != DRILL_STATE_RUNNING)
		return 0;
	text_add(why, "another drill runs");
	return -EPERM;
}

int
drill_begin(struct basin *b, const struct drill_request *q, struct text *why)
{
	int error = drill_allowed(b, q, why);

	if (error != 0)
		return error;
	b->drill->state = DRILL_STATE_RUNNING;
	b->drill->id++;
	b->drill->mode = q->mode;
	b->drill->limit = q->limit;
	b->drill->began = mono_now();
	b->drill->began_wall = wall_now();
	return 0;
}

bool
drill_end(struct basin *b, const char *why)
{
	bool ran = b->drill->state == DRILL_STATE_RUNNING;

	b->drill->state = DRILL_STATE_ENDED;
	return ran;
}

/* ---- traffic and load ---- */

bool
counters_available(const struct basin *b)
{
	return true;
}

const char *
counters_why(const struct basin *b)
{
	return "";
}

/* The first address of every service is counted, the others are not yet. */
bool
counters_view(const struct basin *b, const struct ip *ip,
	      struct counters_view *out)
{
	*out = (struct counters_view){.last_packet = MONO_NEVER,
				      .read = MONO_NEVER,
				      .why = "not read yet"};
	for (size_t i = 0; i < b->conf->n_services; i++)
		if (b->conf->services[i].addresses.n > 0 &&
		    ip_equal(&b->conf->services[i].addresses.v[0], ip))
			*out = (struct counters_view){
			    .packets = 1000,
			    .octets = 64000,
			    .packets_per_second = 12.5,
			    .octets_per_second = 800,
			    .last_packet = mono_now(),
			    .read = mono_now(),
			    .available = true,
			};
	return true;
}

bool
overload_view(const struct basin *b, size_t service,
	      struct measure_value values[MEASURE_COUNT])
{
	const struct conf_overload limits = {.packets = 10, .cpu = 90};

	memset(values, 0, MEASURE_COUNT * sizeof(*values));
	values[MEASURE_PACKETS] =
	    (struct measure_value){.known = true, .value = 12.5};
	measure_judge(&limits, values);
	return true;
}

const char *
overload_text(const struct basin *b, size_t service, char *buf, size_t size)
{
	struct measure_value values[MEASURE_COUNT];

	overload_view(b, service, values);
	return measure_describe(values, buf, size);
}

size_t
watch_count(const struct basin *b)
{
	return 1;
}

/* The first service's. */
size_t
watch_view(const struct basin *b, size_t i, struct watch_view *out)
{
	*out = (struct watch_view){
	    .kind = CONF_WATCH_UDP, .name = "udp/53", .presence = SYS_GONE};
	return i;
}

const struct watch_counts *
watch_counters(const struct basin *b, enum conf_watch_kind kind)
{
	static const struct watch_counts counts = {3, 1};

	return &counts;
}

/* ---- upgrades, plans, probation: none here ---- */

void
upgrade_run(void *root, const struct ctl_caller *caller,
	    const json_t *arguments, struct ctl_reply *reply)
{
	reply->error = CTL_ERROR_REFUSED;
}

void
plan_run(void *root, const struct ctl_caller *caller, const json_t *arguments,
	 struct ctl_reply *reply)
{
	reply->error = CTL_ERROR_REFUSED;
}

int
reload_on_probation(struct basin *b, bool allow_removal, struct dur limit,
		    struct text *message)
{
	return basin_reload(b, allow_removal, message);
}

int
confirm_now(struct basin *b, const char *who)
{
	return -ENOENT;
}

struct mono
confirm_until(const struct basin *b)
{
	return MONO_NEVER;
}
