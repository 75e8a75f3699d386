/* SPDX-License-Identifier: ISC */
/*
 * Brakes without a centre (requirement D9): nodes tell each other how they
 * are, and a prefix is not withdrawn for failed checks before enough others
 * have promised to stay. docs/mesh.md has the protocol and its proof.
 *
 *   mesh_ask() ─► promise (pure) ─► ASK ─► other nodes ─► PROMISE
 *                    └─► granted / refused, again every second
 *
 * Prefixes are known by their index in conf->prefixes. Prefixes without a
 * brake are ignored by every function.
 */
#ifndef BASIN_MESH_MESH_H
#define BASIN_MESH_MESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/ip.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "conf/conf.h"

struct mesh;

struct mesh_callbacks {
	/* The prefix is to be withdrawn now: it counts as withdrawn. */
	void (*granted)(void *arg, size_t prefix);
	/* Too few promised; asked again until granted or mesh_settle(). */
	void (*refused)(void *arg, size_t prefix);
	/* A difference that stands, or is over. */
	void (*alarm)(void *arg, const char *subject, const char *message,
		      bool on);
};

struct mesh_settings {
	uv_loop_t *loop;
	struct log *log;
	const struct mesh_callbacks *callbacks;
	void *arg;
};

struct mesh *mesh_new(const struct mesh_settings *s);
/*
 * Takes what `conf` says, at the start and at each reload; what nodes said and
 * own withdrawals are kept. An address that cannot be bound is an alarm and
 * tried again. `conf` is not kept.
 */
void mesh_configure(struct mesh *m, const struct conf *conf);
/* The loop must turn once more behind it. NULL is accepted. */
void mesh_free(struct mesh *m);

/* ---- what this node does ---- */

enum mesh_state {
	MESH_UNKNOWN,
	MESH_ANNOUNCED, /* and will ask before it withdraws */
	MESH_BRAKED,    /* the same, while checks fail */
	MESH_DRAINED,   /* or about to be */
	MESH_WITHDRAWN,
};
/*
 * To be called in the same turn in which it becomes true. `really` is whether
 * somebody was sent the prefix: else nobody is promised anything. `why` is
 * shown on other nodes.
 */
void mesh_state(struct mesh *m, size_t prefix, enum mesh_state state,
		bool really, const char *why);
/*
 * The prefix is to be withdrawn. `cause` is what max_withdrawn counts: equal
 * on all nodes for equal reasons. The answer comes in a later turn.
 */
void mesh_ask(struct mesh *m, size_t prefix, const char *cause);
/* It is not to be withdrawn any more, or it was. */
void mesh_settle(struct mesh *m, size_t prefix);

/* ---- reading; a mesh that is NULL is empty ---- */

struct mesh_node_view {
	const char *name; /* borrowed until mesh_configure() */
	struct ip address;
	uint16_t port;
	bool heard; /* within the last seconds */
	bool known; /* at any time */
	struct mono last;
	struct dur rtt; /* 0: not measured */
	uint64_t accepted;
};
size_t mesh_nodes(const struct mesh *m);
void mesh_node_view(const struct mesh *m, size_t i, struct mesh_node_view *out);

struct mesh_brake_view {
	size_t prefix;
	unsigned min_sites, max_withdrawn;
	struct dur window;
	enum mesh_state state;
	bool asking;
	unsigned staying;      /* in the last attempt; with the state file */
	unsigned outside;      /* of them by the state file */
	unsigned clean;        /* in the last attempt */
	unsigned clean_needed; /* for max_withdrawn */
	uint64_t attempts;     /* that were begun */
	uint64_t granted, refused;
};
size_t mesh_brakes(const struct mesh *m);
/* Brake number i, in the order of prefixes. */
void mesh_brake_view(const struct mesh *m, size_t i,
		     struct mesh_brake_view *out);
/* The number of a prefix's brake, SIZE_MAX when it has none. */
size_t mesh_brake_of(const struct mesh *m, size_t prefix);

/* What a node last said of a prefix with a brake. */
struct mesh_said {
	const char *state; /* "announced" */
	const char *text;  /* why; borrowed */
	struct mono at;    /* MONO_NEVER: nothing yet */
};
void mesh_said(const struct mesh *m, size_t node, size_t brake,
	       struct mesh_said *out);

/*
 * "1 of 2 needed nodes stay (lon1); par1 not heard for 12 s": what the brake
 * of a prefix waits for. `ages` false leaves out what changes by itself.
 */
void mesh_brake_text(const struct mesh *m, size_t brake, bool ages,
		     struct text *out);

#define MESH_DISCARD_MAX 16

struct mesh_stats {
	uint64_t sent, lost; /* lost: not taken by the kernel */
	uint64_t received;
	size_t n_discards;
	struct {
		const char *cause; /* "forged" */
		uint64_t n;
	} discards[MESH_DISCARD_MAX];
	bool has_state_file, state_file_good;
};
void mesh_stats(const struct mesh *m, struct mesh_stats *out);

#endif
