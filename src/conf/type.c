/* SPDX-License-Identifier: ISC */
#include "conf/type.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/value.h"

bool
type_texts_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool
type_equal_octets(const struct option *o, const void *a, const void *b,
		  const struct option_trees *trees)
{
	return memcmp(a, b, o->size) == 0;
}

bool
type_equal_text(const struct option *o, const void *a, const void *b,
		const struct option_trees *trees)
{
	return type_texts_equal(*(const char *const *)a,
				*(const char *const *)b);
}

static bool
equal_texts(const struct option *o, const void *a, const void *b,
	    const struct option_trees *trees)
{
	const struct conf_names *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i], y->v[i]) != 0)
			return false;
	return true;
}

static bool
equal_pairs(const struct option *o, const void *a, const void *b,
	    const struct option_trees *trees)
{
	const struct conf_pairs *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i].name, y->v[i].name) != 0 ||
		    strcmp(x->v[i].value, y->v[i].value) != 0)
			return false;
	return true;
}

/* A text and its length behind it. */
struct escaped {
	const char *s;
	size_t n;
};

static bool
equal_escaped(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	const struct escaped *x = a, *y = b;

	if (!x->s || !y->s)
		return x->s == y->s;
	return x->n == y->n && memcmp(x->s, y->s, x->n) == 0;
}

static bool
equal_map(const struct option *o, const void *a, const void *b,
	  const struct option_trees *trees)
{
	return option_differs(o->section, a, b, trees) == NULL;
}

/* ---- text ---- */

static bool
is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static void
parse_text(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	const char *text = load_text(l, node, "text");

	if (!text)
		return;
	if (is_blank(text))
		load_expected(l, node, "text that is not blank");
	else if (o->high > 0 && strlen(text) > (size_t)o->high)
		load_fail(l, node,
			  "found %zu octets, expected at most %" PRId64,
			  strlen(text), o->high);
	else
		*(const char **)field = arena_strdup(l->arena, text);
}

static void
parse_name(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	static const char expected[] =
	    "a name: 1 to 64 letters, digits, \"_\", \".\" or \"-\"";
	const char *text = load_text(l, node, expected);

	if (!text)
		return;
	if (!value_is_name(text))
		load_expected(l, node, expected);
	else
		*(const char **)field = arena_strdup(l->arena, text);
}

static void
parse_escaped(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	const char *text = load_text(l, node, "text");
	struct escaped *out = field;
	char *decoded;
	size_t n;

	if (!text)
		return;
	decoded = load_alloc(l, strlen(text) + 1, 1);
	if (value_unescape(text, decoded, &n) != 0 || n == 0) {
		load_expected(l, node,
			      "text in which a backslash begins one of "
			      "\\n \\r \\t \\0 \\e \\\\ \\xHH");
		return;
	}
	*out = (struct escaped){decoded, n};
}

static void
parse_texts(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct conf_names *out = field;
	size_t n;

	if (!load_list(l, node, "text, or a list of texts", &n))
		return;
	*out = (struct conf_names){load_alloc(l, n, sizeof(*out->v)), n};
	for (size_t i = 0; i < n; i++)
		parse_text(l, o, load_item(l, node, i), &out->v[i]);
}

static void
parse_pairs(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct conf_pairs *out = field;
	size_t n = document_count(node);

	if (node->type != YAML_MAPPING_NODE || n == 0) {
		load_expected(l, node, "a map of names to texts");
		return;
	}
	*out = (struct conf_pairs){load_alloc(l, n, sizeof(*out->v)), n};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		const yaml_node_t *value =
		    document_value(&l->document, node, i);

		parse_text(l, o, key, &out->v[i].name);
		load_push(l, document_text(key));
		parse_text(l, o, value, &out->v[i].value);
		load_pop(l);
	}
}

/* ---- numbers, words ---- */

static void
parse_bool(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	static const char *const words[] = {"true",  "yes", "on",
					    "false", "no",  "off"};
	const char *text = load_text(l, node, "true or false");

	if (!text)
		return;
	for (size_t i = 0; document_is_plain(node) && i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i]) == 0) {
			*(bool *)field = i < 3;
			return;
		}
	load_expected(l, node, "true or false, without quotes");
}

static void
store(const struct option *o, uint64_t value, void *field)
{
	if (o->size == 1)
		*(uint8_t *)field = (uint8_t)value;
	else if (o->size == 2)
		*(uint16_t *)field = (uint16_t)value;
	else if (o->size == 4)
		*(uint32_t *)field = (uint32_t)value;
	else
		*(uint64_t *)field = value;
}

static void
parse_number(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	const char *text = load_text(l, node, "a number");
	uint64_t value;
	int err;

	if (!text)
		return;
	err = document_is_plain(node) ? value_number(text, &value) : -EINVAL;
	if (err == 0 && value <= (uint64_t)o->high &&
	    value >= (uint64_t)o->low) {
		store(o, value, field);
		return;
	}
	load_fail(l, node,
		  "found %s, expected a number from %" PRId64 " to %" PRId64
		  "%s",
		  load_found(l, node), o->low, o->high,
		  document_is_plain(node) ? "" : ", without quotes");
}

static void
parse_duration(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	static const char expected[] =
	    "a duration with its unit, such as 100ms, 1s or 2m";
	const char *text = load_text(l, node, expected);
	struct text limits = {0};
	struct dur dur;
	int err;

	if (!text)
		return;
	err = dur_parse(text, &dur);
	if (err == -EINVAL) {
		load_expected(l, node, expected);
		return;
	}
	if (err == 0 && dur.ns >= o->low && dur.ns <= o->high) {
		*(struct dur *)field = dur;
		return;
	}
	option_duration_text(o->low, &limits);
	text_add(&limits, " to ");
	option_duration_text(o->high, &limits);
	load_expected(l, node, text_str(&limits));
	text_free(&limits);
}

