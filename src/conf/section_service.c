/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

/* ---- watch ---- */

static const char watch_expected[] =
    "tcp/PORT or udp/PORT such as udp/53, or a list of them";

static bool
parse_watch(const char *text, struct conf_watch *out)
{
	uint64_t port;

	if (strncmp(text, "tcp/", 4) == 0)
		out->kind = CONF_WATCH_TCP;
	else if (strncmp(text, "udp/", 4) == 0)
		out->kind = CONF_WATCH_UDP;
	else
		return false;
	if (value_number(text + 4, &port) != 0 || port < 1 || port > UINT16_MAX)
		return false;
	out->port = (uint16_t)port;
	return true;
}

static bool
same_watch(const struct conf_watch *a, const struct conf_watch *b)
{
	return a->kind == b->kind && a->port == b->port;
}

static bool
has_watch(const struct conf_watches *list, const struct conf_watch *w)
{
	for (size_t i = 0; i < list->n; i++)
		if (same_watch(&list->v[i], w))
			return true;
	return false;
}

static void
parse_watches(struct load *l, const struct option *o, const yaml_node_t *node,
	      void *field)
{
	struct conf_watches *out = field;
	size_t n;

	if (!load_list(l, node, watch_expected, &n))
		return;
	*out = (struct conf_watches){load_alloc(l, n, sizeof(*out->v)), 0};
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *item = load_item(l, node, i);
		struct conf_watch w = {0};

		if (!parse_watch(document_text(item), &w))
			load_expected(l, item, watch_expected);
		else if (has_watch(out, &w))
			load_fail(l, item,
				  "found %s twice, expected every socket once",
				  load_found(l, item));
		else
			out->v[out->n++] = w;
	}
}

/* As sets: all of them are watched. */
static bool
equal_watches(const struct option *o, const void *a, const void *b,
	      const struct option_trees *trees)
{
	const struct conf_watches *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!has_watch(y, &x->v[i]))
			return false;
	return true;
}

static const struct option_type type_watches = {
    OPTION_TEXT,
    "tcp/PORT, udp/PORT or list of them",
    parse_watches,
    equal_watches,
    TYPE_SCHEMA_ONE_OR_LIST("\"type\": \"string\", "
			    "\"pattern\": \"^(tcp|udp)/[1-9][0-9]{0,4}$\""),
};

static const struct option_choice events[] = {
    {"down", CONF_EVENT_DOWN},
    {"check", CONF_EVENT_CHECK},
    {NULL, 0},
};

/* ---- the table ---- */

#define SERVICE(member) OPTION_FIELD(struct conf_service, member)

static const struct option service_options[] = {
    {
	.key = "addresses",
	.type = &type_ips,
	SERVICE(addresses),
	.absent = "none",
	.help = "the service addresses, put on the interface before the "
		"first announcement",
    },
    {
	.key = "interface",
	.type = &type_text,
	SERVICE(interface),
	.high = 15,
	.standard = "lo",
	.help = "the interface that gets the addresses",
    },
    {
	.key = "checks",
	.type = &section_checks_type,
	.size = sizeof(struct conf_service),
	.section = &section_check,
	.absent = "none: the service is always up",
	.help = "how to know that the service works",
    },
    {
	.key = "require",
	.type = &type_require,
	SERVICE(require),
	.standard = "all",
	.help = "how many checks must be up",
    },
    {
	.key = "watch",
	.type = &type_watches,
	SERVICE(watch),
	.absent = "none",
	.help = "sockets the service listens on, at each of its addresses or "
		"a wildcard; the kernel tells at once when one is gone",
    },
    {
	.key = "on_event",
	.type = &type_choice,
	SERVICE(on_event),
	.choices = events,
	.standard = "down",
	.help = "when a watched socket is gone: the service is down at once, "
		"or its checks run at once and decide",
    },
};

static void
check_addresses(struct load *l, const yaml_node_t *node,
		const struct conf_service *s)
{
	const yaml_node_t *list =
	    document_find(&l->document, node, "addresses");

	for (size_t i = 0; list && i < s->addresses.n; i++) {
		char text[IP_TEXT_MAX];
		const struct ip *ip = &s->addresses.v[i];

		ip_format(ip, text, sizeof(text));
		if (ip_is_loopback(ip) || ip_is_link_local(ip))
			load_fail_in(l, node, "addresses",
				     "found %s (%s), expected an address that "
				     "can be reached from elsewhere",
				     text,
				     ip_is_loopback(ip) ? "loopback"
							: "link-local");
	}
}

static void
finish_service(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_service *s = base;

	check_addresses(l, node, s);
	if (s->watch.n > 0 && s->on_event == CONF_EVENT_CHECK &&
	    s->n_checks == 0)
		load_fail_in(l, node, "on_event",
			     "found check in a service without checks, "
			     "expected down, or checks that decide");
	if (s->require.mode != CONF_REQUIRE_COUNT ||
	    s->require.count <= s->n_checks)
		return;
	load_fail_in(l, node, "require",
		     "found %u, expected at most %zu, the number of "
		     "checks (one for each address they are made at)",
		     s->require.count, s->n_checks);
}

const struct section section_service = {
    OPTION_SECTION(service_options),
    .what = "a service",
    .finish = finish_service,
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

static int
by_name(const void *a, const void *b, void *base)
{
	const struct conf_service *services = base;

	return strcmp(services[*(const size_t *)a].name,
		      services[*(const size_t *)b].name);
}

static void
load_service(struct load *l, const yaml_node_t *key, const yaml_node_t *node,
	     struct conf_service *s)
{
	load_push(l, s->name);
	if (!value_is_name(s->name))
		load_fail(l, key,
			  "found the name %s, expected 1 to 64 letters, "
			  "digits, \"_\", \".\" or \"-\"",
			  load_quote(l, s->name));
	option_load(l, &section_service, node, s);
	load_pop(l);
}

static void
parse_services(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	struct conf *conf = field;
	size_t before = l->messages.errors;

	conf->services = section_named(
	    l, node, "the services by name, each a map of its options",
	    sizeof(*conf->services), &conf->n_services, &l->service_nodes);
	for (size_t i = 0; i < conf->n_services; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_service *s = &conf->services[i];

		s->place = document_place(key);
		s->name = arena_strdup(&conf->arena, document_text(key));
		load_service(l, key, l->service_nodes[i], s);
	}
	l->services =
	    section_index(l, conf->services, conf->n_services, by_name);
	l->unsound |= l->messages.errors > before;
}

static bool
compared_by_name(const struct option *o, const void *a, const void *b,
		 const struct option_trees *trees)
{
	return true;
}

const struct option_type section_services_type = {
    OPTION_NAMED, "map of services", parse_services, compared_by_name, NULL,
};
