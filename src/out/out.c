/* SPDX-License-Identifier: ISC */
/*
 * The root of what leaves the decision: addresses, routes, announcements.
 *
 *   events (kernel, verbs, decisions) ─► tables ─► verbs
 *   tick, once a second ───────────────► compare, repeat, alarm
 *   a full dump every half minute ─────► what was missed
 *
 * Invariants: nothing here waits; callbacks to the owner come from the loop,
 * never from inside a call of the owner's.
 */
#include "out/out.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "out/state.h"

/* Lost notifications are told by the kernel; this is for what it does not. */
#define DUMP_EVERY dur_s(30)
/* A blackhole route outlives the UPDATE that withdraws its prefix. */
#define LINGER_LEAST dur_ms(100)

/* ---- shared with the other files ---- */

static uint64_t
timeout(struct mono due)
{
	int64_t ns = mono_sub(due, mono_now()).ns;

	return ns <= 0 ? 0 : (uint64_t)(ns / 1000000) + 1;
}

static void on_soon(uv_timer_t *timer);
static void on_leave(uv_timer_t *timer);

void
out_soon(struct out *out)
{
	if (!out->handles && !uv_is_active((uv_handle_t *)&out->soon))
		uv_timer_start(&out->soon, on_soon, 0, 0);
}

void
out_leave_at(struct out *out, struct mono due)
{
	uint64_t wait = timeout(due);
	uv_timer_t *t = &out->leave;

	if (out->handles ||
	    (uv_is_active((uv_handle_t *)t) && uv_timer_get_due_in(t) <= wait))
		return;
	uv_timer_start(t, on_leave, wait, 0);
}

void
out_alarm(struct out *out, const char *subject, bool on, const char *fmt, ...)
{
	struct text message = {0};
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&message, fmt, ap);
	va_end(ap);
	if (on)
		out->alarms++;
	else
		out->alarms--;
	if (out->callbacks && out->callbacks->alarm)
		out->callbacks->alarm(out->arg, subject, text_str(&message),
				      on);
	text_free(&message);
}

/* ---- what the kernel says ---- */

/* Next hops of imported routes may be reachable now, or no more. */
static void
reachability(struct out *out)
{
	if (out->bgp && !out->stopping)
		bgp_reachability_changed(out->bgp);
}

static void
kernel_address(void *arg, const struct sys_address *a, bool gone)
{
	struct out *out = arg;

	address_seen(out, a, gone);
	/* Host addresses, those of services, connect us to nobody. */
	if (a->len != 8 * ip_octets(a->ip.family))
		reachability(out);
}

static void
kernel_route(void *arg, const struct sys_route *r, bool gone)
{
	route_seen(arg, r, gone);
}

static void
dump(struct out *out)
{
	int r = netwatch_dump(out->watch);

	out->next_dump = mono_add(mono_now(), DUMP_EVERY);
	if (r != 0)
		log_error(out->log, "kernel", "cannot be asked: %s",
			  strerror(-r));
}

/* IPv4 routes by a link that went down vanish without a word: look. */
static void
kernel_link(void *arg, unsigned ifindex, const char *name, bool up)
{
	struct out *out = arg;

	anycast_link_changed(out, name, up);
	if (up)
		address_link_changed(out, name);
	out->next_dump = mono_now();
	reachability(out);
}

static void
kernel_overrun(void *arg)
{
	struct out *out = arg;

	out->overruns++;
}

static void
dump_begin(void *arg)
{
	struct out *out = arg;

	out->dump_began = mono_now();
	address_dump_begin(out);
	route_dump_begin(out);
}

static void
dump_end(void *arg)
{
	struct out *out = arg;

	address_dump_end(out);
	route_dump_end(out);
	/* The links that the dump itself told ask for no other dump. */
	out->next_dump = mono_add(mono_now(), DUMP_EVERY);
}

static const struct netwatch_callbacks kernel = {
    .address = kernel_address,
    .route = kernel_route,
    .link = kernel_link,
    .overrun = kernel_overrun,
    .dump_begin = dump_begin,
    .dump_end = dump_end,
};

/* ---- time ---- */

static bool
finish_stop(struct out *out)
{
	if (!out->stopping || out->stopped)
		return false;
	out->stopped = true;
	uv_timer_stop(&out->limit);
	if (out->stop_done)
		out->stop_done(out->stop_arg);
	return true;
}

static void
on_soon(uv_timer_t *timer)
{
	struct out *out = timer->data;

	if (!out->stopping)
		address_report(out);
	else if (!uv_is_active((uv_handle_t *)&out->leave) &&
		 address_all_gone(out) && anycast_all_gone(out) &&
		 route_all_gone(out))
		finish_stop(out);
}

static void
on_leave(uv_timer_t *timer)
{
	struct out *out = timer->data;
	struct mono now = mono_now();
	struct mono next;

	if (out->stopping) {
		route_remove_all(out);
		address_remove_all(out);
		out_soon(out);
		return;
	}
	next = mono_min(route_leave(out, now), address_leave(out, now));
	if (!mono_is_never(next))
		out_leave_at(out, next);
}

