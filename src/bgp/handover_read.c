/* SPDX-License-Identifier: ISC */
/*
 * Takes over what handover_write.c has written, before anything may be sent:
 *
 *   begin ──► bgp_configure, bgp_want ──► read … ──► commit ──► start
 *   held: nothing connects                           sessions go on
 *
 * Invariants: until commit nothing is written to a peer and no connection is
 * accepted; a session whose peer is not configured as it was is not taken; a
 * record that is malformed ends the reading.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "bgp/dynamic.h"
#include "bgp/handover.h"
#include "bgp/nlri.h"
#include "bgp/originated.h"
#include "bgp/peer_gr.h"
#include "bgp/session.h"
#include "bgp/speaker.h"
#include "wire/bgp_flow.h"

struct unsent {
	struct session *session; /* borrowed */
	uint8_t *octets;         /* owned */
	size_t n;
	struct unsent *next;
};

struct bgp_handover {
	struct bgp *bgp;       /* borrowed */
	struct bgp_peer *peer; /* of the records that come; NULL: skipped */
	struct session *session;
	struct unsent *unsent; /* owned; of the session first */
	size_t taken;
};

struct bgp_handover *
bgp_handover_begin(struct bgp *bgp)
{
	struct bgp_handover *h = xcalloc(1, sizeof(*h));

	h->bgp = bgp;
	bgp_suspend(bgp, "an upgrade is under way");
	return h;
}

/* ---- peers and sessions ---- */

static struct bgp_peer *
find_peer(struct bgp *bgp, const char *name)
{
	for (size_t i = 0; i < bgp->n_peers; i++)
		if (strcmp(bgp->peers[i]->name, name) == 0)
			return bgp->peers[i];
	return NULL;
}

/* Whose address was learned: of a range, or on an interface. */
static int
find_or_make(struct bgp_handover *h, struct rbuf *r)
{
	char name[256], range[256];
	struct ip ip = {0};
	const uint8_t *bytes;

	if (!handover_get_text(r, name, sizeof(name)) ||
	    !handover_get_text(r, range, sizeof(range)))
		return -EBADMSG;
	ip.family = rbuf_u8(r);
	bytes = rbuf_take(r, sizeof(ip.bytes));
	if (!bytes ||
	    (ip.family && ip.family != AF_INET && ip.family != AF_INET6))
		return -EBADMSG;
	memcpy(ip.bytes, bytes, sizeof(ip.bytes));
	h->peer = find_peer(h->bgp, name);
	if (!h->peer && range[0])
		h->peer = dynamic_restore(h->bgp, range, &ip);
	else if (h->peer && ip.family && conf_peer_unnumbered(h->peer->conf))
		peer_learn_address(h->peer, &ip);
	return 0;
}

static int
read_peer(struct bgp_handover *h, struct rbuf *r)
{
	struct handover_fields f;
	struct bgp_peer unused = {0}, *p;

	h->session = NULL;
	if (find_or_make(h, r) != 0)
		return -EBADMSG;
	p = h->peer ? h->peer : &unused;
	f = handover_counters(p);
	for (size_t i = 0; i < f.n; i++)
		*f.v[i] = rbuf_u64(r);
	p->not_before = handover_get_mono(r);
	p->last_error_at = handover_get_mono(r);
	return handover_get_text(r, p->last_error, sizeof(p->last_error))
		   ? 0
		   : -EBADMSG;
}

/* The machine of an established session. */
static void
read_fsm(struct fsm *f, struct rbuf *r)
{
	f->state = BGP_STATE_ESTABLISHED;
	f->reason = FSM_REASON_KEEPALIVE_RECEIVED;
	f->since = handover_get_mono(r);
	f->hold = dur_ns((int64_t)rbuf_u64(r));
	f->keepalive = dur_ns((int64_t)rbuf_u64(r));
	f->hold_at = handover_get_mono(r);
	f->keepalive_at = handover_get_mono(r);
	f->send_hold_at = handover_get_mono(r);
	f->connect_retry_at = f->idle_hold_at = MONO_NEVER;
}

