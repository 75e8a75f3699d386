/* SPDX-License-Identifier: ISC */
/* show bfd: the sessions, and the thread that keeps them. */
#include "daemon/detect.h"
#include "daemon/show.h"

static void
show_time(json_t *object, const char *key, struct dur d)
{
	json_object_set_new(
	    object, key, d.ns > 0 ? json_real(dur_to_seconds(d)) : json_null());
}

static json_t *
side(uint8_t state, uint8_t diag, uint32_t discriminator)
{
	json_t *object = json_object();

	show_string(object, "state", bfd_state_text(state));
	show_string(object, "diagnostic", bfd_diag_text(diag));
	show_integer(object, "discriminator", discriminator);
	return object;
}

static json_t *
local_side(const struct bfd_view *v)
{
	json_t *object = side((uint8_t)v->state, v->diag, v->discriminator);

	show_time(object, "desired_seconds", v->desired);
	show_time(object, "required_seconds", v->required);
	show_integer(object, "multiplier", v->multiplier);
	show_time(object, "interval_seconds", v->interval);
	show_bool(object, "polling", v->polling);
	return object;
}

static json_t *
remote_side(const struct bfd_view *v)
{
	json_t *object;

	if (mono_is_never(v->last_rx))
		return json_null();
	object = side((uint8_t)v->remote_state, v->remote_diag,
		      v->remote_discriminator);
	show_time(object, "desired_seconds", v->remote_desired);
	show_time(object, "required_seconds", v->remote_required);
	show_integer(object, "multiplier", v->remote_multiplier);
	show_bool(object, "demand", v->remote_demand);
	show_bool(object, "control_plane_independent", v->remote_independent);
	return object;
}

static json_t *
counters(const struct bfd_view *v)
{
	json_t *object = json_object();

	show_integer(object, "in", v->packets_in);
	show_integer(object, "out", v->packets_out);
	show_integer(object, "not_sent", v->not_sent);
	show_integer(object, "refused", v->refused);
	return object;
}

/* What is in the way, for people; NULL: nothing. */
static const char *
problem(const struct bfd_view *v)
{
	if (v->problem)
		return v->problem;
	return v->state == BFD_STATE_UP ? NULL : v->refusal;
}

static json_t *
session(const struct show *s, size_t id)
{
	json_t *object = json_object();
	struct bfd_view v;

	bfd_view(detect_bfd(s->b), id, &v);
	show_string(object, "session", v.name);
	show_ip(object, "address", &v.address);
	show_string(object, "interface", v.interface);
	show_bool(object, "multihop", v.multihop);
	show_bool(object, "authenticated", v.authenticated);
	show_string(object, "status", bfd_status_text(v.status));
	show_string(object, "why", v.reason);
	show_mono(s, object, "since", v.since);
	show_time(object, "detection_seconds", v.detection);
	show_mono(s, object, "last_packet", v.last_rx);
	json_object_set_new(object, "local", local_side(&v));
	json_object_set_new(object, "remote", remote_side(&v));
	json_object_set_new(object, "packets", counters(&v));
	show_integer(object, "ups", v.ups);
	show_integer(object, "downs", v.downs);
	show_string(object, "problem", problem(&v));
	return object;
}

static json_t *
discards(const struct bfd_facts *f)
{
	json_t *object = json_object();

	for (size_t i = 0; i < f->n_discards; i++)
		if (f->discards[i].n > 0)
			show_integer(object, f->discards[i].cause,
				     f->discards[i].n);
	return object;
}

static json_t *
thread(const struct basin *b)
{
	json_t *object = json_object();
	struct bfd_facts f;

	bfd_facts(detect_bfd(b), &f);
	show_bool(object, "running", f.running);
	show_bool(object, "realtime", f.realtime);
	show_bool(object, "mute", f.mute);
	show_integer(object, "mutes", f.mutes);
	show_integer(object, "lates", f.lates);
	json_object_set_new(object, "latest_seconds",
			    json_real(dur_to_seconds(f.latest)));
	json_object_set_new(object, "discarded", discards(&f));
	return object;
}

void
show_bfd_run(void *root, const struct ctl_caller *caller,
	     const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *name = show_argument(arguments, "name");
	const struct bfd *bfd = detect_bfd(s.b);
	size_t only = name ? bfd_find(bfd, name) : SIZE_MAX;

	for (size_t i = 0; i < bfd_sessions(bfd); i++)
		if ((!name || i == only) && show_page_wants(&page))
			json_array_append_new(page.list, session(&s, i));
	if (name && page.total == 0)
		show_not_found(reply, "BFD session", name, NULL);
	reply->result = show_page_end(&page, "sessions");
	json_object_set_new(reply->result, "thread", thread(s.b));
}
