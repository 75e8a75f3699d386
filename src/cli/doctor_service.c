/* SPDX-License-Identifier: ISC */
/* Services: their addresses and who listens on them. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <limits.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/doctor.h"

/* linux/if_addr.h */
#define TENTATIVE 0x40
#define DUPLICATE 0x08

/* ---- addresses ---- */

static bool
is_on(const struct ifaddrs *list, const struct ip *ip, const char *interface,
      char *elsewhere)
{
	elsewhere[0] = '\0';
	for (; list; list = list->ifa_next) {
		struct sockaddr_storage ss = {0};
		struct ip found;

		if (!list->ifa_addr || (list->ifa_addr->sa_family != AF_INET &&
					list->ifa_addr->sa_family != AF_INET6))
			continue;
		memcpy(&ss, list->ifa_addr,
		       list->ifa_addr->sa_family == AF_INET
			   ? sizeof(struct sockaddr_in)
			   : sizeof(struct sockaddr_in6));
		ip_from_sockaddr(&ss, &found);
		if (!ip_equal(&found, ip))
			continue;
		if (strcmp(list->ifa_name, interface) == 0)
			return true;
		snprintf(elsewhere, IF_NAMESIZE, "%s", list->ifa_name);
	}
	return false;
}

/* A line of a table in /proc/net that is about this address. */
typedef void on_line(const char *line, void *arg);

static void
for_each_line(const struct doctor *d, const char *table, const struct ip *ip,
	      on_line *each, void *arg)
{
	char path[PATH_MAX], line[256], wanted[33] = "";
	FILE *f;

	for (int i = 0; i < 16; i++)
		snprintf(wanted + 2 * i, 3, "%02x", ip->bytes[i]);
	snprintf(path, sizeof(path), "%s/net/%s", d->proc, table);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, wanted))
			each(line, arg);
	if (f)
		fclose(f);
}

static void
add_flags(const char *line, void *arg)
{
	unsigned *flags = arg, found;

	if (sscanf(line, "%*s %*x %*x %*x %x", &found) == 1)
		*flags |= found;
}

/* Its flags in /proc/net/if_inet6; 0 when it is not there. */
static unsigned
v6_flags(const struct doctor *d, const struct ip *ip)
{
	unsigned flags = 0;

	for_each_line(d, "if_inet6", ip, add_flags, &flags);
	return flags;
}

struct membership {
	const char *interface;
	bool found;
};

static void
find_membership(const char *line, void *arg)
{
	struct membership *m = arg;
	char name[IF_NAMESIZE];

	m->found |= sscanf(line, "%*d %15s", name) == 1 &&
		    strcmp(name, m->interface) == 0;
}

static void
look_on_link(struct doctor *d, const struct conf_service *s,
	     const struct ip *ip, const char *subject)
{
	struct membership m = {s->interface, false};

	for_each_line(d, "anycast6", ip, find_membership, &m);
	if (m.found)
		doctor_find(d, DOCTOR_OK, subject, NULL, "joined on %s",
			    s->interface);
	else
		doctor_find(d, d->status ? DOCTOR_WARNING : DOCTOR_SKIPPED,
			    subject,
			    d->status ? "see basin show addresses for the "
					"reason"
				      : NULL,
			    "not joined on %s: it is only while the service "
			    "is up",
			    s->interface);
}

static void
look_at_address(struct doctor *d, const struct ifaddrs *list,
		const struct conf_service *s, const struct ip *ip)
{
	char subject[IP_TEXT_MAX + 80], text[IP_TEXT_MAX];
	char elsewhere[IF_NAMESIZE];
	bool there = is_on(list, ip, s->interface, elsewhere);
	unsigned flags = there && ip->family == AF_INET6 ? v6_flags(d, ip) : 0;

	snprintf(subject, sizeof(subject), "%s %s", s->name,
		 ip_format(ip, text, sizeof(text)));
	if (s->on_link)
		look_on_link(d, s, ip, subject);
	else if (!there && elsewhere[0])
		doctor_find(d, DOCTOR_PROBLEM, subject,
			    "remove it there, or name that interface in the "
			    "service",
			    "on %s, expected on %s", elsewhere, s->interface);
	else if (!there && !d->status)
		doctor_find(d, DOCTOR_SKIPPED, subject, NULL,
			    "not there; the daemon would add it");
	else if (!there)
		doctor_find(d, DOCTOR_PROBLEM, subject,
			    "see basin show addresses for the reason",
			    "not on %s", s->interface);
	else if (flags & DUPLICATE)
		doctor_find(d, DOCTOR_PROBLEM, subject,
			    "put it on lo, or remove it from the other node "
			    "of this link",
			    "the kernel found it on another node of the link "
			    "and does not use it");
	else if (flags & TENTATIVE)
		doctor_find(d, DOCTOR_PROBLEM, subject,
			    "is the link up? Put service addresses on lo",
			    "tentative: the kernel does not use it yet");
	else
		doctor_find(d, DOCTOR_OK, subject, NULL, "on %s", s->interface);
}

