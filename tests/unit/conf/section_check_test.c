/* SPDX-License-Identifier: ISC */
#include "loading.h"

/* Loads with these lines as the checks of a dual-stack service. */
static struct conf *
load_checks(const char *checks)
{
	struct text text = {0};
	struct conf *conf;

	text_addf(&text,
		  NODE "services:\n"
		       "  web:\n"
		       "    addresses: [192.0.2.80, '2001:db8::80']\n"
		       "    checks:\n%s" PREFIXES PEERS,
		  checks);
	conf = load_fine(text_str(&text));
	text_free(&text);
	return conf;
}

static void
names_are(const char *checks, const char *expected)
{
	struct conf *c = load_checks(checks);
	struct text seen = {0};

	for (size_t i = 0; i < c->services[0].n_checks; i++)
		text_addf(&seen, "%s\n", c->services[0].checks[i].name);
	assert_string_equal(text_str(&seen), expected);
	text_free(&seen);
	conf_free(c);
}

/* The time in which nobody reports is the check's, not a fault of it. */
static void
a_push_check_may_be_unknown_for_its_ttl(void **state)
{
	struct conf *c = load_checks("      - push: 2h\n"
				     "        name: slow\n"
				     "      - push: 5s\n"
				     "        name: quick\n"
				     "      - push: 2h\n"
				     "        name: strict\n"
				     "        unknown_limit: 10s\n");
	const struct conf_check *v = c->services[0].checks;

	assert_int_equal(v[0].unknown_limit.ns, dur_s(7200).ns);
	assert_int_equal(v[1].unknown_limit.ns, dur_s(60).ns);
	assert_int_equal(v[2].unknown_limit.ns, dur_s(10).ns);
	conf_free(c);
}

static void
names_say_kind_port_and_target(void **state)
{
	names_are("      - tcp: 80\n", "web/tcp:80@192.0.2.80\n"
				       "web/tcp:80@2001:db8::80\n");
	names_are("      - dns: example.com SOA\n"
		  "      - dns: {query: example.com SOA, transport: tcp, "
		  "port: 5353}\n",
		  "web/dns:53@192.0.2.80\n"
		  "web/dns:53@2001:db8::80\n"
		  "web/dns-tcp:5353@192.0.2.80\n"
		  "web/dns-tcp:5353@2001:db8::80\n");
	names_are("      - http: https://www.example.com/health\n"
		  "      - http: http://[2001:db8::1]:8080/\n"
		  "        address: 127.0.0.1\n",
		  "web/http:443@www.example.com\n"
		  "web/http:8080@127.0.0.1\n");
	names_are("      - exec: /bin/true -v\n", "web/exec:true\n");
	names_are("      - udp: {port: 514, send: x}\n",
		  "web/udp:514@192.0.2.80\n"
		  "web/udp:514@2001:db8::80\n");
	names_are("      - ntp: {stratum: 2}\n", "web/ntp:123@192.0.2.80\n"
						 "web/ntp:123@2001:db8::80\n");
	names_are("      - file: /run/state\n", "web/file:state\n");
	names_are("      - system: {memory: {fail: 95%}}\n", "web/system\n");
	names_are("      - push: 30s\n"
		  "      - push: {ttl: 1h}\n"
		  "        name: backup\n",
		  "web/push\nbackup\n");
	names_are("      - soa: {zone: example.com, primary: 192.0.2.1}\n",
		  "web/soa:example.com:53@192.0.2.80\n"
		  "web/soa:example.com:53@2001:db8::80\n");
	names_are("      - icmp: {}\n", "web/icmp@192.0.2.80\n"
					"web/icmp@2001:db8::80\n");
}

static void
equal_names_are_numbered(void **state)
{
	names_are("      - exec: /bin/true 1\n"
		  "      - exec: /bin/true 2\n"
		  "      - exec: /bin/false\n"
		  "      - exec: /bin/true 3\n",
		  "web/exec:true\n"
		  "web/exec:true#2\n"
		  "web/exec:false\n"
		  "web/exec:true#3\n");
}

