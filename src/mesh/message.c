/* SPDX-License-Identifier: ISC */
#include "mesh/message.h"

#include <errno.h>
#include <stdio.h>

#define FAMILY4 4
#define FAMILY6 6

#define FLAG_ANNOUNCING 1
#define FLAG_CLEAN      2
#define FLAG_BUSY       4
#define FLAGS           7

static const char *const state_texts[] = {
#define X(n, v, t) [MESSAGE_STATE_##n] = t,
    MESSAGE_STATES(X)
#undef X
};

const char *
message_state_text(enum message_state s)
{
	return state_texts[s];
}

/* ---- decoding ---- */

static bool
known_type(uint8_t type)
{
	switch (type) {
#define X(n, v, t) case v:
		MESSAGE_TYPES(X)
#undef X
		return true;
	default:
		return false;
	}
}

/* A name of the configuration: no octet that would need care in a log. */
static bool
name_octet(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

static bool
take_name(struct rbuf *r, char out[static MESSAGE_NAME_MAX + 1])
{
	size_t n = rbuf_u8(r);
	const uint8_t *p = rbuf_take(r, n);

	if (!p || n == 0 || n > MESSAGE_NAME_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!name_octet(p[i]))
			return false;
		out[i] = (char)p[i];
	}
	out[n] = '\0';
	return true;
}

/* Printable ASCII only: it will be shown. */
static bool
take_text(struct rbuf *r, char out[static MESSAGE_TEXT_MAX])
{
	size_t n = rbuf_u8(r);
	const uint8_t *p = rbuf_take(r, n);

	if (!p || n >= MESSAGE_TEXT_MAX)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < ' ' || p[i] > '~')
			return false;
		out[i] = (char)p[i];
	}
	out[n] = '\0';
	return true;
}

/* RFC 4271 section 4.3 would ignore bits behind the length; we send none. */
static bool
take_prefix(struct rbuf *r, struct prefix *out)
{
	uint8_t word = rbuf_u8(r), len = rbuf_u8(r);
	uint8_t family = word == FAMILY4 ? AF_INET : AF_INET6;
	size_t n = ip_octets(family);
	const uint8_t *p = rbuf_take(r, n);
	char text[PREFIX_TEXT_MAX];
	struct prefix read;

	if (!p || (word != FAMILY4 && word != FAMILY6) || len > 8 * n)
		return false;
	read = (struct prefix){ip_from_bytes(family, p), len};
	return prefix_parse(prefix_format(&read, text, sizeof(text)), out) == 0;
}

static bool
take_state(struct rbuf *r, struct message_item *out)
{
	uint8_t state = rbuf_u8(r);

	if (state >= MESSAGE_STATE_COUNT)
		return false;
	out->state = (enum message_state)state;
	return take_text(r, out->text) && !r->bad;
}

static bool
take_promise(struct rbuf *r, struct message_item *out)
{
	uint8_t flags;

	out->attempt = rbuf_u64(r);
	flags = rbuf_u8(r);
	out->answer = (struct promise_answer){
	    flags & FLAG_ANNOUNCING, flags & FLAG_CLEAN, flags & FLAG_BUSY};
	return (flags & ~FLAGS) == 0;
}

static bool
take_item(struct rbuf *r, enum message_type type, struct message_item *out)
{
	*out = (struct message_item){0};
	if (!take_prefix(r, &out->prefix))
		return false;
	switch (type) {
	case MESSAGE_STATE:
		return take_state(r, out);
	case MESSAGE_ASK:
		out->cause = rbuf_u64(r);
		out->attempt = rbuf_u64(r);
		return !r->bad;
	case MESSAGE_PROMISE:
		return take_promise(r, out) && !r->bad;
	case MESSAGE_HELLO:
		break;
	}
	return false;
}

bool
message_sound(const struct message *m)
{
	struct rbuf r = m->body;
	struct message_item item;

	for (unsigned i = 0; i < m->items; i++)
		if (!take_item(&r, m->type, &item))
			return false;
	return rbuf_left(&r) == 0;
}

static bool
take_head(struct rbuf *r, struct message *m)
{
	m->boot = rbuf_u64(r);
	m->for_boot = rbuf_u64(r);
	m->sequence = rbuf_u64(r);
	m->nonce = rbuf_u64(r);
	m->echo = rbuf_u64(r);
	return m->boot != 0 && m->sequence != 0 && take_name(r, m->sender) &&
	       take_name(r, m->receiver);
}

