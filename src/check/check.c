/* SPDX-License-Identifier: ISC */
/* What a kind may ask of its check, and how a run ends. */
#include "check/check.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "check/checker.h"

const char *
check_cause_text(enum check_cause cause)
{
	static const char *const texts[] = {
#define X(n, t) t,
	    CHECK_CAUSES(X)
#undef X
	};

	assert(cause < CHECK_CAUSE_COUNT);
	return texts[cause];
}

const struct conf_check *
check_conf(const struct check *check)
{
	return check->conf;
}

void *
check_run(struct check *check)
{
	return check->run;
}

struct io_set *
check_io(struct check *check)
{
	return check->checker->io;
}

void *
check_shared(struct check *check)
{
	return check->checker->shared[check->conf->kind];
}

const struct check_services *
check_services(struct check *check)
{
	return check->checker->services;
}

/* Cutting a text to its room may have split a letter. */
static void
mend(char *detail)
{
	uint8_t *p = (uint8_t *)detail;
	size_t left = strlen(detail);

	while (left > 0) {
		size_t step = utf8_char(p, left);

		if (!step) {
			*p = '?';
			step = 1;
		}
		p += step;
		left -= step;
	}
}

void
check_done(struct check *check, enum check_verdict verdict,
	   enum check_cause cause, const char *fmt, ...)
{
	struct check_result r = {.verdict = verdict, .cause = cause};
	va_list ap;

	assert(check->running);
	va_start(ap, fmt);
	vsnprintf(r.detail, sizeof(r.detail), fmt, ap);
	va_end(ap);
	mend(r.detail);
	r.latency = mono_sub(mono_now(), check->started);
	checker_ended(check, &r);
}

/* ---- reading ---- */

bool
checker_last(const struct checker *c, size_t id, struct check_result *out)
{
	const struct check *check = c ? idtable_get(&c->table, id) : NULL;

	if (!check || !check->reported)
		return false;
	*out = (struct check_result){.verdict = check->verdict,
				     .cause = check->cause,
				     .latency = check->latency};
	snprintf(out->detail, sizeof(out->detail), "%s",
		 check->detail ? check->detail : "");
	return true;
}