static void
on_tick(uv_timer_t *timer)
{
	struct out *out = timer->data;
	struct mono now = mono_now();

	if (out->stopping) {
		out_soon(out);
		return;
	}
	address_tick(out, now);
	anycast_tick(out, now);
	route_tick(out, now);
	bgp_watch_tick(out, now);
	if (out->replay)
		bgp_watch_replay(out);
	/* Routes of others are not watched: what leads to them is asked. */
	reachability(out);
	out->replay = false;
	if (out->conf && mono_reached(out->next_dump, now))
		dump(out);
}

static void
on_limit(uv_timer_t *timer)
{
	struct out *out = timer->data;

	log_warning(out->log, "stop",
		    "%zu addresses and %zu routes are not removed in time; "
		    "the helper removes them",
		    out_addresses(out), out_routes(out));
	finish_stop(out);
}

/* ---- what the owner calls ---- */

static void
init_timer(struct out *out, uv_timer_t *timer)
{
	uv_timer_init(out->loop, timer);
	timer->data = out;
}

int
out_new(const struct out_settings *s, struct out **result)
{
	struct out *out = xcalloc(1, sizeof(*out));
	int r;

	out->loop = s->loop;
	out->log = s->log;
	out->helper = s->helper;
	out->bgp = s->bgp;
	out->callbacks = s->callbacks;
	out->arg = s->arg;
	route_init(out);
	r = netwatch_new(s->loop, s->log, &kernel, out, &out->watch);
	if (r != 0) {
		free(out);
		return r;
	}
	init_timer(out, &out->tick);
	init_timer(out, &out->soon);
	init_timer(out, &out->leave);
	init_timer(out, &out->limit);
	uv_timer_start(&out->tick, on_tick, 1000, 1000);
	*result = out;
	return 0;
}

void
out_configure(struct out *out, const struct conf *conf)
{
	bool first = !out->conf;

	out->conf = conf;
	out->replay = !first;
	address_configure(out, conf);
	anycast_configure(out, conf);
	route_configure(out, conf);
	if (!first)
		return;
	/* What a hot upgrade has handed over is in the kernel already. */
	bgp_watch_replay(out);
	dump(out);
}

void
out_serve(struct out *out, bool with_addresses)
{
	if (out->without_addresses == !with_addresses)
		return;
	out->without_addresses = !with_addresses;
	if (out->conf && !out->stopping)
		address_configure(out, out->conf);
}

static struct dur
linger(const struct out *out)
{
	struct dur d = out->conf->node.linger;

	return d.ns > LINGER_LEAST.ns ? d : LINGER_LEAST;
}

void
out_want(struct out *out, size_t id, enum conf_rung rung)
{
	bool announce = rung != CONF_RUNG_WITHDRAWN;
	const struct conf_prefix *p = &out->conf->prefixes[id];
	struct sys_route r = route_blackhole(&p->prefix);

	if (announce && p->blackhole)
		route_want(out, &r);
	bgp_want(out->bgp, id, rung);
	if (!announce)
		route_unwant(out, &r, linger(out));
}

void
out_join(struct out *out, size_t service, bool wanted)
{
	anycast_want(out, service, wanted);
}

void
out_import(struct out *out, const struct prefix *prefix,
	   const struct bgp_best *v, size_t n)
{
	/* Before the first configuration: told of again by that. */
	if (!out->stopping && out->conf)
		import_change(out, prefix, v, n);
}

void
out_stop(struct out *out, void (*done)(void *arg), void *arg)
{
	struct dur limit = dur_s(5), wait = DUR_ZERO;

	out->stopping = true;
	out->stop_done = done;
	out->stop_arg = arg;
	if (out->conf) {
		limit = out->conf->node.stop_timeout;
		wait = out->conf->node.linger;
		for (size_t i = 0; i < out->conf->n_prefixes; i++)
			bgp_want(out->bgp, i, CONF_RUNG_WITHDRAWN);
	}
	anycast_remove_all(out);
	uv_timer_start(&out->limit, on_limit, (uint64_t)dur_to_ms(limit), 0);
	uv_timer_start(&out->leave, on_leave, (uint64_t)dur_to_ms(wait), 0);
}

static void
on_closed(uv_handle_t *handle)
{
	struct out *out = handle->data;

	if (--out->handles == 0)
		free(out);
}

static void
close_timers(struct out *out)
{
	uv_timer_t *timers[] = {&out->tick, &out->soon, &out->leave,
				&out->limit};

	out->handles = ARRAY_LEN(timers);
	for (size_t i = 0; i < ARRAY_LEN(timers); i++)
		uv_close((uv_handle_t *)timers[i], on_closed);
}

void
out_free(struct out *out)
{
	if (!out)
		return;
	netwatch_close(out->watch);
	close_timers(out);
	route_free_all(out);
	address_free_all(out);
	anycast_free_all(out);
	bgp_watch_free(out);
}

void
out_stats(const struct out *out, struct out_stats *stats)
{
	*stats = (struct out_stats){
	    .healed = out->healed,
	    .retries = out->retries,
	    .overruns = out->overruns,
	    .alarms = out->alarms,
	};
}
