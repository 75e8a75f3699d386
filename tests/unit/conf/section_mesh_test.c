/* SPDX-License-Identifier: ISC */
#include "loading.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char key_path[] = "/tmp/basin-mesh-key-XXXXXX";

static int
make_key(void **state)
{
	static const char key[] = "0123456789abcdef0123456789abcdef\n\n";
	int fd = mkstemp(key_path);

	if (fd < 0 || write(fd, key, sizeof(key) - 1) < 0)
		return 1;
	return close(fd);
}

static int
remove_key(void **state)
{
	return unlink(key_path);
}

static struct conf *
load(const char *brake, const char *mesh)
{
	struct text text = {0};
	struct conf *c;

	text_addf(&text,
		  NODE SERVICES "prefixes:\n"
				"  192.0.2.0/24: {services: web%s}\n"
				"  2001:db8::/48: {services: web}\n" PEERS
				"mesh: {key_file: %s, %s}\n",
		  brake, key_path, mesh);
	c = load_fine(text_str(&text));
	text_free(&text);
	return c;
}

static void
without_it_nobody_is_asked(void **state)
{
	struct conf *c = load_fine(NODE SERVICES PREFIXES PEERS);

	assert_false(c->mesh.enabled);
	assert_int_equal(c->mesh.n_nodes, 0);
	assert_int_equal(c->mesh.n_listen, 0);
	assert_false(c->prefixes[0].brake.enabled);
	conf_free(c);
}

static void
defaults_are_filled_in(void **state)
{
	struct conf *c = load(", brake: {min_sites: 1}",
			      "nodes: {n2: {address: 198.51.100.2}}");
	const struct conf_mesh *m = &c->mesh;

	assert_true(m->enabled);
	assert_int_equal(m->n_listen, 2); /* everywhere, both families */
	assert_int_equal(m->listen[0].port, 9178);
	assert_int_equal(m->listen[1].ip.family, AF_INET6);
	assert_int_equal(m->interval.ns, dur_s(1).ns);
	assert_int_equal(m->state_file_limit.ns, dur_s(30).ns);
	assert_int_equal(m->nodes[0].port, 9178);
	/* White space at the end is not of the key. */
	assert_int_equal(m->nodes[0].key.n, 32);
	assert_int_equal(c->prefixes[0].brake.min_sites, 1);
	assert_int_equal(c->prefixes[0].brake.max_withdrawn, 0);
	assert_int_equal(c->prefixes[0].brake.window.ns, dur_s(600).ns);
	conf_free(c);
}

static void
this_node_is_not_another(void **state)
{
	struct conf *c = load("", "nodes: {n0: {address: 198.51.100.9}, "
				  "n1: {address: 198.51.100.1}, "
				  "n2: {address: 198.51.100.2, port: 99}}");

	assert_int_equal(c->mesh.n_nodes, 2);
	assert_string_equal(c->mesh.nodes[0].name, "n0");
	assert_string_equal(c->mesh.nodes[1].name, "n2");
	assert_int_equal(c->mesh.nodes[1].port, 99);
	conf_free(c);
}

static void
a_state_file_may_be_all_there_is(void **state)
{
	struct conf *c =
	    load(", brake: {min_sites: 7}", "state_file: /run/sites.json");

	assert_true(c->mesh.enabled);
	assert_int_equal(c->mesh.n_listen, 0);
	assert_string_equal(c->mesh.state_file, "/run/sites.json");
	conf_free(c);
}

static void
another_key_is_a_difference(void **state)
{
	static const char mesh[] = "nodes: {n2: {address: 198.51.100.2}}";
	struct conf *a = load("", mesh), *b = load("", mesh);
	struct conf_diff diff;

	conf_diff(a, b, &diff);
	assert_int_equal(diff.n, 0);
	conf_diff_free(&diff);
	((uint8_t *)(uintptr_t)b->mesh.key.v)[0] ^= 1;
	conf_diff(a, b, &diff);
	assert_int_equal(diff.n, 1);
	assert_string_equal(diff.v[0].option, "key_file");
	conf_diff_free(&diff);
	conf_free(a);
	conf_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_it_nobody_is_asked),
	    cmocka_unit_test(defaults_are_filled_in),
	    cmocka_unit_test(this_node_is_not_another),
	    cmocka_unit_test(a_state_file_may_be_all_there_is),
	    cmocka_unit_test(another_key_is_a_difference),
	};

	return cmocka_run_group_tests(tests, make_key, remove_key);
}
