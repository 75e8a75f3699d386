/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/sys.h"

/* Stands for the service manager: a datagram socket in the abstract space. */
static int
manager(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char name[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int n = snprintf(name, sizeof(name), "@basin-notify-test-%d", getpid());

	memcpy(a.sun_path + 1, name + 1, (size_t)n - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&a,
			      (socklen_t)(sizeof(sa_family_t) + (size_t)n)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void
expect_message(int fd, const char *text)
{
	char buf[600];
	ssize_t n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	assert_true(n > 0);
	buf[n] = '\0';
	assert_string_equal(buf, text);
}

static void
the_manager_is_told(void **state)
{
	int fd = manager();
	char buf[600];

	notify_ready("running");
	expect_message(fd, "READY=1\nSTATUS=running");
	/* A line break in the status must not become a message of its own. */
	notify_ready("peer \"x\nREADY=0\"");
	expect_message(fd, "READY=1\nSTATUS=peer \"x READY=0\"");
	notify_watchdog();
	expect_message(fd, "WATCHDOG=1");
	notify_reloading();
	assert_true(recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0);
	assert_memory_equal(buf, "RELOADING=1\nMONOTONIC_USEC=", 27);
	notify_stopping();
	expect_message(fd, "STOPPING=1");
	close(fd);
}

static void
the_watchdog_is_fed_twice_a_period(void **state)
{
	int fd = manager();

	setenv("WATCHDOG_USEC", "3000000", 1);
	unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog_period().ns, dur_ms(1500).ns);
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_period().ns, 0);
	close(fd);
}

static void
without_a_manager_nothing_happens(void **state)
{
	unsetenv("NOTIFY_SOCKET");
	notify_ready("running");
	notify_watchdog();
	assert_int_equal(notify_watchdog_period().ns, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_manager_nothing_happens),
	    cmocka_unit_test(the_manager_is_told),
	    cmocka_unit_test(the_watchdog_is_fed_twice_a_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
