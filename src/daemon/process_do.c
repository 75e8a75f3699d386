/* SPDX-License-Identifier: ISC */
/* What a command of a program does. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/process.h"

#define WATCHED_MAX 1000
#define LISTED_MAX  10000 /* routes of one answer */

/* ---- which peers ---- */

bool
process_speaks_for(const struct process *p, const struct conf_peer *peer)
{
	if (!p->conf->peers)
		return true;
	for (size_t i = 0; i < p->conf->n_peers; i++)
		if (strcmp(p->conf->peers[i], peer->name) == 0)
			return true;
	return false;
}

static bool
selects(const struct basin *b, const struct exabgp_selector *s,
	const struct conf_peer *peer)
{
	return (ip_is_none(&s->neighbor) ||
		ip_equal(&s->neighbor, &peer->address)) &&
	       (ip_is_none(&s->local) || ip_is_none(&peer->source) ||
		ip_equal(&s->local, &peer->source)) &&
	       (!s->has_local_as || s->local_as == peer->local_asn) &&
	       (!s->has_peer_as || s->peer_as == peer->asn) &&
	       (!s->has_router_id ||
		ip_equal(&s->router_id, &b->conf->node.router_id));
}

static bool
selected(const struct process *p, const struct exabgp_command *c,
	 const struct conf_peer *peer)
{
	if (!process_speaks_for(p, peer))
		return false;
	for (size_t i = 0; i < c->n_selectors; i++)
		if (selects(p->b, &c->selectors[i], peer))
			return true;
	return c->n_selectors == 0;
}

/* Names of the peers that are meant; the caller frees the list. */
static const char **
targets(const struct process *p, const struct exabgp_command *c, size_t *n)
{
	const struct conf *conf = p->b->conf;
	const char **v = xcalloc(conf->n_peers + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; i < conf->n_peers; i++)
		if (selected(p, c, &conf->peers[i]))
			v[(*n)++] = conf->peers[i].name;
	return v;
}

static struct bgp_peer *
session_of(const struct basin *b, const char *name)
{
	for (size_t i = 0; i < bgp_peers(b->bgp); i++)
		if (strcmp(bgp_peer_name(bgp_peer_at(b->bgp, i)), name) == 0)
			return bgp_peer_at(b->bgp, i);
	return NULL;
}

/* ---- routes ---- */

/* All peers are said as none, so that those of later are among them. */
static struct bgp_origination
origination(const struct process *p, const struct exabgp_command *c,
	    const char **names, size_t n)
{
	bool all = c->n_selectors == 0 && !p->conf->peers;

	return (struct bgp_origination){
	    .source = p->source,
	    .rank = BGP_RANK_PROCESS,
	    .attributes = &c->attributes,
	    .peers = all ? NULL : names,
	    .n_peers = all ? 0 : n,
	};
}

static struct bgp_nlri
nlri_at(const struct exabgp_command *c, size_t i)
{
	if (!c->is_flow)
		return (struct bgp_nlri){.family = c->prefixes[i].addr.family ==
							   AF_INET
						       ? BGP_FAMILY_IPV4
						       : BGP_FAMILY_IPV6,
					 .prefix = c->prefixes[i]};
	return (struct bgp_nlri){.family = c->flow.family == AF_INET
					       ? BGP_FAMILY_FLOW4
					       : BGP_FAMILY_FLOW6,
				 .flow = &c->flow};
}

static bool
refuse(struct process *p, const char *why)
{
	snprintf(p->error, sizeof(p->error), "%s", why);
	return false;
}

static bool
announce(struct process *p, struct bgp_origination *o)
{
	switch (bgp_originate(p->b->bgp, o)) {
	case 0:
		return true;
	case -ENOSPC:
		return refuse(p, "too many routes are originated");
	default:
		return refuse(p, "it cannot be sent");
	}
}

