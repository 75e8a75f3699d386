/* SPDX-License-Identifier: ISC */
#include "conf/value.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/community.h"

int
value_number(const char *text, uint64_t *out)
{
	uint64_t value = 0;

	if (text[0] == '\0' || (text[0] == '0' && text[1] != '\0'))
		return -EINVAL;
	for (const char *p = text; *p; p++)
		if (*p < '0' || *p > '9')
			return -EINVAL;
	if (strlen(text) > 18)
		return -ERANGE;
	for (; *text; text++)
		value = value * 10 + (uint64_t)(*text - '0');
	*out = value;
	return 0;
}

/* The number in the first `n` octets, at most `max`. */
static int
part(const char *text, size_t n, uint64_t max, uint64_t *out)
{
	char word[24];
	int err;

	if (n >= sizeof(word))
		return -EINVAL;
	memcpy(word, text, n);
	word[n] = '\0';
	err = value_number(word, out);
	if (err != 0)
		return err;
	return *out > max ? -ERANGE : 0;
}

int
value_asn(const char *text, uint32_t *out)
{
	const char *dot = strchr(text, '.');
	uint64_t high = 0, low;
	int err = 0;

	if (dot) {
		err = part(text, (size_t)(dot - text), UINT16_MAX, &high);
		text = dot + 1;
	}
	if (err == 0)
		err = part(text, strlen(text), dot ? UINT16_MAX : UINT32_MAX,
			   &low);
	if (err != 0)
		return err;
	*out = (uint32_t)(high << 16 | low);
	return 0;
}

int
value_percent(const char *text, unsigned *out)
{
	size_t n = strlen(text);
	uint64_t value;
	int err;

	if (n < 2 || text[n - 1] != '%')
		return -EINVAL;
	err = part(text, n - 1, 100, &value);
	if (err == 0)
		*out = (unsigned)value;
	return err;
}

/* ---- communities ---- */

static const char *const well_known_names[] = {
#define X(value, written, printed) written,
    COMMUNITIES(X)
#undef X
	NULL,
};

static const uint32_t well_known[] = {
#define X(value, written, printed) value,
    COMMUNITIES(X)
#undef X
};

const char *const *
value_community_names(void)
{
	return well_known_names;
}

/* NO_EXPORT, no_export, no-export and NOPEER are the same word. */
static bool
same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (*a == '-' || *a == '_')
			a++;
		while (*b == '-' || *b == '_')
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

static bool
find_well_known(const char *text, uint32_t *out)
{
	for (size_t i = 0; well_known_names[i]; i++) {
		if (!same_word(text, well_known_names[i]))
			continue;
		*out = well_known[i];
		return true;
	}
	return false;
}

/* Splits "a:b:c" into numbers of at most 32 bits; the number of parts. */
static int
split_numbers(const char *text, uint32_t out[3])
{
	int n = 0;

	for (;;) {
		size_t len = strcspn(text, ":");
		uint64_t value;
		int err;

		if (n == 3)
			return -EINVAL;
		err = part(text, len, UINT32_MAX, &value);
		if (err != 0)
			return err;
		out[n++] = (uint32_t)value;
		if (text[len] == '\0')
			return n;
		text += len + 1;
	}
}

/*
 * RFC 4360 section 3: type 0 is two-octet AS and four octets, type 1 an IPv4
 * address and two octets; RFC 5668: type 2 is four-octet AS and two octets.
 */
static int
extended(const char *text, uint8_t subtype, uint64_t *out)
{
	const char *colon = strrchr(text, ':');
	char admin[32];
	struct ip ip;
	uint64_t type, local;
	uint32_t asn = 0;
	int err;

	if (!colon || (size_t)(colon - text) >= sizeof(admin))
		return -EINVAL;
	memcpy(admin, text, (size_t)(colon - text));
	admin[colon - text] = '\0';
	if (ip_parse(admin, &ip) == 0 && ip.family == AF_INET) {
		type = 1;
		asn = ip_to_v4(&ip);
	} else {
		err = value_asn(admin, &asn);
		if (err != 0)
			return err;
		type = asn > UINT16_MAX ? 2 : 0;
	}
	err = part(colon + 1, strlen(colon + 1),
		   type == 0 ? UINT32_MAX : UINT16_MAX, &local);
	if (err != 0)
		return err;
	*out = type << 56 | (uint64_t)subtype << 48 |
	       (type == 0 ? (uint64_t)asn << 32 : (uint64_t)asn << 16) | local;
	return 0;
}

