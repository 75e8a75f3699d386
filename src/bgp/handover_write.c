/* SPDX-License-Identifier: ISC */
/*
 * Writes the established sessions for the process that takes over. Routes go
 * as the UPDATEs that would carry them: their decoder is the one that is
 * fuzzed, and another version reads what RFC 4271 says.
 *
 * What is packed counts as announced: its octets are among the unsent ones.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/text.h"
#include "bgp/handover.h"
#include "bgp/speaker.h"
#include "wire/bgp_flow.h"

struct writing {
	handover_put *put;
	void *arg;
	struct wbuf w;
	uint8_t *buf; /* owned; HANDOVER_RECORD_MAX */
};

static struct wbuf *
begin(struct writing *wr, enum handover_record kind)
{
	wr->w = wbuf_of(wr->buf, HANDOVER_RECORD_MAX);
	wbuf_u8(&wr->w, (uint8_t)kind);
	return &wr->w;
}

static int
end(struct writing *wr, int fd)
{
	if (wr->w.full)
		return -EMSGSIZE;
	return wr->put(wr->arg, wr->buf, wbuf_len(&wr->w), fd);
}

/* ---- peers and sessions ---- */

static int
write_peer(struct writing *wr, struct bgp_peer *p)
{
	struct handover_fields f = handover_counters(p);
	struct wbuf *w = begin(wr, HANDOVER_PEER);

	handover_put_text(w, p->name);
	handover_put_text(w, peer_is_dynamic(p) ? p->configured->name : "");
	wbuf_u8(w, p->own ? p->own->address.family : 0);
	wbuf_bytes(w, p->own ? p->own->address.bytes : (uint8_t[16]){0}, 16);
	for (size_t i = 0; i < f.n; i++)
		wbuf_u64(w, *f.v[i]);
	handover_put_mono(w, p->not_before);
	handover_put_mono(w, p->last_error_at);
	handover_put_text(w, p->last_error);
	return end(wr, -1);
}

static int
write_session(struct writing *wr, const struct session *s)
{
	struct wbuf *w = begin(wr, HANDOVER_SESSION);
	const struct conn *c = s->conn;
	const struct fsm *f = &s->fsm;
	uint8_t open[BGP_MESSAGE_MAX];
	size_t n = bgp_encode_open(&s->open, open, sizeof(open));

	wbuf_u8(w, s->slot);
	handover_put_mono(w, s->peer->since);
	handover_put_mono(w, f->since);
	wbuf_u64(w, (uint64_t)f->hold.ns);
	wbuf_u64(w, (uint64_t)f->keepalive.ns);
	handover_put_mono(w, f->hold_at);
	handover_put_mono(w, f->keepalive_at);
	handover_put_mono(w, f->send_hold_at);
	wbuf_u64(w, c->written);
	wbuf_u64(w, c->received);
	wbuf_u8(w, (uint8_t)s->peer->out->end_of_rib);
	wbuf_u8(w, (uint8_t)flows_families(s->peer));
	wbuf_u16(w, (uint16_t)n);
	wbuf_bytes(w, open, n);
	return end(wr, c->fd);
}

static int
write_octets(struct writing *wr, enum handover_record kind, const uint8_t *p,
	     size_t n)
{
	int error = 0;

	for (size_t at = 0; at < n && error == 0; at += HANDOVER_CHUNK) {
		size_t len = n - at < HANDOVER_CHUNK ? n - at : HANDOVER_CHUNK;

		wbuf_bytes(begin(wr, kind), p + at, len);
		error = end(wr, -1);
	}
	return error;
}

/* ---- Adj-RIB-Out ---- */

/* What the peer has when it has read all: NULL when nothing. */
static const struct path *
announced(const struct rib_out_entry *e)
{
	return e->list == RIB_OUT_FLIGHT_LIST ? e->flight : e->sent;
}

static size_t
longest(const struct bgp_session_facts *facts)
{
	return facts->extended_message ? BGP_EXTENDED_MAX : BGP_MESSAGE_MAX;
}

static bool
begin_message(struct bgp_packer *pk, uint8_t *buf, const struct path *path,
	      const struct bgp_session_facts *facts)
{
	const struct bgp_attributes *a = &path->key.attributes;
	unsigned family = path->key.family;
	uint8_t ip =
	    family & (BGP_FAMILY_IPV4 | BGP_FAMILY_FLOW4) ? AF_INET : AF_INET6;

	if (family & (BGP_FAMILY_FLOW4 | BGP_FAMILY_FLOW6))
		return bgp_pack_begin_flow(pk, buf, longest(facts), ip, a,
					   facts);
	return bgp_pack_begin(pk, buf, longest(facts), ip, a, facts);
}

