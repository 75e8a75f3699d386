/* SPDX-License-Identifier: ISC */
/*
 * The state of a peer, which is that of its most advanced machine, and why it
 * is what it is.
 */
#include <stdio.h>
#include <string.h>

#include "bgp/speaker.h"

#define LOG_PERIOD dur_s(60)

/* ---- saying why ---- */

void
peer_why(struct bgp_peer *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->why, sizeof(p->why), fmt, ap);
	va_end(ap);
}

bool
peer_log(struct bgp_peer *p, enum peer_cause cause, enum log_level level,
	 const char *fmt, ...)
{
	struct log *log = p->bgp->settings.log;
	char line[512], more[48] = "";
	uint32_t suppressed;
	va_list ap;

	if (!log_allowed(&p->limits[cause], LOG_PERIOD, mono_now(),
			 &suppressed))
		return false;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (suppressed)
		snprintf(more, sizeof(more), " (%u like this before)",
			 suppressed);
	log_line(log, level, p->subject, "%s%s", line, more);
	return true;
}

/* ---- the state of the peer: that of its most advanced machine ---- */

static enum bgp_state
rank(enum bgp_state s)
{
	/* Connect says more than Active does. */
	if (s == BGP_STATE_CONNECT)
		return BGP_STATE_ACTIVE;
	return s == BGP_STATE_ACTIVE ? BGP_STATE_CONNECT : s;
}

static struct session *
most_advanced(struct bgp_peer *p)
{
	struct session *a = &p->sessions[PEER_INITIATED];
	struct session *b = &p->sessions[PEER_ACCEPTED];

	return rank(b->fsm.state) > rank(a->fsm.state) ? b : a;
}

void
peer_remember_error(struct bgp_peer *p, const char *why, struct mono now)
{
	snprintf(p->last_error, sizeof(p->last_error), "%s", why);
	p->last_error_at = now;
}

/* "AS 65000 at 192.0.2.1, hold time 90 s, ipv4, ipv6" */
static void
describe_up(const struct bgp_peer *p, char *buf, size_t size)
{
	char remote[IP_TEXT_MAX], hold[32];
	const struct conn *c = p->up->conn;

	unsigned families = p->facts.families;
	size_t n;

	n = (size_t)snprintf(buf, size, "AS %u at %s, hold time %s",
			     p->conf->asn,
			     ip_format(&c->remote, remote, sizeof(remote)),
			     dur_format(p->up->fsm.hold, hold, sizeof(hold)));
	for (; families && n < size; families &= families - 1)
		n += (size_t)snprintf(buf + n, size - n, ", %s",
				      bgp_family_text(families & -families));
}

/* What the callback is told of a change: facts, the cause, the age. */
static void
describe(const struct bgp_peer *p, enum bgp_state from, struct dur age,
	 char *buf, size_t size)
{
	char lasted[32];

	if (p->state == BGP_STATE_ESTABLISHED)
		describe_up(p, buf, size);
	else if (from == BGP_STATE_ESTABLISHED)
		snprintf(buf, size, "%s (it was up for %s)", p->why,
			 dur_format(age, lasted, sizeof(lasted)));
	else
		snprintf(buf, size, "%s", p->why);
}

/* The one place that writes p->state. */
void
peer_state_changed(struct bgp_peer *p)
{
	const struct bgp_callbacks *cb = p->bgp->settings.callbacks;
	struct session *s = most_advanced(p);
	enum bgp_state from = p->state, to = s->fsm.state;
	struct mono before = p->since, now = mono_now();
	char text[sizeof(p->why) + 64];

	if (from == to)
		return;
	if (p->why[0] == '\0')
		peer_why(p, "%s", fsm_reason_text(s->fsm.reason));
	p->state = to;
	p->since = now;
	describe(p, from, mono_sub(now, before), text, sizeof(text));
	if (cb && cb->state)
		cb->state(p->bgp->settings.arg, p, from, to, text);
}
