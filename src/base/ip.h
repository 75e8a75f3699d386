/* SPDX-License-Identifier: ISC */
/*
 * IP addresses and prefixes of both families, as plain values: no pointers,
 * zero-initialised is "none", comparable with memcmp because unused octets
 * are always zero.
 */
#ifndef BASIN_BASE_IP_H
#define BASIN_BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Longest text: an IPv6 address, "%", an interface name, NUL. */
#define IP_TEXT_MAX     64
#define PREFIX_TEXT_MAX 72

struct ip {
	uint8_t family;    /* 0 (none), AF_INET or AF_INET6 */
	uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

struct prefix {
	struct ip addr; /* host bits are zero */
	uint8_t len;    /* bits, 0..32 or 0..128 */
};

static inline bool
ip_is_none(const struct ip *ip)
{
	return ip->family == 0;
}

/* Octets of an address of `family`: 4 or 16. */
static inline size_t
ip_octets(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

/* Total order: family, then numeric value. */
int ip_cmp(const struct ip *a, const struct ip *b);
int prefix_cmp(const struct prefix *a, const struct prefix *b);
bool ip_equal(const struct ip *a, const struct ip *b);
bool prefix_equal(const struct prefix *a, const struct prefix *b);

/* True when `p` covers `ip` (same family, first p->len bits equal). */
bool prefix_contains(const struct prefix *p, const struct ip *ip);
/* /32 or /128 of one address. */
struct prefix prefix_of_ip(const struct ip *ip);

struct ip ip_from_v4(uint32_t host_order);
uint32_t ip_to_v4(const struct ip *ip); /* host order; IPv4 only */
/* Copies ip_octets(family) octets in network order. */
struct ip ip_from_bytes(uint8_t family, const uint8_t *bytes);

bool ip_is_multicast(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip);
bool ip_is_unspecified(const struct ip *ip);
bool ip_is_link_local(const struct ip *ip);

/* Strict text forms (inet_pton); 0 or -EINVAL, *out untouched on error. */
int ip_parse(const char *text, struct ip *out)
    __attribute__((warn_unused_result));
/*
 * "192.0.2.0/24". -EINVAL when it is no prefix, -EDOM when host bits are set
 * (then *out holds the prefix that was probably meant).
 */
int prefix_parse(const char *text, struct prefix *out)
    __attribute__((warn_unused_result));

/* "64500" or "AS64500", 1 to 2^32 - 1; n octets without a NUL. */
bool asn_parse(const char *text, size_t n, uint32_t *out)
    __attribute__((warn_unused_result));

/* Write text into buf (IP_TEXT_MAX / PREFIX_TEXT_MAX) and return buf. */
const char *ip_format(const struct ip *ip, char *buf, size_t size);
const char *prefix_format(const struct prefix *p, char *buf, size_t size);

/*
 * Fills *ss for bind()/connect(); returns its length. `scope` is an interface
 * index for link-local IPv6 addresses, otherwise 0.
 */
socklen_t ip_to_sockaddr(const struct ip *ip, uint16_t port, unsigned scope,
			 struct sockaddr_storage *ss);
/* IPv4-mapped IPv6 becomes IPv4. Returns the port, host order. */
uint16_t ip_from_sockaddr(const struct sockaddr_storage *ss, struct ip *out);

#endif
