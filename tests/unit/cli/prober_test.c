/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <string.h>
#include <unistd.h>

#include "cli/prober.h"

static struct mono
at(int64_t ms)
{
	return mono_add((struct mono){0}, dur_ms(1000000 + ms));
}

/* One request each 10 ms; A answered, R refused, S silent. */
static struct prober_summary
sum(const char *results)
{
	struct prober_request v[64];
	struct prober_summary out;
	size_t n = strlen(results);

	for (size_t i = 0; i < n; i++)
		v[i] = (struct prober_request){
		    .sent = at(10 * (int64_t)i),
		    .latency = dur_ms((int64_t)i),
		    .result = results[i] == 'A'   ? PROBER_ANSWERED
			      : results[i] == 'R' ? PROBER_REFUSED
						  : PROBER_SILENT,
		};
	prober_sum(v, n, at(10 * (int64_t)n), &out);
	return out;
}

static void
nothing_is_lost_while_all_is_answered(void **state)
{
	struct prober_summary s = sum("AAAAA");

	assert_int_equal(s.sent, 5);
	assert_int_equal(s.lost, 0);
	assert_int_equal(s.longest.ns, 0);
	assert_true(mono_is_never(s.first_lost));
	assert_int_equal(dur_to_ms(s.latency), 2);
	s = sum("");
	assert_int_equal(s.sent, 0);
	assert_int_equal(s.longest.ns, 0);
}

static void
a_gap_goes_from_lost_to_answered(void **state)
{
	struct prober_summary s = sum("AARSAASA");

	assert_int_equal(s.lost, 3);
	assert_int_equal(s.results[PROBER_REFUSED], 1);
	assert_int_equal(s.results[PROBER_SILENT], 2);
	assert_int_equal(dur_to_ms(s.longest), 20);
	assert_int_equal(s.first_lost.ns, at(20).ns);
	assert_int_equal(s.last_lost.ns, at(60).ns);
}

static void
a_gap_at_the_end_goes_on(void **state)
{
	struct prober_summary s = sum("ARAASSS");

	assert_int_equal(dur_to_ms(s.longest), 30);
	assert_int_equal(dur_to_ms(sum("SS").longest), 20);
}

static void
probes_are_read(void **state)
{
	static const char *const wrong[] = {
	    "",       "tcp",     "tcp/",   "tcp/0",  "tcp/65536", "tcp/-1",
	    "tcp/5x", "sctp/53", "udp/ 5", "TCP/53", "udp/+5",    "http",
	};
	struct prober_settings s = {0};

	assert_true(prober_parse("udp/53", &s));
	assert_true(s.udp && s.port == 53);
	prober_payload(&s);
	assert_int_equal(s.payload_len, 17);
	assert_true(prober_parse("tcp/65535", &s));
	assert_true(!s.udp && s.port == 65535);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_false(prober_parse(wrong[i], &s));
}

/* ---- against a server of this test ---- */

static int
server(int type, struct prober_settings *out)
{
	struct sockaddr_storage ss;
	struct ip loopback = ip_of("127.0.0.1");
	socklen_t n = ip_to_sockaddr(&loopback, 0, 0, &ss);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&ss, n), 0);
	n = sizeof(ss);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &n), 0);
	*out = (struct prober_settings){.udp = type == SOCK_DGRAM,
					.interval = dur_ms(2),
					.timeout = dur_s(5)};
	out->port = ip_from_sockaddr(&ss, &out->target);
	prober_payload(out);
	return fd;
}

static struct prober_summary
probe(const struct prober_settings *s, struct dur time)
{
	struct prober *p = prober_new(s);
	struct prober_summary out;

	prober_run(p, mono_add(mono_now(), time));
	prober_finish(p);
	prober_summary(p, &out);
	prober_free(p);
	return out;
}

static void
a_listening_socket_answers_and_a_closed_one_refuses(void **state)
{
	struct prober_settings s;
	int fd = server(SOCK_STREAM, &s);
	struct prober_summary out;

	assert_int_equal(listen(fd, 128), 0);
	out = probe(&s, dur_ms(20));
	assert_true(out.sent > 0);
	assert_int_equal(out.lost, 0);
	close(fd);
	out = probe(&s, dur_ms(20));
	assert_int_equal(out.lost, out.sent);
	assert_int_equal(out.results[PROBER_REFUSED], out.sent);
}

static void
a_socket_that_says_nothing_is_silent(void **state)
{
	struct prober_settings s;
	int fd = server(SOCK_DGRAM, &s);
	struct prober_summary out;

	s.timeout = dur_ms(5);
	out = probe(&s, dur_ms(20));
	assert_true(out.sent > 0);
	assert_int_equal(out.results[PROBER_SILENT], out.sent);
	close(fd);
	out = probe(&s, dur_ms(20));
	assert_true(out.results[PROBER_REFUSED] > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_lost_while_all_is_answered),
	    cmocka_unit_test(a_gap_goes_from_lost_to_answered),
	    cmocka_unit_test(a_gap_at_the_end_goes_on),
	    cmocka_unit_test(probes_are_read),
	    cmocka_unit_test(
		a_listening_socket_answers_and_a_closed_one_refuses),
	    cmocka_unit_test(a_socket_that_says_nothing_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
