/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/section.h"

static void
check_program(struct load *l, const yaml_node_t *node, const char *path)
{
	struct stat st;

	if (path[0] != '/')
		load_fail(l, node,
			  "found the program %s, expected an absolute path "
			  "(there is no shell and no PATH)",
			  load_quote(l, path));
	else if (l->elsewhere)
		return;
	else if (stat(path, &st) != 0 && errno == EACCES)
		load_warn(l, node, "the program %s cannot be looked at: %s",
			  load_quote(l, path), strerror(errno));
	else if (stat(path, &st) != 0)
		load_fail(l, node,
			  "found no program %s (%s), expected one that is "
			  "there",
			  load_quote(l, path), strerror(errno));
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		load_fail(l, node,
			  "found %s, which cannot be executed, expected a "
			  "program",
			  load_quote(l, path));
}

/* One text is split at blanks, without a shell. */
static struct conf_names
split_command(struct load *l, const char *text)
{
	size_t max = strlen(text) / 2 + 1;
	char **word = load_scratch(l, max, sizeof(*word));
	struct conf_names argv;

	argv.n = section_split(arena_strdup(l->arena, text), word, max);
	argv.v = load_alloc(l, argv.n + 1, sizeof(*argv.v));
	memcpy(argv.v, word, argv.n * sizeof(*word));
	return argv;
}

static void
parse_command(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	static const char expected[] =
	    "a program and its arguments, such as [/usr/bin/check, -v]";
	struct conf_names *out = field;
	size_t n;

	if (!load_list(l, node, expected, &n))
		return;
	if (node->type == YAML_SEQUENCE_NODE) {
		/* One more: argv ends with NULL. */
		*out = (struct conf_names){
		    load_alloc(l, n + 1, sizeof(*out->v)), n};
		for (size_t i = 0; i < n; i++)
			out->v[i] = arena_strdup(
			    l->arena, document_text(load_item(l, node, i)));
	} else {
		*out = split_command(l, document_text(node));
	}
	if (out->n == 0)
		load_expected(l, node, expected);
	else
		check_program(l, load_item(l, node, 0), out->v[0]);
}

static bool
equal_command(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	return type_texts.equal(o, a, b, trees);
}

static void
parse_user(struct load *l, const struct option *o, const yaml_node_t *node,
	   void *field)
{
	const char *text = load_text(l, node, "the name of a user");

	if (!text)
		return;
	if (!l->elsewhere && !getpwnam(text))
		load_fail(l, node,
			  "found %s, which is no user of this machine, "
			  "expected a user",
			  load_found(l, node));
	*(const char **)field = arena_strdup(l->arena, text);
}

const struct option_type type_command = {
    OPTION_TEXT,   "text split at blanks, or list of texts",  parse_command,
    equal_command, TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};
const struct option_type type_user = {
    OPTION_TEXT, "user", parse_user, type_equal_text, TYPE_SCHEMA_TEXT,
};

static const struct option exec_options[] = {
    {
	.key = "command",
	.type = &type_command,
	OPTION_FIELD(struct conf_exec, argv),
	.required = true,
	.help = "the program and its arguments; exit status 0 passes, 1 is "
		"degraded, others fail",
    },
    {
	.key = "user",
	.type = &type_user,
	OPTION_FIELD(struct conf_exec, user),
	.absent = "the daemon's unprivileged user",
	.help = "the user to run it as",
    },
};

static void scalar_exec(struct load *l, const yaml_node_t *node, void *base);

const struct section section_exec = {
    OPTION_SECTION(exec_options),
    .what = "an exec check",
    .scalar = scalar_exec,
    .scalar_text = "a program and its arguments",
    .scalar_list = true,
    .scalar_schema = TYPE_SCHEMA_ONE_OR_LIST(TYPE_SCHEMA_TEXT),
};

static void
scalar_exec(struct load *l, const yaml_node_t *node, void *base)
{
	section_scalar(l, &section_exec, "command", node, base);
}
