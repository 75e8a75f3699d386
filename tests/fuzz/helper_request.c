/* SPDX-License-Identifier: ISC */
/* What the unprivileged process may say to the root helper. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sys/helper_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct helper_request q, again;
	char buf[HELPER_REQUEST_MAX];
	struct helper_answer a;
	struct helper_counters counters;
	int len;

	if (helper_wire_get_counters(octets, n, &counters) == 0 &&
	    counters.n > HELPER_COUNTERS_MAX)
		abort();
	if (helper_wire_get_answer(octets, n, &a) == 0 && a.output_len > n)
		abort();
	if (helper_wire_get_request(octets, n, &q) != 0)
		return 0;
	len = helper_wire_put_request(&q, buf, sizeof(buf));
	if (len < 0 || helper_wire_get_request(buf, (size_t)len, &again) != 0 ||
	    again.verb != q.verb || again.token != q.token ||
	    !ip_equal(&again.ip, &q.ip) || again.argc != q.argc ||
	    again.args_len != q.args_len || again.from != q.from ||
	    again.total != q.total || again.limit_ms != q.limit_ms ||
	    again.n_addresses != q.n_addresses ||
	    memcmp(again.addresses, q.addresses,
		   q.n_addresses * sizeof(q.addresses[0])) != 0)
		abort();
	return 0;
}
