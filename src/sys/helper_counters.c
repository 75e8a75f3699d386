/* SPDX-License-Identifier: ISC */
/*
 * Counting and dropping packets as the main process asks for it. Lists go and
 * come in parts that fit a packet; the caller sees one call and one answer.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sys/helper_client.h"
#include "sys/helper_wire.h"

/* ---- set, drop ---- */

static void
take_addresses(struct helper_request *q, const struct ip *v, size_t n)
{
	q->n_addresses = (uint16_t)n;
	memcpy(q->addresses, v, n * sizeof(*v));
}

/* The parts before the last are answered to nobody: it fails with them. */
int
helper_counters_set(struct helper *h, const struct ip *v, size_t n,
		    helper_done *done, void *arg)
{
	size_t at = 0;
	int r;

	if (n > HELPER_COUNTED_MAX)
		return -E2BIG;
	do {
		struct helper_request q = {.verb = HELPER_COUNTERS_SET,
					   .from = (uint16_t)at,
					   .total = (uint16_t)n};
		size_t part = n - at;
		bool last = part <= HELPER_ADDRESSES_MAX;

		if (!last)
			part = HELPER_ADDRESSES_MAX;
		if (part > 0)
			take_addresses(&q, v + at, part);
		at += part;
		r = helper_ask_verb(h, &q, last ? done : NULL, arg);
	} while (r == 0 && at < n);
	return r;
}

int
helper_drop(struct helper *h, const struct ip *v, size_t n, struct dur limit,
	    helper_done *done, void *arg)
{
	struct helper_request q = {.verb = HELPER_DROP};
	int64_t ms = dur_to_ms(limit);

	if (n > HELPER_ADDRESSES_MAX)
		return -E2BIG;
	if (n > 0) {
		take_addresses(&q, v, n);
		if (ms > HELPER_DROP_MAX * 1000)
			ms = HELPER_DROP_MAX * 1000;
		q.limit_ms = ms < 1 ? 1 : (uint32_t)ms;
	}
	return helper_ask_verb(h, &q, done, arg);
}

/* ---- read ---- */

struct helper_reading {
	struct helper *helper;
	helper_counters_done *done;
	void *arg;
	struct sys_counter *v; /* owned */
	size_t n;
};

void
helper_reading_free(struct helper_reading *r)
{
	free(r->v);
	free(r);
}

static void
finish(struct helper_reading *r, int error)
{
	r->done(r->arg, error, r->v, error ? 0 : r->n);
	helper_reading_free(r);
}

static int
ask_part(struct helper_reading *r)
{
	struct helper_request q = {.verb = HELPER_COUNTERS_READ,
				   .from = (uint16_t)r->n};
	int slot = helper_slot_take(r->helper, SLOT_COUNTERS, r);

	return helper_ask(r->helper, &q, slot);
}

void
helper_reading_part(struct helper_reading *r, const struct helper_answer *a)
{
	struct helper_counters c;
	int error = a->error;

	if (error == 0)
		error = helper_wire_get_counters(a->output, a->output_len, &c);
	if (error != 0) {
		finish(r, error);
		return;
	}
	r->v = xrealloc(r->v, r->n + c.n, sizeof(*r->v));
	memcpy(r->v + r->n, c.v, c.n * sizeof(*r->v));
	r->n += c.n;
	if (c.n == 0 || r->n >= c.total || r->n >= HELPER_COUNTED_MAX) {
		finish(r, 0);
		return;
	}
	error = ask_part(r);
	if (error < 0)
		finish(r, error);
}

int
helper_counters_read(struct helper *h, helper_counters_done *done, void *arg)
{
	struct helper_reading *r = xcalloc(1, sizeof(*r));
	int error;

	r->helper = h;
	r->done = done;
	r->arg = arg;
	error = ask_part(r);
	if (error > 0)
		return 0;
	helper_reading_free(r);
	return error;
}