static bool
change(struct process *p, const struct exabgp_command *c, bool on)
{
	size_t n_names, n = c->is_flow ? 1 : c->n_prefixes;
	const char **names = targets(p, c, &n_names);
	struct bgp_origination o = origination(p, c, names, n_names);
	bool fine = n_names > 0 || refuse(p, "no neighbor is meant");

	if (fine && on &&
	    bgp_originations(p->b->bgp, p->source) + n > p->conf->max_routes)
		fine = refuse(p, "more routes than max_routes allows");
	for (size_t i = 0; fine && i < n; i++) {
		o.nlri = nlri_at(c, i);
		if (on)
			fine = announce(p, &o);
		/* One that is not there is withdrawn already. */
		else if (bgp_withdraw_origination(p->b->bgp, &o) == -EINVAL)
			fine = refuse(p, "it is no route");
	}
	free(names);
	return fine;
}

/* ---- watchdogs ---- */

void
process_forget_watched(struct process *p)
{
	while (p->watched) {
		struct process_watched *w = p->watched;

		p->watched = w->next;
		exabgp_command_free(&w->command);
		free(w);
	}
	p->n_watched = 0;
}

/* Takes over the command's list of prefixes. */
static bool
watch(struct process *p, struct exabgp_command *c)
{
	struct process_watched *w;

	if (p->n_watched >= WATCHED_MAX)
		return refuse(p, "too many routes have watchdogs");
	w = xcalloc(1, sizeof(*w));
	w->command = *c;
	w->next = p->watched;
	p->watched = w;
	p->n_watched++;
	c->prefixes = NULL;
	return c->withdrawn || change(p, &w->command, true);
}

static bool
bark(struct process *p, const char *name, bool on)
{
	bool fine = true;

	for (struct process_watched *w = p->watched; w; w = w->next)
		if (strcmp(w->command.watchdog,
			   name[0] ? name : p->conf->name) == 0)
			fine &= change(p, &w->command, on);
	return fine;
}

/* ---- sessions ---- */

typedef bool peer_fn(struct process *p, struct bgp_peer *peer,
		     const struct exabgp_command *c);

static bool
resend(struct process *p, struct bgp_peer *peer, const struct exabgp_command *c)
{
	return bgp_peer_resend(peer);
}

static bool
ask_again(struct process *p, struct bgp_peer *peer,
	  const struct exabgp_command *c)
{
	return bgp_peer_ask_again(peer, c->families);
}

/* basin sends End-of-RIB by itself, behind the first routes. */
static bool
has_family(struct process *p, struct bgp_peer *peer,
	   const struct exabgp_command *c)
{
	struct bgp_peer_view v;

	bgp_peer_view(peer, &v);
	return v.families & c->families;
}

static bool
each_peer(struct process *p, const struct exabgp_command *c, peer_fn *each)
{
	size_t n;
	const char **names = targets(p, c, &n);
	bool any = false;

	for (size_t i = 0; i < n; i++) {
		struct bgp_peer *peer = session_of(p->b, names[i]);

		any |= peer && each(p, peer, c);
	}
	free(names);
	return any || refuse(p, "no established neighbor is meant");
}

/* ---- clearing ---- */

struct clearing {
	struct bgp_origination *v; /* flows are borrowed until the end */
	size_t n, size;
};

static void
collect(void *arg, const struct bgp_origination *o, struct mono since)
{
	struct clearing *k = arg;

	if (k->n == k->size) {
		k->size = k->size ? k->size * 2 : 64;
		k->v = xrealloc(k->v, k->size, sizeof(*k->v));
	}
	k->v[k->n++] = *o;
}

/* A flow's octets go with it: flows are taken from all neighbors at once. */
static bool
is_prefix(const struct clearing *k, size_t i)
{
	return k->v[i].nlri.flow == NULL;
}

/* Its own routes; those of others are not its. */
static bool
clear(struct process *p, const struct exabgp_command *c)
{
	struct clearing k = {0};
	size_t n;
	const char **names;

	if (!c->out)
		return refuse(p, "what is imported is not a process's");
	if (c->n_selectors == 0) {
		bgp_withdraw_source(p->b->bgp, p->source);
		return true;
	}
	names = targets(p, c, &n);
	bgp_each_origination(p->b->bgp, p->source, collect, &k);
	for (size_t i = 0; i < k.n; i++) {
		struct bgp_origination o = {.source = p->source,
					    .nlri = k.v[i].nlri,
					    .peers = names,
					    .n_peers = n};

		if (is_prefix(&k, i) &&
		    bgp_withdraw_origination(p->b->bgp, &o) == -EINVAL)
			break;
	}
	free(k.v);
	free(names);
	return true;
}

