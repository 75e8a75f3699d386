/* SPDX-License-Identifier: ISC */
/* An NTPv4 client's request and the judge of its answer (RFC 5905). Pure. */
#ifndef BASIN_CHECK_NTP_MESSAGE_H
#define BASIN_CHECK_NTP_MESSAGE_H

#include "check/judgement.h"

#define NTP_MESSAGE_LEN 48

/* What was asked and when, by our own clock. */
struct ntp_message {
	/*
	 * Stands where our transmit timestamp would: the server returns it as
	 * the origin timestamp, and nobody else can know it.
	 */
	uint64_t nonce;
	struct wall sent, received;
};

/* FOREIGN: not the answer to this request, perhaps forged. */
enum ntp_answer { NTP_FOREIGN, NTP_JUDGED };

void ntp_message_request(const struct ntp_message *m,
			 uint8_t octets[static NTP_MESSAGE_LEN]);
enum ntp_answer ntp_message_judge(const struct conf_ntp *conf,
				  const struct ntp_message *m,
				  const uint8_t *octets, size_t n,
				  struct judgement *out);

#endif
