/* SPDX-License-Identifier: ISC */
/* Between fork(2) and execve(2) of a check command. */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/helper_server.h"

static void
fail(int fd, int error)
{
	ssize_t n = write(fd, &error, sizeof(error));

	(void)n;
	_exit(127);
}

/* 0, 1, 2 and `failed`; everything else of the helper is closed. */
static int
place_descriptors(const struct helper_child *c)
{
	int input = c->has_input ? c->input : c->server->null;
	int errors = c->has_input ? c->errors : c->output;
	int high_input = fcntl(input, F_DUPFD, 16);
	int output = fcntl(c->output, F_DUPFD, 16);
	int high_errors = fcntl(errors, F_DUPFD, 16);
	int failed = fcntl(c->failed, F_DUPFD, 16);

	if (high_input < 0 || output < 0 || high_errors < 0 || failed < 0)
		fail(c->failed, errno);
	dup2(high_input, 0);
	dup2(output, 1);
	dup2(high_errors, 2);
	dup3(failed, 3, O_CLOEXEC);
	close_range(4, ~0U, 0);
	return 3;
}

static void
default_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* 0 or errno. Root is refused: the main process must not become it again. */
static int
switch_user(const struct helper_child *c)
{
	const struct passwd *pw;

	if (c->server->user_fixed)
		return 0;
	errno = 0;
	pw = getpwnam(c->user);
	/* As sandbox_enter() does, which tells about it. */
	if (!pw && c->user == c->server->user)
		pw = getpwnam("nobody");
	if (!pw)
		return errno ? errno : ENOENT;
	if (pw->pw_uid == 0)
		return EPERM;
	if (setgroups(0, NULL) != 0 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) != 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) != 0)
		return errno;
	return 0;
}

/* Also when the user stays root of a namespace: execve() gives none back. */
static void
drop_everything(void)
{
	int had;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (int cap = 0; (had = prctl(PR_CAPBSET_READ, cap)) >= 0; cap++)
		if (had)
			prctl(PR_CAPBSET_DROP, cap);
	capng_clear(CAPNG_SELECT_CAPS);
	capng_apply(CAPNG_SELECT_CAPS);
}

void
helper_child_run(const struct helper_child *c)
{
	static char path[] =
	    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char *env[] = {path, NULL};
	const struct rlimit no_core = {0, 0};
	int failed, error;

	setsid();
	default_signals();
	failed = place_descriptors(c);
	umask(022);
	setrlimit(RLIMIT_CORE, &no_core);
	error = switch_user(c);
	if (error)
		fail(failed, error);
	drop_everything();
	if (chdir("/") != 0)
		fail(failed, errno);
	/* After the switch, which clears it; and the helper may be gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != c->helper)
		_exit(127);
	execve(c->argv[0], c->argv, env);
	fail(failed, errno);
	_exit(127);
}
