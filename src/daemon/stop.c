/* SPDX-License-Identifier: ISC */
/*
 * Stopping: decide "nothing is announced" -> withdraw and Cease -> linger ->
 * routes and addresses go -> control goes -> the loop ends. Every stage is
 * bounded by node.stop_timeout together.
 */
#include "daemon/stop.h"
#include "daemon/basin.h"
#include "daemon/decide.h"
#include "daemon/detect.h"
#include "daemon/input.h"
#include "daemon/restarted.h"

static void
everything_closed(void *arg)
{
	struct basin *b = arg;

	uv_stop(&b->loop);
}

static void
neighbours_know(void *arg)
{
	struct basin *b = arg;

	ctl_close(b->ctl, everything_closed, b);
}

static void
out_done(void *arg)
{
	detect_wait(arg, neighbours_know);
}

static void
sessions_closed(void *arg)
{
	struct basin *b = arg;

	restarted_end(b);
	out_stop(b->out, out_done, b);
}

/* It is free now; states may still change and be asked for. */
static void
checks_closed(void *arg)
{
	struct basin *b = arg;

	b->checker = NULL;
}

static void
too_long(uv_timer_t *timer)
{
	struct basin *b = timer->data;

	log_warning(&b->log, "stop",
		    "not finished within node.stop_timeout; leaving now, the "
		    "helper removes what is left");
	uv_stop(&b->loop);
}

void
basin_stop(struct basin *b, const char *why, int exit_code)
{
	if (b->phase == BASIN_STOPPING)
		return;
	b->phase = BASIN_STOPPING;
	b->exit_code = exit_code;
	notify_stopping();
	basin_event(b, EVENT_NODE, LOG_LEVEL_NOTICE, b->conf->node.name,
		    "running", "stopping", NULL, "%s", why);
	input_stop(b, mono_now());
	basin_decide(b);
	detect_leave(b, b->conf->node.stop_timeout);
	checker_close(b->checker, checks_closed, b);
	uv_timer_start(&b->stop_timer, too_long,
		       (uint64_t)dur_to_ms(b->conf->node.stop_timeout) + 1000,
		       0);
	bgp_shutdown(b->bgp, why, b->conf->node.stop_timeout, sessions_closed,
		     b);
}

static void
stop_signal(uv_signal_t *signal, int number)
{
	struct basin *b = signal->data;

	if (b->phase == BASIN_STOPPING) {
		log_notice(&b->log, "stop", "second signal %d: exiting at once",
			   number);
		helper_stop(b->helper);
		_exit(1);
	}
	basin_stop(b, "stopped by the operator", 0);
}

static void
reload_signal(uv_signal_t *signal, int number)
{
	struct basin *b = signal->data;
	struct text message = {0};

	if (b->phase != BASIN_RUNNING)
		return;
	notify_reloading();
	if (basin_reload(b, false, &message) == 0)
		notify_ready("reloaded");
	else
		notify_ready("reload refused, the old configuration runs");
	text_free(&message);
}

void
stop_watch_signals(struct basin *b)
{
	static const struct {
		int number;
		uv_signal_cb handler;
	} watched[] = {
	    {SIGTERM, stop_signal},
	    {SIGINT, stop_signal},
	    {SIGHUP, reload_signal},
	};

	uv_timer_init(&b->loop, &b->stop_timer);
	b->stop_timer.data = b;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_LEN(watched); i++) {
		uv_signal_init(&b->loop, &b->signals[i]);
		b->signals[i].data = b;
		uv_signal_start(&b->signals[i], watched[i].handler,
				watched[i].number);
	}
}
