/* SPDX-License-Identifier: ISC */
/*
 * What one load carries around: the tree that grows, the document it is read
 * from, the option being read (for messages), and what was collected.
 */
#ifndef BASIN_CONF_LOAD_H
#define BASIN_CONF_LOAD_H

#include "conf/document.h"

#define LOAD_PATH_MAX 16

/* The items of a section by name, sorted, for references. */
struct load_index {
	size_t *v; /* owned by scratch: item numbers in name order */
	size_t n;
};

struct load {
	struct conf *conf;              /* NULL: a scenario is read */
	struct conf_scenario *scenario; /* NULL: a node's file is read */
	struct arena *arena;            /* the tree's */
	const char *file;               /* as named by the user */
	/* Of another machine: its files, programs, users and keys are not
	 * looked for, and what is read is for looking at only. */
	bool elsewhere;
	struct arena scratch; /* freed when the load ends */
	struct document document;
	struct messages messages;
	const char *path[LOAD_PATH_MAX]; /* borrowed from tables and document */
	size_t depth;

	/* Values of the items in the order of the file, for places. */
	const yaml_node_t *root;
	const yaml_node_t **service_nodes;
	const yaml_node_t **prefix_nodes;
	const yaml_node_t **peer_nodes;
	struct load_index services, prefixes, sites;
	/* Services or prefixes were refused: what follows would mislead. */
	bool unsound;
};

/* Memory of the tree, and memory until the load ends. Zeroed. */
void *load_alloc(struct load *l, size_t n, size_t size);
void *load_scratch(struct load *l, size_t n, size_t size);

/* The option being read: "peers", "transit-a", "hold_time". */
void load_push(struct load *l, const char *step);
void load_pop(struct load *l);

/* "PATH: ..." at the node. */
void load_fail(struct load *l, const yaml_node_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void load_warn(struct load *l, const yaml_node_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * About the option `key` of a map: at its value, with its path. At the map
 * when the option is not there.
 */
void load_fail_in(struct load *l, const yaml_node_t *map, const char *key,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void load_warn_in(struct load *l, const yaml_node_t *map, const char *key,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* The same with a place and without a path, for cross checks. */
void load_fail_at(struct load *l, struct conf_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void load_warn_at(struct load *l, struct conf_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Escaped and in double quotes; lives in scratch. */
const char *load_quote(struct load *l, const char *text);
/* What stands there, for "found ...": quoted text, "a list", "nothing". */
const char *load_found(struct load *l, const yaml_node_t *node);
/* "found X, expected Y". */
void load_expected(struct load *l, const yaml_node_t *at, const char *expected);
/* A list of words as "a, b or c"; lives in scratch. */
const char *load_words(struct load *l, const char *const *words);
/* ": did you mean "x"?" or "". */
const char *load_hint(struct load *l, const char *word,
		      const char *const *candidates);

/* The text of a single value, or NULL after saying what was expected. */
const char *load_text(struct load *l, const yaml_node_t *node,
		      const char *expected);
/*
 * A list, or one value where a list of one is meant: the number of values,
 * each a scalar. False after a message.
 */
bool load_list(struct load *l, const yaml_node_t *node, const char *expected,
	       size_t *n);
/* The same for an option where an empty list is a mistake. */
bool load_some(struct load *l, const yaml_node_t *node, const char *expected,
	       size_t *n);
const yaml_node_t *load_item(struct load *l, const yaml_node_t *node, size_t i);

#endif
