/* SPDX-License-Identifier: ISC */
#include "../test.h"

#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "mesh/message.h"

static const char *const prefixes[] = {"192.0.2.0/24", "2001:db8:53::/48",
				       "0.0.0.0/0", "203.0.113.7/32"};

static struct message
head_of(void)
{
	return (struct message){.boot = 0x0102030405060708,
				.for_boot = 9,
				.sequence = 10,
				.nonce = 11,
				.echo = 12,
				.sender = "lon1",
				.receiver = "par-1.example"};
}

static struct message_item
item_of(size_t i)
{
	struct message_item item = {
	    .state = MESSAGE_STATE_WITHDRAWN,
	    .cause = 77 + i,
	    .attempt = UINT64_MAX - i,
	    .answer = {.announcing = i & 1, .clean = i & 2, .busy = !i},
	};

	assert_int_equal(
	    prefix_parse(prefixes[i % ARRAY_LEN(prefixes)], &item.prefix), 0);
	snprintf(item.text, sizeof(item.text), "dns: fallen %zu", i);
	return item;
}

/* A datagram with n items; its length. */
static size_t
write_message(enum message_type type, size_t n, uint8_t *out)
{
	struct message head = head_of();
	struct message_body body;
	size_t len;

	message_body_begin(&body, type);
	for (size_t i = 0; i < n; i++) {
		struct message_item item = item_of(i);

		assert_true(message_body_add(&body, &item));
	}
	len = message_encode(&head, &body, out);
	memset(out + len, 0xee, MESSAGE_TAG);
	return len + MESSAGE_TAG;
}

static void
see_item(enum message_type type, const struct message_item *seen, size_t i)
{
	struct message_item item = item_of(i);

	assert_true(prefix_equal(&seen->prefix, &item.prefix));
	if (type == MESSAGE_STATE) {
		assert_int_equal(seen->state, item.state);
		assert_string_equal(seen->text, item.text);
		return;
	}
	assert_true(seen->attempt == item.attempt);
	if (type == MESSAGE_ASK) {
		assert_true(seen->cause == item.cause);
		return;
	}
	assert_int_equal(seen->answer.announcing, item.answer.announcing);
	assert_int_equal(seen->answer.clean, item.answer.clean);
	assert_int_equal(seen->answer.busy, item.answer.busy);
}

static void
what_is_written_is_read(void **state)
{
	static const enum message_type types[] = {MESSAGE_HELLO, MESSAGE_STATE,
						  MESSAGE_ASK, MESSAGE_PROMISE};

	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		size_t items = types[t] == MESSAGE_HELLO ? 0 : 9, i = 0;
		uint8_t octets[MESSAGE_MAX];
		size_t n = write_message(types[t], items, octets);
		struct message m;
		struct message_item item;

		assert_int_equal(message_decode(octets, n, &m), 0);
		assert_int_equal(m.type, types[t]);
		assert_true(m.boot == 0x0102030405060708 && m.for_boot == 9);
		assert_true(m.sequence == 10 && m.nonce == 11 && m.echo == 12);
		assert_string_equal(m.sender, "lon1");
		assert_string_equal(m.receiver, "par-1.example");
		assert_int_equal(m.covered, n - MESSAGE_TAG);
		assert_int_equal(m.tag[0], 0xee);
		while (message_take(&m, &item))
			see_item(types[t], &item, i++);
		assert_int_equal(i, items);
	}
}

/* The documented layout, octet by octet. */
static void
the_layout_is_the_documented_one(void **state)
{
	static const uint8_t known[] = {
	    1,   3,   0,   108, 1,   2,   3,   4,   5,   6,   7,   8,   0,
	    0,   0,   0,   0,   0,   0,   9,   0,   0,   0,   0,   0,   0,
	    0,   10,  0,   0,   0,   0,   0,   0,   0,   11,  0,   0,   0,
	    0,   0,   0,   0,   12,  4,   'l', 'o', 'n', '1', 13,  'p', 'a',
	    'r', '-', '1', '.', 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0,   1,
	    4,   24,  192, 0,   2,   0,   0,   0,   0,   0,   0,   0,   0,
	    77,  255, 255, 255, 255, 255, 255, 255, 255,
	};
	uint8_t octets[MESSAGE_MAX];
	size_t n = write_message(MESSAGE_ASK, 1, octets);

	assert_int_equal(n, sizeof(known) + MESSAGE_TAG);
	assert_memory_equal(octets + 4, known + 4, sizeof(known) - 4);
	assert_int_equal(octets[0], known[0]);
	assert_int_equal(octets[1], known[1]);
	assert_int_equal(octets[2] << 8 | octets[3], n);
}

