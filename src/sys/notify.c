/* SPDX-License-Identifier: ISC */
/*
 * libsystemd is loaded only when there is a service manager to talk to. Its
 * handle is kept by the loader, not by us: dlopen(3) counts references and
 * the first call's is never given back.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/sys.h"

#define LIBRARY "libsystemd.so.0"

static void *
symbol(const char *name)
{
	void *library;

	if (!getenv("NOTIFY_SOCKET"))
		return NULL;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	return library ? dlsym(library, name) : NULL;
}

static void
send_message(const char *message)
{
	union {
		void *p;
		int (*call)(int unset, const char *state);
	} notify = {.p = symbol("sd_notify")};

	if (notify.p)
		notify.call(0, message);
}

/* A status is one line; what is behind a line break would be a command. */
void
notify_ready(const char *status)
{
	static const char first[] = "READY=1\n";
	char message[512];

	snprintf(message, sizeof(message), "%sSTATUS=%s", first, status);
	for (size_t i = strlen(first); message[i]; i++)
		if (message[i] == '\n')
			message[i] = ' ';
	send_message(message);
}

/* systemd >= 253 (Type=notify-reload) wants the time of the request. */
void
notify_reloading(void)
{
	char message[80];

	snprintf(message, sizeof(message), "RELOADING=1\nMONOTONIC_USEC=%lld",
		 (long long)(mono_now().ns / 1000));
	send_message(message);
}

void
notify_main(pid_t pid)
{
	char message[32];

	snprintf(message, sizeof(message), "MAINPID=%d", (int)pid);
	send_message(message);
}

void
notify_stopping(void)
{
	send_message("STOPPING=1");
}

void
notify_watchdog(void)
{
	send_message("WATCHDOG=1");
}

struct dur
notify_watchdog_period(void)
{
	union {
		void *p;
		int (*call)(int unset, uint64_t *usec);
	} enabled = {.p = symbol("sd_watchdog_enabled")};
	uint64_t usec = 0;

	if (!enabled.p || enabled.call(0, &usec) <= 0 ||
	    usec > INT64_MAX / 1000)
		return DUR_ZERO;
	return dur_us((int64_t)(usec / 2));
}
