/* SPDX-License-Identifier: ISC */
/* RFC 5880 section 6.8 in virtual time, against a neighbour played by hand. */
#include "../test.h"

#include "base/text.h"
#include "bfd/machine.h"

#define MINE 0x11111111U
#define YOUR 0x22222222U

static const struct machine_settings fast = {10000, 10000, 3, false};

struct play {
	struct machine m;
	struct mono now;
};

static struct play
begin(const struct machine_settings *s)
{
	struct play p = {.now = {1000000000}};

	machine_init(&p.m, s, MINE, 42, p.now);
	return p;
}

static struct bfd_packet
packet(enum bfd_state state)
{
	return (struct bfd_packet){
	    .state = (uint8_t)state,
	    .detect_mult = 3,
	    .my_discriminator = YOUR,
	    .your_discriminator = MINE,
	    .desired_min_tx = 10000,
	    .required_min_rx = 10000,
	};
}

static unsigned
hear(struct play *p, enum bfd_state state)
{
	struct bfd_packet k = packet(state);

	return machine_receive(&p->m, &k, p->now);
}

static void
pass(struct play *p, int64_t us)
{
	p->now = mono_add(p->now, dur_us(us));
}

static struct bfd_packet
say(struct play *p, bool final)
{
	struct bfd_packet k;

	machine_packet(&p->m, final, &k);
	machine_sent(&p->m, p->now);
	return k;
}

static struct play
up(const struct machine_settings *s)
{
	struct play p = begin(s);
	struct bfd_packet final = packet(BFD_STATE_UP);

	assert_int_equal(hear(&p, BFD_STATE_DOWN), MACHINE_SEND);
	assert_int_equal(p.m.state, BFD_STATE_INIT);
	assert_int_equal(hear(&p, BFD_STATE_INIT), MACHINE_SEND);
	assert_int_equal(p.m.state, BFD_STATE_UP);
	assert_true(say(&p, false).poll);
	final.final = true;
	machine_receive(&p.m, &final, p.now);
	assert_false(p.m.polling);
	return p;
}

static void
the_handshake_brings_it_up(void **state)
{
	struct play p = begin(&fast);
	struct bfd_packet k = say(&p, false);

	assert_int_equal(k.state, BFD_STATE_DOWN);
	assert_int_equal(k.my_discriminator, MINE);
	assert_int_equal(k.your_discriminator, 0);
	assert_int_equal(k.desired_min_tx, 1000000);
	p = up(&fast);
	k = say(&p, false);
	assert_int_equal(k.state, BFD_STATE_UP);
	assert_int_equal(k.your_discriminator, YOUR);
	assert_int_equal(k.desired_min_tx, 10000);
	assert_int_equal(k.diag, BFD_DIAG_NONE);
	assert_false(k.demand || k.control_plane_independent);
	assert_int_equal(p.m.ups, 1);
}

