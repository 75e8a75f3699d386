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

/* A single value is not quoted: it may be the key of a wrong file. */
static void
load_tree(struct load *l)
{
	if (l->root->type != YAML_MAPPING_NODE || document_count(l->root) == 0)
		load_fail(l, l->root,
			  "found %s, expected the sections node, services, "
			  "prefixes and peers",
			  l->root->type == YAML_SCALAR_NODE
			      ? "a single value"
			      : load_found(l, l->root));
	else
		option_load(l, &section_root, l->root, l->conf);
	if (document_count(l->root) > 0)
		section_cross_check(l);
}

int
conf_load_text(const char *path, const char *text, size_t n, struct conf **out,
	       struct text *messages)
{
	struct load l = {.conf = xcalloc(1, sizeof(*l.conf))};
	int err = 0;

	*out = NULL;
	l.conf->path = arena_strdup(&l.conf->arena, path);
	l.root = document_parse(&l.document, text, n, &l.messages);
	if (l.root)
		load_tree(&l);
	messages_write(&l.messages, path, messages);
	if (l.messages.errors > 0)
		err = -EINVAL;
	else
		*out = l.conf;
	messages_free(&l.messages);
	document_free(&l.document);
	arena_free(&l.scratch);
	if (err != 0)
		conf_free(l.conf);
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

int
conf_load(const char *path, struct conf **out, struct text *messages)
{
	struct text text = {0};
	int err = read_file(path, &text);

	*out = NULL;
	if (err != 0)
		text_addf(messages, "%s: cannot be read: %s\n", path,
			  strerror(-err));
	else
		err = conf_load_text(strcmp(path, "-") == 0 ? "standard input"
							    : path,
				     text_str(&text), text.len, out, messages);
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
