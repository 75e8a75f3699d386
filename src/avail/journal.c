/* SPDX-License-Identifier: ISC */
/*
 * A change as one line for people, the journal and the log:
 *
 *   prefix 192.0.2.0/24: announced -> withdrawn, services_down: too few
 *   services are available (service dns)
 */
#include <stdio.h>

#include "avail/avail.h"

static const char *
drain_text(enum avail_drain_state state)
{
	switch (state) {
	case AVAIL_DRAIN_DRAINING:
		return "draining";
	case AVAIL_DRAIN_DRAINED:
		return "drained";
	case AVAIL_DRAIN_EXPIRED:
		break;
	}
	return "expired";
}

const char *
avail_state_text(enum avail_object object, int state)
{
	switch (object) {
	case AVAIL_IS_CHECK:
		return avail_check_state_text((enum avail_check_state)state);
	case AVAIL_IS_SERVICE:
		return avail_service_state_text(
		    (enum avail_service_state)state);
	case AVAIL_IS_PREFIX:
		return avail_prefix_state_text((enum avail_prefix_state)state);
	case AVAIL_IS_ATTACK:
		return state ? "on" : "expired";
	case AVAIL_IS_DRAIN:
		break;
	}
	return drain_text((enum avail_drain_state)state);
}

static const char *
key_of_target(const struct avail *av, enum avail_target target, size_t id)
{
	switch (target) {
	case AVAIL_SERVICE:
		return avail_service_key(av, id);
	case AVAIL_PREFIX:
		return avail_prefix_key(av, id);
	case AVAIL_NODE:
		break;
	}
	return "";
}

static int
write_subject(const struct avail *av, const struct avail_change *c, char *buf,
	      size_t size)
{
	static const char *const targets[] = {
	    [AVAIL_NODE] = "node",
	    [AVAIL_SERVICE] = "service ",
	    [AVAIL_PREFIX] = "prefix ",
	};

	switch (c->object) {
	case AVAIL_IS_CHECK:
		return snprintf(buf, size, "check %s",
				avail_check_key(av, c->id));
	case AVAIL_IS_SERVICE:
		return snprintf(buf, size, "service %s",
				avail_service_key(av, c->id));
	case AVAIL_IS_PREFIX:
		return snprintf(buf, size, "prefix %s",
				avail_prefix_key(av, c->id));
	case AVAIL_IS_ATTACK:
		return snprintf(buf, size, "attack mode");
	case AVAIL_IS_DRAIN:
		break;
	}
	return snprintf(buf, size, "drain of %s%s", targets[c->target],
			key_of_target(av, c->target, c->id));
}

static const char *
cause_kind(const struct avail_change *c)
{
	return c->object == AVAIL_IS_SERVICE ? "check" : "service";
}

static const char *
cause_key(const struct avail *av, const struct avail_change *c)
{
	return c->object == AVAIL_IS_SERVICE ? avail_check_key(av, c->cause)
					     : avail_service_key(av, c->cause);
}

/* The rest of the buffer behind `used` octets; never beyond its end. */
static size_t
rest(size_t size, int used)
{
	return (size_t)used < size ? size - (size_t)used : 0;
}

/* The state, or the rung where only that changed. */
static int
write_states(const struct avail_change *c, char *buf, size_t size)
{
	if (c->object == AVAIL_IS_PREFIX && c->from == c->to &&
	    c->rung_from != c->rung_to)
		return snprintf(buf, size, ": rung %s -> %s",
				avail_rung_text(c->rung_from),
				avail_rung_text(c->rung_to));
	return snprintf(buf, size, ": %s -> %s",
			avail_state_text(c->object, c->from),
			avail_state_text(c->object, c->to));
}

const char *
avail_change_text(const struct avail *av, const struct avail_change *c,
		  char *buf, size_t size)
{
	int n = write_subject(av, c, buf, size);

	if (rest(size, n) > 0)
		n += write_states(c, buf + n, rest(size, n));
	if (rest(size, n) > 0 && c->object < AVAIL_IS_DRAIN)
		n += snprintf(buf + n, rest(size, n), ", %s: %s",
			      avail_reason_text(c->reason),
			      avail_reason_help(c->reason));
	if (rest(size, n) > 0 && c->cause != SIZE_MAX)
		snprintf(buf + n, rest(size, n), " (%s %s)", cause_kind(c),
			 cause_key(av, c));
	return buf;
}
