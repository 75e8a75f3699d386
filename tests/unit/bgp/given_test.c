/* SPDX-License-Identifier: ISC */
/* Attributes that somebody has given: what becomes of them on a session. */
#include "../addresses.h"

#include <string.h>

#include "base/text.h"
#include "bgp/bgp.h"
#include "bgp/path.h"
#include "bgp/rib_out.h"
#include "wire/bgp_flow.h"

struct fixture {
	struct conf_peer peer;
	struct path_session s;
	struct bgp_attributes given, out;
};

static struct fixture
over_ipv4(void)
{
	return (struct fixture){
	    .peer = {.asn = 65002, .local_asn = 65001},
	    .s = {.local = ip_of("10.0.0.1"), .remote = ip_of("10.0.0.2")},
	};
}

static const char *
complete(struct fixture *f, unsigned family)
{
	f->s.peer = &f->peer;
	return path_complete(&f->s, family, &f->given, &f->out);
}

/* ---- OTC (RFC 9234 section 5) ---- */

static const struct {
	enum conf_role role;
	bool adds, passes;
} roles[] = {
    {CONF_ROLE_NONE, false, true},       {CONF_ROLE_PROVIDER, true, true},
    {CONF_ROLE_CUSTOMER, false, false},  {CONF_ROLE_RS, true, true},
    {CONF_ROLE_RS_CLIENT, false, false}, {CONF_ROLE_PEER, true, false},
};

static void
without_otc_it_is_added_by_role(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct fixture f = over_ipv4();

		f.peer.policy.role = roles[i].role;
		assert_null(complete(&f, BGP_FAMILY_IPV4));
		assert_int_equal(f.out.has_otc, roles[i].adds);
		assert_int_equal(f.out.otc, roles[i].adds ? 65001 : 0);
		f.s.ibgp = true;
		assert_null(complete(&f, BGP_FAMILY_IPV4));
		assert_false(f.out.has_otc);
	}
}

static void
with_otc_it_goes_down_only(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct fixture f = over_ipv4();
		const char *why;

		f.peer.policy.role = roles[i].role;
		f.given.has_otc = true;
		f.given.otc = 65009;
		why = complete(&f, BGP_FAMILY_IPV4);
		if (roles[i].passes) {
			assert_null(why);
			assert_int_equal(f.out.otc, 65009);
		} else {
			assert_string_equal(why, "its OTC forbids it to this "
						 "neighbour (RFC 9234)");
		}
	}
}

static void
inside_the_as_otc_forbids_nothing(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct fixture f = over_ipv4();

		f.peer.policy.role = roles[i].role;
		f.s.ibgp = true;
		f.given.has_otc = true;
		f.given.otc = 65009;
		assert_null(complete(&f, BGP_FAMILY_IPV4));
		assert_true(f.out.has_otc);
		assert_int_equal(f.out.otc, 65009);
	}
}

/* It is of unicast routes only. */
static void
flow_specifications_have_no_rule_of_otc(void **state)
{
	struct fixture f = over_ipv4();

	f.peer.policy.role = CONF_ROLE_CUSTOMER;
	f.given.has_otc = true;
	f.given.otc = 65009;
	assert_null(complete(&f, BGP_FAMILY_FLOW4));
}

/* ---- the length of a message (RFC 4271 section 9.2, RFC 8654) ---- */

static void
as_much_as_there_is(struct bgp_attributes *a, uint16_t path)
{
	a->has_med = a->has_as_path = a->atomic_aggregate = true;
	a->has_aggregator = a->has_otc = true;
	a->aggregator_asn = a->otc = 4200000000;
	a->n_as_path = path;
	a->n_communities = a->n_ext_communities = BGP_COMMUNITIES_MAX;
	a->n_large_communities = BGP_COMMUNITIES_MAX;
	for (uint32_t i = 0; i < BGP_COMMUNITIES_MAX; i++) {
		a->as_path[i] = 4200000000 + i;
		a->communities[i] = i + 1;
		a->ext_communities[i] = UINT64_C(0x0002000000010000) + i;
		memset(&a->large_communities[i], (int)i + 1,
		       sizeof(a->large_communities[i]));
	}
}

