/* SPDX-License-Identifier: ISC */
/*
 * The main process gives up what it does not need: root, capabilities, the
 * way back to them, and most system calls.
 */
#include "sys/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sys/sys.h"

#define SUBJECT  "privileges"
#define FALLBACK "nobody"

static const struct passwd *
find_user(const char *user, struct log *log)
{
	const struct passwd *pw = getpwnam(user);

	if (pw)
		return pw;
	pw = getpwnam(FALLBACK);
	if (pw)
		log_notice(log, SUBJECT,
			   "there is no user \"%s\"; running as \"%s\"", user,
			   FALLBACK);
	else
		log_error(log, SUBJECT,
			  "there is neither a user \"%s\" nor \"%s\"", user,
			  FALLBACK);
	return pw;
}

/* Where only one user is mapped, root is nobody else anyway. */
static bool
single_user_namespace(void)
{
	unsigned first, outside, count;
	FILE *f = fopen("/proc/self/uid_map", "re");
	int n;

	if (!f)
		return false;
	n = fscanf(f, "%u %u %u", &first, &outside, &count);
	fclose(f);
	return n == 3 && count == 1;
}

static int
switch_user(const char *user, struct log *log)
{
	const struct passwd *pw;
	int error;

	if (single_user_namespace()) {
		log_warning(log, SUBJECT,
			    "the user cannot be switched to \"%s\" in a user "
			    "namespace with one user; going on without",
			    user);
		return 0;
	}
	pw = find_user(user, log);
	if (!pw)
		return -ENOENT;
	if (setgroups(0, NULL) == 0 &&
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == 0 &&
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == 0)
		return 0;
	error = -errno;
	log_error(log, SUBJECT, "cannot become user \"%s\": %s", pw->pw_name,
		  strerror(-error));
	return error;
}

static int
drop_capabilities(struct log *log)
{
	int r;

	/* The bounding set needs CAP_SETPCAP, which is gone with root. */
	capng_clear(CAPNG_SELECT_CAPS);
	r = capng_apply(CAPNG_SELECT_CAPS);
	if (r != 0)
		log_error(log, SUBJECT, "capabilities cannot be dropped (%d)",
			  r);
	return r == 0 ? 0 : -EPERM;
}

static void
drop_bounding_set(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap) != 0)
			return;
}

static int
filter(struct log *log)
{
	int r = sandbox_filter();

	if (r == 1) {
		log_notice(log, SUBJECT,
			   "no system-call filter: this is a sanitizer build");
		return 0;
	}
	if (r != 0)
		log_error(log, SUBJECT,
			  "the system-call filter cannot be installed: %s",
			  strerror(-r));
	return r;
}

int
sandbox_enter(const char *user, struct log *log)
{
	int r = 0;

	if (geteuid() == 0) {
		drop_bounding_set();
		r = switch_user(user, log);
	} else {
		log_notice(log, SUBJECT,
			   "not started as root: the user stays, and port 179 "
			   "and addresses may not be permitted");
	}
	if (r == 0)
		r = drop_capabilities(log);
	if (r == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		r = -errno;
	return r == 0 ? filter(log) : r;
}

void
sandbox_facts(struct sandbox_facts *out)
{
	capng_results_t have;

	capng_get_caps_process();
	have = capng_have_capabilities(CAPNG_SELECT_CAPS);
	out->filtered = prctl(PR_GET_SECCOMP) == 2;
	out->no_new_privileges = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	/* Root of a namespace with one user is that user outside. */
	out->unprivileged =
	    have == CAPNG_NONE && (geteuid() != 0 || single_user_namespace());
}
