/* SPDX-License-Identifier: ISC */
#include "loading.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
defaults_are_filled_in(void **state)
{
	struct conf *c = load_fine(NODE SERVICES PREFIXES PEERS);
	const struct conf_check *check = &c->services[0].checks[0];
	const struct conf_peer *peer = &c->peers[0];

	assert_string_equal(c->path, "test.yaml");
	assert_int_equal(c->node.linger.ns, dur_s(1).ns);
	assert_int_equal(c->node.stop_timeout.ns, dur_s(5).ns);
	assert_string_equal(c->services[0].interface, "lo");
	assert_int_equal(c->services[0].require.mode, CONF_REQUIRE_ALL);
	assert_int_equal(check->interval.ns, dur_s(1).ns);
	assert_int_equal(check->fast_interval.ns, dur_s(1).ns);
	assert_int_equal(check->timeout.ns, dur_s(1).ns);
	assert_int_equal(check->rise, 2);
	assert_int_equal(check->fall, 3);
	assert_int_equal(check->jitter, 5);
	assert_int_equal(check->initial, CONF_INITIAL_DOWN);
	assert_int_equal(check->on_unknown, CONF_UNKNOWN_HOLD);
	assert_int_equal(check->unknown_limit.ns, dur_s(60).ns);
	assert_false(check->tcp.tls.enabled);
	assert_true(check->tcp.tls.verify);
	assert_true(c->prefixes[0].blackhole);
	assert_int_equal(c->prefixes[0].origin_asn, 0);
	assert_int_equal(peer->port, 179);
	assert_int_equal(peer->local_asn, 65000);
	assert_int_equal(peer->hold_time.ns, dur_s(90).ns);
	assert_int_equal(peer->keepalive.ns, dur_s(30).ns);
	assert_int_equal(peer->connect_retry.ns, dur_s(5).ns);
	assert_int_equal(peer->ttl, 0);
	assert_false(peer->med_set);
	assert_null(peer->prefixes);
	assert_false(peer->policy.import.enabled);
	assert_true(peer->policy.first_as);
	assert_int_equal(peer->policy.max_prefix.limit, 1000);
	conf_free(c);
}

static void
absent_sections_have_defaults(void **state)
{
	struct conf *c = load_fine(NODE SERVICES PREFIXES PEERS);

	assert_int_equal(c->bgp.n_listen, 2);
	assert_string_equal(ip_text(&c->bgp.listen[1].ip), "::");
	assert_int_equal(c->bgp.listen[1].port, 179);
	assert_true(c->http.enabled);
	assert_int_equal(c->http.n_listen, 1);
	assert_int_equal(c->http.listen[0].port, 9179);
	assert_string_equal(c->control.socket, "/run/basin/basin.sock");
	assert_string_equal(c->control.read_only_socket,
			    "/run/basin/basin-ro.sock");
	assert_string_equal(c->control.push_socket,
			    "/run/basin/basin-push.sock");
	assert_null(c->control.group);
	assert_int_equal(c->log.format, CONF_LOG_AUTO);
	assert_int_equal(c->log.level, CONF_LOG_INFO);
	assert_string_equal(c->state_directory, "/var/lib/basin");
	conf_free(c);
}

static void
sections_are_read(void **state)
{
	struct conf *c =
	    load_fine(NODE SERVICES PREFIXES PEERS
		      "http: off\n"
		      "bgp: {listen: off}\n"
		      "control: {socket: /tmp/a, read_only_socket: /tmp/b}\n"
		      "log: {format: json, level: debug}\n"
		      "state_directory: /tmp/state\n");

	assert_false(c->http.enabled);
	assert_int_equal(c->bgp.n_listen, 0);
	assert_string_equal(c->control.socket, "/tmp/a");
	assert_string_equal(c->control.read_only_socket, "/tmp/b");
	assert_string_equal(c->control.push_socket, "/tmp/basin-push.sock");
	assert_int_equal(c->log.format, CONF_LOG_JSON);
	assert_int_equal(c->log.level, CONF_LOG_DEBUG);
	assert_string_equal(c->state_directory, "/tmp/state");
	conf_free(c);
}

