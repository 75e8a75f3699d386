/* SPDX-License-Identifier: ISC */
/* Names of verdicts, states and reasons, from their one list each. */
#include <assert.h>

#include "avail/avail.h"
#include "base/text.h"

const char *
avail_verdict_text(enum avail_verdict v)
{
	static const char *const names[] = {
#define X(n, t, h) t,
	    AVAIL_VERDICTS(X)
#undef X
	};

	assert((size_t)v < ARRAY_LEN(names));
	return names[v];
}

const char *
avail_check_state_text(enum avail_check_state s)
{
	static const char *const names[] = {
#define X(n, t, h) t,
	    AVAIL_CHECK_STATES(X)
#undef X
	};

	assert((size_t)s < ARRAY_LEN(names));
	return names[s];
}

const char *
avail_service_state_text(enum avail_service_state s)
{
	static const char *const names[] = {
#define X(n, t, h) t,
	    AVAIL_SERVICE_STATES(X)
#undef X
	};

	assert((size_t)s < ARRAY_LEN(names));
	return names[s];
}

const char *
avail_prefix_state_text(enum avail_prefix_state s)
{
	static const char *const names[] = {
#define X(n, t, h) t,
	    AVAIL_PREFIX_STATES(X)
#undef X
	};

	assert((size_t)s < ARRAY_LEN(names));
	return names[s];
}

const char *
avail_rung_text(enum avail_rung r)
{
	static const char *const names[] = {
#define X(n, t, h) t,
	    AVAIL_RUNGS(X)
#undef X
	};

	assert((size_t)r < ARRAY_LEN(names));
	return names[r];
}

const char *
avail_reason_text(enum avail_reason r)
{
	static const char *const names[] = {
#define X(n, t, h) t,
	    AVAIL_REASONS(X)
#undef X
	};

	assert((size_t)r < ARRAY_LEN(names));
	return names[r];
}

const char *
avail_reason_help(enum avail_reason r)
{
	static const char *const helps[] = {
#define X(n, t, h) h,
	    AVAIL_REASONS(X)
#undef X
	};

	assert((size_t)r < ARRAY_LEN(helps));
	return helps[r];
}
