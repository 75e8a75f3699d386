/* SPDX-License-Identifier: ISC */
/*
 * RFC 5880 section 6.7. A sequence number is taken over only from a packet
 * whose digest is right: else one forged packet would shut out the neighbour.
 */
#include "bfd/auth.h"

#include <string.h>

#include "base/module.h"

static const struct {
	const char *label, *text;
} verdicts[] = {
#define X(n, l, t) [AUTH_##n] = {l, t},
    AUTH_VERDICTS(X)
#undef X
};

const char *
auth_verdict_label(enum auth_verdict v)
{
	return verdicts[v].label;
}

const char *
auth_verdict_text(enum auth_verdict v)
{
	return verdicts[v].text;
}

bool
auth_needs_module(uint8_t type)
{
	return type >= BFD_AUTH_MD5;
}

const struct auth_module *
auth_load(const char **why)
{
	const struct auth_module *m =
	    module_find("bfd", "bfd_auth", AUTH_SYMBOL, why);

	if (m && m->abi != AUTH_ABI) {
		*why = "its module bfd_auth is of another version";
		return NULL;
	}
	return m;
}

static bool
is_meticulous(uint8_t type)
{
	return type == BFD_AUTH_METICULOUS_MD5 ||
	       type == BFD_AUTH_METICULOUS_SHA1;
}

static size_t
digest_len(uint8_t type)
{
	return type >= BFD_AUTH_SHA1 ? BFD_SHA1_LEN : BFD_MD5_LEN;
}

static void
digest(const struct auth *a, const void *octets, size_t n, uint8_t *out)
{
	if (a->type >= BFD_AUTH_SHA1)
		a->module->sha1(octets, n, out);
	else
		a->module->md5(octets, n, out);
}

/* In a time that does not tell how much of it is right. */
static bool
equal(const uint8_t *x, const uint8_t *y, size_t n)
{
	uint8_t differs = 0;

	for (size_t i = 0; i < n; i++)
		differs |= x[i] ^ y[i];
	return differs == 0;
}

/* Sections 6.7.3 and 6.7.4: circular, 3 * Detect Mult wide. */
static bool
in_window(const struct auth *a, const struct bfd_packet *p)
{
	uint32_t ahead = p->auth.sequence - a->received;

	if (!a->known)
		return true;
	if (is_meticulous(a->type) && ahead == 0)
		return false;
	return ahead <= 3U * p->detect_mult;
}

static bool
digest_is_right(const struct auth *a, uint8_t *octets, size_t n,
		const struct bfd_packet *p)
{
	size_t len = digest_len(a->type);
	uint8_t computed[BFD_SHA1_LEN];

	if (n < BFD_DIGEST_AT + len || p->auth.len != len)
		return false;
	memcpy(octets + BFD_DIGEST_AT, a->key, len);
	digest(a, octets, BFD_DIGEST_AT + len, computed);
	memcpy(octets + BFD_DIGEST_AT, p->auth.value, len);
	return equal(computed, p->auth.value, len);
}

enum auth_verdict
auth_check(struct auth *a, uint8_t *octets, size_t n,
	   const struct bfd_packet *p)
{
	if (a->type == BFD_AUTH_NONE)
		return p->auth.type == BFD_AUTH_NONE ? AUTH_GOOD : AUTH_UNASKED;
	if (p->auth.type == BFD_AUTH_NONE)
		return AUTH_ABSENT;
	if (p->auth.type != a->type)
		return AUTH_OTHER_TYPE;
	if (p->auth.key_id != a->key_id)
		return AUTH_OTHER_KEY;
	if (a->type == BFD_AUTH_PASSWORD)
		return p->auth.len == a->key_len &&
			       equal(p->auth.value, a->key, a->key_len)
			   ? AUTH_GOOD
			   : AUTH_WRONG;
	if (!in_window(a, p))
		return AUTH_SEQUENCE;
	if (!digest_is_right(a, octets, n, p))
		return AUTH_WRONG;
	a->known = true;
	a->received = p->auth.sequence;
	return AUTH_GOOD;
}

void
auth_forget(struct auth *a)
{
	a->known = false;
}

size_t
auth_encode(struct auth *a, struct bfd_packet *p, bool fresh, uint8_t *octets,
	    size_t size)
{
	size_t n;

	p->auth = (struct bfd_auth){.type = a->type, .key_id = a->key_id};
	if (a->type == BFD_AUTH_NONE)
		return bfd_encode(p, octets, size);
	memcpy(p->auth.value, a->key, AUTH_KEY_MAX);
	p->auth.len = a->key_len;
	if (a->type == BFD_AUTH_PASSWORD)
		return bfd_encode(p, octets, size);
	if (fresh || is_meticulous(a->type))
		a->sent++;
	p->auth.sequence = a->sent;
	p->auth.len = (uint8_t)digest_len(a->type);
	n = bfd_encode(p, octets, size);
	if (n >= (size_t)BFD_DIGEST_AT + p->auth.len) {
		digest(a, octets, n, p->auth.value);
		memcpy(octets + BFD_DIGEST_AT, p->auth.value, p->auth.len);
	}
	return n;
}
