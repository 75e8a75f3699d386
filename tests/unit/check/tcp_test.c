/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* A server thread: accepts once, reads some, answers, closes. */
struct server {
	int fd;
	const char *answer;
	size_t answer_len;
	char seen[64];
	pthread_t thread;
};

static void *
serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->fd, NULL, NULL);

	if (recv(fd, s->seen, sizeof(s->seen) - 1, 0) < 0)
		s->seen[0] = '!';
	if (s->answer_len &&
	    send(fd, s->answer, s->answer_len, MSG_NOSIGNAL) < 0)
		s->seen[0] = '!';
	close(fd);
	return NULL;
}

static struct conf_check
talk_conf(struct server *s, const char *expect, const char *answer)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);

	memset(s, 0, sizeof(*s));
	s->fd = fixture_listen(AF_INET, SOCK_STREAM, &conf.tcp.port);
	s->answer = answer;
	s->answer_len = strlen(answer);
	conf.tcp.send = "PING\r\n";
	conf.tcp.send_len = 6;
	conf.tcp.expect = expect;
	conf.tcp.expect_len = strlen(expect);
	return conf;
}

static struct check_result
talk(const char *expect, const char *answer)
{
	struct server s;
	struct conf_check conf = talk_conf(&s, expect, answer);
	struct check_result r;

	pthread_create(&s.thread, NULL, serve, &s);
	r = fixture_once(&conf, NULL);
	pthread_join(s.thread, NULL);
	close(s.fd);
	assert_string_equal(s.seen, "PING\r\n");
	return r;
}

static void
a_listener_passes(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	int fd = fixture_listen(AF_INET, SOCK_STREAM, &conf.tcp.port);
	struct check_result r = fixture_once(&conf, NULL);

	assert_int_equal(r.verdict, CHECK_PASS);
	assert_int_equal(r.cause, CHECK_CAUSE_OK);
	assert_string_equal(r.detail, "");
	assert_true(r.latency.ns > 0);
	close(fd);
}

static void
a_listener_passes_over_ipv6(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	int fd = fixture_listen(AF_INET6, SOCK_STREAM, &conf.tcp.port);

	assert_int_equal(ip_parse("::1", &conf.target), 0);
	assert_int_equal(fixture_once(&conf, NULL).verdict, CHECK_PASS);
	close(fd);
}

static void
nobody_there_is_refused(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct check_result r;
	char expected[80];

	conf.tcp.port = fixture_free_port(SOCK_STREAM);
	r = fixture_once(&conf, NULL);
	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_REFUSED);
	snprintf(expected, sizeof(expected),
		 "connect to 127.0.0.1:%u: connection refused", conf.tcp.port);
	assert_string_equal(r.detail, expected);
}

static void
the_expected_answer_passes(void **state)
{
	struct check_result r = talk("PONG", "+PONG\r\n");

	assert_int_equal(r.verdict, CHECK_PASS);
}

static void
another_answer_fails_and_is_shown_escaped(void **state)
{
	struct check_result r = talk("PONG", "-ERR \033[31m\"no\"");

	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_ANSWER);
	assert_string_equal(r.detail, "expected \"PONG\", the whole answer is "
				      "\"-ERR \\x1b[31m\\x22no\\x22\"");
}

static void
no_answer_is_closed(void **state)
{
	struct check_result r = talk("PONG", "");

	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_CLOSED);
}

static void
an_endless_answer_is_cut(void **state)
{
	static char flood[20000];
	struct check_result r;

	memset(flood, 'x', sizeof(flood) - 1);
	r = talk("PONG", flood);
	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_ANSWER);
	assert_non_null(strstr(r.detail, "the first 4096 octets begin"));
}

static void
silence_is_a_timeout(void **state)
{
	struct server s;
	struct conf_check conf = talk_conf(&s, "PONG", "");
	struct check_result r;
	char expected[100];

	conf.timeout = dur_ms(50);
	r = fixture_once(&conf, NULL);
	close(s.fd);
	assert_int_equal(r.verdict, CHECK_FAIL);
	assert_int_equal(r.cause, CHECK_CAUSE_TIMEOUT);
	snprintf(expected, sizeof(expected),
		 "expected text from 127.0.0.1:%u: no answer within 50 ms",
		 conf.tcp.port);
	assert_string_equal(r.detail, expected);
}

