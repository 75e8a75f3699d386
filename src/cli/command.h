/* SPDX-License-Identifier: ISC */
/*
 * Commands of the `basin` program: one table. Parsing, help, completion and
 * the manual's completeness test read it; adding a command is one entry in
 * command.c and one function.
 */
#ifndef BASIN_CLI_COMMAND_H
#define BASIN_CLI_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit codes (64 and 78 as in sysexits.h). */
#define COMMAND_FINE          0
#define COMMAND_NOT_FINE      1
#define COMMAND_USAGE         64
#define COMMAND_CONFIGURATION 78

#define COMMAND_OPTIONS_MAX  16
#define COMMAND_GIVEN_MAX    32
#define COMMAND_OPERANDS_MAX 64

/* What the whole invocation shares. */
struct cli {
	FILE *out, *err;    /* borrowed */
	const char *socket; /* NULL: the usual ones */
	bool json;
	bool colour;
	bool help;    /* --help was given */
	bool version; /* --version was given */
};

struct option {
	const char *name;  /* "reason", without the dashes */
	const char *value; /* "TEXT"; NULL: a flag */
	const char *help;
};

struct command;

/* A parsed command line. */
struct invocation {
	const struct command *command;
	const char *operands[COMMAND_OPERANDS_MAX + 1];
	size_t n_operands;
	/* By the index of command->options; a flag is "". The last counts. */
	const char *values[COMMAND_OPTIONS_MAX];
	/* All of them in the order of the line: for options that may be
	 * given more than once. */
	struct {
		const struct option *option;
		const char *value;
	} given[COMMAND_GIVEN_MAX];
	size_t n_given;
};

struct command {
	const char *name;             /* "show checks" */
	const char *operands;         /* "[NAME]"; "" when it takes none */
	size_t least, most;           /* operands */
	const char *summary;          /* one line, no full stop */
	const char *description;      /* paragraphs for --help */
	const char *examples;         /* lines */
	const char *words;            /* for completion: possible operands */
	const struct option *options; /* ends with name NULL; may be NULL */
	/* Returns the exit code. */
	int (*run)(struct cli *cli, const struct invocation *in);
};

extern const struct command command_table[]; /* ends with name NULL */
extern const struct option command_globals[];

/* The whole program: parses, runs, returns the exit code. */
int command_main(struct cli *cli, int argc, char **argv);
/* NULL when there is none. */
const struct command *command_find(const char *name);
/* An option's value, NULL when it was not given. */
const char *command_option(const struct invocation *in, const char *name);
/* "basin: MESSAGE" and a newline to cli->err. */
void command_complain(struct cli *cli, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ---- commands: see the table ---- */

#define COMMAND_RUN(name) int name(struct cli *cli, const struct invocation *in)
COMMAND_RUN(run_status);
COMMAND_RUN(run_show);
COMMAND_RUN(run_flows);
COMMAND_RUN(run_events);
COMMAND_RUN(run_routes);
COMMAND_RUN(run_mesh);
COMMAND_RUN(run_rpki);
COMMAND_RUN(run_exabgp);
COMMAND_RUN(run_bfd);
COMMAND_RUN(run_why);
COMMAND_RUN(run_monitor);
COMMAND_RUN(run_drain);
COMMAND_RUN(run_undrain);
COMMAND_RUN(run_block);
COMMAND_RUN(run_unblock);
COMMAND_RUN(run_attack);
COMMAND_RUN(offline_run);
COMMAND_RUN(run_drill);
COMMAND_RUN(run_reload);
COMMAND_RUN(run_upgrade);
COMMAND_RUN(run_confirm);
COMMAND_RUN(run_plan);
COMMAND_RUN(run_push);
COMMAND_RUN(run_version);
COMMAND_RUN(check_run);
COMMAND_RUN(replay_run);
COMMAND_RUN(run_simulate);
COMMAND_RUN(doctor_run);
COMMAND_RUN(completion_run);
COMMAND_RUN(help_run);

#endif
