/* SPDX-License-Identifier: ISC */
/*
 * The endpoints: those that are configured, open or tried again.
 *
 *   WANTED ──open()──► OPEN ──not configured──► closing ──► freed
 *      ▲  │ error        │ error later
 *      └──┘ tried again  └──────────► closing
 */
#include "identity/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"
#include "identity/socket.h"

static const char *
protocol_text(const struct endpoint *e)
{
	static const char *const texts[] = {"udp", "tcp", "http", "dns"};

	return texts[e->protocol];
}

struct identity *
identity_new(const struct identity_settings *settings)
{
	struct identity *id = xcalloc(1, sizeof(*id));

	id->settings = *settings;
	TAILQ_INIT(&id->endpoints);
	return id;
}

/* ---- closing ---- */

static void
free_all(struct identity *id)
{
	free(id->name);
	free(id);
}

void
identity_handle_closed(struct identity *id)
{
	id->handles--;
	if (id->closing && id->handles == 0)
		free_all(id);
}

static void
on_closed(uv_handle_t *handle)
{
	struct endpoint *e = handle->data;
	struct identity *id = e->id;

	free(e);
	identity_handle_closed(id);
}

static void
drop(struct endpoint *e)
{
	TAILQ_REMOVE(&e->id->endpoints, e, link);
	if (e->open)
		uv_close(&e->handle, on_closed);
	else
		free(e);
}

void
identity_close(struct identity *id)
{
	struct endpoint *e, *next;

	if (!id)
		return;
	for (e = TAILQ_FIRST(&id->endpoints); e; e = next) {
		next = TAILQ_NEXT(e, link);
		drop(e);
	}
	id->closing = true;
	if (id->handles == 0)
		free_all(id);
}

/* ---- opening ---- */

static int
take_over(struct endpoint *e, int fd)
{
	return e->tcp ? stream_open(e, fd) : datagram_open(e, fd);
}

/* An endpoint that failed half open is replaced by one that is closed. */
static struct endpoint *
replace(struct endpoint *e, int error)
{
	struct endpoint *fresh = xcalloc(1, sizeof(*fresh));

	fresh->id = e->id;
	fresh->protocol = e->protocol;
	fresh->tcp = e->tcp;
	fresh->ip = e->ip;
	fresh->port = e->port;
	fresh->wanted = e->wanted;
	fresh->error = error;
	TAILQ_INSERT_AFTER(&e->id->endpoints, e, fresh, link);
	drop(e);
	return fresh;
}

static struct endpoint *
try_open(struct endpoint *e)
{
	const struct identity_settings *s = &e->id->settings;
	int fd = -EPROTONOSUPPORT, r;

	if (e->protocol != PROTOCOL_DNS || e->id->dns)
		fd = s->open(s->arg, &e->ip, e->port, e->tcp);
	e->error = fd < 0 ? fd : 0;
	if (fd < 0)
		return e;
	r = take_over(e, fd);
	return r == 0 ? e : replace(e, r);
}

static void
say_failed(struct identity *id, const struct endpoint *e, bool first)
{
	char text[IP_TEXT_MAX];

	snprintf(id->problem, sizeof(id->problem),
		 "cannot answer %s on %s port %u: %s", protocol_text(e),
		 ip_format(&e->ip, text, sizeof(text)), e->port,
		 strerror(-e->error));
	if (first)
		log_error(id->settings.log, "identity", "%s", id->problem);
}

static bool
open_all(struct identity *id, bool first)
{
	struct endpoint *e, *next;
	bool all = true;

	id->problem[0] = '\0';
	for (e = TAILQ_FIRST(&id->endpoints); e; e = next) {
		if (!e->open)
			e = try_open(e);
		next = TAILQ_NEXT(e, link);
		if (e->open)
			continue;
		all = false;
		say_failed(id, e, first);
	}
	return all;
}

bool
identity_retry(struct identity *id)
{
	return open_all(id, false);
}

const char *
identity_problem(const struct identity *id)
{
	return id->problem;
}

/* ---- configuring ---- */

static void
want(struct identity *id, enum protocol protocol, bool tcp, const struct ip *ip,
     uint16_t port)
{
	struct endpoint *e;

	if (port == 0)
		return;
	TAILQ_FOREACH (e, &id->endpoints, link)
		if (e->protocol == protocol && e->tcp == tcp &&
		    e->port == port && ip_equal(&e->ip, ip)) {
			e->wanted = true;
			return;
		}
	e = xcalloc(1, sizeof(*e));
	e->id = id;
	e->protocol = protocol;
	e->tcp = tcp;
	e->ip = *ip;
	e->port = port;
	e->wanted = true;
	TAILQ_INSERT_TAIL(&id->endpoints, e, link);
}

static void
load_dns(struct identity *id)
{
	const char *why = NULL;
	const struct identity_dns *dns;

	if (id->dns)
		return;
	dns =
	    module_find("identity", "identity_dns", IDENTITY_DNS_SYMBOL, &why);
	if (dns && dns->abi == IDENTITY_DNS_ABI)
		id->dns = dns;
	else
		log_error(
		    id->settings.log, "identity", "DNS cannot be answered: %s",
		    dns ? "its module is of another version of basin" : why);
}

static void
drop_unwanted(struct identity *id)
{
	struct endpoint *e, *next;

	for (e = TAILQ_FIRST(&id->endpoints); e; e = next) {
		next = TAILQ_NEXT(e, link);
		if (!e->wanted)
			drop(e);
	}
}

void
identity_configure(struct identity *id, const struct conf_identity *conf)
{
	struct endpoint *e;

	free(id->name);
	id->name = xstrdup(conf->name);
	TAILQ_FOREACH (e, &id->endpoints, link)
		e->wanted = false;
	for (size_t i = 0; conf->enabled && i < conf->listen.n; i++) {
		const struct ip *ip = &conf->listen.v[i];

		want(id, PROTOCOL_UDP, false, ip, conf->udp);
		want(id, PROTOCOL_TCP, true, ip, conf->tcp);
		want(id, PROTOCOL_HTTP, true, ip, conf->http);
		want(id, PROTOCOL_DNS, false, ip, conf->dns);
		want(id, PROTOCOL_DNS, true, ip, conf->dns);
	}
	drop_unwanted(id);
	if (conf->enabled && conf->dns != 0)
		load_dns(id);
	open_all(id, true);
}