static void
given_names_stay(void **state)
{
	names_are("      - tcp: 80\n"
		  "        name: port\n"
		  "        address: 127.0.0.1\n",
		  "port\n");
	names_are("      - tcp: 80\n"
		  "        name: port\n",
		  "port@192.0.2.80\n"
		  "port@2001:db8::80\n");
}

static void
targets_and_sources_match(void **state)
{
	struct conf *c =
	    load_checks("      - tcp: 80\n"
			"        source: ['2001:db8:1::1', 198.51.100.1]\n");
	const struct conf_check *v = c->services[0].checks;

	assert_int_equal(c->services[0].n_checks, 2);
	assert_string_equal(ip_text(&v[0].target), "192.0.2.80");
	assert_string_equal(ip_text(&v[0].source), "198.51.100.1");
	assert_string_equal(ip_text(&v[1].target), "2001:db8::80");
	assert_string_equal(ip_text(&v[1].source), "2001:db8:1::1");
	conf_free(c);
}

static void
exec_and_http_have_no_target(void **state)
{
	struct conf *c = load_checks("      - exec: [/bin/echo, 'a b', c]\n"
				     "      - http: http://a.example/\n");
	const struct conf_check *v = c->services[0].checks;

	assert_int_equal(c->services[0].n_checks, 2);
	assert_true(ip_is_none(&v[0].target));
	assert_int_equal(v[0].exec.argv.n, 3);
	assert_string_equal(v[0].exec.argv.v[1], "a b");
	assert_null(v[0].exec.argv.v[3]);
	assert_null(v[0].exec.user);
	assert_true(ip_is_none(&v[1].target));
	conf_free(c);
}

static void
a_command_is_split_at_blanks(void **state)
{
	struct conf *c = load_checks("      - exec: '/bin/echo  $HOME  *'\n");
	const struct conf_names *argv = &c->services[0].checks[0].exec.argv;

	assert_int_equal(argv->n, 3);
	assert_string_equal(argv->v[0], "/bin/echo");
	assert_string_equal(argv->v[1], "$HOME");
	assert_string_equal(argv->v[2], "*");
	assert_null(argv->v[3]);
	conf_free(c);
}

static void
times_follow_each_other(void **state)
{
	struct conf *c = load_checks("      - tcp: 80\n"
				     "        interval: 100ms\n"
				     "      - tcp: 81\n"
				     "        interval: 10s\n"
				     "        fast_interval: 1s\n");
	const struct conf_check *v = c->services[0].checks;

	assert_int_equal(v[0].timeout.ns, dur_ms(100).ns);
	assert_int_equal(v[0].fast_interval.ns, dur_ms(100).ns);
	assert_int_equal(v[2].timeout.ns, dur_s(1).ns);
	assert_int_equal(v[2].fast_interval.ns, dur_s(1).ns);
	conf_free(c);
}

static void
all_times_and_words_are_read(void **state)
{
	struct conf *c = load_checks("      - tcp: 80\n"
				     "        interval: 2s\n"
				     "        timeout: 1500ms\n"
				     "        rise: 7\n"
				     "        fall: 9\n"
				     "        jitter: 0%\n"
				     "        initial: up\n"
				     "        on_unknown: down\n"
				     "        unknown_limit: 3m\n");
	const struct conf_check *v = c->services[0].checks;

	assert_int_equal(v->interval.ns, dur_s(2).ns);
	assert_int_equal(v->timeout.ns, dur_ms(1500).ns);
	assert_int_equal(v->rise, 7);
	assert_int_equal(v->fall, 9);
	assert_int_equal(v->jitter, 0);
	assert_int_equal(v->initial, CONF_INITIAL_UP);
	assert_int_equal(v->on_unknown, CONF_UNKNOWN_DOWN);
	assert_int_equal(v->unknown_limit.ns, dur_s(180).ns);
	conf_free(c);
}

static void
slow_settings_are_warned_of(void **state)
{
	load_warned(NODE "services:\n"
			 "  web:\n"
			 "    addresses: [192.0.2.80, '2001:db8::80']\n"
			 "    checks:\n"
			 "      - tcp: 80\n"
			 "        timeout: 2s\n"
			 "        fast_interval: 3s\n" PREFIXES PEERS,
		    "test.yaml:7:18: warning: services.web.checks.timeout: "
		    "the timeout is longer than the interval: a hanging "
		    "service is noticed late\n"
		    "test.yaml:8:24: warning: "
		    "services.web.checks.fast_interval: fast_interval is "
		    "longer than interval\n");
}

