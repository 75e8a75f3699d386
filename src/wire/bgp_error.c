/* SPDX-License-Identifier: ISC */
/*
 * NOTIFICATION codes and subcodes as text, in the words of the RFCs.
 */
#include "base/text.h"
#include "wire/bgp.h"

struct error_text {
	uint8_t code, subcode;
	const char *text;
};

/* Subcode 0 also stands for the subcodes nobody assigned. */
#define ROW(code, subcode, text)                                               \
	{                                                                      \
		code, subcode, text                                            \
	}
static const struct error_text texts[] = {
    ROW(1, 0, "Message Header Error"),
    ROW(1, 1, "Message Header Error / Connection Not Synchronized"),
    ROW(1, 2, "Message Header Error / Bad Message Length"),
    ROW(1, 3, "Message Header Error / Bad Message Type"),
    ROW(2, 0, "OPEN Message Error"),
    ROW(2, 1, "OPEN Message Error / Unsupported Version Number"),
    ROW(2, 2, "OPEN Message Error / Bad Peer AS"),
    ROW(2, 3, "OPEN Message Error / Bad BGP Identifier"),
    ROW(2, 4, "OPEN Message Error / Unsupported Optional Parameter"),
    ROW(2, 5, "OPEN Message Error / Authentication Failure"),
    ROW(2, 6, "OPEN Message Error / Unacceptable Hold Time"),
    ROW(2, 7, "OPEN Message Error / Unsupported Capability"),
    ROW(2, 11, "OPEN Message Error / Role Mismatch"),
    ROW(3, 0, "UPDATE Message Error"),
    ROW(3, 1, "UPDATE Message Error / Malformed Attribute List"),
    ROW(3, 2, "UPDATE Message Error / Unrecognized Well-known Attribute"),
    ROW(3, 3, "UPDATE Message Error / Missing Well-known Attribute"),
    ROW(3, 4, "UPDATE Message Error / Attribute Flags Error"),
    ROW(3, 5, "UPDATE Message Error / Attribute Length Error"),
    ROW(3, 6, "UPDATE Message Error / Invalid ORIGIN Attribute"),
    ROW(3, 7, "UPDATE Message Error / AS Routing Loop"),
    ROW(3, 8, "UPDATE Message Error / Invalid NEXT_HOP Attribute"),
    ROW(3, 9, "UPDATE Message Error / Optional Attribute Error"),
    ROW(3, 10, "UPDATE Message Error / Invalid Network Field"),
    ROW(3, 11, "UPDATE Message Error / Malformed AS_PATH"),
    ROW(4, 0, "Hold Timer Expired"),
    ROW(5, 0, "Finite State Machine Error"),
    ROW(5, 1, "Finite State Machine Error / Unexpected Message in OpenSent"),
    ROW(5, 2, "Finite State Machine Error / Unexpected Message in OpenConfirm"),
    ROW(5, 3, "Finite State Machine Error / Unexpected Message in Established"),
    ROW(6, 0, "Cease"),
    ROW(6, 1, "Cease / Maximum Number of Prefixes Reached"),
    ROW(6, 2, "Cease / Administrative Shutdown"),
    ROW(6, 3, "Cease / Peer De-configured"),
    ROW(6, 4, "Cease / Administrative Reset"),
    ROW(6, 5, "Cease / Connection Rejected"),
    ROW(6, 6, "Cease / Other Configuration Change"),
    ROW(6, 7, "Cease / Connection Collision Resolution"),
    ROW(6, 8, "Cease / Out of Resources"),
    ROW(6, 9, "Cease / Hard Reset"),
    ROW(6, 10, "Cease / BFD Down"),
    ROW(7, 0, "ROUTE-REFRESH Message Error"),
    ROW(7, 1, "ROUTE-REFRESH Message Error / Invalid Message Length"),
    ROW(8, 0, "Send Hold Timer Expired"),
};

const char *
bgp_error_text(uint8_t code, uint8_t subcode)
{
	const char *fallback = "unknown error";

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (texts[i].code != code)
			continue;
		if (texts[i].subcode == subcode)
			return texts[i].text;
		if (texts[i].subcode == 0)
			fallback = texts[i].text;
	}
	return fallback;
}
