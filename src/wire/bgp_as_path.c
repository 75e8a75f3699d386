/* SPDX-License-Identifier: ISC */
/*
 * AS_PATH and AS4_PATH: checked, merged (RFC 6793 section 4.2.3), written.
 *
 * Checking and reading are apart: the two attributes may come in any order,
 * so each is checked when met and read when both are known.
 */
#include "wire/bgp_private.h"

enum segment_type {
	SEGMENT_SET = 1,
	SEGMENT_SEQUENCE = 2,
	SEGMENT_CONFED_SEQUENCE = 3, /* RFC 5065 */
	SEGMENT_CONFED_SET = 4,
};

struct segment {
	uint8_t type;
	uint8_t n; /* AS numbers */
	struct rbuf asns;
};

/* The next segment; false at the end. r->bad when it is cut short. */
static bool
next_segment(struct rbuf *r, size_t width, struct segment *out)
{
	if (rbuf_left(r) == 0)
		return false;
	out->type = rbuf_u8(r);
	out->n = rbuf_u8(r);
	out->asns = rbuf_child(r, out->n * width);
	return !r->bad;
}

static uint32_t
next_asn(struct rbuf *r, size_t width)
{
	return width == 4 ? rbuf_u32(r) : rbuf_u16(r);
}

static bool
holds_as0(struct rbuf asns, size_t width)
{
	while (rbuf_left(&asns) > 0)
		if (next_asn(&asns, width) == 0)
			return true;
	return false;
}

static bool
is_confed(uint8_t type)
{
	return type == SEGMENT_CONFED_SEQUENCE || type == SEGMENT_CONFED_SET;
}

/* NULL, or what RFC 7606 section 7.2 or RFC 7607 says is wrong. */
static const char *
path_fault(struct rbuf v, size_t width)
{
	struct segment s;

	while (next_segment(&v, width, &s)) {
		if (s.type < SEGMENT_SET || s.type > SEGMENT_CONFED_SET)
			return "AS path has a segment of unrecognized type";
		if (s.n == 0)
			return "AS path has a segment of length 0";
		if (holds_as0(s.asns, width))
			return "AS path contains AS 0";
	}
	return v.bad ? "AS path segment exceeds the attribute" : NULL;
}

static bool
has_confed(struct rbuf v, size_t width)
{
	struct segment s;

	while (next_segment(&v, width, &s))
		if (is_confed(s.type))
			return true;
	return false;
}

struct bgp_fault
bgp_as_path_decode(struct bgp_reader *r, struct rbuf *v)
{
	size_t width = r->facts->as4 ? 4 : 2;
	const char *why = path_fault(*v, width);

	/* We are a member of no confederation (RFC 5065 section 5). */
	if (!why && has_confed(*v, width))
		why = "AS_PATH has a confederation segment";
	if (why)
		return (struct bgp_fault){.why = why,
					  .subcode = BGP_UPDATE_BAD_AS_PATH};
	r->out->attributes.has_as_path = true;
	r->as_path = *v;
	return BGP_NO_FAULT;
}

/* Confederation segments in it are skipped later (RFC 6793 section 6). */
struct bgp_fault
bgp_as4_path_decode(struct bgp_reader *r, struct rbuf *v)
{
	const char *why = path_fault(*v, 4);

	if (why)
		return (struct bgp_fault){.why = why,
					  .subcode = BGP_UPDATE_BAD_OPTIONAL};
	r->has_as4_path = true;
	r->as4_path = *v;
	return BGP_NO_FAULT;
}

/* RFC 4271 section 9.1.2.2 a: a set counts as one. */
static size_t
path_count(struct rbuf v, size_t width)
{
	struct segment s;
	size_t count = 0;

	while (next_segment(&v, width, &s))
		if (!is_confed(s.type))
			count += s.type == SEGMENT_SET ? 1 : s.n;
	return count;
}

static void
append(struct bgp_attributes *a, uint32_t asn)
{
	if (a->n_as_path < BGP_AS_PATH_MAX)
		a->as_path[a->n_as_path] = asn;
	a->n_as_path++;
}

static void
append_segment(struct bgp_attributes *a, struct segment *s, size_t width,
	       size_t *limit)
{
	size_t n = s->n;

	if (s->type == SEGMENT_SET) {
		a->path_has_set = true;
		a->path_length++;
		*limit -= 1;
	} else {
		n = n < *limit ? n : *limit;
		a->path_length += (uint16_t)n;
		*limit -= n;
	}
	for (size_t i = 0; i < n; i++)
		append(a, next_asn(&s->asns, width));
}

/* Appends the leading part that counts `limit`. */
static void
append_path(struct bgp_attributes *a, struct rbuf v, size_t width, size_t limit)
{
	struct segment s;

	while (limit > 0 && next_segment(&v, width, &s))
		if (!is_confed(s.type))
			append_segment(a, &s, width, &limit);
}

/* False when AS4_PATH and AS4_AGGREGATOR are stale (RFC 6793 4.2.3). */
static bool
take_aggregator(struct bgp_reader *r)
{
	struct bgp_attributes *a = &r->out->attributes;

	if (!r->has_as4_aggregator || !a->has_aggregator)
		return true;
	if (a->aggregator_asn != BGP_AS_TRANS)
		return false;
	a->aggregator_asn = r->as4_aggregator_asn;
	a->aggregator_id = r->as4_aggregator_id;
	return true;
}

void
bgp_as_path_finish(struct bgp_reader *r)
{
	struct bgp_attributes *a = &r->out->attributes;
	size_t width = r->facts->as4 ? 4 : 2, total, newer;
	bool current = take_aggregator(r);

	if (!a->has_as_path)
		return;
	total = path_count(r->as_path, width);
	newer = r->has_as4_path ? path_count(r->as4_path, 4) : 0;
	if (!current || newer > total)
		newer = 0;
	append_path(a, r->as_path, width, total - newer);
	if (newer > 0)
		append_path(a, r->as4_path, 4, newer);
}

/* AS numbers we can send: one segment of those that were kept. */
static size_t
sendable(const struct bgp_attributes *a)
{
	return a->n_as_path < BGP_AS_PATH_MAX ? a->n_as_path : BGP_AS_PATH_MAX;
}

static void
put_sequence(struct wbuf *w, const struct bgp_attributes *a, bool as4)
{
	size_t n = sendable(a);

	if (n == 0)
		return;
	wbuf_u8(w, SEGMENT_SEQUENCE);
	wbuf_u8(w, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		if (as4)
			wbuf_u32(w, a->as_path[i]);
		else
			wbuf_u16(w, bgp_as2(a->as_path[i]));
	}
}

bool
bgp_as_path_encode(struct wbuf *w, const struct bgp_attributes *a,
		   const struct bgp_session_facts *facts)
{
	put_sequence(w, a, facts->as4);
	return true;
}

/* Only when AS_PATH could not say it all (RFC 6793 section 4.2.2). */
bool
bgp_as4_path_encode(struct wbuf *w, const struct bgp_attributes *a,
		    const struct bgp_session_facts *facts)
{
	bool mappable = true;

	for (size_t i = 0; i < sendable(a); i++)
		mappable &= a->as_path[i] <= UINT16_MAX;
	if (facts->as4 || mappable)
		return false;
	put_sequence(w, a, true);
	return true;
}
