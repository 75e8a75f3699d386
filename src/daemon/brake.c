/* SPDX-License-Identifier: ISC */
/*
 *   avail: BRAKED ──► mesh_ask() ──► granted ──► avail_brake(true): withdrawn
 *                                ──► refused ──► avail_brake(false), alarm
 *   avail: any other state ──► mesh_settle(), the alarm ends
 *
 * Invariant: in the turn in which a prefix ceases to be announced the mesh
 * knows, so that no promise is given for what has gone. What was really sent
 * may be known a little later: it only makes promises fewer.
 */
#include "daemon/brake.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/input.h"
#include "mesh/mesh.h"

#define ALARM_PERIOD dur_s(10)

/* What the alarm of a prefix said last. */
struct said {
	bool on;
	struct prefix prefix;
	unsigned staying, clean;
	struct mono at;
};

struct brakes {
	struct mesh *mesh;
	struct said *said; /* owned; one a prefix */
	size_t n_said;
	uv_timer_t again; /* looks at what was sent */
};

struct mesh *
brake_mesh(const struct basin *b)
{
	return b->brakes ? b->brakes->mesh : NULL;
}

/* ---- alarms ---- */

static void
subject_of(const struct prefix *prefix, char *buf, size_t size)
{
	char text[PREFIX_TEXT_MAX];

	snprintf(buf, size, "brake %s",
		 prefix_format(prefix, text, sizeof(text)));
}

/* What fails, for people: "service dns fails". */
static void
add_failure(const struct basin *b, size_t prefix, struct text *out)
{
	struct avail_prefix_view v;

	avail_view_prefix(b->avail, prefix, &v);
	if (v.cause == SIZE_MAX)
		text_add(out, "its services fail");
	else
		text_addf(out, "service %s fails",
			  avail_service_key(b->avail, v.cause));
}

static void
raise_alarm(struct basin *b, size_t prefix, size_t brake)
{
	struct text message = {0};
	char subject[EVENT_NAME_MAX];

	text_add(&message, "it is kept announced though ");
	add_failure(b, prefix, &message);
	text_add(&message, ": ");
	mesh_brake_text(b->brakes->mesh, brake, true, &message);
	subject_of(&b->conf->prefixes[prefix].prefix, subject, sizeof(subject));
	basin_alarm(b, subject, text_str(&message), true);
	text_free(&message);
}

/* At once, and then when the numbers differ: every second would be noise. */
static void
tell_alarm(struct basin *b, size_t prefix)
{
	struct said *said = &b->brakes->said[prefix];
	size_t brake = mesh_brake_of(b->brakes->mesh, prefix);
	struct mesh_brake_view v;
	struct mono now = mono_now();

	mesh_brake_view(b->brakes->mesh, brake, &v);
	if (said->on &&
	    (mono_before(now, mono_add(said->at, ALARM_PERIOD)) ||
	     (said->staying == v.staying && said->clean == v.clean)))
		return;
	*said = (struct said){true, b->conf->prefixes[prefix].prefix, v.staying,
			      v.clean, now};
	raise_alarm(b, prefix, brake);
}

static void
end_alarm(struct basin *b, struct said *said)
{
	char subject[EVENT_NAME_MAX];

	if (!said->on)
		return;
	subject_of(&said->prefix, subject, sizeof(subject));
	*said = (struct said){0};
	basin_alarm(b, subject, "the brake holds nothing back any more", false);
}

/* ---- what this node does ---- */

static enum mesh_state
state_of(const struct avail_prefix_view *v)
{
	switch (v->state) {
	case AVAIL_PREFIX_ANNOUNCED:
	case AVAIL_PREFIX_FROZEN:
		return MESH_ANNOUNCED;
	case AVAIL_PREFIX_BRAKED:
		return MESH_BRAKED;
	case AVAIL_PREFIX_DRAINING:
	case AVAIL_PREFIX_DRAINED:
		return MESH_DRAINED;
	case AVAIL_PREFIX_STARTING:
	case AVAIL_PREFIX_WITHDRAWN:
	case AVAIL_PREFIX_HELD:
	case AVAIL_PREFIX_SUPPRESSED:
	case AVAIL_PREFIX_STATE_COUNT:
		break;
	}
	return MESH_WITHDRAWN;
}

static bool
really(const struct basin *b, size_t prefix)
{
	const struct prefix *p = &b->conf->prefixes[prefix].prefix;
	struct bgp_out_view out;

	for (size_t i = 0; i < bgp_peers(b->bgp); i++)
		if (bgp_peer_announced(bgp_peer_at(b->bgp, i), p, &out))
			return true;
	return false;
}

/*
 * Equal on every node where the same goes wrong: the service, and how its
 * checks fail. Addresses and numbers would tell nodes apart.
 */
static void
cause_of(const struct basin *b, const struct avail_prefix_view *v, char *buf,
	 size_t size)
{
	enum avail_reason reason = v->reason;
	struct avail_service_view service;
	struct avail_check_view check;

	buf[0] = '\0';
	if (v->cause == SIZE_MAX)
		return;
	avail_view_service(b->avail, v->cause, &service);
	reason = service.reason;
	if (service.cause != SIZE_MAX) {
		avail_view_check(b->avail, service.cause, &check);
		reason = check.reason;
	}
	snprintf(buf, size, "%s: %s", avail_service_key(b->avail, v->cause),
		 avail_reason_text(reason));
}

