/* SPDX-License-Identifier: ISC */
/*
 * Every NNN-*.yaml in conf/broken_scenario must be refused with exactly the
 * messages beside it. "broken_test FOLDER update" writes them anew, to be read
 * before a commit.
 */
#include <errno.h>
#include <string.h>

#include "../golden.h"
#include "scenario/scenario.h"

#define LEAST_FILES 40

/* Lists of weights are read after the scenario. */
static int
load(const char *name, struct text *seen)
{
	struct sim_weights weights = {0};
	struct scenario *s;
	int err = scenario_load(name, &s, seen);

	if (err == 0)
		err = scenario_weights(s, &weights, seen);
	sim_weights_free(&weights);
	scenario_free(s);
	return err;
}

/* Refused, in the words of the file beside it. */
static int
try_file(const char *name, bool update)
{
	struct text seen = {0};
	char golden[256];
	int failed, err = load(name, &seen);

	snprintf(golden, sizeof(golden), "%.*s.txt", (int)strlen(name) - 5,
		 name);
	failed = golden_differs(golden, &seen, update);
	if (err != -EINVAL || seen.len == 0) {
		printf("%s: returned %d\n", name, err);
		failed = 1;
	}
	text_free(&seen);
	return failed;
}

/* Node files that some of them name have no number. */
static int
is_scenario(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);

	return n > 5 && entry->d_name[0] >= '0' && entry->d_name[0] <= '9' &&
	       strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

int
main(int argc, char **argv)
{
	return golden_main(argc, argv, is_scenario, try_file, LEAST_FILES);
}
