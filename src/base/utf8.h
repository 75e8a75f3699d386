/* SPDX-License-Identifier: ISC */
#ifndef BASIN_BASE_UTF8_H
#define BASIN_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Octets (1..4) of the well-formed UTF-8 character at p, 0 when there is none
 * (RFC 3629 section 4: no overlong forms, surrogates or beyond U+10FFFF).
 */
size_t utf8_char(const uint8_t *p, size_t n);

#endif
