/* SPDX-License-Identifier: ISC */
/* What basin check says of damping far away, and what it advises. */
#include "base/text.h"
#include "model/flap.h"
#include "model/model.h"

/* Kinds of prefixes that are played; there are seldom more than a few. */
#define KINDS_MAX 32

struct kind {
	const struct conf_prefix *p; /* borrowed; the first one of its kind */
	struct model_flapping flapping;
};

struct survey {
	const struct conf *conf; /* borrowed */
	struct kind kinds[KINDS_MAX];
	size_t n_kinds, affected;
	const struct conf_prefix *first; /* affected */
	struct model_flapping worst;
};

/*
 * Gentlest first: damping costs a single failure nothing, a long hold_down
 * keeps every prefix away that failed once. Each is tried on the prefixes it
 * is advised for.
 */
static const struct cure {
	const char *text;
	struct avail_damping damping; /* suppress 0: as it is */
	struct dur hold_down;         /* at least; 0: as it is */
} cures[] = {
    {"damping: on", {2000, 750, {900000000000}, {3600000000000}}, {0}},
    {"damping: {suppress: 1000}",
     {1000, 750, {900000000000}, {3600000000000}},
     {0}},
    {"damping: {suppress: 1000, reuse: 500}",
     {1000, 500, {900000000000}, {3600000000000}},
     {0}},
    {"damping: {suppress: 1000, reuse: 400}",
     {1000, 400, {900000000000}, {3600000000000}},
     {0}},
    {"damping: {suppress: 1000, reuse: 250}",
     {1000, 250, {900000000000}, {3600000000000}},
     {0}},
    {"hold_down: 15m", {0}, {900000000000}},
    {"hold_down: 30m", {0}, {1800000000000}},
    {"hold_down: 60m", {0}, {3600000000000}},
};

static bool
suffers(const struct model_flapping *f)
{
	return f->rfc2439.suppressed || f->rfc7196.suppressed;
}

static bool
same_services(const struct conf *conf, const struct conf_prefix *a,
	      const struct conf_prefix *b)
{
	for (size_t i = 0; i < a->n_services; i++)
		if (!flap_same_service(&conf->services[a->services[i]],
				       &conf->services[b->services[i]]))
			return false;
	return true;
}

static bool
same_kind(const struct conf *conf, const struct conf_prefix *a,
	  const struct conf_prefix *b)
{
	return a->n_services == b->n_services &&
	       a->require.mode == b->require.mode &&
	       a->require.count == b->require.count &&
	       a->hold_down.ns == b->hold_down.ns &&
	       a->damping.suppress == b->damping.suppress &&
	       a->damping.reuse == b->damping.reuse &&
	       a->damping.half_life.ns == b->damping.half_life.ns &&
	       a->damping.max_suppress.ns == b->damping.max_suppress.ns &&
	       same_services(conf, a, b);
}

/* NULL when there are too many kinds. */
static const struct kind *
kind_of(struct survey *v, const struct conf_prefix *p)
{
	struct avail_prefix_settings settings = model_prefix(p);
	struct kind *kind;

	for (size_t i = 0; i < v->n_kinds; i++)
		if (same_kind(v->conf, v->kinds[i].p, p))
			return &v->kinds[i];
	if (v->n_kinds == KINDS_MAX)
		return NULL;
	kind = &v->kinds[v->n_kinds++];
	kind->p = p;
	model_flap(v->conf, p, &settings, &kind->flapping);
	return kind;
}

static void
keep_worse(struct model_suppressed *worst, const struct model_suppressed *s)
{
	if (s->suppressed &&
	    (!worst->suppressed || s->withdrawals < worst->withdrawals))
		*worst = *s;
}

static void
look_at_all(struct survey *v)
{
	for (size_t i = 0; i < v->conf->n_prefixes; i++) {
		const struct conf_prefix *p = &v->conf->prefixes[i];
		const struct kind *kind = kind_of(v, p);

		if (!kind || !suffers(&kind->flapping))
			continue;
		if (v->affected++ == 0)
			v->first = p;
		keep_worse(&v->worst.rfc2439, &kind->flapping.rfc2439);
		keep_worse(&v->worst.rfc7196, &kind->flapping.rfc7196);
	}
}

static bool
cures_one(const struct survey *v, const struct cure *cure,
	  const struct conf_prefix *p)
{
	struct avail_prefix_settings settings = model_prefix(p);
	struct model_flapping f;

	if (cure->damping.suppress > 0)
		settings.damping = cure->damping;
	if (settings.hold_down.ns < cure->hold_down.ns)
		settings.hold_down = cure->hold_down;
	model_flap(v->conf, p, &settings, &f);
	return !suffers(&f);
}

static bool
cures_all(const struct survey *v, const struct cure *cure)
{
	for (size_t i = 0; i < v->n_kinds; i++)
		if (suffers(&v->kinds[i].flapping) &&
		    !cures_one(v, cure, v->kinds[i].p))
			return false;
	return true;
}

static const struct cure *
find_cure(const struct survey *v)
{
	for (size_t i = 0; i < ARRAY_LEN(cures); i++)
		if (cures_all(v, &cures[i]))
			return &cures[i];
	return NULL;
}

static void
say_suppressed(const char *who, const struct model_suppressed *s,
	       struct text *out)
{
	char buf[32];

	text_addf(out, "%s after %u withdrawals in %s", who, s->withdrawals,
		  dur_format(s->after, buf, sizeof(buf)));
}

/* "prefixes.192.0.2.0/24 and 3 more" */
static void
say_subject(const struct survey *v, struct text *out)
{
	char prefix[PREFIX_TEXT_MAX];

	text_addf(out, "prefixes.%s",
		  prefix_format(&v->first->prefix, prefix, sizeof(prefix)));
	if (v->affected > 1)
		text_addf(out, " and %zu more", v->affected - 1);
}

bool
model_advise(const struct conf *conf, struct text *out)
{
	struct survey v = {.conf = conf};
	const struct cure *cure;

	look_at_all(&v);
	if (v.affected == 0)
		return false;
	text_addf(out, "%s:%u:%u: warning: ", conf->path, v.first->place.line,
		  v.first->place.column);
	say_subject(&v, out);
	text_add(out, ": routers far away may suppress what flaps as fast as "
		      "this lets it");
	if (v.worst.rfc2439.suppressed)
		say_suppressed(": vendors' damping (RFC 2439)",
			       &v.worst.rfc2439, out);
	if (v.worst.rfc7196.suppressed)
		say_suppressed(", RFC 7196's", &v.worst.rfc7196, out);
	cure = find_cure(&v);
	if (cure)
		text_addf(out, "; \"%s\" prevents that", cure->text);
	text_add(out, "\n");
	return true;
}
