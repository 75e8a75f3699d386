/* SPDX-License-Identifier: ISC */
/*
 * Bytes only through cursors. `rbuf` reads network order with a sticky error:
 * a read past the end yields zero and sets `bad`, so a decoder checks once.
 * `wbuf` writes into a caller's array; an overflow is sticky too.
 */
#ifndef BASIN_WIRE_CURSOR_H
#define BASIN_WIRE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rbuf {
	const uint8_t *p; /* borrowed; next octet */
	const uint8_t *end;
	bool bad; /* a read went past the end */
};

static inline struct rbuf
rbuf_of(const void *octets, size_t n)
{
	const uint8_t *p = octets;

	return (struct rbuf){p, p + n, false};
}

static inline size_t
rbuf_left(const struct rbuf *r)
{
	return (size_t)(r->end - r->p);
}

/* The next n octets, or NULL (and bad, and nothing left). */
static inline const uint8_t *
rbuf_take(struct rbuf *r, size_t n)
{
	const uint8_t *p = r->p;

	if (rbuf_left(r) < n) {
		r->bad = true;
		r->p = r->end;
		return NULL;
	}
	r->p += n;
	return p;
}

static inline uint8_t
rbuf_u8(struct rbuf *r)
{
	const uint8_t *p = rbuf_take(r, 1);

	return p ? p[0] : 0;
}

static inline uint16_t
rbuf_u16(struct rbuf *r)
{
	const uint8_t *p = rbuf_take(r, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t
rbuf_u32(struct rbuf *r)
{
	const uint8_t *p = rbuf_take(r, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | p[3]
		 : 0;
}

static inline uint64_t
rbuf_u64(struct rbuf *r)
{
	uint64_t high = rbuf_u32(r);

	return high << 32 | rbuf_u32(r);
}

/* A child cursor over the next n octets; empty and bad when there are less. */
static inline struct rbuf
rbuf_child(struct rbuf *r, size_t n)
{
	const uint8_t *p = rbuf_take(r, n);
	struct rbuf child = rbuf_of(p ? p : r->end, p ? n : 0);

	child.bad = !p;
	return child;
}

struct wbuf {
	uint8_t *start; /* borrowed */
	uint8_t *p;
	uint8_t *end;
	bool full; /* a write did not fit; nothing of it was written */
};

static inline struct wbuf
wbuf_of(void *octets, size_t n)
{
	uint8_t *p = octets;

	return (struct wbuf){p, p, p + n, false};
}

static inline size_t
wbuf_len(const struct wbuf *w)
{
	return (size_t)(w->p - w->start);
}

static inline size_t
wbuf_room(const struct wbuf *w)
{
	return (size_t)(w->end - w->p);
}

/* Room for n octets, or NULL (and full). */
static inline uint8_t *
wbuf_take(struct wbuf *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->full || wbuf_room(w) < n) {
		w->full = true;
		return NULL;
	}
	w->p += n;
	return p;
}

static inline void
wbuf_bytes(struct wbuf *w, const void *octets, size_t n)
{
	uint8_t *p = wbuf_take(w, n);

	if (p && n)
		memcpy(p, octets, n);
}

static inline void
wbuf_u8(struct wbuf *w, uint8_t v)
{
	wbuf_bytes(w, &v, 1);
}

static inline void
wbuf_u16(struct wbuf *w, uint16_t v)
{
	uint8_t b[2] = {(uint8_t)(v >> 8), (uint8_t)v};

	wbuf_bytes(w, b, 2);
}

static inline void
wbuf_u32(struct wbuf *w, uint32_t v)
{
	uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
			(uint8_t)(v >> 8), (uint8_t)v};

	wbuf_bytes(w, b, 4);
}

static inline void
wbuf_u64(struct wbuf *w, uint64_t v)
{
	wbuf_u32(w, (uint32_t)(v >> 32));
	wbuf_u32(w, (uint32_t)v);
}

/* Back-patching: write a 16-bit value at an earlier offset. */
static inline void
wbuf_patch_u16(struct wbuf *w, size_t at, uint16_t v)
{
	if (w->full)
		return;
	w->start[at] = (uint8_t)(v >> 8);
	w->start[at + 1] = (uint8_t)v;
}

#endif
