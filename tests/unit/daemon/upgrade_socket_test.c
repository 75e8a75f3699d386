/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/upgrade_socket.h"

#define CONTROL  UPGRADE_PART_CONTROL
#define LISTENER UPGRADE_PART_LISTENER

static int
tcp_socket(struct upgrade_socket *at)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*at = (struct upgrade_socket){.ip = ip_of("127.0.0.1")};
	len = ip_to_sockaddr(&at->ip, 0, 0, &ss);
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
	at->port = ip_from_sockaddr(&ss, &at->ip);
	return fd;
}

static int
unix_socket(struct upgrade_socket *at)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char folder[] = "/tmp/basin-test-XXXXXX";
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(mkdtemp(folder));
	*at = (struct upgrade_socket){.kind = CTL_READ_ONLY};
	snprintf(at->path, sizeof(at->path), "%s/s", folder);
	memcpy(sun.sun_path, at->path, sizeof(sun.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(unlink(at->path), 0);
	assert_int_equal(rmdir(folder), 0);
	return fd;
}

static int
pass(const struct upgrade_socket *s, enum upgrade_part part, int fd,
     struct upgrade_socket *out)
{
	uint8_t buf[256] = {0};
	size_t n = upgrade_socket_write(s, part, buf, sizeof(buf));

	assert_true(n > 0);
	for (size_t cut = 0; cut < n; cut++) {
		assert_int_equal(upgrade_socket_read(buf, cut, part, fd, out),
				 -EBADMSG);
		assert_int_equal(upgrade_socket_write(s, part, buf, cut), 0);
		upgrade_socket_write(s, part, buf, sizeof(buf));
	}
	assert_int_equal(upgrade_socket_read(buf, n + 1, part, fd, out),
			 -EBADMSG);
	return upgrade_socket_read(buf, n, part, fd, out);
}

static void
a_bgp_socket_is_where_it_says(void **state)
{
	struct upgrade_socket s, seen;
	int fd = tcp_socket(&s);

	assert_int_equal(pass(&s, LISTENER, fd, &seen), -EBADMSG);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(pass(&s, LISTENER, fd, &seen), 0);
	assert_true(ip_equal(&seen.ip, &s.ip) && seen.port == s.port);
	assert_int_equal(pass(&s, LISTENER, -1, &seen), -EBADMSG);
	s.port ^= 1;
	assert_int_equal(pass(&s, LISTENER, fd, &seen), -EBADMSG);
	s.port ^= 1;
	s.ip = ip_of("127.0.0.2");
	assert_int_equal(pass(&s, LISTENER, fd, &seen), -EBADMSG);
	close(fd);
}

static void
a_control_socket_has_its_path(void **state)
{
	struct upgrade_socket s, seen;
	int fd = unix_socket(&s);

	assert_int_equal(pass(&s, CONTROL, fd, &seen), 0);
	assert_int_equal(seen.kind, CTL_READ_ONLY);
	assert_string_equal(seen.path, s.path);
	assert_int_equal(pass(&s, LISTENER, fd, &seen), -EBADMSG);
	s.path[strlen(s.path) - 1] = '\0';
	assert_int_equal(pass(&s, CONTROL, fd, &seen), -EBADMSG);
	s.path[0] = '\0';
	assert_int_equal(pass(&s, CONTROL, fd, &seen), -EBADMSG);
	s.kind = CTL_HTTP;
	assert_int_equal(pass(&s, CONTROL, fd, &seen), -EBADMSG);
	close(fd);
}

static void
http_is_tcp(void **state)
{
	struct upgrade_socket at, seen;
	struct upgrade_socket s = {.kind = CTL_HTTP};
	int fd = tcp_socket(&at);

	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(pass(&s, CONTROL, fd, &seen), 0);
	s.kind = CTL_FULL;
	assert_int_equal(pass(&s, CONTROL, fd, &seen), -EBADMSG);
	s.kind = CTL_HTTP + 1;
	assert_int_equal(pass(&s, CONTROL, fd, &seen), -EBADMSG);
	close(fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_bgp_socket_is_where_it_says),
	    cmocka_unit_test(a_control_socket_has_its_path),
	    cmocka_unit_test(http_is_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
