/* SPDX-License-Identifier: ISC */
/*
 * Octets of a name server: judged, or not ours, but never a fault. As they
 * are, and behind a header and the question that was asked: then the first
 * five octets are the flags and the numbers of records.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/dns_message.h"
#include "wire/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

#define ID       0x4242
#define ABOUT    5  /* octets in front that are flags and numbers */
#define INSERTED 64 /* header and question, at most */

struct asked {
	uint16_t type, class;
	struct conf_dns conf;
};

static const char *addresses[] = {"192.0.2.1"};
static const char *addresses6[] = {"2001:db8::1", "2001:DB8:0::2"};
static const char *texts[] = {"\"one\" \"two words\""};
static const char *odd[] = {"no such rdata"};
static const char *exchanges[] = {"10 mail.example.com."};

#define NAME "example.com"
static const struct asked asked[] = {
    {1, 1, {NAME, "A", "IN", .rcode = "NOERROR", .answer = {addresses, 1}}},
    {28,
     1,
     {NAME, "AAAA", "IN", .rcode = "NOERROR", .answer = {addresses6, 2}}},
    {16,
     1,
     {NAME, "TXT", "IN", .rcode = "NOERROR", .dnssec = true,
      .answer = {texts, 1}, .nsid = "nyc1"}},
    {6, 1, {NAME, "SOA", "IN", .rcode = "NOERROR", .aa = true, .nsid = "6e79"}},
    {15, 1, {NAME, "MX", "IN", .rcode = "NOERROR", .answer = {exchanges, 1}}},
    {2, 1, {NAME, "NS", "IN", .rcode = "NXDOMAIN", .ad = true}},
    {16, 3, {NAME, "TXT", "CH", .rcode = "REFUSED", .answer = {odd, 1}}},
};

static void
judge_as(const struct conf_dns *conf, uint16_t id, const uint8_t *octets,
	 size_t n)
{
	struct judgement j = {.cause = CHECK_CAUSE_COUNT};
	enum dns_answer answer = dns_message_judge(conf, id, octets, n, &j);

	if (answer != DNS_JUDGED)
		return;
	assert(j.cause < CHECK_CAUSE_COUNT);
	assert(memchr(j.detail, '\0', sizeof(j.detail)));
	assert(text_is_utf8(j.detail, strlen(j.detail)));
	for (const char *p = j.detail; *p; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* Behind what every answer to the question begins with. */
static void
judge_behind_question(const struct asked *to, const uint8_t *octets, size_t n)
{
	size_t size = n + INSERTED;
	uint8_t *message = malloc(size), *exact;
	struct wbuf w = wbuf_of(message, size);

	assert(message);
	wbuf_u16(&w, ID);
	wbuf_u16(&w, (uint16_t)((0x80 | octets[0]) << 8 | octets[1]));
	wbuf_u16(&w, 1);
	for (size_t i = 2; i < ABOUT; i++)
		wbuf_u16(&w, octets[i] % 8);
	wbuf_bytes(&w, "\7example\3com", 13);
	wbuf_u16(&w, to->type);
	wbuf_u16(&w, to->class);
	wbuf_bytes(&w, octets + ABOUT, n - ABOUT);
	assert(!w.full);
	exact = malloc(wbuf_len(&w));
	assert(exact);
	memcpy(exact, message, wbuf_len(&w));
	judge_as(&to->conf, ID, exact, wbuf_len(&w));
	free(exact);
	free(message);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	uint16_t id = n > 1 ? (uint16_t)(octets[0] << 8 | octets[1]) : 0;

	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		judge_as(&asked[i].conf, id, octets, n);
		if (n >= ABOUT)
			judge_behind_question(&asked[i], octets, n);
	}
	return 0;
}
