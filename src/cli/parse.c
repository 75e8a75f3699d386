/* SPDX-License-Identifier: ISC */
#include "cli/parse.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "cli/table.h"

#define WORDS_MAX COMMAND_GIVEN_MAX
#define NAMES_MAX 64

/* The command line, taken apart but not yet understood. */
struct words {
	const char *plain[WORDS_MAX];
	size_t n_plain;
	struct given {
		const char *name;  /* without dashes, up to '=' */
		size_t len;        /* of the name */
		const char *value; /* behind '=', or the next word; NULL */
	} options[WORDS_MAX];
	size_t n_options;
};

void
command_complain(struct cli *cli, const char *fmt, ...)
{
	struct text text = {0};
	va_list ap;

	va_start(ap, fmt);
	text_vaddf(&text, fmt, ap);
	va_end(ap);
	fputs("basin: ", cli->err);
	table_say_lines(cli->err, text_str(&text));
	fputc('\n', cli->err);
	text_free(&text);
}

const struct command *
command_find(const char *name)
{
	for (const struct command *c = command_table; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

const char *
command_option(const struct invocation *in, const char *name)
{
	const struct option *o = in->command->options;

	for (size_t i = 0; o && o[i].name; i++)
		if (strcmp(o[i].name, name) == 0)
			return in->values[i];
	return NULL;
}

/* ---- options ---- */

static const struct option *
find_option(const struct option *list, const char *name, size_t len)
{
	for (; list && list->name; list++)
		if (strlen(list->name) == len &&
		    strncmp(list->name, name, len) == 0)
			return list;
	return NULL;
}

/* Does any command know this option as one that takes a value? */
static bool
takes_value(const char *name, size_t len)
{
	const struct option *o = find_option(command_globals, name, len);

	for (const struct command *c = command_table; !o && c->name; c++)
		o = find_option(c->options, name, len);
	return o && o->value;
}

static bool
is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

static int
split_option(struct cli *cli, struct words *w, char **argv, int argc, int *at)
{
	const char *word = argv[*at];
	const char *name, *equals;
	struct given *given = &w->options[w->n_options];

	if (strcmp(word, "-h") == 0)
		word = "--help";
	if (strncmp(word, "--", 2) != 0 || w->n_options == WORDS_MAX) {
		command_complain(cli, "option %s is not known (see basin help)",
				 word);
		return COMMAND_USAGE;
	}
	name = word + 2;
	equals = strchr(name, '=');
	given->name = name;
	given->len = equals ? (size_t)(equals - name) : strlen(name);
	given->value = equals ? equals + 1 : NULL;
	if (!equals && takes_value(name, given->len) && *at + 1 < argc)
		given->value = argv[++*at];
	w->n_options++;
	return 0;
}

static int
split(struct cli *cli, int argc, char **argv, struct words *w)
{
	bool only_plain = false;

	for (int i = 1; i < argc; i++) {
		if (!only_plain && strcmp(argv[i], "--") == 0) {
			only_plain = true;
		} else if (!only_plain && is_option(argv[i])) {
			if (split_option(cli, w, argv, argc, &i) != 0)
				return COMMAND_USAGE;
		} else if (w->n_plain == WORDS_MAX) {
			command_complain(cli, "too many words");
			return COMMAND_USAGE;
		} else {
			w->plain[w->n_plain++] = argv[i];
		}
	}
	return 0;
}

static void
set_global(struct cli *cli, const char *name, const char *value)
{
	if (strcmp(name, "json") == 0)
		cli->json = true;
	else if (strcmp(name, "no-color") == 0)
		cli->colour = false;
	else if (strcmp(name, "help") == 0)
		cli->help = true;
	else if (strcmp(name, "version") == 0)
		cli->version = true;
	else
		cli->socket = value;
}

static int
unknown_option(struct cli *cli, const struct given *given,
	       const struct command *command)
{
	const char *names[NAMES_MAX + 1] = {NULL};
	const struct option *o = command ? command->options : NULL;
	const char *nearest;
	char name[64], safe[128];
	size_t n = 0;

	for (; o && o->name && n < NAMES_MAX; o++)
		names[n++] = o->name;
	for (o = command_globals; o->name && n < NAMES_MAX; o++)
		names[n++] = o->name;
	snprintf(name, sizeof(name), "%.*s", (int)given->len, given->name);
	nearest = text_nearest(name, names);
	text_escape(name, strlen(name), safe, sizeof(safe));
	command_complain(cli, "option --%s is not known%s%s%s", safe,
			 nearest ? ", did you mean --" : "",
			 nearest ? nearest : "", nearest ? "?" : "");
	return COMMAND_USAGE;
}

static int
take_option(struct cli *cli, const struct given *given, struct invocation *in)
{
	const struct option *list = in->command ? in->command->options : NULL;
	const struct option *o = find_option(list, given->name, given->len);
	bool global = !o;

	if (global)
		o = find_option(command_globals, given->name, given->len);
	if (!o)
		return unknown_option(cli, given, in->command);
	if (!o->value != !given->value) {
		command_complain(cli,
				 o->value ? "option --%s needs its value, %s"
					  : "option --%s takes no value%s",
				 o->name, o->value ? o->value : "");
		return COMMAND_USAGE;
	}
	if (global) {
		set_global(cli, o->name, given->value);
		return 0;
	}
	in->values[o - list] = given->value ? given->value : "";
	in->given[in->n_given].option = o;
	in->given[in->n_given++].value = in->values[o - list];
	return 0;
}

/* ---- the command ---- */

/* "show" is no command, but begins some: what may follow? */
static void
complain_unfinished(struct cli *cli, const char *word, const char *next)
{
	struct text list = {0};
	const char *names[NAMES_MAX + 1] = {NULL};
	const char *nearest = NULL;
	size_t n = 0, len = strlen(word);

	for (const struct command *c = command_table; c->name; c++) {
		if (strncmp(c->name, word, len) != 0 || c->name[len] != ' ')
			continue;
		text_addf(&list, "%s%s", list.len ? ", " : "",
			  c->name + len + 1);
		if (n < NAMES_MAX)
			names[n++] = c->name + len + 1;
	}
	if (next)
		nearest = text_nearest(next, names);
	if (nearest)
		command_complain(cli,
				 "%s %s is not known, did you mean \"%s %s\"?",
				 word, next, word, nearest);
	else
		command_complain(cli, "%s what? One of %s", word,
				 text_str(&list));
	text_free(&list);
}

static bool
begins_commands(const char *word)
{
	size_t len = strlen(word);

	for (const struct command *c = command_table; c->name; c++)
		if (strncmp(c->name, word, len) == 0 && c->name[len] == ' ')
			return true;
	return false;
}

static void
complain_unknown(struct cli *cli, const char *word)
{
	const char *names[NAMES_MAX + 1] = {NULL};
	const char *nearest;
	char safe[160];
	size_t n = 0;

	for (const struct command *c = command_table; c->name; c++)
		if (n < NAMES_MAX)
			names[n++] = c->name;
	nearest = text_nearest(word, names);
	text_escape(word, strlen(word), safe, sizeof(safe));
	if (nearest)
		command_complain(cli,
				 "command \"%s\" is not known, did you mean "
				 "\"%s\"?",
				 safe, nearest);
	else
		command_complain(
		    cli, "command \"%s\" is not known (see basin help)", safe);
}

/* Finds the command of one or two words; *used is how many. */
static int
find_command(struct cli *cli, const struct words *w, struct invocation *in,
	     size_t *used)
{
	char both[128];

	*used = 0;
	if (w->n_plain == 0)
		return 0;
	if (w->n_plain > 1) {
		snprintf(both, sizeof(both), "%s %s", w->plain[0], w->plain[1]);
		in->command = command_find(both);
		*used = 2;
	}
	if (!in->command) {
		in->command = command_find(w->plain[0]);
		*used = 1;
	}
	if (in->command)
		return 0;
	if (begins_commands(w->plain[0]))
		complain_unfinished(cli, w->plain[0],
				    w->n_plain > 1 ? w->plain[1] : NULL);
	else
		complain_unknown(cli, w->plain[0]);
	return COMMAND_USAGE;
}

static int
take_operands(struct cli *cli, const struct words *w, size_t used,
	      struct invocation *in)
{
	const struct command *c = in->command;
	size_t n = w->n_plain - used;

	if (n > c->most || n < c->least) {
		command_complain(cli, "usage: basin %s%s%s (see basin help %s)",
				 c->name, c->operands[0] ? " " : "",
				 c->operands, c->name);
		return COMMAND_USAGE;
	}
	for (size_t i = 0; i < n; i++)
		in->operands[i] = w->plain[used + i];
	in->n_operands = n;
	return 0;
}

int
parse_line(struct cli *cli, int argc, char **argv, struct invocation *in)
{
	struct words w = {0};
	size_t used;

	*in = (struct invocation){0};
	if (split(cli, argc, argv, &w) != 0 ||
	    find_command(cli, &w, in, &used) != 0)
		return COMMAND_USAGE;
	for (size_t i = 0; i < w.n_options; i++)
		if (take_option(cli, &w.options[i], in) != 0)
			return COMMAND_USAGE;
	if (!in->command || cli->help)
		return 0;
	return take_operands(cli, &w, used, in);
}
