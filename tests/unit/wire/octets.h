/* SPDX-License-Identifier: ISC */
/*
 * Messages written as hexadecimal text, for the tests of the codec. Spaces
 * are for the reader.
 */
#ifndef BASIN_TESTS_UNIT_WIRE_OCTETS_H
#define BASIN_TESTS_UNIT_WIRE_OCTETS_H

#include "../addresses.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "wire/bgp.h"

/* Longer than any message, so that over-long ones can be made too. */
#define OCTETS_MAX 8192

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static inline unsigned
octets_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = strchr(digits, tolower((unsigned char)c));

	if (!at || !c)
		fail_msg("'%c' is no hexadecimal digit", c);
	return (unsigned)(at - digits);
}

/* Octets written to out; text may be NULL. */
static inline size_t
octets_of(const char *text, uint8_t *out)
{
	size_t n = 0;

	while (text && *text) {
		if (*text == ' ') {
			text++;
			continue;
		}
		out[n++] = (uint8_t)(octets_digit(text[0]) << 4 |
				     octets_digit(text[1]));
		text += 2;
	}
	return n;
}

/* A whole message with a right header around a body. */
static inline size_t
message_of(uint8_t type, const char *body, uint8_t *out)
{
	size_t n = BGP_HEADER_LEN + octets_of(body, out + BGP_HEADER_LEN);

	memset(out, 0xff, 16);
	out[16] = (uint8_t)(n >> 8);
	out[17] = (uint8_t)n;
	out[18] = type;
	return n;
}

/* An UPDATE whose lengths fit its three parts. */
static inline size_t
update_of(const char *withdrawn, const char *attributes, const char *nlri,
	  uint8_t *out)
{
	uint8_t *p = out + BGP_HEADER_LEN;
	size_t n = octets_of(withdrawn, p + 2);

	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	p += 2 + n;
	n = octets_of(attributes, p + 2);
	p[0] = (uint8_t)(n >> 8);
	p[1] = (uint8_t)n;
	p += 2 + n;
	p += octets_of(nlri, p);
	n = (size_t)(p - out);
	message_of(BGP_UPDATE, NULL, out);
	out[16] = (uint8_t)(n >> 8);
	out[17] = (uint8_t)n;
	return n;
}

/* Octets as text, for comparing with what was expected. */
static inline const char *
octets_text(const uint8_t *octets, size_t n, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < n && at + 3 < size; i++)
		at += (size_t)snprintf(buf + at, size - at, "%02x", octets[i]);
	return buf;
}

static inline void
assert_octets(const char *name, const uint8_t *octets, size_t n,
	      const char *expected)
{
	static uint8_t want[OCTETS_MAX];
	static char text[3 * OCTETS_MAX];
	size_t len = octets_of(expected, want);

	if (n != len || memcmp(octets, want, n) != 0)
		fail_msg("%s: wrote %s, expected %s", name,
			 octets_text(octets, n, text, sizeof(text)), expected);
}

/* The prefixes of a checked list as "192.0.2.0/24 198.51.100.0/24". */
static inline const char *
prefixes_text(struct rbuf list, uint8_t family, char *buf, size_t size)
{
	char one[PREFIX_TEXT_MAX];
	struct prefix p;
	size_t at = 0;

	buf[0] = '\0';
	while (bgp_next_prefix(&list, family, &p) && at < size)
		at +=
		    (size_t)snprintf(buf + at, size - at, "%s%s", at ? " " : "",
				     prefix_format(&p, one, sizeof(one)));
	return buf;
}

#endif