int
message_open(const void *octets, size_t n, struct message *out)
{
	struct rbuf r = rbuf_of(octets, n);
	uint8_t version = rbuf_u8(&r), type = rbuf_u8(&r);

	*out = (struct message){0};
	if (r.bad)
		return -EBADMSG;
	if (version != MESSAGE_VERSION)
		return -EPROTONOSUPPORT;
	if (n > MESSAGE_MAX || rbuf_u16(&r) != n || !known_type(type))
		return -EBADMSG;
	out->type = (enum message_type)type;
	if (!take_head(&r, out) || rbuf_left(&r) < MESSAGE_TAG)
		return -EBADMSG;
	out->covered = n - MESSAGE_TAG;
	out->tag = (const uint8_t *)octets + out->covered;
	r.end = out->tag;
	if (type != MESSAGE_HELLO)
		out->items = rbuf_u16(&r);
	out->body = r;
	return r.bad ? -EBADMSG : 0;
}

int
message_decode(const void *octets, size_t n, struct message *out)
{
	int error = message_open(octets, n, out);

	return error != 0 || message_sound(out) ? error : -EBADMSG;
}

bool
message_take(struct message *m, struct message_item *out)
{
	if (m->items == 0)
		return false;
	m->items--;
	return take_item(&m->body, m->type, out);
}

/* ---- encoding ---- */

static void
add_text(struct wbuf *w, const char *text, size_t max)
{
	size_t n = strnlen(text, max);

	wbuf_u8(w, (uint8_t)n);
	wbuf_bytes(w, text, n);
}

static void
add_prefix(struct wbuf *w, const struct prefix *p)
{
	wbuf_u8(w, p->addr.family == AF_INET ? FAMILY4 : FAMILY6);
	wbuf_u8(w, p->len);
	wbuf_bytes(w, p->addr.bytes, ip_octets(p->addr.family));
}

static uint8_t
flags_of(const struct promise_answer *a)
{
	return (uint8_t)((a->announcing ? FLAG_ANNOUNCING : 0) |
			 (a->clean ? FLAG_CLEAN : 0) |
			 (a->busy ? FLAG_BUSY : 0));
}

static void
add_item(struct wbuf *w, enum message_type type,
	 const struct message_item *item)
{
	add_prefix(w, &item->prefix);
	switch (type) {
	case MESSAGE_STATE:
		wbuf_u8(w, (uint8_t)item->state);
		add_text(w, item->text, MESSAGE_TEXT_MAX - 1);
		break;
	case MESSAGE_ASK:
		wbuf_u64(w, item->cause);
		wbuf_u64(w, item->attempt);
		break;
	case MESSAGE_PROMISE:
		wbuf_u64(w, item->attempt);
		wbuf_u8(w, flags_of(&item->answer));
		break;
	case MESSAGE_HELLO:
		break;
	}
}

void
message_body_begin(struct message_body *b, enum message_type type)
{
	b->type = type;
	b->w = wbuf_of(b->octets, sizeof(b->octets));
	b->items = 0;
	if (type != MESSAGE_HELLO)
		wbuf_u16(&b->w, 0);
}

bool
message_body_add(struct message_body *b, const struct message_item *item)
{
	struct wbuf before = b->w;

	add_item(&b->w, b->type, item);
	if (b->w.full) {
		b->w = before;
		return false;
	}
	b->items++;
	wbuf_patch_u16(&b->w, 0, (uint16_t)b->items);
	return true;
}

/* Not inlined: gcc 12 follows the cursor and warns of ways that are none. */
static __attribute__((noinline)) void
add_head(struct wbuf *w, const struct message *head, enum message_type type)
{
	wbuf_u8(w, MESSAGE_VERSION);
	wbuf_u8(w, (uint8_t)type);
	wbuf_u16(w, 0);
	wbuf_u64(w, head->boot);
	wbuf_u64(w, head->for_boot);
	wbuf_u64(w, head->sequence);
	wbuf_u64(w, head->nonce);
	wbuf_u64(w, head->echo);
	add_text(w, head->sender, MESSAGE_NAME_MAX);
	add_text(w, head->receiver, MESSAGE_NAME_MAX);
}

size_t
message_encode(const struct message *head, const struct message_body *body,
	       uint8_t *out)
{
	struct wbuf w = wbuf_of(out, MESSAGE_MAX - MESSAGE_TAG);

	add_head(&w, head, body->type);
	wbuf_bytes(&w, body->octets, wbuf_len(&body->w));
	wbuf_patch_u16(&w, 2, (uint16_t)(wbuf_len(&w) + MESSAGE_TAG));
	return wbuf_len(&w);
}
