/* SPDX-License-Identifier: ISC */
#include "sys/helper_wire.h"

#include <errno.h>
#include <string.h>

#include "wire/cursor.h"

/* ---- values ---- */

static void
put_ip(struct wbuf *w, const struct ip *ip)
{
	wbuf_u8(w, ip->family);
	wbuf_bytes(w, ip->bytes, sizeof(ip->bytes));
}

/* A family and sixteen octets; those an IPv4 address does not use are 0. */
static void
get_ip(struct rbuf *r, struct ip *ip)
{
	static const uint8_t zero[16];
	const uint8_t *bytes;
	size_t used;

	ip->family = rbuf_u8(r);
	bytes = rbuf_take(r, sizeof(ip->bytes));
	if (!bytes)
		return;
	memcpy(ip->bytes, bytes, sizeof(ip->bytes));
	if (ip->family == 0)
		used = 0;
	else if (ip->family == AF_INET || ip->family == AF_INET6)
		used = ip_octets(ip->family);
	else
		used = sizeof(ip->bytes) + 1;
	if (used > sizeof(ip->bytes) ||
	    memcmp(ip->bytes + used, zero, sizeof(ip->bytes) - used) != 0)
		r->bad = true;
}

static void
put_name(struct wbuf *w, const char *name, size_t size)
{
	uint8_t *p = wbuf_take(w, size);

	if (p) {
		memset(p, 0, size);
		memcpy(p, name, strnlen(name, size - 1));
	}
}

static void
get_name(struct rbuf *r, char *name, size_t size)
{
	const uint8_t *p = rbuf_take(r, size);

	if (!p)
		return;
	memcpy(name, p, size);
	if (!memchr(name, '\0', size))
		r->bad = true;
	name[size - 1] = '\0';
}

static void
put_route(struct wbuf *w, const struct sys_route *route)
{
	put_ip(w, &route->prefix.addr);
	wbuf_u8(w, route->prefix.len);
	wbuf_u8(w, route->blackhole);
	put_ip(w, &route->gateway);
	wbuf_u32(w, route->ifindex);
	wbuf_u32(w, route->metric);
	wbuf_u8(w, route->n_more);
	for (size_t i = 0; i < route->n_more; i++) {
		put_ip(w, &route->more[i].gateway);
		wbuf_u32(w, route->more[i].ifindex);
	}
}

static void
get_hops(struct rbuf *r, struct helper_request *q)
{
	uint8_t n = rbuf_u8(r);

	if (n > SYS_HOPS_MAX - 1) {
		r->bad = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		get_ip(r, &q->hops[i].gateway);
		q->hops[i].ifindex = rbuf_u32(r);
	}
	q->route.more = n ? q->hops : NULL;
	q->route.n_more = n;
}

static void
get_route(struct rbuf *r, struct helper_request *q)
{
	struct sys_route *route = &q->route;
	uint8_t blackhole;

	get_ip(r, &route->prefix.addr);
	route->prefix.len = rbuf_u8(r);
	blackhole = rbuf_u8(r);
	get_ip(r, &route->gateway);
	route->ifindex = rbuf_u32(r);
	route->metric = rbuf_u32(r);
	route->blackhole = blackhole == 1;
	if (blackhole > 1)
		r->bad = true;
	get_hops(r, q);
}

static void
put_addresses(struct wbuf *w, const struct helper_request *q)
{
	wbuf_u16(w, q->n_addresses);
	for (size_t i = 0; i < q->n_addresses; i++)
		put_ip(w, &q->addresses[i]);
}

static void
get_addresses(struct rbuf *r, struct helper_request *q)
{
	uint16_t n = rbuf_u16(r);

	if (n > HELPER_ADDRESSES_MAX) {
		r->bad = true;
		return;
	}
	for (q->n_addresses = 0; q->n_addresses < n; q->n_addresses++)
		get_ip(r, &q->addresses[q->n_addresses]);
}

/* ---- what is never allowed ---- */

static bool
is_unicast(const struct ip *ip)
{
	if (ip_is_none(ip) || ip_is_unspecified(ip) || ip_is_multicast(ip))
		return false;
	return ip->family != AF_INET || ip_to_v4(ip) != UINT32_MAX;
}

