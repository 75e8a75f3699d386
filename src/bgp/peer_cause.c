/* SPDX-License-Identifier: ISC */
/*
 * Facts about what has just failed, for cause.c; and what it makes of them.
 */
#include <errno.h>
#include <time.h>

#include "bgp/protect.h"
#include "bgp/speaker.h"

/* Dropped segments explain failures for so long. */
#define COUNTS_AGE dur_s(600)
/* ... and a pause of this node for so long. */
#define LATE_AGE dur_s(60)

static int64_t
clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static struct peer_clocks
read_clocks(void)
{
	int64_t mono = clock_ns(CLOCK_MONOTONIC);
	int64_t boot = clock_ns(CLOCK_BOOTTIME);

	return (struct peer_clocks){
	    .asleep = dur_ns(boot - mono),
	    .wall = dur_ns(clock_ns(CLOCK_REALTIME) - boot),
	};
}

void
peer_cause_begin(struct bgp_peer *p)
{
	p->blame.clocks = read_clocks();
	p->blame.late = DUR_ZERO;
	p->blame.counted = mono_now();
	sys_tcp_count(&p->blame.counts);
}

/* The neighbour has noticed by then, or never will. */
static bool
late_counts(const struct bgp_peer *p, struct mono now)
{
	return !mono_reached(mono_add(p->blame.late_at, LATE_AGE), now);
}

void
peer_cause_late(struct bgp_peer *p)
{
	struct mono now = mono_now();
	struct dur late = mono_sub(now, p->due);

	p->due = MONO_NEVER;
	if (late.ns <= 0 || (late.ns < p->blame.late.ns && late_counts(p, now)))
		return;
	p->blame.late = late;
	p->blame.late_at = now;
}

static struct sys_tcp_counts
dropped_since(const struct bgp_peer *p)
{
	const struct sys_tcp_counts *old = &p->blame.counts;
	struct sys_tcp_counts now;

	sys_tcp_count(&now);
	return (struct sys_tcp_counts){
	    .wrong_key = now.wrong_key - old->wrong_key,
	    .no_key = now.no_key - old->no_key,
	    .unexpected_key = now.unexpected_key - old->unexpected_key,
	    .too_far = now.too_far - old->too_far,
	};
}

static void
add_configuration(const struct bgp_peer *p, struct cause_facts *f)
{
	const struct conf_peer *c = p->conf;

	f->ebgp = !peer_is_ibgp(p);
	f->multihop = c->multihop || c->ttl > 1;
	f->passive = c->passive;
	f->gtsm = c->transport.gtsm > 0;
	f->auth = protect_key(c).auth;
	f->on_link = sys_on_link(&c->address);
}

static void
add_clocks(const struct bgp_peer *p, struct cause_facts *f)
{
	struct peer_clocks now = read_clocks();

	f->clock_step = dur_ns(now.wall.ns - p->blame.clocks.wall.ns);
	f->suspended = dur_ns(now.asleep.ns - p->blame.clocks.asleep.ns);
	if (late_counts(p, mono_now()))
		f->stalled = p->blame.late;
}

static void
add_connection(const struct session *s, struct cause_facts *f)
{
	if (s && s->conn && s->conn->fd >= 0)
		f->has_tcp = sys_tcp_look(s->conn->fd, &f->tcp) == 0;
}

void
peer_blame(struct bgp_peer *p, const struct session *s, enum cause_event event,
	   uint8_t code, uint8_t subcode)
{
	struct cause_facts f = {
	    .event = event,
	    .code = code,
	    .subcode = subcode,
	    .was_up = p->up && p->up == s,
	    .had_session = p->established > 0 || p->bgp->restarted,
	    .dropped = dropped_since(p),
	};

	peer_cause_late(p);
	add_configuration(p, &f);
	add_clocks(p, &f);
	add_connection(s, &f);
	p->blame.found = cause_find(&f);
	if (mono_reached(mono_add(p->blame.counted, COUNTS_AGE), mono_now()))
		peer_cause_begin(p);
}

void
peer_blame_error(struct bgp_peer *p, const struct session *s, int error)
{
	enum cause_event event = CAUSE_UNREACHABLE;

	switch (-error) {
	case 0:
		event = CAUSE_NO_ANSWER;
		break;
	case ETIMEDOUT:
		event = p->up == s && s ? CAUSE_TIMED_OUT : CAUSE_NO_ANSWER;
		break;
	case ECONNREFUSED:
		event = CAUSE_REFUSED;
		break;
	case ECONNRESET:
	case EPIPE:
		event = CAUSE_RESET;
		break;
	case EADDRNOTAVAIL:
		event = CAUSE_NO_ADDRESS;
		break;
	case ENODEV:
		event = CAUSE_NO_INTERFACE;
		break;
	case EDESTADDRREQ:
		event = CAUSE_NO_NEIGHBOUR;
		break;
	case EOPNOTSUPP:
	case ENOMEM:
		event = CAUSE_NO_KEYS;
		break;
	}
	peer_blame(p, s, event, 0, 0);
}

/* Connected, but the OPEN of the neighbour does not come. */
static const struct session *
waiting_for_open(const struct bgp_peer *p)
{
	for (int i = 0; i < PEER_SLOTS; i++)
		if (p->sessions[i].fsm.state == BGP_STATE_OPENSENT)
			return &p->sessions[i];
	return NULL;
}

struct cause
peer_cause(const struct bgp_peer *p)
{
	const struct session *s = p->up ? p->up : waiting_for_open(p);
	struct cause_facts f = {.was_up = p->up != NULL};
	struct cause live;

	if (!s)
		return p->blame.found;
	add_connection(s, &f);
	if (!p->up) {
		f.dropped = dropped_since(p);
		f.gtsm = p->conf->transport.gtsm > 0;
	}
	live = cause_find_live(&f);
	return live.cause || p->up ? live : p->blame.found;
}