void
doctor_addresses(struct doctor *d)
{
	struct ifaddrs *list = NULL;
	size_t before = d->n;

	if (getifaddrs(&list) != 0) {
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "the kernel's addresses cannot be read");
		return;
	}
	for (size_t i = 0; i < d->conf->n_services; i++) {
		const struct conf_service *s = &d->conf->services[i];

		for (size_t k = 0; k < s->addresses.n; k++)
			look_at_address(d, list, s, &s->addresses.v[k]);
	}
	freeifaddrs(list);
	if (d->n == before)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "no service has an address");
}

/* ---- what services listen on ---- */

struct endpoints {
	struct doctor_endpoint *v;
	size_t n;
};

static void
add_endpoint(struct endpoints *all, const struct conf_service *s,
	     const struct ip *ip, bool udp, uint16_t port,
	     const struct conf_check *check)
{
	struct doctor_endpoint *e;
	char text[IP_TEXT_MAX];

	for (size_t i = 0; i < all->n; i++) {
		e = &all->v[i];
		if (e->udp != udp || e->port != port || !ip_equal(&e->ip, ip))
			continue;
		if (!e->check)
			e->check = check;
		return;
	}
	if (all->n == DOCTOR_ENDPOINTS_MAX)
		return;
	e = &all->v[all->n++];
	*e = (struct doctor_endpoint){s, *ip, udp, port, check, ""};
	snprintf(e->name, sizeof(e->name), "%s %s %s/%u", s->name,
		 ip_format(ip, text, sizeof(text)), udp ? "udp" : "tcp", port);
}

/* The port a check of that kind asks at; 0 when it is none of ours. */
static uint16_t
port_of(const struct conf_check *c, bool *udp)
{
	switch (c->kind) {
	case CONF_CHECK_TCP:
		*udp = false;
		return c->tcp.port;
	case CONF_CHECK_DNS:
		*udp = c->dns.transport == CONF_DNS_UDP;
		return c->dns.port;
	case CONF_CHECK_UDP:
		*udp = true;
		return c->udp.port;
	case CONF_CHECK_NTP:
		*udp = true;
		return c->ntp.port;
	default:
		return 0;
	}
}

static bool
is_own(const struct conf_service *s, const struct ip *ip)
{
	for (size_t i = 0; i < s->addresses.n; i++)
		if (ip_equal(&s->addresses.v[i], ip))
			return true;
	return false;
}

static void
add_service(struct endpoints *all, const struct conf_service *s)
{
	for (size_t i = 0; i < s->n_checks; i++) {
		const struct conf_check *c = &s->checks[i];
		bool udp = false;
		uint16_t port = port_of(c, &udp);

		if (port != 0 && is_own(s, &c->target))
			add_endpoint(all, s, &c->target, udp, port, c);
	}
	for (size_t i = 0; i < s->watch.n; i++)
		for (size_t k = 0; s->watch.v[i].port && k < s->addresses.n;
		     k++)
			add_endpoint(all, s, &s->addresses.v[k],
				     s->watch.v[i].kind == CONF_WATCH_UDP,
				     s->watch.v[i].port, NULL);
}

struct doctor_endpoint *
doctor_endpoints(const struct conf *conf, size_t *n)
{
	struct endpoints all = {xcalloc(DOCTOR_ENDPOINTS_MAX, sizeof(*all.v)),
				0};

	for (size_t i = 0; i < conf->n_services; i++)
		add_service(&all, &conf->services[i]);
	*n = all.n;
	return all.v;
}

/* ---- who listens ---- */

