/* SPDX-License-Identifier: ISC */
/*
 * A scenario: a configuration, steps on a time line and what must be seen.
 * The language is described in ../README.
 */
#ifndef BASIN_TESTS_SCENARIO_H
#define BASIN_TESTS_SCENARIO_H

#include "avail/avail.h"
#include "base/arena.h"
#include "base/text.h"

struct sc_service {
	const char *name; /* in the arena, as every string here */
	struct avail_service_settings s;
	bool addresses_later; /* else present when the daemon starts */
};

struct sc_check {
	const char *name;
	size_t service;
	struct avail_check_settings s;
};

struct sc_prefix {
	const char *name;
	size_t *services;
	size_t n_services;
	struct avail_prefix_settings s;
};

struct sc_config {
	struct sc_service *services; /* owned, as the arrays below */
	struct sc_check *checks;
	struct sc_prefix *prefixes;
	size_t n_services, n_checks, n_prefixes;
};

#define SC_ANY (-1)

/* What must be seen of one object; SC_ANY and NULL: whatever it is. */
struct sc_expect {
	enum avail_object object; /* AVAIL_IS_DRAIN: node, _ATTACK: attack */
	const char *key;
	int state;  /* of the node: is it drained? of attack: is it on? */
	int reason; /* enum avail_reason */
	int changing, degraded;
	int64_t transitions;
	int rung, why; /* of a prefix; enum avail_reason */
	int64_t penalty;
	int64_t until, better, leaves; /* ns on the time line */
	const char *cause;
};

enum sc_action {
	SC_SAMPLE,
	SC_ADDRESSES,
	SC_WATCH,
	SC_DRAIN,
	SC_UNDRAIN,
	SC_QUIET,
	SC_LOAD,
	SC_ATTACK,
	SC_GATE,
	SC_BRAKE,
	SC_DRILL,
	SC_STOP,
	SC_HALT,
	SC_START,
	SC_RELOAD,
	SC_JUMP,
	SC_EXPECT, /* from here on: after everything else at that time */
	SC_LOOK
};

struct sc_step {
	int64_t at; /* ns on the time line */
	int line;
	size_t order; /* in the file */
	enum sc_action action;
	const char *key;            /* what it happens to */
	enum avail_verdict verdict; /* sample */
	bool yes;                   /* present, high, on, granted */
	enum avail_target target;   /* drain, undrain, quiet */
	int64_t ns;               /* drain, attack: length, -1 endless; jump */
	int64_t limit;            /* drain: time to leave */
	struct sc_config *config; /* reload */
	struct sc_expect expect;
};

/* always, never: looked at after every event from `from` until `to`. */
struct sc_rule {
	int64_t from, to;
	int line;
	bool never;
	struct sc_expect expect;
};

struct scenario {
	struct arena arena;
	const char *path;
	struct sc_config config;
	struct sc_step *steps; /* owned */
	struct sc_rule *rules; /* owned */
	size_t n_steps, n_rules, n_expected;
};

/* 0 or -EINVAL; what is wrong goes to stderr as file:line: message. */
int parse_scenario(const char *path, struct scenario *sc)
    __attribute__((warn_unused_result));
void parse_free(struct scenario *sc);

/* Number of expectations that were not met, each told on stderr. */
unsigned play_scenario(const struct scenario *sc, bool verbose);

/*
 * Compares; true when it is as expected. `seen` gets what was seen, for
 * people; `offset` is what the clock is ahead of the time line.
 */
bool expect_met(const struct avail *av, const struct sc_expect *e,
		int64_t offset, struct text *seen);
void expect_describe(const struct sc_expect *e, struct text *out);
/* The state of this name, or -1. */
int expect_state(enum avail_object object, const char *name);
/* The id behind a key, or SIZE_MAX. */
size_t expect_find(const struct avail *av, enum avail_object object,
		   const char *key);

#endif
