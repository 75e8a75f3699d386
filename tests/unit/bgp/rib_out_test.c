/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/rib_out.h"

#define MANY 3000

/* What a peer makes of the stream: the routes it has. */
struct peer_sees {
	struct prefix prefix[MANY];
	uint32_t med[MANY];
	bool has[MANY];
	size_t n; /* prefixes ever seen */
	unsigned announces, withdraws, end_of_ribs;
	bool announced_before_withdraw;
};

struct fixture {
	struct conf conf;
	struct conf_prefix prefixes[MANY];
	struct index index;
	struct rib_out *r;
	struct path_session session;
	struct conf_peer peer;
	struct bgp_session_facts facts;
	uint64_t offset;
	unsigned told_sent, told_gone;
	struct peer_sees sees;
};

static void
on_sent(void *arg, const struct bgp_nlri *nlri, bool announced)
{
	struct fixture *f = arg;

	f->told_sent += announced;
	f->told_gone += !announced;
}

/* 10.x.y.0/24 */
static struct prefix
nth(unsigned i)
{
	struct ip ip = ip_from_v4(0x0a000000 + i * 256);

	return (struct prefix){ip, 24};
}

static void
set_prefixes(struct fixture *f, unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		f->prefixes[i] = (struct conf_prefix){.prefix = nth(first + i)};
	f->conf.prefixes = f->prefixes;
	f->conf.n_prefixes = n;
	index_free(&f->index);
	index_build(&f->index, &f->conf);
}

static struct fixture *
begin(unsigned n)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->peer = (struct conf_peer){
	    .asn = 65002, .local_asn = 65001, .med_set = true};
	f->session.peer = &f->peer;
	f->session.local = ip_from_v4(0xc0000201);
	f->facts = (struct bgp_session_facts){.as4 = true,
					      .families = BGP_FAMILY_IPV4};
	set_prefixes(f, 0, n);
	f->r = rib_out_new(&f->conf, BGP_FAMILY_IPV4, on_sent, f);
	return f;
}

static void
end(struct fixture *f)
{
	rib_out_free(f->r);
	index_free(&f->index);
	free(f);
}

/* med 0: withdraw */
static void
want(struct fixture *f, uint32_t id, uint32_t med)
{
	const char *why = NULL;

	if (f->peer.med != med)
		path_forget(&f->r->paths);
	f->peer.med = med;
	rib_out_want(f->r, id,
		     med ? path_for(&f->r->paths, &f->session, &f->prefixes[id],
				    CONF_RUNG_HEALTHY, &why)
			 : NULL);
	assert_null(why);
}

static size_t
slot_of(struct peer_sees *s, const struct prefix *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (prefix_equal(&s->prefix[i], p))
			return i;
	s->prefix[s->n] = *p;
	return s->n++;
}

static void
see_list(struct peer_sees *s, struct rbuf list, bool has, uint32_t med)
{
	struct prefix p;

	while (bgp_next_prefix(&list, AF_INET, &p)) {
		size_t i = slot_of(s, &p);

		s->has[i] = has;
		s->med[i] = med;
		s->announces += has;
		s->withdraws += !has;
		s->announced_before_withdraw |= !has && s->announces;
	}
}

static void
see(struct fixture *f, const uint8_t *octets, size_t n)
{
	struct bgp_verdict v;
	struct bgp_update u;
	uint8_t type;
	int len;

	while ((len = bgp_frame(octets, n, BGP_MESSAGE_MAX, &type, &v)) > 0) {
		assert_int_equal(type, BGP_UPDATE);
		v = bgp_decode_update(octets, (size_t)len, &f->facts, &u);
		assert_int_equal(v.action, BGP_ACCEPT);
		f->sees.end_of_ribs += u.end_of_rib != 0;
		see_list(&f->sees, u.withdrawn, false, 0);
		see_list(&f->sees, u.nlri, true, u.attributes.med);
		octets += len;
		n -= (size_t)len;
	}
	assert_int_equal(n, 0);
}

/* Packs one batch; the peer sees it. Returns the octets. */
static size_t
pack(struct fixture *f)
{
	static uint8_t buf[RIB_OUT_BATCH];
	unsigned messages;
	size_t n = rib_out_pack(f->r, &f->facts, buf, sizeof(buf), f->offset,
				&messages);

	see(f, buf, n);
	f->offset += n;
	return n;
}

static void
written(struct fixture *f)
{
	rib_out_written(f->r, f->offset, (struct mono){f->offset > 0});
}

static void
flush(struct fixture *f)
{
	while (pack(f))
		written(f);
	assert_true(rib_out_idle(f->r));
}

