/* SPDX-License-Identifier: ISC */
#include "conf/document.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX   32
#define ANCHORS_MAX 1000
/* Values after all aliases are followed: far above any real file. */
#define VALUES_MAX 4000000u

#define LIST(node) ((node)->data.sequence.items)
#define MAP(node)  ((node)->data.mapping.pairs)

struct walk {
	struct document *document;
	struct messages *messages;
	size_t values;
	unsigned depth;
};

struct conf_place
document_place(const yaml_node_t *node)
{
	return (struct conf_place){(unsigned)node->start_mark.line + 1,
				   (unsigned)node->start_mark.column + 1};
}

static struct conf_place
place_of_mark(yaml_mark_t mark)
{
	return (struct conf_place){(unsigned)mark.line + 1,
				   (unsigned)mark.column + 1};
}

size_t
document_count(const yaml_node_t *node)
{
	if (node->type == YAML_SEQUENCE_NODE)
		return (size_t)(LIST(node).top - LIST(node).start);
	if (node->type == YAML_MAPPING_NODE)
		return (size_t)(MAP(node).top - MAP(node).start);
	return 0;
}

const yaml_node_t *
document_item(struct document *d, const yaml_node_t *list, size_t i)
{
	return yaml_document_get_node(&d->yaml, LIST(list).start[i]);
}

const yaml_node_t *
document_key(struct document *d, const yaml_node_t *map, size_t i)
{
	return yaml_document_get_node(&d->yaml, MAP(map).start[i].key);
}

const yaml_node_t *
document_value(struct document *d, const yaml_node_t *map, size_t i)
{
	return yaml_document_get_node(&d->yaml, MAP(map).start[i].value);
}

const char *
document_text(const yaml_node_t *scalar)
{
	return (const char *)scalar->data.scalar.value;
}

const yaml_node_t *
document_find(struct document *d, const yaml_node_t *map, const char *key)
{
	if (!map || map->type != YAML_MAPPING_NODE)
		return NULL;
	for (size_t i = 0; i < document_count(map); i++) {
		const yaml_node_t *k = document_key(d, map, i);

		if (strcmp(document_text(k), key) == 0)
			return document_value(d, map, i);
	}
	return NULL;
}

bool
document_is_plain(const yaml_node_t *node)
{
	yaml_scalar_style_t style = node->data.scalar.style;

	return node->type == YAML_SCALAR_NODE &&
	       (style == YAML_PLAIN_SCALAR_STYLE ||
		style == YAML_ANY_SCALAR_STYLE);
}

bool
document_is_null(const yaml_node_t *node)
{
	const char *text;

	if (!document_is_plain(node))
		return false;
	text = document_text(node);
	return text[0] == '\0' || strcmp(text, "~") == 0 ||
	       strcmp(text, "null") == 0;
}

/* ---- what libyaml does not check ---- */

static bool
complain(struct walk *w, const yaml_node_t *node, const char *what)
{
	messages_add(w->messages, document_place(node), false, "%s", what);
	return false;
}

static bool
check_scalar(struct walk *w, const yaml_node_t *node)
{
	const char *text = document_text(node);

	if (memchr(text, '\0', node->data.scalar.length))
		return complain(w, node,
				"found a NUL character, expected text "
				"(in send and expect write \\\\x00)");
	return true;
}

static bool
check_tag(struct walk *w, const yaml_node_t *node)
{
	const char *tag = (const char *)node->tag;

	if (!tag || strcmp(tag, YAML_STR_TAG) == 0 ||
	    strcmp(tag, YAML_SEQ_TAG) == 0 || strcmp(tag, YAML_MAP_TAG) == 0)
		return true;
	return complain(w, node,
			"found a YAML tag (!...), expected a plain value");
}

static int
by_key(const void *a, const void *b)
{
	const yaml_node_t *x = *(const yaml_node_t *const *)a;
	const yaml_node_t *y = *(const yaml_node_t *const *)b;
	int order = strcmp(document_text(x), document_text(y));

	if (order != 0)
		return order;
	return x->start_mark.index < y->start_mark.index ? -1 : 1;
}

