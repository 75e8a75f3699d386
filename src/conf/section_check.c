/* SPDX-License-Identifier: ISC */
/*
 * A check as written, and its expansion: one of an address without `address`
 * (see section_kind.c) becomes one check for each address of its service.
 */
#include <string.h>

#include "conf/section.h"
#include "conf/value.h"

/* One entry of `checks`: what the file says, before expansion. */
struct entry {
	struct conf_check check; /* first: options fill it */
	struct conf_ips sources; /* at most one of each family */
	bool kind_known;
	const yaml_node_t *node;
};

static void
parse_jitter(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	const char *text = load_text(l, node, "0% to 50%");
	unsigned percent;

	if (!text)
		return;
	if (value_percent(text, &percent) != 0 || percent > 50)
		load_expected(l, node, "0% to 50%, with the % sign");
	else
		*(unsigned *)field = percent;
}

static const struct option_type type_jitter = {
    OPTION_TEXT,
    "percentage, 0% to 50%",
    parse_jitter,
    type_equal_octets,
    "\"type\": \"string\", \"pattern\": \"^([0-9]|[1-4][0-9]|50)%$\"",
};

static const struct option_choice initials[] = {
    {"down", CONF_INITIAL_DOWN},
    {"up", CONF_INITIAL_UP},
    {NULL, 0},
};

static const struct option_choice unknowns[] = {
    {"hold", CONF_UNKNOWN_HOLD},
    {"down", CONF_UNKNOWN_DOWN},
    {NULL, 0},
};

#define CHECK(member) OPTION_FIELD(struct conf_check, member)

static const struct option check_options[] = {
    {
	.key = "tcp",
	.type = &type_map,
	CHECK(tcp),
	.variant = true,
	.section = &section_tcp,
	.help = "connect; with send and expect also talk",
    },
    {
	.key = "http",
	.type = &type_map,
	CHECK(http),
	.variant = true,
	.section = &section_http,
	.help = "ask an HTTP server and judge the answer",
    },
    {
	.key = "dns",
	.type = &type_map,
	CHECK(dns),
	.variant = true,
	.section = &section_dns,
	.help = "ask a name server and judge the answer",
    },
    {
	.key = "exec",
	.type = &type_map,
	CHECK(exec),
	.variant = true,
	.section = &section_exec,
	.help = "run a program and judge its exit status",
    },
    {
	.key = "udp",
	.type = &type_map,
	CHECK(udp),
	.variant = true,
	.section = &section_udp,
	.help = "send a datagram and judge the answer",
    },
    {
	.key = "icmp",
	.type = &type_map,
	CHECK(icmp),
	.variant = true,
	.section = &section_icmp,
	.help = "ping: an ICMP echo request must be answered",
    },
    {
	.key = "ntp",
	.type = &type_map,
	CHECK(ntp),
	.variant = true,
	.section = &section_ntp,
	.help = "ask a time server and judge the answer",
    },
    {
	.key = "file",
	.type = &type_map,
	CHECK(file),
	.variant = true,
	.section = &section_file,
	.help = "look at a file of this node",
    },
    {
	.key = "system",
	.type = &type_map,
	CHECK(system),
	.variant = true,
	.section = &section_system,
	.help = "look at disk, memory and load of this node",
    },
    {
	.key = "push",
	.type = &type_map,
	CHECK(push),
	.variant = true,
	.section = &section_push,
	.help = "wait for reports of the application (basin push)",
    },
    {
	.key = "soa",
	.type = &type_map,
	CHECK(soa),
	.variant = true,
	.section = &section_soa,
	.help = "compare a zone's serial with its primary's",
    },
    {
	.key = "bfd",
	.type = &type_map,
	CHECK(bfd),
	.variant = true,
	.section = &section_bfd_check,
	.help = "look at a BFD session: up passes",
    },
    {
	.key = "name",
	.type = &type_name,
	CHECK(name),
	.absent = "made of service, kind, port and address",
	.help = "the check's name in logs and metrics, unique in the file",
    },
    {
	.key = "address",
	.type = &type_ip,
	CHECK(target),
	.absent = "every service address; the URL's host (http)",
	.help = "where to connect to",
    },
    {
	.key = "source",
	.type = &type_ips,
	OPTION_FIELD(struct entry, sources),
	.variant = true,
	.absent = "the kernel chooses",
	.help = "the address to connect from; a list of two for dual stack",
    },
    {
	.key = "interval",
	.type = &type_duration,
	CHECK(interval),
	.low = 10 * MS_NS,
	.high = 86400 * SECOND_NS,
	.standard = "1s",
	.help = "from one run to the next",
    },
    {
	.key = "fast_interval",
	.type = &type_duration,
	CHECK(fast_interval),
	.low = 10 * MS_NS,
	.high = 86400 * SECOND_NS,
	.absent = "interval",
	.help = "the interval while the state is changing",
    },
    {
	.key = "timeout",
	.type = &type_duration,
	CHECK(timeout),
	.low = 1 * MS_NS,
	.high = 3600 * SECOND_NS,
	.absent = "interval, at most 1s",
	.help = "a run that takes longer has failed",
    },
    {
	.key = "rise",
	.type = &type_number,
	CHECK(rise),
	.low = 1,
	.high = 1000,
	.standard = "2",
	.help = "passes in a row until the check is up",
    },
    {
	.key = "fall",
	.type = &type_number,
	CHECK(fall),
	.low = 1,
	.high = 1000,
	.standard = "3",
	.help = "failures in a row until the check is down",
    },
    {
	.key = "jitter",
	.type = &type_jitter,
	CHECK(jitter),
	.standard = "5%",
	.help = "how much of the interval is left to chance, so that "
		"checks do not march in step",
    },
    {
	.key = "initial",
	.type = &type_choice,
	CHECK(initial),
	.choices = initials,
	.standard = "down",
	.help = "the state until rise or fall decides",
    },
    {
	.key = "on_unknown",
	.type = &type_choice,
	CHECK(on_unknown),
	.choices = unknowns,
	.standard = "hold",
	.help = "what follows when the check itself cannot be done: hold "
		"keeps the state, down counts it as failed",
    },
    {
	.key = "unknown_limit",
	.type = &type_duration,
	CHECK(unknown_limit),
	.low = 0,
	.high = 86400 * SECOND_NS,
	.standard = "1m",
	.help = "with hold: unknown for longer than this is down",
    },
};