static unsigned
count_seen(const struct fixture *f)
{
	unsigned n = 0;

	for (size_t i = 0; i < f->sees.n; i++)
		n += f->sees.has[i];
	return n;
}

static void
everything_arrives_in_few_messages(void **state)
{
	struct fixture *f = begin(MANY);
	uint64_t octets;

	for (uint32_t i = 0; i < MANY; i++)
		want(f, i, 7);
	assert_int_equal(f->r->pending, MANY);
	flush(f);
	octets = f->offset;
	assert_int_equal(count_seen(f), MANY);
	assert_int_equal(f->told_sent, MANY);
	assert_int_equal(f->r->announced, MANY);
	assert_int_equal(f->r->pending, 0);
	assert_int_equal(f->sees.end_of_ribs, 1);
	assert_true(octets < MANY * 4 + 5 * 100); /* four octets a prefix */
	for (uint32_t i = 0; i < MANY; i++)
		want(f, i, 0);
	flush(f);
	assert_int_equal(count_seen(f), 0);
	assert_int_equal(f->told_gone, MANY);
	assert_int_equal(f->r->announced, 0);
	end(f);
}

static void
end_of_rib_is_sent_without_routes(void **state)
{
	struct fixture *f = begin(1);

	assert_false(rib_out_idle(f->r));
	flush(f);
	assert_int_equal(f->sees.end_of_ribs, 1);
	end(f);
}

static void
withdrawals_go_first(void **state)
{
	struct fixture *f = begin(4);

	want(f, 0, 7);
	flush(f);
	memset(&f->sees, 0, sizeof(f->sees));
	want(f, 1, 7);
	want(f, 2, 8);
	want(f, 0, 0);
	flush(f);
	assert_int_equal(f->sees.withdraws, 1);
	assert_int_equal(f->sees.announces, 2);
	assert_false(f->sees.announced_before_withdraw);
	end(f);
}

static void
a_change_of_mind_before_packing_sends_nothing(void **state)
{
	struct fixture *f = begin(2);

	flush(f);
	want(f, 0, 7);
	want(f, 0, 0);
	assert_int_equal(f->r->pending, 0);
	assert_int_equal(pack(f), 0);
	want(f, 0, 7);
	flush(f);
	want(f, 0, 0);
	want(f, 0, 7);
	assert_int_equal(pack(f), 0);
	end(f);
}

static void
changed_attributes_replace(void **state)
{
	struct fixture *f = begin(2);

	want(f, 0, 7);
	want(f, 1, 7);
	flush(f);
	want(f, 0, 8);
	flush(f);
	assert_int_equal(f->sees.announces, 3);
	assert_int_equal(f->sees.withdraws, 0);
	assert_int_equal(f->sees.med[0], 8);
	assert_int_equal(f->sees.med[1], 7);
	assert_int_equal(f->r->announced, 2);
	end(f);
}

/* ---- the ladder ---- */

static void
want_on(struct fixture *f, uint32_t id, enum conf_rung rung)
{
	const char *why = NULL;
	struct path *p =
	    path_for(&f->r->paths, &f->session, &f->prefixes[id], rung, &why);

	assert_null(why);
	rib_out_want(f->r, id, p);
}

/* Faster down the ladder than octets are written: the last rung counts. */
static void
rungs_replace_each_other(void **state)
{
	struct fixture *f = begin(2);

	for (int r = 0; r < CONF_RUNG_WITHDRAWN; r++)
		f->peer.ladder[r] =
		    (struct conf_step){.med_set = true, .med = 10 + r};
	want_on(f, 0, CONF_RUNG_HEALTHY);
	want_on(f, 1, CONF_RUNG_HEALTHY);
	flush(f);
	want_on(f, 0, CONF_RUNG_DEGRADED);
	assert_true(pack(f) > 0);
	want_on(f, 0, CONF_RUNG_DRAINING);
	want_on(f, 0, CONF_RUNG_HEALTHY);
	want_on(f, 0, CONF_RUNG_DRAINING);
	written(f);
	flush(f);
	assert_int_equal(f->sees.announces, 4);
	assert_int_equal(f->sees.withdraws, 0);
	assert_int_equal(f->sees.med[0], 10 + CONF_RUNG_DRAINING);
	assert_int_equal(f->sees.med[1], 10);
	/* There and back before anything is packed: not a word. */
	want_on(f, 1, CONF_RUNG_DEGRADED);
	want_on(f, 1, CONF_RUNG_HEALTHY);
	assert_int_equal(pack(f), 0);
	assert_int_equal(f->told_gone, 0);
	assert_int_equal(f->r->announced, 2);
	end(f);
}

