/* SPDX-License-Identifier: ISC */
/*
 * What the helper added to the kernel, so that it can undo it.
 *
 * Invariants: an address is removed only when the kernel still says that it
 * carries our mark; a route is removed only by naming our mark, which the
 * kernel compares. So what somebody put in their place stays.
 */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/text.h"
#include "sys/helper_server.h"

/* No padding that could differ: both kinds are keyed by their octets. */
struct owned_key {
	struct ip ip;
	uint8_t len;
	uint8_t route; /* 1: a route, 0: an address */
	uint8_t zero;
	uint32_t number; /* route: metric; address: interface index */
};

struct entry {
	struct owned_key key;
	struct sys_route route;
	UT_hash_handle hh;
};

/* Our marked routes as the kernel had them a moment ago. */
struct marked {
	struct owned_key key;
	struct sys_route route;
	UT_hash_handle hh;
};

struct helper_owned {
	struct entry *entries;
	struct marked *marked;
	struct mono marked_until; /* then they are read again */
};

static struct helper_owned *
owned(struct helper_server *sv)
{
	if (!sv->owned)
		sv->owned = xcalloc(1, sizeof(*sv->owned));
	return sv->owned;
}

static struct owned_key
address_key(unsigned ifindex, const struct ip *ip)
{
	struct owned_key key;

	memset(&key, 0, sizeof(key));
	key.ip = *ip;
	key.number = ifindex;
	return key;
}

static struct owned_key
route_key(const struct sys_route *r)
{
	struct owned_key key;

	memset(&key, 0, sizeof(key));
	key.ip = r->prefix.addr;
	key.len = r->prefix.len;
	key.route = 1;
	key.number = r->metric;
	/* The kernel's default for IPv6. */
	if (r->metric == 0 && key.ip.family == AF_INET6)
		key.number = 1024;
	return key;
}

static struct entry *
find(struct helper_server *sv, const struct owned_key *key)
{
	struct entry *e;

	HASH_FIND(hh, owned(sv)->entries, key, sizeof(*key), e);
	return e;
}

static void
remember(struct helper_server *sv, const struct owned_key *key,
	 const struct sys_route *route)
{
	struct entry *e = find(sv, key);

	if (!e) {
		e = xcalloc(1, sizeof(*e));
		e->key = *key;
		HASH_ADD(hh, owned(sv)->entries, key, sizeof(e->key), e);
	}
	if (route)
		sys_route_set(&e->route, route);
}

static void
forget(struct helper_server *sv, const struct owned_key *key)
{
	struct entry *e = find(sv, key);

	if (!e)
		return;
	HASH_DEL(sv->owned->entries, e);
	sys_route_set(&e->route, NULL);
	free(e);
}

/* ---- addresses ---- */

int
helper_owned_address_add(struct helper_server *sv,
			 const struct helper_request *q)
{
	unsigned ifindex = if_nametoindex(q->interface);
	struct owned_key key = address_key(ifindex, &q->ip);
	int r;

	if (ifindex == 0)
		return -ENODEV;
	r = netlink_address_add(&sv->netlink, ifindex, &q->ip);
	/* Left by an earlier process of ours: adopted. */
	if (r == -EEXIST)
		r = netlink_address_owner(&sv->netlink, ifindex, &q->ip);
	if (r == 0)
		remember(sv, &key, NULL);
	return r;
}

static int
address_remove(struct helper_server *sv, unsigned ifindex, const struct ip *ip)
{
	int r = netlink_address_owner(&sv->netlink, ifindex, ip);

	if (r == 0)
		r = netlink_address_del(&sv->netlink, ifindex, ip);
	/* Gone is what was wanted. */
	return r == -ENOENT || r == -EADDRNOTAVAIL ? 0 : r;
}