/* ---- questions ---- */

static const char *
ago(struct mono since, char *buf, size_t size)
{
	long s = (long)(mono_sub(mono_now(), since).ns / 1000000000);

	snprintf(buf, size, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
	return buf;
}

static void
summary_line(const struct bgp_peer_view *v, struct text *out)
{
	bool up = v->state == BGP_STATE_ESTABLISHED;
	char ip[IP_TEXT_MAX], time[32], state[24];
	size_t i;

	snprintf(state, sizeof(state), "%s", bgp_state_text(v->state));
	for (i = 0; state[i]; i++)
		if (state[i] >= 'A' && state[i] <= 'Z')
			state[i] = (char)(state[i] + 32);
	text_addf(out, "%-15s %-7u %9s %-12s %10llu %10llu\n",
		  ip_format(&v->conf->address, ip, sizeof(ip)), v->conf->asn,
		  up ? ago(v->since, time, sizeof(time)) : "down", state,
		  (unsigned long long)v->messages_out[BGP_UPDATE],
		  (unsigned long long)v->messages_in[BGP_UPDATE]);
}

static void
extensive_lines(const struct bgp_peer_view *v, struct text *out)
{
	char ip[IP_TEXT_MAX], time[32];
	bool up = v->state == BGP_STATE_ESTABLISHED;

	text_addf(out,
		  "Neighbor %s\n\n  Session                         Local\n",
		  ip_format(&v->conf->address, ip, sizeof(ip)));
	text_addf(out, "   %-20s %15s\n", "local",
		  ip_is_none(&v->local) ? "n/a"
					: ip_format(&v->local, ip, sizeof(ip)));
	text_addf(out, "   %-20s %15s\n", "state", bgp_state_text(v->state));
	text_addf(out, "   %-20s %15s\n\n", up ? "up for" : "down for",
		  ago(v->since, time, sizeof(time)));
	text_addf(out,
		  "  Setup                           Local          Remote\n"
		  "   %-20s %15u %15u\n\n",
		  "AS", v->conf->local_asn, v->conf->asn);
	text_addf(out,
		  "  Message Statistic                Sent        Received\n"
		  "   %-20s %15llu %15llu\n\n",
		  "update:", (unsigned long long)v->messages_out[BGP_UPDATE],
		  (unsigned long long)v->messages_in[BGP_UPDATE]);
}

static void
configuration_lines(const struct conf_peer *peer, struct text *out)
{
	char ip[IP_TEXT_MAX];

	text_addf(out,
		  "neighbor %s {\n\tdescription \"%s\";\n\tlocal-as %u;\n"
		  "\tpeer-as %u;\n}\n",
		  ip_format(&peer->address, ip, sizeof(ip)), peer->name,
		  peer->local_asn, peer->asn);
}

static void
show_neighbors(const struct process *p, const struct exabgp_command *c,
	       struct text *out)
{
	if (c->show == EXABGP_SUMMARY)
		text_add(out,
			 "Peer            AS        up/down state       |  "
			 "   #sent     #recvd\n");
	for (size_t i = 0; i < bgp_peers(p->b->bgp); i++) {
		struct bgp_peer_view v;

		bgp_peer_view(bgp_peer_at(p->b->bgp, i), &v);
		if (!process_speaks_for(p, v.conf) ||
		    (!ip_is_none(&c->only) &&
		     !ip_equal(&c->only, &v.conf->address)))
			continue;
		if (c->show == EXABGP_SUMMARY)
			summary_line(&v, out);
		else if (c->show == EXABGP_EXTENSIVE)
			extensive_lines(&v, out);
		else
			configuration_lines(v.conf, out);
	}
}

struct listing {
	const struct exabgp_command *c;
	struct exabgp_neighbor neighbor;
	struct text *out;
	size_t n;
};

static void
list_route(void *arg, const struct bgp_route *route, struct mono since)
{
	struct listing *l = arg;

	if (l->n++ < LISTED_MAX)
		exabgp_say_route(
		    &l->neighbor, &route->prefix, &route->next_hop,
		    l->c->show == EXABGP_EXTENSIVE ? route->attributes : NULL,
		    l->out);
}

static void
show_rib(const struct process *p, const struct exabgp_command *c,
	 struct text *out)
{
	struct listing l = {.c = c, .out = out};

	for (size_t i = 0; i < bgp_peers(p->b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(p->b->bgp, i);
		struct bgp_peer_view v;

		bgp_peer_view(peer, &v);
		l.neighbor = (struct exabgp_neighbor){
		    .local = v.local,
		    .peer = v.conf->address,
		    .local_as = v.conf->local_asn,
		    .peer_as = v.conf->asn,
		    .router_id = p->b->conf->node.router_id,
		};
		if (!process_speaks_for(p, v.conf) ||
		    (!ip_is_none(&c->only) &&
		     !ip_equal(&c->only, &v.conf->address)))
			continue;
		if (c->out)
			bgp_peer_each_out(peer, list_route, &l);
		else
			bgp_peer_each_in(peer, list_route, &l);
	}
}

/* ---- all of them ---- */

static enum process_answer
answer_of(bool fine)
{
	return fine ? PROCESS_DONE : PROCESS_ERROR;
}

static void
help(struct text *out)
{
	text_add(out, "\navailable API commands are listed here:\n");
	for (int k = EXABGP_ANNOUNCE; k < EXABGP_KIND_COUNT; k++)
		text_addf(out, "%s\n", exabgp_kind_text((enum exabgp_kind)k));
}

static enum process_answer
ask(struct process *p, const struct exabgp_command *c, struct text *out)
{
	switch (c->kind) {
	case EXABGP_SHOW_NEIGHBOR:
		show_neighbors(p, c, out);
		return PROCESS_DONE;
	case EXABGP_SHOW_RIB:
		show_rib(p, c, out);
		return PROCESS_DONE;
	case EXABGP_VERSION:
		text_add(out, "exabgp " EXABGP_SPEAKS "\n");
		return PROCESS_DONE;
	case EXABGP_HELP:
		help(out);
		return PROCESS_DONE;
	case EXABGP_NOTHING:
		return PROCESS_SILENT;
	case EXABGP_ACK_ON:
		p->acknowledge = true;
		return PROCESS_DONE;
	case EXABGP_ACK_OFF:
	case EXABGP_ACK_SILENT:
		p->acknowledge = false;
		return c->kind == EXABGP_ACK_OFF ? PROCESS_DONE
						 : PROCESS_SILENT;
	case EXABGP_SHUTDOWN:
		/* Of itself: the node is not a program's to stop. */
		p->left = true;
		text_add(out, "shutdown in progress\n");
		return PROCESS_DONE;
	case EXABGP_RELOAD:
	case EXABGP_RESTART:
		return answer_of(refuse(p, "the node is not a program's to "
					   "reload: use basin(1)"));
	default:
		return PROCESS_DONE;
	}
}

enum process_answer
process_do(struct process *p, struct exabgp_command *c, struct text *out)
{
	switch (c->kind) {
	case EXABGP_ANNOUNCE:
		return answer_of(c->watchdog[0] && !c->is_flow
				     ? watch(p, c)
				     : change(p, c, !c->withdrawn));
	case EXABGP_WITHDRAW:
		return answer_of(change(p, c, false));
	case EXABGP_WATCHDOG_ANNOUNCE:
		return answer_of(bark(p, c->watchdog, true));
	case EXABGP_WATCHDOG_WITHDRAW:
		return answer_of(bark(p, c->watchdog, false));
	case EXABGP_FLUSH:
		return answer_of(each_peer(p, c, resend));
	case EXABGP_REFRESH:
		return answer_of(each_peer(p, c, ask_again));
	case EXABGP_EOR:
		return answer_of(each_peer(p, c, has_family));
	case EXABGP_CLEAR:
		return answer_of(clear(p, c));
	default:
		return ask(p, c, out);
	}
}
