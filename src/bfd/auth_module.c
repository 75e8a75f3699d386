/* SPDX-License-Identifier: ISC */
#include "bfd/auth.h"

#include <nettle/md5.h>
#include <nettle/sha1.h>

static void
md5(const void *octets, size_t n, uint8_t digest[static BFD_MD5_LEN])
{
	struct md5_ctx ctx;

	md5_init(&ctx);
	md5_update(&ctx, n, octets);
	md5_digest(&ctx, BFD_MD5_LEN, digest);
}

static void
sha1(const void *octets, size_t n, uint8_t digest[static BFD_SHA1_LEN])
{
	struct sha1_ctx ctx;

	sha1_init(&ctx);
	sha1_update(&ctx, n, octets);
	sha1_digest(&ctx, BFD_SHA1_LEN, digest);
}

extern const struct auth_module bfd_auth_module;
__attribute__((visibility("default")))
const struct auth_module bfd_auth_module = {AUTH_ABI, md5, sha1};
