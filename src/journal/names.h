/* SPDX-License-Identifier: ISC */
/* Ids by name. */
#ifndef BASIN_JOURNAL_NAMES_H
#define BASIN_JOURNAL_NAMES_H

#include <stddef.h>

struct names;

/*
 * Of `n` structures of `stride` octets that begin with a pointer to their
 * name; borrowed. The first of two of the same name is the one found.
 */
struct names *names_new(const void *first, size_t stride, size_t n);
/* SIZE_MAX when there is none. */
size_t names_find(const struct names *names, const char *name);
void names_free(struct names *names);

#endif
