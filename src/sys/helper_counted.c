/* SPDX-License-Identifier: ISC */
/*
 * Which addresses the helper counts packets for, and which it drops for a
 * while.
 *
 *   nothing ──set──► table ──set──► the differences ──set of none──► nothing
 *                     └─ gone ──► made again by the next read
 *
 * Invariant: `wanted` is sorted without doubles, and what the table named
 * `table` has, or "" when there is none.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sys/helper_server.h"
#include "sys/nftables.h"

#define READ_TRIES 3

struct helper_counted {
	struct nftables nf;
	char table[NFTABLES_NAME_MAX]; /* "": none */
	char drill[NFTABLES_NAME_MAX]; /* the table that drops; "": none */
	struct ip *wanted;             /* owned */
	size_t n;
	struct ip *staged; /* owned; parts of the next list */
	size_t n_staged;
	struct sys_counter *read; /* owned; until its last part is taken */
	size_t n_read;
};

static int
counted(struct helper_server *sv)
{
	struct helper_counted *c;
	int r;

	if (sv->counted)
		return 0;
	c = xcalloc(1, sizeof(*c));
	r = nftables_open(&c->nf);
	if (r == 0)
		sv->counted = c;
	else
		free(c);
	return r;
}

/* The socket too, and with it all that is left in the kernel. */
static void
close_unused(struct helper_server *sv)
{
	struct helper_counted *c = sv->counted;

	if (c->n > 0 || c->n_staged > 0 || c->drill[0])
		return;
	nftables_close(&c->nf);
	free(c->wanted);
	free(c->staged);
	free(c->read);
	free(c);
	sv->counted = NULL;
}

/* ---- set ---- */

static int
compare(const void *a, const void *b)
{
	return ip_cmp(a, b);
}

/* Returns how many are left. */
static size_t
sort_unique(struct ip *v, size_t n)
{
	size_t kept = 0;

	qsort(v, n, sizeof(*v), compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !ip_equal(&v[kept - 1], &v[i]))
			v[kept++] = v[i];
	return kept;
}

/* What is in a and not in b, both sorted; `out` has room for all of a. */
static size_t
difference(const struct ip *a, size_t n_a, const struct ip *b, size_t n_b,
	   struct ip *out)
{
	size_t j = 0, n = 0;

	for (size_t i = 0; i < n_a; i++) {
		while (j < n_b && ip_cmp(&b[j], &a[i]) < 0)
			j++;
		if (j == n_b || !ip_equal(&b[j], &a[i]))
			out[n++] = a[i];
	}
	return n;
}

static int
create(struct helper_counted *c)
{
	int r = nftables_create(&c->nf, NFTABLES_COUNT, c->wanted, c->n,
				dur_ms(0), c->table);

	if (r != 0)
		c->table[0] = '\0';
	return r;
}

static int
change(struct helper_counted *c, const struct ip *old, size_t n_old)
{
	struct ip *added = xcalloc(c->n, sizeof(*added));
	struct ip *removed = xcalloc(n_old, sizeof(*removed));
	size_t n_added = difference(c->wanted, c->n, old, n_old, added);
	size_t n_removed = difference(old, n_old, c->wanted, c->n, removed);
	int r = 0;

	if (n_added + n_removed > 0)
		r = nftables_change(&c->nf, c->table, added, n_added, removed,
				    n_removed);
	free(added);
	free(removed);
	return r;
}

/* Whatever is wrong with the table, a new one is as wanted. */
static int
apply(struct helper_counted *c, const struct ip *old, size_t n_old)
{
	if (c->table[0] && c->n > 0 && change(c, old, n_old) == 0)
		return 0;
	if (c->table[0])
		nftables_delete(&c->nf, c->table);
	c->table[0] = '\0';
	return c->n > 0 ? create(c) : 0;
}

static int
take_staged(struct helper_server *sv)
{
	struct helper_counted *c = sv->counted;
	struct ip *old = c->wanted;
	size_t n_old = c->n;
	int r;

	c->wanted = c->staged;
	c->n = sort_unique(c->staged, c->n_staged);
	c->staged = NULL;
	c->n_staged = 0;
	r = apply(c, old, n_old);
	free(old);
	close_unused(sv);
	return r;
}

