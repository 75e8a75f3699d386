/* SPDX-License-Identifier: ISC */
/*
 * Long-lived processes, seen from the helper.
 *
 *   start ─► RUNNING ─► ended, or nobody holds the channel: the group is
 *                       killed ─► reaped ─► its status is on the channel
 *
 * The main process has the other end of the channel: first come the three
 * descriptors of the process with one octet, at the end an errno and a wait
 * status. Closing it ends the process.
 *
 * Invariant: the group is killed before its leader is reaped, so its number
 * cannot have been used again.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sys/helper_server.h"

struct helper_run {
	struct helper_run *next;
	pid_t pid;
	int channel; /* owned */
	int failed;  /* owned; errno of a program that did not start */
	size_t polled;
	bool unwanted;
};

/* Both ends of what a process needs; -1: closed. */
struct ends {
	int input[2], output[2], errors[2], failed[2], channel[2];
};

static void
close_ends(struct ends *e)
{
	int *v = (int *)e;

	for (size_t i = 0; i < sizeof(*e) / sizeof(int); i++)
		if (v[i] >= 0)
			close(v[i]);
}

static int
open_ends(struct ends *e)
{
	memset(e, 0xff, sizeof(*e));
	if (pipe2(e->input, O_CLOEXEC) == 0 &&
	    pipe2(e->output, O_CLOEXEC) == 0 &&
	    pipe2(e->errors, O_CLOEXEC) == 0 &&
	    pipe2(e->failed, O_CLOEXEC | O_NONBLOCK) == 0 &&
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, e->channel) == 0)
		return 0;
	return -errno;
}

static pid_t
spawn(struct helper_server *sv, const struct helper_request *q,
      const struct ends *e)
{
	char *argv[HELPER_ARGC_MAX + 1];
	struct helper_child child = {
	    .server = sv,
	    .argv = argv,
	    .user = q->user[0] ? q->user : sv->user,
	    .has_input = true,
	    .input = e->input[0],
	    .output = e->output[1],
	    .errors = e->errors[1],
	    .failed = e->failed[1],
	    .helper = getpid(),
	};
	const char *p = q->args;
	pid_t pid;

	for (unsigned i = 0; i < q->argc; i++, p += strlen(p) + 1)
		argv[i] = (char *)p;
	argv[q->argc] = NULL;
	pid = fork();
	if (pid == 0)
		helper_child_run(&child);
	return pid;
}

/* The main process's ends wait on the channel until it takes them. */
static int
pass_ends(const struct ends *e)
{
	int fds[3] = {e->input[1], e->output[0], e->errors[0]};
	union {
		struct cmsghdr align;
		char octets[CMSG_SPACE(sizeof(fds))];
	} control = {0};
	struct iovec iov = {.iov_base = (char[]){0}, .iov_len = 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	for (size_t i = 0; i < 3; i++)
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	return sendmsg(e->channel[1], &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static void
add_run(struct helper_server *sv, pid_t pid, struct ends *e)
{
	struct helper_run *run = xcalloc(1, sizeof(*run));

	*run = (struct helper_run){.next = sv->runs,
				   .pid = pid,
				   .channel = e->channel[1],
				   .failed = e->failed[0]};
	e->channel[1] = e->failed[0] = -1;
	sv->runs = run;
	sv->n_runs++;
}

int
helper_run_start(struct helper_server *sv, const struct helper_request *q)
{
	struct ends e;
	int r = sv->n_runs >= HELPER_RUNS_MAX ? -EAGAIN : open_ends(&e);
	pid_t pid = -1;

	if (r == -EAGAIN)
		return r;
	if (r == 0)
		r = pass_ends(&e);
	if (r == 0)
		pid = spawn(sv, q, &e);
	if (r == 0 && pid < 0)
		r = -errno;
	if (r == 0) {
		add_run(sv, pid, &e);
		r = e.channel[0];
		e.channel[0] = -1;
	}
	close_ends(&e);
	return r;
}

/* ---- ending ---- */

static void
kill_group(const struct helper_run *run)
{
	kill(-run->pid, SIGKILL);
	/* It may not have its own group yet. */
	kill(run->pid, SIGKILL);
}

static bool
reaped(struct helper_run *run)
{
	struct helper_ended said = {0};
	siginfo_t si = {0};

	if (waitid(P_PID, (id_t)run->pid, &si, WEXITED | WNOHANG | WNOWAIT) !=
		0 ||
	    si.si_pid == 0)
		return false;
	kill_group(run);
	while (waitpid(run->pid, &said.wait_status, 0) < 0 && errno == EINTR)
		;
	if (read(run->failed, &said.error, sizeof(said.error)) !=
	    sizeof(said.error))
		said.error = 0;
	/* Fails when nobody wants to know. */
	if (send(run->channel, &said, sizeof(said), MSG_NOSIGNAL) < 0)
		run->unwanted = true;
	return true;
}

static void
run_free(struct helper_run *run)
{
	close(run->channel);
	close(run->failed);
	free(run);
}

void
helper_run_turn(struct helper_server *sv, const struct pollfd *fds,
		bool child_ended)
{
	struct helper_run **at = &sv->runs;

	while (*at) {
		struct helper_run *run = *at;

		if (!run->unwanted && fds[run->polled].revents) {
			run->unwanted = true;
			kill_group(run);
		}
		if (!child_ended || !reaped(run)) {
			at = &run->next;
			continue;
		}
		*at = run->next;
		sv->n_runs--;
		run_free(run);
	}
}

size_t
helper_run_poll(struct helper_server *sv, struct pollfd *fds)
{
	size_t n = 0;

	for (struct helper_run *run = sv->runs; run; run = run->next) {
		/* One whose channel is closed is only waited for. */
		run->polled = n;
		fds[n++] = (struct pollfd){
		    .fd = run->unwanted ? -1 : run->channel, .events = 0};
	}
	return n;
}

void
helper_run_undo(struct helper_server *sv)
{
	for (struct helper_run *run = sv->runs; run; run = run->next)
		kill_group(run);
}