/* Section 6.2: what each state does with each that is heard. */
static void
states_follow_the_diagram(void **state)
{
	static const enum bfd_state heard[] = {
	    BFD_STATE_ADMIN_DOWN, BFD_STATE_DOWN, BFD_STATE_INIT, BFD_STATE_UP};
	static const struct {
		enum bfd_state from, to[4];
	} rows[] = {
	    {BFD_STATE_DOWN,
	     {BFD_STATE_DOWN, BFD_STATE_INIT, BFD_STATE_UP, BFD_STATE_DOWN}},
	    {BFD_STATE_INIT,
	     {BFD_STATE_DOWN, BFD_STATE_INIT, BFD_STATE_UP, BFD_STATE_UP}},
	    {BFD_STATE_UP,
	     {BFD_STATE_DOWN, BFD_STATE_DOWN, BFD_STATE_UP, BFD_STATE_UP}},
	    {BFD_STATE_ADMIN_DOWN,
	     {BFD_STATE_ADMIN_DOWN, BFD_STATE_ADMIN_DOWN, BFD_STATE_ADMIN_DOWN,
	      BFD_STATE_ADMIN_DOWN}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (size_t k = 0; k < ARRAY_LEN(heard); k++) {
			struct play p = begin(&fast);

			if (rows[i].from == BFD_STATE_ADMIN_DOWN)
				machine_disable(&p.m, p.now);
			if (rows[i].from == BFD_STATE_INIT)
				hear(&p, BFD_STATE_DOWN);
			if (rows[i].from == BFD_STATE_UP)
				hear(&p, BFD_STATE_INIT);
			assert_int_equal(p.m.state, rows[i].from);
			hear(&p, heard[k]);
			assert_int_equal(p.m.state, rows[i].to[k]);
		}
}

static void
silence_expires_after_the_detection_time(void **state)
{
	struct play p = up(&fast);
	struct bfd_packet k;

	assert_int_equal(machine_detection_time(&p.m).ns, 30000000);
	pass(&p, 29999);
	machine_tick(&p.m, p.now);
	assert_int_equal(p.m.state, BFD_STATE_UP);
	pass(&p, 1);
	assert_true(machine_tick(&p.m, p.now) & MACHINE_SEND);
	assert_int_equal(p.m.state, BFD_STATE_DOWN);
	k = say(&p, false);
	assert_int_equal(k.diag, BFD_DIAG_TIME_EXPIRED);
	assert_int_equal(k.your_discriminator, 0); /* section 6.8.1 */
	assert_int_equal(k.desired_min_tx, 1000000);
	assert_int_equal(p.m.reason, MACHINE_EXPIRED);
	assert_int_equal(p.m.downs, 1);
}

/* The slower side decides, with the neighbour's multiplier (6.8.4). */
static void
the_detection_time_is_the_neighbours_multiplier(void **state)
{
	struct play p = up(&fast);
	struct bfd_packet k = packet(BFD_STATE_UP);

	k.detect_mult = 5;
	k.desired_min_tx = 50000;
	machine_receive(&p.m, &k, p.now);
	assert_int_equal(machine_detection_time(&p.m).ns, 250000000);
	k.desired_min_tx = 1000;
	machine_receive(&p.m, &k, p.now);
	assert_int_equal(machine_detection_time(&p.m).ns, 50000000);
}

static void
a_packet_that_was_late_to_be_read_counts_when_it_came(void **state)
{
	struct play p = up(&fast);
	struct mono came = mono_add(p.now, dur_us(9000));
	struct bfd_packet k = packet(BFD_STATE_UP);

	pass(&p, 35000);
	machine_receive(&p.m, &k, came);
	machine_tick(&p.m, p.now);
	assert_int_equal(p.m.state, BFD_STATE_UP);
	p.now = mono_add(came, dur_us(30000));
	machine_tick(&p.m, p.now);
	assert_int_equal(p.m.state, BFD_STATE_DOWN);
}

static void
who_could_not_look_waits_one_interval_more(void **state)
{
	struct play p = up(&fast);

	pass(&p, 500000);
	machine_forgive(&p.m, p.now);
	machine_tick(&p.m, p.now);
	assert_int_equal(p.m.state, BFD_STATE_UP);
	pass(&p, 10000);
	machine_tick(&p.m, p.now);
	assert_int_equal(p.m.state, BFD_STATE_DOWN);
}

static void
the_interval_is_jittered(void **state)
{
	struct machine_settings one = {10000, 10000, 1, false};

	for (int mult = 1; mult <= 3; mult += 2) {
		struct play p = up(mult == 1 ? &one : &fast);
		int64_t least = INT64_MAX, most = 0;

		for (int i = 0; i < 2000; i++) {
			int64_t ns;

			machine_sent(&p.m, p.now);
			ns = mono_sub(p.m.next_tx, p.now).ns;
			least = ns < least ? ns : least;
			most = ns > most ? ns : most;
		}
		assert_in_range(least, 7500000, 7600000);
		if (mult == 1)
			assert_in_range(most, 8900000, 9000000);
		else
			assert_in_range(most, 9900000, 10000000);
	}
}

static void
a_poll_is_answered_at_once(void **state)
{
	struct play p = up(&fast);
	struct bfd_packet k = packet(BFD_STATE_UP), answer;

	k.poll = true;
	assert_int_equal(machine_receive(&p.m, &k, p.now), MACHINE_SEND_FINAL);
	answer = say(&p, true);
	assert_true(answer.final);
	assert_false(answer.poll);
	p = begin(&fast);
	k.state = BFD_STATE_DOWN;
	k.your_discriminator = 0;
	assert_int_equal(machine_receive(&p.m, &k, p.now), MACHINE_SEND_FINAL);
}

/* Section 6.8.3: slower sending, faster listening wait for the Final. */
static void
a_change_waits_for_its_poll(void **state)
{
	const struct machine_settings slow = {40000, 5000, 3, false};
	struct play p = up(&fast);
	struct bfd_packet k = packet(BFD_STATE_UP);

	k.desired_min_tx = 1000;
	k.required_min_rx = 1000;
	machine_receive(&p.m, &k, p.now);
	assert_int_equal(machine_configure(&p.m, &slow, p.now), MACHINE_SEND);
	assert_true(p.m.polling);
	assert_int_equal(machine_interval(&p.m).ns, 10000000);
	assert_int_equal(machine_detection_time(&p.m).ns, 30000000);
	assert_int_equal(say(&p, false).desired_min_tx, 40000);
	k.final = true;
	machine_receive(&p.m, &k, p.now);
	assert_false(p.m.polling);
	assert_int_equal(machine_interval(&p.m).ns, 40000000);
	assert_int_equal(machine_detection_time(&p.m).ns, 15000000);
}

static void
a_demand_is_answered_with_silence(void **state)
{
	struct play p = up(&fast);
	struct bfd_packet k = packet(BFD_STATE_UP);

	k.demand = true;
	machine_receive(&p.m, &k, p.now);
	assert_int_equal(machine_interval(&p.m).ns, 0);
	assert_true(mono_is_never(p.m.next_tx));
	k.poll = true;
	assert_int_equal(machine_receive(&p.m, &k, p.now), MACHINE_SEND_FINAL);
	k.poll = k.demand = false;
	machine_receive(&p.m, &k, p.now);
	assert_false(mono_is_never(p.m.next_tx));
}

static void
who_wants_no_packets_gets_none(void **state)
{
	struct play p = up(&fast);
	struct bfd_packet k = packet(BFD_STATE_UP);

	k.required_min_rx = 0;
	machine_receive(&p.m, &k, p.now);
	assert_true(mono_is_never(p.m.next_tx));
}

static void
a_neighbour_that_switches_off_is_no_failure(void **state)
{
	struct play p = up(&fast);

	assert_int_equal(hear(&p, BFD_STATE_ADMIN_DOWN), MACHINE_SEND);
	assert_int_equal(p.m.state, BFD_STATE_DOWN);
	assert_int_equal(p.m.diag, BFD_DIAG_NEIGHBOR_DOWN);
	assert_int_equal(p.m.reason, MACHINE_REMOTE_ADMIN);
	assert_int_equal(p.m.down_reason, MACHINE_REMOTE_ADMIN);
}

static void
switched_off_here_it_says_so(void **state)
{
	struct play p = up(&fast);
	struct bfd_packet k;

	assert_int_equal(machine_disable(&p.m, p.now), MACHINE_SEND);
	k = say(&p, false);
	assert_int_equal(k.state, BFD_STATE_ADMIN_DOWN);
	assert_int_equal(k.diag, BFD_DIAG_ADMIN_DOWN);
	assert_int_equal(hear(&p, BFD_STATE_DOWN), 0);
	assert_int_equal(machine_enable(&p.m, p.now), MACHINE_SEND);
	assert_int_equal(p.m.state, BFD_STATE_DOWN);
}

static void
who_is_passive_waits_to_be_spoken_to(void **state)
{
	const struct machine_settings passive = {10000, 10000, 3, true};
	struct play p = begin(&passive);

	assert_true(mono_is_never(machine_deadline(&p.m)));
	assert_int_equal(hear(&p, BFD_STATE_DOWN), MACHINE_SEND);
	assert_false(mono_is_never(machine_deadline(&p.m)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_handshake_brings_it_up),
	    cmocka_unit_test(states_follow_the_diagram),
	    cmocka_unit_test(silence_expires_after_the_detection_time),
	    cmocka_unit_test(the_detection_time_is_the_neighbours_multiplier),
	    cmocka_unit_test(
		a_packet_that_was_late_to_be_read_counts_when_it_came),
	    cmocka_unit_test(who_could_not_look_waits_one_interval_more),
	    cmocka_unit_test(the_interval_is_jittered),
	    cmocka_unit_test(a_poll_is_answered_at_once),
	    cmocka_unit_test(a_change_waits_for_its_poll),
	    cmocka_unit_test(a_demand_is_answered_with_silence),
	    cmocka_unit_test(who_wants_no_packets_gets_none),
	    cmocka_unit_test(a_neighbour_that_switches_off_is_no_failure),
	    cmocka_unit_test(switched_off_here_it_says_so),
	    cmocka_unit_test(who_is_passive_waits_to_be_spoken_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
