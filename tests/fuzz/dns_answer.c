/* SPDX-License-Identifier: ISC */
/* Octets of a name server: judged, or not ours, but never a fault. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "check/dns_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
judge_as(const struct conf_dns *conf, const uint8_t *octets, size_t n)
{
	uint16_t id = n > 1 ? (uint16_t)(octets[0] << 8 | octets[1]) : 0;
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

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static const char *addresses[] = {"192.0.2.1"};
	static const char *texts[] = {"\"one\" \"two words\""};
	const struct conf_dns plain = {.name = "example.com",
				       .type = "A",
				       .class = "IN",
				       .rcode = "NOERROR",
				       .answer = {addresses, 1}};
	const struct conf_dns full = {.name = "example.com",
				      .type = "TXT",
				      .class = "IN",
				      .rcode = "NOERROR",
				      .dnssec = true,
				      .answer = {texts, 1},
				      .nsid = "nyc1"};

	judge_as(&plain, octets, n);
	judge_as(&full, octets, n);
	return 0;
}