static void
tell(struct basin *b, size_t prefix)
{
	struct mesh *mesh = b->brakes->mesh;
	struct avail_prefix_view v;
	char cause[128];

	avail_view_prefix(b->avail, prefix, &v);
	if (v.state == AVAIL_PREFIX_ANNOUNCED)
		cause[0] = '\0';
	else
		cause_of(b, &v, cause, sizeof(cause));
	mesh_state(mesh, prefix, state_of(&v), really(b, prefix), cause);
	if (v.state == AVAIL_PREFIX_BRAKED) {
		mesh_ask(mesh, prefix, cause);
	} else {
		mesh_settle(mesh, prefix);
		end_alarm(b, &b->brakes->said[prefix]);
	}
}

/* ---- answers ---- */

static void
granted(void *arg, size_t prefix)
{
	struct basin *b = arg;
	struct text message = {0};

	mesh_brake_text(b->brakes->mesh, mesh_brake_of(b->brakes->mesh, prefix),
			true, &message);
	b->cause = basin_event(b, EVENT_BRAKE, LOG_LEVEL_WARNING,
			       avail_prefix_key(b->avail, prefix), NULL,
			       "released", NULL, "%s", text_str(&message));
	text_free(&message);
	input_brake(b, prefix, true, mono_now());
	basin_decide(b);
}

static void
refused(void *arg, size_t prefix)
{
	struct basin *b = arg;
	struct avail_prefix_view v;

	tell_alarm(b, prefix);
	avail_view_prefix(b->avail, prefix, &v);
	/* Said once: every second would fill the journal. */
	if (v.reason == AVAIL_REASON_BRAKE_REFUSED)
		return;
	input_brake(b, prefix, false, mono_now());
	basin_decide(b);
}

static void
alarm_changed(void *arg, const char *subject, const char *message, bool on)
{
	basin_alarm(arg, subject, message, on);
}

static const struct mesh_callbacks callbacks = {granted, refused,
						alarm_changed};

/* ---- what has changed ---- */

void
brake_changed(struct basin *b, size_t prefix)
{
	if (b->brakes && mesh_brake_of(b->brakes->mesh, prefix) != SIZE_MAX)
		tell(b, prefix);
}

static void
tell_all(struct basin *b)
{
	struct mesh_brake_view v;

	for (size_t i = 0; i < mesh_brakes(b->brakes->mesh); i++) {
		mesh_brake_view(b->brakes->mesh, i, &v);
		tell(b, v.prefix);
	}
}

static void
look_again(uv_timer_t *timer)
{
	struct basin *b = timer->data;

	if (b->phase != BASIN_STOPPING)
		tell_all(b);
}

/* Thousands of prefixes go out in one turn: looked at once behind it. */
void
brake_sent(struct basin *b)
{
	if (b->brakes && mesh_brakes(b->brakes->mesh) > 0 &&
	    !uv_is_active((uv_handle_t *)&b->brakes->again))
		uv_timer_start(&b->brakes->again, look_again, 0, 0);
}

/* ---- life ---- */

/* Said now, and not when somebody is in a hurry to reload. */
static void
look_at_key(struct basin *b, const struct conf_key *key)
{
	if (key->v && access(key->path, R_OK) != 0)
		log_warning(&b->log, key->path,
			    "can be read by root only: a reload would fail; "
			    "let user %s read it",
			    b->options.user);
}

static void
look_at_keys(struct basin *b)
{
	const struct conf_mesh *mesh = &b->conf->mesh;

	look_at_key(b, &mesh->key);
	for (size_t i = 0; i < mesh->n_nodes; i++)
		if (mesh->nodes[i].key.v != mesh->key.v)
			look_at_key(b, &mesh->nodes[i].key);
}

void
brake_start(struct basin *b)
{
	struct mesh_settings s = {.loop = &b->loop,
				  .log = &b->log,
				  .callbacks = &callbacks,
				  .arg = b};

	b->brakes = xcalloc(1, sizeof(*b->brakes));
	b->brakes->mesh = mesh_new(&s);
	uv_timer_init(&b->loop, &b->brakes->again);
	b->brakes->again.data = b;
	look_at_keys(b);
}

/* SIZE_MAX: it has no brake any more. */
static size_t
brake_now(const struct basin *b, const struct prefix *prefix)
{
	for (size_t i = 0; i < b->conf->n_prefixes; i++)
		if (prefix_equal(&b->conf->prefixes[i].prefix, prefix) &&
		    mesh_brake_of(b->brakes->mesh, i) != SIZE_MAX)
			return i;
	return SIZE_MAX;
}

/* An alarm that stands goes on, or ends with its brake. */
static void
keep_alarms(struct basin *b, struct said *old, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t id = old[i].on ? brake_now(b, &old[i].prefix) : SIZE_MAX;

		if (id != SIZE_MAX)
			b->brakes->said[id] = old[i];
		else
			end_alarm(b, &old[i]);
	}
}

void
brake_configure(struct basin *b)
{
	struct brakes *k = b->brakes;
	struct said *old = k->said;
	size_t n_old = k->n_said;

	k->n_said = b->conf->n_prefixes;
	k->said = xcalloc(k->n_said + 1, sizeof(*k->said));
	mesh_configure(k->mesh, b->conf);
	keep_alarms(b, old, n_old);
	free(old);
	tell_all(b);
}

static void
timer_closed(uv_handle_t *handle)
{
	free((char *)handle - offsetof(struct brakes, again));
}

void
brake_free(struct basin *b)
{
	if (!b->brakes)
		return;
	mesh_free(b->brakes->mesh);
	free(b->brakes->said);
	uv_close((uv_handle_t *)&b->brakes->again, timer_closed);
	b->brakes = NULL;
}
