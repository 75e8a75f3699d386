/* SPDX-License-Identifier: ISC */
/*
 * Communities (RFC 1997) as text, with the well-known names.
 */
#include <stdio.h>

#include "base/community.h"
#include "base/text.h"
#include "wire/bgp.h"

struct name {
	const char *text;
	uint32_t value;
};

static const struct name names[] = {
#define X(value, written, printed) {printed, value},
    COMMUNITIES(X)
#undef X
};

const char *
bgp_community_format(uint32_t v, char *buf, size_t size)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].value == v) {
			snprintf(buf, size, "%s", names[i].text);
			return buf;
		}
	snprintf(buf, size, "%u:%u", (unsigned)(v >> 16),
		 (unsigned)(v & 0xffff));
	return buf;
}
