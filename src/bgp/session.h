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
void session_request_refresh(struct session *s, uint8_t family);

#endif
