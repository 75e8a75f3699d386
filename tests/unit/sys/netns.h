/* SPDX-License-Identifier: ISC */
/*
 * A network namespace of its own for one test program: what it does to the
 * kernel ends with it. Needs root (or a user namespace with it).
 */
#ifndef TESTS_UNIT_SYS_NETNS_H
#define TESTS_UNIT_SYS_NETNS_H

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Meson's "skipped". */
#define NETNS_SKIP 77

static inline void
netns_link_up(const char *name)
{
	struct ifreq r = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(r.ifr_name, name, sizeof(r.ifr_name) - 1);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	if (ioctl(fd, SIOCSIFFLAGS, &r) != 0) {
		perror(name);
		exit(1);
	}
	close(fd);
}

static inline void
netns_enter(void)
{
	if (unshare(CLONE_NEWNET) != 0) {
		fprintf(stderr, "skipped: no network namespace: %s\n",
			strerror(errno));
		exit(NETNS_SKIP);
	}
	netns_link_up("lo");
}

/* False in a user namespace that maps one user: nobody else can be become. */
static inline bool
netns_has_users(void)
{
	unsigned first, outside, count = 0;
	FILE *f = fopen("/proc/self/uid_map", "re");
	int n = f ? fscanf(f, "%u %u %u", &first, &outside, &count) : 0;

	if (f)
		fclose(f);
	return n == 3 && count > 1;
}

/* Runs a command of the test itself; its exit code. */
static inline int
netns_run(const char *command)
{
	int status = system(command);

	return status < 0 ? -1 : status >> 8;
}

#endif
