/* SPDX-License-Identifier: ISC */
/* Received flow specifications: kept, bounded, validated. */
#include "../addresses.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/flow_in.h"

#define ROUTES 6

struct fixture {
	struct loc_rib rib;
	struct conf conf;
	struct conf_prefix own;
	struct index index;
	struct best_source source;
	bool reachable;
	struct best_key keys[ROUTES];
	struct prefix prefixes[ROUTES];
	struct loc_path paths[ROUTES];
	size_t n_paths;
	int one, other; /* owners of paths */
	struct flow_source from;
	struct flow_check check;
	struct flow_in in;
	struct bgp_attributes a;
	uint8_t octets[512];
};

static void
on_changed(void *arg, const struct prefix *prefix, const struct loc_path *first)
{
}

/* An external neighbour of AS 65002 sends flows; we are AS 65001. */
static void
begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->rib = (struct loc_rib){.width = 1, .changed = on_changed};
	f->own.prefix = prefix_of("203.0.113.0/24");
	f->conf = (struct conf){.prefixes = &f->own, .n_prefixes = 1};
	index_build(&f->index, &f->conf);
	f->reachable = true;
	f->source = (struct best_source){.external = true};
	f->from = (struct flow_source){.owner = &f->one,
				       .first_as = true,
				       .asn = 65002,
				       .local_asn = 65001,
				       .node_asn = 65001};
	f->a.has_as_path = true;
	f->a.as_path[0] = 65002;
	f->a.n_as_path = 1;
}

static void
end(struct fixture *f)
{
	flow_in_clear(&f->in, &f->check);
	assert_int_equal(f->check.n, 0);
	assert_null(f->check.targets);
	loc_rib_free(&f->rib);
	index_free(&f->index);
}

static struct loc_path *
route(struct fixture *f, const char *prefix, void *owner, uint32_t asn)
{
	size_t i = f->n_paths++;

	assert_true(i < ROUTES);
	f->prefixes[i] = prefix_of(prefix);
	f->keys[i] = (struct best_key){
	    .source = &f->source,
	    .reachable = &f->reachable,
	    .has_neighbour = true,
	    .neighbour = asn,
	};
	f->paths[i] = (struct loc_path){
	    .prefix = &f->prefixes[i], .key = &f->keys[i], .owner = owner};
	loc_rib_add(&f->rib, &f->paths[i]);
	return &f->paths[i];
}

/* An UPDATE with one flow. */
static struct bgp_update
update_of(struct fixture *f, const char *text, bool withdrawn)
{
	struct bgp_update u = {.attributes = f->a};
	struct text error = {0};
	struct bgp_flow flow;
	size_t n;

	assert_int_equal(bgp_parse_flow(text, AF_INET, &flow, &error), 0);
	n = bgp_flow_encode(&flow, f->octets, sizeof(f->octets));
	assert_true(n > 0);
	if (withdrawn) {
		u.flow_unreach_family = flow.family;
		u.flow_unreach = rbuf_of(f->octets, n);
	} else {
		u.flow_reach_family = flow.family;
		u.flow_reach = rbuf_of(f->octets, n);
	}
	return u;
}

static bool
send_flow(struct fixture *f, const char *text)
{
	struct bgp_update u = update_of(f, text, false);

	return flow_in_update(&f->in, &f->check, &u, false, (struct mono){1});
}

static bool
withdraw(struct fixture *f, const char *text)
{
	struct bgp_update u = update_of(f, text, true);

	return flow_in_update(&f->in, &f->check, &u, false, (struct mono){1});
}

/* Of the only flow, after a walk in slices of `slice`. */
static enum flow_verdict
validated(struct fixture *f, size_t slice)
{
	const struct flow_unicast u = {&f->rib, &f->index};
	size_t budget = FLOW_IN_MAX;

	flow_check_begin(&f->check);
	while (!flow_check_walk(&f->check, &u, slice))
		;
	assert_true(flow_in_judge(&f->in, &f->check, &u, &f->from, &budget));
	return f->in.routes->verdict;
}

static enum flow_verdict
verdict_of(struct fixture *f, const char *text)
{
	enum flow_verdict v;

	assert_true(send_flow(f, text));
	assert_int_equal(f->in.routes->verdict, FLOW_WAITING);
	v = validated(f, 1000);
	assert_int_equal(validated(f, 1), v);
	assert_true(withdraw(f, text));
	return v;
}

/* RFC 8955 section 6, steps a) and b). */
static void
originator_has_the_best_match(void **state)
{
	struct fixture f;

	begin(&f);
	assert_int_equal(verdict_of(&f, "proto udp"), FLOW_DESTINATION);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.7/32"), FLOW_NO_ROUTE);
	route(&f, "0.0.0.0/0", &f.other, 65003);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.7/32"), FLOW_ORIGINATOR);
	route(&f, "192.0.2.0/24", &f.one, 65002);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.7/32"), FLOW_FEASIBLE);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FEASIBLE);
	assert_int_equal(verdict_of(&f, "dst 198.51.100.0/24"),
			 FLOW_ORIGINATOR);
	assert_int_equal(verdict_of(&f, "dst 203.0.113.9/32"), FLOW_OWN);
	end(&f);
}

/* RFC 8956 section 5: the destination has offset 0. */
static void
ipv6_flows_are_validated(void **state)
{
	struct fixture f;

	begin(&f);
	route(&f, "2001:db8::/32", &f.one, 65002);
	assert_int_equal(verdict_of(&f, "dst 2001:db8:1::/48"), FLOW_FEASIBLE);
	assert_int_equal(verdict_of(&f, "dst 2001:db9::/48"), FLOW_NO_ROUTE);
	assert_int_equal(verdict_of(&f, "dst ::1:0:0/96 offset 64"),
			 FLOW_DESTINATION);
	end(&f);
}