static int
take_connection(struct bgp_handover *h, struct session *s, int fd)
{
	int error = 0;

	s->conn =
	    conn_new(&h->bgp->host, fd, false, &session_callbacks, s, &error);
	if (!s->conn)
		close(fd);
	return error;
}

static int
read_session(struct bgp_handover *h, struct rbuf *r, int fd)
{
	enum peer_slot slot = rbuf_u8(r) ? PEER_ACCEPTED : PEER_INITIATED;
	struct mono since = handover_get_mono(r);
	struct bgp_peer *p = h->peer;
	struct bgp_verdict v;
	unsigned end_of_rib;
	struct session *s;
	struct rbuf open;
	int error;

	if (!p || p->conf->shutdown || fd < 0) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	s = &p->sessions[slot];
	read_fsm(&s->fsm, r);
	error = take_connection(h, s, fd);
	if (error)
		return error;
	s->conn->written = s->conn->queued = rbuf_u64(r);
	s->conn->received = rbuf_u64(r);
	end_of_rib = rbuf_u8(r);
	p->flows.elsewhere = rbuf_u8(r);
	open = rbuf_child(r, rbuf_u16(r));
	v = bgp_decode_open(open.p, rbuf_left(&open), &s->open);
	if (r->bad || v.action == BGP_RESET_SESSION)
		return -EBADMSG;
	s->has_open = true;
	peer_learn_asn(p, s->open.asn);
	p->state = BGP_STATE_ESTABLISHED;
	p->since = since;
	p->enabled = true;
	peer_negotiated(s);
	peer_routes_attach(p, end_of_rib & p->facts.families);
	peer_gr_up(p, &s->open);
	p->gr_missing = 0;
	h->session = s;
	return 0;
}

/* ---- octets ---- */

static int
read_received(struct session *s, struct rbuf *r)
{
	struct conn *c = s->conn;
	size_t n = rbuf_left(r);

	if (c->rx_n + n > BGP_EXTENDED_MAX)
		return -EBADMSG;
	if (!c->rx)
		c->rx = xcalloc(1, BGP_EXTENDED_MAX);
	memcpy(c->rx + c->rx_n, r->p, n);
	c->rx_n += n;
	return 0;
}

static int
read_unsent(struct bgp_handover *h, struct rbuf *r)
{
	struct unsent *u = h->unsent;
	size_t n = rbuf_left(r);

	if (!u || u->session != h->session) {
		u = xcalloc(1, sizeof(*u));
		u->session = h->session;
		u->next = h->unsent;
		h->unsent = u;
	}
	u->octets = xrealloc(u->octets, 1, u->n + n);
	memcpy(u->octets + u->n, r->p, n);
	u->n += n;
	return 0;
}

/* ---- Adj-RIB-Out ---- */

/* The entry of what was sent; one beyond the configuration is made. */
static struct rib_out_entry *
entry_of(struct bgp_peer *p, const struct bgp_nlri *nlri, struct path *path)
{
	struct rib_out *r = p->out;
	const struct rib_out_entry *e = rib_out_find(r, &p->bgp->index, nlri);
	struct nlri *counted;

	if (!e) {
		counted = nlri_new(nlri);
		if (!counted)
			return NULL;
		rib_out_want_extra(r, counted, path_ref(path));
		nlri_unref(counted);
		e = rib_out_find(r, &p->bgp->index, nlri);
	}
	return e ? &r->entries[e - r->entries] : NULL;
}

/* Lists and counts are made anew at the end (rib_out_renumber). */
static void
restore(struct bgp_peer *p, const struct bgp_nlri *nlri,
	const struct bgp_attributes *a, struct mono since)
{
	struct rib_out *r = p->out;
	struct path *path = path_intern(&r->paths, nlri->family, a);
	struct rib_out_entry *e = entry_of(p, nlri, path);

	if (e && !e->sent) {
		e->sent = path_ref(path);
		if (!e->want)
			e->want = path_ref(path);
		e->since = since;
		r->announced++;
	}
	path_unref(&r->paths, path);
}

