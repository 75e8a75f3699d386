/* SPDX-License-Identifier: ISC */
#include "cli/help.h"

#include <string.h>

#include "base/text.h"

#define WIDTH 78 /* columns of a paragraph */

/* Words of `text`, filled into lines that begin with `indent` spaces. */
static void
fill(FILE *out, const char *text, int indent)
{
	int column = 0;

	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column > 0 && column + 1 + n > WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0)
			column = fprintf(out, "%*s", indent, "");
		else
			column += fprintf(out, " ");
		column += fprintf(out, "%.*s", n, text);
		text += n + strspn(text + n, " ");
	}
	fputc('\n', out);
}

static void
write_options(FILE *out, const struct option *o)
{
	for (; o && o->name; o++) {
		fprintf(out, "  --%s%s%s\n", o->name, o->value ? " " : "",
			o->value ? o->value : "");
		fill(out, o->help, 8);
	}
}

static void
write_examples(FILE *out, const char *examples)
{
	while (*examples) {
		int n = (int)strcspn(examples, "\n");

		fprintf(out, "  %.*s\n", n, examples);
		examples += n + (examples[n] == '\n');
	}
}

void
help_command(const struct command *c, FILE *out)
{
	bool options = c->options && c->options[0].name;

	fprintf(out, "basin %s%s%s%s\n\n", c->name, options ? " [OPTIONS]" : "",
		c->operands[0] ? " " : "", c->operands);
	fill(out, c->description, 2);
	if (options) {
		fprintf(out, "\nOptions:\n");
		write_options(out, c->options);
	}
	fprintf(out, "\nOptions of every command:\n");
	write_options(out, command_globals);
	fprintf(out, "\nExamples:\n");
	write_examples(out, c->examples);
}

void
help_overview(FILE *out)
{
	fprintf(out, "basin - talk to the anycast node's daemon\n\n"
		     "Usage: basin [OPTIONS] COMMAND ...\n\nCommands:\n");
	for (const struct command *c = command_table; c->name; c++)
		fprintf(out, "  %-15s %s\n", c->name, c->summary);
	fprintf(out, "\nOptions:\n");
	write_options(out, command_globals);
	fprintf(out, "\nExit codes: 0 fine, 1 not fine, 64 usage, "
		     "78 configuration.\n"
		     "\"basin COMMAND --help\" has examples.\n");
}

/* ---- for programs ---- */

static json_t *
options_json(const struct option *o)
{
	json_t *list = json_array();

	for (; o && o->name; o++)
		json_array_append_new(
		    list, json_pack("{s:s, s:s?, s:s}", "name", o->name,
				    "value", o->value, "help", o->help));
	return list;
}

static json_t *
lines_json(const char *lines)
{
	json_t *list = json_array();

	while (*lines) {
		size_t n = strcspn(lines, "\n");

		json_array_append_new(list, json_stringn(lines, n));
		lines += n + (lines[n] == '\n');
	}
	return list;
}

static json_t *
all_json(void)
{
	json_t *commands = json_array();

	for (const struct command *c = command_table; c->name; c++)
		json_array_append_new(
		    commands,
		    json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "name", c->name,
			      "operands", c->operands, "summary", c->summary,
			      "description", c->description, "options",
			      options_json(c->options), "examples",
			      lines_json(c->examples)));
	return json_pack("{s:o, s:o}", "options", options_json(command_globals),
			 "commands", commands);
}

static int
help_all(struct cli *cli)
{
	json_t *all;

	if (cli->json) {
		all = all_json();
		json_dumpf(all, cli->out,
			   JSON_INDENT(2) | JSON_REAL_PRECISION(9));
		fputc('\n', cli->out);
		json_decref(all);
		return COMMAND_FINE;
	}
	help_overview(cli->out);
	for (const struct command *c = command_table; c->name; c++) {
		fprintf(cli->out, "\n---\n\n");
		help_command(c, cli->out);
	}
	return COMMAND_FINE;
}

int
help_run(struct cli *cli, const struct invocation *in)
{
	const struct command *command;
	char name[128];

	if (command_option(in, "all"))
		return help_all(cli);
	if (in->n_operands == 0) {
		help_overview(cli->out);
		return COMMAND_FINE;
	}
	snprintf(name, sizeof(name), "%s%s%s", in->operands[0],
		 in->n_operands > 1 ? " " : "",
		 in->n_operands > 1 ? in->operands[1] : "");
	command = command_find(name);
	if (!command) {
		command_complain(cli, "command \"%s\" is not known", name);
		return COMMAND_USAGE;
	}
	help_command(command, cli->out);
	return COMMAND_FINE;
}
