/* SPDX-License-Identifier: ISC */
/*
 * Traffic filtering actions in extended communities (RFC 8955 section 7).
 */
#include <assert.h>

#include "wire/bgp_flow.h"
#include "wire/cursor.h"

/* Type and sub-type, the first two octets. */
enum action_code {
	CODE_RATE_BYTES = 0x8006,
	CODE_ACTION = 0x8007,
	CODE_REDIRECT_AS2 = 0x8008,
	CODE_MARKING = 0x8009,
	CODE_RATE_PACKETS = 0x800c,
	CODE_REDIRECT_IPV4 = 0x8108,
	CODE_REDIRECT_AS4 = 0x8208,
};

#define ACTION_TERMINAL 1 /* T, bit 47 */
#define ACTION_SAMPLE   2 /* S, bit 46 */
#define DSCP_MASK       0x3f

/* Negative values and those that are no number mean 0 (section 7.1). */
static float
rate_of(uint32_t bits)
{
	float rate;

	static_assert(sizeof(rate) == sizeof(bits), "IEEE 754 single");
	memcpy(&rate, &bits, sizeof(rate));
	return rate > 0 ? rate : 0;
}

static uint32_t
rate_bits(float rate)
{
	uint32_t bits;

	rate = rate > 0 ? rate : 0;
	memcpy(&bits, &rate, sizeof(bits));
	return bits;
}

static struct bgp_flow_action
rate(enum bgp_flow_action_kind kind, uint64_t v)
{
	return (struct bgp_flow_action){
	    .kind = kind,
	    .id = (uint16_t)(v >> 32),
	    .rate = rate_of((uint32_t)v),
	};
}

static struct bgp_flow_action
redirect(enum bgp_flow_redirect form, uint64_t v)
{
	/* Octets of the value behind the administrator. */
	unsigned bits = form == BGP_FLOW_REDIRECT_AS2 ? 32 : 16;

	v &= (UINT64_C(1) << 48) - 1;
	return (struct bgp_flow_action){
	    .kind = BGP_FLOW_REDIRECT,
	    .form = form,
	    .administrator = (uint32_t)(v >> bits),
	    .value = (uint32_t)(v & ((UINT64_C(1) << bits) - 1)),
	};
}

struct bgp_flow_action
bgp_flow_action_of(uint64_t v)
{
	switch (v >> 48) {
	case CODE_RATE_BYTES:
		return rate(BGP_FLOW_RATE_BYTES, v);
	case CODE_RATE_PACKETS:
		return rate(BGP_FLOW_RATE_PACKETS, v);
	case CODE_ACTION:
		return (struct bgp_flow_action){
		    .kind = BGP_FLOW_ACTION,
		    .sample = v & ACTION_SAMPLE,
		    .terminal = v & ACTION_TERMINAL,
		};
	case CODE_MARKING:
		return (struct bgp_flow_action){.kind = BGP_FLOW_MARKING,
						.dscp = v & DSCP_MASK};
	case CODE_REDIRECT_AS2:
		return redirect(BGP_FLOW_REDIRECT_AS2, v);
	case CODE_REDIRECT_IPV4:
		return redirect(BGP_FLOW_REDIRECT_IPV4, v);
	case CODE_REDIRECT_AS4:
		return redirect(BGP_FLOW_REDIRECT_AS4, v);
	default:
		return (struct bgp_flow_action){.kind = BGP_FLOW_OTHER};
	}
}

static uint64_t
code(enum action_code c)
{
	return (uint64_t)c << 48;
}

static uint64_t
redirect_encode(const struct bgp_flow_action *a)
{
	bool as2 = a->form == BGP_FLOW_REDIRECT_AS2;
	uint64_t type = CODE_REDIRECT_AS2 + ((uint64_t)a->form << 8);
	uint64_t administrator =
	    as2 ? (uint16_t)a->administrator : a->administrator;
	uint64_t value = as2 ? a->value : (uint16_t)a->value;

	return type << 48 | administrator << (as2 ? 32 : 16) | value;
}

uint64_t
bgp_flow_action_encode(const struct bgp_flow_action *a)
{
	uint64_t id = (uint64_t)a->id << 32;

	switch (a->kind) {
	case BGP_FLOW_RATE_BYTES:
		return code(CODE_RATE_BYTES) | id | rate_bits(a->rate);
	case BGP_FLOW_RATE_PACKETS:
		return code(CODE_RATE_PACKETS) | id | rate_bits(a->rate);
	case BGP_FLOW_ACTION:
		return code(CODE_ACTION) | (a->sample ? ACTION_SAMPLE : 0) |
		       (a->terminal ? ACTION_TERMINAL : 0);
	case BGP_FLOW_MARKING:
		return code(CODE_MARKING) | (a->dscp & DSCP_MASK);
	case BGP_FLOW_REDIRECT:
		return redirect_encode(a);
	case BGP_FLOW_OTHER:
		break;
	}
	return 0;
}
