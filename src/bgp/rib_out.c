/* SPDX-License-Identifier: ISC */
/*
 * Each entry is in exactly one list:
 *
 *   CLEAN ──want differs──► WITHDRAW or its path's ANNOUNCE list
 *     ▲                                │ pack
 *     └── written, want == sent ◄── FLIGHT (order of the stream)
 *
 * Invariants
 *  - CLEAN: want == sent and flight is NULL.
 *  - FLIGHT: nothing is decided until the message is written; then sent :=
 *    flight, and the entry is sorted again by what is wanted by then.
 *  - A withdrawal is packed before any announcement.
 *  - `announced` counts entries with sent, `pending` those not CLEAN.
 */
#include "bgp/rib_out.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/bgp_flow.h"

#define NONE RIB_OUT_NONE

static const struct rib_out_chain empty = {NONE, NONE};

static unsigned
family_slot(const struct rib_out_entry *e)
{
	return (unsigned)__builtin_ctz(e->family);
}

/* ---- lists ---- */

void
rib_out_append(struct rib_out *r, struct rib_out_chain *c, uint32_t i)
{
	struct rib_out_entry *e = &r->entries[i];

	e->next = NONE;
	e->prev = c->last;
	if (c->last == NONE)
		c->first = i;
	else
		r->entries[c->last].next = i;
	c->last = i;
}

static void
chain_remove(struct rib_out *r, struct rib_out_chain *c, uint32_t i)
{
	struct rib_out_entry *e = &r->entries[i];

	if (e->prev == NONE)
		c->first = e->next;
	else
		r->entries[e->prev].next = e->next;
	if (e->next == NONE)
		c->last = e->prev;
	else
		r->entries[e->next].prev = e->prev;
}

static void
path_append(struct rib_out *r, struct path *p, uint32_t i)
{
	struct rib_out_chain c = {p->first, p->last};

	if (!p->dirty) {
		c = empty;
		p->dirty = true;
		TAILQ_INSERT_TAIL(&r->dirty_paths, p, in_dirty);
	}
	rib_out_append(r, &c, i);
	p->first = c.first;
	p->last = c.last;
}

static void
path_remove(struct rib_out *r, struct path *p, uint32_t i)
{
	struct rib_out_chain c = {p->first, p->last};

	chain_remove(r, &c, i);
	p->first = c.first;
	p->last = c.last;
	if (p->first != NONE)
		return;
	p->dirty = false;
	TAILQ_REMOVE(&r->dirty_paths, p, in_dirty);
}

/* Takes the entry out of WITHDRAW or ANNOUNCE. `want` is what it was. */
static void
unlist(struct rib_out *r, uint32_t i)
{
	struct rib_out_entry *e = &r->entries[i];
	unsigned slot = family_slot(e);

	if (e->list == RIB_OUT_CLEAN)
		return;
	if (e->list == RIB_OUT_WITHDRAW)
		chain_remove(r, &r->withdraw[slot], i);
	else if (e->list == RIB_OUT_ANNOUNCE)
		path_remove(r, e->want, i);
	e->list = RIB_OUT_CLEAN;
	r->pending--;
}

/* Puts a CLEAN entry where it belongs; a number may be free then. */
void
rib_out_sort(struct rib_out *r, uint32_t i)
{
	struct rib_out_entry *e = &r->entries[i];
	unsigned slot = family_slot(e);

	if (e->want == e->sent && !(e->resend && e->want)) {
		e->resend = false;
		rib_out_release(r, i);
		return;
	}
	r->pending++;
	if (e->want) {
		e->list = RIB_OUT_ANNOUNCE;
		path_append(r, e->want, i);
	} else {
		e->list = RIB_OUT_WITHDRAW;
		rib_out_append(r, &r->withdraw[slot], i);
	}
}

/* ---- life ---- */

struct rib_out *
rib_out_new(const struct conf *conf, unsigned families, rib_out_sent_fn *sent,
	    void *arg)
{
	struct rib_out *r = xcalloc(1, sizeof(*r));

	TAILQ_INIT(&r->dirty_paths);
	rib_out_begin(r, conf);
	for (unsigned f = 0; f < RIB_OUT_FAMILIES; f++)
		r->withdraw[f] = empty;
	r->flight = empty;
	r->end_of_rib = families;
	r->sent = sent;
	r->arg = arg;
	return r;
}

static void
tell(struct rib_out *r, uint32_t i, bool announced)
{
	struct bgp_nlri nlri = rib_out_nlri(r, i);

	r->sent(r->arg, &nlri, announced);
}

