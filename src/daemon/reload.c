/* SPDX-License-Identifier: ISC */
/*
 * Reload: load and check first, then apply the differences only. The new
 * model adopts what the old one knew; running checks and sessions whose
 * configuration is equal are handed over untouched.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/basin.h"
#include "daemon/block.h"
#include "daemon/brake.h"
#include "daemon/counters.h"
#include "daemon/decide.h"
#include "daemon/detect.h"
#include "daemon/drill.h"
#include "daemon/identify.h"
#include "daemon/journal.h"
#include "daemon/listen.h"
#include "daemon/model.h"
#include "daemon/origins.h"
#include "daemon/overload.h"
#include "daemon/process.h"
#include "daemon/reload.h"
#include "daemon/rung.h"
#include "daemon/standing.h"
#include "daemon/upgrade.h"
#include "daemon/watch.h"

#define SUMMARY_ITEMS 8

static const char *const change_texts[] = {
    [CONF_ADDED] = "added",
    [CONF_REMOVED] = "removed",
    [CONF_CHANGED] = "changed",
};

static const char *const section_texts[] = {
    [CONF_SECTION_NODE] = "node",   [CONF_SECTION_SERVICE] = "service",
    [CONF_SECTION_CHECK] = "check", [CONF_SECTION_PREFIX] = "prefix",
    [CONF_SECTION_PEER] = "peer",   [CONF_SECTION_OTHER] = "option",
};

const char *
reload_section_text(enum conf_section section)
{
	return section_texts[section];
}

static void
summarise(const struct conf_diff *diff, struct text *out)
{
	if (diff->n == 0)
		text_add(out, "no differences");
	for (size_t i = 0; i < diff->n && i < SUMMARY_ITEMS; i++) {
		const struct conf_change *c = &diff->v[i];

		text_addf(out, "%s%s", i ? ", " : "",
			  section_texts[c->section]);
		if (c->section != CONF_SECTION_NODE)
			text_addf(out, " %s", c->name);
		text_addf(out, " %s", change_texts[c->kind]);
		if (c->option)
			text_addf(out, " (%s)", c->option);
	}
	if (diff->n > SUMMARY_ITEMS)
		text_addf(out, " and %zu more", diff->n - SUMMARY_ITEMS);
}

/* What only a restart can change; said, not silently ignored. */
void
reload_name_fixed(const struct conf *before, const struct conf *after,
		  struct text *out)
{
	const struct {
		const char *option, *old, *new;
	} fixed[] = {
	    {"control.socket", before->control.socket, after->control.socket},
	    {"control.read_only_socket", before->control.read_only_socket,
	     after->control.read_only_socket},
	    {"control.push_socket", before->control.push_socket,
	     after->control.push_socket},
	    {"control.push_group", before->control.push_group,
	     after->control.push_group},
	    {"control.group", before->control.group, after->control.group},
	    {"state_directory", before->state_directory,
	     after->state_directory},
	};

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcmp(fixed[i].old ? fixed[i].old : "",
			   fixed[i].new ? fixed[i].new : "") != 0)
			text_addf(out, "; %s takes effect at the next restart",
				  fixed[i].option);
	if (!listen_equal(&before->http, &after->http))
		text_add(out, "; http.listen takes effect at the next restart");
}

/* ---- checks ---- */

static int
by_name(const void *a, const void *b)
{
	const struct basin_check *const *x = a, *const *y = b;

	return strcmp((*x)->conf->name, (*y)->conf->name);
}

