/* SPDX-License-Identifier: ISC */
/*
 * UPDATE decoding (RFC 4271 section 4.3, 6.3) with the error handling of
 * RFC 7606. Two passes over the path attributes, because what is wrong with
 * one can depend on which others are there:
 *
 *   collect: where each attribute stands; duplicates; unrecognized ones
 *   judge:   flags, length and value of each by its row in the table
 *
 * then what concerns the message as a whole. Each step may raise the verdict,
 * none lowers it.
 */
#include <netinet/in.h>

#include "wire/bgp_private.h"

static void
blame(struct bgp_reader *r, enum bgp_action action, uint8_t subcode,
      uint8_t type, const char *why)
{
	struct bgp_verdict v =
	    bgp_verdict_reset(BGP_ERR_UPDATE, subcode, NULL, 0, why);

	v.action = action;
	v.attribute = type;
	bgp_verdict_raise(&r->verdict, &v);
}

/* The same with the attribute as data (type, length and value). */
static void
blame_attribute(struct bgp_reader *r, enum bgp_action action, uint8_t subcode,
		const struct bgp_attribute_at *at, const char *why)
{
	struct bgp_verdict v =
	    bgp_verdict_reset(BGP_ERR_UPDATE, subcode, at->octets,
			      (size_t)at->header + at->len, why);

	v.action = action;
	v.attribute = at->octets[1];
	bgp_verdict_raise(&r->verdict, &v);
}

/* ---- collect ---- */

static bool
is_mp(uint8_t type)
{
	return type == BGP_ATTR_MP_REACH || type == BGP_ATTR_MP_UNREACH;
}

/* Sets the type's bit; false when it was set already. */
static bool
first_of_type(struct bgp_reader *r, uint8_t type)
{
	uint32_t bit = UINT32_C(1) << (type % 32);
	bool first = !(r->seen[type / 32] & bit);

	r->seen[type / 32] |= bit;
	return first;
}

/* RFC 7606 section 3g. */
static void
note_duplicate(struct bgp_reader *r, uint8_t type)
{
	if (is_mp(type))
		blame(r, BGP_RESET_SESSION, BGP_UPDATE_MALFORMED_LIST, type,
		      "MP_REACH_NLRI or MP_UNREACH_NLRI appears twice");
	else
		blame(r, BGP_DISCARD_ATTRIBUTE, BGP_UPDATE_MALFORMED_LIST, type,
		      "attribute appears more than once");
}

static void
note_attribute(struct bgp_reader *r, const struct bgp_attribute_at *at)
{
	uint8_t flags = at->octets[0], type = at->octets[1];

	r->n_attributes++;
	if (!first_of_type(r, type))
		note_duplicate(r, type);
	else if (bgp_attribute_row(type))
		r->at[type] = *at;
	else if (!(flags & BGP_FLAG_OPTIONAL))
		blame_attribute(r, BGP_RESET_SESSION,
				BGP_UPDATE_UNKNOWN_WELL_KNOWN, at,
				"well-known attribute is not recognized");
}

/*
 * RFC 7606 section 4: what follows is lost, the NLRI field is not. When the
 * cut attribute itself holds routes, they cannot be withdrawn (3j).
 */
static void
note_overrun(struct bgp_reader *r, uint8_t type)
{
	r->n_attributes++;
	blame(r, is_mp(type) ? BGP_RESET_SESSION : BGP_TREAT_AS_WITHDRAW,
	      BGP_UPDATE_MALFORMED_LIST, type,
	      "attribute exceeds the Total Path Attribute Length");
}

static void
collect(struct bgp_reader *r, struct rbuf list)
{
	while (rbuf_left(&list) > 0) {
		const uint8_t *octets = list.p;
		uint8_t flags = rbuf_u8(&list), type = rbuf_u8(&list);
		bool wide = flags & BGP_FLAG_EXTENDED;
		size_t len = wide ? rbuf_u16(&list) : rbuf_u8(&list);

		rbuf_take(&list, len);
		if (list.bad) {
			note_overrun(r, type);
			return;
		}
		note_attribute(
		    r, &(struct bgp_attribute_at){.octets = octets,
						  .header = wide ? 4 : 3,
						  .len = (uint16_t)len});
	}
}

/* ---- judge ---- */

static bool
out_of_scope(const struct bgp_reader *r, enum bgp_scope scope)
{
	return (scope == BGP_SCOPE_INTERNAL && !r->facts->ibgp) ||
	       (scope == BGP_SCOPE_AS2 && r->facts->as4);
}

