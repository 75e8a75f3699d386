/* SPDX-License-Identifier: ISC */
/*
 * Capabilities (RFC 5492) as a table: what a peer may announce in its OPEN,
 * what of it we understand, and what we announce ourselves.
 */
#include "base/text.h"
#include "wire/bgp_private.h"

/* The first two octets of capability 64 (RFC 4724 3, RFC 8538 2). */
#define RESTART_TIME_MASK    0x0fff
#define RESTART_STATE        0x8000
#define RESTART_NOTIFICATION 0x4000
#define RESTART_FORWARDING   0x80 /* of a family */

struct capability {
	uint8_t code;
	uint8_t min, max, unit; /* octets of the value; multiple of unit */
	const char *name;
	const char *bad_length;
	void (*decode)(struct rbuf *v, struct bgp_open *open);
	/* Writes the values' TLVs; NULL: never announced. */
	void (*encode)(struct wbuf *w, const struct bgp_open *open);
};

static void
decode_multiprotocol(struct rbuf *v, struct bgp_open *open)
{
	uint16_t afi = rbuf_u16(v);

	rbuf_u8(v); /* reserved: ignored */
	open->has_multiprotocol = true;
	open->families |= bgp_family_bit(afi, rbuf_u8(v));
}

static void
put_family(struct wbuf *w, unsigned bit)
{
	wbuf_u8(w, 1);
	wbuf_u8(w, 4);
	wbuf_u16(w, bgp_family_afi(bit));
	wbuf_u8(w, 0);
	wbuf_u8(w, bgp_family_safi(bit));
}

static void
encode_multiprotocol(struct wbuf *w, const struct bgp_open *open)
{
	if (!open->has_multiprotocol && open->families == BGP_FAMILY_IPV4)
		return;
	for (unsigned i = 0; i < BGP_FAMILY_COUNT; i++)
		if (open->families & 1U << i)
			put_family(w, 1U << i);
}

/* Of a capability that starts at `at`, when its value was written. */
static void
set_length(struct wbuf *w, size_t at)
{
	if (!w->full)
		w->start[at + 1] = (uint8_t)(wbuf_len(w) - at - 2);
}

static void
put_empty(struct wbuf *w, uint8_t code)
{
	wbuf_u8(w, code);
	wbuf_u8(w, 0);
}

static void
decode_refresh(struct rbuf *v, struct bgp_open *open)
{
	open->route_refresh = true;
}

static void
encode_refresh(struct wbuf *w, const struct bgp_open *open)
{
	if (open->route_refresh)
		put_empty(w, 2);
}

/* RFC 8950 section 4: <AFI, SAFI, AFI of the next hop>. */
static void
decode_next_hop(struct rbuf *v, struct bgp_open *open)
{
	while (rbuf_left(v) > 0) {
		uint16_t afi = rbuf_u16(v), safi = rbuf_u16(v);
		bool ipv6 = rbuf_u16(v) == BGP_AFI_IPV6;

		if (ipv6 && safi <= UINT8_MAX)
			open->extended_next_hop |=
			    bgp_family_bit(afi, (uint8_t)safi);
	}
}

static void
encode_next_hop(struct wbuf *w, const struct bgp_open *open)
{
	size_t at = wbuf_len(w);

	if (!open->extended_next_hop)
		return;
	put_empty(w, 5);
	for (unsigned i = 0; i < BGP_FAMILY_COUNT; i++) {
		if (!(open->extended_next_hop & 1U << i))
			continue;
		wbuf_u16(w, bgp_family_afi(1U << i));
		wbuf_u16(w, bgp_family_safi(1U << i));
		wbuf_u16(w, BGP_AFI_IPV6);
	}
	set_length(w, at);
}

static void
decode_extended(struct rbuf *v, struct bgp_open *open)
{
	open->extended_message = true;
}

static void
encode_extended(struct wbuf *w, const struct bgp_open *open)
{
	if (open->extended_message)
		put_empty(w, 6);
}

/* RFC 9234 section 4.2: several with the same value count as one. */
static void
decode_role(struct rbuf *v, struct bgp_open *open)
{
	uint8_t role = rbuf_u8(v);

	if (open->has_role && open->role != role)
		open->roles_conflict = true;
	open->has_role = true;
	open->role = role;
}

static void
encode_role(struct wbuf *w, const struct bgp_open *open)
{
	if (!open->has_role)
		return;
	wbuf_u8(w, 9);
	wbuf_u8(w, 1);
	wbuf_u8(w, open->role);
}

/* Of several the last counts (RFC 4724 section 3). */
static void
decode_restart(struct rbuf *v, struct bgp_open *open)
{
	uint16_t head = rbuf_u16(v);

	open->graceful_restart = true;
	open->gr_restarted = head & RESTART_STATE;
	open->gr_notification = head & RESTART_NOTIFICATION;
	open->restart_time = head & RESTART_TIME_MASK;
	open->gr_families = open->gr_forwarding = 0;
	while (rbuf_left(v) > 0) {
		uint16_t afi = rbuf_u16(v);
		unsigned bit = bgp_family_bit(afi, rbuf_u8(v));

		open->gr_families |= bit;
		if (rbuf_u8(v) & RESTART_FORWARDING)
			open->gr_forwarding |= bit;
	}
}

