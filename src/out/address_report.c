/* SPDX-License-Identifier: ISC */
/* What the addresses mean for their services, and what a person is shown. */

#include "out/address_state.h"
#include "out/state.h"

/* ---- services ---- */

/* Missing, and not just about to be put (back). */
static bool
is_absent(const struct address *a, struct mono now)
{
	return a->error != 0 || mono_reached(mono_add(a->since, dur_s(1)), now);
}

static void
count(struct addresses *all, struct mono now)
{
	for (size_t s = 0; s < all->n_services; s++)
		all->services[s].missing = all->services[s].absent = 0;
	for (size_t i = 0; i < all->n; i++) {
		const struct address *a = all->order[i];

		if (a->state != OUT_ADDRESS_MISSING)
			continue;
		for (size_t u = 0; u < a->n_services; u++) {
			all->services[a->services[u]].missing++;
			all->services[a->services[u]].absent +=
			    is_absent(a, now);
		}
	}
}

void
address_report(struct out *out)
{
	struct addresses *all = &out->addresses;

	count(all, mono_now());
	for (size_t i = 0; i < all->n_services; i++) {
		struct address_service *s = &all->services[i];
		bool present = s->missing == 0;

		/* Missing, but not yet absent: nothing to say. */
		if ((!present && s->absent == 0) ||
		    (s->told && s->present == present))
			continue;
		s->told = true;
		s->present = present;
		if (out->callbacks && out->callbacks->addresses)
			out->callbacks->addresses(out->arg, i, present);
	}
}

/* ---- reading ---- */

static const char *const state_texts[] = {
#define X(n, t) [OUT_ADDRESS_##n] = t,
    OUT_ADDRESS_STATES(X)
#undef X
};

const char *
out_address_state_text(enum out_address_state s)
{
	return state_texts[s];
}

size_t
out_addresses(const struct out *out)
{
	return out->addresses.n + out->anycasts.n;
}

void
out_view_address(const struct out *out, size_t i, struct out_address_view *view)
{
	const struct address *a;

	if (i >= out->addresses.n) {
		anycast_view(out, i - out->addresses.n, view);
		return;
	}
	a = out->addresses.order[i];
	*view = (struct out_address_view){
	    .ip = a->key.ip,
	    .interface = a->key.interface,
	    .service = a->n_services ? a->services[0] : SIZE_MAX,
	    .state = a->state,
	    .since = a->since,
	    .healed = a->healed,
	    .error = a->error,
	};
}
