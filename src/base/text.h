/* SPDX-License-Identifier: ISC */
/*
 * Text: a growing string, escaping of foreign octets, "did you mean".
 */
#ifndef BASIN_BASE_TEXT_H
#define BASIN_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A growing, always NUL-terminated string. Zero-initialised is empty. */
struct text {
	char *s; /* owned; NULL while empty */
	size_t len;
	size_t cap;
};

/* Append; memory exhaustion aborts (a decision daemon cannot go on). */
void text_add(struct text *t, const char *s);
void text_add_n(struct text *t, const char *s, size_t n);
void text_addf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_vaddf(struct text *t, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/*
 * The decimal digits of v, at least `width` of them: for lines that are written
 * 100,000 times, where printf takes longer than the work they tell of.
 */
void text_add_number(struct text *t, uint64_t v, unsigned width);
/* The string, never NULL. Borrowed until the next call. */
const char *text_str(const struct text *t);
void text_clear(struct text *t); /* keeps the memory */
void text_free(struct text *t);

/*
 * Writes `n` foreign octets so that nothing in them can move a cursor, start
 * a line or end a quoted string: printable ASCII and valid UTF-8 letters stay,
 * backslash, double quote and the rest become \xNN. Cuts with "..." when buf
 * is full. Returns buf.
 */
const char *text_escape(const void *octets, size_t n, char *buf, size_t size);

/* True when the octets are well-formed UTF-8 (RFC 3629). */
bool text_is_utf8(const void *octets, size_t n);

/*
 * The candidate nearest to `word` by edit distance, or NULL when none is near
 * enough to be a likely slip. `names` ends with NULL.
 */
const char *text_nearest(const char *word, const char *const *names);

/* strdup/calloc that abort on exhaustion; the caller owns the result. */
char *xstrdup(const char *s) __attribute__((warn_unused_result));
void *xcalloc(size_t n, size_t size) __attribute__((warn_unused_result));
void *xrealloc(void *p, size_t n, size_t size)
    __attribute__((warn_unused_result));

/* 64-bit FNV-1a, continuing from `seed` (start with HASH_SEED). */
#define HASH_SEED UINT64_C(0xcbf29ce484222325)
uint64_t hash_bytes(uint64_t seed, const void *octets, size_t n);

#endif
