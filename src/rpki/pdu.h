/* SPDX-License-Identifier: ISC */
/*
 * Looks on at what goes over a session with a cache (RFC 8210 section 5): the
 * library behind says neither why it ended a session nor which intervals are
 * in force. Pure.
 */
#ifndef BASIN_RPKI_PDU_H
#define BASIN_RPKI_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rpki/rtr.h"

#define PDU_HEADER 8
/* Error Reports carry a PDU and a text; nothing else is long. */
#define PDU_MAX 3248

enum pdu_seen {
	PDU_NOTHING,  /* goes on */
	PDU_END,      /* End of Data: `intervals` are new */
	PDU_REPORT,   /* Error Report: `code`, `text` */
	PDU_ABSURD,   /* not RFC 8210: `text` says why */
	PDU_TOO_MANY, /* more than RTR_VRPS_MAX VRPs */
};

struct pdu_watch {
	uint8_t octets[PDU_MAX];
	size_t n;
	size_t vrps; /* since the last End of Data */
	uint16_t code;
	char text[RTR_TEXT_MAX];        /* escaped */
	struct rtr_intervals intervals; /* 0: the cache did not say */
};

void pdu_begin(struct pdu_watch *w);
/* The next octets of the stream; the last thing seen in them that matters. */
enum pdu_seen pdu_look(struct pdu_watch *w, const uint8_t *octets, size_t n);
bool pdu_is_report(const uint8_t *octets, size_t n);
/* An Error Report that pdu_clean_report() has made. */
#define PDU_REPORT_MAX 1024
/*
 * The library reports a PDU with whatever stands behind it in its memory: the
 * same report with that PDU alone, at most PDU_REPORT_MAX octets. Returns its
 * length; 0: it is no Error Report.
 */
size_t pdu_clean_report(const uint8_t *octets, size_t n,
			uint8_t out[static PDU_REPORT_MAX]);
/* "Corrupt Data" for 0; RFC 8210 section 12. */
const char *pdu_error_text(uint16_t code);

#endif
