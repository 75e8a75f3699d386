/* SPDX-License-Identifier: ISC */
/*
 * State for the process that takes over (a hot upgrade): what avail_adopt()
 * takes from an avail of this process, as records. The other side fills an
 * avail of its own configuration with them and adopts that.
 *
 *   kind, key, numbers in the order of the lists below
 *
 * Objects find each other by key, causes as well. Numbers are checked when
 * they are read: a state that is none is an error, not a crash later.
 */
#include <errno.h>
#include <string.h>

#include "avail/state.h"
#include "wire/iobuf.h"

enum record {
	RECORD_NODE = 1, /* clock, drain of the node, attack mode */
	RECORD_CHECK,
	RECORD_SERVICE,
	RECORD_PREFIX,
};

#define KEY_MAX 512

/* Of the clock, or OVER of decide.c. */
static void
end_moment(struct iobuf *io, struct mono *t)
{
	iobuf_any_moment(io, t);
	io->bad |= t->ns < 0 && t->ns != INT64_MIN;
}

/* Armed or not, and when it is due. */
static void
timer(struct iobuf *io, struct timer *t)
{
	t->place = iobuf_small(io, t->place != 0, 2);
	iobuf_moment(io, &t->at);
}

static void
object(struct iobuf *io, struct object *o, unsigned states)
{
	IOBUF_SMALL(io, o->state, states);
	IOBUF_SMALL(io, o->reason, AVAIL_REASON_COUNT);
	IOBUF_SMALL(io, o->told_state, states);
	IOBUF_SMALL(io, o->told_reason, AVAIL_REASON_COUNT);
	IOBUF_SMALL(io, o->rung, AVAIL_RUNG_COUNT);
	IOBUF_SMALL(io, o->told_rung, AVAIL_RUNG_COUNT);
	IOBUF_FLAG(io, o->up);
	iobuf_moment(io, &o->since);
	iobuf_moment(io, &o->at);
	iobuf_u64(io, &o->transitions);
}

static void
drain(struct iobuf *io, struct drain *d)
{
	IOBUF_SMALL(io, d->phase, PHASE_DRAINED + 1);
	IOBUF_FLAG(io, d->tell_drained);
	IOBUF_FLAG(io, d->tell_expired);
	iobuf_moment(io, &d->limit);
	iobuf_moment(io, &d->expires);
	iobuf_moment(io, &d->drained_at);
	iobuf_moment(io, &d->expired_at);
}

/* ---- the objects ---- */

static void
node(struct iobuf *io, struct avail *av)
{
	iobuf_moment(io, &av->now);
	drain(io, &av->drain);
	IOBUF_FLAG(io, av->attack.on);
	IOBUF_FLAG(io, av->attack.tell_expired);
	iobuf_moment(io, &av->attack.expired_at);
	timer(io, &av->attack.timer);
}

static void
check(struct iobuf *io, struct check *c)
{
	object(io, &c->o, AVAIL_CHECK_STATE_COUNT);
	IOBUF_SMALL(io, c->base, AVAIL_CHECK_STATE_COUNT);
	IOBUF_SMALL(io, c->base_reason, AVAIL_REASON_COUNT);
	IOBUF_FLAG(io, c->risen);
	IOBUF_FLAG(io, c->settled_unknown);
	IOBUF_FLAG(io, c->jumped);
	IOBUF_SMALL(io, c->unknown, AVAIL_REASON_COUNT);
	iobuf_moment(io, &c->unknown_since);
	IOBUF_SMALL(io, c->rises, UINT32_MAX);
	IOBUF_SMALL(io, c->falls, UINT32_MAX);
	IOBUF_SMALL(io, c->stand, STAND_COUNT);
	IOBUF_FLAG(io, c->degraded);
	IOBUF_SMALL(io, c->last, AVAIL_VERDICT_COUNT);
	iobuf_moment(io, &c->last_at);
	IOBUF_SMALL(io, c->streak, UINT32_MAX);
	for (size_t i = 0; i < AVAIL_VERDICT_COUNT; i++)
		iobuf_u64(io, &c->samples[i]);
	timer(io, &c->timer);
}

static void
service(struct iobuf *io, struct service *s)
{
	object(io, &s->o, AVAIL_SERVICE_STATE_COUNT);
	IOBUF_SMALL(io, s->base, STAND_COUNT);
	IOBUF_FLAG(io, s->told);
	IOBUF_FLAG(io, s->present);
	IOBUF_FLAG(io, s->gone);
	IOBUF_FLAG(io, s->drilled);
	IOBUF_FLAG(io, s->high);
	IOBUF_FLAG(io, s->overloaded);
	iobuf_moment(io, &s->high_since);
	drain(io, &s->drain);
}

