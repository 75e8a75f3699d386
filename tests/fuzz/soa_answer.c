/* SPDX-License-Identifier: ISC */
/*
 * Octets of a name server as an SOA record: read, refused in words, or not
 * ours, but never a fault; and any two records give a judgement. As they are,
 * and behind a header and the question: then the first octets are flags.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/soa_message.h"
#include "wire/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

#define ID       0x4242
#define ABOUT    3  /* octets in front: flags and the number of answers */
#define INSERTED 64 /* header and question, at most */

static void
is_for_people(const char *text, size_t size)
{
	assert(memchr(text, '\0', size));
	assert(text_is_utf8(text, strlen(text)));
	for (const char *p = text; *p; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void
judge_both(const struct soa *a, const struct soa *b)
{
	const struct conf_soa conf = {.lag = a->expire & 0xffff,
				      .max_age = dur_s(600),
				      .degraded_age = dur_s(60)};
	const struct dur ages[] = {DUR_ZERO, dur_s(61), dur_s(100000)};
	struct judgement j;

	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		soa_message_judge(&conf, a, b, "", ages[i], &j);
		is_for_people(j.detail, sizeof(j.detail));
		soa_message_judge(&conf, a, NULL, "gone", ages[i], &j);
		is_for_people(j.detail, sizeof(j.detail));
		assert(j.verdict != CHECK_PASS);
	}
}

static void
read_as(uint16_t id, const uint8_t *octets, size_t n)
{
	const struct soa primary = {0, 0};
	char why[SOA_WHY_MAX] = "";
	struct soa soa = {0};

	switch (soa_message_read("example.com", id, octets, n, &soa, why)) {
	case SOA_FOREIGN:
		break;
	case SOA_REFUSED:
		assert(why[0]);
		is_for_people(why, sizeof(why));
		break;
	case SOA_FOUND:
		judge_both(&soa, &primary);
		judge_both(&primary, &soa);
		break;
	}
}

static void
read_behind_question(const uint8_t *octets, size_t n)
{
	size_t size = n + INSERTED;
	uint8_t *message = malloc(size), *exact;
	struct wbuf w = wbuf_of(message, size);

	assert(message);
	wbuf_u16(&w, ID);
	wbuf_u16(&w, (uint16_t)((0x80 | octets[0]) << 8 | octets[1]));
	wbuf_u16(&w, 1);
	wbuf_u16(&w, octets[2] % 8);
	wbuf_u16(&w, 0);
	wbuf_u16(&w, 0);
	wbuf_bytes(&w, "\7example\3com\0\0\6\0\1", 17);
	wbuf_bytes(&w, octets + ABOUT, n - ABOUT);
	assert(!w.full);
	exact = malloc(wbuf_len(&w));
	assert(exact);
	memcpy(exact, message, wbuf_len(&w));
	read_as(ID, exact, wbuf_len(&w));
	free(exact);
	free(message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	uint16_t id = n > 1 ? (uint16_t)(octets[0] << 8 | octets[1]) : 0;

	read_as(id, octets, n);
	if (n >= ABOUT)
		read_behind_question(octets, n);
	return 0;
}