/* ---- one entry ---- */

static void
find_kind(struct load *l, const yaml_node_t *node, struct entry *e)
{
	unsigned found = 0;

	for (unsigned k = 0; k < CONF_CHECK_KINDS; k++) {
		if (!document_find(&l->document, node, section_kinds[k].word))
			continue;
		e->check.kind = (enum conf_check_kind)k;
		found++;
	}
	e->kind_known = found == 1;
	if (found == 0)
		load_fail(l, node, "found no kind of check, expected %s",
			  section_kind_words(l));
	if (found > 1)
		load_fail(l, node,
			  "found %u kinds of check in one entry, expected "
			  "one: begin each check with \"-\"",
			  found);
}

/*
 * How long such a check may be unknown is part of what it says: the limit is
 * at least that, unless it is given.
 */
static void
check_unknown_limit(struct load *l, const yaml_node_t *node,
		    struct conf_check *c)
{
	struct dur own = c->kind == CONF_CHECK_PUSH  ? c->push.ttl
			 : c->kind == CONF_CHECK_SOA ? c->soa.max_age
						     : DUR_ZERO;

	if (own.ns > c->unknown_limit.ns &&
	    !document_find(&l->document, node, "unknown_limit"))
		c->unknown_limit = own;
}

static void
check_times(struct load *l, const yaml_node_t *node, struct conf_check *c)
{
	const yaml_node_t *timeout =
	    document_find(&l->document, node, "timeout");

	if (c->fast_interval.ns == 0)
		c->fast_interval = c->interval;
	if (c->timeout.ns == 0)
		c->timeout =
		    c->interval.ns < SECOND_NS ? c->interval : dur_s(1);
	check_unknown_limit(l, node, c);
	if (timeout && c->timeout.ns > c->interval.ns)
		load_warn_in(
		    l, node, "timeout",
		    "the timeout is longer than the interval: a hanging "
		    "service is noticed late");
	if (c->fast_interval.ns > c->interval.ns)
		load_warn_in(l, node, "fast_interval",
			     "fast_interval is longer than interval");
}

