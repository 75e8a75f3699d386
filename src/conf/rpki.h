/* SPDX-License-Identifier: ISC */
/* The part of conf.h that is about the RPKI; include that. */
#ifndef BASIN_CONF_RPKI_H
#define BASIN_CONF_RPKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ip.h"
#include "base/time.h"
#include "conf/mesh.h"

#define CONF_RPKI_CACHES_MAX 16

/* A cache that speaks the RPKI to Router protocol (RFC 8210). */
struct conf_rpki_cache {
	struct conf_place place;
	const char *name;
	struct ip address;
	uint16_t port;      /* default 323 */
	struct ip source;   /* none: the kernel chooses */
	uint8_t preference; /* lower is better; default 1 */
};

/* What happens to own announcements that the ROAs make Invalid. */
enum conf_rpki_own { CONF_RPKI_WARN, CONF_RPKI_REFUSE };

struct conf_rpki {
	bool enabled;
	struct conf_rpki_cache *caches;
	size_t n_caches;
	enum conf_rpki_own own; /* default warn */
	/* At most; what a cache says is used when it is shorter. */
	struct dur refresh; /* default 10 min */
	struct dur retry;   /* default 1 min */
	struct dur expire;  /* default 2 h */
};

#endif