/* "0100007F:0035", as words of this machine. */
static bool
parse_end(const char *text, struct ip *ip, unsigned *port)
{
	size_t digits = strcspn(text, ":");
	uint32_t words[4] = {0};

	if ((digits != 8 && digits != 32) ||
	    sscanf(text + digits, ":%x", port) != 1)
		return false;
	for (size_t i = 0; i < digits / 8; i++)
		if (sscanf(text + 8 * i, "%8" SCNx32, &words[i]) != 1)
			return false;
	*ip = ip_from_bytes(digits == 8 ? AF_INET : AF_INET6,
			    (const uint8_t *)words);
	return true;
}

struct socket_list {
	struct doctor_socket *v;
	size_t n;
};

static void
read_sockets(const char *proc, const char *table, bool udp,
	     struct socket_list *out)
{
	char path[PATH_MAX], line[512], local[64], remote[64];
	unsigned state, port, remote_port;
	struct ip ip, remote_ip;
	FILE *f;

	snprintf(path, sizeof(path), "%s/net/%s", proc, table);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*d: %63s %63s %x", local, remote, &state) !=
			3 ||
		    !parse_end(local, &ip, &port) ||
		    !parse_end(remote, &remote_ip, &remote_port) ||
		    remote_port != 0 || state != (udp ? 0x07u : 0x0au))
			continue;
		out->v = xrealloc(out->v, out->n + 1, sizeof(*out->v));
		out->v[out->n++] =
		    (struct doctor_socket){udp, ip, (uint16_t)port};
	}
	if (f)
		fclose(f);
}

struct doctor_socket *
doctor_sockets(const char *proc, size_t *n)
{
	struct socket_list out = {0};

	read_sockets(proc, "udp", true, &out);
	read_sockets(proc, "udp6", true, &out);
	read_sockets(proc, "tcp", false, &out);
	read_sockets(proc, "tcp6", false, &out);
	*n = out.n;
	return out.v;
}

enum binding { NOBODY, WILDCARD, EXACT };

/* A wildcard of IPv6 may serve IPv4 too. */
static enum binding
binding_of(const struct doctor_endpoint *e, const struct doctor_socket *v,
	   size_t n)
{
	enum binding best = NOBODY;

	for (size_t i = 0; i < n; i++) {
		const struct doctor_socket *s = &v[i];

		if (s->udp != e->udp || s->port != e->port)
			continue;
		if (ip_equal(&s->ip, &e->ip))
			return EXACT;
		if (ip_is_unspecified(&s->ip) &&
		    (s->ip.family == e->ip.family || s->ip.family == AF_INET6))
			best = WILDCARD;
	}
	return best;
}

static void
for_each_endpoint(struct doctor *d,
		  void (*tell)(struct doctor *d,
			       const struct doctor_endpoint *e,
			       enum binding binding),
		  const char *none)
{
	size_t n, n_sockets, before = d->n;
	struct doctor_endpoint *v = doctor_endpoints(d->conf, &n);
	struct doctor_socket *sockets = doctor_sockets(d->proc, &n_sockets);

	for (size_t i = 0; i < n; i++)
		tell(d, &v[i], binding_of(&v[i], sockets, n_sockets));
	if (d->n == before)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL, "%s", none);
	free(sockets);
	free(v);
}

static void
tell_bound(struct doctor *d, const struct doctor_endpoint *e,
	   enum binding binding)
{
	if (binding == NOBODY)
		doctor_find(d, DOCTOR_PROBLEM, e->name,
			    "is the server running, and configured to listen "
			    "there?",
			    "nobody listens");
	else
		doctor_find(d, DOCTOR_OK, e->name, NULL, "%s",
			    binding == EXACT ? "somebody listens on it"
					     : "somebody listens on all "
					       "addresses");
}

void
doctor_bound(struct doctor *d)
{
	for_each_endpoint(d, tell_bound,
			  "no check or watch names a port of a service");
}

static void
tell_wildcard(struct doctor *d, const struct doctor_endpoint *e,
	      enum binding binding)
{
	if (!e->udp || binding == NOBODY)
		return;
	if (binding == WILDCARD)
		doctor_find(d, DOCTOR_WARNING, e->name,
			    "let it listen on each service address; fine when "
			    "reply-source is ok",
			    "bound to all addresses: unless the server takes "
			    "care, its replies leave from another one");
	else
		doctor_find(d, DOCTOR_OK, e->name, NULL,
			    "bound to the service address");
}

void
doctor_wildcard(struct doctor *d)
{
	for_each_endpoint(d, tell_wildcard, "no UDP server is known");
}
