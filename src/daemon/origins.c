/* SPDX-License-Identifier: ISC */
/*
 * Invariants: `refused` is true only where the ROAs of a cache make the
 * prefix Invalid now, and `own` is refuse; out is told in the same turn. What
 * no ROA covers is announced: missing data withdraw nothing.
 */
#include "daemon/origins.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/rung.h"
#include "daemon/show.h"

/* ROAs named in one text. */
#define ROAS_MAX 4

/* What was said of a prefix last. */
struct own {
	struct prefix prefix;
	struct origins_view view;
};

struct origins {
	struct rpki *rpki; /* owned */
	struct own *own;   /* owned; one a prefix */
	size_t n_own;
	bool lost; /* the alarm about the caches stands */
};

struct rpki *
origins_rpki(const struct basin *b)
{
	return b->origins ? b->origins->rpki : NULL;
}

static enum bgp_validity
validity_of(enum vrp_state state)
{
	switch (state) {
	case VRP_VALID:
		return BGP_VALIDITY_VALID;
	case VRP_INVALID:
		return BGP_VALIDITY_INVALID;
	case VRP_NOT_FOUND:
		break;
	}
	return BGP_VALIDITY_NOT_FOUND;
}

enum bgp_validity
origins_validate(void *arg, const struct prefix *prefix, uint32_t origin)
{
	const struct basin *b = arg;
	const struct rpki *rpki = origins_rpki(b);

	if (!rpki_configured(rpki))
		return BGP_VALIDITY_NONE;
	return validity_of(rpki_validate(rpki, prefix, origin));
}

/* ---- own prefixes ---- */

/* RFC 6811 section 2: without an AS_PATH, the AS of who receives it. */
static uint32_t
origin_at(const struct conf_prefix *prefix, const struct conf_peer *peer)
{
	return prefix->origin_asn ? prefix->origin_asn : peer->local_asn;
}

static unsigned
badness(enum bgp_validity v)
{
	static const unsigned order[BGP_VALIDITY_COUNT] = {
	    [BGP_VALIDITY_NONE] = 0,
	    [BGP_VALIDITY_VALID] = 1,
	    [BGP_VALIDITY_NOT_FOUND] = 2,
	    [BGP_VALIDITY_INVALID] = 3,
	};

	return order[v];
}

static void
judge_origin(struct basin *b, size_t id, uint32_t origin,
	     struct origins_view *out)
{
	enum bgp_validity v =
	    origins_validate(b, &b->conf->prefixes[id].prefix, origin);

	if (badness(v) <= badness(out->state))
		return;
	out->state = v;
	out->origin = origin;
}

static struct origins_view
judge(struct basin *b, size_t id)
{
	const struct conf_prefix *prefix = &b->conf->prefixes[id];
	struct origins_view view = {.state = BGP_VALIDITY_NONE};

	for (size_t i = 0; i < b->conf->n_peers; i++)
		if (show_exports(b, &b->conf->peers[i], id))
			judge_origin(b, id,
				     origin_at(prefix, &b->conf->peers[i]),
				     &view);
	view.refused = view.state == BGP_VALIDITY_INVALID &&
		       b->conf->rpki.own == CONF_RPKI_REFUSE;
	return view;
}

enum conf_rung
origins_rung(const struct basin *b, size_t id, enum conf_rung rung)
{
	const struct origins *o = b->origins;

	return o && id < o->n_own && o->own[id].view.refused
		   ? CONF_RUNG_WITHDRAWN
		   : rung;
}

void
origins_view(const struct basin *b, size_t id, struct origins_view *out)
{
	const struct origins *o = b->origins;

	*out = o && id < o->n_own ? o->own[id].view : (struct origins_view){0};
}

bool
origins_waiting(const struct basin *b)
{
	const struct rpki *rpki = origins_rpki(b);

	return rpki_configured(rpki) && !rpki_has_data(rpki);
}

/* ---- texts ---- */

struct roas {
	struct text *out;
	const struct conf_prefix *prefix;
	uint32_t origin;
	size_t n;
	bool too_long; /* one of our AS that is only too short */
};

static void
add_roa(void *arg, const struct vrp *v)
{
	struct roas *r = arg;
	char text[PREFIX_TEXT_MAX];

	r->too_long |= v->asn == r->origin;
	if (r->n++ < ROAS_MAX)
		text_addf(r->out, "%s%s-%u AS %u", r->n > 1 ? ", " : "",
			  prefix_format(&v->prefix, text, sizeof(text)),
			  v->max_length, v->asn);
}

static void
add_cure(const struct roas *r)
{
	if (r->n > ROAS_MAX)
		text_addf(r->out, " and %zu more", r->n - ROAS_MAX);
	if (r->too_long)
		text_addf(r->out, "; a ROA of AS %u with maxLength %u cures it",
			  r->origin, r->prefix->prefix.len);
	else
		text_addf(r->out,
			  "; a ROA for AS %u cures it, or the right asn in "
			  "this configuration",
			  r->origin);
}

void
origins_text(const struct basin *b, size_t id, struct text *out)
{
	struct origins_view v;
	struct roas roas = {.out = out, .prefix = &b->conf->prefixes[id]};

	origins_view(b, id, &v);
	roas.origin = v.origin;
	switch (v.state) {
	case BGP_VALIDITY_INVALID:
		text_addf(out, "AS %u may not originate it, the ROAs say: ",
			  v.origin);
		rpki_covering(b->origins->rpki, &roas.prefix->prefix, add_roa,
			      &roas);
		add_cure(&roas);
		break;
	case BGP_VALIDITY_NOT_FOUND:
		text_addf(out,
			  rpki_has_data(b->origins->rpki)
			      ? "no ROA covers it: one for AS %u would let "
				"others tell it from a hijack"
			      : "no cache has given data yet for AS %u",
			  v.origin);
		break;
	case BGP_VALIDITY_VALID:
		text_addf(out, "a ROA lets AS %u originate it", v.origin);
		break;
	case BGP_VALIDITY_NONE:
	case BGP_VALIDITY_COUNT:
		break;
	}
}