static void
every_truncation_is_refused(void **state)
{
	uint8_t octets[MESSAGE_MAX], cut[MESSAGE_MAX];
	size_t n = write_message(MESSAGE_STATE, 5, octets);
	struct message m;

	for (size_t len = 0; len < n; len++) {
		memcpy(cut, octets, len);
		assert_int_equal(message_decode(cut, len, &m), -EBADMSG);
		/* Also when the length tells the same lie. */
		if (len < 4)
			continue;
		cut[2] = (uint8_t)(len >> 8);
		cut[3] = (uint8_t)len;
		assert_int_equal(message_decode(cut, len, &m), -EBADMSG);
	}
}

static void
other_versions_are_told_apart(void **state)
{
	uint8_t octets[MESSAGE_MAX];
	size_t n = write_message(MESSAGE_HELLO, 0, octets);
	struct message m;

	octets[0] = 2;
	assert_int_equal(message_decode(octets, n, &m), -EPROTONOSUPPORT);
	assert_int_equal(message_decode("\x02\x01", 2, &m), -EPROTONOSUPPORT);
	assert_int_equal(message_decode("\x02", 1, &m), -EBADMSG);
}

/* What changes one octet of a good message, and is no message then. */
static void
nonsense_is_refused(void **state)
{
	static const struct {
		enum message_type type;
		size_t at;
		uint8_t octet;
	} cases[] = {
	    {MESSAGE_ASK, 1, 0},                           /* types */
	    {MESSAGE_ASK, 1, 5},      {MESSAGE_ASK, 3, 1}, /* length */
	    {MESSAGE_ASK, 44, 0},                          /* an empty name */
	    {MESSAGE_ASK, 44, 65},                         /* too long a name */
	    {MESSAGE_ASK, 45, '\n'},                       /* names are plain */
	    {MESSAGE_ASK, 63, 1},                          /* number of items */
	    {MESSAGE_ASK, 64, 0},     {MESSAGE_ASK, 65, 5}, /* family */
	    {MESSAGE_ASK, 66, 33},    /* length of the prefix */
	    {MESSAGE_ASK, 70, 1},     /* bits behind it */
	    {MESSAGE_STATE, 71, 5},   /* states */
	    {MESSAGE_STATE, 72, 48},  /* too long a text */
	    {MESSAGE_STATE, 73, 27},  /* texts are printable */
	    {MESSAGE_PROMISE, 79, 8}, /* flags */
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint8_t octets[MESSAGE_MAX];
		size_t n = write_message(cases[i].type, 1, octets);
		struct message m;

		assert_int_equal(message_decode(octets, n, &m), 0);
		octets[cases[i].at] = cases[i].octet;
		assert_int_equal(message_decode(octets, n, &m), -EBADMSG);
	}
}

/* Who has no key must not make us read a thousand items. */
static void
items_are_not_read_before_the_tag(void **state)
{
	uint8_t octets[MESSAGE_MAX];
	size_t n = write_message(MESSAGE_ASK, 3, octets);
	struct message m;

	octets[64] = 7; /* the first item's family */
	assert_int_equal(message_open(octets, n, &m), 0);
	assert_string_equal(m.sender, "lon1");
	assert_int_equal(m.tag[0], 0xee);
	assert_false(message_sound(&m));
	assert_int_equal(message_decode(octets, n, &m), -EBADMSG);
}

static void
boot_and_sequence_are_never_zero(void **state)
{
	uint8_t octets[MESSAGE_MAX];
	size_t n = write_message(MESSAGE_HELLO, 0, octets);
	struct message m;

	memset(octets + 4, 0, 8);
	assert_int_equal(message_decode(octets, n, &m), -EBADMSG);
	n = write_message(MESSAGE_HELLO, 0, octets);
	memset(octets + 20, 0, 8);
	assert_int_equal(message_decode(octets, n, &m), -EBADMSG);
}

static void
a_full_body_fits_with_the_longest_names(void **state)
{
	struct message head = head_of();
	struct message_body body;
	struct message_item item = item_of(1);
	uint8_t octets[MESSAGE_MAX];
	struct message m;
	unsigned n = 0;
	size_t len;

	memset(head.sender, 'x', MESSAGE_NAME_MAX);
	memset(head.receiver, 'y', MESSAGE_NAME_MAX);
	memset(item.text, 'z', MESSAGE_TEXT_MAX - 1);
	message_body_begin(&body, MESSAGE_STATE);
	while (message_body_add(&body, &item))
		n++;
	len = message_encode(&head, &body, octets);
	assert_in_range(len + MESSAGE_TAG, MESSAGE_MAX - 70, MESSAGE_MAX);
	assert_int_equal(message_decode(octets, len + MESSAGE_TAG, &m), 0);
	assert_int_equal(m.items, n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(the_layout_is_the_documented_one),
	    cmocka_unit_test(every_truncation_is_refused),
	    cmocka_unit_test(other_versions_are_told_apart),
	    cmocka_unit_test(nonsense_is_refused),
	    cmocka_unit_test(items_are_not_read_before_the_tag),
	    cmocka_unit_test(boot_and_sequence_are_never_zero),
	    cmocka_unit_test(a_full_body_fits_with_the_longest_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
