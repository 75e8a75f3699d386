/* SPDX-License-Identifier: ISC */
/*
 * Flow specification NLRI (RFC 8955 section 4, RFC 8956 section 3): components
 * as a table. Decoding is strict: ascending types, each once, lengths as the
 * RFC has them, lists closed by their end-of-list bit.
 */
#include <errno.h>
#include <netinet/in.h>

#include "base/text.h"
#include "wire/bgp_flow.h"
#include "wire/bgp_private.h"

#define OP_END     0x80 /* end-of-list */
#define OP_SIZE(o) ((size_t)1 << ((o) >> 4 & 3))

#define NLRI_EXTENDED 0xf0 /* RFC 8955 section 4.1 */

struct component {
	const char *text; /* NULL: no such type */
	bool bitmask;
	bool ipv6_only;
	uint8_t size_max; /* octets of a value at most */
	uint32_t mask[2]; /* bits with a meaning, IPv4 and IPv6 */
};

static const struct component components[BGP_FLOW_TYPES] = {
    [BGP_FLOW_DST] = {.text = "destination"},
    [BGP_FLOW_SRC] = {.text = "source"},
    [BGP_FLOW_PROTO] = {"protocol", false, false, 8, {UINT8_MAX, UINT8_MAX}},
    [BGP_FLOW_PORT] = {"port", false, false, 8, {UINT16_MAX, UINT16_MAX}},
    [BGP_FLOW_DST_PORT] =
	{"destination port", false, false, 8, {UINT16_MAX, UINT16_MAX}},
    [BGP_FLOW_SRC_PORT] =
	{"source port", false, false, 8, {UINT16_MAX, UINT16_MAX}},
    [BGP_FLOW_ICMP_TYPE] =
	{"ICMP type", false, false, 8, {UINT8_MAX, UINT8_MAX}},
    [BGP_FLOW_ICMP_CODE] =
	{"ICMP code", false, false, 8, {UINT8_MAX, UINT8_MAX}},
    [BGP_FLOW_TCP_FLAGS] = {"TCP flags", true, false, 2, {0x0fff, 0x0fff}},
    [BGP_FLOW_LENGTH] =
	{"packet length", false, false, 8, {UINT16_MAX, UINT16_MAX}},
    [BGP_FLOW_DSCP] = {"DSCP", false, false, 1, {0x3f, 0x3f}},
    [BGP_FLOW_FRAGMENT] = {"fragment", true, false, 1, {0x0f, 0x0e}},
    [BGP_FLOW_LABEL] = {"flow label", false, true, 8, {0, 0xfffff}},
};

/* NULL when the family has no such type. */
static const struct component *
row_of(uint8_t type, uint8_t family)
{
	if (type >= BGP_FLOW_TYPES || !components[type].text ||
	    (components[type].ipv6_only && family != AF_INET6))
		return NULL;
	return &components[type];
}

static uint32_t
mask_of(const struct component *row, uint8_t family)
{
	return row->mask[family == AF_INET6];
}

/* Bits of an op octet that have a meaning here. */
static uint8_t
op_mask(const struct component *row)
{
	return BGP_FLOW_AND |
	       (row->bitmask ? BGP_FLOW_NOT | BGP_FLOW_MATCH
			     : BGP_FLOW_LT | BGP_FLOW_GT | BGP_FLOW_EQ);
}

const char *
bgp_flow_type_text(uint8_t type)
{
	const struct component *row = row_of(type, AF_INET6);

	return row ? row->text : "unknown component";
}

bool
bgp_flow_is_bitmask(uint8_t type)
{
	const struct component *row = row_of(type, AF_INET6);

	return row && row->bitmask;
}

/* ---- building ---- */

/* False when there is no room. */
static bool
append(struct bgp_flow *flow, uint8_t type, struct bgp_flow_term term)
{
	if (flow->n_terms >= BGP_FLOW_TERMS_MAX)
		return false;
	if (flow->count[type] == 0)
		flow->first[type] = flow->n_terms;
	flow->terms[flow->n_terms++] = term;
	flow->count[type]++;
	return true;
}

static bool
has_later(const struct bgp_flow *flow, uint8_t type)
{
	for (size_t t = (size_t)type + 1; t < BGP_FLOW_TYPES; t++)
		if (flow->count[t])
			return true;
	return false;
}

