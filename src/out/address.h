/* SPDX-License-Identifier: ISC */
#ifndef BASIN_OUT_ADDRESS_H
#define BASIN_OUT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "out/out.h"

struct address;
struct address_service;

struct addresses {
	struct address *table;  /* owned; by interface and address */
	struct address **order; /* owned array; as shown */
	size_t n, room;
	struct address_service *services; /* owned; by service id */
	size_t n_services;
};

void address_configure(struct out *out, const struct conf *conf);
/* Told by the kernel. */
void address_seen(struct out *out, const struct sys_address *a, bool gone);
void address_dump_begin(struct out *out);
void address_dump_end(struct out *out);
/* A link came or went: what failed is tried again at once. */
void address_link_changed(struct out *out, const char *interface);
void address_tick(struct out *out, struct mono now);
/* Removes what has lingered; returns when the next one is due. */
struct mono address_leave(struct out *out, struct mono now);
/* Tells the owner what changed since the last time. */
void address_report(struct out *out);
/* All ours go now; true when none is left. */
void address_remove_all(struct out *out);
bool address_all_gone(const struct out *out);
void address_free_all(struct out *out);

#endif
