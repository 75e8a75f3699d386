/* SPDX-License-Identifier: ISC */
/*
 * The life of the mesh: what is configured, one timer for everything that is
 * due, and what comes out of the promises.
 */
#include "mesh/mesh.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/module.h"
#include "mesh/internal.h"

static_assert((int)MESH_UNKNOWN == MESSAGE_STATE_UNKNOWN &&
		  (int)MESH_ANNOUNCED == MESSAGE_STATE_ANNOUNCED &&
		  (int)MESH_BRAKED == MESSAGE_STATE_BRAKED &&
		  (int)MESH_DRAINED == MESSAGE_STATE_DRAINED &&
		  (int)MESH_WITHDRAWN == MESSAGE_STATE_WITHDRAWN,
	      "states are sent as they are");

static void
alarm_at(struct mesh *m, const char *subject, const char *message, bool on)
{
	m->settings.callbacks->alarm(m->settings.arg, subject, message, on);
}

/* ---- finding ---- */

static int
compare_prefixes(const void *a, const void *b)
{
	return prefix_cmp(&((const struct mesh_prefix *)a)->prefix,
			  &((const struct mesh_prefix *)b)->prefix);
}

struct mesh_brake *
mesh_find(struct mesh *m, const struct prefix *p, bool *configured)
{
	struct mesh_prefix key = {*p, 0}, *found = NULL;

	if (m->n_prefixes > 0)
		found = bsearch(&key, m->prefixes, m->n_prefixes,
				sizeof(*m->prefixes), compare_prefixes);
	if (configured)
		*configured = found != NULL;
	return found && found->brake != SIZE_MAX ? &m->brakes[found->brake]
						 : NULL;
}

static struct mesh_brake *
brake_of(struct mesh *m, size_t id)
{
	return m->n_brakes > 0 && m->by_id[id] != SIZE_MAX
		   ? &m->brakes[m->by_id[id]]
		   : NULL;
}

/* ---- promises ---- */

void
mesh_apply(struct mesh *m, struct mesh_brake *b, enum promise_action a)
{
	switch (a) {
	case PROMISE_NOTHING:
		break;
	case PROMISE_ASK:
		b->due = true;
		break;
	case PROMISE_REFUSED:
		b->refused++;
		m->settings.callbacks->refused(m->settings.arg, b->id);
		break;
	case PROMISE_GRANTED:
		b->granted++;
		m->settings.callbacks->granted(m->settings.arg, b->id);
		break;
	}
}

static void
run_promises(struct mesh *m, struct mono now)
{
	bool due = false;

	for (size_t i = 0; i < m->n_brakes; i++) {
		struct mesh_brake *b = &m->brakes[i];
		uint64_t before = m->attempts;
		enum promise_action a;

		if (!mono_reached(promise_next(&b->promise), now))
			continue;
		a = promise_tick(&b->promise, &m->attempts, now);
		b->attempts += m->attempts != before;
		mesh_apply(m, b, a);
		due |= b->due;
	}
	if (due)
		talk_ask(m);
}

/* ---- time ---- */

static void
list_silent(const struct mesh *m, struct mono now, struct text *out)
{
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct mesh_node *n = &m->nodes[i];

		if (session_silent(&n->session, MESH_SILENT, now) &&
		    mono_reached(mono_add(n->known, MESH_SILENT), now))
			text_addf(out, "%s%s", out->len ? ", " : "", n->name);
	}
}

/* One alarm for all of them: it says something new when the list differs. */
static void
watch_silence(struct mesh *m, struct mono now)
{
	struct text list = {0}, message = {0};

	list_silent(m, now, &list);
	if (strncmp(text_str(&list), m->silent, sizeof(m->silent) - 1) != 0) {
		snprintf(m->silent, sizeof(m->silent), "%s", text_str(&list));
		text_addf(&message, "not heard for 5 s: %s", m->silent);
		alarm_at(m, "mesh nodes",
			 m->silent[0] ? text_str(&message)
				      : "every node is heard",
			 m->silent[0] != '\0');
	}
	text_free(&message);
	text_free(&list);
}