void
rib_out_free(struct rib_out *r)
{
	for (uint32_t i = 0; i < r->n; i++) {
		struct rib_out_entry *e = &r->entries[i];

		if (e->sent)
			tell(r, i, false);
		path_unref(&r->paths, e->want);
		path_unref(&r->paths, e->sent);
		path_unref(&r->paths, e->flight);
	}
	path_forget(&r->paths);
	rib_out_end(r);
	free(r);
}

/* ---- wanting ---- */

void
rib_out_want(struct rib_out *r, uint32_t id, struct path *path)
{
	struct rib_out_entry *e = &r->entries[id];
	struct path *before = e->want;

	if (path == before) {
		path_unref(&r->paths, path);
		return;
	}
	if (e->list != RIB_OUT_FLIGHT_LIST)
		unlist(r, id);
	e->want = path;
	path_unref(&r->paths, before);
	if (e->list != RIB_OUT_FLIGHT_LIST)
		rib_out_sort(r, id);
}

void
rib_out_resend(struct rib_out *r, unsigned family)
{
	for (uint32_t i = 0; i < r->n; i++) {
		struct rib_out_entry *e = &r->entries[i];

		if (e->family != family || !e->want)
			continue;
		e->resend = true;
		if (e->list == RIB_OUT_CLEAN)
			rib_out_sort(r, i);
	}
}

/*
 * Before End-of-RIB no refresh begins (RFC 7313 section 4.1): what was asked
 * for is on its way.
 */
void
rib_out_refresh(struct rib_out *r, unsigned family)
{
	rib_out_resend(r, family);
	if (r->end_of_rib & family)
		return;
	r->begin_refresh |= family;
	r->end_refresh |= family;
}

/* ---- packing ---- */

static size_t
longest(const struct bgp_session_facts *facts)
{
	return facts->extended_message ? BGP_EXTENDED_MAX : BGP_MESSAGE_MAX;
}

bool
rib_out_idle(const struct rib_out *r)
{
	return r->pending == 0 && r->n_messages == 0 && r->end_of_rib == 0 &&
	       r->begin_refresh == 0 && r->end_refresh == 0;
}

static void
record_message(struct rib_out *r, uint64_t end, uint32_t n)
{
	r->messages[r->n_messages].end = end;
	r->messages[r->n_messages].n = n;
	r->n_messages++;
}

static void
to_flight(struct rib_out *r, uint32_t i)
{
	struct rib_out_entry *e = &r->entries[i];

	unlist(r, i);
	e->list = RIB_OUT_FLIGHT_LIST;
	e->resend = false;
	e->flight = e->want ? path_ref(e->want) : NULL;
	r->pending++;
	rib_out_append(r, &r->flight, i);
}

/* Attributes that fill a message alone: counted, no longer wanted. */
static void
give_up(struct rib_out *r, uint32_t i)
{
	r->unsendable++;
	r->entries[i].resend = false;
	rib_out_want(r, i, NULL);
}

static bool
begin(struct bgp_packer *pk, uint8_t *buf, unsigned family,
      const struct bgp_attributes *a, const struct bgp_session_facts *facts)
{
	uint8_t ip = bgp_family_ip(family);

	if (bgp_family_safi(family) == BGP_SAFI_FLOW)
		return bgp_pack_begin_flow(pk, buf, longest(facts), ip, a,
					   facts);
	return bgp_pack_begin(pk, buf, longest(facts), ip, a, facts);
}

static bool
add(struct bgp_packer *pk, const struct rib_out *r, uint32_t i)
{
	if (i < r->n_ids || !pk->flow)
		return bgp_pack_add(pk, &r->entries[i].prefix);
	return bgp_pack_add_flow(pk, r->extras[i - r->n_ids]->nlri->value.flow);
}

size_t
rib_out_pack_one(const struct bgp_nlri *nlri, const struct bgp_attributes *a,
		 const struct bgp_session_facts *facts, uint8_t *buf,
		 size_t size)
{
	struct bgp_packer pk;

	if (size < BGP_MESSAGE_MAX || !begin(&pk, buf, nlri->family, a, facts))
		return 0;
	if (!(nlri->flow ? bgp_pack_add_flow(&pk, nlri->flow)
			 : bgp_pack_add(&pk, &nlri->prefix)))
		return 0;
	return bgp_pack_end(&pk);
}

/* One message from the list that begins at *first. Octets, 0 when it failed.*/
static size_t
pack_list(struct rib_out *r, const struct bgp_session_facts *facts,
	  const uint32_t *first, const struct path *path, unsigned family,
	  uint8_t *buf, uint32_t *n)
{
	const struct bgp_attributes *a = path ? &path->key.attributes : NULL;
	struct bgp_packer pk;
	uint32_t i;

	*n = 0;
	if (!begin(&pk, buf, family, a, facts))
		return 0;
	while ((i = *first) != NONE && add(&pk, r, i)) {
		/* `want` keeps counting the path, so *first stays valid. */
		to_flight(r, i);
		++*n;
	}
	return *n ? bgp_pack_end(&pk) : 0;
}

