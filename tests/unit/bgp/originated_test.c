/* SPDX-License-Identifier: ISC */
/* Who wants what announced to whom, against a model that keeps it plainly. */
#include "../addresses.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/speaker.h"

static const char *const peers[] = {"a", "b", "c"};
static const char *const sources[] = {"exabgp:x", "block", "exabgp:y"};
static const enum bgp_rank ranks[] = {BGP_RANK_PROCESS, BGP_RANK_OPERATOR,
				      BGP_RANK_PROCESS};

struct fixture {
	uv_loop_t loop;
	struct bgp *bgp;
};

static int
begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct bgp_settings s = {.loop = &f->loop};

	uv_loop_init(&f->loop);
	f->bgp = bgp_new(&s);
	*state = f;
	return 0;
}

static int
finish(void **state)
{
	struct fixture *f = *state;

	bgp_free(f->bgp);
	uv_run(&f->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&f->loop), 0);
	free(f);
	return 0;
}

static struct bgp_origination
origination(unsigned source, const char *prefix, const struct bgp_attributes *a,
	    const char *const *to, size_t n)
{
	struct prefix p = prefix_of(prefix);

	return (struct bgp_origination){
	    .source = sources[source],
	    .rank = ranks[source],
	    .nlri = nlri_of_prefix(&p),
	    .attributes = a,
	    .peers = to,
	    .n_peers = n,
	};
}

static uint32_t
med_for(const struct bgp *bgp, const char *prefix, const char *peer)
{
	struct prefix p = prefix_of(prefix);
	struct bgp_nlri nlri = nlri_of_prefix(&p);
	const struct bgp_attributes *a;
	const struct originated *o;

	for (o = bgp->originated.all; o; o = o->hh.next)
		if (prefix_equal(&o->nlri->value.prefix, &nlri.prefix))
			break;
	a = o ? originated_for(o, peer) : NULL;
	return a ? a->med : 0;
}

static int
announce(struct bgp *bgp, unsigned source, uint32_t med, const char *peer)
{
	struct bgp_attributes a = {.has_med = true, .med = med};
	struct bgp_origination o =
	    origination(source, "192.0.2.1/32", &a, &peer, peer != NULL);

	return bgp_originate(bgp, &o);
}

static int
withdraw(struct bgp *bgp, unsigned source, const char *peer)
{
	struct bgp_origination o =
	    origination(source, "192.0.2.1/32", NULL, &peer, peer != NULL);

	return bgp_withdraw_origination(bgp, &o);
}

static void
each_peer_has_its_own(void **state)
{
	struct bgp *bgp = ((struct fixture *)*state)->bgp;

	assert_int_equal(announce(bgp, 0, 1, NULL), 0);
	assert_int_equal(announce(bgp, 0, 2, "b"), 0);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "a"), 1);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "b"), 2);
	assert_int_equal(withdraw(bgp, 0, "a"), 0);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "a"), 0);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "c"), 1);
	assert_int_equal(bgp_originations(bgp, sources[0]), 1);
	assert_int_equal(withdraw(bgp, 0, NULL), 0);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "b"), 0);
	assert_int_equal(bgp_originations(bgp, NULL), 0);
	assert_int_equal(withdraw(bgp, 0, NULL), -ENOENT);
}

static void
an_operator_stands_before_a_process(void **state)
{
	struct bgp *bgp = ((struct fixture *)*state)->bgp;

	assert_int_equal(announce(bgp, 0, 1, NULL), 0);
	assert_int_equal(announce(bgp, 1, 9, "a"), 0);
	assert_int_equal(announce(bgp, 2, 5, NULL), 0);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "a"), 9);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "b"), 1);
	assert_int_equal(bgp_withdraw_source(bgp, sources[0]), 1);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "b"), 5);
	assert_int_equal(bgp_withdraw_source(bgp, sources[1]), 1);
	assert_int_equal(med_for(bgp, "192.0.2.1/32", "a"), 5);
	assert_int_equal(bgp_withdraw_source(bgp, sources[1]), 0);
	assert_int_equal(bgp_originations(bgp, NULL), 1);
}

static void
what_cannot_be_sent_is_refused(void **state)
{
	struct bgp *bgp = ((struct fixture *)*state)->bgp;
	struct bgp_attributes a = {.has_as_path = true, .n_as_path = 1};
	struct bgp_origination o = origination(0, "192.0.2.1/32", &a, NULL, 0);

	/* AS number 0 (RFC 7607). */
	assert_int_equal(bgp_originate(bgp, &o), -EINVAL);
	a.as_path[0] = 65000;
	o.nlri.family = BGP_FAMILY_IPV6;
	assert_int_equal(bgp_originate(bgp, &o), -EINVAL);
	assert_int_equal(bgp_originations(bgp, NULL), 0);
}

/* ---- against a model ---- */

struct model {
	uint32_t med[3][3]; /* of source, for peer; 0: none */
	int since[3];       /* step at which the source came; -1: not there */
};

static uint32_t
model_for(const struct model *m, unsigned peer)
{
	int best = -1;

	for (int s = 0; s < 3; s++) {
		if (!m->med[s][peer])
			continue;
		if (best < 0 || ranks[s] < ranks[best] ||
		    (ranks[s] == ranks[best] && m->since[s] < m->since[best]))
			best = s;
	}
	return best < 0 ? 0 : m->med[best][peer];
}

static void
model_step(struct model *m, int step, unsigned source, uint32_t med, int peer)
{
	bool any = false;

	for (int p = 0; p < 3; p++)
		if (peer < 0 || peer == p)
			m->med[source][p] = med;
	for (int p = 0; p < 3; p++)
		any |= m->med[source][p] != 0;
	if (any && m->since[source] < 0)
		m->since[source] = step;
	/* A source that names each peer away from its rest has a rest yet. */
	if (!any && peer < 0)
		m->since[source] = -1;
}

static void
any_order_ends_in_what_is_wanted(void **state)
{
	struct bgp *bgp = ((struct fixture *)*state)->bgp;
	struct model m = {.since = {-1, -1, -1}};

	srand(7);
	for (int step = 0; step < 20000; step++) {
		unsigned source = (unsigned)rand() % 3;
		int peer = rand() % 4 - 1;
		uint32_t med = rand() % 3 ? (uint32_t)(rand() % 5 + 1) : 0;
		const char *name = peer < 0 ? NULL : peers[peer];

		/* Ages are compared only where the model knows them. */
		if (step % 50 == 0) {
			for (unsigned s = 0; s < 3; s++) {
				bgp_withdraw_source(bgp, sources[s]);
				model_step(&m, step, s, 0, -1);
			}
			for (unsigned s = 0; s < 3; s++) {
				assert_int_equal(announce(bgp, s, 1, NULL), 0);
				model_step(&m, step * 3 + (int)s, s, 1, -1);
			}
		}
		if (med)
			assert_int_equal(announce(bgp, source, med, name), 0);
		else if (name)
			(void)!withdraw(bgp, source, name);
		if (med || name)
			model_step(&m, step, source, med, peer);
		for (unsigned p = 0; p < 3; p++)
			assert_int_equal(med_for(bgp, "192.0.2.1/32", peers[p]),
					 model_for(&m, p));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(each_peer_has_its_own, begin,
					    finish),
	    cmocka_unit_test_setup_teardown(an_operator_stands_before_a_process,
					    begin, finish),
	    cmocka_unit_test_setup_teardown(what_cannot_be_sent_is_refused,
					    begin, finish),
	    cmocka_unit_test_setup_teardown(any_order_ends_in_what_is_wanted,
					    begin, finish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