static void
a_source_that_is_not_ours_is_unknown(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct check_result r;

	assert_int_equal(ip_parse("192.0.2.1", &conf.source), 0);
	conf.tcp.port = 1;
	r = fixture_once(&conf, NULL);
	assert_int_equal(r.verdict, CHECK_UNKNOWN);
	assert_int_equal(r.cause, CHECK_CAUSE_LOCAL);
	assert_string_equal(
	    r.detail,
	    "source address 192.0.2.1: is not an address of this node");
}

static void
the_source_is_used(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	int fd = fixture_listen(AF_INET, SOCK_STREAM, &conf.tcp.port);
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct ip ip;
	int peer;

	assert_int_equal(ip_parse("127.0.0.9", &conf.source), 0);
	assert_int_equal(fixture_once(&conf, NULL).verdict, CHECK_PASS);
	peer = accept(fd, (struct sockaddr *)&ss, &len);
	ip_from_sockaddr(&ss, &ip);
	assert_true(ip_equal(&ip, &conf.source));
	close(peer);
	close(fd);
}

static void
no_descriptors_is_unknown(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct rlimit before, none;
	struct fixture f;
	int probe;

	conf.tcp.port = 1;
	fixture_open(&f, NULL);
	assert_int_equal(checker_add(f.checker, 0, &conf), 0);
	getrlimit(RLIMIT_NOFILE, &before);
	probe = dup(0);
	close(probe);
	none = before;
	none.rlim_cur = (rlim_t)probe;
	setrlimit(RLIMIT_NOFILE, &none);
	fixture_results(&f, 1);
	setrlimit(RLIMIT_NOFILE, &before);
	fixture_close(&f);
	assert_int_equal(f.results[0].verdict, CHECK_UNKNOWN);
	assert_int_equal(f.results[0].cause, CHECK_CAUSE_RESOURCES);
	assert_non_null(strstr(f.results[0].detail, "too many open files"));
}

struct cycle {
	int listener;
	unsigned left;
};

static void
kick_again(struct fixture *f, size_t id)
{
	struct cycle *cycle = f->hook_arg;
	int peer = accept(cycle->listener, NULL, NULL);

	if (peer >= 0)
		close(peer);
	if (cycle->left-- > 0)
		checker_kick(f->checker, id);
}

static void
ten_thousand_runs_leave_no_descriptor(void **state)
{
	struct conf_check conf = fixture_conf(CONF_CHECK_TCP);
	struct cycle cycle = {.left = 10000};
	struct fixture f;
	size_t before;

	cycle.listener = fixture_listen(AF_INET, SOCK_STREAM, &conf.tcp.port);
	fcntl(cycle.listener, F_SETFL, O_NONBLOCK);
	fixture_open(&f, NULL);
	f.hook = kick_again;
	f.hook_arg = &cycle;
	before = fixture_descriptors();
	assert_int_equal(checker_add(f.checker, 7, &conf), 0);
	fixture_results(&f, 10000);
	assert_int_equal(fixture_descriptors(), before);
	assert_int_equal(f.results[FIXTURE_RESULTS - 1].verdict, CHECK_PASS);
	fixture_close(&f);
	close(cycle.listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_listener_passes),
	    cmocka_unit_test(a_listener_passes_over_ipv6),
	    cmocka_unit_test(nobody_there_is_refused),
	    cmocka_unit_test(the_expected_answer_passes),
	    cmocka_unit_test(another_answer_fails_and_is_shown_escaped),
	    cmocka_unit_test(no_answer_is_closed),
	    cmocka_unit_test(an_endless_answer_is_cut),
	    cmocka_unit_test(silence_is_a_timeout),
	    cmocka_unit_test(a_source_that_is_not_ours_is_unknown),
	    cmocka_unit_test(the_source_is_used),
	    cmocka_unit_test(no_descriptors_is_unknown),
	    cmocka_unit_test(ten_thousand_runs_leave_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
