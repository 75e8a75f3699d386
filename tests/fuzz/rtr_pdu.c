/* SPDX-License-Identifier: ISC */
/* What an RPKI cache sends, and reports about it. */
#include <stdlib.h>

#include "rpki/pdu.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	uint8_t out[PDU_REPORT_MAX];
	struct pdu_watch w = {0};

	pdu_begin(&w);
	pdu_look(&w, octets, n);
	if (pdu_clean_report(octets, n, out) > sizeof(out))
		abort();
	return 0;
}
