/* SPDX-License-Identifier: ISC */
/*
 * How the TCP connections of a peer are made and protected: from its
 * configuration to what the kernel is asked for.
 */
#ifndef BASIN_BGP_PROTECT_H
#define BASIN_BGP_PROTECT_H

#include "conf/conf.h"
#include "sys/sys.h"

/* SYS_TCP_PLAIN when the peer has none. Borrows the key. */
struct sys_tcp_key protect_key(const struct conf_peer *c);
/* Whose segments have that key: the address, or the range. */
struct prefix protect_who(const struct conf_peer *c);
unsigned protect_scope(const struct conf_peer *c);
struct sys_tcp_target protect_target(const struct conf_peer *c);
/* TTL and GTSM of a connection that was accepted. 0 or -errno. */
int protect_accepted(const struct conf_peer *c, int fd)
    __attribute__((warn_unused_result));
/* strerror() for -errno, but for what a key may meet; static text. */
const char *protect_error(const struct conf_peer *c, int error);

/* The keys that a listening socket has. */
struct protect_keys {
	struct protect_entry *v; /* owned */
	size_t n;
};
/*
 * Makes the keys of `fd` those of the peers of its family. `failed` is told
 * of peers whose key could not be set, and of the others (error 0).
 */
typedef void protect_told(void *arg, size_t i, int error);
void protect_listener(struct protect_keys *keys, int fd, uint8_t family,
		      const struct conf_peer *const *peers, size_t n,
		      protect_told *told, void *arg);
void protect_forget(struct protect_keys *keys);

#endif