static bool
add_entry(struct bgp_packer *pk, const struct rib_out *r, uint32_t i)
{
	struct bgp_nlri nlri = rib_out_nlri(r, i);

	return nlri.flow ? bgp_pack_add_flow(pk, nlri.flow)
			 : bgp_pack_add(pk, &nlri.prefix);
}

/* One UPDATE of the entries from *i on that are alike. */
static int
write_out(struct writing *wr, const struct bgp_peer *p, uint32_t *i)
{
	const struct rib_out_entry *e = &p->out->entries[*i], *first = e;
	const struct rib_out_entry *all = p->out->entries + p->out->n;
	const struct path *path = announced(e);
	struct wbuf *w = begin(wr, HANDOVER_OUT);
	uint8_t message[BGP_EXTENDED_MAX];
	struct bgp_packer pk;

	if (!path) {
		++*i;
		return 0;
	}
	handover_put_mono(w, e->since);
	if (!begin_message(&pk, message, path, &p->facts))
		return -EMSGSIZE;
	while (e < all && announced(e) == path &&
	       e->since.ns == first->since.ns &&
	       add_entry(&pk, p->out, (uint32_t)(e - p->out->entries)))
		e++;
	if (e == first)
		return -EMSGSIZE;
	*i += (uint32_t)(e - first);
	wbuf_bytes(w, message, bgp_pack_end(&pk));
	return end(wr, -1);
}

/* ---- Adj-RIB-In ---- */

struct importing {
	struct writing *wr;
	const struct bgp_peer *peer;
	const struct bgp_attributes *attributes; /* of the message, or NULL */
	uint8_t family;
	uint8_t message[BGP_EXTENDED_MAX];
	struct bgp_packer pk;
	int error;
};

static void
end_import(struct importing *in)
{
	if (!in->attributes || in->error)
		return;
	wbuf_bytes(begin(in->wr, HANDOVER_IN), in->message,
		   bgp_pack_end(&in->pk));
	in->error = end(in->wr, -1);
	in->attributes = NULL;
}

static void
begin_import(struct importing *in, const struct bgp_route *route)
{
	in->family = route->prefix.addr.family;
	in->attributes = route->attributes;
	if (!bgp_pack_begin(&in->pk, in->message, longest(&in->peer->facts),
			    in->family, route->attributes, &in->peer->facts) ||
	    !bgp_pack_add(&in->pk, &route->prefix))
		in->error = -EMSGSIZE;
}

static void
write_in(void *arg, const struct bgp_route *route, struct mono since)
{
	struct importing *in = arg;

	if (in->error || !route->attributes)
		return;
	if (in->attributes == route->attributes &&
	    in->family == route->prefix.addr.family &&
	    bgp_pack_add(&in->pk, &route->prefix))
		return;
	end_import(in);
	begin_import(in, route);
}

/* ---- all ---- */

static int
write_routes(struct writing *wr, const struct bgp_peer *p)
{
	struct importing *in = xcalloc(1, sizeof(*in));
	int error = 0;

	for (uint32_t i = 0; i < p->out->n && error == 0;)
		error = write_out(wr, p, &i);
	in->wr = wr;
	in->peer = p;
	in->error = error;
	bgp_peer_each_in(p, write_in, in);
	end_import(in);
	error = in->error;
	free(in);
	return error;
}

static int
write_established(struct writing *wr, const struct bgp_peer *p)
{
	const struct conn *c = p->up->conn;
	int error = write_session(wr, p->up);

	if (error == 0)
		error = write_octets(wr, HANDOVER_RECEIVED, c->rx, c->rx_n);
	if (error == 0 && conn_pending(c))
		error = write_octets(wr, HANDOVER_UNSENT, c->tx + c->tx_at,
				     conn_pending(c));
	if (error == 0)
		error = write_routes(wr, p);
	begin(wr, HANDOVER_END);
	return error ? error : end(wr, -1);
}

static bool
goes_over(const struct bgp_peer *p)
{
	return p->up && p->up->conn && p->up->conn->fd >= 0 && p->out &&
	       !p->draining;
}

int
bgp_handover_write(const struct bgp *bgp, handover_put *put, void *arg)
{
	struct writing wr = {.put = put, .arg = arg};
	int error = 0;

	wr.buf = xcalloc(1, HANDOVER_RECORD_MAX);
	for (size_t i = 0; i < bgp->n_peers && error == 0; i++) {
		error = write_peer(&wr, bgp->peers[i]);
		if (error == 0 && goes_over(bgp->peers[i]))
			error = write_established(&wr, bgp->peers[i]);
	}
	free(wr.buf);
	return error;
}