/* An option that only makes sense when there is something to connect to. */
static void
check_remote(struct load *l, const yaml_node_t *node, const char *key,
	     const struct entry *e)
{
	const struct section_kind *kind = &section_kinds[e->check.kind];

	if (e->kind_known && !kind->remote &&
	    document_find(&l->document, node, key))
		load_fail_in(l, node, key,
			     "found %s in %s, expected it only in a check of "
			     "an address",
			     key, kind->section->what);
}

static void
check_sources(struct load *l, const yaml_node_t *node, const struct entry *e)
{
	const yaml_node_t *source = document_find(&l->document, node, "source");

	if (!source)
		return;
	check_remote(l, node, "source", e);
	if (e->sources.n > 2 ||
	    (e->sources.n == 2 &&
	     e->sources.v[0].family == e->sources.v[1].family))
		load_fail_in(l, node, "source",
			     "found several sources of one family, expected at "
			     "most one IPv4 and one IPv6 address");
}

static void
finish_check(struct load *l, const yaml_node_t *node, void *base)
{
	struct entry *e = base;

	e->node = node;
	e->check.place = document_place(node);
	find_kind(l, node, e);
	check_times(l, node, &e->check);
	check_sources(l, node, e);
	check_remote(l, node, "address", e);
}

const struct section section_check = {
    OPTION_SECTION(check_options),
    .what = "a check",
    .finish = finish_check,
    .schema = "\"oneOf\": [{\"required\": [\"tcp\"]}, "
	      "{\"required\": [\"http\"]}, {\"required\": [\"dns\"]}, "
	      "{\"required\": [\"exec\"]}, {\"required\": [\"udp\"]}, "
	      "{\"required\": [\"icmp\"]}, {\"required\": [\"ntp\"]}, "
	      "{\"required\": [\"file\"]}, "
	      "{\"required\": [\"system\"]}, "
	      "{\"required\": [\"push\"]}, "
	      "{\"required\": [\"soa\"]}, "
	      "{\"required\": [\"bfd\"]}]",
};

/* ---- names ---- */

static void
add_url_part(const struct conf_check *c, struct text *out)
{
	char address[IP_TEXT_MAX];
	struct value_url url;
	const char *why;

	if (!c->http.url || value_url(c->http.url, &url, &why) != 0)
		return;
	text_addf(out, ":%u@", url.port);
	text_add(out, ip_is_none(&c->target)
			  ? url.host
			  : ip_format(&c->target, address, sizeof(address)));
}

/* The last part of a path: of a program or a file. */
static void
add_last_part(const char *path, struct text *out)
{
	const char *slash = path ? strrchr(path, '/') : NULL;

	text_addf(out, ":%s", slash ? slash + 1 : "");
}

/* "dns/tcp:53@192.0.2.53"; what distinguishes a kind stands behind it. */
static void
add_automatic_name(const struct conf_check *c, const char *service,
		   struct text *out)
{
	char address[IP_TEXT_MAX];

	const struct section_kind *kind = &section_kinds[c->kind];

	text_addf(out, "%s/%s", service, kind->word);
	if (c->kind == CONF_CHECK_DNS && c->dns.transport == CONF_DNS_TCP)
		text_add(out, "-tcp");
	if (c->kind == CONF_CHECK_HTTP)
		add_url_part(c, out);
	if (c->kind == CONF_CHECK_EXEC)
		add_last_part(c->exec.argv.n ? c->exec.argv.v[0] : NULL, out);
	if (c->kind == CONF_CHECK_FILE)
		add_last_part(c->file.path, out);
	if (c->kind == CONF_CHECK_SOA)
		text_addf(out, ":%s", c->soa.zone ? c->soa.zone : "");
	if (c->kind == CONF_CHECK_BFD)
		text_addf(out, ":%s",
			  c->bfd.peer ? c->bfd.peer
				      : ip_format(&c->bfd.address, address,
						  sizeof(address)));
	if (kind->port)
		text_addf(out, ":%u", section_kind_port(c));
	if (kind->expanded)
		text_addf(out, "@%s",
			  ip_format(&c->target, address, sizeof(address)));
}

