/* SPDX-License-Identifier: ISC */
/* Results of the daemon for people. Missing members are shown as "-". */
#ifndef BASIN_CLI_RENDER_H
#define BASIN_CLI_RENDER_H

#include "base/text.h"
#include "cli/command.h"
#include "cli/table.h"

void render_status(struct cli *cli, const json_t *status);
void render_services(struct cli *cli, const json_t *list);
/* Without addresses, to fit one screen beside the rest. */
void render_services_brief(struct cli *cli, const json_t *list);
void render_checks(struct cli *cli, const json_t *list);
void render_prefixes(struct cli *cli, const json_t *list);
void render_peers(struct cli *cli, const json_t *list);
void render_routes(struct cli *cli, const json_t *list);
void render_addresses(struct cli *cli, const json_t *list);
void render_counters(struct cli *cli, const json_t *list);
void render_mesh(struct cli *cli, const json_t *mesh);
void render_rpki(struct cli *cli, const json_t *rpki);
void render_exabgp(struct cli *cli, const json_t *list);
void render_bfd(struct cli *cli, const json_t *bfd);
void render_events(struct cli *cli, const json_t *list);
void render_event(struct cli *cli, const json_t *event);
/* Below a prefix's decision: what peers are told, and what ends when. */
void render_rung(struct cli *cli, const json_t *prefix, int depth);
/* Why a prefix is not simply announced, and when that ends; else "-". */
void render_rung_why(const json_t *prefix, struct text *out);
void render_why(struct cli *cli, const json_t *why);
void render_drains(struct cli *cli, const json_t *list);
void render_blocks(struct cli *cli, const json_t *list);
void render_flows(struct cli *cli, const json_t *list);
/* The answer to block: what stands now, or a dry run. */
void render_block_answer(struct cli *cli, const json_t *result);
/* One drain, or attack mode, as a line of the status. */
void render_drain_line(struct cli *cli, const json_t *drain);
void render_attack_line(struct cli *cli, const json_t *attack);
/* "node", "service dns" */
void render_drain_title(const json_t *drain, struct text *out);
/* "12 packets/s, quiet for 0 of 5 s, limit in 41 s; 2 routes at transit-a" */
void render_drain_progress(const json_t *drain, struct text *out);
/* Withdrawn, and nothing is left to be said to any peer. */
bool render_drain_done(const json_t *drain);

/* The drill that runs, for `status`; nothing when it is null. */
void render_drill_line(struct cli *cli, const json_t *drill);
/* A drill as it goes: its plan, each step as it comes, its end. */
void render_drill_plan(struct cli *cli, const json_t *plan);
void render_drill_step(struct cli *cli, const json_t *step,
		       const json_t *expected);
void render_drill_end(struct cli *cli, const json_t *drill);
void render_prober(struct cli *cli, const json_t *prober);

/* The result itself, for --json. */
void render_json(struct cli *cli, const json_t *value);

/* ---- members ---- */

/* A string member, "-" when there is none. */
const char *render_string(const json_t *object, const char *key);
long long render_integer(const json_t *object, const char *key);
/* "KEY_seconds" as a duration, "-" when there is none. buf: at least 32. */
const char *render_age(const json_t *object, const char *key, char *buf,
		       size_t size);
/* Joins strings or numbers of a list member. Owned by the caller. */
char *render_join(const json_t *object, const char *key, const char *gap);
enum table_style render_style(const char *state);

#endif
