/* SPDX-License-Identifier: ISC */
/*
 * Service addresses that are joined on a link, for neighbours without a
 * router in between. There is no announcement to withdraw: the membership is
 * the announcement, so it is there exactly while its service is.
 *
 *            wanted                 0
 *   ┌──────┐ ──────► (join asked) ─────► ┌────────┐
 *   │ LEFT │ ◄────── (leave asked) ◄──── │ JOINED │
 *   └──────┘    0               unwanted └────────┘
 *
 * The kernel keeps a membership when its link goes down, and does not answer
 * when it is up again: then it is joined anew. Invariant: one verb is under
 * way per address; one with a verb under way is not freed.
 */
#include "out/anycast.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "out/state.h"

struct anycast {
	struct ip ip;
	char interface[IF_NAMESIZE];
	struct out *out; /* borrowed */
	size_t service;
	bool configured, wanted, joined;
	bool down;  /* its link */
	bool busy;  /* a verb is under way */
	bool again; /* joined or not, it must be joined anew */
	bool alarmed;
	int error; /* of the last join */
	struct mono since;
	struct anycast *next;
};

static void step(struct anycast *a);

/* ---- alarms ---- */

static void
alarm_set(struct anycast *a, bool on)
{
	struct text subject = {0};
	char ip[IP_TEXT_MAX];

	if (a->alarmed == on)
		return;
	a->alarmed = on;
	text_addf(&subject, "address %s on %s",
		  ip_format(&a->ip, ip, sizeof(ip)), a->interface);
	if (on)
		out_alarm(a->out, text_str(&subject), true,
			  "cannot be joined: %s",
			  out_address_error_text(&a->ip, a->error));
	else
		out_alarm(a->out, text_str(&subject), false,
			  "is as it should be again");
	text_free(&subject);
}

/* ---- verbs ---- */

static void
release(struct anycast *a)
{
	struct anycast **at = &a->out->anycasts.list;

	alarm_set(a, false);
	while (*at != a)
		at = &(*at)->next;
	*at = a->next;
	a->out->anycasts.n--;
	free(a);
}

static void
on_joined(void *arg, int error)
{
	struct anycast *a = arg;
	char ip[IP_TEXT_MAX];

	a->busy = false;
	if (error != 0 && a->error != error)
		log_warning(a->out->log, a->interface,
			    "the anycast address %s cannot be joined: %s; "
			    "trying every second",
			    ip_format(&a->ip, ip, sizeof(ip)),
			    out_address_error_text(&a->ip, error));
	a->error = error;
	if (a->joined != (error == 0))
		a->since = mono_now();
	a->joined = error == 0;
	if (error == 0)
		alarm_set(a, false);
	if (error == 0 || !a->wanted)
		step(a);
}

static void
on_left(void *arg, int error)
{
	struct anycast *a = arg;

	a->busy = a->joined = false;
	a->since = mono_now();
	out_soon(a->out);
	step(a);
}

static void
join(struct anycast *a)
{
	a->again = false;
	a->busy = true;
	if (helper_anycast_join(a->out->helper, a->interface, &a->ip, on_joined,
				a) != 0)
		a->busy = false;
}

static void
leave(struct anycast *a)
{
	a->busy = true;
	if (helper_anycast_leave(a->out->helper, a->interface, &a->ip, on_left,
				 a) != 0)
		a->busy = a->joined = false; /* the helper is gone, and it */
}

/* The one place that compares what is wanted with what is. */
static void
step(struct anycast *a)
{
	if (a->busy)
		return;
	if (a->wanted && (!a->joined || a->again))
		join(a);
	else if (!a->wanted && a->joined)
		leave(a);
	else if (!a->configured && !a->joined)
		release(a);
}

/* ---- configuration ---- */

static struct anycast *
find(struct out *out, const struct ip *ip, const char *interface)
{
	struct anycast *a = out->anycasts.list;

	while (a &&
	       (!ip_equal(&a->ip, ip) || strcmp(a->interface, interface) != 0))
		a = a->next;
	return a;
}

static void
use(struct out *out, size_t service, const struct ip *ip, const char *interface)
{
	struct anycast *a = find(out, ip, interface);

	if (!a) {
		a = xcalloc(1, sizeof(*a));
		a->ip = *ip;
		a->out = out;
		a->since = mono_now();
		strncpy(a->interface, interface, sizeof(a->interface) - 1);
		a->next = out->anycasts.list;
		out->anycasts.list = a;
		out->anycasts.n++;
	}
	a->configured = true;
	a->service = service;
}

/* Steps all; one that ends is freed by it. */
static void
step_all(struct out *out)
{
	struct anycast *next;

	for (struct anycast *a = out->anycasts.list; a; a = next) {
		next = a->next;
		step(a);
	}
}

void
anycast_configure(struct out *out, const struct conf *conf)
{
	for (struct anycast *a = out->anycasts.list; a; a = a->next)
		a->configured = false;
	for (size_t s = 0; s < conf->n_services; s++) {
		const struct conf_service *service = &conf->services[s];

		for (size_t i = 0; service->on_link && i < service->addresses.n;
		     i++)
			use(out, s, &service->addresses.v[i],
			    service->interface);
	}
	for (struct anycast *a = out->anycasts.list; a; a = a->next)
		a->wanted &= a->configured;
	step_all(out);
}

void
anycast_want(struct out *out, size_t service, bool wanted)
{
	for (struct anycast *a = out->anycasts.list; a; a = a->next)
		if (a->configured && a->service == service &&
		    a->wanted != (wanted && !out->stopping)) {
			a->wanted = wanted && !out->stopping;
			a->since = mono_now();
		}
	step_all(out);
}

/* ---- events ---- */

void
anycast_link_changed(struct out *out, const char *interface, bool up)
{
	for (struct anycast *a = out->anycasts.list; a; a = a->next) {
		if (strcmp(a->interface, interface) != 0)
			continue;
		a->again |= up && a->down;
		a->down = !up;
	}
	step_all(out);
}

void
anycast_tick(struct out *out, struct mono now)
{
	for (struct anycast *a = out->anycasts.list; a; a = a->next) {
		if (!a->wanted || a->joined)
			continue;
		out->retries += !a->busy;
		if (a->error != 0 &&
		    mono_reached(mono_add(a->since, OUT_ALARM_AFTER), now))
			alarm_set(a, true);
	}
	step_all(out);
}

/* ---- the end ---- */

void
anycast_remove_all(struct out *out)
{
	for (struct anycast *a = out->anycasts.list; a; a = a->next)
		a->wanted = a->configured = false;
	step_all(out);
}

bool
anycast_all_gone(const struct out *out)
{
	return out->anycasts.n == 0;
}

void
anycast_free_all(struct out *out)
{
	while (out->anycasts.list) {
		out->anycasts.list->alarmed = false;
		release(out->anycasts.list);
	}
}

/* ---- reading ---- */

void
anycast_view(const struct out *out, size_t i, struct out_address_view *view)
{
	const struct anycast *a = out->anycasts.list;

	while (i-- > 0)
		a = a->next;
	*view = (struct out_address_view){
	    .ip = a->ip,
	    .interface = a->interface,
	    .service = a->configured ? a->service : SIZE_MAX,
	    .state = a->joined   ? OUT_ADDRESS_JOINED
		     : a->wanted ? OUT_ADDRESS_MISSING
				 : OUT_ADDRESS_LEFT,
	    .since = a->since,
	    .error = a->error,
	};
}