static void
name_check(struct load *l, struct conf_check *c, const char *service,
	   bool several)
{
	char address[IP_TEXT_MAX];
	struct text name = {0};

	if (!c->name)
		add_automatic_name(c, service, &name);
	else if (several)
		text_addf(&name, "%s@%s", c->name,
			  ip_format(&c->target, address, sizeof(address)));
	if (name.len > 0)
		c->name = arena_strdup(l->arena, text_str(&name));
	text_free(&name);
}

/* ---- expansion ---- */

static void
pick_source(struct load *l, const struct entry *e, struct conf_check *c)
{
	char target[IP_TEXT_MAX];

	if (e->sources.n == 0)
		return;
	/* Toward a name any family will do: the first. */
	if (ip_is_none(&c->target)) {
		c->source = e->sources.v[0];
		return;
	}
	for (size_t i = 0; i < e->sources.n; i++)
		if (e->sources.v[i].family == c->target.family)
			c->source = e->sources.v[i];
	if (ip_is_none(&c->source))
		load_fail_in(l, e->node, "source",
			     "found no %s source for the target %s, expected "
			     "one: list an address of each family",
			     c->target.family == AF_INET ? "IPv4" : "IPv6",
			     ip_format(&c->target, target, sizeof(target)));
}

static bool
is_expanded(const struct entry *e)
{
	return ip_is_none(&e->check.target) &&
	       section_kinds[e->check.kind].expanded;
}

static size_t
expanded_count(const struct entry *e, const struct conf_service *service)
{
	if (!e->kind_known)
		return 0;
	return is_expanded(e) ? service->addresses.n : 1;
}

static void
expand(struct load *l, const struct entry *e, struct conf_service *service)
{
	size_t n = expanded_count(e, service);
	bool each = is_expanded(e);

	for (size_t i = 0; i < n; i++) {
		struct conf_check *c = &service->checks[service->n_checks++];

		*c = e->check;
		if (each)
			c->target = service->addresses.v[i];
		pick_source(l, e, c);
		name_check(l, c, service->name, each && n > 1);
	}
	/* Refused addresses have been told of already. */
	if (e->kind_known && n == 0 && !service->addresses.v)
		load_fail(l, e->node,
			  "found a check without a target, expected address, "
			  "or addresses of the service");
}

static void
parse_checks(struct load *l, const struct option *o, const yaml_node_t *node,
	     void *field)
{
	struct conf_service *service = field;
	size_t n = document_count(node), total = 0;
	struct entry *entries;

	if (node->type != YAML_SEQUENCE_NODE) {
		load_expected(l, node,
			      "a list of checks, each begun with \"-\"");
		return;
	}
	entries = load_scratch(l, n, sizeof(*entries));
	for (size_t i = 0; i < n; i++) {
		option_load(l, &section_check, load_item(l, node, i),
			    &entries[i]);
		total += expanded_count(&entries[i], service);
	}
	service->checks = load_alloc(l, total, sizeof(*service->checks));
	for (size_t i = 0; i < n; i++)
		expand(l, &entries[i], service);
}

static bool
compared_elsewhere(const struct option *o, const void *a, const void *b,
		   const struct option_trees *trees)
{
	/* Checks are compared one by one, under their own names. */
	return true;
}

const struct option_type section_checks_type = {
    OPTION_LIST, "list of checks", parse_checks, compared_elsewhere, NULL,
};

/* ---- comparing ---- */

static bool
kind_equal(const struct conf_check *a, const struct conf_check *b)
{
	const struct section_kind *kind = &section_kinds[a->kind];
	const struct option_trees none = {0};

	return !option_differs(kind->section, (const char *)a + kind->offset,
			       (const char *)b + kind->offset, &none);
}

const char *
section_check_differs(const struct conf_check *a, const struct conf_check *b)
{
	const struct option_trees none = {0};
	const struct option *o;

	if (a->kind != b->kind || !kind_equal(a, b))
		return section_kinds[b->kind].word;
	if (!ip_equal(&a->source, &b->source))
		return "source";
	o = option_differs(&section_check, a, b, &none);
	return o ? o->key : NULL;
}

bool
conf_check_equal(const struct conf_check *a, const struct conf_check *b)
{
	return section_check_differs(a, b) == NULL;
}
