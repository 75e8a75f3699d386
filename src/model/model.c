/* SPDX-License-Identifier: ISC */
#include "model/model.h"

#include <string.h>

/* Slack for a result to arrive before a check counts as stale. */
#define STALE_SLACK_MS 2000

static struct avail_require
require_of(const struct conf_require *r)
{
	switch (r->mode) {
	case CONF_REQUIRE_ANY:
		return (struct avail_require){1};
	case CONF_REQUIRE_COUNT:
		return (struct avail_require){r->count};
	case CONF_REQUIRE_ALL:
		break;
	}
	return (struct avail_require){0};
}

/*
 * A lease: two missed intervals (with their jitter), one timeout and some
 * slack. A checker that is wedged for longer keeps no route alive.
 */
static struct dur
stale_after(const struct conf_check *c)
{
	int64_t interval = c->interval.ns + c->interval.ns / 2;

	return dur_ns(2 * interval + c->timeout.ns + dur_ms(STALE_SLACK_MS).ns);
}

struct avail_check_settings
model_check(const struct conf_check *c)
{
	return (struct avail_check_settings){
	    .rise = c->rise,
	    .fall = c->fall,
	    .initial_up = c->initial == CONF_INITIAL_UP,
	    .unknown_is_down = c->on_unknown == CONF_UNKNOWN_DOWN,
	    .unknown_limit = c->unknown_limit,
	    .stale_after = stale_after(c),
	};
}

struct avail_service_settings
model_service(const struct conf_service *s)
{
	bool watched = conf_overload_given(&s->overload);

	/* What a reload stops to watch is not overloaded a minute longer. */
	return (struct avail_service_settings){
	    .require = require_of(&s->require),
	    .overload_after = watched ? s->overload.after : DUR_ZERO,
	    .overload_clear = watched ? s->overload.clear : DUR_ZERO,
	};
}

struct avail_prefix_settings
model_prefix(const struct conf_prefix *p)
{
	return (struct avail_prefix_settings){
	    .require = require_of(&p->require),
	    .hold_down = p->hold_down,
	    .damping =
		{
		    .suppress = p->damping.suppress,
		    .reuse = p->damping.reuse,
		    .half_life = p->damping.half_life,
		    .max_suppress = p->damping.max_suppress,
		},
	    .ladder_hold = p->ladder_hold,
	    .brake = p->brake.enabled,
	};
}

static void
add_services(const struct conf *conf, struct avail *av)
{
	for (size_t i = 0; i < conf->n_services; i++) {
		const struct conf_service *s = &conf->services[i];
		struct avail_service_settings ss = model_service(s);

		avail_add_service(av, s->name, &ss);
		for (size_t j = 0; j < s->n_checks; j++) {
			struct avail_check_settings cs =
			    model_check(&s->checks[j]);

			avail_add_check(av, s->checks[j].name, i, &cs);
		}
	}
}

static void
add_prefixes(const struct conf *conf, struct avail *av)
{
	char text[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < conf->n_prefixes; i++) {
		const struct conf_prefix *p = &conf->prefixes[i];
		struct avail_prefix_settings settings = model_prefix(p);

		avail_add_prefix(av,
				 prefix_format(&p->prefix, text, sizeof(text)),
				 p->services, p->n_services, &settings);
	}
}

struct avail *
model_new(const struct conf *conf, struct mono now)
{
	struct avail *av = avail_new();

	add_services(conf, av);
	add_prefixes(conf, av);
	avail_seal(av, now);
	return av;
}

size_t
model_find(const struct conf *conf, enum avail_target target, const char *name)
{
	struct prefix p;

	if (target == AVAIL_NODE)
		return 0;
	if (target == AVAIL_SERVICE) {
		for (size_t i = 0; i < conf->n_services; i++)
			if (strcmp(conf->services[i].name, name) == 0)
				return i;
		return SIZE_MAX;
	}
	if (prefix_parse(name, &p) != 0)
		return SIZE_MAX;
	for (size_t i = 0; i < conf->n_prefixes; i++)
		if (prefix_equal(&conf->prefixes[i].prefix, &p))
			return i;
	return SIZE_MAX;
}

const char *
model_name(const struct conf *conf, enum avail_target target, size_t id,
	   char *buf, size_t size)
{
	switch (target) {
	case AVAIL_SERVICE:
		return conf->services[id].name;
	case AVAIL_PREFIX:
		return prefix_format(&conf->prefixes[id].prefix, buf, size);
	case AVAIL_NODE:
		break;
	}
	return "";
}
