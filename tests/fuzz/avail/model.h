/* SPDX-License-Identifier: ISC */
/*
 * The availability engine once more, slow and plain: no counters, no timers,
 * no lists. After every single happening everything is worked out anew from
 * the rules in the manual. Tests compare it with the real one.
 */
#ifndef BASIN_TESTS_AVAIL_MODEL_H
#define BASIN_TESTS_AVAIL_MODEL_H

#include "avail/avail.h"

#define MODEL_MAX     16
#define MODEL_KEY_MAX 16

#define MODEL_NEVER  INT64_MAX
#define MODEL_SECOND INT64_C(1000000000)

struct model_drain {
	bool on, leaving;
	int64_t limit, expires;
};

/* What is shown of any object. */
struct model_shown {
	int state;
	enum avail_reason reason;
	int64_t since;
	bool up;
	uint64_t transitions;
};

struct model_check {
	char key[MODEL_KEY_MAX];
	struct avail_check_settings s;
	size_t service;
	enum avail_check_state believed;
	enum avail_reason why;
	bool risen, gave_up, jumped;
	enum avail_reason blind; /* why unknown, or NONE */
	int64_t blind_since, lease_from;
	unsigned rises, falls;
	struct avail_check_view view; /* last, streak, samples only */
	struct model_shown shown;
};

struct model_service {
	char key[MODEL_KEY_MAX];
	unsigned need; /* 0: all */
	int64_t overload_after, overload_clear;
	int decided; /* -1 not yet, 0 down, 1 up */
	bool told, present, gone, drilled;
	bool high, overloaded;
	int64_t high_since;
	struct model_drain drain;
	struct model_shown shown;
};

struct model_prefix {
	char key[MODEL_KEY_MAX];
	struct avail_prefix_settings s;
	int64_t hold_until, reuse_at;
	double penalty;
	int64_t penalty_at;
	enum { MODEL_ASKED, MODEL_REFUSED, MODEL_RELEASED } brake;
	enum avail_rung rung;
	int64_t better_at; /* HEALTHY is awaited until then, or NEVER */
	size_t services[MODEL_MAX], n;
	int decided;
	bool opened;
	bool released; /* from HELD or SUPPRESSED, by the end of that */
	struct model_drain drain;
	struct model_shown shown;
};

struct model {
	struct model_check checks[MODEL_MAX];
	struct model_service services[MODEL_MAX];
	struct model_prefix prefixes[MODEL_MAX];
	size_t n_checks, n_services, n_prefixes;
	struct model_drain node;
	bool attack;
	int64_t attack_expires, now;
	bool stopping;
};

void model_seal(struct model *m, int64_t now);
void model_adopt(struct model *m, const struct model *old, int64_t now);
void model_tick(struct model *m, int64_t now);
void model_sample(struct model *m, size_t check, enum avail_verdict v,
		  int64_t now);
void model_addresses(struct model *m, size_t service, bool present,
		     int64_t now);
void model_watch(struct model *m, size_t service, bool present, int64_t now);
void model_load(struct model *m, size_t service, bool high, int64_t now);
void model_attack(struct model *m, bool on, int64_t expires, int64_t now);
void model_brake(struct model *m, size_t prefix, bool released, int64_t now);
void model_drill(struct model *m, size_t service, bool on, int64_t now);
void model_drain(struct model *m, enum avail_target target, size_t id,
		 int64_t limit, int64_t expires, int64_t now);
void model_quiet(struct model *m, enum avail_target target, size_t id,
		 int64_t now);
bool model_undrain(struct model *m, enum avail_target target, size_t id,
		   int64_t now);
void model_stop(struct model *m, int64_t now);
int64_t model_deadline(const struct model *m);
bool model_changing(const struct model_check *c);
unsigned model_checks_up(const struct model *m, size_t service);
unsigned model_services_up(const struct model *m, size_t prefix);
bool model_degraded(const struct model *m, size_t prefix);

/* Shared by model.c and model_prefix.c. */
void model_show(struct model_shown *s, int state, enum avail_reason reason,
		bool up, int64_t now);
unsigned model_checks_in(const struct model *m, size_t service,
			 enum avail_check_state state);
bool model_service_available(const struct model_service *s);
bool model_service_leaving(const struct model_service *s);
void model_prefix_decide(struct model *m, struct model_prefix *p);
int64_t model_prefix_due(const struct model_prefix *p);
void model_prefix_fire(struct model *m, struct model_prefix *p);
void model_prefix_adopt(struct model_prefix *p, const struct model_prefix *old,
			int64_t now);
bool model_prefix_announced(const struct model_prefix *p);
enum avail_reason model_prefix_rung_reason(const struct model *m,
					   const struct model_prefix *p);
double model_prefix_penalty(const struct model_prefix *p, int64_t now);

#endif
