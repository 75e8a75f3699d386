/* SPDX-License-Identifier: ISC */
/*
 * One YAML document as libyaml's node tree, with what libyaml does not check:
 * size, depth, alias bombs, duplicate keys, tags, several documents, a file
 * that was cut off.
 */
#ifndef BASIN_CONF_DOCUMENT_H
#define BASIN_CONF_DOCUMENT_H

#include <yaml.h>

#include "conf/messages.h"

struct document {
	yaml_document_t yaml; /* owned while `loaded` */
	bool loaded;
};

/* Octets of a configuration file at most. */
#define DOCUMENT_SIZE_MAX (16u << 20)

/*
 * Problems go to `m`. The root, or NULL when the text is no single YAML
 * document that is safe to walk, or (no problem here) empty. The caller calls
 * document_free() always.
 */
const yaml_node_t *document_parse(struct document *d, const char *text,
				  size_t n, struct messages *m);
void document_free(struct document *d);

struct conf_place document_place(const yaml_node_t *node);
/* Items of a list or pairs of a map. */
size_t document_count(const yaml_node_t *node);
const yaml_node_t *document_item(struct document *d, const yaml_node_t *list,
				 size_t i);
const yaml_node_t *document_key(struct document *d, const yaml_node_t *map,
				size_t i);
const yaml_node_t *document_value(struct document *d, const yaml_node_t *map,
				  size_t i);
/* The value under `key`, NULL when absent or `map` is no map. */
const yaml_node_t *document_find(struct document *d, const yaml_node_t *map,
				 const char *key);
/* A scalar's text, without NUL inside. */
const char *document_text(const yaml_node_t *scalar);
/* True for an empty value, ~ and null. */
bool document_is_null(const yaml_node_t *node);
bool document_is_plain(const yaml_node_t *node);

#endif
