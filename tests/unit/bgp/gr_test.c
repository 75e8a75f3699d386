/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "bgp/gr.h"

#define BOTH (BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6)

static const struct gr_terms plain = {
    .families = BOTH,
    .forwarding = BOTH,
    .restart_time = {60 * INT64_C(1000000000)},
};

static struct mono
at(int64_t s)
{
	return (struct mono){s * INT64_C(1000000000)};
}

static struct gr_actions
up(struct gr *g, struct gr_terms terms, int64_t s)
{
	return gr_step(
	    g, &(struct gr_event){.type = GR_EVENT_UP, .terms = terms}, at(s));
}

static struct gr_actions
lose(struct gr *g, enum gr_loss loss, int64_t s)
{
	return gr_step(g,
		       &(struct gr_event){
			   .type = GR_EVENT_LOST, .loss = loss, .routes = true},
		       at(s));
}

static struct gr_actions
simple(struct gr *g, enum gr_event_type type, unsigned family, int64_t s)
{
	return gr_step(g, &(struct gr_event){.type = type, .family = family},
		       at(s));
}

static struct gr
begun(struct gr_terms terms)
{
	struct gr g;

	gr_init(&g, dur_s(180));
	up(&g, terms, 0);
	return g;
}

static void
nothing_is_stale(const struct gr *g)
{
	assert_int_equal(g->phase, GR_NONE);
	assert_int_equal(g->stale, 0);
	assert_true(mono_is_never(gr_deadline(g)));
}

static void
tcp_loss_keeps_what_the_peer_listed(void **state)
{
	struct gr_terms v4 = plain;
	struct gr g;
	struct gr_actions a;

	v4.families = BGP_FAMILY_IPV4;
	g = begun(v4);
	a = lose(&g, GR_LOSS_TCP, 10);
	assert_true(a.drop_unlisted);
	assert_int_equal(a.keep, BGP_FAMILY_IPV4);
	assert_int_equal(g.phase, GR_WAITING);
	assert_int_equal(gr_deadline(&g).ns, at(70).ns);
}

static void
nothing_is_kept_without_the_capability(void **state)
{
	struct gr g = begun((struct gr_terms){0});
	struct gr_actions a = lose(&g, GR_LOSS_TCP, 10);

	assert_true(a.drop_unlisted);
	assert_int_equal(a.keep, 0);
	nothing_is_stale(&g);
}

static void
nothing_is_waited_for_without_routes(void **state)
{
	struct gr g = begun(plain);

	gr_step(&g, &(struct gr_event){.type = GR_EVENT_LOST}, at(1));
	nothing_is_stale(&g);
}

static void
a_notification_needs_the_n_bit(void **state)
{
	struct gr_terms n = plain;
	struct gr g = begun(plain);

	assert_int_equal(lose(&g, GR_LOSS_NOTIFICATION, 1).keep, 0);
	nothing_is_stale(&g);
	n.notification = true;
	g = begun(n);
	assert_int_equal(lose(&g, GR_LOSS_NOTIFICATION, 1).keep, BOTH);
	g = begun(n);
	assert_int_equal(lose(&g, GR_LOSS_HARD, 1).keep, 0);
	nothing_is_stale(&g);
}

static void
the_restart_time_ends_it(void **state)
{
	struct gr g = begun(plain);

	lose(&g, GR_LOSS_TCP, 10);
	assert_int_equal(simple(&g, GR_EVENT_TIMER, 0, 69).drop_stale, 0);
	assert_int_equal(g.phase, GR_WAITING);
	assert_int_equal(simple(&g, GR_EVENT_TIMER, 0, 70).drop_stale, BOTH);
	nothing_is_stale(&g);
}

static void
families_without_the_f_bit_go_at_once(void **state)
{
	struct gr_terms v4 = plain;
	struct gr g = begun(plain);

	v4.forwarding = BGP_FAMILY_IPV4;
	lose(&g, GR_LOSS_TCP, 10);
	assert_int_equal(up(&g, v4, 20).drop_stale, BGP_FAMILY_IPV6);
	assert_int_equal(g.phase, GR_RESYNCING);
	assert_int_equal(g.stale, BGP_FAMILY_IPV4);
	/* The Restart Time is over with the session, the stale timer runs. */
	assert_int_equal(gr_deadline(&g).ns, at(190).ns);
}

static void
a_session_without_the_capability_keeps_nothing(void **state)
{
	struct gr g = begun(plain);

	lose(&g, GR_LOSS_TCP, 10);
	assert_int_equal(up(&g, (struct gr_terms){0}, 20).drop_stale, BOTH);
	nothing_is_stale(&g);
}

