/* SPDX-License-Identifier: ISC */
/* How plans are made and changed; only src/scenario includes this. */
#ifndef BASIN_SCENARIO_PLAN_H
#define BASIN_SCENARIO_PLAN_H

#include "scenario/scenario.h"

/* Like the node's own limit of `prepend`. */
#define PLAN_PREPEND_MAX 16
/* What alternatives and culprits add must fit as well. */
#define PLAN_ANNOUNCE_MAX (SIM_ANNOUNCE_MAX / 2)
/* In an own path behind an AS of the graph that is a site: its servers. No AS
 * can have the number (RFC 7300). */
#define PLAN_SERVERS UINT32_MAX

/* An empty one with a name. */
struct scenario_plan *plan_new(const char *name);
/* Everything but the announcements. */
struct scenario_plan *plan_copy(const struct scenario_plan *from,
				const char *name);
/* One more at the end, zeroed; pointers into the list are no longer good. */
struct scenario_site *plan_add_site(struct scenario_plan *p);
struct scenario_upstream *plan_add_upstream(struct scenario_plan *p);
struct scenario_prefix *plan_add_prefix(struct scenario_plan *p,
					const struct prefix *prefix);
/* Sorts prefixes, and says what covers what. */
void plan_order(struct scenario_plan *p);
/* How many prefixes stand one within the other, at most; 1 without any. */
size_t plan_depth(const struct scenario_plan *p);
/* As scenario_new(), which owns its graph; a guest is on another's, which must
 * live as long. */
int plan_scenario(struct conf_scenario *conf, struct sim_graph *graph,
		  bool guest, struct scenario **out, struct text *messages)
    __attribute__((warn_unused_result));
/* What the sites announce, from all that the plan says: at the end. */
void plan_announce(const struct scenario *s, struct scenario_plan *p);
/* The last step of it: which prefixes are announced alike. */
void plan_find_alike(struct scenario_plan *p);

/* What communities ask of who hears them. */
struct plan_asked {
	bool no_export, nopeer, blackhole;
	bool shutdown; /* GRACEFUL_SHUTDOWN: not simulated */
};
struct plan_asked plan_asked(const struct conf_communities *c);

/* RFC 6811, by the scenario's ROAs. */
enum plan_validity { PLAN_NOT_FOUND, PLAN_VALID, PLAN_INVALID };
enum plan_validity plan_validity(const struct conf_scenario *c,
				 const struct prefix *prefix, uint32_t origin);
/* The words about a prefix: the node's own where the site has a node file;
 * NULL: none, of a culprit. */
const struct conf_prefix *plan_words(const struct scenario_prefix *prefix,
				     const struct scenario_site *site);
bool plan_covers(const struct prefix *a, const struct prefix *b);
/* As which a site originates a prefix; `local` is what the neighbour sees. */
uint32_t plan_origin(const struct scenario_plan *p, size_t prefix, size_t site,
		     uint32_t local);

#endif
