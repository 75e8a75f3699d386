/* SPDX-License-Identifier: ISC */
/* Addresses and prefixes from text that a test knows to be right. */
#ifndef BASIN_TESTS_UNIT_ADDRESSES_H
#define BASIN_TESTS_UNIT_ADDRESSES_H

#include "test.h"

#include "base/ip.h"

static inline struct ip
ip_of(const char *text)
{
	struct ip ip;

	assert_int_equal(ip_parse(text, &ip), 0);
	return ip;
}

static inline struct prefix
prefix_of(const char *text)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p), 0);
	return p;
}

#endif
