/* SPDX-License-Identifier: ISC */
/* Octets of a time server: judged, or not ours, but never a fault. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "check/ntp_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	const struct conf_ntp conf = {.stratum = {1, 4},
				      .max_offset = dur_ms(100)};
	struct ntp_message m = {.nonce = UINT64_C(0x3132333435363738)};
	struct judgement j = {.cause = CHECK_CAUSE_COUNT};

	m.sent.ns = INT64_C(1795356000) * 1000000000;
	m.received.ns = m.sent.ns + 20000000;
	if (ntp_message_judge(&conf, &m, octets, n, &j) == NTP_FOREIGN)
		return 0;
	assert(n >= NTP_MESSAGE_LEN && j.cause < CHECK_CAUSE_COUNT);
	assert(memchr(j.detail, '\0', sizeof(j.detail)));
	for (const char *p = j.detail; *p; p++)
		assert((unsigned char)*p >= 0x20 && *p != 0x7f);
	return 0;
}
