/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "scenario.h"

#define EXIT_USAGE  64
#define EXIT_SYNTAX 78

int
main(int argc, char **argv)
{
	bool verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	struct scenario sc;
	unsigned failures;
	int err;

	if (argc != 2 + verbose) {
		fprintf(stderr, "usage: scenario [-v] FILE\n");
		return EXIT_USAGE;
	}
	err = parse_scenario(argv[argc - 1], &sc);
	if (err) {
		parse_free(&sc);
		return EXIT_SYNTAX;
	}
	failures = play_scenario(&sc, verbose);
	printf("%s: %zu expectations, %u not met\n", sc.path, sc.n_expected,
	       failures);
	parse_free(&sc);
	return failures ? 1 : 0;
}