static bool
length_fits(const struct bgp_attribute *row, size_t len)
{
	return len >= row->min && len <= row->max && len % row->unit == 0;
}

static uint8_t
length_subcode(uint8_t type)
{
	/* RFC 4760 section 7 has one subcode for all that is incorrect. */
	return is_mp(type) ? BGP_UPDATE_BAD_OPTIONAL : BGP_UPDATE_BAD_LENGTH;
}

static uint8_t
flags_subcode(uint8_t type)
{
	return is_mp(type) ? BGP_UPDATE_BAD_OPTIONAL : BGP_UPDATE_BAD_FLAGS;
}

/* RFC 7606 section 3c, but in the MP attributes section 5.3. */
static enum bgp_action
flags_action(uint8_t type)
{
	return is_mp(type) ? BGP_RESET_SESSION : BGP_TREAT_AS_WITHDRAW;
}

static void
judge_value(struct bgp_reader *r, const struct bgp_attribute *row,
	    const struct bgp_attribute_at *at)
{
	struct rbuf v = rbuf_of(at->octets + at->header, at->len);
	struct bgp_fault fault = row->decode(r, &v);
	enum bgp_action action = fault.action ? fault.action : row->on_error;

	if (fault.why)
		blame_attribute(r, action, fault.subcode, at, fault.why);
}

static void
judge_attribute(struct bgp_reader *r, uint8_t type,
		const struct bgp_attribute *row)
{
	const uint8_t mask = BGP_FLAG_OPTIONAL | BGP_FLAG_TRANSITIVE;
	const struct bgp_attribute_at *at = &r->at[type];

	if (out_of_scope(r, row->scope))
		blame_attribute(r, BGP_DISCARD_ATTRIBUTE,
				BGP_UPDATE_BAD_OPTIONAL, at, row->bad_scope);
	else if ((at->octets[0] & mask) != row->flags)
		blame_attribute(r, flags_action(type), flags_subcode(type), at,
				row->bad_flags);
	else if (!length_fits(row, at->len))
		blame_attribute(r, row->on_error, length_subcode(type), at,
				row->bad_length);
	else
		judge_value(r, row, at);
}

static bool
present(const struct bgp_reader *r, uint8_t type)
{
	return r->at[type].octets != NULL;
}

static void
judge(struct bgp_reader *r)
{
	/* RFC 4760 section 3: then NEXT_HOP is nobody's. */
	bool no_next_hop =
	    rbuf_left(&r->out->nlri) == 0 && present(r, BGP_ATTR_MP_REACH);

	for (size_t type = 0; type < BGP_ATTRIBUTE_ROWS; type++) {
		if (!present(r, (uint8_t)type) ||
		    (type == BGP_ATTR_NEXT_HOP && no_next_hop))
			continue;
		judge_attribute(r, (uint8_t)type,
				bgp_attribute_row((uint8_t)type));
	}
}

/* ---- the message as a whole ---- */

static void
require(struct bgp_reader *r, uint8_t type, const char *why)
{
	struct bgp_verdict v;

	if (present(r, type))
		return;
	v = bgp_verdict_reset(BGP_ERR_UPDATE, BGP_UPDATE_MISSING_WELL_KNOWN,
			      &type, 1, why);
	v.action = BGP_TREAT_AS_WITHDRAW;
	v.attribute = type;
	bgp_verdict_raise(&r->verdict, &v);
}

/* RFC 7606 section 3d, RFC 4760 section 3. */
static void
require_mandatory(struct bgp_reader *r)
{
	bool nlri = rbuf_left(&r->out->nlri) > 0;

	if (!nlri && !r->out->mp_reach_family && !r->out->flow_reach_family)
		return;
	require(r, BGP_ATTR_ORIGIN, "ORIGIN is missing");
	require(r, BGP_ATTR_AS_PATH, "AS_PATH is missing");
	if (nlri)
		require(r, BGP_ATTR_NEXT_HOP, "NEXT_HOP is missing");
	if (r->facts->ibgp)
		require(r, BGP_ATTR_LOCAL_PREF, "LOCAL_PREF is missing");
}

