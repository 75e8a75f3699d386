/* SPDX-License-Identifier: ISC */
#include "daemon/upgrade_wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

/* 0, -ETIMEDOUT; the call that follows finds out about errors. */
static int
wait_for(int fd, short events, struct mono until)
{
	struct pollfd p = {.fd = fd, .events = events};
	int r;

	do {
		int64_t ms = -1;

		if (!mono_is_never(until)) {
			ms = dur_to_ms(mono_sub(until, mono_now()));
			ms = ms < 0 ? 0 : ms > 60000 ? 60000 : ms;
		}
		r = poll(&p, 1, (int)ms);
	} while (r < 0 && errno == EINTR);
	return r == 0 ? -ETIMEDOUT : 0;
}

union control {
	struct cmsghdr align;
	char octets[CMSG_SPACE(sizeof(int))];
};

static void
attach(struct msghdr *m, union control *control, int fd)
{
	struct cmsghdr *c;

	m->msg_control = control;
	m->msg_controllen = sizeof(*control);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
}

/*
 * BASIN_UPGRADE_SPOIL names a symbolic link to such as "7 cut", which is done
 * to records of that part; "flipped" and "lost" are the others. True: lost.
 */
static bool
spoil(uint8_t part, uint8_t *first, size_t *n)
{
#if BASIN_FAULTS
	const char *path = getenv("BASIN_UPGRADE_SPOIL");
	char how[16] = "";

	if (!path || readlink(path, how, sizeof(how) - 1) < 0 ||
	    atoi(how) != part)
		return false;
	if (strstr(how, "flipped"))
		*first ^= 0x80;
	if (strstr(how, "cut"))
		*n /= 2;
	return strstr(how, "lost") != NULL;
#else
	return false;
#endif
}

int
upgrade_send(int to, enum upgrade_part part, const void *octets, size_t n,
	     int fd, struct mono until)
{
	uint8_t kind = (uint8_t)part, first = n ? *(const uint8_t *)octets : 0;
	struct iovec iov[] = {{&kind, 1}, {&first, 1}, {0}};
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = n ? 3 : 1};
	union control control = {0};
	ssize_t r;
	int error;

	if (spoil(kind, &first, &n))
		return 0;
	if (n > 1) {
		iov[2].iov_base = (uint8_t *)(uintptr_t)octets + 1;
		iov[2].iov_len = n - 1;
	}
	if (fd >= 0)
		attach(&m, &control, fd);
	for (;;) {
		r = sendmsg(to, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (r >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		/* ETOOMANYREFS: descriptors are under way, it must read. */
		if (errno == ETOOMANYREFS && !mono_reached(until, mono_now())) {
			usleep(1000);
			continue;
		}
		if (errno != EAGAIN && errno != ENOBUFS)
			return errno == ECONNRESET ? -EPIPE : -errno;
		error = wait_for(to, POLLOUT, until);
		if (error)
			return error;
	}
}

static int
take_descriptor(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(fd)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

int
upgrade_receive(int from, uint8_t *buf, struct upgrade_record *out,
		struct mono until)
{
	struct iovec iov = {buf, HANDOVER_RECORD_MAX + 1};
	union control control = {0};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = &control,
			   .msg_controllen = sizeof(control)};
	ssize_t n;
	int error = wait_for(from, POLLIN, until);

	if (error)
		return error;
	do
		n = recvmsg(from, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 || errno == ECONNRESET ? -EPIPE : -errno;
	*out = (struct upgrade_record){.part = (enum upgrade_part)buf[0],
				       .octets = buf + 1,
				       .n = (size_t)n - 1,
				       .fd = take_descriptor(&m)};
	if (!(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && buf[0] > 0 &&
	    buf[0] < UPGRADE_PART_COUNT)
		return 0;
	if (out->fd >= 0)
		close(out->fd);
	return -EBADMSG;
}

/*
 * BASIN_UPGRADE_CRASH=POINT: SIGKILL there. BASIN_UPGRADE_HANG=POINT: nothing
 * happens any more there. It is root's environment, as the program is; a
 * release build has neither.
 */
void
upgrade_point(const char *name)
{
#if BASIN_FAULTS
	const char *crash = getenv("BASIN_UPGRADE_CRASH");
	const char *hang = getenv("BASIN_UPGRADE_HANG");

	if (crash && strcmp(crash, name) == 0)
		kill(getpid(), SIGKILL);
	while (hang && strcmp(hang, name) == 0)
		usleep(100000);
#endif
}
