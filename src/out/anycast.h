/* SPDX-License-Identifier: ISC */
/* Service addresses as IPv6 anycast addresses of a link. */
#ifndef BASIN_OUT_ANYCAST_H
#define BASIN_OUT_ANYCAST_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "out/out.h"

struct anycast;

struct anycasts {
	struct anycast *list; /* owned */
	size_t n;
};

void anycast_configure(struct out *out, const struct conf *conf);
void anycast_want(struct out *out, size_t service, bool wanted);
void anycast_link_changed(struct out *out, const char *interface, bool up);
void anycast_tick(struct out *out, struct mono now);
void anycast_remove_all(struct out *out);
bool anycast_all_gone(const struct out *out);
void anycast_view(const struct out *out, size_t i,
		  struct out_address_view *view);
void anycast_free_all(struct out *out);

#endif
