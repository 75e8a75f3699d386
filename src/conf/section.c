/* SPDX-License-Identifier: ISC */
#include "conf/section.h"

#include <stdlib.h>
#include <string.h>

#include "conf/value.h"

void *
section_named(struct load *l, const yaml_node_t *node, const char *what,
	      size_t size, size_t *n, const yaml_node_t ***nodes)
{
	*n = document_count(node);
	if (node->type != YAML_MAPPING_NODE || *n == 0) {
		*n = 0;
		load_expected(l, node, what);
		return NULL;
	}
	*nodes = load_scratch(l, *n, sizeof(**nodes));
	for (size_t i = 0; i < *n; i++)
		(*nodes)[i] = document_value(&l->document, node, i);
	return load_alloc(l, *n, size);
}

const char *
section_begin_item(struct load *l, const yaml_node_t *key,
		   struct conf_place *place)
{
	const char *name = arena_strdup(l->arena, document_text(key));

	*place = document_place(key);
	load_push(l, name);
	if (!value_is_name(name))
		load_fail(l, key,
			  "found the name %s, expected 1 to 64 letters, "
			  "digits, \"_\", \".\" or \"-\"",
			  load_quote(l, name));
	return name;
}

struct load_index
section_index(struct load *l, const void *base, size_t n,
	      int (*cmp)(const void *, const void *, void *))
{
	struct load_index index = {load_scratch(l, n, sizeof(size_t)), n};

	for (size_t i = 0; i < n; i++)
		index.v[i] = i;
	qsort_r(index.v, n, sizeof(size_t), cmp, (void *)(uintptr_t)base);
	return index;
}

bool
section_find_service(struct load *l, const char *name, size_t *out)
{
	size_t low = 0, high = l->services.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t item = l->services.v[middle];
		const char *there = l->conf->services[item].name;
		int order = strcmp(name, there);

		if (order == 0) {
			*out = item;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

bool
section_find_prefix(struct load *l, const struct prefix *prefix, size_t *out)
{
	size_t low = 0, high = l->prefixes.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		size_t item = l->prefixes.v[middle];
		int order = prefix_cmp(prefix, &l->conf->prefixes[item].prefix);

		if (order == 0) {
			*out = item;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

void
section_scalar(struct load *l, const struct section *s, const char *key,
	       const yaml_node_t *node, void *base)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct option *o = &s->options[i];

		if (strcmp(o->key, key) == 0)
			o->type->parse(l, o, node, (char *)base + o->offset);
	}
}

size_t
section_split(char *text, char **out, size_t max)
{
	size_t n = 0;
	char *rest = NULL;

	for (char *word = strtok_r(text, " \t\n", &rest); word && n <= max;
	     word = strtok_r(NULL, " \t\n", &rest), n++)
		if (n < max)
			out[n] = word;
	return n;
}
