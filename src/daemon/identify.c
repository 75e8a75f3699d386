/* SPDX-License-Identifier: ISC */
#include "daemon/identify.h"

#include "identity/identity.h"

#define ALARM "identity"
#define RETRY dur_s(10)

static int
open_socket(void *arg, const struct ip *ip, uint16_t port, bool tcp)
{
	struct basin *b = arg;

	return helper_serve(b->helper, ip, port, tcp);
}

static void
tell(struct basin *b)
{
	const char *problem = identity_problem(b->identity);

	basin_alarm(b, ALARM, *problem ? problem : "answers", *problem != '\0');
}

void
identify_configure(struct basin *b)
{
	struct identity_settings s = {
	    .loop = &b->loop, .log = &b->log, .open = open_socket, .arg = b};

	if (!b->identity && !b->conf->identity.enabled)
		return;
	if (!b->identity)
		b->identity = identity_new(&s);
	identity_configure(b->identity, &b->conf->identity);
	b->identity_retry = mono_add(mono_now(), RETRY);
	tell(b);
}

/* Somebody else may have the port, and give it up. */
void
identify_second(struct basin *b)
{
	if (!b->identity || *identity_problem(b->identity) == '\0' ||
	    !mono_reached(b->identity_retry, mono_now()))
		return;
	b->identity_retry = mono_add(mono_now(), RETRY);
	identity_retry(b->identity);
	tell(b);
}

void
identify_free(struct basin *b)
{
	identity_close(b->identity);
	b->identity = NULL;
}