static void
prefix(struct iobuf *io, struct prefix_entry *p, struct prefix_rest *rest)
{
	object(io, &p->o, AVAIL_PREFIX_STATE_COUNT);
	IOBUF_SMALL(io, p->enough, STAND_COUNT);
	IOBUF_SMALL(io, p->phase, PHASE_DRAINED + 1);
	IOBUF_SMALL(io, p->brake, BRAKE_RELEASED + 1);
	IOBUF_FLAG(io, p->opened);
	end_moment(io, &p->hold_until);
	end_moment(io, &p->reuse_at);
	timer(io, &rest->hold);
	drain(io, &rest->drain);
	iobuf_u64(io, &rest->figure.penalty);
	iobuf_moment(io, &rest->figure.at);
}

/* ---- writing ---- */

static struct wbuf
begin(uint8_t *buf, size_t size, enum record kind, const char *key,
      const char *cause)
{
	struct wbuf w = wbuf_of(buf, size);
	const char *const texts[] = {key, cause};

	wbuf_u8(&w, (uint8_t)kind);
	for (int i = 0; i < 2; i++) {
		wbuf_u16(&w, (uint16_t)strlen(texts[i]));
		wbuf_bytes(&w, texts[i], strlen(texts[i]));
	}
	return w;
}

static const char *
cause_key(const struct avail *av, const struct object *o)
{
	if (o->kind == AVAIL_IS_SERVICE && o->cause < av->n_checks)
		return av->checks[o->cause].o.key;
	if (o->kind == AVAIL_IS_PREFIX && o->cause < av->n_services)
		return av->services[o->cause].o.key;
	return "";
}

static int
write_object(struct avail *av, enum record kind, struct object *o,
	     handover_put *put, void *arg)
{
	uint8_t buf[2048];
	struct wbuf w = begin(buf, sizeof(buf), kind, o ? o->key : "",
			      o ? cause_key(av, o) : "");
	struct iobuf io = {.w = &w};

	if (kind == RECORD_NODE)
		node(&io, av);
	else if (kind == RECORD_CHECK)
		check(&io, &av->checks[o->id]);
	else if (kind == RECORD_SERVICE)
		service(&io, &av->services[o->id]);
	else
		prefix(&io, &av->prefixes[o->id], &av->rests[o->id]);
	return w.full ? -EMSGSIZE : put(arg, buf, wbuf_len(&w), -1);
}

int
avail_handover_write(struct avail *av, handover_put *put, void *arg)
{
	int error = write_object(av, RECORD_NODE, NULL, put, arg);

	for (size_t i = 0; i < av->n_checks && error == 0; i++)
		error =
		    write_object(av, RECORD_CHECK, &av->checks[i].o, put, arg);
	for (size_t i = 0; i < av->n_services && error == 0; i++)
		error = write_object(av, RECORD_SERVICE, &av->services[i].o,
				     put, arg);
	for (size_t i = 0; i < av->n_prefixes && error == 0; i++)
		error = write_object(av, RECORD_PREFIX, &av->prefixes[i].o, put,
				     arg);
	return error;
}

/* ---- reading ---- */

static bool
read_key(struct rbuf *r, char key[static KEY_MAX])
{
	size_t n = rbuf_u16(r);
	const uint8_t *p = rbuf_take(r, n);

	if (!p || n >= KEY_MAX)
		return false;
	memcpy(key, p, n);
	key[n] = '\0';
	return true;
}

static size_t
find_cause(const struct avail *av, enum record kind, const char *key)
{
	struct object *o = NULL;

	if (*key)
		o = avail_index_find(av,
				     kind == RECORD_SERVICE ? AVAIL_IS_CHECK
							    : AVAIL_IS_SERVICE,
				     key);
	return o ? o->id : SIZE_MAX;
}

/* Of an object that is not configured any more nothing is taken. */
static void
read_object(struct avail *av, enum record kind, struct iobuf *io,
	    const char *key, const char *cause)
{
	static const enum avail_object kinds[] = {
	    [RECORD_CHECK] = AVAIL_IS_CHECK,
	    [RECORD_SERVICE] = AVAIL_IS_SERVICE,
	    [RECORD_PREFIX] = AVAIL_IS_PREFIX,
	};
	struct object *o = avail_index_find(av, kinds[kind], key);

	if (!o)
		return;
	if (kind == RECORD_CHECK)
		check(io, &av->checks[o->id]);
	else if (kind == RECORD_SERVICE)
		service(io, &av->services[o->id]);
	else
		prefix(io, &av->prefixes[o->id], &av->rests[o->id]);
	o->cause = find_cause(av, kind, cause);
}

int
avail_handover_read(struct avail *av, const void *octets, size_t n)
{
	struct iobuf io = {.r = rbuf_of(octets, n)};
	uint8_t kind = rbuf_u8(&io.r);
	char key[KEY_MAX], cause[KEY_MAX];

	if (kind < RECORD_NODE || kind > RECORD_PREFIX ||
	    !read_key(&io.r, key) || !read_key(&io.r, cause))
		return -EBADMSG;
	if (kind == RECORD_NODE)
		node(&io, av);
	else
		read_object(av, (enum record)kind, &io, key, cause);
	return iobuf_ok(&io) ? 0 : -EBADMSG;
}
