/* SPDX-License-Identifier: ISC */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One option word of a statement and what parses its value. */
struct option {
	const char *name;
	int (*parse)(struct reader *r, void *object);
};

static int
parse_options(struct reader *r, const struct option *options, void *object)
{
	const char *word;

	while ((word = reader_word(r)) != NULL) {
		const struct option *o = options;
		int err;

		while (o->name && strcmp(o->name, word) != 0)
			o++;
		if (!o->name)
			return reader_complain(r, "unknown option \"%s\"",
					       word);
		err = o->parse(r, object);
		if (err)
			return err;
	}
	return 0;
}

static int
require(struct reader *r, struct avail_require *out)
{
	if (reader_accept(r, "all")) {
		out->count = 0;
		return 0;
	}
	if (reader_accept(r, "any")) {
		out->count = 1;
		return 0;
	}
	return reader_count(r, "all, any or a number", 1, &out->count);
}

static int
service_require(struct reader *r, void *object)
{
	struct sc_service *s = object;

	return require(r, &s->s.require);
}

static int
service_addresses(struct reader *r, void *object)
{
	static const char *const names[] = {"present", "later"};
	struct sc_service *s = object;
	int choice;
	int err = reader_choice(r, "addresses", names, 2, &choice);

	if (err)
		return err;
	s->addresses_later = choice == 1;
	return 0;
}

static int
service_overload_after(struct reader *r, void *object)
{
	struct sc_service *s = object;

	return reader_time(r, "overload_after", false, &s->s.overload_after.ns);
}

static int
service_overload_clear(struct reader *r, void *object)
{
	struct sc_service *s = object;

	return reader_time(r, "overload_clear", false, &s->s.overload_clear.ns);
}

static int
check_rise(struct reader *r, void *object)
{
	struct sc_check *c = object;

	return reader_count(r, "rise", 1, &c->s.rise);
}

static int
check_fall(struct reader *r, void *object)
{
	struct sc_check *c = object;

	return reader_count(r, "fall", 1, &c->s.fall);
}

static int
check_initial(struct reader *r, void *object)
{
	static const char *const names[] = {"down", "up"};
	struct sc_check *c = object;
	int choice;
	int err = reader_choice(r, "initial", names, 2, &choice);

	if (err)
		return err;
	c->s.initial_up = choice == 1;
	return 0;
}

static int
check_unknown(struct reader *r, void *object)
{
	static const char *const names[] = {"hold", "down"};
	struct sc_check *c = object;
	int choice;
	int err = reader_choice(r, "unknown", names, 2, &choice);

	if (err)
		return err;
	c->s.unknown_is_down = choice == 1;
	return 0;
}

static int
check_limit(struct reader *r, void *object)
{
	struct sc_check *c = object;

	return reader_time(r, "limit", false, &c->s.unknown_limit.ns);
}

static int
check_stale(struct reader *r, void *object)
{
	struct sc_check *c = object;

	return reader_time(r, "stale", false, &c->s.stale_after.ns);
}

static int
prefix_require(struct reader *r, void *object)
{
	struct sc_prefix *p = object;

	return require(r, &p->s.require);
}

static int
prefix_hold_down(struct reader *r, void *object)
{
	struct sc_prefix *p = object;

	return reader_time(r, "hold_down", false, &p->s.hold_down.ns);
}

static int
prefix_ladder_hold(struct reader *r, void *object)
{
	struct sc_prefix *p = object;

	return reader_time(r, "ladder_hold", false, &p->s.ladder_hold.ns);
}

/* damping on | damping HALF_LIFE SUPPRESS REUSE MAX_SUPPRESS */
static int
prefix_damping(struct reader *r, void *object)
{
	struct avail_damping *d = &((struct sc_prefix *)object)->s.damping;
	int err;

	if (reader_accept(r, "on")) {
		*d = (struct avail_damping){2000, 750, dur_s(900), dur_s(3600)};
		return 0;
	}
	err = reader_time(r, "on or a half-life", false, &d->half_life.ns);
	if (!err)
		err = reader_count(r, "suppress", 1, &d->suppress);
	if (!err)
		err = reader_count(r, "reuse", 1, &d->reuse);
	if (!err)
		err =
		    reader_time(r, "max_suppress", false, &d->max_suppress.ns);
	return err;
}

static int
prefix_brake(struct reader *r, void *object)
{
	struct sc_prefix *p = object;

	p->s.brake = true;
	return 0;
}

static const struct option service_options[] = {
    {"require", service_require},
    {"addresses", service_addresses},
    {"overload_after", service_overload_after},
    {"overload_clear", service_overload_clear},
    {0}};