static bool
report_twins(struct walk *w, const yaml_node_t *const *keys, size_t n)
{
	bool fine = true;
	char name[64];

	for (size_t i = 1; i < n; i++) {
		const char *text = document_text(keys[i]);

		if (strcmp(document_text(keys[i - 1]), text) != 0)
			continue;
		messages_add(
		    w->messages, document_place(keys[i]), false,
		    "found \"%s\" a second time (first on line %u), "
		    "expected every key once",
		    text_escape(text, strlen(text), name, sizeof(name)),
		    document_place(keys[i - 1]).line);
		fine = false;
	}
	return fine;
}

static bool
check_duplicates(struct walk *w, const yaml_node_t *map)
{
	size_t n = document_count(map);
	const yaml_node_t **keys = xcalloc(n, sizeof(*keys));
	bool fine;

	for (size_t i = 0; i < n; i++)
		keys[i] = document_key(w->document, map, i);
	qsort(keys, n, sizeof(*keys), by_key);
	fine = report_twins(w, keys, n);
	free(keys);
	return fine;
}

static bool check_node(struct walk *w, const yaml_node_t *node);

static bool
check_list(struct walk *w, const yaml_node_t *list)
{
	for (size_t i = 0; i < document_count(list); i++)
		if (!check_node(w, document_item(w->document, list, i)))
			return false;
	return true;
}

static bool
check_map(struct walk *w, const yaml_node_t *map)
{
	for (size_t i = 0; i < document_count(map); i++) {
		const yaml_node_t *key = document_key(w->document, map, i);

		if (key->type != YAML_SCALAR_NODE)
			return complain(w, key,
					"found a list or map as a key, "
					"expected a name");
		if (!check_scalar(w, key))
			return false;
		if (strcmp(document_text(key), "<<") == 0)
			return complain(w, key,
					"found a merge key (<<), expected the "
					"options written out");
		if (!check_node(w, document_value(w->document, map, i)))
			return false;
	}
	/* A key given twice does not make the rest unsafe to read. */
	(void)check_duplicates(w, map);
	return true;
}

static bool
check_children(struct walk *w, const yaml_node_t *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return check_list(w, node);
	case YAML_MAPPING_NODE:
		return check_map(w, node);
	default:
		return check_scalar(w, node);
	}
}

/* False when the tree must not be walked any further. */
static bool
check_node(struct walk *w, const yaml_node_t *node)
{
	bool fine;

	if (++w->values > VALUES_MAX)
		return complain(w, node,
				"found more than 4000000 values once aliases "
				"are followed, expected a smaller file");
	if (w->depth == DEPTH_MAX)
		return complain(w, node,
				"found more than 32 levels of nesting, "
				"expected fewer (does an alias name itself?)");
	if (!check_tag(w, node))
		return false;
	w->depth++;
	fine = check_children(w, node);
	w->depth--;
	return fine;
}

/* ---- parsing ---- */

/* Reader errors have an offset instead of a mark. */
static struct conf_place
place_of_offset(const char *text, size_t n, size_t offset)
{
	struct conf_place place = {1, 1};

	for (size_t i = 0; i < offset && i < n; i++) {
		place.column++;
		if (text[i] == '\n')
			place = (struct conf_place){place.line + 1, 1};
	}
	return place;
}

static void
explain(struct messages *m, const yaml_parser_t *p, const char *text, size_t n)
{
	const char *problem = p->problem ? p->problem : "unknown problem";
	struct conf_place place = place_of_mark(p->problem_mark);
	size_t at = p->problem_mark.index;

	if (p->error == YAML_READER_ERROR) {
		messages_add(m, place_of_offset(text, n, p->problem_offset),
			     false,
			     "found octets that are no UTF-8 text (%s), "
			     "expected a text file",
			     problem);
		return;
	}
	if (at < n && text[at] == '\t') {
		messages_add(m, place, false,
			     "found a tab, expected spaces: YAML is indented "
			     "with spaces only");
		return;
	}
	if (p->context && p->context_mark.line + 1 != place.line)
		messages_add(m, place, false,
			     "found something that is no YAML: %s (%s that "
			     "starts on line %zu)",
			     problem, p->context, p->context_mark.line + 1);
	else
		messages_add(m, place, false,
			     "found something that is no YAML: %s%s%s", problem,
			     p->context ? " " : "",
			     p->context ? p->context : "");
}

