/* SPDX-License-Identifier: ISC */
/*
 * Every file in broken/ must be answered with exactly the messages beside it;
 * the ending of its name says who reads it. "broken_test FOLDER update"
 * writes them anew, to be read before a commit.
 */
#include <errno.h>
#include <string.h>

#include "../golden.h"
#include "sim/sim.h"

#define LEAST_FILES 25

typedef int reader(const char *path, struct text *messages);

static int
read_rel(const char *path, struct text *messages)
{
	struct sim_graph *g;
	int err = sim_graph_load(path, &g, messages);

	sim_graph_free(g);
	return err;
}

static int
read_asns(const char *path, struct text *messages)
{
	struct sim_asns asns;
	int err = sim_read_asns(path, &asns, messages);

	sim_asns_free(&asns);
	return err;
}

static int
read_load(const char *path, struct text *messages)
{
	struct sim_loads loads;
	int err = sim_read_loads(path, &loads, messages);

	sim_loads_free(&loads);
	return err;
}

static int
read_pfx2as(const char *path, struct text *messages)
{
	struct sim_origins origins;
	int err = sim_read_origins(path, &origins, messages);

	sim_origins_free(&origins);
	return err;
}

static int
read_cost(const char *path, struct text *messages)
{
	static const char text[] = "1|2|-1\n1|3|-1\n";
	static const char *const sites[] = {"fra", "ams"};
	struct sim_graph *g;
	uint32_t *cost = NULL;
	int err = sim_graph_parse("text", text, sizeof(text) - 1, &g, messages);

	if (!err)
		err = sim_read_costs(path, g, sites, 2, &cost, messages);
	free(cost);
	sim_graph_free(g);
	return err;
}

static const struct kind {
	const char *ending;
	reader *read;
} kinds[] = {
    {".rel", read_rel},       {".asns", read_asns}, {".load", read_load},
    {".pfx2as", read_pfx2as}, {".cost", read_cost},
};

static const struct kind *
kind_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(kinds); i++)
		if (strcmp(dot, kinds[i].ending) == 0)
			return &kinds[i];
	return NULL;
}

static int
try_file(const char *name, bool update)
{
	struct text messages = {0}, seen = {0};
	int failed, err = kind_of(name)->read(name, &messages);
	char golden[256];

	text_addf(&seen, "%s\n%s",
		  err == 0         ? "accepted"
		  : err == -EINVAL ? "refused"
				   : "not read",
		  text_str(&messages));
	snprintf(golden, sizeof(golden), "%s.txt", name);
	failed = golden_differs(golden, &seen, update);
	text_free(&messages);
	text_free(&seen);
	return failed;
}

static int
is_input(const struct dirent *entry)
{
	return kind_of(entry->d_name) != NULL;
}

int
main(int argc, char **argv)
{
	return golden_main(argc, argv, is_input, try_file, LEAST_FILES);
}
