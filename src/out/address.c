/* SPDX-License-Identifier: ISC */
/*
 * Service addresses.
 *
 *                add: 0        ┌───────┐ gone: add again
 *            ┌────────────────►│ OWNED ├──────────┐
 *       ┌────┴────┐            └──┬────┘          │
 *  ────►│ MISSING │◄──────────────│───────────────┤
 *       └────┬────┘     not       │               │
 *            │      configured    ▼               │
 *            │            ┌───────────┐ due: del  │
 *            │            │ LINGERING ├─────────► (freed)
 *            │            └───────────┘           │
 *            │  add: -EEXIST   ┌─────────┐ gone   │
 *            └────────────────►│ FOREIGN ├────────┘
 *                              └─────────┘ not configured: forgotten
 *
 * Invariants: one verb is under way per address, and an address with a verb
 * under way is not freed; only OWNED and LINGERING ones are ever removed; a
 * service is told absent only after putting the address back has failed or
 * takes longer than a tick, so that a heal is not an outage.
 */
#include "out/address_state.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "base/text.h"
#include "out/state.h"

static void ask_add(struct address *a);
static void ask_del(struct address *a);

/* ---- the table ---- */

static struct address_key
key_of(const struct ip *ip, const char *interface)
{
	struct address_key key;

	memset(&key, 0, sizeof(key));
	key.ip = *ip;
	snprintf(key.interface, sizeof(key.interface), "%s", interface);
	return key;
}

static struct address *
find(struct out *out, const struct ip *ip, const char *interface)
{
	struct address_key key = key_of(ip, interface);
	struct address *a;

	HASH_FIND(hh, out->addresses.table, &key, sizeof(key), a);
	return a;
}

static struct address *
add_object(struct out *out, const struct ip *ip, const char *interface)
{
	struct addresses *all = &out->addresses;
	struct address *a = xcalloc(1, sizeof(*a));

	a->key = key_of(ip, interface);
	a->out = out;
	a->since = mono_now();
	HASH_ADD(hh, all->table, key, sizeof(a->key), a);
	if (all->n == all->room) {
		all->room = all->room ? all->room * 2 : 16;
		all->order =
		    xrealloc(all->order, all->room, sizeof(*all->order));
	}
	all->order[all->n++] = a;
	return a;
}

static const char *
subject(const struct address *a, char *buf, size_t size)
{
	char ip[IP_TEXT_MAX];

	snprintf(buf, size, "address %s on %s",
		 ip_format(&a->key.ip, ip, sizeof(ip)), a->key.interface);
	return buf;
}

static void
clear_alarm(struct address *a)
{
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];

	if (!a->alarmed)
		return;
	a->alarmed = false;
	out_alarm(a->out, subject(a, buf, sizeof(buf)), false,
		  "is as it should be again");
}

static void
free_object(struct address *a)
{
	struct addresses *all = &a->out->addresses;
	size_t i = 0;

	clear_alarm(a);
	while (all->order[i] != a)
		i++;
	memmove(&all->order[i], &all->order[i + 1],
		(all->n - i - 1) * sizeof(*all->order));
	all->n--;
	HASH_DEL(all->table, a);
	free(a->services);
	free(a);
}

static void
set_state(struct address *a, enum out_address_state state)
{
	if (a->state != state)
		a->since = mono_now();
	a->state = state;
	if (state != OUT_ADDRESS_MISSING)
		clear_alarm(a);
	out_soon(a->out);
}

/* ---- verbs ---- */

static void
log_foreign(struct address *a)
{
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];

	if (a->state != OUT_ADDRESS_FOREIGN)
		log_notice(a->out->log, subject(a, buf, sizeof(buf)),
			   "was there already and is not ours: used, never "
			   "removed");
}

const char *
out_address_error_text(const struct ip *ip, int error)
{
	if (error == -EACCES && ip->family == AF_INET6)
		return "IPv6 is disabled on the interface (sysctl "
		       "net.ipv6.conf.*.disable_ipv6)";
	if (error == -ENODEV)
		return "there is no such interface";
	if (error == -EADDRNOTAVAIL)
		return "no prefix of the link covers it";
	if (error == -EINVAL)
		return "it is an address of this node already";
	return strerror(-error);
}

static void
log_failure(struct address *a, int error)
{
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];

	if (a->error != error)
		log_warning(a->out->log, subject(a, buf, sizeof(buf)),
			    "cannot be added: %s; trying every second",
			    out_address_error_text(&a->key.ip, error));
}

