/* SPDX-License-Identifier: ISC */
/*
 * Another basind beside this one, for a hot upgrade. Only the helper may start
 * it: it needs root to make a helper of its own.
 *
 * The main process names the file and nothing else, and is not trusted: what
 * is run belongs to root, nobody else may write it, and its first argument is
 * one that only basind takes. Arguments and environment are those this one was
 * started with.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/helper_server.h"

/* Where it finds the other end. */
#define UPGRADE_FD 3
#define OUTLIVED   dur_s(1)

/* A descriptor of the program, or -errno. */
static int
open_program(const char *path)
{
	struct stat st;
	int error = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) != 0)
		error = -errno;
	else if (!S_ISREG(st.st_mode) || !(st.st_mode & 0111))
		error = -ENOEXEC;
	else if (st.st_uid != geteuid() || st.st_mode & 022)
		error = -EPERM;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/* Ours, without those of an upgrade before. */
static char **
arguments(const struct helper_server *sv, const char *path, char *first)
{
	size_t n = 0, kept = 2;
	char **v;

	while (sv->argv && sv->argv[n])
		n++;
	v = xcalloc(n + 3, sizeof(*v));
	v[0] = xstrdup(path);
	v[1] = first;
	for (size_t i = 1; i < n; i++)
		if (strncmp(sv->argv[i], "--upgrade=", 10) != 0)
			v[kept++] = sv->argv[i];
	return v;
}

/* libsystemd feeds a watchdog only for the process that is named. */
static void
name_watched_process(void)
{
	char pid[16];

	if (!getenv("WATCHDOG_PID"))
		return;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("WATCHDOG_PID", pid, 1);
}

static void become(const struct helper_server *sv, int program, int end,
		   const char *path) __attribute__((noreturn));

static void
become(const struct helper_server *sv, int program, int end, const char *path)
{
	char first[32];
	char **argv;
	sigset_t none;

	snprintf(first, sizeof(first), "--upgrade=%d", UPGRADE_FD);
	argv = arguments(sv, path, first);
	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	program = fcntl(program, F_DUPFD_CLOEXEC, 16);
	end = fcntl(end, F_DUPFD_CLOEXEC, 16);
	dup2(end, UPGRADE_FD);
	for (int fd = UPGRADE_FD + 1; fd < 16; fd++)
		close(fd);
	close_range(18, ~0U, 0);
	setrlimit(RLIMIT_NOFILE, &sv->descriptors);
	name_watched_process();
	fexecve(program, argv, environ);
	_exit(127);
}

/* The descriptor of our end, or -errno. */
int
helper_upgrade_start(struct helper_server *sv, const struct helper_request *q)
{
	int program, pair[2], error = 0;

	if (sv->successor > 0)
		return -EBUSY;
	program = open_program(q->args);
	if (program < 0)
		return program;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
		error = -errno;
		close(program);
		return error;
	}
	sv->successor = fork();
	if (sv->successor == 0)
		become(sv, program, pair[1], q->args);
	if (sv->successor < 0)
		error = -errno;
	close(program);
	close(pair[1]);
	if (error == 0)
		return pair[0];
	close(pair[0]);
	return error;
}

/*
 * When this has answered the other process does nothing any more: whether it
 * has taken over is what it said before.
 */
int
helper_upgrade_end(struct helper_server *sv, const struct helper_request *q)
{
	if (sv->successor <= 0)
		return 0;
	kill(sv->successor, SIGKILL);
	while (waitpid(sv->successor, NULL, 0) < 0 && errno == EINTR)
		;
	sv->successor = 0;
	sv->handing = false;
	return 0;
}

int
helper_upgrade_handing(struct helper_server *sv, const struct helper_request *q)
{
	sv->handing = true;
	return 0;
}

/*
 * While it is given the state it ends at once when that does not come whole;
 * one that lives on has all of it, and so the addresses and routes.
 */
bool
helper_upgrade_outlived(struct helper_server *sv)
{
	struct mono end = mono_add(mono_now(), OUTLIVED);

	if (sv->successor <= 0 || !sv->handing)
		return false;
	while (!mono_reached(end, mono_now())) {
		if (waitpid(sv->successor, NULL, WNOHANG) != 0)
			return false;
		usleep(10000);
	}
	return true;
}

/* The other process's helper has it all: this one removes nothing. */
int
helper_upgrade_release(struct helper_server *sv, const struct helper_request *q)
{
	sv->released = true;
	return 0;
}
