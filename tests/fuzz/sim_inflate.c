/* SPDX-License-Identifier: ISC */
/*
 * Any octets as a compressed file: block by block, on all processors, comes
 * out what comes out from the beginning to the end, or nothing.
 */
#include <assert.h>
#include <bzlib.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/inflate.h"
#include "sim/inflate_blocks.h"
#include "sim/notes.h"

#define TEXT_MAX ((size_t)2 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static void
try_blocks(const char *octets, size_t n)
{
	struct text blocks = {0};
	unsigned size = (unsigned)TEXT_MAX;
	char *whole;

	if (n < 4 || memcmp(octets, "BZh", 3) != 0 ||
	    !inflate_blocks(octets, n, TEXT_MAX, &blocks))
		return;
	whole = xcalloc(TEXT_MAX, 1);
	assert(BZ2_bzBuffToBuffDecompress(whole, &size,
					  (char *)(uintptr_t)octets,
					  (unsigned)n, 0, 0) == BZ_OK);
	assert(size == blocks.len);
	assert(memcmp(whole, text_str(&blocks), size) == 0);
	free(whole);
	text_free(&blocks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct notes notes = {.path = "F"};
	struct text out = {0}, messages = {0};
	/* Its own memory, so that reading behind the end is seen. */
	char *copy = xcalloc(n + 1, 1), *in = xrealloc(copy, n ? n : 1, 1);
	int err;

	if (n)
		memcpy(in, octets, n);
	err = inflate_octets(&notes, in, n, TEXT_MAX, &out);
	assert(err == 0 || err == 1 || err == -EINVAL || err == -EFBIG);
	assert((err < 0) == (notes.errors.n > 0));
	assert(err != 0 || out.len <= TEXT_MAX);
	assert((notes_tell(&notes, &messages) != 0) == (err < 0));
	try_blocks(in, n);
	text_free(&out);
	text_free(&messages);
	free(in);
	return 0;
}
