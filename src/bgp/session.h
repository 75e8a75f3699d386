/* SPDX-License-Identifier: ISC */
/*
 * Messages of one connection: decoded, checked, turned into events.
 */
#ifndef BASIN_BGP_SESSION_H
#define BASIN_BGP_SESSION_H

#include "bgp/peer.h"

extern const struct conn_callbacks session_callbacks;

void session_send_open(struct session *s);
void session_send_keepalive(struct session *s);
void session_send_notification(struct session *s, uint8_t code,
			       uint8_t subcode);
/* Of a session that is taken over: 0, -EBADMSG when it is malformed. */
int session_restore(struct session *s, const uint8_t *update, size_t n)
    __attribute__((warn_unused_result));
/* `family`: one bgp_family bit. */
void session_request_refresh(struct session *s, unsigned family);

#endif