static void
restore_list(struct bgp_peer *p, struct rbuf list, uint8_t family,
	     const struct bgp_attributes *a, struct mono since)
{
	struct prefix prefix;

	while (bgp_next_prefix(&list, family, &prefix)) {
		struct bgp_nlri nlri = nlri_of_prefix(&prefix);

		restore(p, &nlri, a, since);
	}
}

static void
restore_flows(struct bgp_peer *p, const struct bgp_update *u, struct mono since)
{
	struct rbuf list = u->flow_reach;
	struct bgp_flow flow;
	struct bgp_nlri nlri = {.family = u->flow_reach_family == AF_INET
					      ? BGP_FAMILY_FLOW4
					      : BGP_FAMILY_FLOW6,
				.flow = &flow};

	while (bgp_next_flow(&list, u->flow_reach_family, &flow))
		restore(p, &nlri, &u->attributes, since);
}

static int
read_out(struct session *s, struct rbuf *r)
{
	struct mono since = handover_get_mono(r);
	struct bgp_update u;
	struct bgp_verdict v =
	    bgp_decode_update(r->p, rbuf_left(r), &s->peer->facts, &u);

	if (r->bad || v.action != BGP_ACCEPT)
		return -EBADMSG;
	restore_list(s->peer, u.nlri, AF_INET, &u.attributes, since);
	restore_list(s->peer, u.mp_reach, u.mp_reach_family, &u.attributes,
		     since);
	if (u.flow_reach_family)
		restore_flows(s->peer, &u, since);
	return 0;
}

/* As octets: whether both would be the same message. */
static bool
same_octets(const struct bgp_peer *p, const struct prefix *prefix,
	    const struct path *a, const struct path *b)
{
	const struct path *both[] = {a, b};
	uint8_t message[2][BGP_MESSAGE_MAX];
	size_t n[2];

	for (int i = 0; i < 2; i++) {
		struct bgp_packer pk;

		if (!bgp_pack_begin(&pk, message[i], BGP_MESSAGE_MAX,
				    prefix->addr.family,
				    &both[i]->key.attributes, &p->facts) ||
		    !bgp_pack_add(&pk, prefix))
			return false;
		n[i] = bgp_pack_end(&pk);
	}
	return n[0] == n[1] && memcmp(message[0], message[1], n[0]) == 0;
}

/* Prefixes that are alike share both paths: one comparison for all. */
struct alike {
	struct path *sent, *want; /* counted; NULL: none yet */
	bool same;
};

static void
compare(struct bgp_peer *p, struct alike *last, struct rib_out_entry *e,
	struct path *want)
{
	struct path_table *t = &p->out->paths;

	if (last->sent == e->sent && last->want == want)
		return;
	path_unref(t, last->sent);
	path_unref(t, last->want);
	last->sent = path_ref(e->sent);
	last->want = path_ref(want);
	last->same = same_octets(p, &e->prefix, e->sent, want);
}

/*
 * A decoded path may hold the same in other fields than a built one: then it
 * is the built one that was sent.
 */
static void
reconcile(struct bgp_peer *p, uint32_t id, struct alike *last)
{
	struct rib_out *r = p->out;
	struct rib_out_entry *e = &r->entries[id];
	const char *why = NULL;
	struct path *want;

	if (!e->sent)
		return;
	want = peer_wanted_path(p, id, &why);
	if (!want)
		return;
	compare(p, last, e, want);
	if (last->same) {
		path_unref(&r->paths, e->sent);
		path_unref(&r->paths, e->want);
		e->sent = path_ref(want);
		e->want = path_ref(want);
	}
	path_unref(&r->paths, want);
}

/* Until bgp_handover_settle(): nobody has originated it here yet. */
static void
keep_extras(struct rib_out *r)
{
	for (uint32_t i = r->n_ids; i < r->n; i++) {
		struct rib_out_extra *x = r->extras[i - r->n_ids];

		if (x && r->entries[i].sent)
			rib_out_want_extra(r, x->nlri,
					   path_ref(r->entries[i].sent));
	}
}

/* What follows from a difference is sent after the commit. */
static int
read_end(struct session *s)
{
	struct bgp_peer *p = s->peer;
	struct alike last = {0};

	for (uint32_t id = 0; id < p->out->n_ids; id++)
		reconcile(p, id, &last);
	path_unref(&p->out->paths, last.sent);
	path_unref(&p->out->paths, last.want);
	rib_out_renumber(p->out, &p->bgp->index);
	keep_extras(p->out);
	peer_want_all(p);
	return 0;
}

