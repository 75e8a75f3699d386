/* SPDX-License-Identifier: ISC */
/*
 * N8: do replies leave from the service address? A UDP server that is bound
 * to all addresses answers from the one the kernel likes best, and clients
 * drop that. So every UDP service is asked by a socket that is not connected,
 * from a unicast address, and the source of the reply is compared. TCP cannot
 * go wrong in this way.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/doctor.h"

#define WAIT_MS     1000
#define PAYLOAD_MAX 2048

/* ---- what is asked ---- */

static uint16_t
type_number(const char *type)
{
	static const struct {
		const char *name;
		uint16_t number;
	} types[] = {{"A", 1},   {"NS", 2},   {"CNAME", 5}, {"SOA", 6},
		     {"MX", 15}, {"TXT", 16}, {"AAAA", 28}};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcasecmp(types[i].name, type) == 0)
			return types[i].number;
	return 6; /* any answer will do */
}

/* RFC 1035 4.1: a question; 0 when the name is none. */
static size_t
dns_query(const struct conf_dns *dns, uint8_t *out, size_t size)
{
	static const uint8_t head[] = {0xba, 0x51, 0, 0, 0, 1,
				       0,    0,    0, 0, 0, 0};
	const char *name = strcmp(dns->name, ".") == 0 ? "" : dns->name;
	uint16_t type = type_number(dns->type);
	size_t n = sizeof(head);

	if (strlen(name) > 253 || size < sizeof(head) + 260)
		return 0;
	memcpy(out, head, sizeof(head));
	out[2] = dns->recursion_desired ? 1 : 0;
	while (*name) {
		size_t label = strcspn(name, ".");

		if (label == 0 || label > 63)
			return 0;
		out[n++] = (uint8_t)label;
		memcpy(out + n, name, label);
		n += label;
		name += label + (name[label] == '.');
	}
	out[n++] = 0;
	out[n++] = (uint8_t)(type >> 8);
	out[n++] = (uint8_t)type;
	out[n++] = 0;
	out[n++] = strcasecmp(dns->class, "CH") == 0 ? 3 : 1;
	return n;
}

static size_t
payload_of(const struct conf_check *c, uint8_t *out, size_t size)
{
	if (!c)
		return 0;
	switch (c->kind) {
	case CONF_CHECK_DNS:
		return dns_query(&c->dns, out, size);
	case CONF_CHECK_NTP:
		memset(out, 0, 48);
		out[0] = 0x23; /* version 4, client */
		return 48;
	case CONF_CHECK_UDP:
		if (c->udp.send_len > size)
			return 0;
		memcpy(out, c->udp.send, c->udp.send_len);
		return c->udp.send_len;
	default:
		return 0;
	}
}

/* ---- from where ---- */

static bool
is_service_address(const struct conf *conf, const struct ip *ip)
{
	for (size_t i = 0; i < conf->n_services; i++)
		for (size_t k = 0; k < conf->services[i].addresses.n; k++)
			if (ip_equal(&conf->services[i].addresses.v[k], ip))
				return true;
	return false;
}

static struct ip
from_kernel(const struct conf *conf, uint8_t family)
{
	struct ifaddrs *list = NULL;
	struct ip best = {0};

	if (getifaddrs(&list) != 0)
		return best;
	for (struct ifaddrs *a = list; a; a = a->ifa_next) {
		struct sockaddr_storage ss = {0};
		struct ip ip;

		if (!a->ifa_addr || a->ifa_addr->sa_family != family)
			continue;
		memcpy(&ss, a->ifa_addr,
		       family == AF_INET ? sizeof(struct sockaddr_in)
					 : sizeof(struct sockaddr_in6));
		ip_from_sockaddr(&ss, &ip);
		if (is_service_address(conf, &ip) || ip_is_link_local(&ip))
			continue;
		if (ip_is_none(&best) || ip_is_loopback(&best))
			best = ip;
	}
	freeifaddrs(list);
	return best;
}

/* A unicast address of this node, rather one of node.management. */
static struct ip
unicast(const struct conf *conf, uint8_t family)
{
	for (size_t i = 0; i < conf->node.management.n; i++)
		if (conf->node.management.v[i].family == family)
			return conf->node.management.v[i];
	return from_kernel(conf, family);
}

/* ---- asking ---- */

struct question {
	const struct doctor_endpoint *e;
	struct ip source;
	int fd; /* -1: not asked, or answered */
};

