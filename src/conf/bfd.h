/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about BFD and the start gate; include that. */
#ifndef BASIN_CONF_BFD_H
#define BASIN_CONF_BFD_H

#include "conf/mesh.h"

/* The numbers are those of RFC 5880 section 4.1. */
enum conf_bfd_auth_type {
	CONF_BFD_AUTH_NONE,
	CONF_BFD_AUTH_SIMPLE,
	CONF_BFD_AUTH_MD5,
	CONF_BFD_AUTH_METICULOUS_MD5,
	CONF_BFD_AUTH_SHA1,
	CONF_BFD_AUTH_METICULOUS_SHA1,
};

struct conf_bfd_auth {
	enum conf_bfd_auth_type type;
	uint8_t key_id;      /* default 1 */
	struct conf_key key; /* 1 to 16 octets, with SHA1 20 */
};

/* One BFD session as wanted; all filled in. */
struct conf_bfd {
	bool enabled;
	const char *profile; /* NULL: none */
	/* Desired Min TX and Required Min RX Interval; default 100 ms. */
	struct dur interval, receive_interval;
	unsigned multiplier; /* default 3 */
	bool multihop_set, multihop;
	bool passive_set, passive; /* multihop only (RFC 5881 section 3) */
	bool strict_set, strict;   /* no BGP session before it is up */
	bool hold_down_set;
	struct dur hold_down; /* up for so long before it counts; default 0 */
	struct conf_bfd_auth auth;
};

struct conf_bfd_profile {
	struct conf_place place;
	const char *name;
	struct conf_bfd bfd;
};

/* Of a check: either the session of a peer, or one of its own. */
struct conf_bfd_check {
	const char *peer;      /* NULL: by address */
	struct ip address;     /* none with peer */
	struct ip source;      /* none: the kernel chooses */
	const char *interface; /* of a link-local address, else NULL */
	struct conf_bfd bfd;   /* with address */
};

/* What is waited for before anything is announced, once after a start. */
struct conf_start_gate {
	bool enabled;
	bool addresses;   /* every service address is there; default on */
	bool bfd;         /* every BFD session of a peer is up */
	bool rpki;        /* the caches have told their data */
	struct dur limit; /* then it opens all the same; default 60 s */
};

#endif
