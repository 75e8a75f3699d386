/* SPDX-License-Identifier: ISC */
#include "cli/interrupt.h"

#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t
interrupts(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	return set;
}

void
interrupt_begin(struct interrupt *in)
{
	sigset_t set = interrupts();

	*in = (struct interrupt){.fd = -1};
	if (pthread_sigmask(SIG_BLOCK, &set, &in->before) == 0)
		in->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

bool
interrupt_came(struct interrupt *in)
{
	struct signalfd_siginfo info;
	sigset_t set = interrupts();

	if (in->fd < 0 || atomic_load(&in->came))
		return atomic_load(&in->came);
	if (read(in->fd, &info, sizeof(info)) != sizeof(info))
		return atomic_load(&in->came);
	atomic_store(&in->came, true);
	/* The thread that asked hears the next one. */
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return true;
}

void
interrupt_end(struct interrupt *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
	pthread_sigmask(SIG_SETMASK, &in->before, NULL);
}
