/* SPDX-License-Identifier: ISC */
/*
 * The records of a speaker that is handed over. A peer comes first, then its
 * session with its descriptor, then what belongs to that, then its end.
 */
#ifndef BASIN_BGP_HANDOVER_H
#define BASIN_BGP_HANDOVER_H

#include "base/handover.h"
#include "bgp/peer.h"
#include "wire/cursor.h"

enum handover_record {
	HANDOVER_PEER = 1, /* name, counters, the last error */
	HANDOVER_SESSION,  /* machine, OPEN, counters; with the descriptor */
	HANDOVER_RECEIVED, /* octets of a message that is not complete */
	HANDOVER_UNSENT,   /* octets that the kernel did not take yet */
	HANDOVER_OUT,      /* since, an UPDATE: a part of Adj-RIB-Out */
	HANDOVER_IN,       /* an UPDATE: a part of Adj-RIB-In */
	HANDOVER_END,      /* the session is complete */
};

/* Octets of the connection in one record. */
#define HANDOVER_CHUNK 32768

/* The numbers of a peer and of a machine, in their order in a record. */
struct handover_fields {
	uint64_t *v[24];
	size_t n;
};

static inline struct handover_fields
handover_counters(struct bgp_peer *p)
{
	struct handover_fields f = {0};

	for (int i = 0; i < 6; i++) {
		f.v[f.n++] = &p->messages_in[i];
		f.v[f.n++] = &p->messages_out[i];
	}
	f.v[f.n++] = &p->established;
	f.v[f.n++] = &p->octets_in;
	f.v[f.n++] = &p->octets_out;
	f.v[f.n++] = &p->updates_malformed;
	f.v[f.n++] = &p->attributes_discarded;
	f.v[f.n++] = &p->treated_as_withdraw;
	return f;
}

static inline void
handover_put_mono(struct wbuf *w, struct mono t)
{
	wbuf_u64(w, (uint64_t)t.ns);
}

static inline struct mono
handover_get_mono(struct rbuf *r)
{
	return (struct mono){(int64_t)rbuf_u64(r)};
}

static inline void
handover_put_text(struct wbuf *w, const char *s)
{
	wbuf_u16(w, (uint16_t)strlen(s));
	wbuf_bytes(w, s, strlen(s));
}

/* At most size - 1 octets of it; false when there are more. */
static inline bool
handover_get_text(struct rbuf *r, char *buf, size_t size)
{
	size_t n = rbuf_u16(r);
	const uint8_t *p = rbuf_take(r, n);

	buf[0] = '\0';
	if (!p || n >= size)
		return false;
	memcpy(buf, p, n);
	buf[n] = '\0';
	return true;
}

#endif
