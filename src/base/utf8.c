/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include <stdbool.h>

static bool
is_tail(uint8_t octet)
{
	return (octet & 0xc0) == 0x80;
}

static size_t
length_by_lead(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if ((lead & 0xf0) == 0xe0)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/* The second octet has narrower bounds behind four of the lead octets. */
static bool
second_fits(const uint8_t *p)
{
	switch (p[0]) {
	case 0xe0:
		return p[1] >= 0xa0;
	case 0xed:
		return p[1] <= 0x9f;
	case 0xf0:
		return p[1] >= 0x90;
	case 0xf4:
		return p[1] <= 0x8f;
	default:
		return true;
	}
}

size_t
utf8_char(const uint8_t *p, size_t n)
{
	size_t len = n > 0 ? length_by_lead(p[0]) : 0;

	if (len == 0 || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if (!is_tail(p[i]))
			return 0;
	if (len > 1 && !second_fits(p))
		return 0;
	return len;
}
