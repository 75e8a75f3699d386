/* SPDX-License-Identifier: ISC */
/*
 * The timers of the finite state machine (RFC 4271 section 10): deadlines in
 * struct fsm, pure like the machine itself.
 */
#ifndef BASIN_BGP_FSM_TIMER_H
#define BASIN_BGP_FSM_TIMER_H

#include "bgp/fsm.h"

void fsm_timer_stop_all(struct fsm *f);
void fsm_timer_hold(struct fsm *f, struct mono now);
void fsm_timer_keepalive(struct fsm *f, struct mono now);
void fsm_timer_connect_retry(struct fsm *f, struct mono now);
/* Doubles with each failure in a row; `most` bounds it. */
struct dur fsm_timer_backoff(struct fsm *f, struct dur most);
/* How long to rest in Idle; `most` bounds it. */
struct dur fsm_timer_idle_hold(struct fsm *f, struct dur most);

#endif
