/* SPDX-License-Identifier: ISC */
/* Reading: what there is, by which key and on what it stands. */
#include "avail/state.h"

size_t
avail_checks(const struct avail *av)
{
	return av->n_checks;
}

size_t
avail_services(const struct avail *av)
{
	return av->n_services;
}

size_t
avail_prefixes(const struct avail *av)
{
	return av->n_prefixes;
}

const char *
avail_check_key(const struct avail *av, size_t id)
{
	return av->checks[id].o.key;
}

const char *
avail_service_key(const struct avail *av, size_t id)
{
	return av->services[id].o.key;
}

const char *
avail_prefix_key(const struct avail *av, size_t id)
{
	return av->prefixes[id].o.key;
}