int
helper_counted_set(struct helper_server *sv, const struct helper_request *q)
{
	struct helper_counted *c;
	int r = counted(sv);

	if (r != 0)
		return r;
	c = sv->counted;
	if (q->from == 0)
		c->n_staged = 0;
	if (q->from != c->n_staged)
		return -EPROTO;
	c->staged = xrealloc(c->staged, (size_t)q->total, sizeof(*c->staged));
	memcpy(c->staged + q->from, q->addresses,
	       q->n_addresses * sizeof(*c->staged));
	c->n_staged += q->n_addresses;
	return c->n_staged == q->total ? take_staged(sv) : 0;
}

/* ---- read ---- */

static void
take_counter(void *arg, const struct sys_counter *counter)
{
	struct helper_counted *c = arg;

	if (c->n_read < c->n)
		c->read[c->n_read++] = *counter;
}

/* -EINTR: somebody changed another table meanwhile. */
static int
read_table(struct helper_counted *c)
{
	int r = -EINTR;

	for (int i = 0; r == -EINTR && i < READ_TRIES; i++) {
		c->n_read = 0;
		r = nftables_read(&c->nf, c->table, take_counter, c);
	}
	return r;
}

static int
read_all(struct helper_counted *c)
{
	int r = 0;

	c->read = xrealloc(c->read, c->n, sizeof(*c->read));
	if (c->table[0])
		r = read_table(c);
	if (c->table[0] && r != -ENOENT)
		return r;
	r = create(c);
	return r == 0 ? read_table(c) : r;
}

static void
answer(struct helper_server *sv, uint32_t token,
       const struct helper_counters *part)
{
	char output[HELPER_OUTPUT_MAX], buf[HELPER_ANSWER_MAX];
	int n = helper_wire_put_counters(part, output, sizeof(output));
	struct helper_answer a = {.token = token,
				  .error = n < 0 ? n : 0,
				  .output = output,
				  .output_len = n < 0 ? 0 : (size_t)n};

	n = helper_wire_put_answer(&a, buf, sizeof(buf));
	/* The loop has seen that there is room, unless main is hostile. */
	while (send(sv->requests, buf, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) <
		   0 &&
	       errno == EINTR)
		;
}

static void
answer_part(struct helper_server *sv, const struct helper_request *q)
{
	struct helper_counted *c = sv->counted;
	struct helper_counters part = {.total = (uint16_t)c->n_read};
	size_t left = q->from < c->n_read ? c->n_read - q->from : 0;

	part.n =
	    (uint16_t)(left < HELPER_COUNTERS_MAX ? left : HELPER_COUNTERS_MAX);
	if (part.n > 0)
		memcpy(part.v, c->read + q->from, part.n * sizeof(part.v[0]));
	answer(sv, q->token, &part);
	if (left > HELPER_COUNTERS_MAX)
		return;
	free(c->read);
	c->read = NULL;
	c->n_read = 0;
}

/* Nothing is counted: an empty list. The first part reads, all are served. */
int
helper_counted_read(struct helper_server *sv, const struct helper_request *q)
{
	const struct helper_counters none = {0};
	struct helper_counted *c = sv->counted;
	int r = 0;

	if (!c || c->n == 0) {
		answer(sv, q->token, &none);
		return 0;
	}
	if (q->from == 0)
		r = read_all(c);
	if (r == 0 && !c->read)
		r = -EPROTO;
	if (r == 0)
		answer_part(sv, q);
	return r;
}

/* ---- drop ---- */

/* A new table each time: the kernel forgets its addresses at the limit. */
int
helper_counted_drop(struct helper_server *sv, const struct helper_request *q)
{
	struct helper_counted *c;
	int r;

	if (!sv->counted && q->n_addresses == 0)
		return 0;
	r = counted(sv);
	if (r != 0)
		return r;
	c = sv->counted;
	if (c->drill[0])
		nftables_delete(&c->nf, c->drill);
	c->drill[0] = '\0';
	if (q->n_addresses > 0) {
		struct ip v[HELPER_ADDRESSES_MAX];
		size_t n = q->n_addresses;

		memcpy(v, q->addresses, n * sizeof(v[0]));
		n = sort_unique(v, n);
		r = nftables_create(&c->nf, NFTABLES_DROP, v, n,
				    dur_ms(q->limit_ms), c->drill);
		if (r != 0)
			c->drill[0] = '\0';
	}
	close_unused(sv);
	return r;
}
