/* SPDX-License-Identifier: ISC */
/*
 * The query of a dns check and the judgement of what came back. Pure: octets
 * in, octets or a judgement out.
 */
#ifndef BASIN_CHECK_DNS_MESSAGE_H
#define BASIN_CHECK_DNS_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "check/judgement.h"

/* A query is a header, one question and at most an OPT record. */
#define DNS_QUERY_MAX 512

/* Writes the query; its octets, or 0 when name or type are impossible. */
size_t dns_message_query(const struct conf_dns *conf, uint16_t id,
			 uint8_t buf[static DNS_QUERY_MAX]);

enum dns_answer {
	DNS_FOREIGN,   /* not the answer to this query: wait on */
	DNS_TRUNCATED, /* ask again over TCP (RFC 1035 section 4.2.1) */
	DNS_JUDGED,
};

/* Judges what may be the answer to the query with that id. */
enum dns_answer dns_message_judge(const struct conf_dns *conf, uint16_t id,
				  const uint8_t *octets, size_t n,
				  struct judgement *out);

#endif
