/* SPDX-License-Identifier: ISC */
/*
 * Check commands, seen from the helper.
 *
 *   start ─► RUNNING ─► (deadline, cancel: the group is killed) ─► ENDED
 *   ENDED ─► answered when the pair has room ─► freed
 *
 * Invariants: a job is freed only after its process was reaped; the group is
 * killed before the leader is reaped, so its number cannot have been reused.
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

/* Of one read of a command's output; more waits for the next turn. */
#define READ_MAX 16384

struct helper_job {
	struct helper_job *next;
	uint32_t token;
	pid_t pid;
	size_t polled; /* place among the entries for poll(2) */
	int output;    /* owned; -1 after its end */
	int failed;    /* owned; errno of a command that did not start */
	struct mono deadline;
	bool late, cancelled, ended;
	int wait_status;
	int error; /* errno: it could not be started */
	size_t kept;
	char buf[HELPER_OUTPUT_MAX];
};

/* ---- starting ---- */

static void
split_args(const struct helper_request *q, char **argv)
{
	const char *p = q->args;

	for (unsigned i = 0; i < q->argc; i++) {
		argv[i] = (char *)p;
		p += strlen(p) + 1;
	}
	argv[q->argc] = NULL;
}

static int
open_pipes(int output[2], int failed[2])
{
	int r;

	if (pipe2(output, O_CLOEXEC | O_NONBLOCK) != 0)
		return -errno;
	/* The command's end blocks as commands expect. */
	fcntl(output[1], F_SETFL, 0);
	if (pipe2(failed, O_CLOEXEC | O_NONBLOCK) == 0)
		return 0;
	r = -errno;
	close(output[0]);
	close(output[1]);
	return r;
}

static pid_t
spawn(struct helper_server *sv, const struct helper_request *q, int output,
      int failed)
{
	char *argv[HELPER_ARGC_MAX + 1];
	struct helper_child child = {
	    .server = sv,
	    .argv = argv,
	    .user = q->user[0] ? q->user : sv->user,
	    .output = output,
	    .failed = failed,
	    .helper = getpid(),
	};
	pid_t pid;

	split_args(q, argv);
	pid = fork();
	if (pid == 0)
		helper_child_run(&child);
	return pid;
}

int
helper_exec_start(struct helper_server *sv, const struct helper_request *q)
{
	int output[2], failed[2], r;
	struct helper_job *job;
	pid_t pid;

	if (sv->n_jobs >= HELPER_JOBS_MAX)
		return -EAGAIN;
	r = open_pipes(output, failed);
	if (r != 0)
		return r;
	pid = spawn(sv, q, output[1], failed[1]);
	r = pid < 0 ? -errno : 0;
	close(output[1]);
	close(failed[1]);
	if (r != 0) {
		close(output[0]);
		close(failed[0]);
		return r;
	}
	job = xcalloc(1, sizeof(*job));
	job->token = q->token;
	job->pid = pid;
	job->output = output[0];
	job->failed = failed[0];
	job->deadline = mono_add(mono_now(), dur_ms(q->deadline_ms));
	job->next = sv->jobs;
	sv->jobs = job;
	sv->n_jobs++;
	return 0;
}

/* ---- ending ---- */

static void
kill_group(const struct helper_job *job)
{
	kill(-job->pid, SIGKILL);
	/* It may not have its own group yet. */
	kill(job->pid, SIGKILL);
}

void
helper_exec_cancel(struct helper_server *sv, uint32_t token)
{
	for (struct helper_job *job = sv->jobs; job; job = job->next) {
		if (job->token != token || job->ended)
			continue;
		job->cancelled = true;
		kill_group(job);
	}
}

static void
read_output(struct helper_job *job)
{
	char buf[READ_MAX];
	ssize_t n = read(job->output, buf, sizeof(buf));
	size_t room = sizeof(job->buf) - job->kept;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close(job->output);
		job->output = -1;
		return;
	}
	/* The rest is read and dropped: a full pipe would stop the command. */
	if ((size_t)n < room)
		room = (size_t)n;
	memcpy(job->buf + job->kept, buf, room);
	job->kept += room;
}

static void
reap(struct helper_job *job)
{
	siginfo_t si = {0};
	int error;

	if (waitid(P_PID, (id_t)job->pid, &si, WEXITED | WNOHANG | WNOWAIT) !=
		0 ||
	    si.si_pid == 0)
		return;
	/* What it left in the background ends with it. */
	kill_group(job);
	while (waitpid(job->pid, &job->wait_status, 0) < 0 && errno == EINTR)
		;
	job->ended = true;
	if (read(job->failed, &error, sizeof(error)) == sizeof(error))
		job->error = error;
	if (job->output >= 0)
		read_output(job);
}

/* False: no room now. */
static bool
answer(struct helper_server *sv, struct helper_job *job)
{
	struct helper_answer a = {
	    .token = job->token,
	    .wait_status = job->wait_status,
	    .deadline = job->late,
	    .output = job->buf,
	    .output_len = job->kept,
	};
	char buf[HELPER_ANSWER_MAX];
	int n;

	if (job->cancelled)
		return true;
	if (job->error) {
		a.error = -job->error;
		a.wait_status = -1;
	}
	n = helper_wire_put_answer(&a, buf, sizeof(buf));
	return send(sv->requests, buf, (size_t)n,
		    MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	       errno != EAGAIN;
}

static void
job_free(struct helper_job *job)
{
	if (job->output >= 0)
		close(job->output);
	close(job->failed);
	free(job);
}

static bool
job_turn(struct helper_server *sv, struct helper_job *job,
	 const struct helper_turn *turn)
{
	struct mono now = turn->now;

	if (job->output >= 0 && turn->fds[job->polled].revents)
		read_output(job);
	if (!job->ended && mono_reached(job->deadline, now)) {
		job->late = true;
		/* Again in a while, should a fork have slipped through. */
		job->deadline = mono_add(now, dur_ms(100));
		kill_group(job);
	}
	if (!job->ended && turn->child_ended)
		reap(job);
	return job->ended && answer(sv, job);
}

void
helper_exec_turn(struct helper_server *sv, const struct helper_turn *turn)
{
	struct helper_job **at = &sv->jobs;

	while (*at) {
		struct helper_job *job = *at;

		if (!job_turn(sv, job, turn)) {
			at = &job->next;
			continue;
		}
		*at = job->next;
		sv->n_jobs--;
		job_free(job);
	}
}

size_t
helper_exec_poll(struct helper_server *sv, struct pollfd *fds)
{
	size_t n = 0;

	for (struct helper_job *job = sv->jobs; job; job = job->next) {
		if (job->output < 0)
			continue;
		job->polled = n;
		fds[n++] = (struct pollfd){.fd = job->output, .events = POLLIN};
	}
	return n;
}

int
helper_exec_wait(const struct helper_server *sv)
{
	struct mono first = MONO_NEVER;
	int64_t ms;

	for (const struct helper_job *job = sv->jobs; job; job = job->next)
		if (!job->ended)
			first = mono_min(first, job->deadline);
	if (mono_is_never(first))
		return -1;
	ms = dur_to_ms(mono_sub(first, mono_now())) + 1;
	return ms < 0 ? 0 : (int)ms;
}

void
helper_exec_undo(struct helper_server *sv)
{
	for (struct helper_job *job = sv->jobs; job; job = job->next)
		if (!job->ended)
			kill_group(job);
}
