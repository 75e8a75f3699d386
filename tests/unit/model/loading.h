/* SPDX-License-Identifier: ISC */
/* Configurations of one or two services and their prefix. */
#ifndef BASIN_TESTS_UNIT_MODEL_LOADING_H
#define BASIN_TESTS_UNIT_MODEL_LOADING_H

#include "../test.h"

#include <string.h>

#include "base/text.h"
#include "model/model.h"

/* `prefix`: more options of 192.0.2.0/24. */
static inline struct conf *
load(const char *services, const char *prefix)
{
	struct text text = {0}, messages = {0};
	struct conf *conf;

	text_addf(&text,
		  "node: {name: n1, asn: 65000, router_id: 198.51.100.1}\n"
		  "services: {%s}\n"
		  "prefixes: {192.0.2.0/24: {%s}}\n"
		  "peers: {up: {address: 198.51.100.254, asn: 64500}}\n",
		  services, prefix);
	assert_int_equal(
	    conf_load_text("t", text_str(&text), text.len, &conf, &messages),
	    0);
	assert_string_equal(text_str(&messages), "");
	text_free(&text);
	text_free(&messages);
	return conf;
}

#define CHECKED                                                                \
	"web: {addresses: 192.0.2.80, checks: [{tcp: 80, interval: 1s, "       \
	"jitter: 0%, rise: 2, fall: 3}]}"
#define SLOW                                                                   \
	"web: {addresses: 192.0.2.80, checks: [{tcp: 80, interval: 60s, "      \
	"timeout: 1s, fast_interval: 60s, rise: 5, fall: 5}]}"
#define WATCHED   "web: {addresses: 192.0.2.80, watch: tcp/80}"
#define UNCHECKED "web: {addresses: 192.0.2.80}"

#endif