static void
tcp_options_are_read(void **state)
{
	struct conf *c = load_checks(
	    "      - tcp: {port: 25, tls: true, send: \"EHLO x\\r\\n\", "
	    "expect: '\\x32\\x00'}\n");
	const struct conf_tcp *tcp = &c->services[0].checks[0].tcp;

	assert_int_equal(tcp->port, 25);
	assert_true(tcp->tls.enabled);
	assert_true(tcp->tls.verify);
	assert_int_equal(tcp->send_len, 8);
	assert_memory_equal(tcp->send, "EHLO x\r\n", 8);
	assert_int_equal(tcp->expect_len, 2);
	assert_memory_equal(tcp->expect, "2\0", 2);
	conf_free(c);
}

static void
http_options_are_read(void **state)
{
	struct conf *c = load_checks(
	    "      - http:\n"
	    "          url: https://192.0.2.80/\n"
	    "          status: [204, 300-399]\n"
	    "          json: {a.b: 1, ok: true}\n"
	    "          headers: {X-A: b}\n"
	    "          follow_redirects: yes\n"
	    "          tls: {verify: no, expiry: 7d, server_name: x.example}\n"
	    "      - http: http://192.0.2.80/\n");
	const struct conf_http *http = &c->services[0].checks[0].http;

	assert_int_equal(http->n_status, 2);
	assert_int_equal(http->status[1].high, 399);
	assert_string_equal(http->method, "GET");
	assert_string_equal(http->json.v[0].name, "a.b");
	assert_string_equal(http->json.v[1].value, "true");
	assert_string_equal(http->headers.v[0].value, "b");
	assert_true(http->follow_redirects);
	assert_true(http->tls.enabled);
	assert_false(http->tls.verify);
	assert_int_equal(http->tls.expiry.ns, dur_s(7 * 86400).ns);
	assert_string_equal(http->tls.server_name, "x.example");
	assert_false(c->services[0].checks[1].http.tls.enabled);
	assert_int_equal(c->services[0].checks[1].http.status[0].low, 200);
	conf_free(c);
}

static void
dns_options_are_read(void **state)
{
	struct conf *c =
	    load_checks("      - dns: {query: hostname.bind txt ch, ad: true, "
			"rcode: nxdomain, answer: [a, b], nsid: n1}\n"
			"      - dns: example.com SOA\n");
	const struct conf_dns *dns = &c->services[0].checks[0].dns;

	assert_string_equal(dns->name, "hostname.bind");
	assert_string_equal(dns->type, "TXT");
	assert_string_equal(dns->class, "CH");
	assert_true(dns->dnssec);
	assert_string_equal(dns->rcode, "NXDOMAIN");
	assert_int_equal(dns->answer.n, 2);
	assert_string_equal(dns->nsid, "n1");
	dns = &c->services[0].checks[2].dns;
	assert_string_equal(dns->class, "IN");
	assert_string_equal(dns->rcode, "NOERROR");
	assert_int_equal(dns->port, 53);
	assert_false(dns->dnssec || dns->aa || dns->recursion_desired);
	conf_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_push_check_may_be_unknown_for_its_ttl),
	    cmocka_unit_test(names_say_kind_port_and_target),
	    cmocka_unit_test(equal_names_are_numbered),
	    cmocka_unit_test(given_names_stay),
	    cmocka_unit_test(targets_and_sources_match),
	    cmocka_unit_test(exec_and_http_have_no_target),
	    cmocka_unit_test(a_command_is_split_at_blanks),
	    cmocka_unit_test(times_follow_each_other),
	    cmocka_unit_test(all_times_and_words_are_read),
	    cmocka_unit_test(slow_settings_are_warned_of),
	    cmocka_unit_test(tcp_options_are_read),
	    cmocka_unit_test(http_options_are_read),
	    cmocka_unit_test(dns_options_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