static void
sent_means_written(void **state)
{
	struct fixture *f = begin(1);

	want(f, 0, 7);
	assert_true(pack(f) > 0);
	assert_int_equal(f->told_sent, 0);
	assert_null(f->r->entries[0].sent);
	rib_out_written(f->r, 1, (struct mono){1}); /* one octet only */
	assert_int_equal(f->told_sent, 0);
	written(f);
	assert_int_equal(f->told_sent, 1);
	assert_non_null(f->r->entries[0].sent);
	end(f);
}

static void
a_change_in_flight_follows_after_it(void **state)
{
	struct fixture *f = begin(1);

	want(f, 0, 7);
	pack(f);
	want(f, 0, 0);
	assert_int_equal(f->r->pending, 1);
	assert_int_equal(pack(f), 0);
	written(f);
	assert_int_equal(f->told_sent, 1);
	flush(f);
	assert_int_equal(count_seen(f), 0);
	assert_int_equal(f->told_gone, 1);
	end(f);
}

static void
refresh_sends_again(void **state)
{
	struct fixture *f = begin(3);

	want(f, 0, 7);
	want(f, 1, 7);
	flush(f);
	rib_out_resend(f->r, BGP_FAMILY_IPV6);
	assert_int_equal(pack(f), 0);
	rib_out_resend(f->r, BGP_FAMILY_IPV4);
	flush(f);
	assert_int_equal(f->sees.announces, 4);
	assert_int_equal(f->r->announced, 2);
	assert_int_equal(pack(f), 0);
	end(f);
}

static void
new_numbers_send_nothing(void **state)
{
	struct fixture *f = begin(10);

	for (uint32_t i = 0; i < 10; i++)
		want(f, i, 7);
	flush(f);
	set_prefixes(f, 0, 10);
	for (uint32_t i = 0; i < 10; i++) /* the other way round */
		f->prefixes[i].prefix = nth(9 - i);
	index_free(&f->index);
	index_build(&f->index, &f->conf);
	rib_out_renumber(f->r, &f->index);
	for (uint32_t i = 0; i < 10; i++)
		want(f, i, 7);
	assert_int_equal(f->r->pending, 0);
	assert_int_equal(pack(f), 0);
	assert_int_equal(f->r->announced, 10);
	end(f);
}

static void
removed_prefixes_are_withdrawn(void **state)
{
	struct fixture *f = begin(10);
	const struct rib_out_entry *e;
	struct prefix prefix = nth(0);
	struct bgp_nlri gone = nlri_of_prefix(&prefix);

	for (uint32_t i = 0; i < 10; i++)
		want(f, i, 7);
	flush(f);
	set_prefixes(f, 4, 10); /* 0..3 go, 10..13 are new */
	rib_out_renumber(f->r, &f->index);
	assert_int_equal(f->r->pending, 4);
	e = rib_out_find(f->r, &f->index, &gone);
	assert_non_null(e);
	assert_non_null(e->sent);
	flush(f);
	assert_int_equal(count_seen(f), 6);
	assert_int_equal(f->r->announced, 6);
	/* The next configuration forgets what is withdrawn. */
	rib_out_renumber(f->r, &f->index);
	assert_int_equal(f->r->n, 10);
	assert_null(rib_out_find(f->r, &f->index, &gone));
	end(f);
}

static void
a_prefix_may_return_while_it_is_in_flight(void **state)
{
	struct fixture *f = begin(2);

	want(f, 0, 7);
	want(f, 1, 7);
	pack(f);
	set_prefixes(f, 1, 1); /* prefix 0 goes while it is announced */
	rib_out_renumber(f->r, &f->index);
	set_prefixes(f, 0, 2); /* and returns before that is written */
	rib_out_renumber(f->r, &f->index);
	want(f, 0, 7);
	want(f, 1, 7);
	written(f);
	flush(f);
	assert_int_equal(count_seen(f), 2);
	assert_int_equal(f->r->announced, 2);
	assert_int_equal(f->sees.withdraws, 0);
	end(f);
}

static void
want_extra(struct fixture *f, unsigned i, uint32_t med)
{
	struct prefix prefix = nth(i);
	struct bgp_nlri value = nlri_of_prefix(&prefix);
	struct nlri *nlri = nlri_new(&value);
	struct bgp_attributes a = {.has_med = true, .med = med};
	const char *why = NULL;

	rib_out_want_extra(f->r, nlri,
			   med ? path_given(&f->r->paths, &f->session,
					    BGP_FAMILY_IPV4, &a, &why)
			       : NULL);
	assert_null(why);
	nlri_unref(nlri);
}

