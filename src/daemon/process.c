/* SPDX-License-Identifier: ISC */
/*
 * A program:
 *
 *   (waits) ──timer──► runs ──ended──► waits, twice as long when it ended soon
 *                       │
 *                       └──"shutdown"──► left, until the next configuration
 *
 * Invariant: p->child is set exactly while the program runs.
 */
#include "daemon/process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SOON         dur_s(60)
#define LONGEST_WAIT dur_s(60)

/* ---- life ---- */

static void run(struct process *p);

static void
on_timer(uv_timer_t *timer)
{
	run(timer->data);
}

static void
alarm_of(struct process *p, bool on, const char *why)
{
	basin_alarm(p->b, p->source, why, on);
}

static void
withdraw_all(struct process *p)
{
	bgp_withdraw_source(p->b->bgp, p->source);
	process_forget_watched(p);
}

/* Sooner or later again, but for one that said so itself. */
static void
wait_again(struct process *p, struct mono now)
{
	struct dur wait = p->conf->respawn;
	unsigned doublings = p->failures < 10 ? p->failures : 10;

	wait.ns <<= doublings;
	if (wait.ns > LONGEST_WAIT.ns && wait.ns > p->conf->respawn.ns)
		wait = LONGEST_WAIT.ns > p->conf->respawn.ns ? LONGEST_WAIT
							     : p->conf->respawn;
	p->since = now;
	p->restart = mono_add(now, wait);
	uv_timer_start(&p->timer, on_timer, (uint64_t)dur_to_ms(wait), 0);
}

void
process_gone(struct process *p, const char *how)
{
	struct mono now = mono_now();
	bool soon = !mono_reached(mono_add(p->since, SOON), now);

	snprintf(p->ended, sizeof(p->ended), "%s", how);
	basin_event(p->b, EVENT_PROCESS,
		    p->left ? LOG_LEVEL_NOTICE : LOG_LEVEL_WARNING,
		    p->conf->name, "running", p->left ? "left" : "ended", NULL,
		    "%s", how);
	if (p->left || p->conf->on_exit == CONF_ON_EXIT_WITHDRAW)
		withdraw_all(p);
	if (p->left)
		return;
	p->failures = soon ? p->failures + 1 : 0;
	if (p->failures >= 3)
		alarm_of(p, true, "the program ends again and again");
	wait_again(p, now);
}

static void
run(struct process *p)
{
	const struct conf_exabgp *conf = p->conf;
	struct helper_process h;
	int r;

	if (p->b->phase == BASIN_STOPPING)
		return;
	p->acknowledge = conf->acknowledge;
	p->left = false;
	p->since = mono_now();
	r = helper_run(p->b->helper, conf->argv, conf->n_argv, conf->user, &h);
	if (r != 0) {
		process_gone(p, strerror(-r));
		return;
	}
	p->restart = MONO_NEVER;
	p->starts++;
	process_adopt(p, &h);
	basin_event(p->b, EVENT_PROCESS, LOG_LEVEL_NOTICE, conf->name, NULL,
		    "running", NULL, "%s", conf->argv[0]);
}

static void
stop(struct process *p)
{
	process_close(p);
	uv_timer_stop(&p->timer);
	alarm_of(p, false, "the program is not configured so any more");
}

static void
timer_closed(uv_handle_t *handle)
{
	struct process *p = handle->data;

	process_forget_watched(p);
	free(p);
}

static struct process *
add(struct basin *b, const struct conf_exabgp *conf)
{
	struct process *p = xcalloc(1, sizeof(*p));

	p->b = b;
	p->conf = conf;
	p->restart = MONO_NEVER;
	snprintf(p->source, sizeof(p->source), "exabgp:%s", conf->name);
	uv_timer_init(&b->loop, &p->timer);
	p->timer.data = p;
	return p;
}

static const struct conf_exabgp *
configured(const struct basin *b, const char *source)
{
	for (size_t i = 0; i < b->conf->n_exabgp; i++)
		if (strcmp(b->conf->exabgp[i].name,
			   source + strlen("exabgp:")) == 0)
			return &b->conf->exabgp[i];
	return NULL;
}

static struct process *
find(const struct processes *k, const char *name)
{
	struct process *p = k->list;

	while (p && strcmp(p->source + strlen("exabgp:"), name) != 0)
		p = p->next;
	return p;
}

/* One that is equal runs on; one that is not starts anew. */
static void
settle(struct process *p, const struct conf_exabgp *conf)
{
	bool equal = conf_exabgp_equal(p->conf, conf);

	p->conf = conf;
	if (equal && !p->left)
		return;
	stop(p);
	withdraw_all(p);
	p->failures = 0;
	run(p);
}

void
processes_configure(struct basin *b)
{
	struct process **at = &b->processes->list;

	while (*at) {
		struct process *p = *at;
		const struct conf_exabgp *conf = configured(b, p->source);

		if (conf) {
			settle(p, conf);
			at = &p->next;
			continue;
		}
		*at = p->next;
		stop(p);
		withdraw_all(p);
		uv_close((uv_handle_t *)&p->timer, timer_closed);
	}
	for (size_t i = 0; i < b->conf->n_exabgp; i++) {
		struct process *p;

		if (find(b->processes, b->conf->exabgp[i].name))
			continue;
		p = add(b, &b->conf->exabgp[i]);
		p->next = b->processes->list;
		b->processes->list = p;
		run(p);
	}
}

void
processes_start(struct basin *b)
{
	b->processes = xcalloc(1, sizeof(*b->processes));
}

void
processes_free(struct basin *b)
{
	struct process *next;

	if (!b->processes)
		return;
	for (struct process *p = b->processes->list; p; p = next) {
		next = p->next;
		process_close(p);
		uv_close((uv_handle_t *)&p->timer, timer_closed);
	}
	processes_forget_heard(b->processes);
	free(b->processes);
	b->processes = NULL;
}

/* ---- reading ---- */

size_t
processes_count(const struct basin *b)
{
	size_t n = 0;

	for (struct process *p = b->processes ? b->processes->list : NULL; p;
	     p = p->next)
		n++;
	return n;
}

void
processes_view(const struct basin *b, size_t i, struct process_view *out)
{
	const struct process *p = b->processes->list;

	while (i-- > 0)
		p = p->next;
	*out = (struct process_view){
	    .conf = p->conf,
	    .running = p->child != NULL,
	    .since = p->since,
	    .restart = p->restart,
	    .starts = p->starts,
	    .commands = p->commands,
	    .errors = p->errors,
	    .unanswered = p->unanswered,
	    .routes = bgp_originations(b->bgp, p->source),
	};
	memcpy(out->error, p->error, sizeof(out->error));
	memcpy(out->ended, p->ended, sizeof(out->ended));
}
