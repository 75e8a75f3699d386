/* SPDX-License-Identifier: ISC */
/*
 * Runs a fuzz target over every file of its corpus, as a plain test: each
 * crash that was ever found stays here. Empty input is always tried too.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

#define INPUT_MAX (1 << 20)

static int
replay_file(const char *folder, const char *name)
{
	static uint8_t octets[INPUT_MAX];
	char path[4096];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(octets, 1, sizeof(octets), f);
	fclose(f);
	LLVMFuzzerTestOneInput(octets, n);
	return 0;
}

int
main(int argc, char **argv)
{
	int files = 0, failed = 0;
	struct dirent *entry;
	DIR *folder;

	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	folder = argc == 2 ? opendir(argv[1]) : NULL;
	if (!folder) {
		fprintf(stderr, "usage: replay CORPUS-FOLDER\n");
		return 64;
	}
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		failed |= replay_file(argv[1], entry->d_name);
		files++;
	}
	closedir(folder);
	printf("%d corpus files replayed\n", files);
	return failed || files == 0;
}
