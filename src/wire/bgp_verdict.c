/* SPDX-License-Identifier: ISC */
/*
 * Verdicts: made, and the stronger of two kept.
 */
#include "wire/bgp_private.h"

struct bgp_verdict
bgp_verdict_reset(uint8_t code, uint8_t subcode, const uint8_t *data, size_t n,
		  const char *why)
{
	struct bgp_verdict v = {
	    .action = BGP_RESET_SESSION,
	    .code = code,
	    .subcode = subcode,
	    .why = why,
	};

	if (n > sizeof(v.data))
		n = sizeof(v.data);
	if (n > 0)
		memcpy(v.data, data, n);
	v.data_len = (uint8_t)n;
	return v;
}

struct bgp_verdict
bgp_verdict_length(size_t n, const char *why)
{
	uint8_t length[2] = {(uint8_t)(n >> 8), (uint8_t)n};

	return bgp_verdict_reset(BGP_ERR_HEADER, BGP_HEADER_BAD_LENGTH, length,
				 sizeof(length), why);
}

void
bgp_verdict_raise(struct bgp_verdict *v, const struct bgp_verdict *found)
{
	if (found->action > v->action)
		*v = *found;
}
