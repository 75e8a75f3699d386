/* SPDX-License-Identifier: ISC */
/*
 * Words of the file to values: pure, no messages. 0, -EINVAL when the text is
 * no such value, -ERANGE when it is one that is out of bounds.
 */
#ifndef BASIN_CONF_VALUE_H
#define BASIN_CONF_VALUE_H

#include "conf/conf.h"

#define MUST_CHECK __attribute__((warn_unused_result))

/* Decimal digits only, no sign, no leading zeros. */
int value_number(const char *text, uint64_t *out) MUST_CHECK;
/* "65000" or asdot "1.10" (RFC 5396); any 32-bit value. */
int value_asn(const char *text, uint32_t *out) MUST_CHECK;
/* "5%". */
int value_percent(const char *text, unsigned *out) MUST_CHECK;

enum value_community { VALUE_STANDARD, VALUE_EXTENDED, VALUE_LARGE };
struct value_communities {
	enum value_community kind;
	uint32_t standard;
	uint64_t extended;
	uint32_t large[3];
};
/*
 * "65000:100" or a well-known name, "rt:65000:1", "so:192.0.2.1:7",
 * "65000:1:2".
 */
int value_community(const char *text, struct value_communities *out) MUST_CHECK;
/* Names of the well-known communities, NULL at the end. */
const char *const *value_community_names(void);

/* "127.0.0.1:9179", "[::1]:9179". */
int value_endpoint(const char *text, struct conf_endpoint *out) MUST_CHECK;
/* "200" or "200-299", 100..599. */
int value_status(const char *text, struct conf_status_range *out) MUST_CHECK;
/* "all", "any" or a number from 1. */
int value_require(const char *text, struct conf_require *out) MUST_CHECK;

/*
 * C escapes: \n \r \t \0 \a \b \f \v \e \\ \" \' \xHH. `out` holds strlen(text)
 * octets; *n is the number written.
 */
int value_unescape(const char *text, char *out, size_t *n) MUST_CHECK;

/* [A-Za-z0-9_.-]{1,64}. */
bool value_is_name(const char *text);
/* A host name or a domain name: labels of 1..63 octets, 253 in all. */
bool value_is_domain(const char *text);

#define VALUE_HOST_MAX 256
struct value_url {
	bool tls;
	char host[VALUE_HOST_MAX]; /* without brackets */
	uint16_t port;
};
/* http:// or https://; *why says what is wrong. */
int value_url(const char *text, struct value_url *out,
	      const char **why) MUST_CHECK;

/* RR types and response codes that basin's dns check knows. NULL at the end. */
const char *const *value_rr_types(void);
const char *const *value_rcodes(void);
/* The name as in the list, in capitals; NULL when it is not in it. */
const char *value_in_list(const char *text, const char *const *list);

#endif