int
bgp_flow_add(struct bgp_flow *flow, enum bgp_flow_type type, uint8_t op,
	     uint32_t value)
{
	const struct component *row = row_of((uint8_t)type, flow->family);
	struct bgp_flow_term term = {.value = value, .op = op};

	if (!row || type <= BGP_FLOW_SRC || op & ~op_mask(row) ||
	    value & ~mask_of(row, flow->family) ||
	    has_later(flow, (uint8_t)type))
		return -EINVAL;
	if (flow->count[type] == 0)
		term.op &= (uint8_t)~BGP_FLOW_AND;
	return append(flow, (uint8_t)type, term) ? 0 : -ENOSPC;
}

/* ---- prefixes ---- */

/* Copies bits [0, n) of p to bits [at, at + n) of out, which are zero. */
static void
shift_in(uint8_t *out, size_t at, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i / 8] & 0x80 >> i % 8)
			out[(at + i) / 8] |= (uint8_t)(0x80 >> (at + i) % 8);
}

/* The inverse: bits [at, at + n) of p to the front of out. */
static void
shift_out(uint8_t *out, const uint8_t *p, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[(at + i) / 8] & 0x80 >> (at + i) % 8)
			out[i / 8] |= (uint8_t)(0x80 >> i % 8);
}

static bool
bounds_fit(size_t len, size_t offset, uint8_t family)
{
	if (len == 0 && offset == 0)
		return true;
	return offset < len && len <= ip_octets(family) * 8;
}

static const char *
decode_prefix(struct rbuf *r, uint8_t family, struct bgp_flow_prefix *out)
{
	uint8_t len = rbuf_u8(r);
	uint8_t offset = family == AF_INET6 ? rbuf_u8(r) : 0;
	const uint8_t *p;

	if (r->bad)
		return "flow specification ends inside a prefix";
	if (!bounds_fit(len, offset, family))
		return "flow specification has an incorrect prefix length";
	p = rbuf_take(r, ((size_t)len - offset + 7) / 8);
	if (!p)
		return "flow specification ends inside a prefix";
	*out = (struct bgp_flow_prefix){.present = true, .offset = offset};
	out->prefix.addr.family = family;
	out->prefix.len = len;
	shift_in(out->prefix.addr.bytes, offset, p, (size_t)len - offset);
	return NULL;
}

static void
encode_prefix(struct wbuf *w, uint8_t type, const struct bgp_flow_prefix *p)
{
	size_t bits = (size_t)p->prefix.len - p->offset;
	uint8_t pattern[16] = {0};

	if (!p->present)
		return;
	wbuf_u8(w, type);
	wbuf_u8(w, p->prefix.len);
	if (p->prefix.addr.family == AF_INET6)
		wbuf_u8(w, p->offset);
	shift_out(pattern, p->prefix.addr.bytes, p->offset, bits);
	wbuf_bytes(w, pattern, (bits + 7) / 8);
}

/* ---- terms ---- */

static uint64_t
read_value(struct rbuf *r, size_t size)
{
	switch (size) {
	case 1:
		return rbuf_u8(r);
	case 2:
		return rbuf_u16(r);
	case 4:
		return rbuf_u32(r);
	default:
		return rbuf_u64(r);
	}
}

/* Keeps a term, or says that the flow holds more than we can. */
static void
keep_term(struct bgp_flow *flow, uint8_t type, uint8_t op, uint64_t value)
{
	const struct component *row = row_of(type, flow->family);
	struct bgp_flow_term term = {
	    .op = op & op_mask(row),
	    .size = (uint8_t)OP_SIZE(op),
	};

	/* Bits without a meaning are ignored, too large a number is not. */
	if (row->size_max < 4)
		value &= mask_of(row, flow->family);
	if (flow->count[type] == 0)
		term.op &= (uint8_t)~BGP_FLOW_AND;
	term.value = (uint32_t)value;
	if (value > UINT32_MAX || !append(flow, type, term))
		flow->excess = true;
}

static const char *
decode_terms(struct rbuf *r, uint8_t type, struct bgp_flow *out)
{
	const struct component *row = row_of(type, out->family);
	uint8_t op = 0;

	while (!(op & OP_END)) {
		uint64_t value;

		op = rbuf_u8(r);
		value = read_value(r, OP_SIZE(op));
		if (r->bad)
			return "flow specification ends inside a component";
		if (OP_SIZE(op) > row->size_max)
			return "flow specification has too long a value";
		keep_term(out, type, op, value);
	}
	return NULL;
}

static size_t
size_of(const struct bgp_flow_term *t)
{
	if (t->size)
		return t->size;
	if (t->value > UINT16_MAX)
		return 4;
	return t->value > UINT8_MAX ? 2 : 1;
}

