/* SPDX-License-Identifier: ISC */
/*
 * basin drill: a prober runs while the daemon lets a service fail.
 *
 *   plan ─► prober ─► drill ─► what follows, as it comes ─► report
 *
 * The daemon keeps the time: a drill ends also when this program does not
 * live to see it.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/connect.h"
#include "cli/prober.h"
#include "cli/render.h"

/* Between two questions to the daemon. */
#define LOOK_MS 50
/* Requests before it fails and after all is over, and no longer than this. */
#define BEFORE     10
#define BEFORE_MAX dur_s(2)
/* Longer than expected before nothing more is awaited. */
#define PATIENCE dur_s(30)

struct drill_run {
	struct cli *cli;
	const struct invocation *in;
	struct prober_settings probe;
	struct prober *prober; /* owned; NULL: nobody asks */
	char probe_text[96];
	struct dur limit;
	double recovery; /* expected at most, seconds */
	json_int_t id;   /* of the drill that was begun */
	size_t shown;    /* steps */
	int signals;     /* owned; signalfd */
	bool interrupted;
};

/* ---- options ---- */

static bool
duration(const struct drill_run *r, const char *option, const char *standard,
	 struct dur *out)
{
	const char *text = command_option(r->in, option);

	if (!text)
		text = standard;
	if (dur_parse(text, out) == 0 && out->ns >= dur_ms(1).ns &&
	    out->ns <= dur_s(3600).ns)
		return true;
	command_complain(r->cli,
			 "--%s is \"%s\", expected a duration with its unit, "
			 "such as %s, from 1ms to 1h",
			 option, text, standard);
	return false;
}

static bool
address(const struct drill_run *r, const char *option, struct ip *out)
{
	const char *text = command_option(r->in, option);

	if (!text || ip_parse(text, out) == 0)
		return true;
	command_complain(r->cli, "--%s is \"%s\", expected an IP address",
			 option, text);
	return false;
}

static bool
parse_probe(const struct drill_run *r, const char *text,
	    struct prober_settings *out)
{
	if (text && prober_parse(text, out))
		return true;
	command_complain(r->cli,
			 "the probe is \"%s\", expected tcp/PORT or udp/PORT",
			 text ? text : "");
	return false;
}

/* False after a complaint. */
static bool
read_options(struct drill_run *r)
{
	const char *payload = command_option(r->in, "send");

	if (!duration(r, "for", "10s", &r->limit) ||
	    !duration(r, "interval", "20ms", &r->probe.interval) ||
	    !address(r, "source", &r->probe.source))
		return false;
	/* Below the second after which TCP asks again. */
	r->probe.timeout = dur_ms(500);
	if (!payload)
		return true;
	r->probe.payload = payload;
	r->probe.payload_len = strlen(payload);
	return true;
}

/* ---- the prober ---- */

static bool
make_prober(struct drill_run *r)
{
	char ip[IP_TEXT_MAX];

	if (!ip_is_none(&r->probe.source) &&
	    r->probe.source.family != r->probe.target.family) {
		command_complain(r->cli, "--source is not of the family of %s",
				 ip_format(&r->probe.target, ip, sizeof(ip)));
		return false;
	}
	if (!r->probe.payload)
		prober_payload(&r->probe);
	snprintf(r->probe_text, sizeof(r->probe_text), "%s/%u at %s",
		 r->probe.udp ? "udp" : "tcp", r->probe.port,
		 ip_format(&r->probe.target, ip, sizeof(ip)));
	r->prober = prober_new(&r->probe);
	return true;
}

/* Asks on, or only waits; not longer than LOOK_MS, for signals. */
static void
pass(struct drill_run *r, struct dur time)
{
	struct mono until = mono_add(mono_now(), time);
	struct signalfd_siginfo si;

	if (r->prober)
		prober_run(r->prober, until);
	else
		usleep((useconds_t)dur_to_ms(time) * 1000);
	if (read(r->signals, &si, sizeof(si)) == sizeof(si))
		r->interrupted = true;
}

