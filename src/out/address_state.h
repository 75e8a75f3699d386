/* SPDX-License-Identifier: ISC */
/* One service address, shared by the files about them. */
#ifndef BASIN_OUT_ADDRESS_STATE_H
#define BASIN_OUT_ADDRESS_STATE_H

#include <net/if.h>

#include "base/table.h"
#include "out/address.h"

struct address_key {
	struct ip ip;
	char interface[IF_NAMESIZE];
};

struct address {
	struct address_key key;
	UT_hash_handle hh;
	struct out *out; /* borrowed */
	enum out_address_state state;
	struct mono since;
	uint64_t healed;
	int error;      /* of the last add */
	bool was_there; /* before it was missing: putting it back is a heal */
	bool busy;      /* a verb is under way */
	bool again;     /* and what it did is outdated already */
	bool configured;
	bool seen; /* since the dump began */
	bool alarmed;
	struct mono due;  /* LINGERING: when it is removed */
	size_t *services; /* owned; ids that use it */
	size_t n_services;
};

/* What was told of a service. */
struct address_service {
	size_t missing, absent; /* counted anew for each report */
	bool told, present;
};

#endif