/* ---- changes ---- */

static void
alarm_of(struct basin *b, const struct prefix *prefix, const char *message,
	 bool on)
{
	char text[PREFIX_TEXT_MAX], subject[EVENT_NAME_MAX];

	snprintf(subject, sizeof(subject), "rpki %s",
		 prefix_format(prefix, text, sizeof(text)));
	basin_alarm(b, subject, message, on);
}

static void
tell_change(struct basin *b, size_t id, const struct origins_view *from)
{
	const struct own *own = &b->origins->own[id];
	bool invalid = own->view.state == BGP_VALIDITY_INVALID;
	char prefix[PREFIX_TEXT_MAX];
	struct text text = {0};

	if (own->view.refused)
		text_add(&text, "withdrawn: ");
	origins_text(b, id, &text);
	b->cause = basin_event(
	    b, EVENT_RPKI, invalid ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
	    prefix_format(&own->prefix, prefix, sizeof(prefix)),
	    bgp_validity_text(from->state), bgp_validity_text(own->view.state),
	    own->view.refused ? "rpki_invalid" : NULL, "%s", text_str(&text));
	if (invalid || from->state == BGP_VALIDITY_INVALID)
		alarm_of(b, &own->prefix,
			 invalid ? text_str(&text) : "it is Invalid no more",
			 invalid);
	text_free(&text);
}

static void
look_at(struct basin *b, size_t id)
{
	struct own *own = &b->origins->own[id];
	struct origins_view before = own->view;

	own->prefix = b->conf->prefixes[id].prefix;
	own->view = judge(b, id);
	if (before.state == own->view.state &&
	    before.refused == own->view.refused)
		return;
	/* The first look finds nothing new in "not found". */
	if (before.state != BGP_VALIDITY_NONE ||
	    own->view.state != BGP_VALIDITY_NOT_FOUND)
		tell_change(b, id, &before);
	if (before.refused != own->view.refused)
		rung_want(b, id);
	b->cause = 0;
}

static void
changed(void *arg)
{
	struct basin *b = arg;

	if (b->phase == BASIN_STOPPING)
		return;
	for (size_t id = 0; id < b->origins->n_own; id++)
		look_at(b, id);
	bgp_revalidate(b->bgp);
}

/* ---- caches ---- */

static bool
all_lost(const struct rpki *rpki)
{
	size_t lost = 0, n = rpki_caches(rpki);

	for (size_t i = 0; i < n; i++) {
		struct rpki_cache_view v;

		rpki_cache_view(rpki, i, &v);
		if (v.state == RPKI_SYNCHRONISED)
			return false;
		lost += v.state == RPKI_LOST || v.state == RPKI_FAILED;
	}
	return lost > 0;
}

static void
look_at_caches(struct basin *b)
{
	struct origins *o = b->origins;
	bool lost = all_lost(o->rpki);

	if (lost == o->lost)
		return;
	o->lost = lost;
	basin_alarm(b, "rpki",
		    lost ? "no cache is synchronised: what it said last counts "
			   "until it expires, then every route is NotFound"
			 : "a cache is synchronised",
		    lost);
}

static void
cache_state(void *arg, const struct rpki_cache_view *v, enum rpki_state from)
{
	struct basin *b = arg;
	bool bad = v->state == RPKI_LOST || v->state == RPKI_FAILED;

	if (b->phase == BASIN_STOPPING)
		return;
	if (bad)
		basin_event(b, EVENT_RPKI, LOG_LEVEL_WARNING, v->conf->name,
			    rpki_state_text(from), rpki_state_text(v->state),
			    NULL, "%s", v->error);
	else
		basin_event(b, EVENT_RPKI, LOG_LEVEL_NOTICE, v->conf->name,
			    rpki_state_text(from), rpki_state_text(v->state),
			    NULL, "%zu VRPs", v->vrps);
	look_at_caches(b);
}

static const struct rpki_callbacks callbacks = {changed, cache_state};

/* ---- life ---- */

void
origins_start(struct basin *b)
{
	struct rpki_settings s = {.loop = &b->loop,
				  .log = &b->log,
				  .callbacks = &callbacks,
				  .arg = b};

	b->origins = xcalloc(1, sizeof(*b->origins));
	b->origins->rpki = rpki_new(&s);
}

/* What stood for a prefix goes on, or its alarm ends. */
static void
keep_own(struct basin *b, const struct own *old)
{
	for (size_t i = 0; i < b->origins->n_own; i++)
		if (prefix_equal(&b->conf->prefixes[i].prefix, &old->prefix)) {
			b->origins->own[i] = *old;
			return;
		}
	if (old->view.state == BGP_VALIDITY_INVALID)
		alarm_of(b, &old->prefix, "it is not configured any more",
			 false);
}

void
origins_configure(struct basin *b)
{
	struct origins *o = b->origins;
	struct own *old = o->own;
	size_t n_old = o->n_own;

	o->n_own = b->conf->n_prefixes;
	o->own = xcalloc(o->n_own + 1, sizeof(*o->own));
	for (size_t i = 0; i < n_old; i++)
		keep_own(b, &old[i]);
	free(old);
	rpki_configure(o->rpki, &b->conf->rpki);
	look_at_caches(b);
}

void
origins_free(struct basin *b)
{
	if (!b->origins)
		return;
	rpki_free(b->origins->rpki);
	free(b->origins->own);
	free(b->origins);
	b->origins = NULL;
}