/* So that what was lost before is known. */
static void
pass_before(struct drill_run *r)
{
	struct dur all = dur_ns(r->probe.interval.ns * BEFORE);
	struct mono end =
	    mono_add(mono_now(), all.ns < BEFORE_MAX.ns ? all : BEFORE_MAX);

	while (!r->interrupted && !mono_reached(end, mono_now()))
		pass(r, dur_ms(LOOK_MS));
}

static void
catch_signals(struct drill_run *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- the report ---- */

static json_t *
prober_json(const struct drill_run *r, const struct prober_summary *s)
{
	json_t *o =
	    json_pack("{s:s, s:I, s:I, s:f, s:f, s:f}", "probe", r->probe_text,
		      "sent", (json_int_t)s->sent, "lost", (json_int_t)s->lost,
		      "longest_gap", dur_to_seconds(s->longest), "interval",
		      dur_to_seconds(r->probe.interval), "latency",
		      dur_to_seconds(s->latency));

	for (int i = PROBER_ANSWERED; i < PROBER_RESULT_COUNT; i++)
		json_object_set_new(o,
				    prober_result_text((enum prober_result)i),
				    json_integer((json_int_t)s->results[i]));
	return o;
}

static int
observe(struct drill_run *r)
{
	struct mono end = mono_add(mono_now(), r->limit);
	struct prober_summary s;
	json_t *result;

	catch_signals(r);
	while (!r->interrupted && !mono_reached(end, mono_now()))
		pass(r, dur_ms(LOOK_MS));
	prober_finish(r->prober);
	prober_summary(r->prober, &s);
	result = prober_json(r, &s);
	if (r->cli->json)
		render_json(r->cli, result);
	else
		render_prober(r->cli, result);
	json_decref(result);
	return s.lost == 0 ? COMMAND_FINE : COMMAND_NOT_FINE;
}

/* ---- the drill ---- */

static json_t *
arguments(const struct drill_run *r, bool plan)
{
	char limit[32];

	snprintf(limit, sizeof(limit), "%lldms",
		 (long long)dur_to_ms(r->limit));
	return json_pack("{s:s, s:s*, s:s, s:b, s:b}", "service",
			 r->in->operands[0], "mode",
			 command_option(r->in, "mode"), "for", limit, "force",
			 command_option(r->in, "force") != NULL, "plan", plan);
}

/* The probe of the plan, when none is given; none at all is said. */
static bool
choose_probe(struct drill_run *r, const json_t *plan)
{
	const char *probe = command_option(r->in, "probe");
	json_t *addresses = json_object_get(plan, "addresses");
	const char *first = json_string_value(json_array_get(addresses, 0));

	if (!probe)
		probe = json_string_value(json_object_get(plan, "probe"));
	if (!probe || !first) {
		command_complain(r->cli, "no request is made meanwhile: say "
					 "which with --probe tcp/PORT");
		return true;
	}
	if (!parse_probe(r, probe, &r->probe) ||
	    ip_parse(first, &r->probe.target) != 0)
		return false;
	return make_prober(r);
}

static double
number(const json_t *o, const char *key)
{
	return json_number_value(json_object_get(o, key));
}

static bool
is_state(const json_t *drill, const char *state)
{
	return strcmp(render_string(drill, "state"), state) == 0;
}

static void
show_steps(struct drill_run *r, const json_t *drill)
{
	const json_t *steps = json_object_get(drill, "steps");

	if (r->cli->json)
		return;
	for (; r->shown < json_array_size(steps); r->shown++)
		render_drill_step(r->cli, json_array_get(steps, r->shown),
				  json_object_get(drill, "expected"));
	fflush(r->cli->out);
}

/* Owned; NULL: complained. A daemon that is another one has forgotten it. */
static json_t *
ask_drill(struct drill_run *r, int *code)
{
	json_t *result = connect_call(r->cli, "show drill", NULL, false, code);
	json_t *drill = json_incref(json_object_get(result, "drill"));

	json_decref(result);
	if (!drill || json_integer_value(json_object_get(drill, "id")) == r->id)
		return drill;
	json_decref(drill);
	command_complain(r->cli,
			 "the daemon knows no more of this drill: it was "
			 "started anew, or another drill began");
	*code = COMMAND_NOT_FINE;
	return NULL;
}

static void
interrupt(struct drill_run *r)
{
	int code;

	r->interrupted = false;
	json_decref(connect_call(r->cli, "drill end", NULL, true, &code));
}

/* Until all is as it was, or it takes too long. Owned; NULL: complained. */
static json_t *
follow(struct drill_run *r, int *code)
{
	struct dur all =
	    dur_ns(r->limit.ns + PATIENCE.ns + (int64_t)(r->recovery * 2e9));
	struct mono end = mono_add(mono_now(), all);
	json_t *drill = NULL;

	for (;;) {
		bool late = mono_reached(end, mono_now());

		json_decref(drill);
		drill = ask_drill(r, code);
		if (!drill)
			return NULL;
		show_steps(r, drill);
		if (late || is_state(drill, "ended") ||
		    is_state(drill, "failed"))
			return drill;
		if (r->interrupted)
			interrupt(r);
		pass(r, dur_ms(LOOK_MS));
	}
}

static int
verdict(const json_t *drill)
{
	bool noticed = json_array_size(json_object_get(drill, "steps")) > 0;

	return is_state(drill, "ended") && noticed ? COMMAND_FINE
						   : COMMAND_NOT_FINE;
}

static void
report(struct drill_run *r, json_t *drill)
{
	struct prober_summary s;

	if (r->prober) {
		pass_before(r);
		prober_finish(r->prober);
		prober_summary(r->prober, &s);
		json_object_set_new(drill, "prober", prober_json(r, &s));
	}
	if (r->cli->json)
		render_json(r->cli, drill);
	else
		render_drill_end(r->cli, drill);
}

static int
begin(struct drill_run *r)
{
	int code;
	json_t *result =
	    connect_call(r->cli, "drill", arguments(r, false), true, &code);

	if (!result)
		return code;
	r->id = json_integer_value(json_object_get(result, "id"));
	json_decref(result);
	result = follow(r, &code);
	if (!result)
		return code;
	report(r, result);
	code = verdict(result);
	json_decref(result);
	return code;
}

static int
drill(struct drill_run *r)
{
	int code;
	json_t *plan =
	    connect_call(r->cli, "drill", arguments(r, true), true, &code);
	json_t *e;

	if (!plan)
		return code;
	if (!choose_probe(r, plan)) {
		json_decref(plan);
		return COMMAND_USAGE;
	}
	e = json_object_get(plan, "expected");
	r->recovery = number(e, "recovery") + number(e, "hold_down");
	if (!r->cli->json)
		render_drill_plan(r->cli, plan);
	fflush(r->cli->out);
	json_decref(plan);
	catch_signals(r);
	pass_before(r);
	if (!r->interrupted)
		return begin(r);
	command_complain(r->cli, "interrupted before the drill began");
	return COMMAND_NOT_FINE;
}

/* ---- the command ---- */

static int
observe_only(struct drill_run *r)
{
	const char *probe = r->in->operands[0];

	if (!probe)
		probe = command_option(r->in, "probe");
	if (!address(r, "observe", &r->probe.target) ||
	    !parse_probe(r, probe, &r->probe) || !make_prober(r))
		return COMMAND_USAGE;
	return observe(r);
}

static int
end_only(struct cli *cli)
{
	int code;
	json_t *result = connect_call(cli, "drill end", NULL, true, &code);

	if (!result)
		return code;
	if (cli->json)
		render_json(cli, result);
	else
		table_say(cli->out, cli->colour, TABLE_PLAIN,
			  "ended the drill of service %s",
			  render_string(result, "service"));
	if (!cli->json)
		fputc('\n', cli->out);
	json_decref(result);
	return COMMAND_FINE;
}

int
run_drill(struct cli *cli, const struct invocation *in)
{
	struct drill_run r = {.cli = cli, .in = in, .signals = -1};
	int code = COMMAND_USAGE;

	if (command_option(in, "end"))
		return end_only(cli);
	if (!read_options(&r))
		return COMMAND_USAGE;
	if (command_option(in, "observe"))
		code = observe_only(&r);
	else if (in->n_operands == 1)
		code = drill(&r);
	else
		command_complain(cli, "drill what? basin drill SERVICE");
	if (r.prober)
		prober_free(r.prober);
	if (r.signals >= 0)
		close(r.signals);
	return code;
}
