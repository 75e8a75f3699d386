/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

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
	.key = "on_link",
	.type = &type_bool,
	SERVICE(on_link),
	.standard = "false",
	.help = "the addresses, IPv6 ones, are anycast addresses of the link "
		"while the service is up, for neighbours without a router in "
		"between; UDP only",
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
	.help = "what the service is known by: a socket it listens on, at each "
		"of its addresses or a wildcard, a process, a systemd unit, a "
		"file; the kernel tells at once when one is gone",
    },
    {
	.key = "on_event",
	.type = &type_choice,
	SERVICE(on_event),
	.choices = events,
	.standard = "down",
	.help = "when something watched is gone: the service is down at once, "
		"or its checks run at once and decide",
    },
    {
	.key = "overload",
	.type = &type_map,
	SERVICE(overload),
	.section = &section_overload,
	.absent = "never overloaded",
	.help = "more load than it should have: its prefixes step down to "
		"the rung degraded, they are never withdrawn for it",
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

/* The kernel joins IPv6 only, on a link, and takes no TCP there. */
static void
check_on_link(struct load *l, const yaml_node_t *node,
	      const struct conf_service *s)
{
	if (strcmp(s->interface, "lo") == 0)
		load_fail_in(l, node, "on_link",
			     "found true without an interface, expected the "
			     "link to be named, such as interface: eth0");
	for (size_t i = 0; i < s->addresses.n; i++) {
		char text[IP_TEXT_MAX];

		if (s->addresses.v[i].family == AF_INET6)
			continue;
		load_fail_in(l, node, "addresses",
			     "found %s with on_link, expected IPv6 addresses: "
			     "IPv4 has no anycast addresses of a link",
			     ip_format(&s->addresses.v[i], text, sizeof(text)));
	}
	for (size_t i = 0; i < s->n_checks; i++)
		for (size_t k = 0; k < s->addresses.n; k++)
			if (ip_equal(&s->checks[i].target, &s->addresses.v[k]))
				load_fail_at(
				    l, s->checks[i].place,
				    "found a check at a service address with "
				    "on_link, which is there only while the "
				    "service is up; expected address: another "
				    "one the server listens on, such as ::1");
}

static void
finish_service(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_service *s = base;

	check_addresses(l, node, s);
	if (s->on_link)
		check_on_link(l, node, s);
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

		s->name = section_begin_item(l, key, &s->place);
		option_load(l, &section_service, l->service_nodes[i], s);
		load_pop(l);
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
