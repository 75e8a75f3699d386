/* SPDX-License-Identifier: ISC */
/*
 * BFD control packets (RFC 5880 section 4).
 */
#include "wire/bfd.h"
#include "base/text.h"

/* The octet behind version and diagnostic: state and flags. */
enum {
	FLAG_POLL = 0x20,
	FLAG_FINAL = 0x10,
	FLAG_CPI = 0x08,
	FLAG_AUTH = 0x04,
	FLAG_DEMAND = 0x02,
	FLAG_MULTIPOINT = 0x01,
};

#define AUTH_HEADER_LEN 3 /* type, length, key ID */
#define AUTH_DIGEST_AT  8 /* behind reserved and sequence number */

/* Octets of the value of a type; a password's may be any up to that. */
static size_t
value_max(uint8_t type)
{
	switch (type) {
	case BFD_AUTH_PASSWORD:
		return BFD_PASSWORD_MAX;
	case BFD_AUTH_MD5:
	case BFD_AUTH_METICULOUS_MD5:
		return BFD_MD5_LEN;
	case BFD_AUTH_SHA1:
	case BFD_AUTH_METICULOUS_SHA1:
		return BFD_SHA1_LEN;
	default:
		return 0;
	}
}

static enum bfd_fault
decode_password(struct rbuf *r, size_t len, struct bfd_auth *out)
{
	if (len <= AUTH_HEADER_LEN || len > AUTH_HEADER_LEN + BFD_PASSWORD_MAX)
		return BFD_FAULT_AUTH_LENGTH;
	out->key_id = rbuf_u8(r);
	out->len = (uint8_t)(len - AUTH_HEADER_LEN);
	memcpy(out->value, rbuf_take(r, out->len), out->len);
	return BFD_FAULT_NONE;
}

static enum bfd_fault
decode_digest(struct rbuf *r, size_t len, struct bfd_auth *out)
{
	out->len = (uint8_t)value_max(out->type);
	if (len != (size_t)AUTH_DIGEST_AT + out->len)
		return BFD_FAULT_AUTH_LENGTH;
	out->key_id = rbuf_u8(r);
	rbuf_u8(r); /* reserved: ignored */
	out->sequence = rbuf_u32(r);
	memcpy(out->value, rbuf_take(r, out->len), out->len);
	return BFD_FAULT_NONE;
}

/* `r` ends where the Length field says. */
static enum bfd_fault
decode_auth(struct rbuf *r, struct bfd_auth *out)
{
	size_t left = rbuf_left(r), len;

	out->type = rbuf_u8(r);
	len = rbuf_u8(r);
	/* RFC 5880 section 6.7: the section fills the packet. */
	if (len != left)
		return BFD_FAULT_AUTH_LENGTH;
	if (!value_max(out->type))
		return BFD_FAULT_AUTH_TYPE;
	if (out->type == BFD_AUTH_PASSWORD)
		return decode_password(r, len, out);
	return decode_digest(r, len, out);
}

static void
decode_flags(uint8_t octet, struct bfd_packet *out)
{
	out->state = octet >> 6;
	out->poll = octet & FLAG_POLL;
	out->final = octet & FLAG_FINAL;
	out->control_plane_independent = octet & FLAG_CPI;
	out->demand = octet & FLAG_DEMAND;
}

/* Section 6.8.6 from the Length field on, as far as no session is needed. */
static enum bfd_fault
judge(const struct bfd_packet *p, uint8_t flags)
{
	if (p->detect_mult == 0)
		return BFD_FAULT_MULTIPLIER;
	if (flags & FLAG_MULTIPOINT)
		return BFD_FAULT_MULTIPOINT;
	if (p->my_discriminator == 0)
		return BFD_FAULT_MY_DISCRIMINATOR;
	if (p->your_discriminator == 0 && p->state > BFD_STATE_DOWN)
		return BFD_FAULT_YOUR_DISCRIMINATOR;
	return BFD_FAULT_NONE;
}

static bool
length_fits(size_t len, size_t n, uint8_t flags)
{
	size_t min = flags & FLAG_AUTH ? BFD_HEADER_LEN + 2 : BFD_HEADER_LEN;

	return len >= min && len <= n;
}