static bool
interface_fits(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (name[i] <= ' ' || name[i] == '/' || name[i] == 0x7f)
			return false;
	return true;
}

/* A service address: unicast, and not one that every host has. */
static bool
address_fits(const struct helper_request *q)
{
	return is_unicast(&q->ip) && !ip_is_loopback(&q->ip) &&
	       interface_fits(q->interface);
}

static bool
host_bits_are_zero(const struct prefix *p)
{
	struct ip ip = p->addr;

	for (unsigned bit = p->len; bit < ip_octets(ip.family) * 8; bit++)
		if (ip.bytes[bit / 8] & (0x80 >> (bit % 8)))
			return false;
	return true;
}

static bool
gateway_fits(const struct prefix *p, const struct ip *gateway)
{
	if (p->addr.family == AF_INET6 && gateway->family == AF_INET)
		return false;
	return is_unicast(gateway) && !ip_is_loopback(gateway);
}

static bool
route_fits(const struct sys_route *route)
{
	const struct prefix *p = &route->prefix;

	if (ip_is_none(&p->addr) || p->len > ip_octets(p->addr.family) * 8 ||
	    !host_bits_are_zero(p))
		return false;
	if (route->blackhole)
		return ip_is_none(&route->gateway) && route->ifindex == 0 &&
		       route->n_more == 0;
	for (size_t i = 0; i < route->n_more; i++)
		if (!gateway_fits(p, &route->more[i].gateway))
			return false;
	return gateway_fits(p, &route->gateway);
}

static bool
user_fits(const char *user)
{
	for (; *user; user++)
		if (*user <= ' ' || *user == ':' || *user == '/' ||
		    *user == 0x7f)
			return false;
	return true;
}

/* argc words, each with its NUL, nothing behind; the first is absolute. */
static bool
args_fit(const struct helper_request *q)
{
	unsigned words = 0;

	if (q->args_len == 0 || q->args[q->args_len - 1] != '\0')
		return false;
	for (size_t i = 0; i < q->args_len; i++)
		words += q->args[i] == '\0';
	return words == q->argc && q->args[0] == '/';
}

static bool
exec_fits(const struct helper_request *q)
{
	return q->argc >= 1 && q->argc <= HELPER_ARGC_MAX &&
	       q->deadline_ms >= 1 &&
	       q->deadline_ms <= HELPER_DEADLINE_MAX * 1000 &&
	       user_fits(q->user) && args_fit(q);
}

static bool
run_fits(const struct helper_request *q)
{
	return q->argc >= 1 && q->argc <= HELPER_ARGC_MAX &&
	       user_fits(q->user) && args_fit(q);
}

/* Service addresses, as address_fits() has them. */
static bool
addresses_fit(const struct helper_request *q)
{
	for (size_t i = 0; i < q->n_addresses; i++)
		if (!is_unicast(&q->addresses[i]) ||
		    ip_is_loopback(&q->addresses[i]))
			return false;
	return true;
}

/* Only the end of the list may be an empty part of it: the empty list. */
static bool
counters_fit(const struct helper_request *q)
{
	if (q->total > HELPER_COUNTED_MAX || q->from > q->total ||
	    q->n_addresses > q->total - q->from)
		return false;
	return addresses_fit(q) && (q->n_addresses > 0 || q->total == 0);
}

static bool
drop_fits(const struct helper_request *q)
{
	if (q->n_addresses == 0)
		return q->limit_ms == 0;
	return addresses_fit(q) && q->limit_ms >= 1 &&
	       q->limit_ms <= HELPER_DROP_MAX * 1000;
}

/* Never all addresses: only what is named is answered for. */
static bool
serve_fits(const struct helper_request *q)
{
	return !ip_is_none(&q->ip) && !ip_is_multicast(&q->ip) &&
	       !ip_is_unspecified(&q->ip) && q->port != 0;
}

