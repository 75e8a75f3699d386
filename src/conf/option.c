/* SPDX-License-Identifier: ISC */
#include "conf/option.h"
#include "conf/section.h"

#include <inttypes.h>
#include <string.h>

static void *
field_of(const struct option *o, void *base)
{
	return (char *)base + o->offset;
}

static const void *
const_field_of(const struct option *o, const void *base)
{
	return (const char *)base + o->offset;
}

/* ---- loading ---- */

const struct option *
option_at(const struct section *s, size_t i)
{
	const struct option *o = &s->options[i];

	return o->same ? option_find(o->same, o->key) : o;
}

const struct option *
option_find(const struct section *s, const char *key)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->options[i].key, key) == 0)
			return option_at(s, i);
	return NULL;
}

static const char *const *
keys_of(struct load *l, const struct section *s)
{
	const char **keys = load_scratch(l, s->n + 1, sizeof(*keys));

	for (size_t i = 0; i < s->n; i++)
		keys[i] = s->options[i].key;
	return keys;
}

static bool
is_in(const char *word, const char *const *words)
{
	for (; words && *words; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static void
refuse_key(struct load *l, const struct section *s, const yaml_node_t *key)
{
	const char *word = document_text(key);
	const char *const *keys = keys_of(l, s);
	const char *hint;

	if (is_in(word, s->later)) {
		load_fail(l, key, "%s: is not supported by this version", word);
		return;
	}
	hint = load_hint(l, word, keys);
	load_fail(l, key, "found unknown option %s%s, expected %s",
		  load_quote(l, word), hint, load_words(l, keys));
}

static bool
is_key(const struct section *s, const char *key)
{
	return option_find(s, key) || (s->idle && option_find(s->idle, key));
}

static void
check_keys(struct load *l, const struct section *s, const yaml_node_t *map)
{
	for (size_t i = 0; i < document_count(map); i++) {
		const yaml_node_t *key = document_key(&l->document, map, i);

		if (!is_key(s, document_text(key)))
			refuse_key(l, s, key);
	}
}

static void set_defaults(struct load *l, const struct section *s, void *base);

static void
parse_default(struct load *l, const struct option *o, void *base)
{
	yaml_node_t node = {.type = YAML_SCALAR_NODE};

	if (o->variant)
		return;
	if (o->type->form == OPTION_MAP) {
		load_push(l, o->key);
		set_defaults(l, o->section, field_of(o, base));
		load_pop(l);
	}
	if (!o->standard)
		return;
	node.data.scalar.value = (yaml_char_t *)o->standard;
	node.data.scalar.length = strlen(o->standard);
	node.data.scalar.style = YAML_PLAIN_SCALAR_STYLE;
	o->type->parse(l, o, &node, field_of(o, base));
}

static void
parse_option(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *base)
{
	/* A wrong file may fill two members of a union, one after the other. */
	if (o->variant)
		memset(field_of(o, base), 0, o->size);
	load_push(l, o->key);
	o->type->parse(l, o, node, field_of(o, base));
	load_pop(l);
	if (o->present)
		*(bool *)((char *)base + o->present) = true;
}

static void
load_options(struct load *l, const struct section *s, const yaml_node_t *map,
	     void *base)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct option *o = option_at(s, i);
		const yaml_node_t *value =
		    document_find(&l->document, map, o->key);

		/* First, so that a refused value leaves a sane one behind. */
		if (!value || o->type->form != OPTION_MAP)
			parse_default(l, o, base);
		if (value)
			parse_option(l, o, value, base);
		else if (o->required)
			load_fail(l, map, "found no %s, which is required: %s",
				  o->key, o->help);
	}
}

/* Fills all defaults of a section whose map is not there. */
static void
set_defaults(struct load *l, const struct section *s, void *base)
{
	for (size_t i = 0; i < s->n; i++)
		parse_default(l, option_at(s, i), base);
	if (s->finish)
		s->finish(l, NULL, base);
}

static const char *
map_expected(struct load *l, const struct section *s)
{
	struct text text = {0};
	const char *copy;

	text_addf(&text, "%s: a map with %s", s->what,
		  load_words(l, keys_of(l, s)));
	if (s->scalar_text)
		text_addf(&text, ", or %s", s->scalar_text);
	copy = arena_strdup(&l->scratch, text_str(&text));
	text_free(&text);
	return copy;
}

static bool
is_shorthand(const struct section *s, const yaml_node_t *node)
{
	if (!s->scalar || document_is_null(node))
		return false;
	return node->type == YAML_SCALAR_NODE ||
	       (s->scalar_list && node->type == YAML_SEQUENCE_NODE);
}

