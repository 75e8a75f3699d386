/* SPDX-License-Identifier: ISC */
/* show counters: what reaches the service addresses. */
#include <stdlib.h>
#include <string.h>

#include "daemon/counters.h"
#include "daemon/show.h"

static json_t *
counter(const struct show *s, size_t service, const struct ip *ip)
{
	json_t *object = json_object();
	struct counters_view v;

	counters_view(s->b, ip, &v);
	show_ip(object, "address", ip);
	show_string(object, "service", s->b->conf->services[service].name);
	show_integer(object, "packets", v.packets);
	show_integer(object, "octets", v.octets);
	json_object_set_new(object, "packets_per_second",
			    json_real(v.packets_per_second));
	json_object_set_new(object, "octets_per_second",
			    json_real(v.octets_per_second));
	show_mono(s, object, "last_packet", v.last_packet);
	show_mono(s, object, "read", v.read);
	show_bool(object, "available", v.available);
	show_string(object, "why", v.available ? NULL : v.why);
	return object;
}

/* Names an address, or its service: all of them. */
static bool
matches(const struct conf_service *service, const struct ip *ip,
	const char *name)
{
	char text[IP_TEXT_MAX];

	return !name || strcmp(service->name, name) == 0 ||
	       strcmp(ip_format(ip, text, sizeof(text)), name) == 0;
}

static void
add_service(const struct show *s, size_t id, const char *name,
	    struct show_page *page)
{
	const struct conf_service *service = &s->b->conf->services[id];

	for (size_t i = 0; i < service->addresses.n; i++) {
		const struct ip *ip = &service->addresses.v[i];

		if (matches(service, ip, name) && show_page_wants(page))
			json_array_append_new(page->list, counter(s, id, ip));
	}
}

void
show_counters_run(void *root, const struct ctl_caller *caller,
		  const json_t *arguments, struct ctl_reply *reply)
{
	struct show s = show_begin(root);
	struct show_page page = show_page_begin(arguments);
	const char *name = show_argument(arguments, "name");

	for (size_t i = 0; i < s.b->conf->n_services; i++)
		add_service(&s, i, name, &page);
	if (name && page.total == 0)
		show_not_found(reply, "service or address", name, NULL);
	reply->result = show_page_end(&page, "counters");
	show_bool(reply->result, "available", counters_available(s.b));
	show_string(reply->result, "why",
		    counters_available(s.b) ? NULL : counters_why(s.b));
}
