/* SPDX-License-Identifier: ISC */
/*
 * Which descriptor belongs to which kind. What is not linked in is a module
 * (a shared object with one exported descriptor), looked for beside the
 * program first, so that a build tree and a moved installation use their own.
 * A module once loaded stays: dlopen() of it again only counts.
 */
#include "check/kind.h"

#include <assert.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
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
	if (!slash)
		return false;
	*slash = '\0';
	return true;
}

static void *
open_in(const char *folder, const char *below, const char *module)
{
	char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s%s/%s.so", folder, below, module);
	if (access(path, R_OK) < 0)
		return NULL;
	return dlopen(path, RTLD_NOW | RTLD_LOCAL);
}

static void *
open_module(const char *module)
{
	char folder[PATH_MAX];
	void *handle = NULL;

	dlerror();
	if (program_folder(folder)) {
		handle = open_in(folder, "/../check", module);
		if (!handle)
			handle = open_in(folder, BASIN_MODULE_BELOW, module);
	}
	return handle ? handle : open_in(BASIN_MODULE_DIR, "", module);
}

/* A descriptor by name: linked in, or out of its module. */
static const void *
descriptor(const char *module, const char *symbol, const char **why)
{
	const void *found = dlsym(RTLD_DEFAULT, symbol);
	void *handle;

	if (found)
		return found;
	handle = open_module(module);
	if (handle)
		found = dlsym(handle, symbol);
	if (!found) {
		const char *error = dlerror();

		*why = error ? error
			     : "its module is not installed "
			       "(" BASIN_MODULE_DIR ")";
	}
	return found;
}

const struct check_kind *
check_kind_find(enum conf_check_kind kind, const char **why)
{
	switch (kind) {
	case CONF_CHECK_TCP:
		return &check_tcp_kind;
	case CONF_CHECK_EXEC:
		return &check_exec_kind;
	case CONF_CHECK_HTTP:
		return descriptor("check_http", "check_http_kind", why);
	case CONF_CHECK_DNS:
		return descriptor("check_dns", "check_dns_kind", why);
	case CONF_CHECK_KINDS:
		break;
	}
	assert(!"a kind of check that does not exist");
	return NULL;
}

const struct tls_ops *
kind_tls(const char **why)
{
	return descriptor("check_tls", "check_tls_ops", why);
}

bool
kind_prepare(const struct conf_check *conf, const char **why)
{
	if (conf->kind != CONF_CHECK_TCP || !conf->tcp.tls.enabled)
		return true;
	return kind_tls(why) != NULL;
}
