/* SPDX-License-Identifier: ISC */
#include "bgp/protect.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bgp/policy.h"

struct sys_tcp_key
protect_key(const struct conf_peer *c)
{
	const struct conf_tcp_ao *ao = &c->transport.tcp_ao;
	const struct conf_key *md5 = &c->transport.md5.key;

	if (md5->v)
		return (struct sys_tcp_key){
		    .auth = SYS_TCP_MD5, .key = md5->v, .n = md5->n};
	if (!ao->key.v)
		return (struct sys_tcp_key){.auth = SYS_TCP_PLAIN};
	return (struct sys_tcp_key){
	    .auth = SYS_TCP_AO,
	    .key = ao->key.v,
	    .n = ao->key.n,
	    .send_id = ao->send_id,
	    .receive_id = ao->receive_id,
	    .algorithm = ao->algorithm == CONF_AO_AES_128_CMAC_96
			     ? "cmac(aes128)"
			     : "hmac(sha1)",
	    .mac_octets = 12,
	};
}

struct prefix
protect_who(const struct conf_peer *c)
{
	if (conf_peer_dynamic(c) && ip_is_none(&c->address))
		return c->range;
	return prefix_of_ip(&c->address);
}

unsigned
protect_scope(const struct conf_peer *c)
{
	return c->interface ? if_nametoindex(c->interface) : 0;
}

static bool
is_ibgp(const struct conf_peer *c)
{
	return c->asn == c->local_asn;
}

struct sys_tcp_target
protect_target(const struct conf_peer *c)
{
	bool link_local = ip_is_link_local(&c->address);

	return (struct sys_tcp_target){
	    .source = c->source,
	    .dest = c->address,
	    .port = c->port,
	    .scope = link_local ? protect_scope(c) : 0,
	    .interface = c->interface,
	    .ttl = policy_ttl(c, is_ibgp(c)),
	    .hops = c->transport.gtsm,
	    .key = protect_key(c),
	};
}

int
protect_accepted(const struct conf_peer *c, int fd)
{
	return sys_tcp_guard(fd, c->address.family, c->transport.gtsm);
}

const char *
protect_error(const struct conf_peer *c, int error)
{
	enum sys_tcp_auth auth = protect_key(c).auth;

	if (error == -EOPNOTSUPP && auth == SYS_TCP_AO)
		return "this kernel has no TCP-AO";
	if (error == -EOPNOTSUPP && auth == SYS_TCP_MD5)
		return "this kernel has no TCP MD5";
	if (error == -ENOMEM && auth != SYS_TCP_PLAIN)
		return "too many keys on one socket; raise "
		       "net.core.optmem_max";
	if (error == -ENODEV)
		return "there is no such interface";
	return strerror(-error);
}

/* ---- listening sockets ---- */

struct protect_entry {
	struct prefix who;
	unsigned scope;
	struct sys_tcp_key key; /* without the octets */
	bool wanted;
};

static bool
is_same(const struct protect_entry *e, const struct prefix *who,
	const struct sys_tcp_key *key)
{
	return prefix_equal(&e->who, who) && e->key.auth == key->auth &&
	       e->key.send_id == key->send_id &&
	       e->key.receive_id == key->receive_id;
}

static struct protect_entry *
find(struct protect_keys *keys, const struct prefix *who,
     const struct sys_tcp_key *key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (is_same(&keys->v[i], who, key))
			return &keys->v[i];
	return NULL;
}

static void
remember(struct protect_keys *keys, const struct prefix *who, unsigned scope,
	 const struct sys_tcp_key *key)
{
	struct protect_entry *e = find(keys, who, key);

	if (!e) {
		keys->v = xrealloc(keys->v, keys->n + 1, sizeof(*keys->v));
		e = &keys->v[keys->n++];
	}
	*e = (struct protect_entry){*who, scope, *key, true};
	e->key.key = NULL;
}

/* MD5 replaces an older key of the neighbour; TCP-AO has to be told. */
static int
set_key(struct protect_keys *keys, int fd, const struct conf_peer *c)
{
	struct sys_tcp_key key = protect_key(c);
	struct prefix who = protect_who(c);
	unsigned scope = protect_scope(c);
	struct protect_entry *e = find(keys, &who, &key);
	int error = 0;

	if (e && key.auth == SYS_TCP_AO)
		error = sys_tcp_key_remove(fd, &who, e->scope, &e->key);
	error = sys_tcp_key_set(fd, &who, scope, &key);
	if (error == 0)
		remember(keys, &who, scope, &key);
	return error;
}

static void
remove_unwanted(struct protect_keys *keys, int fd)
{
	size_t kept = 0;

	for (size_t i = 0; i < keys->n; i++) {
		struct protect_entry *e = &keys->v[i];

		/* Fails when it is not there: as wanted. */
		if (!e->wanted)
			(void)!sys_tcp_key_remove(fd, &e->who, e->scope,
						  &e->key);
		else
			keys->v[kept++] = *e;
	}
	keys->n = kept;
}

void
protect_listener(struct protect_keys *keys, int fd, uint8_t family,
		 const struct conf_peer *const *peers, size_t n,
		 protect_told *told, void *arg)
{
	for (size_t i = 0; i < keys->n; i++)
		keys->v[i].wanted = false;
	for (size_t i = 0; i < n; i++) {
		struct prefix who = protect_who(peers[i]);
		struct sys_tcp_key key = protect_key(peers[i]);
		struct protect_entry *e;

		if (who.addr.family != family || key.auth == SYS_TCP_PLAIN)
			continue;
		e = find(keys, &who, &key);
		if (e)
			e->wanted = true;
	}
	remove_unwanted(keys, fd);
	for (size_t i = 0; i < n; i++)
		if (protect_who(peers[i]).addr.family == family &&
		    protect_key(peers[i]).auth != SYS_TCP_PLAIN)
			told(arg, i, set_key(keys, fd, peers[i]));
}

void
protect_forget(struct protect_keys *keys)
{
	free(keys->v);
	*keys = (struct protect_keys){0};
}
