/* SPDX-License-Identifier: ISC */
/*
 * A peer's ladder: what the neighbour is told on each rung below healthy.
 */
#include <string.h>

#include "conf/section.h"

#define STEP(member) OPTION_FIELD(struct conf_step, member)

static const struct option step_options[] = {
    {
	.key = "announce",
	.type = &type_bool,
	STEP(announce),
	.standard = "true",
	.help = "false withdraws the prefix from this neighbour alone",
    },
    {
	.key = "graceful_shutdown",
	.type = &type_bool,
	STEP(graceful_shutdown),
	.absent = "true for draining, false for degraded",
	.help = "add the community GRACEFUL_SHUTDOWN (65535:0, RFC 8326), "
		"and for iBGP a LOCAL_PREF of 0",
    },
    {
	.key = "prepend",
	.type = &type_number,
	STEP(prepend),
	OPTION_PRESENT(struct conf_step, prepend_set),
	.low = 0,
	.high = 16,
	.absent = "the peer's",
	.help = "replaces the peer's prepend",
    },
    {
	.key = "med",
	.type = &type_number,
	STEP(med),
	OPTION_PRESENT(struct conf_step, med_set),
	.low = 0,
	.high = UINT32_MAX,
	.absent = "the peer's",
	.help = "replaces the peer's med",
    },
    {
	.key = "local_pref",
	.type = &type_number,
	STEP(local_pref),
	OPTION_PRESENT(struct conf_step, local_pref_set),
	.low = 0,
	.high = UINT32_MAX,
	.absent = "the peer's; 0 with graceful_shutdown",
	.help = "replaces the peer's local_pref, for iBGP only",
    },
    {
	.key = "communities",
	.type = &type_communities,
	STEP(communities),
	.absent = "none",
	.help = "communities beside those of the peer and the prefix",
    },
};

static const struct section section_step = {
    OPTION_SECTION(step_options),
    .what = "a rung of a ladder",
};

/* The field is the array of steps. */
#define RUNG(rung)                                                             \
	.offset = (rung) * sizeof(struct conf_step),                           \
	.size = sizeof(struct conf_step)

static const struct option ladder_options[] = {
    {
	.key = "degraded",
	.type = &type_map,
	RUNG(CONF_RUNG_DEGRADED),
	.section = &section_step,
	.absent = "as healthy",
	.help = "while a required service is degraded or overloaded, or its "
		"withdrawal is held back",
    },
    {
	.key = "draining",
	.type = &type_map,
	RUNG(CONF_RUNG_DRAINING),
	.section = &section_step,
	.absent = "as healthy, with GRACEFUL_SHUTDOWN",
	.help = "while an operator's drain waits for the traffic to leave",
    },
};

const struct section section_ladder = {
    OPTION_SECTION(ladder_options),
    .what = "a ladder",
};

/* ---- what follows from the peer ---- */

struct step {
	struct load *l;
	const yaml_node_t *node; /* of the rung's map; NULL when absent */
	const char *rung;
	struct conf_step *step;
	const struct conf_peer *peer;
};

static void
finish_local_pref(const struct step *s)
{
	bool ebgp = s->peer->asn != s->peer->local_asn;

	if (s->peer->asn == 0 || s->peer->local_asn == 0)
		return;
	if (s->step->local_pref_set && ebgp)
		load_fail_in(s->l, s->node, "local_pref",
			     "found it for an eBGP neighbour, expected it for "
			     "iBGP only (RFC 4271 section 5.1.5)");
	if (s->step->graceful_shutdown && !ebgp && !s->step->local_pref_set) {
		s->step->local_pref_set = true;
		s->step->local_pref = 0;
	}
}

static bool
says_more_than_announce(const struct conf_step *s)
{
	return s->prepend_set || s->med_set || s->local_pref_set ||
	       s->communities.n_standard || s->communities.n_extended ||
	       s->communities.n_large;
}

/* A rung must not draw more traffic than a healthy node does. */
static void
warn_of_attraction(const struct step *s)
{
	const struct conf_step *step = s->step;
	const struct conf_peer *p = s->peer;

	if (step->prepend_set && step->prepend < p->prepend)
		load_warn_in(s->l, s->node, "prepend",
			     "%u is less than the peer's own %u: a %s node "
			     "is preferred to a healthy one",
			     step->prepend, p->prepend, s->rung);
	if (step->med_set && step->med < (p->med_set ? p->med : 0))
		load_warn_in(s->l, s->node, "med",
			     "%u is less than the peer's own %u: a %s node "
			     "is preferred to a healthy one",
			     step->med, p->med, s->rung);
	if (step->local_pref_set &&
	    step->local_pref > (p->local_pref_set ? p->local_pref : 100))
		load_warn_in(s->l, s->node, "local_pref",
			     "%u is more than the peer's own %u: a %s node "
			     "is preferred to a healthy one",
			     step->local_pref,
			     p->local_pref_set ? p->local_pref : 100, s->rung);
}

static void
finish_step(const struct step *s)
{
	bool draining = s->step == &s->peer->ladder[CONF_RUNG_DRAINING];

	if (draining && (!s->node || !document_find(&s->l->document, s->node,
						    "graceful_shutdown")))
		s->step->graceful_shutdown = true;
	if (s->node && !s->step->announce && says_more_than_announce(s->step))
		load_warn_in(s->l, s->node, "announce",
			     "announce: false leaves the other options of "
			     "this rung without effect");
	else if (s->node)
		warn_of_attraction(s);
	finish_local_pref(s);
}

void
section_ladder_finish(struct load *l, const yaml_node_t *peer,
		      struct conf_peer *p)
{
	const yaml_node_t *ladder = document_find(&l->document, peer, "ladder");

	load_push(l, "ladder");
	for (int r = CONF_RUNG_DEGRADED; r < CONF_RUNG_WITHDRAWN; r++) {
		const char *rung = conf_rung_text((enum conf_rung)r);
		struct step s = {l, NULL, rung, &p->ladder[r], p};

		if (ladder && ladder->type == YAML_MAPPING_NODE)
			s.node = document_find(&l->document, ladder, rung);
		if (s.node && s.node->type != YAML_MAPPING_NODE)
			s.node = NULL;
		load_push(l, rung);
		finish_step(&s);
		load_pop(l);
	}
	load_pop(l);
}
