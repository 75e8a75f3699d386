/* SPDX-License-Identifier: ISC */
/*
 * Address families: <AFI, SAFI>, our bit for it, and the addresses in it.
 */
#include <netinet/in.h>

#include "base/text.h"
#include "wire/bgp.h"

struct family {
	unsigned bit;
	uint16_t afi;
	uint8_t safi;
	uint8_t ip;
	const char *text;
};

static const struct family families[] = {
    {BGP_FAMILY_IPV4, BGP_AFI_IPV4, BGP_SAFI_UNICAST, AF_INET, "ipv4"},
    {BGP_FAMILY_IPV6, BGP_AFI_IPV6, BGP_SAFI_UNICAST, AF_INET6, "ipv6"},
    {BGP_FAMILY_FLOW4, BGP_AFI_IPV4, BGP_SAFI_FLOW, AF_INET, "ipv4-flow"},
    {BGP_FAMILY_FLOW6, BGP_AFI_IPV6, BGP_SAFI_FLOW, AF_INET6, "ipv6-flow"},
};

/* Of a value that is none of the bits: nothing. */
static const struct family *
row_of(unsigned bit)
{
	static const struct family none = {.text = "none"};

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (families[i].bit == bit)
			return &families[i];
	return &none;
}

unsigned
bgp_family_bit(uint16_t afi, uint8_t safi)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (families[i].afi == afi && families[i].safi == safi)
			return families[i].bit;
	return 0;
}

uint16_t
bgp_family_afi(unsigned bit)
{
	return row_of(bit)->afi;
}

uint8_t
bgp_family_safi(unsigned bit)
{
	return row_of(bit)->safi;
}

uint8_t
bgp_family_ip(unsigned bit)
{
	return row_of(bit)->ip;
}

const char *
bgp_family_text(unsigned bit)
{
	return row_of(bit)->text;
}

unsigned
bgp_family_unicast(uint8_t family)
{
	return family == AF_INET6 ? BGP_FAMILY_IPV6 : BGP_FAMILY_IPV4;
}

unsigned
bgp_family_flow(uint8_t family)
{
	return family == AF_INET6 ? BGP_FAMILY_FLOW6 : BGP_FAMILY_FLOW4;
}
