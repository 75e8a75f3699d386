/* SPDX-License-Identifier: ISC */
/* Completion scripts, generated from the table of commands. */
#include <string.h>

#include "cli/command.h"

static void
write_flags(FILE *out, const struct option *o)
{
	for (; o && o->name; o++)
		fprintf(out, " --%s", o->name);
}

/* First words of all commands, each once: they stand together. */
static void
write_first_words(FILE *out)
{
	const char *last = "";
	size_t last_len = 0;

	for (const struct command *c = command_table; c->name; c++) {
		size_t len = strcspn(c->name, " ");

		if (len == last_len && strncmp(c->name, last, len) == 0)
			continue;
		fprintf(out, " %.*s", (int)len, c->name);
		last = c->name;
		last_len = len;
	}
}

static void
write_second_words(FILE *out, const char *first)
{
	size_t len = strlen(first);

	for (const struct command *c = command_table; c->name; c++)
		if (strncmp(c->name, first, len) == 0 && c->name[len] == ' ')
			fprintf(out, " %s", c->name + len + 1);
}

/* ---- bash ---- */

static void
bash(FILE *out)
{
	fprintf(out, "# bash completion for basin\n"
		     "_basin()\n{\n"
		     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} words='' w\n"
		     "\tlocal -a plain=()\n"
		     "\tfor w in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
		     "\t\t[[ $w == -* ]] || plain+=(\"$w\")\n"
		     "\tdone\n"
		     "\tcase \"${plain[*]}\" in\n"
		     "\t'') words='");
	write_first_words(out);
	fprintf(out, "' ;;\n\tshow) words='");
	write_second_words(out, "show");
	fprintf(out, "' ;;\n\thelp) words='");
	write_first_words(out);
	fprintf(out, "' ;;\n");
	for (const struct command *c = command_table; c->name; c++) {
		if (strcmp(c->name, "help") == 0)
			continue;
		fprintf(out, "\t'%s'|'%s '*) words='%s", c->name, c->name,
			c->words);
		write_flags(out, c->options);
		fprintf(out, "' ;;\n");
	}
	fprintf(out, "\tesac\n\twords+='");
	write_flags(out, command_globals);
	fprintf(out,
		"'\n"
		"\tif [[ ${plain[0]} == @(check|simulate) && $cur != -* ]]; "
		"then\n"
		"\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
		"\t\treturn\n"
		"\tfi\n"
		"\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
		"}\n"
		"complete -F _basin basin\n");
}

/* ---- zsh ---- */

/* For text inside single quotes; `colon` also for _describe. */
static void
quoted(FILE *out, const char *s, bool colon)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", out);
		else if (*s == ':' && colon)
			fputs("\\:", out);
		else
			fputc(*s, out);
	}
}

static void
zsh_words(FILE *out, const char *condition, const char *prefix)
{
	size_t len = strlen(prefix);

	fprintf(out, "\t%s)\n\t\tlist=(\n", condition);
	for (const struct command *c = command_table; c->name; c++) {
		if (strncmp(c->name, prefix, len) != 0 ||
		    strchr(c->name + len, ' '))
			continue;
		fprintf(out, "\t\t\t'%s:", c->name + len);
		quoted(out, c->summary, true);
		fprintf(out, "'\n");
	}
	if (len == 0)
		fprintf(out, "\t\t\t'show:lists of one kind of object'\n");
	fprintf(out, "\t\t)\n\t\t_describe command list\n\t\t;;\n");
}

static void
zsh(FILE *out)
{
	fprintf(out, "#compdef basin\n"
		     "# zsh completion for basin\n"
		     "_basin() {\n"
		     "\tlocal -a list flags plain\n"
		     "\tplain=(${${words[2,CURRENT-1]}:#-*})\n"
		     "\tflags=(");
	write_flags(out, command_globals);
	fprintf(out, " )\n\tcase \"${plain[*]}\" in\n");
	zsh_words(out, "''|help", "");
	zsh_words(out, "show", "show ");
	for (const struct command *c = command_table; c->name; c++) {
		if (strcmp(c->name, "help") == 0)
			continue;
		fprintf(out, "\t'%s'|'%s '*) flags+=(", c->name, c->name);
		write_flags(out, c->options);
		fprintf(out, " ); compadd -- %s", c->words);
		if (strcmp(c->name, "check") == 0 ||
		    strcmp(c->name, "simulate") == 0)
			fprintf(out, "; _files");
		fprintf(out, " ;;\n");
	}
	fprintf(out, "\tesac\n"
		     "\t[[ $PREFIX == -* ]] && compadd -- $flags\n"
		     "\treturn 0\n"
		     "}\n"
		     "# Sourced, or autoloaded as a function of this name.\n"
		     "if [[ ${funcstack[1]} == _basin ]]; then\n"
		     "\t_basin \"$@\"\n"
		     "else\n"
		     "\tcompdef _basin basin\n"
		     "fi\n");
}

/* ---- fish ---- */

static void
fish_options(FILE *out, const struct option *o, const char *condition)
{
	for (; o && o->name; o++) {
		fprintf(out, "complete -c basin%s -l %s%s -d '", condition,
			o->name, o->value ? " -r" : "");
		quoted(out, o->help, false);
		fprintf(out, "'\n");
	}
}

static void
fish_command(FILE *out, const struct command *c)
{
	char condition[256];
	size_t len = strcspn(c->name, " ");

	if (c->name[len] == ' ')
		snprintf(condition, sizeof(condition),
			 " -n '__fish_seen_subcommand_from %.*s; and "
			 "__fish_seen_subcommand_from %s'",
			 (int)len, c->name, c->name + len + 1);
	else
		snprintf(condition, sizeof(condition),
			 " -n '__fish_seen_subcommand_from %s'", c->name);
	if (c->name[len] == ' ')
		fprintf(out,
			"complete -c basin -n '__fish_seen_subcommand_from "
			"%.*s' -a %s -d '",
			(int)len, c->name, c->name + len + 1);
	else
		fprintf(out,
			"complete -c basin -n __fish_use_subcommand -a %s "
			"-d '",
			c->name);
	quoted(out, c->summary, false);
	fprintf(out, "'\n");
	fish_options(out, c->options, condition);
	if (c->words[0])
		fprintf(out, "complete -c basin%s -a '%s'\n", condition,
			c->words);
}

static void
fish(FILE *out)
{
	fprintf(out, "# fish completion for basin\n"
		     "complete -c basin -f\n"
		     "complete -c basin -n __fish_use_subcommand -a show "
		     "-d 'lists of one kind of object'\n"
		     "complete -c basin -n '__fish_seen_subcommand_from "
		     "check simulate' -F\n");
	fish_options(out, command_globals, "");
	for (const struct command *c = command_table; c->name; c++)
		fish_command(out, c);
}

int
completion_run(struct cli *cli, const struct invocation *in)
{
	if (strcmp(in->operands[0], "bash") == 0)
		bash(cli->out);
	else if (strcmp(in->operands[0], "zsh") == 0)
		zsh(cli->out);
	else if (strcmp(in->operands[0], "fish") == 0)
		fish(cli->out);
	else {
		command_complain(cli, "completion for which shell? One of "
				      "bash, zsh, fish");
		return COMMAND_USAGE;
	}
	return COMMAND_FINE;
}