static const struct option check_options[] = {{"rise", check_rise},
					      {"fall", check_fall},
					      {"initial", check_initial},
					      {"unknown", check_unknown},
					      {"limit", check_limit},
					      {"stale", check_stale},
					      {0}};
static const struct option prefix_options[] = {
    {"require", prefix_require},
    {"hold_down", prefix_hold_down},
    {"ladder_hold", prefix_ladder_hold},
    {"damping", prefix_damping},
    {"brake", prefix_brake},
    {0}};

static int
find_service(struct reader *r, const struct sc_config *config, const char *name,
	     size_t *out)
{
	for (size_t i = 0; i < config->n_services; i++) {
		if (strcmp(config->services[i].name, name) != 0)
			continue;
		*out = i;
		return 0;
	}
	return reader_complain(r, "service \"%s\" was not declared", name);
}

static int
statement_service(struct reader *r, struct sc_config *config)
{
	struct sc_service *s;
	const char *name;
	int err = reader_name(r, "name of a service", &name);

	if (err)
		return err;
	config->services =
	    xrealloc(config->services, config->n_services + 1, sizeof(*s));
	s = &config->services[config->n_services++];
	*s = (struct sc_service){.name = name};
	return parse_options(r, service_options, s);
}

/* check NAME SERVICE ... */
static int
statement_check(struct reader *r, struct sc_config *config)
{
	struct sc_check *c;
	const char *name, *service;
	size_t id = 0;
	int err = reader_name(r, "name of a check", &name);

	if (!err)
		err = reader_name(r, "name of its service", &service);
	if (!err)
		err = find_service(r, config, service, &id);
	if (err)
		return err;
	config->checks =
	    xrealloc(config->checks, config->n_checks + 1, sizeof(*c));
	c = &config->checks[config->n_checks++];
	*c = (struct sc_check){.name = name, .service = id};
	/* The defaults of basin.yaml(5); stale is off unless asked for. */
	c->s = (struct avail_check_settings){
	    .rise = 2, .fall = 3, .unknown_limit = dur_s(60)};
	return parse_options(r, check_options, c);
}

/* "dns,web" as indexes. */
static int
service_list(struct reader *r, const struct sc_config *config,
	     struct sc_prefix *p)
{
	const char *list;
	char *copy, *save = NULL, *name;
	int err = reader_name(r, "services, separated by commas", &list);

	if (err)
		return err;
	copy = arena_strdup(&r->sc->arena, list);
	p->services =
	    arena_alloc(&r->sc->arena, strlen(list) * sizeof(*p->services));
	name = strtok_r(copy, ",", &save);
	for (; name && !err; name = strtok_r(NULL, ",", &save))
		err = find_service(r, config, name,
				   &p->services[p->n_services++]);
	return err;
}

/* prefix NAME services A,B ... */
static int
statement_prefix(struct reader *r, struct sc_config *config)
{
	struct sc_prefix *p;
	const char *name;
	int err = reader_name(r, "prefix", &name);

	if (err)
		return err;
	if (!reader_accept(r, "services"))
		return reader_complain(r, "\"services\" expected behind %s",
				       name);
	config->prefixes =
	    xrealloc(config->prefixes, config->n_prefixes + 1, sizeof(*p));
	p = &config->prefixes[config->n_prefixes++];
	*p = (struct sc_prefix){.name = name};
	err = service_list(r, config, p);
	return err ? err : parse_options(r, prefix_options, p);
}

int
config_statement(struct reader *r, struct sc_config *config)
{
	static const struct {
		const char *name;
		int (*parse)(struct reader *r, struct sc_config *config);
	} statements[] = {{"service", statement_service},
			  {"check", statement_check},
			  {"prefix", statement_prefix}};

	for (size_t i = 0; i < ARRAY_LEN(statements); i++)
		if (reader_accept(r, statements[i].name))
			return statements[i].parse(r, config) ? -EINVAL : 1;
	return 0;
}

struct avail *
config_build(const struct sc_config *config, struct mono now)
{
	struct avail *av = avail_new();

	for (size_t i = 0; i < config->n_services; i++)
		avail_add_service(av, config->services[i].name,
				  &config->services[i].s);
	for (size_t i = 0; i < config->n_checks; i++)
		avail_add_check(av, config->checks[i].name,
				config->checks[i].service,
				&config->checks[i].s);
	for (size_t i = 0; i < config->n_prefixes; i++)
		avail_add_prefix(
		    av, config->prefixes[i].name, config->prefixes[i].services,
		    config->prefixes[i].n_services, &config->prefixes[i].s);
	avail_seal(av, now);
	return av;
}

void
config_free(struct sc_config *config)
{
	free(config->services);
	free(config->checks);
	free(config->prefixes);
}