/* Step c). */
static void
another_as_has_a_more_specific_route(void **state)
{
	struct loc_path *path;
	struct fixture f;

	begin(&f);
	route(&f, "192.0.0.0/16", &f.one, 65002);
	route(&f, "192.0.2.0/25", &f.one, 65002);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FEASIBLE);
	path = route(&f, "192.0.2.128/25", &f.other, 65003);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_SPECIFIC);
	/* It is not inside of this one. */
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/26"), FLOW_FEASIBLE);
	/* One of this node is another AS's. */
	route(&f, "203.0.0.0/16", &f.one, 65002);
	assert_int_equal(verdict_of(&f, "dst 203.0.112.0/20"), FLOW_SPECIFIC);
	/* Validated again when it is gone. */
	loc_rib_remove(&f.rib, path);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FEASIBLE);
	end(&f);
}

/* RFC 9117 section 4.2. */
static void
left_most_as_is_that_of_the_route(void **state)
{
	struct fixture f;

	begin(&f);
	route(&f, "192.0.2.0/24", &f.one, 65002);
	f.a.as_path[0] = 65009;
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FIRST_AS);
	f.from.first_as = false; /* a route server */
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_PATH);
	f.keys[0].neighbour = 65009;
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FEASIBLE);
	f.a.as_path[1] = 65001;
	f.a.n_as_path = 2;
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_LOOP);
	f.a.n_as_path = 0;
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FIRST_AS);
	end(&f);
}

/* RFC 9117 section 4.1, step b.2: from inside of the AS. */
static void
local_flows_need_no_originator(void **state)
{
	struct fixture f;

	begin(&f);
	f.from.ibgp = true;
	route(&f, "192.0.2.0/24", &f.other, 65003);
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_ORIGINATOR);
	f.a.n_as_path = 0;
	assert_int_equal(verdict_of(&f, "dst 192.0.2.0/24"), FLOW_FEASIBLE);
	end(&f);
}

static void
flows_come_change_and_go(void **state)
{
	struct bgp_update u;
	struct fixture f;

	begin(&f);
	assert_true(send_flow(&f, "dst 192.0.2.0/24 proto udp"));
	assert_true(send_flow(&f, "dst 192.0.2.0/24 proto udp"));
	assert_int_equal(f.in.n, 1);
	assert_false(withdraw(&f, "dst 192.0.2.0/24 proto tcp"));
	/* RFC 7606: treated as withdrawn. */
	u = update_of(&f, "dst 192.0.2.0/24 proto udp", false);
	assert_true(
	    flow_in_update(&f.in, &f.check, &u, true, (struct mono){2}));
	assert_int_equal(f.in.n, 0);
	/* RFC 7313: what does not come again between the markers goes. */
	send_flow(&f, "dst 192.0.2.0/24 proto udp");
	send_flow(&f, "dst 192.0.2.0/24 proto tcp");
	flow_in_mark_stale(&f.in, BGP_FAMILY_FLOW6);
	flow_in_drop_stale(&f.in, &f.check, BGP_FAMILY_FLOW6);
	assert_int_equal(f.in.n, 2);
	flow_in_mark_stale(&f.in, BGP_FAMILY_FLOW4);
	send_flow(&f, "dst 192.0.2.0/24 proto tcp");
	flow_in_drop_stale(&f.in, &f.check, BGP_FAMILY_FLOW4);
	assert_int_equal(f.in.n, 1);
	end(&f);
}

static void
only_so_many_are_kept(void **state)
{
	struct fixture f;
	char text[64];

	begin(&f);
	for (unsigned i = 0; i < FLOW_IN_MAX + 5; i++) {
		snprintf(text, sizeof(text), "dst 192.0.2.0/24 dport %u", i);
		assert_int_equal(send_flow(&f, text), i < FLOW_IN_MAX);
	}
	assert_int_equal(f.in.n, FLOW_IN_MAX);
	assert_int_equal(f.in.over_limit, 5);
	/* What is known may change; a place that is free is used. */
	assert_true(send_flow(&f, "dst 192.0.2.0/24 dport 1"));
	assert_true(withdraw(&f, "dst 192.0.2.0/24 dport 1"));
	assert_true(send_flow(&f, text));
	end(&f);
}

/* A destination that the walk did not know is not judged by it. */
static void
what_comes_during_a_walk_waits(void **state)
{
	struct fixture f;
	struct flow_in_route *r;
	const struct flow_unicast u = {&f.rib, &f.index};
	size_t budget = 1, n = 0;

	begin(&f);
	route(&f, "192.0.0.0/16", &f.one, 65002);
	send_flow(&f, "dst 192.0.2.0/24");
	flow_check_begin(&f.check);
	send_flow(&f, "dst 192.0.3.0/24");
	while (!flow_check_walk(&f.check, &u, 1))
		;
	assert_false(flow_in_judge(&f.in, &f.check, &u, &f.from, &budget));
	budget = 1;
	assert_true(flow_in_judge(&f.in, &f.check, &u, &f.from, &budget));
	for (r = f.in.routes; r; r = r->hh.next)
		n += r->verdict == FLOW_WAITING;
	assert_int_equal(n, 1);
	end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(originator_has_the_best_match),
	    cmocka_unit_test(ipv6_flows_are_validated),
	    cmocka_unit_test(another_as_has_a_more_specific_route),
	    cmocka_unit_test(left_most_as_is_that_of_the_route),
	    cmocka_unit_test(local_flows_need_no_originator),
	    cmocka_unit_test(flows_come_change_and_go),
	    cmocka_unit_test(only_so_many_are_kept),
	    cmocka_unit_test(what_comes_during_a_walk_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
