/* SPDX-License-Identifier: ISC */
/*
 * Names of states, events and reasons, from the lists that define them.
 */
#include "bgp/fsm.h"

const char *
fsm_event_text(enum fsm_event_type type)
{
	static const char *const texts[] = {
#define X(n, number, text) [FSM_##n] = text,
	    FSM_EVENTS(X)
#undef X
	};

	return texts[type];
}

unsigned
fsm_event_number(enum fsm_event_type type)
{
	static const uint8_t numbers[] = {
#define X(n, number, text) [FSM_##n] = number,
	    FSM_EVENTS(X)
#undef X
	};

	return numbers[type];
}

const char *
fsm_reason_text(enum fsm_reason reason)
{
	static const char *const texts[] = {
#define X(n, text) [FSM_REASON_##n] = text,
	    FSM_REASONS(X)
#undef X
	};

	return texts[reason];
}

const char *
bgp_state_text(enum bgp_state s)
{
	static const char *const texts[] = {
#define X(n, t) [BGP_STATE_##n] = t,
	    BGP_STATES(X)
#undef X
	};

	return texts[s];
}
