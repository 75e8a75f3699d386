/* SPDX-License-Identifier: ISC */
/* Two nodes in one loop, over the loopback, with the real module. */
#include "../test.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mesh/mesh.h"

#define TURNS_MAX 10000 /* of at least a millisecond */

struct side {
	struct mesh *mesh;
	struct conf conf;
	struct conf_prefix prefix;
	struct conf_mesh_node other;
	struct conf_endpoint listen;
	unsigned granted, refused, alarms;
};

struct pair {
	uv_loop_t loop;
	struct side a, b;
};

static void
granted(void *arg, size_t prefix)
{
	struct side *s = arg;

	assert_int_equal(prefix, 0);
	s->granted++;
	mesh_state(s->mesh, 0, MESH_WITHDRAWN, false, "dns: fallen");
}

static void
refused(void *arg, size_t prefix)
{
	((struct side *)arg)->refused++;
}

static void
alarmed(void *arg, const char *subject, const char *message, bool on)
{
	((struct side *)arg)->alarms += on;
}

static const struct mesh_callbacks callbacks = {granted, refused, alarmed};

static uint16_t
free_port(void)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	socklen_t n = sizeof(in);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&in, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	close(fd);
	return ntohs(in.sin_port);
}

static void
describe(struct side *s, const char *name, const char *other,
	 struct ip loopback, const uint16_t ports[2], const char *key)
{
	s->listen = (struct conf_endpoint){loopback, ports[0]};
	s->other = (struct conf_mesh_node){
	    .name = other,
	    .address = loopback,
	    .port = ports[1],
	    .key = {(const uint8_t *)key, strlen(key), "key"}};
	assert_int_equal(prefix_parse("192.0.2.0/24", &s->prefix.prefix), 0);
	s->prefix.brake = (struct conf_brake){true, 1, 0, dur_s(600)};
	s->conf.node.name = name;
	s->conf.prefixes = &s->prefix;
	s->conf.n_prefixes = 1;
	s->conf.mesh = (struct conf_mesh){.enabled = true,
					  .listen = &s->listen,
					  .n_listen = 1,
					  .nodes = &s->other,
					  .n_nodes = 1,
					  .interval = dur_ms(20)};
}

static void
begin(struct pair *p, struct side *s)
{
	struct mesh_settings settings = {
	    .loop = &p->loop, .callbacks = &callbacks, .arg = s};

	s->mesh = mesh_new(&settings);
	mesh_configure(s->mesh, &s->conf);
	mesh_state(s->mesh, 0, MESH_ANNOUNCED, true, "");
}

static struct pair *
pair_at(struct ip ip, const char *key_a, const char *key_b)
{
	struct pair *p = xcalloc(1, sizeof(*p));
	uint16_t one = free_port(), two = free_port();

	uv_loop_init(&p->loop);
	describe(&p->a, "a", "b", ip, (uint16_t[]){one, two}, key_a);
	describe(&p->b, "b", "a", ip, (uint16_t[]){two, one}, key_b);
	begin(p, &p->a);
	begin(p, &p->b);
	return p;
}

static struct pair *
pair_of(const char *key_a, const char *key_b)
{
	return pair_at(ip_from_v4(INADDR_LOOPBACK), key_a, key_b);
}

static void
end(struct pair *p)
{
	mesh_free(p->a.mesh);
	mesh_free(p->b.mesh);
	uv_run(&p->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&p->loop), 0);
	free(p);
}

/* Turns the loop until *count is at least n. */
static void
until(struct pair *p, const unsigned *count, unsigned n)
{
	for (unsigned i = 0; *count < n && i < TURNS_MAX; i++)
		uv_run(&p->loop, UV_RUN_ONCE);
	assert_true(*count >= n);
}

static bool
known(const struct side *s)
{
	struct mesh_node_view v;

	mesh_node_view(s->mesh, 0, &v);
	return v.known && v.heard;
}

static void
until_known(struct pair *p)
{
	for (unsigned i = 0; i < TURNS_MAX; i++) {
		if (known(&p->a) && known(&p->b))
			return;
		uv_run(&p->loop, UV_RUN_ONCE);
	}
	fail_msg("the nodes do not know each other");
}

