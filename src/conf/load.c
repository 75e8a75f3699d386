/* SPDX-License-Identifier: ISC */
#include "conf/load.h"

#include <assert.h>
#include <string.h>

/* Octets of a foreign word that a message shows. */
#define QUOTE_MAX 80

void *
load_alloc(struct load *l, size_t n, size_t size)
{
	assert(size == 0 || n <= SIZE_MAX / size);
	return arena_alloc(l->arena, n * size);
}

void *
load_scratch(struct load *l, size_t n, size_t size)
{
	assert(size == 0 || n <= SIZE_MAX / size);
	return arena_alloc(&l->scratch, n * size);
}

void
load_push(struct load *l, const char *step)
{
	assert(l->depth < LOAD_PATH_MAX);
	l->path[l->depth++] = step;
}

void
load_pop(struct load *l)
{
	assert(l->depth > 0);
	l->depth--;
}

__attribute__((format(printf, 5, 0))) static void
tell(struct load *l, struct conf_place at, bool warning, bool with_path,
     const char *fmt, va_list ap)
{
	struct text text = {0};
	char step[QUOTE_MAX];

	for (size_t i = 0; with_path && i < l->depth; i++)
		text_addf(&text, "%s%s", i > 0 ? "." : "",
			  text_escape(l->path[i], strlen(l->path[i]), step,
				      sizeof(step)));
	if (text.len > 0)
		text_add(&text, ": ");
	text_vaddf(&text, fmt, ap);
	messages_add(&l->messages, at, warning, "%s", text_str(&text));
	text_free(&text);
}

void
load_fail(struct load *l, const yaml_node_t *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(l, document_place(at), false, true, fmt, ap);
	va_end(ap);
}

void
load_warn(struct load *l, const yaml_node_t *at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(l, document_place(at), true, true, fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 5, 0))) static void
tell_in(struct load *l, const yaml_node_t *map, const char *key, bool warning,
	const char *fmt, va_list ap)
{
	const yaml_node_t *at = document_find(&l->document, map, key);

	load_push(l, key);
	tell(l, document_place(at ? at : map), warning, true, fmt, ap);
	load_pop(l);
}

void
load_fail_in(struct load *l, const yaml_node_t *map, const char *key,
	     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell_in(l, map, key, false, fmt, ap);
	va_end(ap);
}

void
load_warn_in(struct load *l, const yaml_node_t *map, const char *key,
	     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell_in(l, map, key, true, fmt, ap);
	va_end(ap);
}

void
load_fail_at(struct load *l, struct conf_place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(l, at, false, false, fmt, ap);
	va_end(ap);
}

void
load_warn_at(struct load *l, struct conf_place at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tell(l, at, true, false, fmt, ap);
	va_end(ap);
}

const char *
load_quote(struct load *l, const char *text)
{
	char *quoted = load_scratch(l, QUOTE_MAX + 2, 1);
	size_t n;

	quoted[0] = '"';
	text_escape(text, strlen(text), quoted + 1, QUOTE_MAX);
	n = strlen(quoted);
	quoted[n] = '"';
	return quoted;
}

const char *
load_found(struct load *l, const yaml_node_t *node)
{
	if (node->type == YAML_SEQUENCE_NODE)
		return document_count(node) ? "a list" : "an empty list";
	if (node->type == YAML_MAPPING_NODE)
		return document_count(node) ? "a map (key: value)"
					    : "an empty map";
	if (document_is_null(node))
		return "nothing";
	return load_quote(l, document_text(node));
}

void
load_expected(struct load *l, const yaml_node_t *at, const char *expected)
{
	load_fail(l, at, "found %s, expected %s", load_found(l, at), expected);
}

static const char *
keep(struct load *l, struct text *text)
{
	const char *copy = arena_strdup(&l->scratch, text_str(text));

	text_free(text);
	return copy;
}

const char *
load_words(struct load *l, const char *const *words)
{
	struct text text = {0};

	for (size_t i = 0; words[i]; i++) {
		if (i > 0)
			text_add(&text, words[i + 1] ? ", " : " or ");
		text_add(&text, words[i]);
	}
	return keep(l, &text);
}

const char *
load_hint(struct load *l, const char *word, const char *const *candidates)
{
	const char *nearest = text_nearest(word, candidates);
	struct text text = {0};

	if (!nearest)
		return "";
	text_addf(&text, " (did you mean %s?)", nearest);
	return keep(l, &text);
}

const char *
load_text(struct load *l, const yaml_node_t *node, const char *expected)
{
	if (node->type == YAML_SCALAR_NODE && !document_is_null(node))
		return document_text(node);
	load_expected(l, node, expected);
	return NULL;
}

bool
load_list(struct load *l, const yaml_node_t *node, const char *expected,
	  size_t *n)
{
	bool fine = true;

	*n = 1;
	if (node->type != YAML_SEQUENCE_NODE)
		return load_text(l, node, expected) != NULL;
	*n = document_count(node);
	for (size_t i = 0; i < *n; i++)
		fine &= load_text(l, load_item(l, node, i), expected) != NULL;
	return fine;
}

bool
load_some(struct load *l, const yaml_node_t *node, const char *expected,
	  size_t *n)
{
	if (!load_list(l, node, expected, n))
		return false;
	if (*n == 0)
		load_expected(l, node, expected);
	return *n > 0;
}

const yaml_node_t *
load_item(struct load *l, const yaml_node_t *node, size_t i)
{
	if (node->type != YAML_SEQUENCE_NODE)
		return node;
	return document_item(&l->document, node, i);
}
