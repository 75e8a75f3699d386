/* SPDX-License-Identifier: ISC */
/*
 * Errors and warnings of one load, collected in any order, told in the order
 * of the file.
 */
#ifndef BASIN_CONF_MESSAGES_H
#define BASIN_CONF_MESSAGES_H

#include "conf/conf.h"

struct message {
	struct conf_place place; /* line 0: about the file as a whole */
	bool warning;
	size_t order; /* of arrival, to keep the sort stable */
	char *text;   /* owned */
};

struct messages {
	struct message *v; /* owned */
	size_t n, cap;
	size_t errors;
	size_t left_out; /* beyond the limit, counted only */
};

void messages_add(struct messages *m, struct conf_place place, bool warning,
		  const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/*
 * Sorted, one line each, "FILE:LINE:COL: [warning: ]TEXT". Warnings only when
 * there is no error: they are often its consequence.
 */
void messages_write(struct messages *m, const char *path, struct text *out);
void messages_free(struct messages *m);

#endif