static void
refuse_choice(struct load *l, const struct option *o, const yaml_node_t *node)
{
	const char **words;
	size_t n = 0;

	while (o->choices[n].word)
		n++;
	words = load_scratch(l, n + 1, sizeof(*words));
	for (size_t i = 0; i < n; i++)
		words[i] = o->choices[i].word;
	load_expected(l, node, load_words(l, words));
}

static void
parse_choice(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	if (node->type == YAML_SCALAR_NODE)
		for (size_t i = 0; o->choices[i].word; i++)
			if (strcmp(document_text(node), o->choices[i].word) ==
			    0) {
				*(int *)field = o->choices[i].value;
				return;
			}
	refuse_choice(l, o, node);
}

static void
parse_require(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	static const char expected[] = "all, any or a number from 1";
	const char *text = load_text(l, node, expected);
	struct conf_require require;

	if (!text)
		return;
	if (value_require(text, &require) != 0)
		load_expected(l, node, expected);
	else
		*(struct conf_require *)field = require;
}

static void
parse_map(struct load *l, const struct option *o, const yaml_node_t *node,
	  void *field)
{
	option_load(l, o->section, node, field);
}

/* ---- files ---- */

const char *
type_resolve(struct load *l, const char *name)
{
	const char *slash = strrchr(l->file, '/');
	size_t n;
	char *path;

	if (name[0] == '/' || !slash)
		return arena_strdup(l->arena, name);
	n = (size_t)(slash - l->file) + 1;
	path = load_alloc(l, n + strlen(name) + 1, 1);
	memcpy(path, l->file, n);
	strcpy(path + n, name);
	return path;
}

static void
parse_file(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	const char *text = load_text(l, node, "the name of a file");
	const char *path;
	struct stat st;

	if (!text)
		return;
	path = type_resolve(l, text);
	*(const char **)field = path;
	if (l->elsewhere)
		return;
	if (stat(path, &st) != 0) {
		/* Who checks a file may not be who runs the daemon. */
		if (errno == EACCES)
			load_warn(l, node, "%s cannot be looked at: %s",
				  load_quote(l, path), strerror(errno));
		else
			load_fail(l, node,
				  "found no file %s (%s), expected a file "
				  "that is there",
				  load_quote(l, path), strerror(errno));
		return;
	}
	if (!S_ISREG(st.st_mode))
		load_fail(l, node, "found %s, expected a regular file",
			  load_quote(l, path));
	else if (st.st_size == 0)
		load_fail(l, node,
			  "found the empty file %s, expected one "
			  "with contents",
			  load_quote(l, path));
}

static void
parse_path(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	const char *text = load_text(l, node, "an absolute path");

	if (!text)
		return;
	if (text[0] != '/')
		load_expected(l, node, "an absolute path (it begins with /)");
	else if (o->high > 0 && strlen(text) > (size_t)o->high)
		load_fail(
		    l, node,
		    "found a path of %zu octets, expected at most %" PRId64,
		    strlen(text), o->high);
	else
		*(const char **)field = arena_strdup(l->arena, text);
}

/* ---- the types ---- */

const struct option_type type_text = {
    OPTION_TEXT, "text", parse_text, type_equal_text, TYPE_SCHEMA_TEXT,
};
const struct option_type type_name = {
    OPTION_TEXT,
    "name",
    parse_name,
    type_equal_text,
    "\"type\": \"string\", \"pattern\": \"^[A-Za-z0-9_.-]{1,64}$\"",
};
const struct option_type type_escaped = {
    OPTION_TEXT,   "text with C escapes", parse_escaped,
    equal_escaped, TYPE_SCHEMA_TEXT,
};
const struct option_type type_texts = {
    OPTION_TEXT,
    "text or list of texts",
    parse_texts,
    equal_texts,
    TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};
const struct option_type type_pairs = {
    OPTION_TEXT,
    "map of names to texts",
    parse_pairs,
    equal_pairs,
    "\"type\": \"object\", \"minProperties\": 1, "
    "\"additionalProperties\": {\"type\": "
    "[\"string\", \"number\", \"boolean\"]}",
};
const struct option_type type_bool = {
    OPTION_BOOL, "true | false", parse_bool, type_equal_octets, NULL,
};
const struct option_type type_number = {
    OPTION_NUMBER, "number", parse_number, type_equal_octets, NULL,
};
const struct option_type type_duration = {
    OPTION_DURATION, "duration", parse_duration, type_equal_octets, NULL,
};
const struct option_type type_choice = {
    OPTION_CHOICE, "", parse_choice, type_equal_octets, NULL,
};
const struct option_type type_require = {
    OPTION_TEXT,
    "all | any | number",
    parse_require,
    type_equal_octets,
    "\"anyOf\": [{\"enum\": [\"all\", \"any\"]}, "
    "{\"type\": \"integer\", \"minimum\": 1}]",
};
const struct option_type type_file = {
    OPTION_TEXT, "file", parse_file, type_equal_text, TYPE_SCHEMA_TEXT,
};
const struct option_type type_path = {
    OPTION_TEXT,
    "absolute path",
    parse_path,
    type_equal_text,
    "\"type\": \"string\", \"pattern\": \"^/\"",
};
const struct option_type type_map = {
    OPTION_MAP, "map", parse_map, equal_map, NULL,
};
