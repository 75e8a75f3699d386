/* SPDX-License-Identifier: ISC */
/* show rpki: the caches, and what the ROAs say of own prefixes. */
#include "daemon/origins.h"
#include "daemon/show.h"

static void
show_endpoint(json_t *object, const struct conf_rpki_cache *c)
{
	show_string(object, "cache", c->name);
	show_ip(object, "address", &c->address);
	show_integer(object, "port", c->port);
	show_integer(object, "preference", c->preference);
}

static json_t *
cache(const struct show *s, size_t i)
{
	json_t *object = json_object();
	struct rpki_cache_view v;

	rpki_cache_view(origins_rpki(s->b), i, &v);
	show_endpoint(object, v.conf);
	show_string(object, "state", rpki_state_text(v.state));
	show_mono(s, object, "since", v.since);
	show_bool(object, "used", v.used);
	show_integer(object, "vrps", v.vrps);
	show_mono(s, object, "synchronised", v.synchronised);
	show_mono(s, object, "expires", v.expires);
	show_integer(object, "synchronisations", v.synchronisations);
	if (v.synchronisations > 0) {
		show_integer(object, "session", v.session);
		show_integer(object, "serial", v.serial);
		show_integer(object, "version", v.version);
	}
	show_integer(object, "errors", v.errors);
	show_string(object, "error", v.error[0] ? v.error : NULL);
	show_mono(s, object, "error_at", v.error_at);
	return object;
}

static json_t *
caches(const struct show *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < rpki_caches(origins_rpki(s->b)); i++)
		json_array_append_new(list, cache(s, i));
	return list;
}

json_t *
show_origin(const struct show *s, size_t id)
{
	json_t *object;
	struct origins_view v;
	struct text text = {0};

	if (!rpki_configured(origins_rpki(s->b)))
		return NULL;
	object = json_object();
	origins_view(s->b, id, &v);
	origins_text(s->b, id, &text);
	show_string(object, "state", bgp_validity_text(v.state));
	show_integer(object, "origin", v.origin);
	show_bool(object, "refused", v.refused);
	show_string(object, "detail", text.len ? text_str(&text) : NULL);
	text_free(&text);
	return object;
}

static json_t *
own(const struct show *s, size_t id)
{
	json_t *object = show_origin(s, id);

	show_string(object, "prefix", avail_prefix_key(s->b->avail, id));
	return object;
}

void
show_rpki_run(void *root, const struct ctl_caller *caller,
	      const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	bool configured = rpki_configured(origins_rpki(s.b));

	for (size_t i = 0; configured && i < s.b->conf->n_prefixes; i++)
		if (show_page_wants(&page))
			json_array_append_new(page.list, own(&s, i));
	reply->result = show_page_end(&page, "prefixes");
	show_bool(reply->result, "configured", configured);
	show_string(reply->result, "own",
		    s.b->conf->rpki.own == CONF_RPKI_REFUSE ? "refuse"
							    : "warn");
	json_object_set_new(reply->result, "caches", caches(&s));
}