/* Without families: we send End-of-RIB but keep no forwarding state. */
static void
encode_restart(struct wbuf *w, const struct bgp_open *open)
{
	size_t at = wbuf_len(w);

	if (!open->graceful_restart)
		return;
	put_empty(w, 64);
	wbuf_u16(
	    w, (uint16_t)((open->restart_time & RESTART_TIME_MASK) |
			  (open->gr_restarted ? RESTART_STATE : 0) |
			  (open->gr_notification ? RESTART_NOTIFICATION : 0)));
	for (unsigned i = 0; i < BGP_FAMILY_COUNT; i++) {
		bool kept = open->gr_forwarding & 1U << i;

		if (!(open->gr_families & 1U << i))
			continue;
		wbuf_u16(w, bgp_family_afi(1U << i));
		wbuf_u8(w, bgp_family_safi(1U << i));
		wbuf_u8(w, kept ? RESTART_FORWARDING : 0);
	}
	set_length(w, at);
}

static void
decode_as4(struct rbuf *v, struct bgp_open *open)
{
	open->as4 = true;
	open->asn = rbuf_u32(v);
}

static void
encode_as4(struct wbuf *w, const struct bgp_open *open)
{
	if (!open->as4)
		return;
	wbuf_u8(w, 65);
	wbuf_u8(w, 4);
	wbuf_u32(w, open->asn);
}

static void
decode_enhanced(struct rbuf *v, struct bgp_open *open)
{
	open->enhanced_refresh = true;
}

static void
encode_enhanced(struct wbuf *w, const struct bgp_open *open)
{
	if (open->enhanced_refresh)
		put_empty(w, 70);
}

#define KNOWN(code, min, max, unit, name, expected, stem)                      \
	{                                                                      \
		code, min, max, unit, name,                                    \
		    "capability " #code " (" name ") length is not " expected, \
		    decode_##stem, encode_##stem                               \
	}
#define NAMED(code, name)                                                      \
	{                                                                      \
		code, 0, 255, 1, name, NULL, NULL, NULL                        \
	}

/* In the order we announce them. */
static const struct capability capabilities[] = {
    KNOWN(1, 4, 4, 1, "Multiprotocol Extensions", "4", multiprotocol),
    KNOWN(2, 0, 0, 1, "Route Refresh", "0", refresh),
    NAMED(3, "Outbound Route Filtering"),
    KNOWN(5, 0, 252, 6, "Extended Next Hop Encoding", "a multiple of 6",
	  next_hop),
    KNOWN(6, 0, 0, 1, "Extended Message", "0", extended),
    NAMED(7, "BGPsec"),
    NAMED(8, "Multiple Labels"),
    KNOWN(9, 1, 1, 1, "BGP Role", "1", role),
    KNOWN(64, 2, 254, 4, "Graceful Restart", "2 plus a multiple of 4", restart),
    KNOWN(65, 4, 4, 1, "Four-octet AS Number", "4", as4),
    NAMED(67, "Dynamic Capability"),
    NAMED(68, "Multisession"),
    NAMED(69, "ADD-PATH"),
    KNOWN(70, 0, 0, 1, "Enhanced Route Refresh", "0", enhanced),
    NAMED(71, "Long-Lived Graceful Restart"),
    NAMED(72, "Routing Policy Distribution"),
    NAMED(73, "FQDN"),
    NAMED(74, "BFD Strict Mode"),
    NAMED(75, "Software Version"),
    NAMED(76, "PATHS-LIMIT"),
    NAMED(128, "Route Refresh (before RFC 2918)"),
};

static const struct capability *
row_of(uint8_t code)
{
	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
		if (capabilities[i].code == code)
			return &capabilities[i];
	return NULL;
}

const char *
bgp_capability_text(uint8_t code)
{
	const struct capability *row = row_of(code);

	return row ? row->name : "unknown capability";
}

static void
note_code(struct bgp_open *open, uint8_t code)
{
	for (size_t i = 0; i < open->n_capabilities; i++)
		if (open->capabilities[i] == code)
			return;
	if (open->n_capabilities < BGP_CAPABILITIES_MAX)
		open->capabilities[open->n_capabilities++] = code;
}

static bool
length_fits(const struct capability *row, size_t len)
{
	return len >= row->min && len <= row->max &&
	       (len - row->min) % row->unit == 0;
}

const char *
bgp_capabilities_decode(struct rbuf *r, struct bgp_open *open)
{
	while (rbuf_left(r) > 0) {
		uint8_t code = rbuf_u8(r);
		struct rbuf v = rbuf_child(r, rbuf_u8(r));
		const struct capability *row = row_of(code);

		if (r->bad)
			return "capability exceeds its optional parameter";
		note_code(open, code);
		/* RFC 5492 section 3: what we do not know is ignored. */
		if (!row || !row->decode)
			continue;
		if (!length_fits(row, rbuf_left(&v)))
			return row->bad_length;
		row->decode(&v, open);
	}
	return NULL;
}

void
bgp_capabilities_encode(struct wbuf *w, const struct bgp_open *open)
{
	for (size_t i = 0; i < ARRAY_LEN(capabilities); i++)
		if (capabilities[i].encode)
			capabilities[i].encode(w, open);
	if (open->more)
		wbuf_bytes(w, open->more, open->more_len);
}
