/* SPDX-License-Identifier: ISC */
/*
 * Words people write: addresses, prefixes, durations, and foreign octets made
 * harmless. What is read can be written and read again.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "base/text.h"
#include "base/time.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
try_ip(const char *text)
{
	char buf[IP_TEXT_MAX];
	struct ip ip, again;

	if (ip_parse(text, &ip) != 0)
		return;
	assert(ip_parse(ip_format(&ip, buf, sizeof(buf)), &again) == 0);
	assert(ip_equal(&ip, &again));
}

static void
try_prefix(const char *text)
{
	char buf[PREFIX_TEXT_MAX];
	struct prefix p, again;
	int error = prefix_parse(text, &p);

	assert(error == 0 || error == -EINVAL || error == -EDOM);
	if (error == -EINVAL)
		return;
	assert(p.len <= ip_octets(p.addr.family) * 8);
	assert(prefix_parse(prefix_format(&p, buf, sizeof(buf)), &again) == 0);
	assert(prefix_equal(&p, &again));
	assert(prefix_contains(&p, &p.addr));
}

static void
try_duration(const char *text)
{
	char buf[32];
	struct dur d;
	int error = dur_parse(text, &d);

	assert(error == 0 || error == -EINVAL || error == -ERANGE);
	if (error)
		return;
	assert(d.ns >= 0 &&
	       strspn(text, "0123456789. usminhd") == strlen(text));
	assert(strlen(dur_format(d, buf, sizeof(buf))) < sizeof(buf) - 1);
}

static void
try_escape(const uint8_t *octets, size_t n)
{
	char buf[64];

	for (size_t size = 8; size <= sizeof(buf); size += 7) {
		text_escape(octets, n, buf, size);
		assert(strlen(buf) < size && text_is_utf8(buf, strlen(buf)));
		for (const char *p = buf; *p; p++)
			assert((uint8_t)*p >= 0x20 && *p != 0x7f && *p != '"');
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	static const char *const names[] = {"services", "prefixes", "peers",
					    NULL};
	char *text = malloc(n + 1);
	const char *near;

	assert(text);
	if (n > 0)
		memcpy(text, octets, n);
	text[n] = '\0';
	try_ip(text);
	try_prefix(text);
	try_duration(text);
	try_escape(octets, n);
	near = text_nearest(text, names);
	assert(!near || near == names[0] || near == names[1] ||
	       near == names[2]);
	free(text);
	return 0;
}