enum bfd_fault
bfd_decode(const uint8_t *octets, size_t n, struct bfd_packet *out)
{
	struct rbuf r = rbuf_of(octets, n);
	uint8_t first = rbuf_u8(&r), flags = rbuf_u8(&r), len;
	enum bfd_fault fault;

	memset(out, 0, sizeof(*out));
	if (n < BFD_HEADER_LEN)
		return BFD_FAULT_SHORT;
	if (first >> 5 != BFD_VERSION)
		return BFD_FAULT_VERSION;
	out->diag = first & 0x1f;
	decode_flags(flags, out);
	out->detect_mult = rbuf_u8(&r);
	len = rbuf_u8(&r);
	if (!length_fits(len, n, flags))
		return BFD_FAULT_LENGTH;
	r.end = octets + len;
	out->my_discriminator = rbuf_u32(&r);
	out->your_discriminator = rbuf_u32(&r);
	out->desired_min_tx = rbuf_u32(&r);
	out->required_min_rx = rbuf_u32(&r);
	out->required_min_echo_rx = rbuf_u32(&r);
	fault = judge(out, flags);
	if (fault != BFD_FAULT_NONE || !(flags & FLAG_AUTH))
		return fault;
	return decode_auth(&r, &out->auth);
}

static uint8_t
flags_of(const struct bfd_packet *p)
{
	return (uint8_t)((p->state & 3) << 6 | (p->poll ? FLAG_POLL : 0) |
			 (p->final ? FLAG_FINAL : 0) |
			 (p->control_plane_independent ? FLAG_CPI : 0) |
			 (p->auth.type ? FLAG_AUTH : 0) |
			 (p->demand ? FLAG_DEMAND : 0));
}

static bool
auth_sendable(const struct bfd_auth *auth)
{
	size_t max = value_max(auth->type);

	if (auth->type == BFD_AUTH_NONE)
		return true;
	if (auth->type == BFD_AUTH_PASSWORD)
		return auth->len > 0 && auth->len <= max;
	return max > 0 && auth->len == max;
}

static void
encode_auth(struct wbuf *w, const struct bfd_auth *auth)
{
	size_t at = wbuf_len(w);

	wbuf_u8(w, auth->type);
	wbuf_u8(w, 0);
	wbuf_u8(w, auth->key_id);
	if (auth->type != BFD_AUTH_PASSWORD) {
		wbuf_u8(w, 0);
		wbuf_u32(w, auth->sequence);
	}
	wbuf_bytes(w, auth->value, auth->len);
	if (!w->full)
		w->start[at + 1] = (uint8_t)(wbuf_len(w) - at);
}

size_t
bfd_encode(const struct bfd_packet *p, uint8_t *buf, size_t size)
{
	struct wbuf w = wbuf_of(buf, size);

	if (!auth_sendable(&p->auth))
		return 0;
	wbuf_u8(&w, (uint8_t)(BFD_VERSION << 5 | (p->diag & 0x1f)));
	wbuf_u8(&w, flags_of(p));
	wbuf_u8(&w, p->detect_mult);
	wbuf_u8(&w, 0);
	wbuf_u32(&w, p->my_discriminator);
	wbuf_u32(&w, p->your_discriminator);
	wbuf_u32(&w, p->desired_min_tx);
	wbuf_u32(&w, p->required_min_rx);
	wbuf_u32(&w, p->required_min_echo_rx);
	if (p->auth.type)
		encode_auth(&w, &p->auth);
	if (w.full)
		return 0;
	w.start[3] = (uint8_t)wbuf_len(&w);
	return wbuf_len(&w);
}

const char *
bfd_state_text(uint8_t state)
{
	static const char *const texts[] = {"AdminDown", "Down", "Init", "Up"};

	return state < ARRAY_LEN(texts) ? texts[state] : "unknown";
}

const char *
bfd_diag_text(uint8_t diag)
{
	static const char *const texts[] = {
#define X(symbol, text) text,
	    BFD_DIAGS(X)
#undef X
	};

	return diag < ARRAY_LEN(texts) ? texts[diag] : "unassigned";
}

#define X(symbol, label, text) {label, text},
static const struct {
	const char *label, *text;
} faults[] = {BFD_FAULTS(X)};
#undef X

const char *
bfd_fault_label(enum bfd_fault fault)
{
	return fault < ARRAY_LEN(faults) ? faults[fault].label : "unknown";
}

const char *
bfd_fault_text(enum bfd_fault fault)
{
	return fault < ARRAY_LEN(faults) ? faults[fault].text : "unknown";
}
