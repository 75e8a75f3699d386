/* SPDX-License-Identifier: ISC */
/*
 * A line as words: separated by blanks, brackets and commas; a bracket or a
 * comma is a word too. Errors are kept once, the first.
 */
#ifndef BASIN_EXABGP_TOKENS_H
#define BASIN_EXABGP_TOKENS_H

#include "exabgp/exabgp.h"

struct token {
	const char *s; /* in the copy, ends with NUL */
	size_t column;
};

struct tokens {
	struct token *v; /* owned */
	size_t n, at;
	char *copy; /* owned */
	size_t end; /* column behind the line */
	struct exabgp_error *error;
	int failed; /* -errno of the first error, 0: none */
};

void tokens_of(struct tokens *t, const char *line, size_t n,
	       struct exabgp_error *error);
void tokens_free(struct tokens *t);
/* The next word, NULL at the end. */
const char *tokens_peek(const struct tokens *t);
const char *tokens_next(struct tokens *t);
/* Takes the next word when it is this one. */
bool tokens_take(struct tokens *t, const char *word);
/* About the word that was taken last; always false. */
bool tokens_fail(struct tokens *t, int error, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Values; false after an error that names what was expected. */
bool tokens_number(struct tokens *t, uint64_t high, const char *what,
		   uint64_t *out);
bool tokens_asn(struct tokens *t, uint32_t *out);
bool tokens_ip(struct tokens *t, struct ip *out);
bool tokens_prefix(struct tokens *t, struct prefix *out);
/* A number, "0x.." too; no message. */
bool tokens_read_number(const char *s, uint64_t high, uint64_t *out);
bool tokens_read_asn(const char *s, uint32_t *out);

/* attributes.c: one attribute, `word` was taken; false: error. */
bool attributes_parse(struct tokens *t, const char *word,
		      struct exabgp_command *c, unsigned *split);
bool attributes_known(const char *word);
/* Of flows too: community, large-community, extended-community. */
bool attributes_communities(struct tokens *t, const char *word,
			    struct bgp_attributes *a);
/* flow.c: behind "flow"; the rest of the line. */
bool flow_parse_line(struct tokens *t, struct exabgp_command *c);

#endif
