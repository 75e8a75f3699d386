/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"

#define RPKI_PORT_TEXT "323"
/* RFC 8210 section 6: what caches may ask for. */
#define EXPIRE_USUAL (600 * SECOND_NS)

/* ---- caches ---- */

#define CACHE(member) OPTION_FIELD(struct conf_rpki_cache, member)

static const struct option cache_options[] = {
    {
	.key = "address",
	.type = &type_ip,
	CACHE(address),
	.required = true,
	.help = "a unicast address of the cache",
    },
    {
	.key = "port",
	.type = &type_number,
	CACHE(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = RPKI_PORT_TEXT,
	.help = "its TCP port",
    },
    {
	.key = "source",
	.type = &type_ip,
	CACHE(source),
	.absent = "the kernel chooses",
	.help = "the own address to connect from",
    },
    {
	.key = "preference",
	.type = &type_number,
	CACHE(preference),
	.low = 1,
	.high = UINT8_MAX,
	.standard = "1",
	.help = "the lowest is used first; caches with the same number are "
		"used together",
    },
};

const struct section section_rpki_cache = {
    OPTION_SECTION(cache_options),
    .what = "a cache",
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

/* An array of caches and its length behind it. */
struct caches {
	struct conf_rpki_cache *v;
	size_t n;
};

static void
parse_cache(struct load *l, const yaml_node_t *key, const yaml_node_t *node,
	    struct conf_rpki_cache *out)
{
	out->name = section_begin_item(l, key, &out->place);
	option_load(l, &section_rpki_cache, node, out);
	if (!ip_is_none(&out->source) && !ip_is_none(&out->address) &&
	    out->source.family != out->address.family)
		load_fail_in(l, node, "source",
			     "found another family than the address has, "
			     "expected the same");
	load_pop(l);
}

static void
parse_caches(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	const yaml_node_t **values;
	struct caches *out = field;

	out->v = section_named(l, node,
			       "the caches by name, each a map of its options",
			       sizeof(*out->v), &out->n, &values);
	for (size_t i = 0; i < out->n; i++)
		parse_cache(l, document_key(&l->document, node, i), values[i],
			    &out->v[i]);
	if (out->n > CONF_RPKI_CACHES_MAX)
		load_fail(l, node, "found %zu caches, expected at most %d",
			  out->n, CONF_RPKI_CACHES_MAX);
}

static bool
equal_caches(const struct option *o, const void *a, const void *b,
	     const struct option_trees *trees)
{
	const struct caches *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i].name, y->v[i].name) != 0 ||
		    option_differs(&section_rpki_cache, &x->v[i], &y->v[i],
				   trees))
			return false;
	return true;
}

static const struct option_type type_caches = {
    OPTION_NAMED, "map of caches", parse_caches, equal_caches, NULL,
};

/* ---- the section ---- */

#define RPKI(member) OPTION_FIELD(struct conf_rpki, member)

static const struct option_choice owns[] = {
    {"warn", CONF_RPKI_WARN},
    {"refuse", CONF_RPKI_REFUSE},
    {NULL, 0},
};

static const struct option rpki_options[] = {
    {
	.key = "caches",
	.type = &type_caches,
	RPKI(caches),
	.section = &section_rpki_cache,
	.required = true,
	.help = "the RPKI caches by name (RFC 8210, TCP)",
    },
    {
	.key = "own",
	.type = &type_choice,
	RPKI(own),
	.choices = owns,
	.standard = "warn",
	.help = "an own prefix that the ROAs make Invalid raises an alarm, "
		"and with refuse it is withdrawn",
    },
    {
	.key = "refresh",
	.type = &type_duration,
	RPKI(refresh),
	.low = SECOND_NS,
	.high = 86400 * SECOND_NS,
	.standard = "10m",
	.help = "ask a cache for news at least so often",
    },
    {
	.key = "retry",
	.type = &type_duration,
	RPKI(retry),
	.low = SECOND_NS,
	.high = 7200 * SECOND_NS,
	.standard = "1m",
	.help = "wait at most so long after a failure",
    },
    {
	.key = "expire",
	.type = &type_duration,
	RPKI(expire),
	.low = SECOND_NS,
	.high = 172800 * SECOND_NS,
	.standard = "2h",
	.help = "use the data of a lost cache no longer than this",
    },
};

static void
finish_rpki(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_rpki *rpki = base;

	rpki->enabled = node != NULL;
	if (node && rpki->expire.ns < EXPIRE_USUAL)
		load_warn_in(l, node, "expire",
			     "less than 10m: routes lose their state soon "
			     "after a cache is lost");
	if (node && rpki->expire.ns <= rpki->refresh.ns)
		load_warn_in(l, node, "refresh",
			     "not shorter than expire: data may expire before "
			     "it is asked for again");
}

const struct section section_rpki = {
    OPTION_SECTION(rpki_options),
    .what = "the RPKI",
    .finish = finish_rpki,
};

/* ---- together ---- */

static bool
same_endpoint(const struct conf_rpki_cache *a, const struct conf_rpki_cache *b)
{
	return a->port == b->port && !ip_is_none(&a->address) &&
	       ip_equal(&a->address, &b->address);
}

static void
check_cache(struct load *l, const yaml_node_t *caches, size_t i)
{
	const struct conf_rpki *rpki = &l->conf->rpki;
	const struct conf_rpki_cache *c = &rpki->caches[i];
	const yaml_node_t *at = document_find(&l->document, caches, c->name);

	load_push(l, c->name);
	section_unicast(l, at, "address", &c->address);
	section_unicast(l, at, "source", &c->source);
	for (size_t k = 0; k < i; k++)
		if (same_endpoint(c, &rpki->caches[k]))
			load_fail(l, at,
				  "found the address and port of the cache "
				  "%s, expected others",
				  rpki->caches[k].name);
	load_pop(l);
}

void
section_rpki_check(struct load *l)
{
	const yaml_node_t *map = document_find(&l->document, l->root, "rpki");
	const yaml_node_t *caches;

	if (!map || map->type != YAML_MAPPING_NODE)
		return;
	caches = document_find(&l->document, map, "caches");
	load_push(l, "rpki");
	load_push(l, "caches");
	for (size_t i = 0; i < l->conf->rpki.n_caches; i++)
		check_cache(l, caches, i);
	load_pop(l);
	load_pop(l);
}
