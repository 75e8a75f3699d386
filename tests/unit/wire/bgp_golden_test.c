/* SPDX-License-Identifier: ISC */
/*
 * Messages that other speakers sent, and what we read in them. A golden file
 * has a line of octets for each message and below it what it says; lines
 * starting with '#' are for people, "old peer" among them means two-octet AS
 * numbers. Usage: bgp_golden_test FOLDER
 */
#include "octets.h"

#include <dirent.h>
#include <stdlib.h>

#include "base/text.h"
#include "wire/bgp_flow.h"

static void
add_ip(struct text *t, const char *label, const struct ip *ip)
{
	char buf[IP_TEXT_MAX];

	if (!ip_is_none(ip))
		text_addf(t, " %s %s", label, ip_format(ip, buf, sizeof(buf)));
}

static void
add_list(struct text *t, const char *sign, struct rbuf list, uint8_t family)
{
	char buf[PREFIX_TEXT_MAX];
	struct prefix p;

	while (family && bgp_next_prefix(&list, family, &p))
		text_addf(t, " %s%s", sign,
			  prefix_format(&p, buf, sizeof(buf)));
}

static void
add_communities(struct text *t, const struct bgp_attributes *a)
{
	char buf[32];

	for (size_t i = 0; i < a->n_communities; i++)
		text_addf(
		    t, " community %s",
		    bgp_community_format(a->communities[i], buf, sizeof(buf)));
	for (size_t i = 0; i < a->n_ext_communities; i++)
		text_addf(t, " extended %016llx",
			  (unsigned long long)a->ext_communities[i]);
	for (size_t i = 0; i < a->n_large_communities; i++)
		text_addf(t, " large %u:%u:%u", a->large_communities[i].v[0],
			  a->large_communities[i].v[1],
			  a->large_communities[i].v[2]);
}

static void
add_attributes(struct text *t, const struct bgp_attributes *a)
{
	if (a->has_origin)
		text_addf(t, " origin %u", a->origin);
	if (a->has_as_path)
		text_add(t, " path");
	for (size_t i = 0; i < a->n_as_path && i < BGP_AS_PATH_MAX; i++)
		text_addf(t, " %u", a->as_path[i]);
	add_ip(t, "next hop", &a->next_hop);
	add_ip(t, "next hop", &a->mp_next_hop);
	add_ip(t, "and", &a->mp_next_hop_local);
	if (a->has_med)
		text_addf(t, " med %u", a->med);
	if (a->has_local_pref)
		text_addf(t, " local preference %u", a->local_pref);
	if (a->atomic_aggregate)
		text_add(t, " atomic");
	if (a->has_aggregator)
		text_addf(t, " aggregator %u %08x", a->aggregator_asn,
			  a->aggregator_id);
	add_communities(t, a);
}

static void
add_verdict(struct text *t, const struct bgp_verdict *v)
{
	if (v->action != BGP_ACCEPT)
		text_addf(t, " [%s: action %d]", v->why, v->action);
}

static void
add_flow_prefix(struct text *t, const char *what,
		const struct bgp_flow_prefix *p)
{
	char buf[PREFIX_TEXT_MAX];

	if (!p->present)
		return;
	text_addf(t, " %s %s", what,
		  prefix_format(&p->prefix, buf, sizeof(buf)));
	if (p->offset)
		text_addf(t, " from bit %u", p->offset);
}

static void
add_flow(struct text *t, const struct bgp_flow *f)
{
	add_flow_prefix(t, "destination", &f->dst);
	add_flow_prefix(t, "source", &f->src);
	for (uint8_t type = BGP_FLOW_PROTO; type < BGP_FLOW_TYPES; type++) {
		const struct bgp_flow_term *term = f->terms + f->first[type];

		if (f->count[type])
			text_addf(t, " %s", bgp_flow_type_text(type));
		for (size_t i = 0; i < f->count[type]; i++)
			text_addf(t, " %s%u:%u",
				  term[i].op & BGP_FLOW_AND ? "and " : "",
				  term[i].op & 7, term[i].value);
	}
}

static void
add_flows(struct text *t, const char *sign, struct rbuf list, uint8_t family)
{
	struct bgp_flow f;

	while (bgp_next_flow(&list, family, &f)) {
		text_addf(t, " %sflow", sign);
		add_flow(t, &f);
	}
}

