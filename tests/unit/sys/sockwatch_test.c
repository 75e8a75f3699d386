/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <netinet/in.h>
#include <string.h>
#include <uv.h>

#include "netns.h"
#include "sys/sys.h"

#define PORT 8053

struct fixture {
	uv_loop_t loop;
	struct log log;
	struct sockwatch *watch;
	int told[4], came[4], went[4];
};

static void
on_report(void *arg, size_t index, bool present)
{
	struct fixture *f = arg;

	f->told[index]++;
	f->came[index] += present;
	f->went[index] += !present;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->log = (struct log){.fd = 2, .level = LOG_LEVEL_ERROR};
	uv_loop_init(&f->loop);
	assert_int_equal(
	    sockwatch_new(&f->loop, &f->log, on_report, f, &f->watch), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	sockwatch_close(f->watch);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_int_equal(ip_parse(text, &ip), 0);
	return ip;
}

static void
expire(uv_timer_t *timer)
{
	*(bool *)timer->data = true;
}

/* Turns the loop until *counter is `wanted`, for at most five seconds. */
static void
turn_until(struct fixture *f, const int *counter, int wanted)
{
	bool expired = false;
	uv_timer_t timer;

	uv_timer_init(&f->loop, &timer);
	timer.data = &expired;
	uv_timer_start(&timer, expire, 5000, 0);
	while (*counter < wanted && !expired)
		uv_run(&f->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&f->loop, UV_RUN_NOWAIT);
	assert_int_equal(*counter, wanted);
}

/* Flags of a socket of the test. */
enum { TCP = 1, V6ONLY = 2, SHARED = 4 };

static int
listen_on(const char *address, unsigned flags)
{
	struct ip ip = ip_of(address);
	struct sockaddr_storage ss;
	socklen_t n = ip_to_sockaddr(&ip, PORT, 0, &ss);
	int v6only = (flags & V6ONLY) != 0, on = 1;
	int fd =
	    socket(ss.ss_family, flags & TCP ? SOCK_STREAM : SOCK_DGRAM, 0);

	if (ss.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only,
			   sizeof(v6only));
	if (flags & SHARED)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&ss, n), 0);
	if (flags & TCP)
		assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static void
watch_one(struct fixture *f, uint8_t protocol, const struct ip *ip)
{
	struct sockwatch_socket s = {protocol, PORT, ip, ip ? 1 : 0};

	assert_int_equal(sockwatch_set(f->watch, &s, 1), 0);
}

static void
each_is_told_when_it_is_set(void **state)
{
	struct fixture *f = *state;
	struct ip ip = ip_of("127.0.0.1");
	int fd = listen_on("127.0.0.1", TCP);
	const struct sockwatch_socket s[] = {
	    {IPPROTO_TCP, PORT, &ip, 1},
	    {IPPROTO_UDP, PORT, &ip, 1},
	    {IPPROTO_TCP, PORT, NULL, 0},
	    {IPPROTO_TCP, PORT + 1, NULL, 0},
	};

	assert_int_equal(sockwatch_set(f->watch, s, 4), 0);
	assert_int_equal(f->came[0], 1);
	assert_int_equal(f->went[1], 1);
	assert_int_equal(f->came[2], 1);
	assert_int_equal(f->went[3], 1);
	/* Said once. */
	sockwatch_look(f->watch);
	for (int i = 0; i < 4; i++)
		assert_int_equal(f->told[i], 1);
	close(fd);
}