/* Octets of reachable NLRI, those of a family we do not carry included. */
static bool
has_reachable(const struct bgp_reader *r)
{
	const struct bgp_update *u = r->out;

	return rbuf_left(&u->nlri) > 0 || rbuf_left(&u->mp_reach) > 0 ||
	       rbuf_left(&u->flow_reach) > 0 ||
	       (u->has_mp_reach && !u->mp_reach_family &&
		!u->flow_reach_family);
}

/* RFC 7606 section 5.2: the routes were not found, none can be withdrawn. */
static void
doubt_missing_nlri(struct bgp_reader *r)
{
	bool only_unreach =
	    r->n_attributes == 1 && present(r, BGP_ATTR_MP_UNREACH);

	if (r->verdict.action == BGP_TREAT_AS_WITHDRAW && !has_reachable(r) &&
	    !only_unreach)
		r->verdict.action = BGP_RESET_SESSION;
}

static void
find_end_of_rib(struct bgp_reader *r)
{
	struct bgp_update *u = r->out;

	if (rbuf_left(&u->withdrawn) > 0 || rbuf_left(&u->nlri) > 0)
		return;
	if (r->n_attributes == 0)
		u->end_of_rib = r->facts->families & BGP_FAMILY_IPV4;
	if (r->n_attributes != 1)
		return;
	if (u->mp_unreach_family && rbuf_left(&u->mp_unreach) == 0)
		u->end_of_rib =
		    (uint8_t)bgp_family_unicast(u->mp_unreach_family);
	if (u->flow_unreach_family && rbuf_left(&u->flow_unreach) == 0)
		u->end_of_rib =
		    (uint8_t)bgp_family_flow(u->flow_unreach_family);
}

static void
check_lists(struct bgp_reader *r)
{
	const struct bgp_update *u = r->out;

	if (!bgp_prefixes_valid(u->withdrawn, AF_INET))
		blame(r, BGP_RESET_SESSION, BGP_UPDATE_BAD_NLRI, 0,
		      "Withdrawn Routes has an incorrect prefix");
	if (!bgp_prefixes_valid(u->nlri, AF_INET))
		blame(r, BGP_RESET_SESSION, BGP_UPDATE_BAD_NLRI, 0,
		      "NLRI has an incorrect prefix");
}

/* Routes of a family that was not negotiated are nobody's. */
static void
drop_unnegotiated(struct bgp_reader *r)
{
	struct bgp_update *u = r->out;

	if ((r->facts->families & BGP_FAMILY_IPV4) ||
	    rbuf_left(&u->withdrawn) + rbuf_left(&u->nlri) == 0)
		return;
	u->withdrawn = u->nlri = rbuf_of(u->nlri.end, 0);
	blame(r, BGP_DISCARD_ATTRIBUTE, BGP_UPDATE_BAD_NLRI, 0,
	      "IPv4 unicast routes were not negotiated");
}

static void
decode_parts(struct bgp_reader *r, struct rbuf attributes)
{
	check_lists(r);
	collect(r, attributes);
	judge(r);
	require_mandatory(r);
	doubt_missing_nlri(r);
	if (r->verdict.action == BGP_RESET_SESSION)
		return;
	bgp_as_path_finish(r);
	find_end_of_rib(r);
	drop_unnegotiated(r);
}

/* Nothing of a message that ends the session may be used. */
static struct bgp_verdict
verdict_of(struct bgp_reader *r)
{
	if (r->verdict.action == BGP_RESET_SESSION)
		memset(r->out, 0, sizeof(*r->out));
	return r->verdict;
}

struct bgp_verdict
bgp_decode_update(const uint8_t *message, size_t n,
		  const struct bgp_session_facts *facts, struct bgp_update *out)
{
	struct bgp_reader reader = {.facts = facts, .out = out};
	struct rbuf r = rbuf_of(message, n), attributes;

	memset(out, 0, sizeof(*out));
	if (n < BGP_HEADER_LEN + 4)
		return bgp_verdict_length(n,
					  "UPDATE is shorter than 23 octets");
	rbuf_take(&r, BGP_HEADER_LEN);
	out->withdrawn = rbuf_child(&r, rbuf_u16(&r));
	attributes = rbuf_child(&r, rbuf_u16(&r));
	out->nlri = r;
	if (r.bad)
		blame(&reader, BGP_RESET_SESSION, BGP_UPDATE_MALFORMED_LIST, 0,
		      "Withdrawn Routes Length or Total Path Attribute "
		      "Length exceeds the message");
	else
		decode_parts(&reader, attributes);
	return verdict_of(&reader);
}