static bool
is_node(const void *arg, const char *name)
{
	const struct mesh *m = arg;

	if (strcmp(name, m->name) == 0)
		return true;
	for (size_t i = 0; i < m->n_nodes; i++)
		if (strcmp(name, m->nodes[i].name) == 0)
			return true;
	return false;
}

static void
look_at_file(struct mesh *m, struct mono now)
{
	bool good = m->file.problem[0] == '\0';
	char message[256];

	if (!state_file_look(&m->file, now, wall_now()))
		return;
	for (size_t i = 0; i < m->n_brakes; i++)
		promise_outside(&m->brakes[i].promise,
				state_file_sites(&m->file, &m->brakes[i].prefix,
						 is_node, m));
	if (m->file.problem[0] == '\0' && good)
		return;
	snprintf(message, sizeof(message), "%s: %s; it counts for nothing",
		 m->file.path,
		 m->file.problem[0] ? m->file.problem : "it is good");
	alarm_at(m, "mesh state_file", message, m->file.problem[0] != '\0');
}

static void
run_interval(struct mesh *m, struct mono now)
{
	link_retry(m);
	for (size_t i = 0; i < m->n_nodes; i++)
		link_hello(m, &m->nodes[i]);
	talk_turn(m);
	look_at_file(m, now);
	watch_silence(m, now);
	m->next_interval = mono_add(now, m->interval);
}

static struct mono
next_of(const struct mesh *m)
{
	struct mono next = m->next_interval;

	for (size_t i = 0; i < m->n_brakes; i++)
		next =
		    mono_min(next, m->brakes[i].changed
				       ? (struct mono){0}
				       : promise_next(&m->brakes[i].promise));
	return next;
}

static void on_timer(uv_timer_t *timer);

static void
arm(struct mesh *m)
{
	struct mono next = next_of(m);
	struct dur wait;

	if (m->soon)
		return;
	if (mono_is_never(next)) {
		uv_timer_stop(m->timer);
		return;
	}
	wait = mono_sub(next, mono_now());
	uv_timer_start(m->timer, on_timer,
		       wait.ns > 0 ? (uint64_t)dur_to_ms(wait) + 1 : 0, 0);
}

static void
on_timer(uv_timer_t *timer)
{
	struct mesh *m = timer->data;
	struct mono now = mono_now();

	m->soon = false;
	if (mono_reached(m->next_interval, now))
		run_interval(m, now);
	run_promises(m, now);
	talk_changes(m);
	arm(m);
}

void
mesh_soon(struct mesh *m)
{
	if (m->soon)
		return;
	m->soon = true;
	uv_timer_start(m->timer, on_timer, 0, 0);
}

/* ---- this node ---- */

void
mesh_state(struct mesh *m, size_t prefix, enum mesh_state state, bool really,
	   const char *why)
{
	struct mesh_brake *b = brake_of(m, prefix);

	if (!b)
		return;
	promise_announcing(&b->promise, really && (state == MESH_ANNOUNCED ||
						   state == MESH_BRAKED));
	if (b->state == state &&
	    strncmp(b->text, why, sizeof(b->text) - 1) == 0)
		return;
	b->state = state;
	snprintf(b->text, sizeof(b->text), "%s", why);
	b->changed = true;
	mesh_soon(m);
}

void
mesh_ask(struct mesh *m, size_t prefix, const char *cause)
{
	struct mesh_brake *b = brake_of(m, prefix);

	if (!b)
		return;
	promise_want(&b->promise, hash_bytes(HASH_SEED, cause, strlen(cause)),
		     mono_now());
	mesh_soon(m);
}

void
mesh_settle(struct mesh *m, size_t prefix)
{
	struct mesh_brake *b = brake_of(m, prefix);

	if (b)
		promise_settle(&b->promise);
}

/* ---- configuration ---- */

