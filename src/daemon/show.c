/* SPDX-License-Identifier: ISC */
#include "daemon/show.h"

#include <string.h>

struct show
show_begin(void *root)
{
	return (struct show){root, mono_now(), wall_now()};
}

/* ---- values ---- */

void
show_wall(json_t *object, const char *key, struct wall w)
{
	char buf[64];

	json_object_set_new(object, key,
			    w.ns ? json_string(wall_format(w, buf, sizeof(buf)))
				 : json_null());
}

void
show_mono(const struct show *s, json_t *object, const char *key, struct mono t)
{
	struct dur ago = mono_sub(s->now, t);
	char name[64];

	if (mono_is_never(t)) {
		json_object_set_new(object, key, json_null());
		return;
	}
	show_wall(object, key, (struct wall){s->wall.ns - ago.ns});
	snprintf(name, sizeof(name), "%s_seconds", key);
	if (ago.ns < 0)
		ago.ns = -ago.ns;
	json_object_set_new(object, name,
			    json_real((double)(ago.ns / 1000000) / 1e3));
}

void
show_reason(json_t *object, enum avail_reason reason)
{
	json_object_set_new(object, "reason",
			    json_string(avail_reason_text(reason)));
	json_object_set_new(object, "reason_text",
			    json_string(avail_reason_help(reason)));
}

void
show_reason_as(json_t *object, const char *key, enum avail_reason reason)
{
	bool none = reason == AVAIL_REASON_NONE;
	char name[64];

	snprintf(name, sizeof(name), "%s_text", key);
	show_string(object, key, none ? NULL : avail_reason_text(reason));
	show_string(object, name, none ? NULL : avail_reason_help(reason));
}

void
show_string(json_t *object, const char *key, const char *value)
{
	char safe[1024];
	json_t *string = value ? json_string(value) : json_null();

	/* Not UTF-8: escaped rather than lost. */
	if (!string)
		string = json_string(
		    text_escape(value, strlen(value), safe, sizeof(safe)));
	json_object_set_new(object, key, string);
}

void
show_integer(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

void
show_bool(json_t *object, const char *key, bool value)
{
	json_object_set_new(object, key, json_boolean(value));
}

void
show_ip(json_t *object, const char *key, const struct ip *ip)
{
	char buf[IP_TEXT_MAX];

	show_string(object, key,
		    ip_is_none(ip) ? NULL : ip_format(ip, buf, sizeof(buf)));
}

/* ---- pages ---- */

static size_t
size_argument(const json_t *arguments, const char *key, size_t fallback)
{
	json_t *value = json_object_get(arguments, key);
	json_int_t n = json_integer_value(value);

	return json_is_integer(value) && n >= 0 ? (size_t)n : fallback;
}

struct show_page
show_page_begin(const json_t *arguments)
{
	struct show_page page = {
	    .offset = size_argument(arguments, "offset", 0),
	    .limit = size_argument(arguments, "limit", SHOW_LIMIT),
	    .list = json_array(),
	};

	if (page.limit > SHOW_LIMIT)
		page.limit = SHOW_LIMIT;
	return page;
}

bool
show_page_wants(struct show_page *page)
{
	size_t i = page->total++;

	return i >= page->offset && i - page->offset < page->limit;
}

json_t *
show_page_end(struct show_page *page, const char *key)
{
	json_t *object = json_object();

	show_integer(object, "total", page->total);
	json_object_set_new(object, key, page->list);
	page->list = NULL;
	return object;
}

/* ---- arguments ---- */

const char *
show_argument(const json_t *arguments, const char *key)
{
	return json_string_value(json_object_get(arguments, key));
}

void
show_not_found(struct ctl_reply *reply, const char *kind, const char *name,
	       const char *const *names)
{
	const char *nearest = names ? text_nearest(name, names) : NULL;
	char safe[160];

	reply->error = CTL_ERROR_NOT_FOUND;
	text_addf(&reply->message, "%s \"%s\" is not configured", kind,
		  text_escape(name, strlen(name), safe, sizeof(safe)));
	if (nearest)
		text_addf(&reply->message, ", did you mean \"%s\"?", nearest);
}

bool
show_direction(const json_t *arguments, bool *in, struct ctl_reply *reply)
{
	const char *word = show_argument(arguments, "direction");

	if (!word)
		return true;
	*in = strcmp(word, "in") == 0;
	if (*in || strcmp(word, "out") == 0)
		return true;
	reply->error = CTL_ERROR_BAD_REQUEST;
	text_add(&reply->message, "direction is \"in\" or \"out\"");
	return false;
}

const char **
show_service_names(const struct basin *b)
{
	const char **names = xcalloc(b->conf->n_services + 1, sizeof(*names));

	for (size_t i = 0; i < b->conf->n_services; i++)
		names[i] = b->conf->services[i].name;
	return names;
}

static void
no_such_peer(const struct basin *b, const char *name, struct ctl_reply *reply)
{
	const char **names = xcalloc(b->conf->n_peers + 1, sizeof(*names));

	for (size_t i = 0; i < b->conf->n_peers; i++)
		names[i] = b->conf->peers[i].name;
	show_not_found(reply, "peer", name, names);
	free(names);
}

void
show_each_peer(const struct basin *b, const char *name, show_peer_fn *each,
	       void *arg, struct ctl_reply *reply)
{
	bool found = false;

	for (size_t i = 0; i < bgp_peers(b->bgp); i++) {
		const struct bgp_peer *peer = bgp_peer_at(b->bgp, i);

		if (name && strcmp(bgp_peer_name(peer), name) != 0)
			continue;
		found = true;
		each(arg, peer);
	}
	if (name && !found)
		no_such_peer(b, name, reply);
}

const char **
show_check_names(const struct basin *b)
{
	size_t n = avail_checks(b->avail);
	const char **names = xcalloc(n + 1, sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = b->checks[i].conf->name;
	return names;
}

size_t
show_find_service(const struct basin *b, const char *name)
{
	for (size_t i = 0; i < b->conf->n_services; i++)
		if (strcmp(b->conf->services[i].name, name) == 0)
			return i;
	return SIZE_MAX;
}

size_t
show_find_check(const struct basin *b, const char *name)
{
	for (size_t i = 0; i < avail_checks(b->avail); i++)
		if (strcmp(b->checks[i].conf->name, name) == 0)
			return i;
	return SIZE_MAX;
}

static size_t
find_covering(const struct basin *b, const struct ip *ip)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < b->conf->n_prefixes; i++) {
		const struct prefix *p = &b->conf->prefixes[i].prefix;

		if (prefix_contains(p, ip) &&
		    (best == SIZE_MAX ||
		     p->len > b->conf->prefixes[best].prefix.len))
			best = i;
	}
	return best;
}

size_t
show_find_prefix(const struct basin *b, const char *text)
{
	struct prefix wanted;
	struct ip ip;

	if (ip_parse(text, &ip) == 0)
		return find_covering(b, &ip);
	if (prefix_parse(text, &wanted) == -EINVAL)
		return SIZE_MAX;
	for (size_t i = 0; i < b->conf->n_prefixes; i++)
		if (prefix_equal(&b->conf->prefixes[i].prefix, &wanted))
			return i;
	return SIZE_MAX;
}
