/* SPDX-License-Identifier: ISC */
/* What all readers of lists do. */
#ifndef BASIN_SIM_READ_FILE_H
#define BASIN_SIM_READ_FILE_H

#include "base/ip.h"
#include "sim/notes.h"

/* Lines of a list; the largest known ones have two millions. */
#define READ_LINES_MAX (UINT32_C(1) << 23)

/* Reads text into what `ctx` is; what is wrong goes into `notes`. */
typedef void read_text_fn(struct notes *notes, const char *text, size_t n,
			  void *ctx);

/* Reads a file, decompressed. 0, or -errno with *messages. */
int read_file(const char *path, read_text_fn *read, void *ctx,
	      struct text *messages) __attribute__((warn_unused_result));
int read_memory(const char *path, const char *text, size_t n,
		read_text_fn *read, void *ctx, struct text *messages)
    __attribute__((warn_unused_result));

/*
 * Room for one more of `size` in an array of n, which grows in powers of two.
 * NULL with an error at `line` when there are READ_LINES_MAX.
 */
void *read_append(struct notes *notes, uint32_t line, void **v, size_t *n,
		  size_t size);

/* A prefix in a message, with what was meant when host bits are set. */
struct field;
bool read_prefix(struct notes *notes, uint32_t line, struct field f,
		 struct prefix *out);

#endif
