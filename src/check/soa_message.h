/* SPDX-License-Identifier: ISC */
/*
 * SOA records of a zone, here and at its primary, and what they say together.
 * Pure: octets in, a record or a judgement out.
 */
#ifndef BASIN_CHECK_SOA_MESSAGE_H
#define BASIN_CHECK_SOA_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "check/judgement.h"

struct soa {
	uint32_t serial;
	uint32_t expire; /* seconds */
};

#define SOA_WHY_MAX 80

enum soa_answer {
	SOA_FOREIGN, /* not the answer to this query: wait on */
	SOA_REFUSED, /* an answer without the record; see why */
	SOA_FOUND,
};

/* Reads what may be the answer to the query for the zone's SOA. */
enum soa_answer soa_message_read(const char *zone, uint16_t id,
				 const uint8_t *octets, size_t n,
				 struct soa *out, char why[static SOA_WHY_MAX]);

enum soa_order {
	SOA_SAME,
	SOA_BEHIND,
	SOA_AHEAD,
	SOA_APART, /* exactly 2^31: RFC 1982 section 3.2 does not say */
};
/* Where `serial` stands to the primary's; *by is how far. */
enum soa_order soa_message_order(uint32_t serial, uint32_t primary,
				 uint32_t *by);

/* Not more than conf->lag behind. */
bool soa_message_follows(const struct conf_soa *conf, const struct soa *ours,
			 const struct soa *primary);

/* How long the zone may not follow: max_age, or the SOA's expire. */
struct dur soa_message_limit(const struct conf_soa *conf,
			     const struct soa *ours);

/*
 * What both together say. `primary` NULL: it cannot be asked, because of
 * `why`. `age`: since when the zone has not followed it.
 */
void soa_message_judge(const struct conf_soa *conf, const struct soa *ours,
		       const struct soa *primary, const char *why,
		       struct dur age, struct judgement *out);

#endif
