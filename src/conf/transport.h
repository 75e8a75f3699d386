/* SPDX-License-Identifier: ISC */
/* What the TCP connection of a peer needs; part of conf.h. */
#ifndef BASIN_CONF_TRANSPORT_H
#define BASIN_CONF_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

/* A secret out of a file: its octets without white space at the end. */
struct conf_key {
	const uint8_t *v; /* borrowed from the vault; NULL when absent */
	size_t n;
	const char *path;
};

/* RFC 2385. */
struct conf_md5 {
	struct conf_key key;
};

enum conf_ao_algorithm { CONF_AO_HMAC_SHA_1_96, CONF_AO_AES_128_CMAC_96 };

/* RFC 5925: one master key tuple. */
struct conf_tcp_ao {
	struct conf_key key;
	uint8_t send_id, receive_id;
	enum conf_ao_algorithm algorithm;
};

/* Between two attempts after failures in a row. */
struct conf_idle_hold {
	struct dur first;
	struct dur limit; /* 0: connect_retry, or 12 of them after an error */
};

struct conf_transport {
	struct conf_md5 md5;       /* key.v NULL: none */
	struct conf_tcp_ao tcp_ao; /* key.v NULL: none */
	/* RFC 5082: routers a packet may pass, and one; 0: not checked. */
	uint8_t gtsm;
	struct conf_idle_hold idle_hold;
	struct dur send_hold_time; /* 0: the greater of 8 m and 2 hold times */
	bool extended_messages;    /* RFC 8654 */
};

#endif
