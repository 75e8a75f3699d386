/* SPDX-License-Identifier: ISC */
/*
 * Finds the HTTP module: beside the program first, so that a build tree and a
 * moved installation use their own.
 */
#include "ctl/loader.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULE "ctl_http.so"

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
open_in(const char *folder, const char *below)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s%s/" MODULE, folder, below);
	if (access(path, R_OK) < 0)
		return NULL;
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

/* BASIN_MODULES is for tests; ignored with raised privileges. */
static void *
open_module(void)
{
	const char *given = secure_getenv("BASIN_MODULES");
	char folder[PATH_MAX];
	void *library = given ? open_in(given, "") : NULL;

	if (!library && program_folder(folder)) {
		library = open_in(folder, "/../ctl");
		if (!library)
			library = open_in(folder, BASIN_MODULE_BELOW);
	}
	return library ? library : open_in(BASIN_MODULE_DIR, "");
}

const struct ctl_http_module *
loader_http(struct log *log)
{
	const struct ctl_http_module *module = NULL;
	const char *why;
	void *library;

	dlerror();
	library = open_module();
	if (library)
		module = dlsym(library, CTL_HTTP_SYMBOL);
	if (!module) {
		why = dlerror();
		log_error(log, "http", "its module cannot be loaded: %s",
			  why ? why
			      : "it is not installed (" BASIN_MODULE_DIR
				"/" MODULE ")");
		return NULL;
	}
	if (module->abi == CTL_HTTP_ABI)
		return module;
	log_error(log, "http", "its module is of another version of basin");
	return NULL;
}