static uint64_t
discards(const struct side *s, const char *cause)
{
	struct mesh_stats stats;

	mesh_stats(s->mesh, &stats);
	for (size_t i = 0; i < stats.n_discards; i++)
		if (strcmp(stats.discards[i].cause, cause) == 0)
			return stats.discards[i].n;
	fail_msg("no such cause: %s", cause);
	return 0;
}

static void
see_text(const struct side *s, const char *expected)
{
	struct text text = {0};

	mesh_brake_text(s->mesh, 0, false, &text);
	assert_string_equal(text_str(&text), expected);
	text_free(&text);
}

#define KEY "0123456789abcdef"

static void
one_of_two_may_go(void **state)
{
	struct pair *p = pair_of(KEY, KEY);

	until_known(p);
	mesh_state(p->a.mesh, 0, MESH_BRAKED, true, "dns: fallen");
	mesh_state(p->b.mesh, 0, MESH_BRAKED, true, "dns: fallen");
	mesh_ask(p->a.mesh, 0, "dns: fallen");
	mesh_ask(p->b.mesh, 0, "dns: fallen");
	for (unsigned i = 0; p->a.refused + p->b.refused < 1 && i < TURNS_MAX;
	     i++)
		uv_run(&p->loop, UV_RUN_ONCE);
	assert_int_equal(p->a.granted + p->b.granted, 1);
	see_text(p->a.granted ? &p->b : &p->a,
		 p->a.granted
		     ? "0 of 1 needed nodes stay; a does not announce it"
		     : "0 of 1 needed nodes stay; b does not announce it");
	end(p);
}

static bool
has_ipv6(void)
{
	struct sockaddr_in6 in = {.sin6_family = AF_INET6,
				  .sin6_addr = in6addr_loopback};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	bool bound = bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0;

	close(fd);
	return bound;
}

static void
nodes_talk_over_ipv6(void **state)
{
	struct pair *p;
	struct ip ip;

	if (!has_ipv6())
		skip();
	assert_int_equal(ip_parse("::1", &ip), 0);
	p = pair_at(ip, KEY, KEY);
	until_known(p);
	mesh_ask(p->a.mesh, 0, "dns: fallen");
	until(p, &p->a.granted, 1);
	end(p);
}

static void
what_a_node_says_is_shown(void **state)
{
	struct pair *p = pair_of(KEY, KEY);
	struct mesh_said said = {.state = ""};

	until_known(p);
	mesh_state(p->a.mesh, 0, MESH_WITHDRAWN, false, "dns: fallen");
	for (unsigned i = 0; strcmp(said.state, "withdrawn") && i < TURNS_MAX;
	     i++) {
		uv_run(&p->loop, UV_RUN_ONCE);
		mesh_said(p->b.mesh, 0, 0, &said);
	}
	assert_string_equal(said.state, "withdrawn");
	assert_string_equal(said.text, "dns: fallen");
	end(p);
}

static void
another_key_is_no_node(void **state)
{
	struct pair *p = pair_of(KEY, "fedcba9876543210");

	mesh_ask(p->a.mesh, 0, "dns: fallen");
	until(p, &p->a.refused, 1);
	assert_int_equal(p->a.granted, 0);
	assert_false(known(&p->a) || known(&p->b));
	assert_true(discards(&p->a, "forged") > 0);
	see_text(&p->a, "0 of 1 needed nodes stay; b is not heard");
	end(p);
}

static void
a_prefix_that_nobody_was_sent_is_promised_to_nobody(void **state)
{
	struct pair *p = pair_of(KEY, KEY);

	until_known(p);
	mesh_state(p->b.mesh, 0, MESH_ANNOUNCED, false, "");
	mesh_ask(p->a.mesh, 0, "dns: fallen");
	until(p, &p->a.refused, 1);
	assert_int_equal(p->a.granted, 0);
	mesh_state(p->b.mesh, 0, MESH_ANNOUNCED, true, "");
	until(p, &p->a.granted, 1);
	end(p);
}

