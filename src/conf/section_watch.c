/* SPDX-License-Identifier: ISC */
/* What a service is known by. */
#include <ctype.h>
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

/* What a path may have, and still stand in a message. */
#define PATH_LENGTH_MAX 512
/* NAME_MAX of Linux. */
#define NAME_LENGTH_MAX 255

static const char watch_expected[] =
    "tcp/PORT, udp/PORT, process/NAME, pidfile/PATH, unit/NAME.service, "
    "file/PATH or directory/PATH such as udp/53, process/named or "
    "file/run/ready, or a list of them";

const char *
conf_watch_kind_text(enum conf_watch_kind kind)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    CONF_WATCHES(X)
#undef X
	};

	return texts[kind];
}

/* ---- one kind ---- */

static bool
parse_port(struct load *l, const char *rest, struct conf_watch *out)
{
	uint64_t port;

	if (value_number(rest, &port) != 0 || port < 1 || port > UINT16_MAX)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool
parse_name(struct load *l, const char *rest, struct conf_watch *out)
{
	size_t n = strlen(rest);

	for (const char *p = rest; *p; p++)
		if (*p == '/' || !isprint((unsigned char)*p))
			return false;
	out->what = rest;
	return n > 0 && n <= NAME_LENGTH_MAX && strcmp(rest, ".") != 0 &&
	       strcmp(rest, "..") != 0;
}

static bool
parse_unit(struct load *l, const char *rest, struct conf_watch *out)
{
	static const char *const types[] = {".service", ".scope", ".slice"};
	size_t n = strlen(rest);

	if (!parse_name(l, rest, out) || strchr(rest, ' '))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		size_t end = strlen(types[i]);

		if (n > end && strcmp(rest + n - end, types[i]) == 0)
			return true;
	}
	return false;
}

/* "run//x" is "/run/x"; "." and ".." are refused. */
static bool
parse_path(struct load *l, const char *rest, struct conf_watch *out)
{
	char *path = load_alloc(l, strlen(rest) + 2, 1), *to = path;

	while (*rest) {
		size_t n;

		rest += strspn(rest, "/");
		n = strcspn(rest, "/");
		if ((n == 1 && rest[0] == '.') ||
		    (n == 2 && rest[0] == '.' && rest[1] == '.'))
			return false;
		if (n == 0)
			break;
		*to++ = '/';
		memcpy(to, rest, n);
		to += n;
		rest += n;
	}
	out->what = path;
	return to > path && to - path <= PATH_LENGTH_MAX;
}

/* ---- the list ---- */

typedef bool parse_kind(struct load *l, const char *rest,
			struct conf_watch *out);

static bool
parse_watch(struct load *l, const char *text, struct conf_watch *out)
{
	static parse_kind *const kinds[CONF_WATCH_KINDS] = {
	    [CONF_WATCH_TCP] = parse_port,
	    [CONF_WATCH_UDP] = parse_port,
	    [CONF_WATCH_PROCESS] = parse_name,
	    [CONF_WATCH_PIDFILE] = parse_path,
	    [CONF_WATCH_UNIT] = parse_unit,
	    [CONF_WATCH_FILE] = parse_path,
	    [CONF_WATCH_DIRECTORY] = parse_path,
	};

	for (int k = 0; k < CONF_WATCH_KINDS; k++) {
		const char *word = conf_watch_kind_text(k);
		size_t n = strlen(word);

		if (strncmp(text, word, n) != 0 || text[n] != '/')
			continue;
		out->kind = (enum conf_watch_kind)k;
		return kinds[k](l, text + n + 1, out);
	}
	return false;
}

/* The same thing has one name: "file//run/x" is called "file/run/x". */
static const char *
name_of(struct load *l, const char *text, const struct conf_watch *w)
{
	const char *word = conf_watch_kind_text(w->kind);
	char *name;

	if (!w->what || w->what[0] != '/')
		return text;
	name = load_alloc(l, strlen(word) + strlen(w->what) + 1, 1);
	strcpy(name, word);
	return strcat(name, w->what);
}

static bool
has_watch(const struct conf_watches *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i].name, name) == 0)
			return true;
	return false;
}

static void
parse_watches(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	struct conf_watches *out = field;
	size_t n;

	if (!load_list(l, node, watch_expected, &n))
		return;
	*out = (struct conf_watches){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);
		const char *text = arena_strdup(l->arena, document_text(item));
		struct conf_watch w = {0};

		if (!parse_watch(l, text, &w)) {
			load_expected(l, item, watch_expected);
			continue;
		}
		w.name = name_of(l, text, &w);
		if (has_watch(out, w.name))
			load_fail(l, item,
				  "found %s twice, expected everything once",
				  load_found(l, item));
		else
			out->v[out->n++] = w;
	}
}

/* As sets: all of them are watched. */
static bool
equal_watches(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	const struct conf_watches *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!has_watch(y, x->v[i].name))
			return false;
	return true;
}

const struct option_type type_watches = {
    OPTION_TEXT,
    "what to watch, or list",
    parse_watches,
    equal_watches,
    TYPE_SCHEMA_ONE_OR_LIST(
	"\"type\": \"string\", \"pattern\": \"^((tcp|udp)/[1-9][0-9]{0,4}"
	"|process/[^/]+|unit/[^/ ]+[.](service|scope|slice)"
	"|(pidfile|file|directory)/.+)$\""),
};
