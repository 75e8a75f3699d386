/* SPDX-License-Identifier: ISC */
/* Words of drills, and what the configuration lets expect. Pure. */
#include <stdlib.h>
#include <string.h>

#include "daemon/drill.h"

/* ---- words ---- */

const char *
drill_mode_text(enum drill_mode m)
{
	static const char *const texts[] = {
#define X(n, t, h) [DRILL_##n] = t,
	    DRILL_MODES(X)
#undef X
	};

	return texts[m];
}

const char *
drill_state_text(enum drill_state s)
{
	static const char *const texts[] = {
#define X(n, t) [DRILL_STATE_##n] = t,
	    DRILL_STATES(X)
#undef X
	};

	return texts[s];
}

const char *
drill_step_text(enum drill_step_kind k)
{
	static const char *const texts[] = {
#define X(n, t) [DRILL_STEP_##n] = t,
	    DRILL_STEPS(X)
#undef X
	};

	return texts[k];
}

bool
drill_mode_parse(const char *text, enum drill_mode *out)
{
	for (int i = 0; i < DRILL_MODE_COUNT; i++) {
		if (strcmp(drill_mode_text((enum drill_mode)i), text) != 0)
			continue;
		*out = (enum drill_mode)i;
		return true;
	}
	return false;
}

/* ---- what to expect ---- */

static bool
looks_at(const struct conf_service *s, const struct conf_check *c)
{
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < s->addresses.n; i++) {
		const struct ip *ip = &s->addresses.v[i];

		if (ip_equal(ip, &c->target))
			return true;
		if (c->kind == CONF_CHECK_HTTP && ip_is_none(&c->target) &&
		    strstr(c->http.url, ip_format(ip, text, sizeof(text))))
			return true;
	}
	return false;
}

static struct dur
jittered(const struct conf_check *c, struct dur interval)
{
	return dur_ns(interval.ns + interval.ns / 100 * c->jitter);
}

/* Of `n` equal results in a row, the first begun within one interval. */
static struct dur
time_for(const struct conf_check *c, unsigned n)
{
	struct dur step = jittered(c, c->fast_interval);

	/* A run that still goes on is waited for. */
	if (step.ns < c->timeout.ns)
		step = c->timeout;
	return dur_ns(jittered(c, c->interval).ns + (n - 1) * step.ns +
		      c->timeout.ns);
}

static int
compare(const void *a, const void *b)
{
	const struct dur *x = a, *y = b;

	return (x->ns > y->ns) - (x->ns < y->ns);
}

/* How many checks must be up. */
static size_t
needed(const struct conf_service *s)
{
	if (s->require.mode == CONF_REQUIRE_ANY)
		return 1;
	if (s->require.mode == CONF_REQUIRE_COUNT)
		return s->require.count;
	return s->n_checks;
}

/* The service is down with the check that makes it too few, and back so. */
static void
expect_of_checks(const struct conf_service *s, struct drill_expected *out)
{
	struct dur *down = xcalloc(s->n_checks, sizeof(*down));
	struct dur *up = xcalloc(s->n_checks, sizeof(*up));
	size_t need = needed(s), at = s->n_checks - need;

	for (size_t i = 0; i < s->n_checks; i++) {
		const struct conf_check *c = &s->checks[i];
		bool looking = looks_at(s, c);

		out->looking += looking;
		down[i] = looking ? time_for(c, c->fall) : dur_ns(INT64_MAX);
		up[i] = looking ? time_for(c, c->rise) : DUR_ZERO;
	}
	qsort(down, s->n_checks, sizeof(*down), compare);
	qsort(up, s->n_checks, sizeof(*up), compare);
	out->noticed = need > 0 && down[at].ns < INT64_MAX;
	if (out->noticed) {
		out->detection = down[at];
		out->recovery = up[need - 1];
	}
	free(down);
	free(up);
}

static bool
stands_on(const struct conf_prefix *p, size_t service)
{
	for (size_t i = 0; i < p->n_services; i++)
		if (p->services[i] == service)
			return true;
	return false;
}

void
drill_expect(const struct conf *conf, size_t service, enum drill_mode mode,
	     struct drill_expected *out)
{
	const struct conf_service *s = &conf->services[service];

	*out = (struct drill_expected){.checks = (unsigned)s->n_checks};
	if (mode == DRILL_ADMIN)
		out->noticed = true;
	else if (s->n_checks > 0)
		expect_of_checks(s, out);
	for (size_t i = 0; i < conf->n_prefixes; i++)
		if (stands_on(&conf->prefixes[i], service) &&
		    conf->prefixes[i].hold_down.ns > out->hold_down.ns)
			out->hold_down = conf->prefixes[i].hold_down;
}
