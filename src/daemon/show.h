/* SPDX-License-Identifier: ISC */
/*
 * Builders that the show_*.c files share: the state of the daemon as JSON.
 * Lists come in pages, so that no request works longer than a loop turn may.
 */
#ifndef BASIN_DAEMON_SHOW_H
#define BASIN_DAEMON_SHOW_H

#include <jansson.h>

#include "daemon/basin.h"

#define SHOW_LIMIT 200 /* entries of one answer at most */

/* One request's view: two clocks read once. */
struct show {
	struct basin *b; /* borrowed */
	struct mono now;
	struct wall wall;
};
struct show show_begin(void *root);

/* ---- values ---- */

void show_wall(json_t *object, const char *key, struct wall w);
/* "KEY": RFC 3339, "KEY_seconds": distance from now; null when never. */
void show_mono(const struct show *s, json_t *object, const char *key,
	       struct mono t);
/* "reason" (the word) and "reason_text" (for people). */
void show_reason(json_t *object, enum avail_reason reason);
/* The same under "KEY" and "KEY_text"; null for AVAIL_REASON_NONE. */
void show_reason_as(json_t *object, const char *key, enum avail_reason reason);
/* Sets a string that may be foreign or NULL. */
void show_string(json_t *object, const char *key, const char *value);
void show_integer(json_t *object, const char *key, uint64_t value);
void show_bool(json_t *object, const char *key, bool value);
void show_ip(json_t *object, const char *key, const struct ip *ip);

/* ---- pages ---- */

/* Arguments "offset" and "limit"; the answer holds "total" and the list. */
struct show_page {
	size_t offset, limit, total;
	json_t *list; /* owned until show_page_end() */
};
struct show_page show_page_begin(const json_t *arguments);
/* Counts one entry; true when it is on this page. */
bool show_page_wants(struct show_page *page);
json_t *show_page_end(struct show_page *page, const char *key);

/* ---- arguments ---- */

/* A string argument, NULL when absent. */
const char *show_argument(const json_t *arguments, const char *key);
/* An error reply: "KIND \"NAME\" is not configured, did you mean ..." */
void show_not_found(struct ctl_reply *reply, const char *kind, const char *name,
		    const char *const *names);
/* Argument "direction": *in stays where it is absent; false: it is wrong. */
bool show_direction(const json_t *arguments, bool *in, struct ctl_reply *reply);
/* Names of the configured services / checks; ends with NULL, owned. */
const char **show_service_names(const struct basin *b);
const char **show_check_names(const struct basin *b);
/* All peers, or the one of this name; an error reply when there is none. */
typedef void show_peer_fn(void *arg, const struct bgp_peer *peer);
void show_each_peer(const struct basin *b, const char *name, show_peer_fn *each,
		    void *arg, struct ctl_reply *reply);
/* Indexes by name; SIZE_MAX when there is none. */
size_t show_find_service(const struct basin *b, const char *name);
size_t show_find_check(const struct basin *b, const char *name);
/* By prefix, or the longest one that covers an address. */
size_t show_find_prefix(const struct basin *b, const char *text);

/* ---- commands ---- */

#define SHOW_RUN(name)                                                         \
	void name(void *root, const struct ctl_caller *caller,                 \
		  const json_t *arguments, struct ctl_reply *reply)
SHOW_RUN(show_status_run);
SHOW_RUN(show_checks_run);
SHOW_RUN(show_services_run);
SHOW_RUN(show_addresses_run);
SHOW_RUN(show_mesh_run);
SHOW_RUN(show_rpki_run);
SHOW_RUN(show_exabgp_run);
SHOW_RUN(show_bfd_run);
SHOW_RUN(show_prefixes_run);
SHOW_RUN(show_peers_run);
SHOW_RUN(show_routes_run);
SHOW_RUN(show_counters_run);
SHOW_RUN(show_drill_run);
SHOW_RUN(drill_run);
SHOW_RUN(drill_end_run);
SHOW_RUN(show_events_run);
SHOW_RUN(why_run);
SHOW_RUN(orders_drain_run);
SHOW_RUN(orders_undrain_run);
SHOW_RUN(orders_offline_run);
SHOW_RUN(orders_online_run);
SHOW_RUN(orders_attack_on_run);
SHOW_RUN(orders_attack_off_run);
SHOW_RUN(show_drains_run);
SHOW_RUN(show_blocks_run);
SHOW_RUN(show_flows_run);
SHOW_RUN(orders_block_run);
SHOW_RUN(orders_unblock_run);
SHOW_RUN(orders_reload_run);
SHOW_RUN(orders_version_run);
SHOW_RUN(upgrade_run);
SHOW_RUN(plan_run);
SHOW_RUN(orders_confirm_run);

/* Pages. */
unsigned health_render(void *root, struct text *body);
void *metrics_begin(void *root);
int metrics_more(void *state, struct text *body);
void metrics_free(void *state);

/* ---- objects ---- */

json_t *show_check(const struct show *s, size_t id);
json_t *show_service(const struct show *s, size_t id);
json_t *show_address(const struct show *s, const struct out_address_view *view,
		     const char *service);
json_t *show_prefix(const struct show *s, size_t id);
json_t *show_peer(const struct show *s, const struct bgp_peer *peer);
json_t *show_attributes(const struct bgp_attributes *a);
/* A brake by its number in the mesh. */
/* What the ROAs say of it; NULL when there are no caches. */
json_t *show_origin(const struct show *s, size_t id);
json_t *show_brake(const struct show *s, size_t brake);
json_t *show_drain(const struct show *s, const struct drain *drain);
/* With its traffic, and what is still announced. */
json_t *show_drain_progress(const struct show *s, const struct drain *drain);
json_t *show_block(const struct show *s, const struct drains_block *block);
struct block_route;
/* What a block would send to whom. */
json_t *show_block_preview(const struct basin *b,
			   const struct block_route *route,
			   struct dur duration);
/* null when attack mode is off. */
json_t *show_attack(const struct show *s);
json_t *show_status(const struct show *s);

/* Does the peer carry the prefix's family at all? */
bool show_family(const struct conf_peer *peer,
		 const struct conf_prefix *prefix);
/* Is prefix `id` to go to this peer when it is announced at all? */
bool show_exports(const struct basin *b, const struct conf_peer *peer,
		  size_t id);
/* Does the peer's ladder let a prefix on this rung through? */
bool show_climbs(const struct conf_peer *peer, enum avail_rung rung);

/* The drill that runs, for `status`; null when none does. */
json_t *show_drill_running(const struct basin *b);

#endif