static bool
request_fits(const struct helper_request *q)
{
	if (q->token == 0)
		return false;
	switch (q->verb) {
	case HELPER_LISTEN:
		return !ip_is_none(&q->ip) && !ip_is_multicast(&q->ip) &&
		       q->port != 0;
	case HELPER_SERVE_TCP:
	case HELPER_SERVE_UDP:
		return serve_fits(q);
	case HELPER_ADDRESS_ADD:
	case HELPER_ADDRESS_DEL:
	case HELPER_ANYCAST_JOIN:
	case HELPER_ANYCAST_LEAVE:
		return address_fits(q);
	case HELPER_ADVERTISE:
		return interface_fits(q->interface);
	case HELPER_ROUTE_ADD:
	case HELPER_ROUTE_DEL:
		return route_fits(&q->route);
	case HELPER_EXEC:
		return exec_fits(q);
	case HELPER_RUN:
		return run_fits(q);
	case HELPER_EXEC_KILL:
	case HELPER_UPGRADE_HAND:
	case HELPER_UPGRADE_END:
	case HELPER_RELEASE:
		return true;
	case HELPER_REALTIME:
		return q->thread >= 1 && q->thread <= INT32_MAX;
	case HELPER_UPGRADE:
		return q->argc == 1 && args_fit(q);
	case HELPER_COUNTERS_SET:
		return counters_fit(q);
	case HELPER_COUNTERS_READ:
		return q->from < HELPER_COUNTED_MAX;
	case HELPER_DROP:
		return drop_fits(q);
	default: /* no more than its token */
		break;
	}
	return false;
}

/* ---- requests ---- */

static void
put_exec(struct wbuf *w, const struct helper_request *q)
{
	put_name(w, q->user, sizeof(q->user));
	wbuf_u32(w, q->deadline_ms);
	wbuf_u16(w, (uint16_t)q->argc);
	wbuf_bytes(w, q->args, q->args_len);
}

static void
put_body(struct wbuf *w, const struct helper_request *q)
{
	switch (q->verb) {
	case HELPER_LISTEN:
	case HELPER_SERVE_TCP:
	case HELPER_SERVE_UDP:
		put_ip(w, &q->ip);
		wbuf_u16(w, q->port);
		break;
	case HELPER_ADDRESS_ADD:
	case HELPER_ADDRESS_DEL:
	case HELPER_ANYCAST_JOIN:
	case HELPER_ANYCAST_LEAVE:
		put_ip(w, &q->ip);
		__attribute__((fallthrough));
	case HELPER_ADVERTISE:
		put_name(w, q->interface, sizeof(q->interface));
		break;
	case HELPER_ROUTE_ADD:
	case HELPER_ROUTE_DEL:
		put_route(w, &q->route);
		break;
	case HELPER_EXEC:
	case HELPER_RUN:
		put_exec(w, q);
		break;
	case HELPER_COUNTERS_SET:
		wbuf_u16(w, q->from);
		wbuf_u16(w, q->total);
		put_addresses(w, q);
		break;
	case HELPER_COUNTERS_READ:
		wbuf_u16(w, q->from);
		break;
	case HELPER_DROP:
		wbuf_u32(w, q->limit_ms);
		put_addresses(w, q);
		break;
	case HELPER_UPGRADE:
		wbuf_bytes(w, q->args, q->args_len);
		break;
	case HELPER_REALTIME:
		wbuf_u32(w, q->thread);
		break;
	default: /* they say all by their name */
		break;
	}
}

int
helper_wire_put_request(const struct helper_request *q, void *buf, size_t size)
{
	struct wbuf w = wbuf_of(buf, size);

	wbuf_u8(&w, (uint8_t)q->verb);
	wbuf_u32(&w, q->token);
	put_body(&w, q);
	return w.full ? -EMSGSIZE : (int)wbuf_len(&w);
}

static void
get_args(struct rbuf *r, struct helper_request *q)
{
	q->args_len = rbuf_left(r);
	q->args = (const char *)rbuf_take(r, q->args_len);
}

static void
get_exec(struct rbuf *r, struct helper_request *q)
{
	get_name(r, q->user, sizeof(q->user));
	q->deadline_ms = rbuf_u32(r);
	q->argc = rbuf_u16(r);
	get_args(r, q);
}

