/* SPDX-License-Identifier: ISC */
/*
 * What a kernel might say of a set: nf_tables messages one behind the other,
 * each in memory of its own size, so that a read behind its end is seen.
 */
#include <assert.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

#include "sys/nftables_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
check(void *arg, const struct sys_counter *c)
{
	size_t *counters = arg;

	assert(c->ip.family == AF_INET || c->ip.family == AF_INET6);
	++*counters;
}

static void
read_exact(const struct nlmsghdr *h)
{
	struct nlmsghdr *exact = malloc(h->nlmsg_len);
	size_t counters = 0;

	assert(exact);
	memcpy(exact, h, h->nlmsg_len);
	nftables_parse(exact, check, &counters);
	/* Each takes a key and two counts: no list is made of nothing. */
	assert(counters <= h->nlmsg_len / 32);
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	char *copy = malloc(n ? n : 1);
	const struct nlmsghdr *h = (void *)copy;
	int left = (int)n;

	assert(copy);
	if (n > 0)
		memcpy(copy, octets, n);
	for (; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		/* libmnl lets lengths beyond 2 GiB pass; no kernel has them. */
		if (h->nlmsg_len > (size_t)left)
			break;
		read_exact(h);
	}
	free(copy);
	return 0;
}