static uint8_t
size_bits(size_t size)
{
	uint8_t bits = 0;

	while (OP_SIZE(bits << 4) < size)
		bits++;
	return (uint8_t)(bits << 4);
}

static void
encode_term(struct wbuf *w, const struct bgp_flow_term *t, bool last)
{
	size_t size = size_of(t);

	wbuf_u8(w, (uint8_t)(t->op | size_bits(size) | (last ? OP_END : 0)));
	if (size == 1)
		wbuf_u8(w, (uint8_t)t->value);
	else if (size == 2)
		wbuf_u16(w, (uint16_t)t->value);
	else if (size == 4)
		wbuf_u32(w, t->value);
	else
		wbuf_u64(w, t->value);
}

void
bgp_flow_encode_terms(struct wbuf *w, const struct bgp_flow *flow, size_t type)
{
	size_t n = flow->count[type];

	for (size_t i = 0; i < n; i++)
		encode_term(w, &flow->terms[flow->first[type] + i], i + 1 == n);
}

/* ---- NLRI ---- */

static const char *
decode_component(struct rbuf *r, uint8_t type, struct bgp_flow *out)
{
	if (!row_of(type, out->family))
		return "flow specification has a component of unknown type";
	if (type == BGP_FLOW_DST)
		return decode_prefix(r, out->family, &out->dst);
	if (type == BGP_FLOW_SRC)
		return decode_prefix(r, out->family, &out->src);
	return decode_terms(r, type, out);
}

static const char *
decode_value(struct rbuf *r, struct bgp_flow *out)
{
	const char *why = NULL;
	uint8_t last = 0;

	if (rbuf_left(r) == 0)
		return "flow specification has no component";
	while (rbuf_left(r) > 0 && !why) {
		uint8_t type = rbuf_u8(r);

		if (type <= last)
			return "flow specification's components are not in "
			       "ascending order";
		last = type;
		why = decode_component(r, type, out);
	}
	return why;
}

static struct rbuf
next_value(struct rbuf *nlri)
{
	size_t len = rbuf_u8(nlri);

	if (len >= NLRI_EXTENDED)
		len = (len & 0x0f) << 8 | rbuf_u8(nlri);
	return rbuf_child(nlri, len);
}

bool
bgp_flow_decode(struct rbuf *nlri, uint8_t family, struct bgp_flow *out,
		const char **why)
{
	struct rbuf value = next_value(nlri);

	memset(out, 0, sizeof(*out));
	out->family = family;
	if (nlri->bad)
		*why = "flow specification exceeds the attribute";
	else
		*why = decode_value(&value, out);
	return !*why;
}

static void
encode_value(struct wbuf *w, const struct bgp_flow *flow)
{
	encode_prefix(w, BGP_FLOW_DST, &flow->dst);
	encode_prefix(w, BGP_FLOW_SRC, &flow->src);
	for (size_t type = BGP_FLOW_PROTO; type < BGP_FLOW_TYPES; type++) {
		if (!flow->count[type])
			continue;
		wbuf_u8(w, (uint8_t)type);
		bgp_flow_encode_terms(w, flow, type);
	}
}

size_t
bgp_flow_encode(const struct bgp_flow *flow, uint8_t *buf, size_t size)
{
	uint8_t value[BGP_FLOW_OCTETS_MAX];
	struct wbuf v = wbuf_of(value, sizeof(value)), w = wbuf_of(buf, size);
	size_t n;

	encode_value(&v, flow);
	n = wbuf_len(&v);
	if (flow->excess || v.full || n == 0)
		return 0;
	if (n < NLRI_EXTENDED)
		wbuf_u8(&w, (uint8_t)n);
	else
		wbuf_u16(&w, (uint16_t)(NLRI_EXTENDED << 8 | n));
	wbuf_bytes(&w, value, n);
	return w.full ? 0 : wbuf_len(&w);
}

bool
bgp_next_flow(struct rbuf *list, uint8_t family, struct bgp_flow *out)
{
	const char *why;

	return rbuf_left(list) > 0 && bgp_flow_decode(list, family, out, &why);
}

const char *
bgp_flows_fault(struct rbuf list, uint8_t family)
{
	struct bgp_flow flow;
	const char *why = NULL;

	while (rbuf_left(&list) > 0 && !why)
		bgp_flow_decode(&list, family, &flow, &why);
	return why;
}
