/* SPDX-License-Identifier: ISC */
/*
 * DNS answers: CH TXT hostname.bind and id.server (RFC 4892), NSID (RFC 5001).
 * A module, because only few configurations need the library.
 */
#ifndef BASIN_IDENTITY_DNS_H
#define BASIN_IDENTITY_DNS_H

#include <stddef.h>
#include <stdint.h>

#define IDENTITY_DNS_ABI    1
#define IDENTITY_DNS_SYMBOL "identity_dns"

struct identity_dns {
	int abi;
	/*
	 * The answer to a query of `n` octets; 0: none (not even a header, or
	 * itself an answer). Refuses what is not about this node.
	 */
	size_t (*answer)(const char *name, const uint8_t *query, size_t n,
			 uint8_t *buf, size_t size);
};

#endif