static int
compare_nodes(const void *a, const void *b)
{
	return strcmp(((const struct mesh_node *)a)->name,
		      ((const struct mesh_node *)b)->name);
}

static void
free_nodes(struct mesh_node *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i].key)
			explicit_bzero(v[i].key, v[i].key_len);
		free(v[i].key);
		free(v[i].said);
	}
	free(v);
}

static void
free_brakes(struct mesh_brake *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		promise_free(&v[i].promise);
	free(v);
}

/* Names and keys as before: it is the same node. */
static void
adopt_node(struct mesh_node *n, const struct mesh_node *old, size_t n_old)
{
	const struct mesh_node *found =
	    n_old > 0 ? bsearch(n, old, n_old, sizeof(*old), compare_nodes)
		      : NULL;

	if (!found || found->key_len != n->key_len ||
	    memcmp(found->key, n->key, n->key_len) != 0)
		return;
	n->session = found->session;
	n->known = found->known;
}

static void
make_nodes(struct mesh *m, const struct conf_mesh *conf, struct mono now)
{
	struct mesh_node *old = m->nodes;
	size_t n_old = m->n_nodes;

	m->n_nodes = conf->n_nodes;
	m->nodes = xcalloc(m->n_nodes + 1, sizeof(*m->nodes));
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct conf_mesh_node *c = &conf->nodes[i];
		struct mesh_node *n = &m->nodes[i];

		snprintf(n->name, sizeof(n->name), "%s", c->name);
		n->address = c->address;
		n->port = c->port;
		n->higher = strcmp(n->name, m->name) < 0;
		n->key_len = c->key.n;
		n->key = xcalloc(c->key.n, 1);
		memcpy(n->key, c->key.v, c->key.n);
		n->known = now;
		session_init(&n->session, now);
		adopt_node(n, old, n_old);
	}
	if (m->n_nodes > 0)
		qsort(m->nodes, m->n_nodes, sizeof(*m->nodes), compare_nodes);
	free_nodes(old, n_old);
}

static void
make_said(struct mesh *m)
{
	for (size_t i = 0; i < m->n_nodes; i++) {
		struct mesh_node *n = &m->nodes[i];

		n->said = xcalloc(m->n_brakes + 1, sizeof(*n->said));
		for (size_t k = 0; k < m->n_brakes; k++)
			n->said[k].at = MONO_NEVER;
	}
}

static int
compare_brakes(const void *a, const void *b)
{
	return prefix_cmp(&((const struct mesh_brake *)a)->prefix,
			  &((const struct mesh_brake *)b)->prefix);
}

static void
adopt_brake(struct mesh_brake *b, const struct mesh_brake *old, size_t n_old,
	    struct mono now)
{
	const struct mesh_brake *found =
	    n_old > 0 ? bsearch(b, old, n_old, sizeof(*old), compare_brakes)
		      : NULL;

	if (!found)
		return;
	promise_adopt(&b->promise, &found->promise, now);
	b->state = found->state;
	memcpy(b->text, found->text, sizeof(b->text));
	b->attempts = found->attempts;
	b->granted = found->granted;
	b->refused = found->refused;
}

static void
make_brake(struct mesh *m, const struct conf_prefix *p, struct mesh_brake *b,
	   struct mono now)
{
	struct promise_settings s = {.others = (unsigned)m->n_nodes,
				     .min_sites = p->brake.min_sites,
				     .max_withdrawn = p->brake.max_withdrawn,
				     .window = p->brake.window};

	b->prefix = p->prefix;
	b->changed = true;
	promise_init(&b->promise, &s, link_random(), now);
}

static void
make_prefixes(struct mesh *m, const struct conf *conf)
{
	m->n_prefixes = conf->n_prefixes;
	m->prefixes = xcalloc(m->n_prefixes + 1, sizeof(*m->prefixes));
	m->by_id = xcalloc(m->n_prefixes + 1, sizeof(*m->by_id));
	for (size_t i = 0; i < m->n_prefixes; i++) {
		/* For now the number in the file. */
		m->prefixes[i] =
		    (struct mesh_prefix){conf->prefixes[i].prefix, i};
		m->by_id[i] = SIZE_MAX;
	}
	if (m->n_prefixes > 0)
		qsort(m->prefixes, m->n_prefixes, sizeof(*m->prefixes),
		      compare_prefixes);
}

