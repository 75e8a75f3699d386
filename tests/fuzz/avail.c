/* SPDX-License-Identifier: ISC */
/* Octets as a configuration and events; the engine must equal its model. */
#include <stddef.h>
#include <stdint.h>

#include "avail/drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct source source = {.octets = octets, .n = n};

	drive(&source, 10000);
	return 0;
}
