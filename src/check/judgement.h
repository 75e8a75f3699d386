/* SPDX-License-Identifier: ISC */
/* What a pure judge of an answer says; the kind hands it to check_done(). */
#ifndef BASIN_CHECK_JUDGEMENT_H
#define BASIN_CHECK_JUDGEMENT_H

#include <stdarg.h>
#include <stdio.h>

#include "check/check.h"

struct judgement {
	enum check_verdict verdict;
	enum check_cause cause;
	char detail[CHECK_DETAIL_MAX]; /* escaped */
};

/* Fills *out; returns whether that is a pass. */
static inline bool __attribute__((format(printf, 4, 5)))
judge(struct judgement *out, enum check_verdict verdict, enum check_cause cause,
      const char *fmt, ...)
{
	va_list ap;

	out->verdict = verdict;
	out->cause = cause;
	va_start(ap, fmt);
	vsnprintf(out->detail, sizeof(out->detail), fmt, ap);
	va_end(ap);
	return verdict == CHECK_PASS;
}

#endif
