/* SPDX-License-Identifier: ISC */
/*
 * Objects and settings: from a configuration, to lines and back, to avail.
 * Tables name every field of avail's settings; a setting that is missing here
 * would be decided without in a replay (tests/unit/journal/setup_test.c).
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "journal/line.h"
#include "model/model.h"

/* Three of them fit into a lease beside everything else. */
#define INTERVAL_MAX dur_s(30 * 86400)

enum form { FORM_NUMBER, FORM_BOOL, FORM_DUR };

struct field {
	const char *key;
	enum form form;
	size_t offset;
};

#define FIELD(type, form, key, member)                                         \
	{                                                                      \
		key, FORM_##form, offsetof(type, member)                       \
	}

#define SERVICE(form, key, member)                                             \
	FIELD(struct journal_service, form, key, member)
static const struct field service_fields[] = {
    SERVICE(NUMBER, "require", s.require.count),
    SERVICE(DUR, "overload_after", s.overload_after),
    SERVICE(DUR, "overload_clear", s.overload_clear),
};

#define CHECK(form, key, member) FIELD(struct journal_check, form, key, member)
static const struct field check_fields[] = {
    CHECK(NUMBER, "rise", s.rise),
    CHECK(NUMBER, "fall", s.fall),
    CHECK(BOOL, "initial_up", s.initial_up),
    CHECK(BOOL, "unknown_is_down", s.unknown_is_down),
    CHECK(DUR, "unknown_limit", s.unknown_limit),
    CHECK(DUR, "stale_after", s.stale_after),
    CHECK(DUR, "interval", interval),
    CHECK(DUR, "fast_interval", fast_interval),
};

#define PREFIX(form, key, member)                                              \
	FIELD(struct journal_prefix, form, key, member)
static const struct field prefix_fields[] = {
    PREFIX(NUMBER, "require", s.require.count),
    PREFIX(DUR, "hold_down", s.hold_down),
    PREFIX(NUMBER, "suppress", s.damping.suppress),
    PREFIX(NUMBER, "reuse", s.damping.reuse),
    PREFIX(DUR, "half_life", s.damping.half_life),
    PREFIX(DUR, "max_suppress", s.damping.max_suppress),
    PREFIX(DUR, "ladder_hold", s.ladder_hold),
    PREFIX(BOOL, "brake", s.brake),
};

/* ---- building ---- */

/* Room for one more, zeroed. */
static void *
append(void *array, size_t *n, size_t *cap, size_t size)
{
	char **base = array;
	char *item;

	if (*n == *cap) {
		*cap = *cap ? *cap * 2 : 8;
		*base = xrealloc(*base, *cap, size);
	}
	item = *base + *n * size;
	memset(item, 0, size);
	++*n;
	return item;
}

static struct journal_service *
add_service(struct journal_setup *s)
{
	return append(&s->services, &s->n_services, &s->cap_services,
		      sizeof(*s->services));
}

static struct journal_check *
add_check(struct journal_setup *s)
{
	return append(&s->checks, &s->n_checks, &s->cap_checks,
		      sizeof(*s->checks));
}

static struct journal_prefix *
add_prefix(struct journal_setup *s)
{
	return append(&s->prefixes, &s->n_prefixes, &s->cap_prefixes,
		      sizeof(*s->prefixes));
}

static void
service_of(struct journal_setup *out, const struct conf_service *s,
	   size_t number)
{
	*add_service(out) = (struct journal_service){
	    .name = arena_strdup(&out->arena, s->name),
	    .s = model_service(s),
	};
	for (size_t i = 0; i < s->n_checks; i++) {
		const struct conf_check *c = &s->checks[i];

		*add_check(out) = (struct journal_check){
		    .name = arena_strdup(&out->arena, c->name),
		    .service = number,
		    .s = model_check(c),
		    .interval = c->interval,
		    .fast_interval = c->fast_interval,
		};
	}
}

static void
prefix_of(struct journal_setup *out, const struct conf_prefix *p)
{
	size_t size = p->n_services * sizeof(*p->services);
	char text[PREFIX_TEXT_MAX];
	struct journal_prefix *to = add_prefix(out);

	prefix_format(&p->prefix, text, sizeof(text));
	*to = (struct journal_prefix){
	    .name = arena_strdup(&out->arena, text),
	    .services = arena_alloc(&out->arena, size ? size : 1),
	    .n = p->n_services,
	    .s = model_prefix(p),
	};
	if (size > 0)
		memcpy(to->services, p->services, size);
}

