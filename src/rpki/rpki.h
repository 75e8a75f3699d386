/* SPDX-License-Identifier: ISC */
/*
 * Route origin validation: sessions with RPKI caches (RFC 8210) and what is
 * made of their data (RFC 6811).
 *
 *   session (thread, rtrlib) ─► feed ─► VRP table ─► validate()
 *          └── state ─► choose() ─► which run, whose data count
 *
 * Data of a lost cache count until they expire or another group of caches is
 * synchronised. Then a route is NotFound: nothing is Invalid because data are
 * missing.
 */
#ifndef BASIN_RPKI_RPKI_H
#define BASIN_RPKI_RPKI_H

#include <uv.h>

#include "base/log.h"
#include "base/time.h"
#include "conf/conf.h"
#include "rpki/vrp.h"

#define RPKI_TEXT_MAX 400

#define RPKI_STATES(X)                                                         \
	X(STANDBY, "standby")       /* a better one is synchronised */         \
	X(CONNECTING, "connecting") /* nothing yet */                          \
	X(SYNCHRONISED, "synchronised")                                        \
	X(LOST, "lost")     /* an error; its data count until they expire */   \
	X(FAILED, "failed") /* an error, and no data */

enum rpki_state {
#define X(n, t) RPKI_##n,
	RPKI_STATES(X)
#undef X
	    RPKI_STATE_COUNT
};
const char *rpki_state_text(enum rpki_state s);

struct rpki;

struct rpki_cache_view {
	const struct conf_rpki_cache *conf; /* borrowed */
	enum rpki_state state;
	struct mono since;
	bool used;                 /* its data count */
	size_t vrps;               /* of its data */
	uint64_t synchronisations; /* number of End of Data */
	struct mono synchronised;  /* the last; MONO_NEVER: never */
	struct mono expires;       /* its data; MONO_NEVER: it has none */
	uint16_t session;          /* with `synchronised` */
	uint32_t serial;
	uint8_t version;
	char error[RPKI_TEXT_MAX]; /* the last, safe to print; "": none */
	struct mono error_at;
	uint64_t errors;
};

struct rpki_callbacks {
	/* What rpki_validate() says may have changed. */
	void (*changed)(void *arg);
	/* `v` has the new state; v->error is why, where it is one. */
	void (*state)(void *arg, const struct rpki_cache_view *v,
		      enum rpki_state from);
};

struct rpki_settings {
	uv_loop_t *loop;                        /* borrowed */
	struct log *log;                        /* borrowed */
	const struct rpki_callbacks *callbacks; /* borrowed */
	void *arg;
};

struct rpki *rpki_new(const struct rpki_settings *s);
/*
 * Makes the caches those of `conf` (borrowed until the next call). A session
 * whose options are equal goes on.
 */
void rpki_configure(struct rpki *r, const struct conf_rpki *conf);
/* Ends the sessions; its memory goes as the loop turns. NULL is fine. */
void rpki_free(struct rpki *r);

/* Are there caches? */
bool rpki_configured(const struct rpki *r);
/* Do data count, of now or not yet expired? */
bool rpki_has_data(const struct rpki *r);
enum vrp_state rpki_validate(const struct rpki *r, const struct prefix *prefix,
			     uint32_t origin);
void rpki_covering(const struct rpki *r, const struct prefix *prefix,
		   vrp_fn *each, void *arg);

size_t rpki_caches(const struct rpki *r);
void rpki_cache_view(const struct rpki *r, size_t i,
		     struct rpki_cache_view *out);

#endif