static void
longest_flow(struct bgp_flow *flow)
{
	struct text text = {0}, error = {0};

	text_add(&text, "dst 2001:db8::1 src 2001:db8::2 label");
	for (unsigned i = 0; i < BGP_FLOW_TERMS_MAX; i++)
		text_addf(&text, " %u", 1000000 + i);
	assert_int_equal(
	    bgp_parse_flow(text_str(&text), AF_INET6, flow, &error), 0);
	text_free(&text);
}

/*
 * Whatever may be given has a message of 4096 octets: no route of ours is
 * withheld from a session for want of extended messages.
 */
static void
the_most_that_is_given_fits(void **state)
{
	struct prefix p = prefix_of("2001:db8::1/128");
	struct bgp_nlri nlri = nlri_of_prefix(&p);
	struct bgp_flow flow;
	uint8_t buf[BGP_EXTENDED_MAX];

	longest_flow(&flow);
	for (unsigned i = 0; i < 16; i++) {
		struct bgp_session_facts facts = {
		    .as4 = i & 1,
		    .ibgp = i & 2,
		    .families = BGP_FAMILY_IPV6 | BGP_FAMILY_FLOW6,
		    .extended_message = i & 4,
		};
		struct fixture f = over_ipv4();
		size_t n;

		f.s.ibgp = facts.ibgp;
		f.s.local = ip_of("2001:db8::3");
		as_much_as_there_is(&f.given, BGP_AS_PATH_MAX - 1);
		if (i & 8) {
			nlri.family = BGP_FAMILY_FLOW6;
			nlri.flow = &flow;
		}
		assert_null(complete(&f, nlri.family));
		n = rib_out_pack_one(&nlri, &f.out, &facts, buf, sizeof(buf));
		assert_in_range(n, 1500, BGP_MESSAGE_MAX);
	}
}

static void
a_longer_path_is_withheld_with_its_reason(void **state)
{
	struct fixture f = over_ipv4();

	as_much_as_there_is(&f.given, BGP_AS_PATH_MAX);
	assert_string_equal(complete(&f, BGP_FAMILY_IPV4),
			    "its AS_PATH is too long");
	f.s.ibgp = true; /* nothing is put before it */
	assert_null(complete(&f, BGP_FAMILY_IPV4));
}

static void
nothing(void *arg, const struct bgp_nlri *nlri, bool announced)
{
}

static size_t
announce(struct rib_out *r, struct fixture *f, struct nlri *nlri,
	 const struct bgp_session_facts *facts)
{
	static uint8_t buf[RIB_OUT_EXTENDED];
	static uint64_t offset;
	unsigned messages;
	size_t n;

	rib_out_want_extra(r, nlri,
			   path_intern(&r->paths, BGP_FAMILY_IPV4, &f->out));
	n = rib_out_pack(r, facts, buf, sizeof(buf), offset, &messages);
	offset += n;
	rib_out_written(r, offset, (struct mono){1});
	return n;
}

/* RFC 8654 section 4: a route that no message can say any more is withdrawn. */
static void
what_no_message_can_say_is_withdrawn(void **state)
{
	struct bgp_session_facts facts = {.as4 = true,
					  .families = BGP_FAMILY_IPV4};
	struct prefix p = prefix_of("192.0.2.1/32");
	struct bgp_nlri value = nlri_of_prefix(&p);
	struct fixture f = over_ipv4();
	struct conf conf = {0};
	struct rib_out *r = rib_out_new(&conf, BGP_FAMILY_IPV4, nothing, NULL);
	struct nlri *nlri = nlri_new(&value);

	assert_null(complete(&f, BGP_FAMILY_IPV4));
	assert_true(announce(r, &f, nlri, &facts) > 0);
	assert_int_equal(r->announced, 1);
	f.out.as_path[0] = 0;
	assert_true(announce(r, &f, nlri, &facts) > 0);
	assert_int_equal(r->announced, 0);
	assert_int_equal(r->unsendable, 1);
	nlri_unref(nlri);
	rib_out_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_otc_it_is_added_by_role),
	    cmocka_unit_test(with_otc_it_goes_down_only),
	    cmocka_unit_test(inside_the_as_otc_forbids_nothing),
	    cmocka_unit_test(flow_specifications_have_no_rule_of_otc),
	    cmocka_unit_test(the_most_that_is_given_fits),
	    cmocka_unit_test(a_longer_path_is_withheld_with_its_reason),
	    cmocka_unit_test(what_no_message_can_say_is_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
