/* SPDX-License-Identifier: ISC */
/* Two caches, one of them lost; the first prefix is Invalid and withdrawn. */
#include <string.h>

#include "daemon/origins.h"

static const struct conf_rpki_cache caches[] = {
    {.name = "rtr1", .address = {AF_INET, {198, 51, 100, 7}}, .port = 323},
    {.name = "rtr2", .address = {AF_INET, {198, 51, 100, 8}}, .port = 323},
};

struct rpki *
origins_rpki(const struct basin *b)
{
	return NULL;
}

bool
rpki_configured(const struct rpki *r)
{
	return true;
}

size_t
rpki_caches(const struct rpki *r)
{
	return 2;
}

const char *
rpki_state_text(enum rpki_state s)
{
	return s == RPKI_SYNCHRONISED ? "synchronised" : "lost";
}

void
rpki_cache_view(const struct rpki *r, size_t i, struct rpki_cache_view *out)
{
	*out = (struct rpki_cache_view){
	    .conf = &caches[i],
	    .state = i == 0 ? RPKI_SYNCHRONISED : RPKI_LOST,
	    .since = mono_now(),
	    .used = i == 0,
	    .vrps = 500000,
	    .synchronisations = 3,
	    .synchronised = mono_now(),
	    .expires = mono_add(mono_now(), dur_s(7200)),
	    .session = 77,
	    .serial = 4000000000,
	    .version = 1,
	    .error_at = MONO_NEVER,
	};
	if (i == 1)
		strcpy(out->error,
		       "the cache reports: Internal Error (\"\\x1b\")");
}

const char *
bgp_validity_text(enum bgp_validity v)
{
	return v == BGP_VALIDITY_INVALID ? "invalid" : "not found";
}

void
origins_view(const struct basin *b, size_t id, struct origins_view *out)
{
	*out = (struct origins_view){id == 0 ? BGP_VALIDITY_INVALID
					     : BGP_VALIDITY_NOT_FOUND,
				     65000, false};
}

void
origins_text(const struct basin *b, size_t id, struct text *out)
{
	text_add(out, "the ROAs say something else");
}

enum conf_rung
origins_rung(const struct basin *b, size_t id, enum conf_rung rung)
{
	return rung;
}
