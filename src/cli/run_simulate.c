/* SPDX-License-Identifier: ISC */
/* basin simulate: a scenario on the AS graph, or a graph alone. */
#include "cli/run_simulate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run_ribs.h"
#include "cli/table.h"

#define THREADS_MAX 1024

/* ---- a graph alone ---- */

static int
convert(struct cli *cli, const char *from, const char *to)
{
	struct text messages = {0};
	struct sim_graph *g = NULL;
	int error = sim_graph_load(from, &g, &messages);
	int code = error == 0 ? COMMAND_FINE : COMMAND_CONFIGURATION;

	if (error == 0)
		error = sim_graph_save(g, to, &messages);
	if (error != 0 && code == COMMAND_FINE)
		code = COMMAND_NOT_FINE;
	table_say_lines(cli->err, text_str(&messages));
	if (error == 0 && cli->json)
		fprintf(cli->out,
			"{\"ases\": %u, \"provider_links\": %u, "
			"\"peer_links\": %u}\n",
			sim_graph_count(g), sim_graph_provider_links(g),
			sim_graph_peer_links(g));
	else if (error == 0)
		fprintf(cli->out,
			"%s: %u ASes, %u links to providers, %u to peers\n", to,
			sim_graph_count(g), sim_graph_provider_links(g),
			sim_graph_peer_links(g));
	sim_graph_free(g);
	text_free(&messages);
	return code;
}

/* ---- options ---- */

static bool
number(struct cli *cli, const struct invocation *in, const char *option,
       unsigned long least, unsigned long most, unsigned *out)
{
	const char *text = command_option(in, option);
	char *end = NULL;
	unsigned long v;

	if (!text)
		return true;
	errno = 0;
	v = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    v >= least && v <= most) {
		*out = (unsigned)v;
		return true;
	}
	command_complain(cli,
			 "--%s is \"%s\", expected a number from %lu to "
			 "%lu",
			 option, text, least, most);
	return false;
}

/* An AS number, with or without "AS" before. */
static bool
explained(struct cli *cli, const struct invocation *in, uint32_t *out)
{
	const char *text = command_option(in, "explain");

	if (!text || asn_parse(text, strlen(text), out))
		return true;
	command_complain(cli, "--explain is \"%s\", expected an AS number",
			 text);
	return false;
}

static bool
hijacked(struct cli *cli, const char *words)
{
	struct text messages = {0};
	bool fine = !words || report_check_hijack(words, &messages) == 0;

	table_say_lines(cli->err, text_str(&messages));
	text_free(&messages);
	return fine;
}

/* Options of a scenario, and those of a graph alone. */
static bool
right_options(struct cli *cli, const struct invocation *in)
{
	static const char *const graph[] = {"graph", "save-graph", "origins",
					    "rov", "ribs"};
	static const char *const scenario[] = {"what-if", "then",   "failures",
					       "hijack",  "search", "explain",
					       "ases",    "csv",    "page"};
	bool given = in->n_operands > 0;
	size_t n = given ? ARRAY_LEN(graph) : ARRAY_LEN(scenario);

	for (size_t i = 0; i < n; i++) {
		const char *option = given ? graph[i] : scenario[i];

		if (!command_option(in, option))
			continue;
		command_complain(cli, "--%s %s", option,
				 given ? "is without a scenario"
				       : "needs a SCENARIO");
		return false;
	}
	return true;
}

/* What belongs together, and what does not. */
static bool
combination(struct cli *cli, const struct invocation *in)
{
	bool graph = command_option(in, "graph");
	bool ribs = command_option(in, "ribs");
	const char *page = command_option(in, "page");

	if (!right_options(cli, in))
		return false;
	if (in->n_operands == 0 &&
	    (!graph || ribs == !!command_option(in, "save-graph"))) {
		command_complain(
		    cli, "simulate what? A SCENARIO, as in \"basin simulate "
			 "world.yaml\", or --graph with --save-graph, or with "
			 "--origins and --ribs. \"basin simulate --help\" has "
			 "examples, basin-simulate(7) what a scenario is");
		return false;
	}
	if (page && !*page) {
		command_complain(cli, "--page is \"\", expected the name of a "
				      "file to write");
		return false;
	}
	if (command_option(in, "ases") && !cli->json) {
		command_complain(cli, "--ases needs --json");
		return false;
	}
	if (ribs && !command_option(in, "origins")) {
		command_complain(cli, "--ribs needs --origins");
		return false;
	}
	if (command_option(in, "csv") && cli->json) {
		command_complain(cli, "--csv and --json: one of them");
		return false;
	}
	return true;
}

static int
ribs(struct cli *cli, const struct invocation *in, unsigned threads)
{
	struct run_ribs what = {
	    .graph = command_option(in, "graph"),
	    .origins = command_option(in, "origins"),
	    .rov = command_option(in, "rov"),
	    .out = command_option(in, "ribs"),
	    .threads = threads,
	};

	return run_ribs(cli, &what);
}

/* Values of an option that may be given several times. */
static size_t
all_of(const struct invocation *in, const char *option,
       const char *out[COMMAND_GIVEN_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < in->n_given; i++)
		if (strcmp(in->given[i].option->name, option) == 0)
			out[n++] = in->given[i].value;
	return n;
}

int
run_simulate(struct cli *cli, const struct invocation *in)
{
	const char *what_if[COMMAND_GIVEN_MAX], *then[COMMAND_GIVEN_MAX];
	struct report_request request = {
	    .what_if = what_if,
	    .n_what_if = all_of(in, "what-if", what_if),
	    .then = then,
	    .n_then = all_of(in, "then", then),
	    .hijack = command_option(in, "hijack"),
	    .search = command_option(in, "search"),
	    .ases = command_option(in, "ases"),
	};

	if (!combination(cli, in) ||
	    !number(cli, in, "threads", 1, THREADS_MAX, &request.threads) ||
	    !number(cli, in, "failures", 1, 2, &request.failures) ||
	    !explained(cli, in, &request.explain) ||
	    !hijacked(cli, request.hijack))
		return COMMAND_USAGE;
	if (command_option(in, "ribs"))
		return ribs(cli, in, request.threads);
	if (command_option(in, "save-graph"))
		return convert(cli, command_option(in, "graph"),
			       command_option(in, "save-graph"));
	return run_simulate_scenario(cli, in, &request);
}
