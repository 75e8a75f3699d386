/* SPDX-License-Identifier: ISC */
/*
 * nf_tables for the root helper: two small tables of our own.
 *
 * Both are owned by this socket (NFT_TABLE_F_OWNER, Linux 5.12): nobody else
 * can change, flush or delete them, and the kernel removes them when the
 * socket goes, however the helper ended.
 */
#ifndef BASIN_SYS_NFTABLES_H
#define BASIN_SYS_NFTABLES_H

#include <stdint.h>

#include "sys/nftables_read.h"
#include "sys/sys.h"

#define NFTABLES_NAME_MAX 32

struct mnl_socket;

struct nftables {
	struct mnl_socket *socket; /* owned; NULL: closed */
	uint32_t seq;
};

enum nftables_kind {
	NFTABLES_COUNT, /* "basin": what came from other hosts */
	NFTABLES_DROP,  /* "basin-drill": nothing gets through */
};

int nftables_open(struct nftables *nf) __attribute__((warn_unused_result));
/* Our tables go with it. */
void nftables_close(struct nftables *nf);

/*
 * A new table for these addresses; its name is written to `name`. With
 * NFTABLES_DROP each of them is forgotten by the kernel after `limit`.
 * -EOPNOTSUPP: a kernel that cannot; -EPERM: not allowed.
 */
int nftables_create(struct nftables *nf, enum nftables_kind kind,
		    const struct ip *v, size_t n, struct dur limit,
		    char name[NFTABLES_NAME_MAX])
    __attribute__((warn_unused_result));
/* All or nothing; -ENOENT when the table is gone. */
int nftables_change(struct nftables *nf, const char *name, const struct ip *add,
		    size_t n_add, const struct ip *del, size_t n_del)
    __attribute__((warn_unused_result));
int nftables_delete(struct nftables *nf, const char *name);

/*
 * Every address of a table that counts. -ENOENT: the table is gone; -EINTR: it
 * changed meanwhile and not all was seen.
 */
int nftables_read(struct nftables *nf, const char *name, nftables_each *each,
		  void *arg) __attribute__((warn_unused_result));
#endif
