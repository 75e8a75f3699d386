/* SPDX-License-Identifier: ISC */
/*
 * Configuration -> availability model: the settings of avail's objects out of
 * conf's, in one place for the daemon and for the replay of its journal.
 */
#ifndef BASIN_MODEL_MODEL_H
#define BASIN_MODEL_MODEL_H

#include "avail/avail.h"
#include "base/text.h"
#include "conf/conf.h"

/* One object's settings. The journal records them: every field counts. */
struct avail_check_settings model_check(const struct conf_check *c);
struct avail_service_settings model_service(const struct conf_service *s);
struct avail_prefix_settings model_prefix(const struct conf_prefix *p);

/*
 * A sealed avail for `conf`. Ids of services and prefixes are the indexes of
 * conf; checks are numbered through, the first service's first. The caller's.
 */
struct avail *model_new(const struct conf *conf, struct mono now)
    __attribute__((warn_unused_result));
/* The name a drain is stored under; "" for the node. */
const char *model_name(const struct conf *conf, enum avail_target target,
		       size_t id, char *buf, size_t size);
/* The id of that name; SIZE_MAX when it is not configured. */
size_t model_find(const struct conf *conf, enum avail_target target,
		  const char *name);

/* ---- flapping ---- */

struct model_suppressed {
	bool suppressed;
	unsigned withdrawals; /* that it took */
	struct dur after;     /* ... from the first to the last of them */
};

/* What routers far away make of the fastest flapping. */
struct model_flapping {
	struct model_suppressed rfc2439; /* as vendors ship it */
	struct model_suppressed rfc7196; /* with the values of RFC 7196 */
};

/*
 * Plays the worst that a prefix's services can do to it, each alone and all
 * together, in virtual time. `settings` instead of the prefix's own.
 */
void model_flap(const struct conf *conf, const struct conf_prefix *p,
		const struct avail_prefix_settings *settings,
		struct model_flapping *out);
/*
 * One warning for all prefixes that routers far away might suppress, with a
 * setting that prevents it, proven by playing it; false when there is none.
 */
bool model_advise(const struct conf *conf, struct text *out);

#endif
