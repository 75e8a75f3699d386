/* SPDX-License-Identifier: ISC */
/*
 * Any sequence of events, with time going by: the machine keeps its
 * invariants, releases routes exactly when it leaves Established, and a timer
 * that has come can always be run to its end.
 */
#include <assert.h>
#include <stdlib.h>

#include "bgp/fsm.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check(const struct fsm *f)
{
	bool session = f->state >= BGP_STATE_OPENSENT;

	if (f->state == BGP_STATE_IDLE) {
		assert(mono_is_never(f->hold_at));
		assert(mono_is_never(f->keepalive_at));
		assert(mono_is_never(f->connect_retry_at));
		assert(mono_is_never(f->send_hold_at));
	} else {
		assert(mono_is_never(f->idle_hold_at));
	}
	if (f->passive)
		assert(mono_is_never(f->connect_retry_at) ||
		       f->state == BGP_STATE_CONNECT);
	if (f->state == BGP_STATE_OPENSENT)
		assert(!mono_is_never(f->hold_at));
	if (session)
		assert(mono_is_never(f->connect_retry_at));
	if (f->state > BGP_STATE_OPENSENT)
		assert(mono_is_never(f->hold_at) == (f->hold.ns == 0));
}

static void
step(struct fsm *f, enum fsm_event_type type, uint8_t arg, struct mono now)
{
	enum bgp_state before = f->state;
	struct fsm_event ev = {.type = type, .code = arg};
	struct fsm_actions a;

	fsm_negotiate(dur_s(90), dur_s(30), arg, &ev.hold, &ev.keepalive);
	a = fsm_step(f, &ev, now);
	assert(!!(a.bits & FSM_DO_RELEASE) ==
	       (before == BGP_STATE_ESTABLISHED &&
		f->state != BGP_STATE_ESTABLISHED));
	assert(!!(a.bits & FSM_DO_ESTABLISH) ==
	       (before != BGP_STATE_ESTABLISHED &&
		f->state == BGP_STATE_ESTABLISHED));
	if (a.bits & FSM_DO_SEND_NOTIFICATION)
		assert(before >= BGP_STATE_OPENSENT && a.bits & FSM_DO_DROP);
	if (type == FSM_NOTIFICATION)
		assert(!(a.bits & FSM_DO_SEND_NOTIFICATION) ||
		       a.code == BGP_ERR_FSM);
	check(f);
}

static void
run_timers(struct fsm *f, struct mono now)
{
	enum fsm_event_type type;
	int turns = 0;

	while (fsm_due(f, now, &type)) {
		step(f, type, 0, now);
		assert(++turns < 8);
	}
}

/* First octet: passive and seed; then pairs of event and argument. */
int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct mono now = {INT64_C(1000000000)};
	struct fsm f;

	if (n == 0)
		return 0;
	fsm_init(&f, octets[0] & 1, dur_s(5), octets[0], now);
	for (size_t i = 1; i + 1 < n; i += 2) {
		enum fsm_event_type type = octets[i] % FSM_EVENT_COUNT;

		now = mono_add(now, dur_ms(octets[i + 1] * 100));
		run_timers(&f, now);
		if (octets[i] & 0x80)
			fsm_send_progress(&f,
					  f.state >= BGP_STATE_OPENSENT &&
					      octets[i] & 0x40,
					  now);
		step(&f, type, octets[i + 1], now);
	}
	return 0;
}
