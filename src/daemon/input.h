/* SPDX-License-Identifier: ISC */
/*
 * Every input of avail passes here, so that the journal has it: the daemon
 * calls these and never avail's own (tests/unit/daemon/inputs_test.py).
 */
#ifndef BASIN_DAEMON_INPUT_H
#define BASIN_DAEMON_INPUT_H

#include "daemon/basin.h"

void input_sample(struct basin *b, size_t check, enum avail_verdict verdict,
		  struct mono now);
void input_addresses(struct basin *b, size_t service, bool present,
		     struct mono now);
void input_watch(struct basin *b, size_t service, bool present,
		 struct mono now);
void input_load(struct basin *b, size_t service, bool high, struct mono now);
void input_drill(struct basin *b, size_t service, bool on, struct mono now);
void input_attack(struct basin *b, bool on, struct mono expires,
		  struct mono now);
void input_gate(struct basin *b, unsigned waits, struct mono now);
void input_brake(struct basin *b, size_t prefix, bool released,
		 struct mono now);
void input_drain(struct basin *b, enum avail_target target, size_t id,
		 const struct avail_drain_times *times, struct mono now);
void input_quiet(struct basin *b, enum avail_target target, size_t id,
		 struct mono now);
bool input_undrain(struct basin *b, enum avail_target target, size_t id,
		   struct mono now);
void input_stop(struct basin *b, struct mono now);
/* A deadline has come. */
void input_tick(struct basin *b, struct mono now);

#endif