static void
extras_come_and_go_beside_the_configured(void **state)
{
	struct fixture *f = begin(3);
	uint32_t n;

	for (uint32_t i = 0; i < 3; i++)
		want(f, i, 7);
	for (unsigned i = 100; i < 140; i++)
		want_extra(f, i, 9);
	flush(f);
	assert_int_equal(count_seen(f), 43);
	assert_int_equal(f->r->announced, 43);
	n = f->r->n;
	for (unsigned i = 100; i < 140; i++)
		want_extra(f, i, 0);
	flush(f);
	assert_int_equal(count_seen(f), 3);
	/* Their numbers are used again. */
	for (unsigned i = 200; i < 240; i++)
		want_extra(f, i, 9);
	flush(f);
	assert_int_equal(f->r->n, n);
	assert_int_equal(f->told_gone, 40);
	end(f);
}

/* From one who announces it to the other: one UPDATE, no withdrawal. */
static void
an_extra_becomes_configured_and_back(void **state)
{
	struct fixture *f = begin(1);

	want(f, 0, 7);
	want_extra(f, 1, 9);
	flush(f);
	set_prefixes(f, 0, 2);
	rib_out_renumber(f->r, &f->index);
	want(f, 0, 7);
	want(f, 1, 7);
	flush(f);
	assert_int_equal(f->sees.announces, 3);
	assert_int_equal(f->sees.withdraws, 0);
	set_prefixes(f, 0, 1);
	rib_out_renumber(f->r, &f->index);
	want_extra(f, 1, 9);
	assert_int_equal(f->r->pending, 1);
	flush(f);
	assert_int_equal(f->sees.announces, 4);
	assert_int_equal(f->sees.withdraws, 0);
	assert_int_equal(count_seen(f), 2);
	end(f);
}

static void
the_end_of_the_session_takes_all_back(void **state)
{
	struct fixture *f = begin(5);

	for (uint32_t i = 0; i < 5; i++)
		want(f, i, 7);
	flush(f);
	want(f, 0, 0);
	want(f, 1, 8);
	pack(f);
	rib_out_free(f->r);
	assert_int_equal(f->told_gone, 5);
	f->r = rib_out_new(&f->conf, 0, on_sent, f);
	end(f);
}

/* Whatever order of wishes and writes: in the end the peer has the wishes. */
static void
any_order_ends_in_what_is_wanted(void **state)
{
	struct fixture *f = begin(40);
	uint32_t wish[40] = {0};

	srand(1);
	for (int step = 0; step < 20000; step++) {
		uint32_t id = (uint32_t)rand() % 40;

		wish[id] = (uint32_t)rand() % 4;
		want(f, id, wish[id]);
		if (rand() % 3 == 0)
			pack(f);
		if (rand() % 3 == 0)
			written(f);
		if (rand() % 500 == 0)
			rib_out_renumber(f->r, &f->index);
	}
	written(f);
	flush(f);
	for (size_t i = 0; i < f->sees.n; i++) {
		uint32_t id = index_find(&f->index, &f->sees.prefix[i]);

		assert_int_equal(f->sees.has[i], wish[id] != 0);
		if (wish[id])
			assert_int_equal(f->sees.med[i], wish[id]);
	}
	end(f);
}

static void
an_entry_is_small(void **state)
{
	assert_true(sizeof(struct rib_out_entry) <= 72);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_arrives_in_few_messages),
	    cmocka_unit_test(end_of_rib_is_sent_without_routes),
	    cmocka_unit_test(withdrawals_go_first),
	    cmocka_unit_test(a_change_of_mind_before_packing_sends_nothing),
	    cmocka_unit_test(changed_attributes_replace),
	    cmocka_unit_test(rungs_replace_each_other),
	    cmocka_unit_test(sent_means_written),
	    cmocka_unit_test(a_change_in_flight_follows_after_it),
	    cmocka_unit_test(refresh_sends_again),
	    cmocka_unit_test(new_numbers_send_nothing),
	    cmocka_unit_test(removed_prefixes_are_withdrawn),
	    cmocka_unit_test(a_prefix_may_return_while_it_is_in_flight),
	    cmocka_unit_test(extras_come_and_go_beside_the_configured),
	    cmocka_unit_test(an_extra_becomes_configured_and_back),
	    cmocka_unit_test(the_end_of_the_session_takes_all_back),
	    cmocka_unit_test(any_order_ends_in_what_is_wanted),
	    cmocka_unit_test(an_entry_is_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
