/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include "mesh/session.h"

#define OWN 42 /* our boot */

static struct mono
at_ms(int64_t ms)
{
	return (struct mono){dur_ms(ms).ns + 1};
}

static struct message
message_of(uint64_t boot, uint64_t sequence)
{
	return (struct message){.type = MESSAGE_STATE,
				.boot = boot,
				.for_boot = OWN,
				.sequence = sequence};
}

static enum session_cause
receive(struct session *s, const struct message *m, int64_t ms)
{
	bool anew;

	return session_receive(s, m, OWN, at_ms(ms), &anew);
}

/* A session that believes `boot`, at time 0. */
static struct session
believing(uint64_t boot)
{
	struct session s;
	struct message m = message_of(boot, 1);

	session_init(&s, at_ms(0));
	m.echo = session_nonce(&s, 99, at_ms(0));
	assert_int_equal(receive(&s, &m, 0), SESSION_ACCEPTED);
	return s;
}

static void
a_boot_is_believed_when_it_echoes_a_fresh_nonce(void **state)
{
	struct session s;
	struct message m = message_of(7, 1);
	bool anew;

	session_init(&s, at_ms(0));
	assert_int_equal(receive(&s, &m, 0), SESSION_UNPROVEN);
	m.echo = session_nonce(&s, 99, at_ms(0));
	assert_int_equal(m.echo, 99);
	assert_int_equal(session_receive(&s, &m, OWN, at_ms(5), &anew),
			 SESSION_ACCEPTED);
	assert_true(anew);
	assert_int_equal(dur_to_ms(s.rtt), 5);
	m = message_of(7, 2);
	assert_int_equal(session_receive(&s, &m, OWN, at_ms(6), &anew),
			 SESSION_ACCEPTED);
	assert_false(anew);
}

static void
no_nonce_is_no_proof(void **state)
{
	struct session s;
	struct message m = message_of(7, 1);

	/* Neither is 0 while no nonce is on its way, nor an old one. */
	session_init(&s, at_ms(0));
	assert_int_equal(receive(&s, &m, 0), SESSION_UNPROVEN);
	m.echo = session_nonce(&s, 99, at_ms(0));
	assert_int_equal(receive(&s, &m, 5001), SESSION_UNPROVEN);
	assert_int_equal(session_nonce(&s, 100, at_ms(5001)), 100);
	assert_int_equal(receive(&s, &m, 5001), SESSION_UNPROVEN);
}

static void
a_nonce_is_good_once(void **state)
{
	struct session s = believing(7);
	struct message m = message_of(8, 1);

	m.echo = 99;
	assert_int_equal(receive(&s, &m, 1), SESSION_UNPROVEN);
}

static void
counts_go_up_only(void **state)
{
	struct session s = believing(7);
	struct message five = message_of(7, 5), four = message_of(7, 4);

	assert_int_equal(receive(&s, &five, 1), SESSION_ACCEPTED);
	assert_int_equal(receive(&s, &five, 2), SESSION_REPLAYED);
	assert_int_equal(receive(&s, &four, 2), SESSION_REPLAYED);
	assert_int_equal(s.heard.ns, at_ms(1).ns);
}

static void
an_earlier_process_of_the_node_cannot_come_back(void **state)
{
	struct session s = believing(7);
	struct message m = message_of(8, 1), old = message_of(7, 1000);

	m.echo = session_nonce(&s, 100, at_ms(10));
	assert_int_equal(receive(&s, &m, 10), SESSION_ACCEPTED);
	assert_int_equal(receive(&s, &old, 11), SESSION_UNPROVEN);
	assert_true(s.boot == 8);
}

static void
messages_for_an_earlier_process_of_ours_do_not_count(void **state)
{
	struct session s = believing(7);
	struct message m = message_of(7, 2);

	m.for_boot = OWN - 1;
	assert_int_equal(receive(&s, &m, 1), SESSION_EARLIER);
	m.for_boot = 0;
	assert_int_equal(receive(&s, &m, 1), SESSION_EARLIER);
	m.type = MESSAGE_HELLO;
	assert_int_equal(receive(&s, &m, 1), SESSION_ACCEPTED);
	m.sequence++;
	m.for_boot = OWN - 1;
	assert_int_equal(receive(&s, &m, 1), SESSION_EARLIER);
	m.echo = session_nonce(&s, 3, at_ms(1));
	assert_int_equal(receive(&s, &m, 1), SESSION_ACCEPTED);
}

static void
floods_end_and_pass(void **state)
{
	struct session s = believing(7);
	struct message m = message_of(7, 1);
	unsigned taken = 0;

	do {
		m.sequence++;
		taken++;
	} while (receive(&s, &m, 1) == SESSION_ACCEPTED && taken < 100000);
	assert_in_range(taken, 3000, 5000);
	m.sequence++;
	assert_int_equal(receive(&s, &m, 50), SESSION_FLOOD);
	assert_int_equal(receive(&s, &m, 250), SESSION_ACCEPTED);
}

static void
answers_are_few(void **state)
{
	struct session s = believing(7);
	unsigned n = 0;

	while (session_answers(&s, at_ms(1)) && n < 1000)
		n++;
	assert_in_range(n, 10, 30);
	assert_true(session_answers(&s, at_ms(1000)));
}

static void
silence_begins_after_its_limit(void **state)
{
	struct session s;

	session_init(&s, at_ms(0));
	assert_true(session_silent(&s, dur_s(5), at_ms(0)));
	s = believing(7);
	assert_false(session_silent(&s, dur_s(5), at_ms(4999)));
	assert_true(session_silent(&s, dur_s(5), at_ms(5000)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_boot_is_believed_when_it_echoes_a_fresh_nonce),
	    cmocka_unit_test(no_nonce_is_no_proof),
	    cmocka_unit_test(a_nonce_is_good_once),
	    cmocka_unit_test(counts_go_up_only),
	    cmocka_unit_test(an_earlier_process_of_the_node_cannot_come_back),
	    cmocka_unit_test(
		messages_for_an_earlier_process_of_ours_do_not_count),
	    cmocka_unit_test(floods_end_and_pass),
	    cmocka_unit_test(answers_are_few),
	    cmocka_unit_test(silence_begins_after_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