static int
numeric_community(const char *text, struct value_communities *out)
{
	uint32_t v[3];
	int n = split_numbers(text, v);

	if (n < 0)
		return n;
	if (n == 3) {
		out->kind = VALUE_LARGE;
		memcpy(out->large, v, sizeof(v));
		return 0;
	}
	if (n != 2)
		return -EINVAL;
	if (v[0] > UINT16_MAX || v[1] > UINT16_MAX)
		return -ERANGE;
	out->kind = VALUE_STANDARD;
	out->standard = v[0] << 16 | v[1];
	return 0;
}

int
value_community(const char *text, struct value_communities *out)
{
	*out = (struct value_communities){0};
	if (find_well_known(text, &out->standard)) {
		out->kind = VALUE_STANDARD;
		return 0;
	}
	if (strncasecmp(text, "rt:", 3) == 0) {
		out->kind = VALUE_EXTENDED;
		return extended(text + 3, 0x02, &out->extended);
	}
	if (strncasecmp(text, "so:", 3) == 0) {
		out->kind = VALUE_EXTENDED;
		return extended(text + 3, 0x03, &out->extended);
	}
	return numeric_community(text, out);
}

/* ---- small values ---- */

int
value_endpoint(const char *text, struct conf_endpoint *out)
{
	const char *colon = strrchr(text, ':');
	char host[IP_TEXT_MAX];
	size_t n;
	uint64_t port;
	bool brackets = text[0] == '[';

	if (!colon)
		return -EINVAL;
	n = (size_t)(colon - text);
	if (brackets && (n < 2 || colon[-1] != ']'))
		return -EINVAL;
	text += brackets;
	n -= brackets ? 2 : 0;
	if (n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	if (ip_parse(host, &out->ip) != 0 ||
	    (out->ip.family == AF_INET6) != brackets)
		return -EINVAL;
	if (part(colon + 1, strlen(colon + 1), UINT16_MAX, &port) != 0)
		return -EINVAL;
	out->port = (uint16_t)port;
	return port == 0 ? -ERANGE : 0;
}

int
value_status(const char *text, struct conf_status_range *out)
{
	size_t n = strcspn(text, "-");
	uint64_t low, high;

	if (part(text, n, UINT16_MAX, &low) != 0)
		return -EINVAL;
	high = low;
	if (text[n] == '-' &&
	    part(text + n + 1, strlen(text + n + 1), UINT16_MAX, &high) != 0)
		return -EINVAL;
	if (low < 100 || high > 599 || low > high)
		return -ERANGE;
	*out = (struct conf_status_range){(uint16_t)low, (uint16_t)high};
	return 0;
}

int
value_require(const char *text, struct conf_require *out)
{
	uint64_t count;

	*out = (struct conf_require){CONF_REQUIRE_ALL, 0};
	if (strcmp(text, "all") == 0)
		return 0;
	out->mode = CONF_REQUIRE_ANY;
	if (strcmp(text, "any") == 0)
		return 0;
	if (part(text, strlen(text), UINT16_MAX, &count) != 0)
		return -EINVAL;
	*out = (struct conf_require){CONF_REQUIRE_COUNT, (unsigned)count};
	return count == 0 ? -ERANGE : 0;
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One escape behind the backslash; the octets it took, 0 when unknown. */
static size_t
one_escape(const char *p, char *out)
{
	static const char from[] = "nrt0abfve\\\"'";
	static const char to[] = "\n\r\t\0\a\b\f\v\033\\\"'";
	const char *found;

	if (p[0] == 'x' && hex_digit(p[1]) >= 0 && hex_digit(p[2]) >= 0) {
		*out = (char)(hex_digit(p[1]) << 4 | hex_digit(p[2]));
		return 3;
	}
	found = p[0] ? strchr(from, p[0]) : NULL;
	if (!found)
		return 0;
	*out = to[found - from];
	return 1;
}

int
value_unescape(const char *text, char *out, size_t *n)
{
	*n = 0;
	while (*text) {
		size_t took;

		if (*text != '\\') {
			out[(*n)++] = *text++;
			continue;
		}
		took = one_escape(text + 1, &out[*n]);
		if (took == 0)
			return -EINVAL;
		(*n)++;
		text += took + 1;
	}
	return 0;
}

bool
value_is_name(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789_.-");

	return n >= 1 && n <= 64 && text[n] == '\0';
}

bool
value_is_domain(const char *text)
{
	size_t total = strlen(text);

	if (strcmp(text, ".") == 0)
		return true;
	if (total == 0 || total > 254)
		return false;
	while (*text) {
		size_t n = strcspn(text, ".");

		if (n == 0 || n > 63)
			return false;
		for (size_t i = 0; i < n; i++)
			if (!isgraph((unsigned char)text[i]) ||
			    strchr("@:/[]\"\\", text[i]))
				return false;
		text += n;
		text += *text == '.';
	}
	return true;
}

/* ---- URLs ---- */

/* Length of the host with its brackets, 0 when it is not well-formed. */
static size_t
host_len(const char *text)
{
	const char *end;

	if (text[0] != '[')
		return strcspn(text, ":/?#");
	end = strchr(text, ']');
	return end ? (size_t)(end - text) + 1 : 0;
}

static bool
take_host(const char *text, size_t n, struct value_url *out)
{
	struct ip ip;
	bool brackets = text[0] == '[';

	text += brackets;
	n -= brackets ? 2 : 0;
	if (n == 0 || n >= sizeof(out->host))
		return false;
	memcpy(out->host, text, n);
	out->host[n] = '\0';
	if (brackets)
		return ip_parse(out->host, &ip) == 0 && ip.family == AF_INET6;
	return value_is_domain(out->host);
}

static bool
take_port(const char *text, struct value_url *out)
{
	uint64_t port;

	if (*text != ':')
		return true;
	text++;
	if (part(text, strcspn(text, "/?#"), UINT16_MAX, &port) != 0 ||
	    port == 0)
		return false;
	out->port = (uint16_t)port;
	return true;
}

int
value_url(const char *text, struct value_url *out, const char **why)
{
	size_t n;

	*out = (struct value_url){.port = 80};
	*why = "it does not start with http:// or https://";
	if (strncasecmp(text, "https://", 8) == 0)
		*out = (struct value_url){.tls = true, .port = 443};
	else if (strncasecmp(text, "http://", 7) != 0)
		return -EINVAL;
	text += out->tls ? 8 : 7;
	*why = "it has a blank or control character";
	for (const char *p = text; *p; p++)
		if (!isgraph((unsigned char)*p))
			return -EINVAL;
	*why = "user and password do not belong into a URL, use headers";
	if (memchr(text, '@', strcspn(text, "/?#")))
		return -EINVAL;
	*why = "its host is neither a name nor an address";
	n = host_len(text);
	if (n == 0 || !take_host(text, n, out))
		return -EINVAL;
	*why = "its port is not 1 to 65535";
	text += n;
	if (strchr(":/?#", *text) == NULL || !take_port(text, out))
		return -EINVAL;
	*why = NULL;
	return 0;
}

/* ---- DNS words ---- */

const char *const *
value_rr_types(void)
{
	static const char *const types[] = {
	    "A",      "AAAA",  "AFSDB",      "ANY",    "CAA",    "CDNSKEY",
	    "CDS",    "CNAME", "CSYNC",      "DNAME",  "DNSKEY", "DS",
	    "HINFO",  "HTTPS", "LOC",        "MX",     "NAPTR",  "NS",
	    "NSEC",   "NSEC3", "NSEC3PARAM", "PTR",    "RP",     "RRSIG",
	    "SMIMEA", "SOA",   "SPF",        "SRV",    "SSHFP",  "SVCB",
	    "TLSA",   "TXT",   "URI",        "ZONEMD", NULL,
	};

	return types;
}

const char *const *
value_rcodes(void)
{
	static const char *const rcodes[] = {
	    "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMPL", "REFUSED",
	    "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE", NULL,
	};

	return rcodes;
}

const char *
value_in_list(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(text, *list) == 0)
			return *list;
	return NULL;
}