/* Pointers into `checks`, sorted by name; the caller frees. */
static const struct basin_check **
sorted(const struct basin_check *checks, size_t n)
{
	const struct basin_check **v = xcalloc(n, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = &checks[i];
	qsort(v, n, sizeof(*v), by_name);
	return v;
}

struct handover {
	const struct basin_check **old; /* owned, sorted by name */
	size_t n_old;
	const struct basin_check *old_first;
	bool *kept; /* owned, by old id */
};

/* The old id of an equal check, SIZE_MAX when it must start anew. */
static size_t
equal_before(struct handover *h, const struct basin_check *check)
{
	const struct basin_check **found =
	    bsearch(&check, h->old, h->n_old, sizeof(*h->old), by_name);

	if (!found || !conf_check_equal((*found)->conf, check->conf))
		return SIZE_MAX;
	return (size_t)(*found - h->old_first);
}

/*
 * Running checks keep running under their new id. checker_renumber() takes
 * the whole table at once because old and new ids overlap.
 */
static void
hand_over_checks(struct basin *b, const struct basin_check *old, size_t n_old,
		 size_t n_new)
{
	struct handover h = {.old = sorted(old, n_old),
			     .n_old = n_old,
			     .old_first = old,
			     .kept = xcalloc(n_old, sizeof(bool))};
	struct checker_move *moves = xcalloc(n_new, sizeof(*moves));
	size_t n_moves = 0;

	for (size_t id = 0; id < n_new; id++) {
		size_t from = equal_before(&h, &b->checks[id]);

		if (from == SIZE_MAX)
			continue;
		h.kept[from] = true;
		b->checks[id].changing = old[from].changing;
		moves[n_moves++] =
		    (struct checker_move){from, id, b->checks[id].conf};
	}
	for (size_t id = 0; id < n_old; id++)
		if (!h.kept[id])
			checker_remove(b->checker, id);
	checker_renumber(b->checker, moves, n_moves);
	free(moves);
	free(h.kept);
	free(h.old);
}

static void
add_new_checks(struct basin *b, size_t n)
{
	for (size_t id = 0; id < n; id++)
		if (!checker_has(b->checker, id) &&
		    checker_add(b->checker, id, b->checks[id].conf) != 0)
			log_error(&b->log, b->checks[id].conf->name,
				  "check could not be started: its service "
				  "is not announced on it");
}

/* ---- applying ---- */

static void
swap_model(struct basin *b, struct conf *conf)
{
	struct avail *old_avail = b->avail;
	struct basin_check *old_checks = b->checks;
	size_t n_old = avail_checks(old_avail), n_new;
	struct mono now = mono_now();

	model_build(conf, now, &b->avail, &b->checks);
	avail_adopt(b->avail, old_avail, now);
	n_new = avail_checks(b->avail);
	hand_over_checks(b, old_checks, n_old, n_new);
	b->conf = conf;
	add_new_checks(b, n_new);
	free(old_checks);
	avail_free(old_avail);
	journal_configure(b, now);
	standing_apply_all(b, now);
}

static void
want_all(struct basin *b)
{
	for (size_t id = 0; id < avail_prefixes(b->avail); id++)
		rung_want(b, id);
}

/* The one that was in force is the caller's afterwards. */
static struct conf *
apply(struct basin *b, struct conf *conf, struct text *message)
{
	struct conf *old = b->conf;

	basin_decide(b); /* nothing pending may refer to old ids */
	swap_model(b, conf);
	detect_configure(b);
	brake_configure(b);
	watch_configure(b);
	counters_configure(b);
	overload_configure(b);
	drill_configure(b);
	out_configure(b->out, conf);
	origins_configure(b);
	if (bgp_configure(b->bgp, conf) != 0)
		text_add(message, "; a BGP listening address could not be "
				  "opened, see the log");
	block_configure(b);
	detect_tell_peers(b);
	processes_configure(b);
	identify_configure(b);
	want_all(b);
	basin_configure_log(b, conf);
	b->generation++;
	b->configured = wall_now();
	basin_decide(b);
	return old;
}

static int
refuse(struct basin *b, int error, const struct text *message)
{
	b->reload_failed = true;
	basin_event(b, EVENT_CONFIGURATION, LOG_LEVEL_ERROR, b->options.config,
		    NULL, "refused", NULL,
		    "the old configuration stays in force");
	log_lines(&b->log, LOG_LEVEL_ERROR, "configuration", text_str(message));
	basin_alarm(b, "configuration",
		    "the last reload was refused; the running configuration "
		    "is older than the file",
		    true);
	return error;
}

/* *old: what was in force, the caller's. */
static int
reload(struct basin *b, bool allow_removal, struct conf **old,
       struct text *message)
{
	struct text summary = {0};
	struct conf_diff diff;
	struct conf *conf;
	int error;

	if (b->phase == BASIN_STOPPING) {
		text_add(message, "basind is stopping: the file is read when "
				  "it starts again");
		return -EPERM;
	}
	if (upgrade_busy(b)) {
		text_add(message, "an upgrade is under way: reload when it is "
				  "done");
		return -EPERM;
	}
	if (confirm_waits(b)) {
		text_add(message,
			 "the last reload is not confirmed yet: `basin "
			 "confirm` keeps it, else it is taken back");
		return -EPERM;
	}
	error = conf_load(b->options.config, &conf, message);

	if (error != 0)
		return refuse(b, error, message);
	if (!allow_removal && conf_guard_removal(b->conf, conf, message) != 0) {
		conf_free(conf);
		return refuse(b, -EPERM, message);
	}
	log_lines(&b->log, LOG_LEVEL_WARNING, "configuration",
		  text_str(message));
	conf_diff(b->conf, conf, &diff);
	summarise(&diff, &summary);
	reload_name_fixed(b->conf, conf, &summary);
	conf_diff_free(&diff);
	*old = apply(b, conf, &summary);
	b->reload_failed = false;
	basin_alarm(b, "configuration", "a reload succeeded", false);
	basin_event(b, EVENT_CONFIGURATION, LOG_LEVEL_NOTICE, b->options.config,
		    NULL, "loaded", NULL, "%s", text_str(&summary));
	text_add(message, text_str(&summary));
	text_free(&summary);
	return 0;
}

int
basin_reload(struct basin *b, bool allow_removal, struct text *message)
{
	struct conf *old;
	int error = reload(b, allow_removal, &old, message);

	if (error == 0)
		conf_free(old);
	return error;
}

int
reload_on_probation(struct basin *b, bool allow_removal, struct dur limit,
		    struct text *message)
{
	char text[32];
	struct conf *old;
	int error = reload(b, allow_removal, &old, message);

	if (error)
		return error;
	confirm_begin(b, old, limit);
	text_addf(message, "; taken back after %s without `basin confirm`",
		  dur_format(limit, text, sizeof(text)));
	return 0;
}

void
reload_revert(struct basin *b, struct conf *old)
{
	struct text summary = {0};

	conf_free(apply(b, old, &summary));
	b->reload_failed = true;
	basin_event(b, EVENT_CONFIGURATION, LOG_LEVEL_WARNING,
		    b->options.config, "on probation", "taken back", NULL,
		    "it was not confirmed; the configuration before is in "
		    "force%s",
		    text_str(&summary));
	basin_alarm(b, "configuration",
		    "the last reload was not confirmed and is taken back; the "
		    "running configuration is older than the file",
		    true);
	text_free(&summary);
}