static void
added(struct address *a, int error)
{
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];

	if (error == 0 && a->was_there) {
		a->was_there = false;
		a->healed++;
		a->out->healed++;
		log_warning(a->out->log, subject(a, buf, sizeof(buf)),
			    "was removed by somebody and put back");
	}
	if (error == 0)
		set_state(a, OUT_ADDRESS_OWNED);
	else if (error == -EEXIST) {
		log_foreign(a);
		set_state(a, OUT_ADDRESS_FOREIGN);
		error = 0;
	} else {
		log_failure(a, error);
		set_state(a, OUT_ADDRESS_MISSING);
	}
	a->error = error;
}

/* It is not configured any more. */
static void
unwanted(struct address *a, bool linger)
{
	struct out *out = a->out;

	if (a->state == OUT_ADDRESS_FOREIGN ||
	    (a->state == OUT_ADDRESS_MISSING && !a->busy)) {
		if (!a->busy)
			free_object(a);
		return;
	}
	if (a->state != OUT_ADDRESS_OWNED)
		return;
	set_state(a, OUT_ADDRESS_LINGERING);
	a->due = mono_now();
	if (linger)
		a->due = mono_add(a->due, out->conf->node.linger);
	out_leave_at(out, a->due);
}

static void
on_added(void *arg, int error)
{
	struct address *a = arg;
	bool again = a->again;

	a->busy = a->again = false;
	added(a, error);
	if (!a->configured)
		unwanted(a, !a->out->stopping);
	else if (again && a->state != OUT_ADDRESS_MISSING)
		ask_add(a);
}

static void
ask_add(struct address *a)
{
	int r;

	if (a->busy) {
		a->again = true;
		return;
	}
	r = helper_address_add(a->out->helper, a->key.interface, &a->key.ip,
			       on_added, a);
	if (r == 0)
		a->busy = true;
	else
		added(a, r);
}

static void
on_deleted(void *arg, int error)
{
	struct address *a = arg;
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];

	a->busy = a->again = false;
	out_soon(a->out);
	if (a->configured) {
		set_state(a, OUT_ADDRESS_MISSING);
		ask_add(a);
		return;
	}
	if (error != 0)
		log_warning(a->out->log, subject(a, buf, sizeof(buf)),
			    "was not removed: %s",
			    error == -EEXIST ? "it is not ours any more"
					     : strerror(-error));
	free_object(a);
}

static void
ask_del(struct address *a)
{
	int r;

	if (a->busy)
		return;
	r = helper_address_del(a->out->helper, a->key.interface, &a->key.ip,
			       on_deleted, a);
	a->busy = r == 0;
	if (r != 0)
		on_deleted(a, r);
}

/* ---- configuration ---- */

static void
use(struct out *out, size_t service, const struct ip *ip, const char *interface)
{
	struct address *a = find(out, ip, interface);

	if (!a)
		a = add_object(out, ip, interface);
	a->configured = true;
	a->services =
	    xrealloc(a->services, a->n_services + 1, sizeof(*a->services));
	a->services[a->n_services++] = service;
	/* It was about to go: it stays, and is not touched. */
	if (a->state == OUT_ADDRESS_LINGERING && !a->busy) {
		set_state(a, OUT_ADDRESS_OWNED);
		ask_add(a); /* the helper may not know it is ours */
	}
	if (a->state == OUT_ADDRESS_MISSING && !a->busy)
		ask_add(a);
}

static void
forget_uses(struct out *out, size_t n_services)
{
	struct addresses *all = &out->addresses;

	for (size_t i = 0; i < all->n; i++) {
		all->order[i]->configured = false;
		all->order[i]->n_services = 0;
	}
	free(all->services);
	all->services =
	    xcalloc(n_services ? n_services : 1, sizeof(*all->services));
	all->n_services = n_services;
}

void
address_configure(struct out *out, const struct conf *conf)
{
	struct addresses *all = &out->addresses;

	forget_uses(out, conf->n_services);
	for (size_t s = 0; s < conf->n_services && !out->without_addresses; s++)
		for (size_t i = 0; !conf->services[s].on_link &&
				   i < conf->services[s].addresses.n;
		     i++)
			use(out, s, &conf->services[s].addresses.v[i],
			    conf->services[s].interface);
	for (size_t i = all->n; i-- > 0;)
		if (!all->order[i]->configured)
			unwanted(all->order[i], true);
	out_soon(out);
}

/* ---- what the kernel says ---- */

static bool
is_marked(const struct sys_address *sa)
{
	return sa->protocol == SYS_PROTOCOL &&
	       sa->len == ip_octets(sa->ip.family) * 8;
}