static void
aliases_stand_for_their_values(void **state)
{
	struct conf *c = load_fine(
	    NODE SERVICES "prefixes:\n"
			  "  192.0.2.0/24: &p {services: web, hold_down: 7s}\n"
			  "  2001:db8::/48: *p\n" PEERS);

	assert_int_equal(c->prefixes[1].hold_down.ns, dur_s(7).ns);
	conf_free(c);
}

static void
a_missing_file_is_explained(void **state)
{
	struct text messages = {0};
	struct conf *conf;

	assert_int_equal(conf_load("/nonexistent.yaml", &conf, &messages),
			 -ENOENT);
	assert_null(conf);
	assert_string_equal(text_str(&messages),
			    "/nonexistent.yaml: cannot be read: "
			    "No such file or directory\n");
	text_free(&messages);
}

static void
a_folder_is_no_file(void **state)
{
	struct text messages = {0};
	struct conf *conf;

	assert_int_equal(conf_load("/", &conf, &messages), -EISDIR);
	assert_null(conf);
	text_free(&messages);
}

static void
huge_files_are_refused_unread(void **state)
{
	size_t n = (16u << 20) + 1;
	char *text = calloc(n, 1);
	struct text messages = {0};
	struct conf *conf;

	assert_non_null(text);
	memset(text, '#', n);
	assert_int_equal(conf_load_text("big", text, n, &conf, &messages),
			 -EINVAL);
	assert_string_equal(text_str(&messages),
			    "big: found 16777217 octets, expected at most "
			    "16 MiB\n");
	text_free(&messages);
	free(text);
}

/* Every prefix of a good file is refused: none may look like a smaller one. */
static void
truncated_files_never_load(void **state)
{
	static const char text[] = NODE SERVICES PREFIXES PEERS;
	struct text messages = {0};
	struct conf *conf;

	for (size_t n = 0; n < sizeof(text) - 1; n++) {
		assert_int_equal(
		    conf_load_text("cut", text, n, &conf, &messages), -EINVAL);
		assert_null(conf);
		assert_true(messages.len > 0);
		text_clear(&messages);
	}
	text_free(&messages);
}

static void
many_prefixes_load(void **state)
{
	struct text text = {0}, messages = {0};
	struct conf *conf;

	text_add(&text, NODE SERVICES PREFIXES);
	for (unsigned i = 0; i < 100000; i++)
		text_addf(&text, "  10.%u.%u.%u/32: {services: [web]}\n",
			  i >> 16, i >> 8 & 255, i & 255);
	text_add(&text, PEERS);
	assert_int_equal(
	    conf_load_text("many", text_str(&text), text.len, &conf, &messages),
	    0);
	assert_int_equal(conf->n_prefixes, 100002);
	conf_free(conf);
	text_free(&text);
	text_free(&messages);
}

static void
examples_load_without_a_word(void **state)
{
	static const char *const names[] = {"minimal.yaml", "dns.yaml",
					    "web.yaml", "full.yaml"};
	const char *folder = getenv("BASIN_EXAMPLES");

	assert_non_null(folder);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct text path = {0}, messages = {0};
		struct conf *conf;

		/* Versions of files have no modes; others may not read keys. */
		text_addf(&path, "%s/placeholder.key", folder);
		assert_int_equal(chmod(text_str(&path), 0640), 0);
		text_clear(&path);
		text_addf(&path, "%s/%s", folder, names[i]);
		assert_int_equal(conf_load(text_str(&path), &conf, &messages),
				 0);
		assert_string_equal(text_str(&messages), "");
		conf_free(conf);
		text_free(&path);
		text_free(&messages);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(defaults_are_filled_in),
	    cmocka_unit_test(absent_sections_have_defaults),
	    cmocka_unit_test(sections_are_read),
	    cmocka_unit_test(aliases_stand_for_their_values),
	    cmocka_unit_test(a_missing_file_is_explained),
	    cmocka_unit_test(a_folder_is_no_file),
	    cmocka_unit_test(huge_files_are_refused_unread),
	    cmocka_unit_test(truncated_files_never_load),
	    cmocka_unit_test(many_prefixes_load),
	    cmocka_unit_test(examples_load_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