static void
which_sockets_serve_an_address(void **state)
{
	static const struct {
		const char *bound, *address;
		unsigned flags;
		bool serves;
	} cases[] = {
	    {"192.0.2.53", "192.0.2.53", 0, true},
	    {"192.0.2.54", "192.0.2.53", 0, false},
	    {"0.0.0.0", "192.0.2.53", 0, true},
	    {"0.0.0.0", "192.0.2.53", TCP, true},
	    {"0.0.0.0", "::1", 0, false},
	    {"::", "::1", V6ONLY, true},
	    {"::", "192.0.2.53", 0, true},
	    {"::", "192.0.2.53", TCP, true},
	    {"::", "192.0.2.53", V6ONLY, false},
	    {"::", "192.0.2.53", TCP | V6ONLY, false},
	    {"::1", "::1", TCP, true},
	    {"::ffff:127.0.0.1", "127.0.0.1", TCP, true},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ip ip = ip_of(cases[i].address);
		int fd = listen_on(cases[i].bound, cases[i].flags);
		int came = f->came[0];

		watch_one(f, cases[i].flags & TCP ? IPPROTO_TCP : IPPROTO_UDP,
			  &ip);
		assert_int_equal(f->came[0] - came, cases[i].serves);
		close(fd);
	}
}

static void
a_closed_socket_is_told(void **state)
{
	struct fixture *f = *state;

	for (int i = 1; i <= 2; i++) {
		int fd = listen_on("::", i == 1 ? TCP : 0);

		watch_one(f, i == 1 ? IPPROTO_TCP : IPPROTO_UDP, NULL);
		assert_int_equal(f->came[0], i);
		close(fd);
		turn_until(f, &f->went[0], i);
	}
}

static void
the_last_of_several_decides(void **state)
{
	struct fixture *f = *state;
	struct ip ip = ip_of("127.0.0.1");
	int one = listen_on("127.0.0.1", SHARED);
	int other = listen_on("127.0.0.1", SHARED);
	int elsewhere = listen_on("127.0.0.2", 0);

	watch_one(f, IPPROTO_UDP, &ip);
	close(one);
	for (int i = 0; i < 20; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		uv_sleep(5);
	}
	assert_int_equal(f->told[0], 1);
	close(other);
	turn_until(f, &f->went[0], 1);
	close(elsewhere);
}

static void
a_socket_that_comes_is_seen(void **state)
{
	struct fixture *f = *state;
	int fd;

	watch_one(f, IPPROTO_TCP, NULL);
	assert_int_equal(f->went[0], 1);
	fd = listen_on("127.0.0.1", TCP);
	turn_until(f, &f->came[0], 1);
	close(fd);
	turn_until(f, &f->went[0], 2);
}

/* More ends than the kernel keeps word of: the loss is seen and repaired. */
static void
lost_notifications_are_repaired(void **state)
{
	struct fixture *f = *state;
	int fd = listen_on("127.0.0.1", 0);

	watch_one(f, IPPROTO_UDP, NULL);
	for (int i = 0; i < 20000; i++) {
		struct sockaddr_in any = {.sin_family = AF_INET};
		int other = socket(AF_INET, SOCK_DGRAM, 0);

		assert_int_equal(
		    bind(other, (struct sockaddr *)&any, sizeof(any)), 0);
		close(other);
	}
	close(fd);
	turn_until(f, &f->went[0], 1);
	fd = listen_on("127.0.0.1", 0);
	turn_until(f, &f->came[0], 2);
	close(fd);
}

static void
nothing_is_told_of_what_is_watched_no_more(void **state)
{
	struct fixture *f = *state;
	int fd = listen_on("127.0.0.1", TCP);

	watch_one(f, IPPROTO_TCP, NULL);
	assert_int_equal(sockwatch_set(f->watch, NULL, 0), 0);
	close(fd);
	for (int i = 0; i < 10; i++) {
		uv_run(&f->loop, UV_RUN_NOWAIT);
		uv_sleep(5);
	}
	sockwatch_look(f->watch);
	assert_int_equal(f->told[0], 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(each_is_told_when_it_is_set),
	    T(which_sockets_serve_an_address),
	    T(a_closed_socket_is_told),
	    T(the_last_of_several_decides),
	    T(a_socket_that_comes_is_seen),
	    T(lost_notifications_are_repaired),
	    T(nothing_is_told_of_what_is_watched_no_more),
	};

	netns_enter();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
