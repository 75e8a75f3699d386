/* SPDX-License-Identifier: ISC */
/*
 *   (start) ──configured──► CLOSED ──nothing is missing──► OPEN
 *           ──not, or an upgrade took over────────────────►  ▲
 *                           CLOSED ──the limit has passed────┘
 *
 * Invariant: once open it stays open as long as the process lives.
 */
#include "daemon/gate.h"

#include <stdlib.h>

#include "daemon/decide.h"
#include "daemon/detect.h"
#include "daemon/input.h"
#include "daemon/origins.h"

struct gate {
	bool closed;
	struct mono limit; /* while closed */
	uv_timer_t timer;
};

/* A service address that is not there yet; NULL: none. */
static const char *
missing_address(const struct basin *b)
{
	for (size_t i = 0; i < b->conf->n_services; i++) {
		struct avail_service_view v;

		if (b->conf->services[i].addresses.n == 0)
			continue;
		avail_view_service(b->avail, i, &v);
		if (!v.addresses_present)
			return b->conf->services[i].name;
	}
	return NULL;
}

static unsigned
missing(const struct basin *b)
{
	const struct conf_start_gate *c = &b->conf->start_gate;
	const char *which;
	unsigned waits = 0;

	if (!c->enabled)
		return 0;
	if (c->addresses && missing_address(b))
		waits |= AVAIL_GATE_ADDRESSES;
	if (c->bfd && detect_missing(b, &which) > 0)
		waits |= AVAIL_GATE_BFD;
	if (c->rpki && origins_waiting(b))
		waits |= AVAIL_GATE_RPKI;
	return waits;
}

static void
add(struct text *out, const char *what, const char *which, size_t n)
{
	text_addf(out, "%s%s", out->len ? ", " : "", what);
	if (which)
		text_addf(out, " (%s", which);
	if (which && n > 1)
		text_addf(out, " and %zu more", n - 1);
	if (which)
		text_add(out, ")");
}

bool
gate_text(const struct basin *b, struct text *out)
{
	unsigned waits = avail_gate_waits(b->avail);
	const char *which;
	size_t n;

	if (waits & AVAIL_GATE_ADDRESSES)
		add(out, "the addresses of services", missing_address(b), 1);
	if (waits & AVAIL_GATE_BFD) {
		n = detect_missing(b, &which);
		add(out, "BFD", which, n);
	}
	if (waits & AVAIL_GATE_RPKI)
		add(out, "RPKI data", NULL, 0);
	return waits != 0;
}

struct mono
gate_limit(const struct basin *b)
{
	return b->gate && b->gate->closed ? b->gate->limit : MONO_NEVER;
}

static void
open_gate(struct basin *b, enum log_level level, const char *why)
{
	b->gate->closed = false;
	uv_timer_stop(&b->gate->timer);
	basin_event(b, EVENT_NODE, level, "start gate", "closed", "open", NULL,
		    "%s", why);
	input_gate(b, 0, mono_now());
	basin_decide(b);
}

void
gate_look(struct basin *b)
{
	unsigned waits;

	if (!b->gate || !b->gate->closed || b->phase == BASIN_STOPPING)
		return;
	waits = missing(b);
	if (waits == 0) {
		open_gate(b, LOG_LEVEL_NOTICE, "nothing is missing");
		return;
	}
	if (waits == avail_gate_waits(b->avail))
		return;
	input_gate(b, waits, mono_now());
	basin_decide(b);
}

static void
limit_passed(uv_timer_t *timer)
{
	struct basin *b = timer->data;
	struct text why = {0}, still = {0};

	if (b->phase == BASIN_STOPPING)
		return;
	gate_text(b, &still);
	text_addf(&why, "start_gate.limit has passed; still missing: %s",
		  text_str(&still));
	open_gate(b, LOG_LEVEL_WARNING, text_str(&why));
	text_free(&still);
	text_free(&why);
}

void
gate_start(struct basin *b)
{
	const struct conf_start_gate *c = &b->conf->start_gate;
	struct gate *g = xcalloc(1, sizeof(*g));
	struct text waits = {0};

	b->gate = g;
	uv_timer_init(&b->loop, &g->timer);
	g->timer.data = b;
	if (!c->enabled || b->upgraded.taken_over || missing(b) == 0)
		return;
	g->closed = true;
	g->limit = mono_add(mono_now(), c->limit);
	uv_timer_start(&g->timer, limit_passed, (uint64_t)dur_to_ms(c->limit),
		       0);
	input_gate(b, missing(b), mono_now());
	gate_text(b, &waits);
	basin_event(b, EVENT_NODE, LOG_LEVEL_NOTICE, "start gate", "open",
		    "closed", NULL, "waiting for %s", text_str(&waits));
	text_free(&waits);
}

void
gate_free(struct basin *b)
{
	free(b->gate);
}