struct journal_setup *
journal_setup_of(const struct conf *conf)
{
	struct journal_setup *s = xcalloc(1, sizeof(*s));

	for (size_t i = 0; i < conf->n_services; i++)
		service_of(s, &conf->services[i], i);
	for (size_t i = 0; i < conf->n_prefixes; i++)
		prefix_of(s, &conf->prefixes[i]);
	return s;
}

void
journal_setup_free(struct journal_setup *s)
{
	if (!s)
		return;
	arena_free(&s->arena);
	free(s->services);
	free(s->checks);
	free(s->prefixes);
	free(s);
}

struct avail *
journal_setup_avail(const struct journal_setup *s, struct mono now)
{
	struct avail *av = avail_new();

	for (size_t i = 0; i < s->n_services; i++)
		avail_add_service(av, s->services[i].name, &s->services[i].s);
	for (size_t i = 0; i < s->n_checks; i++)
		avail_add_check(av, s->checks[i].name, s->checks[i].service,
				&s->checks[i].s);
	for (size_t i = 0; i < s->n_prefixes; i++)
		avail_add_prefix(av, s->prefixes[i].name,
				 s->prefixes[i].services, s->prefixes[i].n,
				 &s->prefixes[i].s);
	avail_seal(av, now);
	return av;
}

/* ---- writing: what is 0 is left out ---- */

static void
add_field(struct text *t, const struct field *f, const void *base)
{
	const char *at = (const char *)base + f->offset;
	struct dur d = {0};
	unsigned number = 0;

	if (f->form == FORM_DUR)
		memcpy(&d, at, sizeof(d));
	else if (f->form == FORM_BOOL)
		number = *(const bool *)at;
	else
		memcpy(&number, at, sizeof(number));
	if (number == 0 && d.ns == 0)
		return;
	text_addf(t, " %s=", f->key);
	if (f->form == FORM_DUR)
		line_add_dur(t, d);
	else
		text_addf(t, "%u", number);
}

static void
add_fields(struct text *t, const struct field *fields, size_t n,
	   const void *base)
{
	for (size_t i = 0; i < n; i++)
		add_field(t, &fields[i], base);
}

static void
add_services(struct text *t, const struct journal_prefix *p)
{
	text_add(t, " services=");
	for (size_t i = 0; i < p->n; i++)
		text_addf(t, "%s%zu", i ? "," : "", p->services[i]);
}

void
line_add_setup(struct text *t, const struct journal_setup *s)
{
	for (size_t i = 0; i < s->n_services; i++) {
		text_add(t, "service");
		add_fields(t, service_fields, ARRAY_LEN(service_fields),
			   &s->services[i]);
		text_add(t, " :");
		line_add_name(t, s->services[i].name);
		text_add(t, "\n");
	}
	for (size_t i = 0; i < s->n_checks; i++) {
		text_addf(t, "check service=%zu", s->checks[i].service);
		add_fields(t, check_fields, ARRAY_LEN(check_fields),
			   &s->checks[i]);
		text_add(t, " :");
		line_add_name(t, s->checks[i].name);
		text_add(t, "\n");
	}
	for (size_t i = 0; i < s->n_prefixes; i++) {
		text_add(t, "prefix");
		add_services(t, &s->prefixes[i]);
		add_fields(t, prefix_fields, ARRAY_LEN(prefix_fields),
			   &s->prefixes[i]);
		text_add(t, " :");
		line_add_name(t, s->prefixes[i].name);
		text_add(t, "\n");
	}
}

/* ---- reading ---- */

/* Cuts "key=value" in two; false when there is no "=". */
static bool
cut(struct line_word w, char by, struct line_word *head, struct line_word *tail)
{
	const char *at = memchr(w.s, by, w.n);

	if (!at)
		return false;
	*head = (struct line_word){w.s, (size_t)(at - w.s)};
	*tail = (struct line_word){at + 1, w.n - head->n - 1};
	return true;
}

