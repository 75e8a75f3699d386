/* SPDX-License-Identifier: ISC */
/*
 * Texts that are made of the option tables at build time:
 *
 *   conf_text schema          the JSON Schema of basin.yaml
 *   conf_text options         one line an option, fields between tabs
 *   conf_text effects         a peer's options and what they do to a session
 *   conf_text manual FILE     FILE with the lines @OPTIONS@ and @EFFECTS@
 *                             replaced by mdoc
 *   conf_text scenario ...    the same of a scenario: schema, options, manual
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

#define OPTIONS_MAX 512

struct option_copy {
	char *section, *key, *type, *standard, *help; /* owned */
	const char *effect; /* static; NULL: not of a peer */
	bool required;
};

struct options {
	struct option_copy v[OPTIONS_MAX];
	size_t n;
};

static void
collect(void *arg, const struct conf_option *o)
{
	struct options *all = arg;

	if (all->n == OPTIONS_MAX)
		abort();
	all->v[all->n++] = (struct option_copy){
	    .section = xstrdup(o->section),
	    .key = xstrdup(o->key),
	    .type = xstrdup(o->type),
	    .standard = xstrdup(o->standard ? o->standard : ""),
	    .help = xstrdup(o->help),
	    .effect = o->effect,
	    .required = o->required,
	};
}

static void
free_options(struct options *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->v[i].section);
		free(all->v[i].key);
		free(all->v[i].type);
		free(all->v[i].standard);
		free(all->v[i].help);
	}
	free(all);
}

/* ---- mdoc ---------------------------------------------------------------- */

/* Source lines of a manual page end here. */
#define LINE_MAX_OCTETS 70

/* Text from the start of a line, with a capital at its start. */
static void
print_text(const char *text)
{
	unsigned column = 0;

	for (size_t i = 0; text[i]; i++) {
		char c = text[i];

		if (i == 0 && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (column == 0 && (c == '.' || c == '\''))
			printf("\\&");
		if (c == ' ' && column > LINE_MAX_OCTETS)
			c = '\n';
		printf(c == '\\' ? "\\e" : "%c", c);
		column = c == '\n' ? 0 : column + 1;
	}
}

static void
print_option(const struct option_copy *o)
{
	printf(".It Cm %s Pq %s\n", o->key, o->type);
	print_text(o->help);
	printf(".\n");
	if (o->required)
		printf("Required.\n");
	else if (o->standard[0])
		printf("Default: %s.\n", o->standard);
}

static void
print_section(const struct options *all, const char *section)
{
	printf(".Ss %s\n.Bl -tag -width Ds\n",
	       section[0] ? section : "The sections of the file");
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].section, section) == 0)
			print_option(&all->v[i]);
	printf(".El\n");
}

static bool
is_first_of_section(const struct options *all, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(all->v[i].section, all->v[index].section) == 0)
			return false;
	return true;
}

static void
print_sections(const struct options *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (is_first_of_section(all, i))
			print_section(all, all->v[i].section);
}

/* By effect, the options of a peer. */
static void
print_effects(const struct options *all)
{
	printf(".Bl -column graceful_restart description\n");
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].effect)
			printf(".It Cm %s Ta %s\n", all->v[i].key,
			       all->v[i].effect);
	printf(".El\n");
}

static int
list_effects(const struct options *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].effect)
			printf("%s\t%s\n", all->v[i].key, all->v[i].effect);
	return 0;
}

static int
print_manual(const struct options *all, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[1024];

	if (!f) {
		perror(path);
		return 1;
	}
	while (fgets(line, sizeof(line), f)) {
		if (strcmp(line, "@OPTIONS@\n") == 0)
			print_sections(all);
		else if (strcmp(line, "@EFFECTS@\n") == 0)
			print_effects(all);
		else
			fputs(line, stdout);
	}
	fclose(f);
	return 0;
}

/* ---- the rest ------------------------------------------------------------ */

static int
print_options(const struct options *all)
{
	for (size_t i = 0; i < all->n; i++)
		printf("%s\t%s\t%s\t%s\t%s\t%s\n", all->v[i].section,
		       all->v[i].key, all->v[i].type, all->v[i].standard,
		       all->v[i].required ? "required" : "optional",
		       all->v[i].help);
	return 0;
}

static int
print_schema(bool scenario)
{
	if (scenario)
		conf_scenario_write_schema(stdout);
	else
		conf_write_schema(stdout);
	return 0;
}

static int
print(const struct options *all, bool scenario, int argc, char **argv)
{
	const char *what = argc > 0 ? argv[0] : "";

	if (strcmp(what, "schema") == 0 && argc == 1)
		return print_schema(scenario);
	if (strcmp(what, "effects") == 0 && argc == 1 && !scenario)
		return list_effects(all);
	if (strcmp(what, "options") == 0 && argc == 1)
		return print_options(all);
	if (strcmp(what, "manual") == 0 && argc == 2)
		return print_manual(all, argv[1]);
	fprintf(stderr,
		"usage: conf_text [scenario] schema|options|manual FILE\n");
	return 64;
}

int
main(int argc, char **argv)
{
	struct options *all = xcalloc(1, sizeof(*all));
	bool scenario = argc > 1 && strcmp(argv[1], "scenario") == 0;
	int status;

	if (scenario)
		conf_scenario_options_walk(collect, all);
	else
		conf_options_walk(collect, all);
	status = print(all, scenario, argc - 1 - scenario, argv + 1 + scenario);
	free_options(all);
	return status;
}