/* What was withdrawn is not clean because its prefix is not configured now. */
static void
remember_removed(struct mesh *m, const struct mesh_brake *old, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct mono clean = promise_clean_at(&old[i].promise);
		bool configured;

		mesh_find(m, &old[i].prefix, &configured);
		if (!configured && mono_before(m->removed_until, clean))
			m->removed_until = clean;
	}
}

static void
make_brakes(struct mesh *m, const struct conf *conf, struct mono now)
{
	struct mesh_brake *old = m->brakes;
	size_t n_old = m->n_brakes;

	free(m->prefixes);
	free(m->by_id);
	make_prefixes(m, conf);
	m->brakes = xcalloc(m->n_prefixes + 1, sizeof(*m->brakes));
	m->n_brakes = 0;
	for (size_t i = 0; i < m->n_prefixes; i++) {
		size_t id = m->prefixes[i].brake;
		struct mesh_brake *b = &m->brakes[m->n_brakes];

		m->prefixes[i].brake = SIZE_MAX;
		if (!conf->prefixes[id].brake.enabled || !conf->mesh.enabled)
			continue;
		make_brake(m, &conf->prefixes[id], b, now);
		adopt_brake(b, old, n_old, now);
		b->id = id;
		m->by_id[id] = m->prefixes[i].brake = m->n_brakes++;
	}
	remember_removed(m, old, n_old);
	free_brakes(old, n_old);
}

/* Without it every message is refused: said, and brakes hold. */
static void
load_module(struct mesh *m)
{
	const char *why = "it is of another version of basin";
	char message[256];

	if (m->n_nodes == 0 || m->auth)
		return;
	m->auth = module_find("mesh", "mesh_auth", MESH_AUTH_SYMBOL, &why);
	if (m->auth && m->auth->abi != MESH_AUTH_ABI)
		m->auth = NULL;
	if (m->auth)
		return;
	snprintf(message, sizeof(message),
		 "messages cannot be authenticated: %s; brakes hold", why);
	alarm_at(m, "mesh", message, true);
}

void
mesh_configure(struct mesh *m, const struct conf *conf)
{
	struct mono now = mono_now();
	const struct conf_mesh *mesh = &conf->mesh;

	snprintf(m->name, sizeof(m->name), "%s", conf->node.name);
	make_nodes(m, mesh, now);
	make_brakes(m, conf, now);
	make_said(m);
	load_module(m);
	link_configure(m, mesh);
	state_file_free(&m->file);
	state_file_init(&m->file, mesh->state_file, mesh->state_file_limit);
	alarm_at(m, "mesh state_file", "it is read anew", false);
	m->interval = mesh->interval;
	m->next_interval = mesh->enabled ? now : MONO_NEVER;
	if (!mesh->enabled)
		watch_silence(m, now);
	mesh_soon(m);
}

struct mesh *
mesh_new(const struct mesh_settings *s)
{
	struct mesh *m = xcalloc(1, sizeof(*m));

	m->settings = *s;
	m->boot = link_random();
	m->next_interval = MONO_NEVER;
	m->timer = xcalloc(1, sizeof(*m->timer));
	uv_timer_init(s->loop, m->timer);
	m->timer->data = m;
	return m;
}

static void
timer_closed(uv_handle_t *handle)
{
	free(handle);
}

void
mesh_free(struct mesh *m)
{
	if (!m)
		return;
	link_close(m);
	uv_timer_stop(m->timer);
	uv_close((uv_handle_t *)m->timer, timer_closed);
	free_nodes(m->nodes, m->n_nodes);
	free_brakes(m->brakes, m->n_brakes);
	free(m->prefixes);
	free(m->by_id);
	state_file_free(&m->file);
	free(m);
}
