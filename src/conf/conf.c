/* SPDX-License-Identifier: ISC */
#include "conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/section.h"

const char *
conf_rung_text(enum conf_rung rung)
{
	static const char *const texts[] = {
#define X(n, t) [CONF_RUNG_##n] = t,
	    CONF_RUNGS(X)
#undef X
	};

	return texts[rung];
}

/* What kind of file is read. */
struct kind {
	const struct section *root;
	const char *sections; /* it must have, for messages */
	void (*check)(struct load *l);
};

static const struct kind kind_node = {
    &section_root,
    "node, services, prefixes and peers",
    section_cross_check,
};
static const struct kind kind_scenario = {
    &section_scenario,
    "graph and sites",
    section_scenario_check,
};

/* A single value is not quoted: it may be the key of a wrong file. */
static void
load_tree(struct load *l, const struct kind *kind, void *tree)
{
	if (l->root->type != YAML_MAPPING_NODE || document_count(l->root) == 0)
		load_fail(l, l->root, "found %s, expected the sections %s",
			  l->root->type == YAML_SCALAR_NODE
			      ? "a single value"
			      : load_found(l, l->root),
			  kind->sections);
	else
		option_load(l, kind->root, l->root, tree);
	if (document_count(l->root) > 0)
		kind->check(l);
}

/* 0 or -EINVAL; the messages are told. */
static int
read_text(struct load *l, const struct kind *kind, const char *text, size_t n,
	  struct text *messages)
{
	void *tree = l->conf ? (void *)l->conf : l->scenario;
	int err;

	l->root = document_parse(&l->document, text, n, &l->messages);
	if (l->root)
		load_tree(l, kind, tree);
	else if (l->messages.errors == 0)
		messages_add(&l->messages, (struct conf_place){1, 1}, false,
			     "found an empty file, expected the sections %s",
			     kind->sections);
	messages_write(&l->messages, l->file, messages);
	err = l->messages.errors > 0 ? -EINVAL : 0;
	messages_free(&l->messages);
	document_free(&l->document);
	arena_free(&l->scratch);
	return err;
}

static int
load_node(const char *path, const char *text, size_t n, bool elsewhere,
	  struct conf **out, struct text *messages)
{
	struct conf *conf = xcalloc(1, sizeof(*conf));
	struct load l = {
	    .conf = conf,
	    .arena = &conf->arena,
	    .elsewhere = elsewhere,
	};
	int err;

	l.file = conf->path = arena_strdup(&conf->arena, path);
	err = read_text(&l, &kind_node, text, n, messages);
	if (err != 0)
		conf_free(conf);
	*out = err == 0 ? conf : NULL;
	return err;
}

int
conf_load_text(const char *path, const char *text, size_t n, struct conf **out,
	       struct text *messages)
{
	return load_node(path, text, n, false, out, messages);
}

int
conf_scenario_load_text(const char *path, const char *text, size_t n,
			struct conf_scenario **out, struct text *messages)
{
	struct conf_scenario *s = xcalloc(1, sizeof(*s));
	struct load l = {.scenario = s, .arena = &s->arena};
	int err;

	l.file = s->path = arena_strdup(&s->arena, path);
	err = read_text(&l, &kind_scenario, text, n, messages);
	if (err != 0)
		conf_scenario_free(s);
	*out = err == 0 ? s : NULL;
	return err;
}

/* Reads until the end or until there is more than any file may have. */
static int
read_all(int fd, struct text *out)
{
	char buf[16384];

	while (out->len <= DOCUMENT_SIZE_MAX) {
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		text_add_n(out, buf, (size_t)n);
	}
	return 0;
}

static int
read_file(const char *path, struct text *out)
{
	int fd = STDIN_FILENO, err;

	if (strcmp(path, "-") == 0)
		return read_all(fd, out);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = read_all(fd, out);
	close(fd);
	return err;
}

/* Its name for messages, NULL when it cannot be read: then *err says why. */
static const char *
open_file(const char *path, struct text *text, struct text *messages, int *err)
{
	*err = read_file(path, text);
	if (*err == 0)
		return strcmp(path, "-") == 0 ? "standard input" : path;
	text_addf(messages, "%s: cannot be read: %s\n", path, strerror(-*err));
	return NULL;
}

static int
load_node_file(const char *path, bool elsewhere, struct conf **out,
	       struct text *messages)
{
	struct text text = {0};
	int err;
	const char *name = open_file(path, &text, messages, &err);

	*out = NULL;
	if (name)
		err = load_node(name, text_str(&text), text.len, elsewhere, out,
				messages);
	text_free(&text);
	return err;
}

int
conf_load(const char *path, struct conf **out, struct text *messages)
{
	return load_node_file(path, false, out, messages);
}

int
conf_load_elsewhere(const char *path, struct conf **out, struct text *messages)
{
	return load_node_file(path, true, out, messages);
}

int
conf_scenario_load(const char *path, struct conf_scenario **out,
		   struct text *messages)
{
	struct text text = {0};
	int err;
	const char *name = open_file(path, &text, messages, &err);

	*out = NULL;
	if (name)
		err = conf_scenario_load_text(name, text_str(&text), text.len,
					      out, messages);
	text_free(&text);
	return err;
}

bool
conf_overload_given(const struct conf_overload *o)
{
	return o->packets || o->octets || o->cpu || o->latency.ns > 0;
}

size_t
conf_count_checks(const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->n_services; i++)
		n += conf->services[i].n_checks;
	return n;
}

void
conf_free(struct conf *conf)
{
	if (!conf)
		return;
	vault_free(&conf->vault);
	arena_free(&conf->arena);
	free(conf);
}
