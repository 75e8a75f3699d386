/* SPDX-License-Identifier: ISC */
#include "base/ip.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

int
ip_cmp(const struct ip *a, const struct ip *b)
{
	return memcmp(a, b, sizeof(*a));
}

int
prefix_cmp(const struct prefix *a, const struct prefix *b)
{
	return memcmp(a, b, sizeof(*a));
}

bool
ip_equal(const struct ip *a, const struct ip *b)
{
	return ip_cmp(a, b) == 0;
}

bool
prefix_equal(const struct prefix *a, const struct prefix *b)
{
	return prefix_cmp(a, b) == 0;
}

static bool
bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;
	uint8_t mask;

	if (memcmp(a, b, whole) != 0)
		return false;
	if (rest == 0)
		return true;
	mask = (uint8_t)(0xff << (8 - rest));
	return (a[whole] & mask) == (b[whole] & mask);
}

bool
prefix_contains(const struct prefix *p, const struct ip *ip)
{
	return p->addr.family == ip->family &&
	       bits_equal(p->addr.bytes, ip->bytes, p->len);
}

struct prefix
prefix_of_ip(const struct ip *ip)
{
	return (struct prefix){*ip, (uint8_t)(ip_octets(ip->family) * 8)};
}

struct ip
ip_from_v4(uint32_t host_order)
{
	struct ip ip = {.family = AF_INET};
	uint32_t net = htonl(host_order);

	memcpy(ip.bytes, &net, 4);
	return ip;
}

uint32_t
ip_to_v4(const struct ip *ip)
{
	uint32_t net;

	memcpy(&net, ip->bytes, 4);
	return ntohl(net);
}

struct ip
ip_from_bytes(uint8_t family, const uint8_t *bytes)
{
	struct ip ip = {.family = family};

	memcpy(ip.bytes, bytes, ip_octets(family));
	return ip;
}

bool
ip_is_multicast(const struct ip *ip)
{
	if (ip->family == AF_INET)
		return (ip->bytes[0] & 0xf0) == 0xe0;
	return ip->family == AF_INET6 && ip->bytes[0] == 0xff;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const uint8_t one[16] = {[15] = 1};

	if (ip->family == AF_INET)
		return ip->bytes[0] == 127;
	return ip->family == AF_INET6 && memcmp(ip->bytes, one, 16) == 0;
}

bool
ip_is_unspecified(const struct ip *ip)
{
	static const uint8_t zero[16];

	return memcmp(ip->bytes, zero, 16) == 0;
}

bool
ip_is_link_local(const struct ip *ip)
{
	if (ip->family == AF_INET)
		return ip->bytes[0] == 169 && ip->bytes[1] == 254;
	return ip->family == AF_INET6 && ip->bytes[0] == 0xfe &&
	       (ip->bytes[1] & 0xc0) == 0x80;
}

int
ip_parse(const char *text, struct ip *out)
{
	struct ip ip = {0};

	if (inet_pton(AF_INET, text, ip.bytes) == 1)
		ip.family = AF_INET;
	else if (inet_pton(AF_INET6, text, ip.bytes) == 1)
		ip.family = AF_INET6;
	else
		return -EINVAL;
	*out = ip;
	return 0;
}

/* Clears the bits behind p->len; true when one of them was set. */
static bool
clear_host_bits(struct prefix *p)
{
	bool any = false;

	for (unsigned bit = p->len; bit < ip_octets(p->addr.family) * 8;
	     bit++) {
		uint8_t mask = (uint8_t)(0x80 >> (bit % 8));

		any |= (p->addr.bytes[bit / 8] & mask) != 0;
		p->addr.bytes[bit / 8] &= (uint8_t)~mask;
	}
	return any;
}

static int
parse_len(const char *text, unsigned max, uint8_t *out)
{
	unsigned value = 0;

	if (text[0] == '\0' || strlen(text) > 3)
		return -EINVAL;
	if (text[0] == '0' && text[1] != '\0')
		return -EINVAL;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		value = value * 10 + (unsigned)(*text - '0');
	}
	if (value > max)
		return -EINVAL;
	*out = (uint8_t)value;
	return 0;
}

bool
asn_parse(const char *text, size_t n, uint32_t *out)
{
	uint64_t v = 0;

	if (n > 2 && strncasecmp(text, "AS", 2) == 0) {
		text += 2;
		n -= 2;
	}
	for (size_t i = 0; i < n && v <= UINT32_MAX; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		v = v * 10 + (unsigned)(text[i] - '0');
	}
	if (v == 0 || v > UINT32_MAX)
		return false;
	*out = (uint32_t)v;
	return true;
}

int
prefix_parse(const char *text, struct prefix *out)
{
	const char *slash = strchr(text, '/');
	char addr[IP_TEXT_MAX];
	struct prefix p = {0};

	if (!slash || (size_t)(slash - text) >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	if (ip_parse(addr, &p.addr) != 0)
		return -EINVAL;
	if (parse_len(slash + 1, (unsigned)ip_octets(p.addr.family) * 8,
		      &p.len) != 0)
		return -EINVAL;
	if (clear_host_bits(&p)) {
		*out = p;
		return -EDOM;
	}
	*out = p;
	return 0;
}

const char *
ip_format(const struct ip *ip, char *buf, size_t size)
{
	if (ip_is_none(ip) ||
	    !inet_ntop(ip->family, ip->bytes, buf, (socklen_t)size))
		snprintf(buf, size, "none");
	return buf;
}

const char *
prefix_format(const struct prefix *p, char *buf, size_t size)
{
	char addr[IP_TEXT_MAX];

	snprintf(buf, size, "%s/%u", ip_format(&p->addr, addr, sizeof(addr)),
		 p->len);
	return buf;
}

socklen_t
ip_to_sockaddr(const struct ip *ip, uint16_t port, unsigned scope,
	       struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	if (ip->family == AF_INET) {
		struct sockaddr_in *sin = (struct sockaddr_in *)ss;

		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		memcpy(&sin->sin_addr, ip->bytes, 4);
		return sizeof(*sin);
	}
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;

	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	sin6->sin6_scope_id = scope;
	memcpy(&sin6->sin6_addr, ip->bytes, 16);
	return sizeof(*sin6);
}

uint16_t
ip_from_sockaddr(const struct sockaddr_storage *ss, struct ip *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	memset(out, 0, sizeof(*out));
	if (ss->ss_family == AF_INET) {
		const struct sockaddr_in *sin = (const void *)ss;

		*out = ip_from_bytes(AF_INET, (const void *)&sin->sin_addr);
		return ntohs(sin->sin_port);
	}
	if (ss->ss_family != AF_INET6)
		return 0;
	const struct sockaddr_in6 *sin6 = (const void *)ss;
	const uint8_t *bytes = sin6->sin6_addr.s6_addr;

	if (memcmp(bytes, mapped, sizeof(mapped)) == 0)
		*out = ip_from_bytes(AF_INET, bytes + 12);
	else
		*out = ip_from_bytes(AF_INET6, bytes);
	return ntohs(sin6->sin6_port);
}
