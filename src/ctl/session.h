/* SPDX-License-Identifier: ISC */
/* The connections on the control sockets. */
#ifndef BASIN_CTL_SESSION_H
#define BASIN_CTL_SESSION_H

#include "ctl/internal.h"

/* Accepts the next connection of a listener (or refuses it: too many). */
void session_accept(struct listener *listener);
/* Runs the next requests, a few only. False: there were none. */
bool session_turn(struct ctl *ctl);
/* Queues an event line for every session that streams. */
void session_event(struct ctl *ctl, const char *line, size_t n);
/* The answer that a session waits for; taken over. */
void session_answer(struct session *session, struct text *text);
void session_close_all(struct ctl *ctl);

#endif
