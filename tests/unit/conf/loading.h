/* SPDX-License-Identifier: ISC */
/* Loads configurations written into tests. */
#ifndef BASIN_TESTS_UNIT_CONF_LOADING_H
#define BASIN_TESTS_UNIT_CONF_LOADING_H

#include "../test.h"

#include <errno.h>
#include <string.h>

#include "conf/conf.h"

#define NODE "node: {name: n1, asn: 65000, router_id: 198.51.100.1}\n"
#define SERVICES                                                               \
	"services:\n"                                                          \
	"  web:\n"                                                             \
	"    addresses: [192.0.2.80, '2001:db8::80']\n"                        \
	"    checks:\n"                                                        \
	"      - tcp: 80\n"
#define PREFIXES                                                               \
	"prefixes:\n"                                                          \
	"  192.0.2.0/24: {services: web}\n"                                    \
	"  2001:db8::/48: {services: web}\n"
#define PEERS                                                                  \
	"peers:\n"                                                             \
	"  up: {address: 198.51.100.254, asn: 64500, "                         \
	"next_hop: '2001:db8:1::1'}\n"

/* Loads and expects neither error nor warning. The caller frees. */
static inline struct conf *
load_fine(const char *text)
{
	struct text messages = {0};
	struct conf *conf;
	int err;

	err = conf_load_text("test.yaml", text, strlen(text), &conf, &messages);
	assert_string_equal(text_str(&messages), "");
	assert_int_equal(err, 0);
	text_free(&messages);
	assert_non_null(conf);
	return conf;
}

/* Loads and expects exactly these messages and no tree. */
static inline void
load_broken(const char *text, const char *expected)
{
	struct text messages = {0};
	struct conf *conf;
	int err;

	err = conf_load_text("test.yaml", text, strlen(text), &conf, &messages);
	assert_string_equal(text_str(&messages), expected);
	assert_int_equal(err, -EINVAL);
	assert_null(conf);
	text_free(&messages);
}

/* Loads and expects exactly these warnings. */
static inline void
load_warned(const char *text, const char *expected)
{
	struct text messages = {0};
	struct conf *conf;
	int err;

	err = conf_load_text("test.yaml", text, strlen(text), &conf, &messages);
	assert_string_equal(text_str(&messages), expected);
	assert_int_equal(err, 0);
	text_free(&messages);
	conf_free(conf);
}

static inline const char *
ip_text(const struct ip *ip)
{
	static char buf[IP_TEXT_MAX];

	return ip_format(ip, buf, sizeof(buf));
}

#endif