static void
end_of_rib_drops_what_is_left(void **state)
{
	struct gr g = begun(plain);

	lose(&g, GR_LOSS_TCP, 10);
	/* Of the session before: a late event means nothing. */
	assert_int_equal(simple(&g, GR_EVENT_END_OF_RIB, BOTH, 11).drop_stale,
			 0);
	up(&g, plain, 20);
	assert_int_equal(
	    simple(&g, GR_EVENT_END_OF_RIB, BGP_FAMILY_IPV4, 21).drop_stale,
	    BGP_FAMILY_IPV4);
	assert_int_equal(g.phase, GR_RESYNCING);
	assert_int_equal(
	    simple(&g, GR_EVENT_END_OF_RIB, BGP_FAMILY_IPV6, 22).drop_stale,
	    BGP_FAMILY_IPV6);
	nothing_is_stale(&g);
}

static void
the_stale_timer_bounds_all(void **state)
{
	struct gr_terms n = plain;
	struct gr g;

	n.notification = true;
	g = begun(n);
	/* Restarting for ever: 180 s after the first loss it is over. */
	for (int64_t s = 10; s < 180; s += 40) {
		assert_int_equal(lose(&g, GR_LOSS_TCP, s).drop_stale, 0);
		up(&g, n, s + 20);
	}
	assert_int_equal(g.phase, GR_RESYNCING);
	assert_int_equal(gr_deadline(&g).ns, at(190).ns);
	assert_int_equal(simple(&g, GR_EVENT_TIMER, 0, 190).drop_stale, BOTH);
	nothing_is_stale(&g);
}

static void
a_second_restart_drops_what_was_stale(void **state)
{
	struct gr g = begun(plain);
	struct gr_actions a;

	lose(&g, GR_LOSS_TCP, 10);
	up(&g, plain, 20);
	a = lose(&g, GR_LOSS_TCP, 30);
	assert_int_equal(a.drop_stale, BOTH);
	assert_int_equal(a.keep, BOTH);
	assert_int_equal(g.stale_at.ns, at(210).ns);
}

static void
discarding_ends_it(void **state)
{
	struct gr g = begun(plain);

	lose(&g, GR_LOSS_TCP, 10);
	assert_int_equal(simple(&g, GR_EVENT_DISCARD, 0, 11).drop_stale, BOTH);
	nothing_is_stale(&g);
}

/* ---- our own restart ---- */

static void
only_those_with_something_to_say_are_waited_for(void **state)
{
	struct gr_witness w = {.offered = true};

	assert_true(gr_waits_for(&w)); /* not here yet */
	w.established = true;
	assert_false(gr_waits_for(&w)); /* no capability */
	w.capable = true;
	w.missing = BGP_FAMILY_IPV6;
	assert_true(gr_waits_for(&w));
	w.restarted = true; /* it waits for us */
	assert_false(gr_waits_for(&w));
	w.restarted = false;
	w.missing = 0;
	assert_false(gr_waits_for(&w));
	assert_false(gr_waits_for(&(struct gr_witness){0}));
}

static void
the_deferral_ends_once(void **state)
{
	struct gr_self s = {0};

	assert_false(gr_self_step(&s, false, at(1)));
	gr_self_start(&s, dur_s(60), at(1));
	assert_false(gr_self_step(&s, true, at(60)));
	assert_true(gr_self_step(&s, true, at(61)));
	assert_false(gr_self_step(&s, true, at(62)));
	gr_self_start(&s, dur_s(60), at(1));
	assert_true(gr_self_step(&s, false, at(2)));
}

static void
what_is_meant_ends_hard(void **state)
{
	assert_true(gr_is_hard(BGP_ERR_CEASE, BGP_CEASE_ADMIN_SHUTDOWN));
	assert_true(gr_is_hard(BGP_ERR_CEASE, BGP_CEASE_MAX_PREFIX));
	assert_true(gr_is_hard(BGP_ERR_CEASE, BGP_CEASE_BFD_DOWN));
	assert_true(gr_is_hard(BGP_ERR_CEASE, BGP_CEASE_DECONFIGURED));
	assert_false(gr_is_hard(BGP_ERR_CEASE, BGP_CEASE_COLLISION));
	assert_false(gr_is_hard(BGP_ERR_HOLD_TIMER, 0));
	assert_false(gr_is_hard(BGP_ERR_UPDATE, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tcp_loss_keeps_what_the_peer_listed),
	    cmocka_unit_test(nothing_is_kept_without_the_capability),
	    cmocka_unit_test(nothing_is_waited_for_without_routes),
	    cmocka_unit_test(a_notification_needs_the_n_bit),
	    cmocka_unit_test(the_restart_time_ends_it),
	    cmocka_unit_test(families_without_the_f_bit_go_at_once),
	    cmocka_unit_test(a_session_without_the_capability_keeps_nothing),
	    cmocka_unit_test(end_of_rib_drops_what_is_left),
	    cmocka_unit_test(the_stale_timer_bounds_all),
	    cmocka_unit_test(a_second_restart_drops_what_was_stale),
	    cmocka_unit_test(discarding_ends_it),
	    cmocka_unit_test(only_those_with_something_to_say_are_waited_for),
	    cmocka_unit_test(the_deferral_ends_once),
	    cmocka_unit_test(what_is_meant_ends_hard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