/* ---- all ---- */

static int
read_of_session(struct bgp_handover *h, enum handover_record kind,
		struct rbuf *r)
{
	struct session *s = h->session;

	switch (kind) {
	case HANDOVER_RECEIVED:
		return read_received(s, r);
	case HANDOVER_UNSENT:
		return read_unsent(h, r);
	case HANDOVER_OUT:
		return read_out(s, r);
	case HANDOVER_IN:
		return session_restore(s, r->p, rbuf_left(r));
	case HANDOVER_END:
		h->session = NULL;
		h->taken++;
		return read_end(s);
	case HANDOVER_PEER:
	case HANDOVER_SESSION:
		break;
	}
	return -EBADMSG;
}

int
bgp_handover_read(struct bgp_handover *h, const void *octets, size_t n, int fd)
{
	struct rbuf r = rbuf_of(octets, n);
	uint8_t kind = rbuf_u8(&r);
	int error = 0;

	if (kind != HANDOVER_SESSION && fd >= 0)
		close(fd);
	if (kind < HANDOVER_PEER || kind > HANDOVER_END)
		return -EBADMSG;
	if (kind == HANDOVER_PEER)
		error = read_peer(h, &r);
	else if (kind == HANDOVER_SESSION)
		error = read_session(h, &r, fd);
	else if (h->session)
		error = read_of_session(h, (enum handover_record)kind, &r);
	return error ? error : r.bad ? -EBADMSG : 0;
}

bool
bgp_handover_complete(const struct bgp_handover *h)
{
	return !h->session;
}

size_t
bgp_handover_commit(struct bgp_handover *h)
{
	struct bgp *bgp = h->bgp;
	size_t taken = h->taken;
	struct unsent *u;

	free(bgp->suspended);
	bgp->suspended = NULL;
	uv_update_time(bgp->settings.loop);
	while ((u = h->unsent)) {
		h->unsent = u->next;
		conn_send(u->session->conn, u->octets, u->n);
		free(u->octets);
		free(u);
	}
	for (size_t i = 0; i < bgp->n_peers; i++)
		if (bgp->peers[i]->up) {
			flows_ask_again(bgp->peers[i]);
			peer_rearm(bgp->peers[i]);
		}
	free(h);
	speaker_kick(bgp);
	return taken;
}

/* One that exceeded its maximum stays down as long as it was told. */
static void
start_later(struct bgp_peer *p, struct dur wait)
{
	const struct fsm_event ev = {.type = FSM_AUTOMATIC_START,
				     .delay = wait};

	p->enabled = true;
	for (int i = 0; i < PEER_SLOTS; i++)
		if (i == PEER_ACCEPTED || !p->conf->passive)
			peer_event(&p->sessions[i], &ev);
}

void
bgp_handover_start(struct bgp *bgp)
{
	struct mono now = mono_now();

	for (size_t i = 0; i < bgp->n_peers && !bgp->suspended; i++) {
		struct bgp_peer *p = bgp->peers[i];
		struct dur wait = mono_sub(p->not_before, now);

		if (p->enabled)
			continue;
		if (wait.ns > 0 && !p->conf->shutdown)
			start_later(p, wait);
		else
			peer_start(p);
	}
}

static void
settle(struct bgp_peer *p)
{
	struct rib_out *r = p->out;

	for (uint32_t i = r->n_ids; i < r->n; i++) {
		struct rib_out_extra *x = r->extras[i - r->n_ids];

		if (x && r->entries[i].want &&
		    !originated_has(&p->bgp->originated, &x->nlri->value,
				    p->name))
			rib_out_want_extra(r, x->nlri, NULL);
	}
}

void
bgp_handover_settle(struct bgp *bgp)
{
	for (size_t i = 0; i < bgp->n_peers; i++)
		if (bgp->peers[i]->out)
			settle(bgp->peers[i]);
	speaker_kick(bgp);
}
