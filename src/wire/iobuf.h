/* SPDX-License-Identifier: ISC */
/*
 * One cursor for both ways: a function that names the fields of a record once
 * writes them or reads them, so that the two cannot differ. Numbers are
 * checked when they are read; what is wrong is sticky (iobuf_ok()).
 */
#ifndef BASIN_WIRE_IOBUF_H
#define BASIN_WIRE_IOBUF_H

#include "base/time.h"
#include "wire/cursor.h"

struct iobuf {
	struct wbuf *w; /* borrowed; writing, else reading */
	struct rbuf r;
	bool bad; /* a number that cannot be was read */
};

static inline bool
iobuf_ok(const struct iobuf *io)
{
	return io->w ? !io->w->full : !io->bad && !io->r.bad;
}

static inline void
iobuf_u64(struct iobuf *io, uint64_t *v)
{
	if (io->w)
		wbuf_u64(io->w, *v);
	else
		*v = rbuf_u64(&io->r);
}

static inline void
iobuf_u32(struct iobuf *io, uint32_t *v)
{
	if (io->w)
		wbuf_u32(io->w, *v);
	else
		*v = rbuf_u32(&io->r);
}

/* Below `limit`, or bad and 0. */
static inline unsigned
iobuf_small(struct iobuf *io, unsigned v, unsigned limit)
{
	iobuf_u32(io, &v);
	if (io->w || v < limit)
		return v;
	io->bad = true;
	return 0;
}

/* An enumeration or a count below `limit`. */
#define IOBUF_SMALL(io, field, limit)                                          \
	((field) = (__typeof__(field))iobuf_small(io, (unsigned)(field), limit))
#define IOBUF_FLAG(io, field) ((field) = iobuf_small(io, (field), 2) != 0)

static inline void
iobuf_any_moment(struct iobuf *io, struct mono *t)
{
	uint64_t v = (uint64_t)t->ns;

	iobuf_u64(io, &v);
	t->ns = (int64_t)v;
}

/* Of the clock: not negative. */
static inline void
iobuf_moment(struct iobuf *io, struct mono *t)
{
	iobuf_any_moment(io, t);
	io->bad |= t->ns < 0;
}

#endif