void
option_load(struct load *l, const struct section *s, const yaml_node_t *node,
	    void *base)
{
	if (is_shorthand(s, node)) {
		for (size_t i = 0; i < s->n; i++)
			parse_default(l, option_at(s, i), base);
		s->scalar(l, node, base);
	} else if (node->type == YAML_MAPPING_NODE) {
		check_keys(l, s, node);
		load_options(l, s, node, base);
	} else {
		load_expected(l, node, map_expected(l, s));
		return;
	}
	if (s->finish)
		s->finish(l, node, base);
}

/* ---- comparing ---- */

static bool
presence_equal(const struct option *o, const void *a, const void *b)
{
	if (!o->present)
		return true;
	return *(const bool *)((const char *)a + o->present) ==
	       *(const bool *)((const char *)b + o->present);
}

static bool
equal(const struct option *o, const void *a, const void *b,
      const struct option_trees *trees)
{
	if (o->variant)
		return true;
	return presence_equal(o, a, b) &&
	       o->type->equal(o, const_field_of(o, a), const_field_of(o, b),
			      trees);
}

const struct option *
option_differs(const struct section *s, const void *a, const void *b,
	       const struct option_trees *trees)
{
	for (size_t i = 0; i < s->n; i++)
		if (!equal(option_at(s, i), a, b, trees))
			return option_at(s, i);
	return NULL;
}

const struct option *
option_session_differs(const struct section *s, const void *a, const void *b)
{
	const struct option_trees none = {0};

	for (size_t i = 0; i < s->n; i++)
		if (option_at(s, i)->session &&
		    !equal(option_at(s, i), a, b, &none))
			return option_at(s, i);
	return NULL;
}

/* ---- for people ---- */

void
option_duration_text(int64_t ns, struct text *out)
{
	static const struct {
		const char *unit;
		int64_t ns;
	} units[] = {
	    {"d", INT64_C(86400000000000)},
	    {"h", INT64_C(3600000000000)},
	    {"m", INT64_C(60000000000)},
	    {"s", 1000000000},
	    {"ms", 1000000},
	    {"us", 1000},
	};

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (ns % units[i].ns != 0 || (ns == 0 && i != 3))
			continue;
		text_addf(out, "%" PRId64 "%s", ns / units[i].ns,
			  units[i].unit);
		return;
	}
}

static void
choices_text(const struct option *o, struct text *out)
{
	for (size_t i = 0; o->choices[i].word; i++)
		text_addf(out, "%s%s", i > 0 ? " | " : "", o->choices[i].word);
}

/* The type with its limits, for people. */
static void
type_limits(const struct option *o, struct text *out)
{
	switch (o->type->form) {
	case OPTION_CHOICE:
		choices_text(o, out);
		break;
	case OPTION_NUMBER:
		text_addf(out, "%s, %" PRId64 " to %" PRId64, o->type->text,
			  o->low, o->high);
		break;
	case OPTION_DURATION:
		text_addf(out, "%s, ", o->type->text);
		option_duration_text(o->low, out);
		text_add(out, " to ");
		option_duration_text(o->high, out);
		break;
	default:
		text_add(out, o->type->text);
	}
}

/* NULL but for a peer's own options. */
static const char *
effect_text(const struct section *s, const struct option *o)
{
	static const char *const texts[] = {
	    [OPTION_NOTHING] = "nothing",
	    [OPTION_UPDATES] = "UPDATEs",
	    [OPTION_REFRESH] = "route refresh",
	    [OPTION_SESSION] = "new session",
	};

	if (s != &section_peer)
		return NULL;
	return texts[o->session ? OPTION_SESSION : o->effect];
}

static void walk_section(const struct section *s, const char *path,
			 conf_option_fn *each, void *arg);

static void
walk_below(const struct option *o, const char *path, conf_option_fn *each,
	   void *arg)
{
	struct text below = {0};

	text_addf(&below, "%s%s%s", path, *path ? "." : "", o->key);
	if (o->type->form == OPTION_LIST)
		text_add(&below, "[]");
	if (o->type->form == OPTION_NAMED)
		text_addf(&below, ".%s", o->section->name_word);
	walk_section(o->section, text_str(&below), each, arg);
	text_free(&below);
}

static void
walk_section(const struct section *s, const char *path, conf_option_fn *each,
	     void *arg)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct option *o = option_at(s, i);
		struct text type = {0};

		type_limits(o, &type);
		each(arg, &(struct conf_option){
			      .section = path,
			      .key = o->key,
			      .type = text_str(&type),
			      .standard = o->standard ? o->standard : o->absent,
			      .required = o->required,
			      .help = o->help,
			      .has_options = o->section != NULL,
			      .effect = effect_text(s, o),
			  });
		text_free(&type);
		if (o->section)
			walk_below(o, path, each, arg);
	}
}

void
conf_options_walk(conf_option_fn *each, void *arg)
{
	walk_section(&section_root, "", each, arg);
}

void
conf_scenario_options_walk(conf_option_fn *each, void *arg)
{
	walk_section(&section_scenario, "", each, arg);
}
