/* SPDX-License-Identifier: ISC */
/*
 * A module is looked for beside the program first, so that a build tree and a
 * moved installation use their own, and then where it was to be installed.
 * dlopen() of what is loaded already only counts.
 */
#include "base/module.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of this program, or false. */
static bool
program_folder(char folder[static PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", folder, PATH_MAX - 1);
	char *slash;

	if (n <= 0)
		return false;
	folder[n] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	return slash != NULL;
}

static void *
open_in(const char *folder, const char *below, const char *name)
{
	char path[PATH_MAX + 128];

	snprintf(path, sizeof(path), "%s%s/%s.so", folder, below, name);
	if (access(path, R_OK) < 0)
		return NULL;
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *
open_beside(const char *folder, const char *name)
{
	char program[PATH_MAX], built[64];
	void *module;

	if (!program_folder(program))
		return NULL;
	snprintf(built, sizeof(built), "/../%s", folder);
	module = open_in(program, built, name);
	return module ? module : open_in(program, BASIN_MODULE_BELOW, name);
}

/* BASIN_MODULES is for tests; ignored with raised privileges. */
static void *
open_module(const char *folder, const char *name)
{
	const char *given = secure_getenv("BASIN_MODULES");
	void *module = given ? open_in(given, "", name) : NULL;

	if (!module)
		module = open_beside(folder, name);
	return module ? module : open_in(BASIN_MODULE_DIR, "", name);
}

const void *
module_find(const char *folder, const char *name, const char *symbol,
	    const char **why)
{
	const void *found = dlsym(RTLD_DEFAULT, symbol);
	void *module;

	dlerror();
	if (found)
		return found;
	module = open_module(folder, name);
	if (module)
		found = dlsym(module, symbol);
	if (found)
		return found;
	*why = dlerror();
	if (!*why)
		*why = "its module is not installed (" BASIN_MODULE_DIR ")";
	return NULL;
}