static int
ask(const struct doctor_endpoint *e, const struct ip *source,
    const uint8_t *payload, size_t n)
{
	struct sockaddr_storage ss;
	socklen_t len = ip_to_sockaddr(source, 0, 0, &ss);
	int fd = socket(source->family,
			SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&ss, len) == 0) {
		len = ip_to_sockaddr(&e->ip, e->port, 0, &ss);
		if (sendto(fd, payload, n, 0, (struct sockaddr *)&ss, len) >= 0)
			return fd;
	}
	n = (size_t)errno;
	close(fd);
	return -(int)n;
}

/* False: skipped, which is told. */
static bool
begin(struct doctor *d, struct question *q)
{
	uint8_t payload[PAYLOAD_MAX];
	size_t n = payload_of(q->e->check, payload, sizeof(payload));

	q->source = unicast(d->conf, q->e->ip.family);
	q->fd = -1;
	if (n == 0) {
		doctor_find(d, DOCTOR_SKIPPED, q->e->name, NULL,
			    "no udp, dns or ntp check says what to send");
		return false;
	}
	if (ip_is_none(&q->source)) {
		doctor_find(d, DOCTOR_SKIPPED, q->e->name, NULL,
			    "no unicast address of its family to ask from");
		return false;
	}
	q->fd = ask(q->e, &q->source, payload, n);
	if (q->fd >= 0)
		return true;
	doctor_find(d, DOCTOR_SKIPPED, q->e->name, NULL, "cannot be asked: %s",
		    strerror(-q->fd));
	return false;
}

static void
judge(struct doctor *d, const struct question *q, const struct ip *from,
      uint16_t port)
{
	char seen[IP_TEXT_MAX], source[IP_TEXT_MAX];

	ip_format(from, seen, sizeof(seen));
	ip_format(&q->source, source, sizeof(source));
	if (ip_equal(from, &q->e->ip) && port == q->e->port)
		doctor_find(d, DOCTOR_OK, q->e->name, NULL,
			    "replies to %s leave from it", source);
	else
		doctor_find(d, DOCTOR_PROBLEM, q->e->name,
			    "let the server listen on each service address "
			    "instead of all; clients drop replies from "
			    "another one",
			    "the reply to %s left from %s port %u", source,
			    seen, port);
}

/* True: it is answered, one way or the other. */
static bool
take(struct doctor *d, struct question *q)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof(ss);
	uint8_t octet;
	struct ip from;
	uint16_t port;

	if (recvfrom(q->fd, &octet, 1, MSG_TRUNC, (struct sockaddr *)&ss,
		     &len) < 0)
		return false;
	port = ip_from_sockaddr(&ss, &from);
	judge(d, q, &from, port);
	close(q->fd);
	q->fd = -1;
	return true;
}

/* All at once: the wait is for the slowest. */
static void
collect(struct doctor *d, struct question *v, size_t n)
{
	struct mono end = mono_add(mono_now(), dur_ms(WAIT_MS));
	struct pollfd *polls = xcalloc(n, sizeof(*polls));
	size_t left = n;

	while (left > 0) {
		int64_t ms = dur_to_ms(mono_sub(end, mono_now()));

		for (size_t i = 0; i < n; i++)
			polls[i] = (struct pollfd){v[i].fd, POLLIN, 0};
		if (ms <= 0 || poll(polls, n, (int)ms) <= 0)
			break;
		for (size_t i = 0; i < n; i++)
			if (v[i].fd >= 0 && polls[i].revents && take(d, &v[i]))
				left--;
	}
	free(polls);
}

static void
give_up(struct doctor *d, struct question *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].fd < 0)
			continue;
		doctor_find(d, DOCTOR_WARNING, v[i].e->name,
			    "see basin show checks; a firewall may drop what "
			    "comes from this node",
			    "no reply within 1 s");
		close(v[i].fd);
	}
}

void
doctor_reply_source(struct doctor *d)
{
	size_t n, asked = 0, before = d->n;
	struct doctor_endpoint *v = doctor_endpoints(d->conf, &n);
	struct question *q = xcalloc(n, sizeof(*q));

	for (size_t i = 0; i < n; i++) {
		q[asked].e = &v[i];
		if (v[i].udp && begin(d, &q[asked]))
			asked++;
	}
	collect(d, q, asked);
	give_up(d, q, asked);
	if (d->n == before)
		doctor_find(d, DOCTOR_SKIPPED, NULL, NULL,
			    "no UDP service is known");
	free(q);
	free(v);
}
