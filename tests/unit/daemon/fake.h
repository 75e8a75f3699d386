/* SPDX-License-Identifier: ISC */
/*
 * A root for handlers: real configuration, engine, events and drains; sessions,
 * checker, kernel and operator's verbs are made up here, under the test's
 * control.
 */
#ifndef BASIN_TESTS_UNIT_DAEMON_FAKE_H
#define BASIN_TESTS_UNIT_DAEMON_FAKE_H

#include "daemon/basin.h"

struct bgp_peer {
	const struct conf_peer *conf; /* borrowed */
	enum bgp_state state;
	bool *announced; /* by prefix id; owned */
	bool *pending;
	const struct conf_prefix *prefixes; /* borrowed; by prefix id */
	size_t n, hint;
	const char *last_error;
	const char *withheld; /* NULL: nothing is */
	const char *suspended;
};

struct bgp {
	const struct conf *conf;
	struct bgp_peer *peers; /* owned */
	size_t n;
};

/* What basin_drain() and so on were called with last, and will return. */
struct fake_orders {
	char last[256];
	int result;
	const char *message;
};

/* The answer that a handler promised. */
struct ctl_later {
	struct ctl_reply reply;
};

struct fake {
	struct basin basin;
	struct bgp bgp;
	struct fake_orders orders;
	char folder[64]; /* of the drains */
};

/* yaml: a configuration. Everything is up, Established and announced. */
struct fake *fake_new(const char *yaml);
/* n prefixes, services and checks, two peers. */
struct fake *fake_many(size_t n);
void fake_free(struct fake *f);
/* Makes every check of a service pass or fail until it is decided. */
void fake_samples(struct fake *f, size_t service, enum avail_verdict verdict);
/* Adj-RIB-Out and the events become what was decided. */
void fake_settle(struct fake *f);

#define FAKE_YAML                                                              \
	"node: {name: nyc1, asn: 65000, router_id: 198.51.100.1}\n"            \
	"services:\n"                                                          \
	"  dns:\n"                                                             \
	"    addresses: [192.0.2.53, '2001:db8:abcd::53']\n"                   \
	"    checks: [{tcp: 53}]\n"                                            \
	"  web:\n"                                                             \
	"    addresses: [192.0.2.80]\n"                                        \
	"    checks: [{tcp: 80, name: web-port}]\n"                            \
	"prefixes:\n"                                                          \
	"  192.0.2.0/24: {services: [dns, web], require: any}\n"               \
	"  '2001:db8:abcd::/48': {services: [dns], hold_down: 30s,"            \
	" damping: on}\n"                                                      \
	"peers:\n"                                                             \
	"  transit-a: {address: 203.0.113.1, asn: 65001,"                      \
	" families: [ipv4, ipv6], next_hop: ['2001:db8:1::1']}\n"              \
	"  transit-b: {address: 203.0.113.9, asn: 65002, families: [ipv4]}\n"

#endif
