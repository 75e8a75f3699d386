/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server thread: answers one datagram, perhaps first from elsewhere. */
struct server {
	int fd;
	const char *answer;
	bool from_elsewhere;
	char seen[64];
	pthread_t thread;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	uint16_t port;
	int other;

	if (recvfrom(s->fd, s->seen, sizeof(s->seen) - 1, 0,
		     (struct sockaddr *)&ss, &len) < 0)
		return NULL;
	if (s->from_elsewhere) {
		other = fixture_listen(AF_INET, SOCK_DGRAM, &port);
		sendto(other, "PONG", 4, 0, (struct sockaddr *)&ss, len);
		close(other);
	}
	sendto(s->fd, s->answer, strlen(s->answer), 0, (struct sockaddr *)&ss,
	       len);
	return NULL;
}

static struct conf_check
udp_conf(int family, int *fd)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_UDP);

	if (family == AF_INET6)
		assert_int_equal(ip_parse("::1", &conf.target), 0);
	*fd = fixture_listen(family, SOCK_DGRAM, &conf.udp.port);
	conf.udp.send = "PING\0\xff";
	conf.udp.send_len = 6;
	return conf;
}

static struct check_result
talk(int family, const char *expect, struct server *s)
{
	struct conf_check conf = udp_conf(family, &s->fd);
	struct check_result r;

	conf.udp.expect = expect;
	conf.udp.expect_len = expect ? strlen(expect) : 0;
	pthread_create(&s->thread, NULL, serve, s);
	r = fixture_once(&conf, NULL);
	pthread_join(s->thread, NULL);
	close(s->fd);
	assert_memory_equal(s->seen, "PING\0\xff", 7);
	return r;
}

static void
the_expected_answer_passes(void **state)
{
	struct server s = {.answer = "+PONG\r\n"}, s6 = s;
	struct check_result r = talk(AF_INET, "PONG", &s);

	assert_int_equal(r.verdict, CHECK_PASS);
	assert_int_equal(r.cause, CHECK_CAUSE_OK);
	assert_string_equal(r.detail, "an answer of 7 octets");
	assert_int_equal(talk(AF_INET6, "PONG", &s6).verdict, CHECK_PASS);
}

static void
any_answer_passes_when_none_is_expected(void **state)
{
	struct server s = {.answer = ""};

	assert_int_equal(talk(AF_INET, NULL, &s).verdict, CHECK_PASS);
}

static void
another_answer_fails_and_is_shown_escaped(void **state)
{
	struct server s = {.answer = "-ERR \033[31m\"no\""};
	struct check_result r = talk(AF_INET, "PONG", &s);

	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_ANSWER);
	assert_string_equal(r.detail, "expected \"PONG\", the answer is "
				      "\"-ERR \\x1b[31m\\x22no\\x22\"");
}

static void
an_answer_of_another_port_is_not_ours(void **state)
{
	struct server s = {.answer = "NO", .from_elsewhere = true};

	assert_int_equal(talk(AF_INET, "PONG", &s).cause, CHECK_CAUSE_ANSWER);
}

static void
silence_is_a_timeout(void **state)
{
	int fd;
	struct conf_check conf = udp_conf(AF_INET, &fd);
	struct check_result r;
	char expected[100];

	conf.timeout = dur_ms(50);
	r = fixture_once(&conf, NULL);
	close(fd);
	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_TIMEOUT);
	snprintf(expected, sizeof(expected),
		 "UDP to 127.0.0.1:%u: no answer within 50 ms", conf.udp.port);
	assert_string_equal(r.detail, expected);
}

static void
port_unreachable_is_refused(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < 2; i++) {
		int fd;
		struct conf_check conf = udp_conf(families[i], &fd);
		struct check_result r;

		close(fd);
		r = fixture_once(&conf, NULL);
		assert_int_equal(r.verdict, CHECK_FAIL);
		assert_int_equal(r.cause, CHECK_CAUSE_REFUSED);
		assert_non_null(strstr(r.detail, "connection refused"));
	}
}

static void
a_source_that_is_not_ours_is_unknown(void **state)
{
	int fd;
	struct conf_check conf = udp_conf(AF_INET, &fd);
	struct check_result r;

	assert_int_equal(ip_parse("192.0.2.1", &conf.source), 0);
	r = fixture_once(&conf, NULL);
	close(fd);
	assert_int_equal(r.verdict, CHECK_UNKNOWN);
	assert_int_equal(r.cause, CHECK_CAUSE_LOCAL);
}

static void
many_runs_leave_no_descriptor(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_UDP);
	size_t before;

	conf.udp.port = fixture_free_port(SOCK_DGRAM);
	conf.udp.send = "x";
	conf.udp.send_len = 1;
	fixture_once(&conf, NULL);
	before = fixture_descriptors();
	for (int i = 0; i < 50; i++)
		fixture_once(&conf, NULL);
	assert_int_equal(fixture_descriptors(), before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_expected_answer_passes),
	    cmocka_unit_test(any_answer_passes_when_none_is_expected),
	    cmocka_unit_test(another_answer_fails_and_is_shown_escaped),
	    cmocka_unit_test(an_answer_of_another_port_is_not_ours),
	    cmocka_unit_test(silence_is_a_timeout),
	    cmocka_unit_test(port_unreachable_is_refused),
	    cmocka_unit_test(a_source_that_is_not_ours_is_unknown),
	    cmocka_unit_test(many_runs_leave_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