static void
a_reload_keeps_who_is_known(void **state)
{
	struct pair *p = pair_of(KEY, KEY);

	until_known(p);
	mesh_configure(p->a.mesh, &p->a.conf);
	assert_true(known(&p->a));
	mesh_ask(p->a.mesh, 0, "dns: fallen");
	until(p, &p->a.granted, 1);
	p->a.conf.mesh.enabled = false;
	p->a.conf.mesh.n_nodes = 0;
	mesh_configure(p->a.mesh, &p->a.conf);
	assert_int_equal(mesh_nodes(p->a.mesh), 0);
	assert_int_equal(mesh_brakes(p->a.mesh), 0);
	mesh_ask(p->a.mesh, 0, "dns: fallen");
	assert_int_equal(mesh_brake_of(p->a.mesh, 0), SIZE_MAX);
	end(p);
}

/* With max_withdrawn 1 of two nodes the other one must be clean. */
static void
a_prefix_that_was_removed_is_still_withdrawn(void **state)
{
	struct pair *p = pair_of(KEY, KEY);

	until_known(p);
	mesh_ask(p->a.mesh, 0, "dns: fallen");
	until(p, &p->a.granted, 1);
	p->a.conf.n_prefixes = 0;
	mesh_configure(p->a.mesh, &p->a.conf);
	p->b.prefix.brake = (struct conf_brake){true, 0, 1, dur_s(600)};
	mesh_configure(p->b.mesh, &p->b.conf);
	mesh_ask(p->b.mesh, 0, "dns: fallen");
	until(p, &p->b.refused, 1);
	assert_int_equal(p->b.granted, 0);
	end(p);
}

static void
a_prefix_that_never_was_is_clean(void **state)
{
	struct pair *p = pair_of(KEY, KEY);

	p->a.conf.n_prefixes = 0;
	mesh_configure(p->a.mesh, &p->a.conf);
	p->b.prefix.brake = (struct conf_brake){true, 0, 1, dur_s(600)};
	mesh_configure(p->b.mesh, &p->b.conf);
	until_known(p);
	mesh_ask(p->b.mesh, 0, "dns: fallen");
	until(p, &p->b.granted, 1);
	end(p);
}

static void
a_settled_prefix_is_not_asked_for(void **state)
{
	struct pair *p = pair_of(KEY, KEY);
	struct mesh_brake_view v;

	mesh_ask(p->a.mesh, 0, "dns: fallen");
	mesh_settle(p->a.mesh, 0);
	until_known(p);
	mesh_brake_view(p->a.mesh, 0, &v);
	assert_false(v.asking);
	assert_int_equal(v.attempts, 0);
	end(p);
}

static void
an_address_that_is_taken_is_tried_again(void **state)
{
	struct pair *p = xcalloc(1, sizeof(*p));
	uint16_t one = free_port(), two = free_port();

	uv_loop_init(&p->loop);
	describe(&p->a, "a", "b", ip_from_v4(INADDR_LOOPBACK),
		 (uint16_t[]){one, two}, KEY);
	describe(&p->b, "b", "a", ip_from_v4(INADDR_LOOPBACK),
		 (uint16_t[]){one, one}, KEY);
	begin(p, &p->a);
	begin(p, &p->b);
	assert_int_equal(p->a.alarms, 0);
	until(p, &p->b.alarms, 3);
	end(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_of_two_may_go),
	    cmocka_unit_test(nodes_talk_over_ipv6),
	    cmocka_unit_test(what_a_node_says_is_shown),
	    cmocka_unit_test(another_key_is_no_node),
	    cmocka_unit_test(
		a_prefix_that_nobody_was_sent_is_promised_to_nobody),
	    cmocka_unit_test(a_reload_keeps_who_is_known),
	    cmocka_unit_test(a_prefix_that_was_removed_is_still_withdrawn),
	    cmocka_unit_test(a_prefix_that_never_was_is_clean),
	    cmocka_unit_test(a_settled_prefix_is_not_asked_for),
	    cmocka_unit_test(an_address_that_is_taken_is_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