static void
add_update(struct text *t, const uint8_t *message, size_t n, bool as4)
{
	const struct bgp_session_facts facts = {
	    .as4 = as4,
	    .families = BGP_FAMILY_IPV4 | BGP_FAMILY_IPV6 | BGP_FAMILY_FLOW4 |
			BGP_FAMILY_FLOW6};
	struct bgp_update u;
	struct bgp_verdict v = bgp_decode_update(message, n, &facts, &u);

	text_add(t, "UPDATE");
	add_verdict(t, &v);
	if (u.end_of_rib)
		text_addf(t, " End-of-RIB %s", bgp_family_text(u.end_of_rib));
	add_list(t, "-", u.withdrawn, AF_INET);
	add_list(t, "-", u.mp_unreach, u.mp_unreach_family);
	add_list(t, "+", u.nlri, AF_INET);
	add_list(t, "+", u.mp_reach, u.mp_reach_family);
	add_flows(t, "-", u.flow_unreach, u.flow_unreach_family);
	add_flows(t, "+", u.flow_reach, u.flow_reach_family);
	add_attributes(t, &u.attributes);
}

static void
add_open(struct text *t, const uint8_t *message, size_t n)
{
	struct bgp_open open;
	struct bgp_verdict v = bgp_decode_open(message, n, &open);

	text_addf(t, "OPEN AS %u id %08x hold %u families %u", open.asn,
		  open.router_id, open.hold_time, open.families);
	add_verdict(t, &v);
	for (size_t i = 0; i < open.n_capabilities; i++)
		text_addf(t, "%s %u", i ? "" : " capabilities",
			  open.capabilities[i]);
	if (open.graceful_restart)
		text_addf(t, " restart %u s", open.restart_time);
}

static void
add_notification(struct text *t, const uint8_t *message, size_t n)
{
	struct bgp_notification p;

	bgp_decode_notification(message, n, &p);
	text_addf(t, "NOTIFICATION %s", bgp_error_text(p.code, p.subcode));
	if (p.text)
		text_addf(t, " \"%.*s\"", (int)p.text_len,
			  (const char *)p.text);
}

static void
describe(struct text *t, const uint8_t *message, size_t n, bool as4)
{
	struct bgp_verdict v;
	uint8_t type = 0;

	if (bgp_frame(message, n, BGP_MESSAGE_MAX, &type, &v) != (int)n)
		text_add(t, "no whole message");
	else if (type == BGP_OPEN)
		add_open(t, message, n);
	else if (type == BGP_UPDATE)
		add_update(t, message, n, as4);
	else if (type == BGP_NOTIFICATION)
		add_notification(t, message, n);
	else
		text_addf(t, type == BGP_KEEPALIVE ? "KEEPALIVE"
						   : "ROUTE-REFRESH");
}

/* The next line that is not for people, without its end; NULL at the end. */
static char *
next_line(FILE *f, char *line, size_t size, bool *old)
{
	while (fgets(line, (int)size, f)) {
		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			*old |= strstr(line, "old peer") != NULL;
		else if (line[0])
			return line;
	}
	return NULL;
}

static size_t
check_file(const char *path)
{
	static char octets[2 * OCTETS_MAX], expected[OCTETS_MAX];
	static uint8_t message[OCTETS_MAX];
	FILE *f = fopen(path, "r");
	bool old = false;
	size_t count = 0;

	assert_non_null(f);
	for (; next_line(f, octets, sizeof(octets), &old); count++) {
		struct text t = {0};
		size_t n = octets_of(octets, message);

		assert_non_null(next_line(f, expected, sizeof(expected), &old));
		describe(&t, message, n, !old);
		if (strcmp(text_str(&t), expected) != 0)
			fail_msg("%s: read\n%s\nexpected\n%s", path,
				 text_str(&t), expected);
		text_free(&t);
	}
	fclose(f);
	return count;
}

static void
golden_files_say_what_they_say(void **state)
{
	const char *folder = *state;
	DIR *d = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		char path[4096];

		if (!strstr(entry->d_name, ".hex"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		count += check_file(path);
	}
	closedir(d);
	assert_true(count > 20);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_prestate(golden_files_say_what_they_say,
				      argc > 1 ? argv[1] : NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
