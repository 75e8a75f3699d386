/* SPDX-License-Identifier: ISC */
/*
 * Push: applications report, the check samples what was reported last, at its
 * interval and soon after each report.
 *
 *   PENDING --report--> REPORTED --ttl without a report--> SILENT
 *      |                   ^                                  |
 *      |                   `--------------report--------------'
 *      `--ttl--> SILENT
 *
 * Reports that come faster than SAMPLE_GAP are merged: the last one counts.
 */
#include "check/kind.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "check/checker.h"

/* Samples that reports cause are at least this far apart. */
#define SAMPLE_GAP dur_ms(20)
/* Octets of a report's message that are kept, after escaping. */
#define MESSAGE_MAX 160

struct run {
	struct mono begun;    /* first sample; 0: none yet */
	struct mono reported; /* last report; 0: none yet */
	enum check_verdict verdict;
	bool waiting;  /* a report is not sampled yet */
	char *message; /* owned, escaped; NULL: none */
};

static void
silent(struct check *check, struct dur silence)
{
	char shown[32];

	/* Whole seconds: what changes at every run is no news. */
	if (silence.ns > 10 * dur_s(1).ns)
		silence = dur_s(silence.ns / dur_s(1).ns);
	check_done(check, CHECK_FAIL, CHECK_CAUSE_TIMEOUT,
		   "nobody reported for %s",
		   dur_format(silence, shown, sizeof(shown)));
}

static void
tell(struct check *check)
{
	static const char *const words[] = {"pass", "degraded", "fail",
					    "unknown"};
	const struct run *run = check_run(check);

	if (run->message)
		check_done(check, run->verdict,
			   run->verdict == CHECK_PASS ? CHECK_CAUSE_OK
						      : CHECK_CAUSE_ANSWER,
			   "%s", run->message);
	else
		check_done(check, run->verdict,
			   run->verdict == CHECK_PASS ? CHECK_CAUSE_OK
						      : CHECK_CAUSE_ANSWER,
			   "reported %s", words[run->verdict]);
}

static void
start(struct check *check)
{
	struct run *run = check_run(check);
	struct dur ttl = check_conf(check)->push.ttl;
	struct mono now = mono_now(), since;

	if (run->begun.ns == 0)
		run->begun = now;
	since = run->reported.ns ? run->reported : run->begun;
	run->waiting = false;
	if (mono_sub(now, since).ns > ttl.ns) {
		silent(check, mono_sub(now, since));
		return;
	}
	/* Silence is noticed when it begins, not an interval later. */
	checker_hurry(check, mono_add(since, dur_ns(ttl.ns + 1000000)));
	if (run->reported.ns)
		tell(check);
	else
		check_done(check, CHECK_UNKNOWN, CHECK_CAUSE_LOCAL,
			   "nobody has reported yet");
}

/* A run ends where it starts. */
static void
cancel(struct check *check)
{
}

static void
destroy(struct check *check)
{
	struct run *run = check_run(check);

	free(run->message);
}

const struct check_kind check_push_kind = {
    .name = "push",
    .run_size = sizeof(struct run),
    .start = start,
    .cancel = cancel,
    .destroy = destroy,
};

static void
keep_message(struct run *run, const char *message)
{
	char safe[MESSAGE_MAX];

	if (message && *message)
		text_escape(message, strlen(message), safe, sizeof(safe));
	else
		safe[0] = '\0';
	if (run->message && strcmp(run->message, safe) == 0)
		return;
	free(run->message);
	run->message = safe[0] ? xstrdup(safe) : NULL;
}

bool
push_report(struct checker *c, size_t id, enum check_verdict verdict,
	    const char *message)
{
	struct check *check = checker_find(c, id);
	struct mono now = mono_now(), soon;
	struct run *run;

	if (!check || check->kind != &check_push_kind)
		return false;
	run = check_run(check);
	c->reports++;
	c->merged += run->waiting;
	run->reported = now;
	run->verdict = verdict;
	run->waiting = true;
	keep_message(run, message);
	soon = mono_add(check->started, SAMPLE_GAP);
	checker_hurry(check, mono_reached(soon, now) ? now : soon);
	return true;
}