int
helper_owned_address_del(struct helper_server *sv,
			 const struct helper_request *q)
{
	unsigned ifindex = if_nametoindex(q->interface);
	struct owned_key key = address_key(ifindex, &q->ip);
	int r;

	if (ifindex == 0)
		return 0;
	r = address_remove(sv, ifindex, &q->ip);
	if (r == 0 || r == -EEXIST)
		forget(sv, &key);
	return r;
}

/* ---- routes ---- */

static void
marked_forget(struct helper_owned *o)
{
	struct marked *m, *next;

	HASH_ITER (hh, o->marked, m, next) {
		HASH_DEL(o->marked, m);
		free(m);
	}
}

static void
marked_add(void *arg, const struct sys_route *r)
{
	struct helper_owned *o = arg;
	struct marked *m = xcalloc(1, sizeof(*m));

	m->key = route_key(r);
	m->route = *r;
	m->route.more = NULL; /* borrowed; they only have to be some */
	HASH_ADD(hh, o->marked, key, sizeof(m->key), m);
}

/*
 * Our route under this key, or NULL. Reading them all is slow with a full
 * table, so one reading serves a second: long enough to adopt what a crash
 * left, and harmless when stale, since deletion names the mark.
 */
static const struct sys_route *
marked_find(struct helper_server *sv, const struct owned_key *key)
{
	struct helper_owned *o = owned(sv);
	struct mono now = mono_now();
	struct marked *m;

	if (mono_reached(o->marked_until, now)) {
		marked_forget(o);
		netlink_route_each(&sv->netlink, AF_INET, marked_add, o);
		netlink_route_each(&sv->netlink, AF_INET6, marked_add, o);
		o->marked_until = mono_add(mono_now(), dur_s(1));
	}
	HASH_FIND(hh, o->marked, key, sizeof(*key), m);
	return m ? &m->route : NULL;
}

void
helper_owned_tidy(struct helper_server *sv)
{
	struct helper_owned *o = sv->owned;

	if (o && o->marked && mono_reached(o->marked_until, mono_now()))
		marked_forget(o);
}

/* Under the key stands a route: ours as wanted, ours but other, or foreign. */
static int
route_resolve(struct helper_server *sv, const struct owned_key *key,
	      const struct sys_route *r)
{
	const struct sys_route *there = marked_find(sv, key);

	if (!there)
		return -EEXIST;
	if (there->n_more == 0 && sys_route_equal(there, r))
		return 0;
	sv->owned->marked_until = (struct mono){0};
	return netlink_route_replace(&sv->netlink, r);
}

int
helper_owned_route_add(struct helper_server *sv, const struct helper_request *q)
{
	const struct sys_route *r = &q->route;
	struct owned_key key = route_key(r);
	struct entry *e = find(sv, &key);
	int error = -ENOENT;

	/* Another way to the same prefix: no packet falls between the two. */
	if (e && !sys_route_equal(&e->route, r))
		error = netlink_route_replace(&sv->netlink, r);
	if (error)
		error = netlink_route_add(&sv->netlink, r);
	if (error == -EEXIST)
		error = route_resolve(sv, &key, r);
	if (error == 0)
		remember(sv, &key, r);
	return error;
}

int
helper_owned_route_del(struct helper_server *sv, const struct helper_request *q)
{
	struct owned_key key = route_key(&q->route);
	int error = netlink_route_del(&sv->netlink, &q->route);

	if (error == 0 || error == -ESRCH)
		forget(sv, &key);
	return error == -ESRCH ? 0 : error;
}

/* ---- the end ---- */

void
helper_owned_undo(struct helper_server *sv)
{
	struct entry *e, *next;

	/* Routes first: while they stand, nothing loops. */
	HASH_ITER (hh, owned(sv)->entries, e, next)
		if (e->key.route)
			netlink_route_del(&sv->netlink, &e->route);
	HASH_ITER (hh, owned(sv)->entries, e, next)
		if (!e->key.route)
			address_remove(sv, e->key.number, &e->key.ip);
}