/* Left by an earlier process of ours, and not configured now. */
static void
leftover(struct out *out, const struct sys_address *sa)
{
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];
	struct address *a = add_object(out, &sa->ip, sa->interface);

	log_notice(out->log, subject(a, buf, sizeof(buf)),
		   "is ours but not configured: removed soon");
	a->seen = true;
	a->state = OUT_ADDRESS_OWNED;
	unwanted(a, true);
}

static void
lost(struct address *a)
{
	if (!a->configured) {
		if (!a->busy)
			free_object(a);
		return;
	}
	a->was_there |= a->state != OUT_ADDRESS_MISSING;
	/* The answer that comes may be older than this. */
	if (a->busy || a->state == OUT_ADDRESS_MISSING) {
		a->again = a->busy;
		return;
	}
	set_state(a, OUT_ADDRESS_MISSING);
	ask_add(a);
}

void
address_seen(struct out *out, const struct sys_address *sa, bool gone)
{
	struct address *a = find(out, &sa->ip, sa->interface);

	if (!a) {
		if (!gone && is_marked(sa) && out->conf && !out->stopping)
			leftover(out, sa);
		return;
	}
	a->seen = !gone;
	if (gone)
		lost(a);
	else if (a->configured && a->state == OUT_ADDRESS_MISSING &&
		 !sa->tentative && !a->busy)
		ask_add(a);
}

void
address_dump_begin(struct out *out)
{
	for (size_t i = 0; i < out->addresses.n; i++)
		out->addresses.order[i]->seen = false;
}

void
address_dump_end(struct out *out)
{
	struct addresses *all = &out->addresses;

	/* Those that changed during the dump may be newer than it. */
	for (size_t i = all->n; i-- > 0;)
		if (!all->order[i]->seen &&
		    all->order[i]->state != OUT_ADDRESS_MISSING &&
		    mono_before(all->order[i]->since, out->dump_began))
			lost(all->order[i]);
}

void
address_link_changed(struct out *out, const char *interface)
{
	struct addresses *all = &out->addresses;

	for (size_t i = 0; i < all->n; i++) {
		struct address *a = all->order[i];

		if (a->configured && !a->busy &&
		    a->state == OUT_ADDRESS_MISSING &&
		    strcmp(a->key.interface, interface) == 0)
			ask_add(a);
	}
}

/* ---- time ---- */

static void
raise_alarm(struct address *a)
{
	char buf[IP_TEXT_MAX + IF_NAMESIZE + 16];

	if (a->alarmed)
		return;
	a->alarmed = true;
	out_alarm(a->out, subject(a, buf, sizeof(buf)), true,
		  "is missing and cannot be added: %s",
		  a->error ? out_address_error_text(&a->key.ip, a->error)
			   : "no answer yet");
}

void
address_tick(struct out *out, struct mono now)
{
	struct addresses *all = &out->addresses;

	for (size_t i = 0; i < all->n; i++) {
		struct address *a = all->order[i];

		if (!a->configured || a->state != OUT_ADDRESS_MISSING)
			continue;
		out_soon(out);
		if (!a->busy) {
			out->retries++;
			ask_add(a);
		}
		if (mono_reached(mono_add(a->since, OUT_ALARM_AFTER), now))
			raise_alarm(a);
	}
}

struct mono
address_leave(struct out *out, struct mono now)
{
	struct addresses *all = &out->addresses;
	struct mono next = MONO_NEVER;

	for (size_t i = all->n; i-- > 0;) {
		struct address *a = all->order[i];

		if (a->state != OUT_ADDRESS_LINGERING || a->busy)
			continue;
		if (mono_reached(a->due, now))
			ask_del(a);
		else
			next = mono_min(next, a->due);
	}
	return next;
}

/* ---- the end ---- */

void
address_remove_all(struct out *out)
{
	struct addresses *all = &out->addresses;

	for (size_t i = all->n; i-- > 0;) {
		struct address *a = all->order[i];

		a->configured = false;
		a->n_services = 0;
		if (a->state == OUT_ADDRESS_LINGERING)
			a->due = (struct mono){0};
		else
			unwanted(a, false);
	}
	address_leave(out, mono_now());
}

bool
address_all_gone(const struct out *out)
{
	return out->addresses.n == 0;
}

void
address_free_all(struct out *out)
{
	while (out->addresses.n > 0) {
		struct address *a = out->addresses.order[out->addresses.n - 1];

		a->alarmed = false;
		free_object(a);
	}
	free(out->addresses.order);
	free(out->addresses.services);
}