static void
get_body(struct rbuf *r, struct helper_request *q)
{
	switch (q->verb) {
	case HELPER_LISTEN:
	case HELPER_SERVE_TCP:
	case HELPER_SERVE_UDP:
		get_ip(r, &q->ip);
		q->port = rbuf_u16(r);
		break;
	case HELPER_ADDRESS_ADD:
	case HELPER_ADDRESS_DEL:
	case HELPER_ANYCAST_JOIN:
	case HELPER_ANYCAST_LEAVE:
		get_ip(r, &q->ip);
		__attribute__((fallthrough));
	case HELPER_ADVERTISE:
		get_name(r, q->interface, sizeof(q->interface));
		break;
	case HELPER_ROUTE_ADD:
	case HELPER_ROUTE_DEL:
		get_route(r, q);
		break;
	case HELPER_EXEC:
	case HELPER_RUN:
		get_exec(r, q);
		break;
	case HELPER_COUNTERS_SET:
		q->from = rbuf_u16(r);
		q->total = rbuf_u16(r);
		get_addresses(r, q);
		break;
	case HELPER_COUNTERS_READ:
		q->from = rbuf_u16(r);
		break;
	case HELPER_DROP:
		q->limit_ms = rbuf_u32(r);
		get_addresses(r, q);
		break;
	case HELPER_UPGRADE:
		q->argc = 1;
		get_args(r, q);
		break;
	case HELPER_REALTIME:
		q->thread = rbuf_u32(r);
		break;
	default: /* they say all by their name */
		break;
	}
}

int
helper_wire_get_request(const void *octets, size_t n,
			struct helper_request *out)
{
	struct rbuf r = rbuf_of(octets, n);
	struct helper_request q = {0};
	uint8_t verb = rbuf_u8(&r);

	if (n > HELPER_REQUEST_MAX || verb >= HELPER_VERB_COUNT)
		return -EBADMSG;
	q.verb = (enum helper_verb)verb;
	q.token = rbuf_u32(&r);
	get_body(&r, &q);
	if (r.bad || rbuf_left(&r) != 0)
		return -EBADMSG;
	*out = q;
	if (q.route.more)
		out->route.more = out->hops;
	return request_fits(out) ? 0 : -EINVAL;
}

/* ---- answers ---- */

int
helper_wire_put_answer(const struct helper_answer *a, void *buf, size_t size)
{
	struct wbuf w = wbuf_of(buf, size);

	wbuf_u32(&w, a->token);
	wbuf_u32(&w, (uint32_t)a->error);
	wbuf_u32(&w, (uint32_t)a->wait_status);
	wbuf_u8(&w, a->deadline);
	wbuf_bytes(&w, a->output, a->output_len);
	return w.full ? -EMSGSIZE : (int)wbuf_len(&w);
}

int
helper_wire_get_answer(const void *octets, size_t n, struct helper_answer *out)
{
	struct rbuf r = rbuf_of(octets, n);

	out->token = rbuf_u32(&r);
	out->error = (int32_t)rbuf_u32(&r);
	out->wait_status = (int32_t)rbuf_u32(&r);
	out->deadline = rbuf_u8(&r) != 0;
	out->output_len = rbuf_left(&r);
	out->output = (const char *)rbuf_take(&r, out->output_len);
	return r.bad ? -EBADMSG : 0;
}

/* ---- counters ---- */

int
helper_wire_put_counters(const struct helper_counters *c, void *buf,
			 size_t size)
{
	struct wbuf w = wbuf_of(buf, size);

	wbuf_u16(&w, c->total);
	wbuf_u16(&w, c->n);
	for (size_t i = 0; i < c->n; i++) {
		put_ip(&w, &c->v[i].ip);
		wbuf_u64(&w, c->v[i].packets);
		wbuf_u64(&w, c->v[i].octets);
	}
	return w.full ? -EMSGSIZE : (int)wbuf_len(&w);
}

int
helper_wire_get_counters(const void *octets, size_t n,
			 struct helper_counters *out)
{
	struct rbuf r = rbuf_of(octets, n);

	out->total = rbuf_u16(&r);
	out->n = rbuf_u16(&r);
	if (r.bad || out->n > HELPER_COUNTERS_MAX || out->n > out->total)
		return -EBADMSG;
	for (size_t i = 0; i < out->n; i++) {
		get_ip(&r, &out->v[i].ip);
		out->v[i].packets = rbuf_u64(&r);
		out->v[i].octets = rbuf_u64(&r);
	}
	return r.bad || rbuf_left(&r) != 0 ? -EBADMSG : 0;
}
