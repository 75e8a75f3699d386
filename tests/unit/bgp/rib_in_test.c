/* SPDX-License-Identifier: ISC */
#include "../addresses.h"

#include <string.h>

#include "base/text.h"
#include "bgp/rib_in.h"

struct fixture {
	struct rib_in r;
	struct conf_peer peer;
	struct policy_self self;
	struct conf_range list[3];
	unsigned came, went;
	struct bgp_route last;
	uint32_t last_med;
};

static void
on_changed(void *arg, const struct bgp_route *route, bool gone)
{
	struct fixture *f = arg;

	f->came += !gone;
	f->went += gone;
	f->last = *route;
	f->last_med = gone ? 0 : route->attributes->med;
}

static struct conf_range
range_of(const char *text)
{
	struct prefix p = prefix_of(text);

	return (struct conf_range){p, p.len, p.len};
}

static void
begin(struct fixture *f)
{
	memset(f, 0, sizeof(*f));
	f->r.changed = on_changed;
	f->r.arg = f;
	f->list[0] = range_of("203.0.113.0/24");
	f->list[1] = range_of("198.51.100.0/24");
	f->list[2] = range_of("192.0.2.0/24");
	f->peer = (struct conf_peer){
	    .asn = 65002, .local_asn = 65001, .policy = {.first_as = true}};
	f->peer.policy.import = (struct conf_import){
	    .enabled = true,
	    .prefixes = {f->list, 3},
	    .longest4 = 32,
	    .longest6 = 128,
	};
	f->peer.policy.max_prefix.limit = 2;
	f->self = (struct policy_self){.peer = &f->peer,
				       .node_asn = 65001,
				       .local = ip_from_v4(0x0a000001)};
}

/* An UPDATE with the octets of its two IPv4 lists. */
static struct bgp_update
update_of(const uint8_t *withdrawn, size_t n_withdrawn, const uint8_t *nlri,
	  size_t n_nlri, uint32_t med)
{
	struct bgp_update u = {.withdrawn = rbuf_of(withdrawn, n_withdrawn),
			       .nlri = rbuf_of(nlri, n_nlri)};

	u.attributes.has_as_path = true;
	u.attributes.as_path[0] = 65002;
	u.attributes.n_as_path = 1;
	u.attributes.next_hop = ip_from_v4(0x0a000002);
	u.attributes.med = med;
	return u;
}

static const uint8_t one[] = {24, 203, 0, 113};
static const uint8_t two[] = {24, 203, 0, 113, 24, 198, 51, 100};
static const uint8_t three[] = {24, 203, 0,  113, 24, 198,
				51, 100, 24, 192, 0,  2};

static struct rib_in_result
apply(struct fixture *f, const struct bgp_update *u)
{
	return rib_in_update(&f->r, &f->self, u, false, (struct mono){1});
}

static void
routes_come_change_and_go(void **state)
{
	struct bgp_update u;
	struct fixture f;

	begin(&f);
	u = update_of(NULL, 0, two, sizeof(two), 5);
	apply(&f, &u);
	assert_int_equal(f.r.n, 2);
	assert_int_equal(f.came, 2);
	u = update_of(NULL, 0, one, sizeof(one), 6); /* implicit withdraw */
	apply(&f, &u);
	assert_int_equal(f.r.n, 2);
	assert_int_equal(f.last_med, 6);
	u = update_of(one, sizeof(one), NULL, 0, 0);
	apply(&f, &u);
	assert_int_equal(f.r.n, 1);
	assert_int_equal(f.went, 1);
	assert_true(prefix_equal(&f.last.prefix, &f.list[0].prefix));
	rib_in_clear(&f.r);
	rib_in_forget(&f.r);
	assert_int_equal(f.went, 2);
	assert_null(f.r.routes);
}

/* RFC 4271 section 4.3. */
static void
withdrawn_and_announced_counts_as_announced(void **state)
{
	struct bgp_update u = update_of(one, sizeof(one), one, sizeof(one), 5);
	struct fixture f;

	begin(&f);
	apply(&f, &u);
	assert_int_equal(f.r.n, 1);
	rib_in_clear(&f.r);
	rib_in_forget(&f.r);
}

static void
a_refused_route_takes_the_old_one_with_it(void **state)
{
	struct bgp_update u = update_of(NULL, 0, one, sizeof(one), 5);
	struct rib_in_result result;
	struct fixture f;

	begin(&f);
	apply(&f, &u);
	u.attributes.as_path[1] = 65001;
	u.attributes.n_as_path = 2;
	result = apply(&f, &u);
	assert_int_equal(result.refusal, POLICY_LOOP);
	assert_true(prefix_equal(&result.prefix, &f.list[0].prefix));
	assert_int_equal(f.r.refused[POLICY_LOOP], 1);
	assert_int_equal(f.r.n, 0);
	assert_int_equal(f.went, 1);
	rib_in_forget(&f.r);
}

static void
treat_as_withdraw_withdraws_all(void **state)
{
	struct bgp_update u = update_of(NULL, 0, two, sizeof(two), 5);
	struct fixture f;

	begin(&f);
	apply(&f, &u);
	rib_in_update(&f.r, &f.self, &u, true, (struct mono){2});
	assert_int_equal(f.r.n, 0);
	assert_int_equal(f.went, 2);
}

static void
the_maximum_is_not_exceeded(void **state)
{
	struct bgp_update u = update_of(NULL, 0, three, sizeof(three), 5);
	struct fixture f;

	begin(&f);
	assert_int_equal(apply(&f, &u).exceeded, AF_INET);
	assert_int_equal(f.r.n, 2);
	u = update_of(NULL, 0, two, sizeof(two), 6);
	assert_int_equal(apply(&f, &u).exceeded, 0); /* the same again */
	rib_in_clear(&f.r);
	rib_in_forget(&f.r);
}

static void
a_shorter_list_drops_routes(void **state)
{
	struct bgp_update u = update_of(NULL, 0, two, sizeof(two), 5);
	struct fixture f;

	begin(&f);
	apply(&f, &u);
	f.peer.policy.import.prefixes.n = 1;
	rib_in_refilter(&f.r, &f.self);
	assert_int_equal(f.r.n, 1);
	assert_true(prefix_equal(&f.last.prefix, &f.list[1].prefix));
	rib_in_clear(&f.r);
	rib_in_forget(&f.r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(routes_come_change_and_go),
	    cmocka_unit_test(withdrawn_and_announced_counts_as_announced),
	    cmocka_unit_test(a_refused_route_takes_the_old_one_with_it),
	    cmocka_unit_test(treat_as_withdraw_withdraws_all),
	    cmocka_unit_test(the_maximum_is_not_exceeded),
	    cmocka_unit_test(a_shorter_list_drops_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
