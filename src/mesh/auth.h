/* SPDX-License-Identifier: ISC */
/*
 * The one thing a large library is needed for: the module mesh_auth.so,
 * loaded when a configuration has `mesh`.
 */
#ifndef BASIN_MESH_AUTH_H
#define BASIN_MESH_AUTH_H

#include <stddef.h>
#include <stdint.h>

#define MESH_AUTH_ABI    1
#define MESH_AUTH_SYMBOL "mesh_auth_module"
#define MESH_AUTH_TAG    16

struct mesh_auth_module {
	unsigned abi;
	/* The first 16 octets of HMAC-SHA256 (RFC 2104, RFC 4868). */
	void (*tag)(const void *key, size_t key_len, const void *octets,
		    size_t n, uint8_t tag[static MESH_AUTH_TAG]);
};

#endif
