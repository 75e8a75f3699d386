/* SPDX-License-Identifier: ISC */
/*
 * Memory for secrets: in no core dump, not swapped out where the kernel lets
 * us, and zeroed before it goes.
 */
#ifndef BASIN_BASE_VAULT_H
#define BASIN_BASE_VAULT_H

#include <stddef.h>

struct vault {
	struct vault_page *pages; /* owned */
};

/* A copy of `n` octets; aborts on exhaustion. */
void *vault_keep(struct vault *v, const void *octets, size_t n);
void vault_free(struct vault *v);

#endif
