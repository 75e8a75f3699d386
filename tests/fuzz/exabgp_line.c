/* SPDX-License-Identifier: ISC */
/* A line of a program that speaks ExaBGP's process API. */
#include <stdlib.h>

#include "exabgp/exabgp.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct exabgp_command c;
	struct exabgp_error error;
	struct text out = {0};

	if (exabgp_parse((const char *)octets, n, &c, &error) != 0)
		return 0;
	if (c.n_prefixes > EXABGP_PREFIXES_MAX || c.kind >= EXABGP_KIND_COUNT)
		abort();
	exabgp_say_attributes(&c.attributes, &out);
	text_free(&out);
	exabgp_command_free(&c);
	return 0;
}
