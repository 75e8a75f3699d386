/* SPDX-License-Identifier: ISC */
/* What is read of caches and their data; nothing is changed here. */
#include <string.h>

#include "rpki/cache.h"

const char *
rpki_state_text(enum rpki_state s)
{
	static const char *const texts[] = {
#define X(n, t) [RPKI_##n] = t,
	    RPKI_STATES(X)
#undef X
	};

	return texts[s];
}

void
cache_view(const struct rpki *r, const struct cache *c,
	   struct rpki_cache_view *out)
{
	bool holds = c->held != NO_SOURCE;

	*out = (struct rpki_cache_view){
	    .conf = c->conf,
	    .state = c->state,
	    .since = c->since,
	    .used = holds && (r->in_use & (UINT32_C(1) << c->held)),
	    .vrps = holds ? vrp_count(r->table, c->held) : 0,
	    .synchronisations = c->synchronisations,
	    .synchronised = c->synchronised,
	    .expires = c->expires,
	    .session = c->last.session,
	    .serial = c->last.serial,
	    .version = c->last.version,
	    .error_at = c->error_at,
	    .errors = c->errors,
	};
	memcpy(out->error, c->error, sizeof(out->error));
}

/* ---- reading ---- */

bool
rpki_configured(const struct rpki *r)
{
	return r && r->n_caches > 0;
}

bool
rpki_has_data(const struct rpki *r)
{
	return r && r->in_use != 0;
}

enum vrp_state
rpki_validate(const struct rpki *r, const struct prefix *prefix,
	      uint32_t origin)
{
	return r ? vrp_validate(r->table, prefix, origin) : VRP_NOT_FOUND;
}

void
rpki_covering(const struct rpki *r, const struct prefix *prefix, vrp_fn *each,
	      void *arg)
{
	if (rpki_has_data(r))
		vrp_covering(r->table, prefix, each, arg);
}

size_t
rpki_caches(const struct rpki *r)
{
	return r ? r->n_caches : 0;
}

void
rpki_cache_view(const struct rpki *r, size_t i, struct rpki_cache_view *out)
{
	cache_view(r, &r->caches[i], out);
}
