/* SPDX-License-Identifier: ISC */
#include "mesh/auth.h"

#include <nettle/hmac.h>

static void
tag_of(const void *key, size_t key_len, const void *octets, size_t n,
       uint8_t tag[static MESH_AUTH_TAG])
{
	struct hmac_sha256_ctx ctx;

	hmac_sha256_set_key(&ctx, key_len, key);
	hmac_sha256_update(&ctx, n, octets);
	hmac_sha256_digest(&ctx, MESH_AUTH_TAG, tag);
}

extern const struct mesh_auth_module mesh_auth_module;
__attribute__((visibility("default")))
const struct mesh_auth_module mesh_auth_module = {MESH_AUTH_ABI, tag_of};
