/* SPDX-License-Identifier: ISC */
#include "daemon/upgrade_core.h"

#include "base/text.h"

static const char *const state_texts[] = {
#define X(n, t) [UPGRADE_##n] = t,
    UPGRADE_STATES(X)
#undef X
};

static const char *const event_texts[] = {
#define X(n, t) [UPGRADE_ON_##n] = t,
    UPGRADE_EVENTS(X)
#undef X
};

const char *
upgrade_state_text(enum upgrade_state s)
{
	return state_texts[s];
}

const char *
upgrade_event_text(enum upgrade_event e)
{
	return event_texts[e];
}

static const struct row {
	enum upgrade_state state;
	enum upgrade_event event;
	enum upgrade_state next;
	unsigned actions;
} rows[] = {
    {UPGRADE_IDLE, UPGRADE_ON_ORDER, UPGRADE_STARTING, UPGRADE_START},

    {UPGRADE_STARTING, UPGRADE_ON_READY, UPGRADE_HANDING, UPGRADE_WRITE},
    {UPGRADE_STARTING, UPGRADE_ON_REFUSED, UPGRADE_IDLE,
     UPGRADE_KILL | UPGRADE_GO_ON},
    {UPGRADE_STARTING, UPGRADE_ON_ENDED, UPGRADE_IDLE,
     UPGRADE_KILL | UPGRADE_GO_ON},
    {UPGRADE_STARTING, UPGRADE_ON_LATE, UPGRADE_IDLE,
     UPGRADE_KILL | UPGRADE_GO_ON},

    {UPGRADE_HANDING, UPGRADE_ON_TAKEN, UPGRADE_COMMITTED, UPGRADE_ANSWER},
    {UPGRADE_HANDING, UPGRADE_ON_REFUSED, UPGRADE_FENCED, UPGRADE_KILL},
    {UPGRADE_HANDING, UPGRADE_ON_ENDED, UPGRADE_IDLE,
     UPGRADE_KILL | UPGRADE_GO_ON},
    {UPGRADE_HANDING, UPGRADE_ON_LATE, UPGRADE_FENCED, UPGRADE_KILL},
    {UPGRADE_HANDING, UPGRADE_ON_FAILED, UPGRADE_FENCED, UPGRADE_KILL},

    /* What it said before it was killed counts. */
    {UPGRADE_FENCED, UPGRADE_ON_TAKEN, UPGRADE_GONE, UPGRADE_EXIT},
    {UPGRADE_FENCED, UPGRADE_ON_ENDED, UPGRADE_IDLE, UPGRADE_GO_ON},
    {UPGRADE_FENCED, UPGRADE_ON_LATE, UPGRADE_IDLE, UPGRADE_GO_ON},

    {UPGRADE_COMMITTED, UPGRADE_ON_DONE, UPGRADE_GONE,
     UPGRADE_RELEASE | UPGRADE_EXIT},
    {UPGRADE_COMMITTED, UPGRADE_ON_LATE, UPGRADE_GONE,
     UPGRADE_RELEASE | UPGRADE_EXIT},
    {UPGRADE_COMMITTED, UPGRADE_ON_ENDED, UPGRADE_GONE, UPGRADE_EXIT},
};

unsigned
upgrade_step(enum upgrade_state *s, enum upgrade_event e)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].state != *s || rows[i].event != e)
			continue;
		*s = rows[i].next;
		return rows[i].actions;
	}
	return 0;
}