static size_t
pack_withdraw(struct rib_out *r, const struct bgp_session_facts *facts,
	      uint8_t *buf, uint32_t *n)
{
	for (unsigned f = 0; f < RIB_OUT_FAMILIES; f++) {
		if (r->withdraw[f].first == NONE)
			continue;
		return pack_list(r, facts, &r->withdraw[f].first, NULL, 1U << f,
				 buf, n);
	}
	return 0;
}

static size_t
pack_announce(struct rib_out *r, const struct bgp_session_facts *facts,
	      uint8_t *buf, uint32_t *n)
{
	struct path *p = TAILQ_FIRST(&r->dirty_paths);
	size_t len;

	if (!p)
		return 0;
	len = pack_list(r, facts, &p->first, p, p->key.family, buf, n);
	if (len == 0)
		give_up(r, p->first);
	return len;
}

/* After the first announcements of all families. */
static size_t
pack_end_of_rib(struct rib_out *r, uint8_t *buf)
{
	/* The lowest bit that is set. */
	unsigned family = r->end_of_rib & -r->end_of_rib;

	if (!family)
		return 0;
	r->end_of_rib &= ~family;
	return bgp_encode_end_of_rib(family, buf, BGP_MESSAGE_MAX);
}

/* One of the families in *waiting. */
static size_t
pack_marker(struct rib_out *r, unsigned *waiting,
	    enum bgp_refresh_subtype subtype, uint8_t *buf)
{
	unsigned family = *waiting & -*waiting;
	struct bgp_refresh marker = {.afi = bgp_family_afi(family),
				     .safi = bgp_family_safi(family),
				     .subtype = subtype};

	if (!family)
		return 0;
	*waiting &= ~family;
	r->markers++;
	return bgp_encode_refresh(&marker, buf, BGP_MESSAGE_MAX);
}

static size_t
pack_message(struct rib_out *r, const struct bgp_session_facts *facts,
	     uint8_t *buf, uint32_t *n)
{
	size_t len = pack_marker(r, &r->begin_refresh, BGP_REFRESH_BORR, buf);

	if (len == 0)
		len = pack_withdraw(r, facts, buf, n);
	while (len == 0 && !TAILQ_EMPTY(&r->dirty_paths))
		len = pack_announce(r, facts, buf, n);
	if (len == 0) /* what was given up */
		len = pack_withdraw(r, facts, buf, n);
	if (len == 0) {
		*n = 0;
		len = pack_end_of_rib(r, buf);
	}
	if (len == 0)
		len = pack_marker(r, &r->end_refresh, BGP_REFRESH_EORR, buf);
	return len;
}

size_t
rib_out_pack(struct rib_out *r, const struct bgp_session_facts *facts,
	     uint8_t *buf, size_t size, uint64_t offset, unsigned *messages)
{
	size_t used = 0;

	*messages = 0;
	r->markers = 0;
	while (size - used >= longest(facts) &&
	       r->n_messages < RIB_OUT_FLIGHT) {
		uint32_t n = 0;
		size_t len = pack_message(r, facts, buf + used, &n);

		if (len == 0)
			break;
		used += len;
		record_message(r, offset + used, n);
		++*messages;
	}
	return used;
}

/* The message with this entry is written. */
static void
land(struct rib_out *r, uint32_t i, struct mono now)
{
	struct rib_out_entry *e = &r->entries[i];
	struct path *before = e->sent;
	struct bgp_nlri nlri = rib_out_nlri(r, i);
	struct nlri *kept = NULL;
	bool announced = e->flight != NULL;

	if (i >= r->n_ids)
		kept = nlri_ref(r->extras[i - r->n_ids]->nlri);
	chain_remove(r, &r->flight, i);
	e->list = RIB_OUT_CLEAN;
	r->pending--;
	r->announced += (uint32_t)(announced - (before != NULL));
	e->sent = e->flight;
	e->flight = NULL;
	e->since = now;
	path_unref(&r->paths, before);
	rib_out_sort(r, i);
	if (announced || before)
		r->sent(r->arg, &nlri, announced);
	nlri_unref(kept);
}

void
rib_out_written(struct rib_out *r, uint64_t offset, struct mono now)
{
	unsigned done = 0;

	while (done < r->n_messages && r->messages[done].end <= offset) {
		for (uint32_t n = r->messages[done].n; n; n--)
			land(r, r->flight.first, now);
		done++;
	}
	r->n_messages -= done;
	memmove(r->messages, r->messages + done,
		r->n_messages * sizeof(r->messages[0]));
}