static void
read_field(struct line *l, const struct field *f, struct line_word value,
	   void *base)
{
	char *at = (char *)base + f->offset;
	struct dur d;
	unsigned number;

	switch (f->form) {
	case FORM_DUR:
		d = line_dur(l, value);
		memcpy(at, &d, sizeof(d));
		break;
	case FORM_BOOL:
		*(bool *)at = line_number_of(l, f->key, value, 2) == 1;
		break;
	case FORM_NUMBER:
		number = (unsigned)line_number_of(l, f->key, value, UINT_MAX);
		memcpy(at, &number, sizeof(number));
		break;
	}
}

/* A later version's settings may decide otherwise: refused. */
static void
read_pair(struct line *l, struct line_word w, const struct field *fields,
	  size_t n, void *base)
{
	struct line_word key, value;

	if (!cut(w, '=', &key, &value)) {
		line_expected(l, "KEY=VALUE", w);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (line_is(key, fields[i].key)) {
			read_field(l, &fields[i], value, base);
			return;
		}
	line_expected(l, "a setting that this version knows", key);
}

/* Up to the colon; calls nothing else with the words it does not know. */
static struct line_word
read_pairs(struct line *l, const struct field *fields, size_t n, void *base)
{
	for (;;) {
		struct line_word w = line_take(l);

		if (l->bad || line_is(w, ":"))
			return line_rest(l, "a name");
		read_pair(l, w, fields, n, base);
	}
}

static const char *
keep_name(struct journal_setup *s, struct line_word name)
{
	char *copy = arena_alloc(&s->arena, name.n + 1);

	if (name.n > 0)
		memcpy(copy, name.s, name.n);
	return copy;
}

static struct line_word
expect_pair(struct line *l, const char *expected)
{
	struct line_word w = line_take(l), key, value = w;

	if (!l->bad && (!cut(w, '=', &key, &value) || !line_is(key, expected)))
		line_fail(l, "expected %s=", expected);
	return value;
}

static bool
is_new(const struct journal_prefix *p, size_t service)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->services[i] == service)
			return false;
	return true;
}

/* "0,3,7" */
static void
read_services(struct line *l, struct line_word list, struct journal_setup *s,
	      struct journal_prefix *p)
{
	size_t most = 0;

	for (size_t i = 0; i < list.n; i++)
		most += list.s[i] == ',';
	p->services = arena_alloc(&s->arena, (most + 1) * sizeof(*p->services));
	while (list.n > 0 && !l->bad) {
		struct line_word one = list, rest = {list.s, 0};
		size_t id;

		cut(list, ',', &one, &rest);
		id = line_number_of(l, "service", one, s->n_services);
		if (!l->bad && !is_new(p, id))
			line_fail(l, "service %zu is named twice", id);
		if (!l->bad)
			p->services[p->n++] = id;
		list = rest;
	}
}

static void
read_service(struct line *l, struct journal_setup *s)
{
	struct journal_service *o = add_service(s);

	o->name = keep_name(
	    s, read_pairs(l, service_fields, ARRAY_LEN(service_fields), o));
}

static void
read_check(struct line *l, struct journal_setup *s)
{
	struct line_word service = expect_pair(l, "service");
	struct journal_check *o = add_check(s);

	o->service = line_number_of(l, "service", service, s->n_services);
	o->name = keep_name(
	    s, read_pairs(l, check_fields, ARRAY_LEN(check_fields), o));
	if (!l->bad && (o->s.rise < 1 || o->s.fall < 1))
		line_fail(l, "expected rise and fall, at least 1");
	if (!l->bad && o->interval.ns > INTERVAL_MAX.ns)
		line_fail(l, "expected an interval of at most 30 days");
}

static void
read_prefix(struct line *l, struct journal_setup *s)
{
	struct line_word services = expect_pair(l, "services");
	struct journal_prefix *o = add_prefix(s);

	read_services(l, services, s, o);
	o->name = keep_name(
	    s, read_pairs(l, prefix_fields, ARRAY_LEN(prefix_fields), o));
	if (!l->bad && o->s.damping.suppress > 0 &&
	    (o->s.damping.half_life.ns <= 0 ||
	     o->s.damping.reuse >= o->s.damping.suppress))
		line_fail(l, "expected half_life, and reuse below suppress");
}

bool
line_setup(struct line *l, struct line_word word, struct journal_setup *setup)
{
	if (line_is(word, "service"))
		read_service(l, setup);
	else if (line_is(word, "check"))
		read_check(l, setup);
	else if (line_is(word, "prefix"))
		read_prefix(l, setup);
	else
		return false;
	return true;
}