/* The change of depth that an event brings. */
static int
step_of(yaml_event_type_t type)
{
	switch (type) {
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return 1;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return -1;
	default:
		return 0;
	}
}

static bool
has_anchor(const yaml_event_t *e)
{
	return (e->type == YAML_SCALAR_EVENT && e->data.scalar.anchor) ||
	       (e->type == YAML_SEQUENCE_START_EVENT &&
		e->data.sequence_start.anchor) ||
	       (e->type == YAML_MAPPING_START_EVENT &&
		e->data.mapping_start.anchor);
}

struct shape {
	int depth;
	unsigned anchors;
};

static bool
check_event(struct shape *shape, const yaml_event_t *e, struct messages *m)
{
	struct conf_place place = place_of_mark(e->start_mark);

	shape->depth += step_of(e->type);
	shape->anchors += has_anchor(e);
	if (shape->depth > DEPTH_MAX)
		messages_add(m, place, false,
			     "found more than %d levels of nesting, expected "
			     "fewer",
			     DEPTH_MAX);
	else if (shape->anchors > ANCHORS_MAX)
		messages_add(m, place, false,
			     "found more than %d anchors (&name), expected "
			     "fewer",
			     ANCHORS_MAX);
	else
		return true;
	return false;
}

/*
 * libyaml takes time with the square of depth and of anchors: both are bounded
 * event by event before the whole is composed. Other errors come later.
 */
static bool
check_shape(yaml_parser_t *parser, struct messages *m)
{
	struct shape shape = {0};
	yaml_event_type_t type;
	yaml_event_t event;
	bool fine;

	do {
		if (!yaml_parser_parse(parser, &event))
			return true;
		type = event.type;
		fine = check_event(&shape, &event, m);
		yaml_event_delete(&event);
	} while (fine && type != YAML_STREAM_END_EVENT);
	return fine;
}

static void
open_parser(yaml_parser_t *parser, const char *text, size_t n)
{
	if (!yaml_parser_initialize(parser))
		abort();
	yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(parser, (const unsigned char *)text, n);
}

static bool
is_bounded(const char *text, size_t n, struct messages *m)
{
	yaml_parser_t parser;
	bool bounded;

	open_parser(&parser, text, n);
	bounded = check_shape(&parser, m);
	yaml_parser_delete(&parser);
	return bounded;
}

static void
check_end(struct messages *m, yaml_parser_t *p, const char *text, size_t n)
{
	const yaml_node_t *root;
	yaml_document_t more;

	if (!yaml_parser_load(p, &more)) {
		explain(m, p, text, n);
		return;
	}
	root = yaml_document_get_root_node(&more);
	if (root)
		messages_add(m, document_place(root), false,
			     "found a second YAML document, expected one");
	yaml_document_delete(&more);
}

static const yaml_node_t *
parse(struct document *d, const char *text, size_t n, struct messages *m)
{
	const yaml_node_t *root = NULL;
	yaml_parser_t parser;

	if (!is_bounded(text, n, m))
		return NULL;
	open_parser(&parser, text, n);
	if (yaml_parser_load(&parser, &d->yaml)) {
		d->loaded = true;
		root = yaml_document_get_root_node(&d->yaml);
		if (root)
			check_end(m, &parser, text, n);
	} else {
		explain(m, &parser, text, n);
	}
	yaml_parser_delete(&parser);
	return root;
}

static void
check_last_line(const char *text, size_t n, struct messages *m)
{
	if (n == 0 || text[n - 1] == '\n')
		return;
	messages_add(m, place_of_offset(text, n, n), false,
		     "found the end of the file in the middle of a line, "
		     "expected a newline: the file may be truncated");
}

const yaml_node_t *
document_parse(struct document *d, const char *text, size_t n,
	       struct messages *m)
{
	struct walk walk = {.document = d, .messages = m};
	const yaml_node_t *root;

	if (n > DOCUMENT_SIZE_MAX) {
		messages_add(m, (struct conf_place){0}, false,
			     "found %zu octets, expected at most 16 MiB", n);
		return NULL;
	}
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	check_last_line(text, n, m);
	root = parse(d, text, n, m);
	if (!root || !check_node(&walk, root))
		return NULL;
	return root;
}

void
document_free(struct document *d)
{
	if (d->loaded)
		yaml_document_delete(&d->yaml);
	d->loaded = false;
}
