/* SPDX-License-Identifier: ISC */
#include "sim/ribs_slice.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* As small as level 6 with these texts, in less than half the time. */
#define LEVEL 4

struct ribs_press {
	bool gzip;
	z_stream stream;
	struct text rows; /* owned */
};

struct ribs_press *
ribs_press_new(bool gzip)
{
	struct ribs_press *p = xcalloc(1, sizeof(*p));

	p->gzip = gzip;
	/* Below zero: without a head of its own. */
	if (gzip && deflateInit2(&p->stream, LEVEL, Z_DEFLATED, -MAX_WBITS, 9,
				 Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	return p;
}

void
ribs_press_free(struct ribs_press *p)
{
	if (!p)
		return;
	if (p->gzip)
		deflateEnd(&p->stream);
	text_free(&p->rows);
	free(p);
}

/* ---- rows ---- */

static void
add_row(struct text *out, const struct text *asn,
	const struct ribs_prefix *prefix, const struct ribs_paths *paths,
	uint32_t place)
{
	uint32_t start = place ? paths->end[place - 1] : 0;
	uint32_t n = paths->end[place] - start;

	if (n == 0)
		return;
	text_add_n(out, asn->s, asn->len);
	text_add_n(out, prefix->text, prefix->octets);
	text_add_n(out, ",\"", 2);
	text_add_n(out, paths->text.s + start, n);
	text_add_n(out, "\"\n", 2);
}

static void
add_rows(struct text *out, const struct ribs_plan *plan, uint32_t number,
	 uint32_t place)
{
	struct text asn = {0};

	text_add_number(&asn, number, 1);
	text_add_n(&asn, ",", 1);
	for (uint32_t i = 0; i < plan->n_prefixes; i++) {
		const struct ribs_prefix *p = &plan->prefixes[i];

		add_row(out, &asn, p, &plan->paths[p->group], place);
	}
	text_free(&asn);
}

/* ---- gzip ---- */

static void
press(struct ribs_press *p, const char *text, size_t n, struct text *out)
{
	z_stream *s = &p->stream;
	/* With the empty block that a flush ends with. */
	size_t room = deflateBound(s, n) + 16;

	if (out->cap < room + 1) {
		out->s = xrealloc(out->s, room + 1, 1);
		out->cap = room + 1;
	}
	deflateReset(s);
	s->next_in = (Bytef *)(uintptr_t)text;
	s->avail_in = (uInt)n;
	s->next_out = (Bytef *)out->s;
	s->avail_out = (uInt)room;
	if (deflate(s, Z_SYNC_FLUSH) != Z_OK || s->avail_in)
		abort();
	out->len = room - s->avail_out;
	out->s[out->len] = '\0';
}

void
ribs_slice_text(struct ribs_press *p, const char *text, size_t n,
		struct ribs_slice *out)
{
	out->octets = (uint32_t)n;
	text_clear(&out->out);
	if (!p->gzip) {
		text_add_n(&out->out, text, n);
		return;
	}
	out->crc = (uint32_t)crc32_z(0, (const Bytef *)text, n);
	/* An empty flush after an empty one would be an error. */
	if (n)
		press(p, text, n, &out->out);
}

void
ribs_slice(struct ribs_press *p, const struct ribs_plan *plan,
	   const uint32_t *ids, const struct sim_graph *g, uint32_t first,
	   uint32_t n, struct ribs_slice *out)
{
	text_clear(&p->rows);
	for (uint32_t i = first; i < first + n; i++)
		add_rows(&p->rows, plan, sim_graph_asn(g, ids[i]), i);
	ribs_slice_text(p, text_str(&p->rows), p->rows.len, out);
}

void
ribs_slice_count(struct ribs_slice *all, const struct ribs_slice *next)
{
	all->crc = (uint32_t)crc32_combine(all->crc, next->crc, next->octets);
	all->octets += next->octets;
}

void
ribs_slice_head(struct text *out)
{
	/* Deflate, no name, no time, from Unix: RFC 1952, 2.3. */
	static const char head[] = {0x1f, (char)0x8b, 8, 0, 0, 0, 0, 0, 0, 3};

	text_add_n(out, head, sizeof(head));
}

static void
add_word(struct text *out, uint32_t v)
{
	for (int i = 0; i < 4; i++, v >>= 8)
		text_add_n(out, &(char){(char)(v & 0xff)}, 1);
}

void
ribs_slice_end(const struct ribs_slice *all, struct text *out)
{
	/* An empty last block: RFC 1951, 3.2.3. */
	text_add_n(out, "\x03\x00", 2);
	add_word(out, all->crc);
	add_word(out, all->octets);
}
