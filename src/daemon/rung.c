/* SPDX-License-Identifier: ISC */
#include "daemon/rung.h"

#include "daemon/origins.h"

#include <assert.h>

#define SAME(name)                                                             \
	static_assert((int)CONF_RUNG_##name == (int)AVAIL_RUNG_##name, #name)
SAME(HEALTHY);
SAME(DEGRADED);
SAME(DRAINING);
SAME(WITHDRAWN);
static_assert((int)CONF_RUNG_COUNT == (int)AVAIL_RUNG_COUNT, "one list");

void
rung_want(struct basin *b, size_t id)
{
	struct avail_prefix_view v;

	avail_view_prefix(b->avail, id, &v);
	out_want(b->out, id, origins_rung(b, id, rung_of(v.rung)));
}

/* ---- events ---- */

/* Good news is a notice, a beginning is information, the rest a warning. */
static enum log_level
level_of(const struct avail_prefix_view *v)
{
	if (v->rung == AVAIL_RUNG_HEALTHY)
		return LOG_LEVEL_NOTICE;
	return v->state == AVAIL_PREFIX_STARTING ? LOG_LEVEL_INFO
						 : LOG_LEVEL_WARNING;
}

static void
state_event(struct basin *b, const struct avail_change *c,
	    const struct avail_prefix_view *v)
{
	bool below = v->announce && v->rung != AVAIL_RUNG_HEALTHY;

	basin_event(
	    b, EVENT_PREFIX, level_of(v), avail_prefix_key(b->avail, c->id),
	    avail_prefix_state_text(c->from), avail_prefix_state_text(c->to),
	    avail_reason_text(c->reason), "%u of %u services up%s%s",
	    v->services_up, v->services, below ? "; peers are told: " : "",
	    below ? avail_rung_text(v->rung) : "");
}

/* Still announced, but otherwise: the rungs are what changed. */
static void
rung_event(struct basin *b, const struct avail_change *c,
	   const struct avail_prefix_view *v)
{
	basin_event(
	    b, EVENT_PREFIX, level_of(v), avail_prefix_key(b->avail, c->id),
	    avail_rung_text(c->rung_from), avail_rung_text(c->rung_to),
	    avail_reason_text(v->rung_reason), "still %s, %u of %u services up",
	    avail_prefix_state_text(v->state), v->services_up, v->services);
}

void
rung_changed(struct basin *b, const struct avail_change *c)
{
	struct avail_prefix_view v;

	avail_view_prefix(b->avail, c->id, &v);
	out_want(b->out, c->id, origins_rung(b, c->id, rung_of(v.rung)));
	if (c->from == c->to && c->rung_from != c->rung_to)
		rung_event(b, c, &v);
	else
		state_event(b, c, &v);
}

/* ---- what was sent ---- */

static void
add_communities(const struct bgp_attributes *a, struct text *out)
{
	char buf[64];

	for (size_t i = 0; i < a->n_communities && i < BGP_COMMUNITIES_MAX; i++)
		text_addf(
		    out, "%s%s", i ? " " : ", communities ",
		    bgp_community_format(a->communities[i], buf, sizeof(buf)));
	if (a->n_large_communities)
		text_addf(out, ", %u large", a->n_large_communities);
	if (a->n_ext_communities)
		text_addf(out, ", %u extended", a->n_ext_communities);
}

void
rung_sent_text(const struct bgp_attributes *a, struct text *out)
{
	text_add(out, a->n_as_path ? "AS path" : "no AS path");
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		text_addf(out, " %u", a->as_path[i]);
	if (a->has_med)
		text_addf(out, ", MED %u", a->med);
	if (a->has_local_pref)
		text_addf(out, ", LOCAL_PREF %u", a->local_pref);
	add_communities(a, out);
}
