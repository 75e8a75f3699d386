/* SPDX-License-Identifier: ISC */
/* The root of the file, and the sections that are about the node itself. */
#include <grp.h>
#include <string.h>

#include "conf/section.h"

/* ---- node ---- */

static void
parse_router_id(struct load *l, const struct option *o, const yaml_node_t *node,
		void *field)
{
	static const char expected[] =
	    "four octets written as an IPv4 address, not 0.0.0.0";
	const char *text = load_text(l, node, expected);
	struct ip ip;

	if (!text)
		return;
	if (ip_parse(text, &ip) != 0 || ip.family != AF_INET ||
	    ip_is_unspecified(&ip))
		load_expected(l, node, expected);
	else
		*(struct ip *)field = ip;
}

static const struct option_type type_router_id = {
    OPTION_TEXT,
    "IPv4 address",
    parse_router_id,
    type_equal_octets,
    "\"type\": \"string\", \"pattern\": \"^([0-9]{1,3}[.]){3}[0-9]{1,3}$\", "
    "\"not\": {\"const\": \"0.0.0.0\"}",
};

#define NODE(member) OPTION_FIELD(struct conf_node, member)

static const struct option node_options[] = {
    {
	.key = "name",
	.type = &type_name,
	NODE(name),
	.required = true,
	.help = "the node's name, in logs and everything it tells",
    },
    {
	.key = "asn",
	.type = &type_asn,
	NODE(asn),
	.required = true,
	.help = "the AS number the node speaks BGP with",
    },
    {
	.key = "router_id",
	.type = &type_router_id,
	NODE(router_id),
	.required = true,
	.help = "the BGP identifier, unique among the routers of the AS "
		"(RFC 6286)",
    },
    {
	.key = "management",
	.type = &type_ips,
	NODE(management),
	.absent = "none",
	.help = "the node's own unicast addresses; they must stay outside "
		"every anycast prefix",
    },
    {
	.key = "linger",
	.type = &type_duration,
	NODE(linger),
	.low = 0,
	.high = 3600 * SECOND_NS,
	.standard = "1s",
	.help = "how long a service address stays after its last "
		"withdrawal, for packets still on their way",
    },
    {
	.key = "stop_timeout",
	.type = &type_duration,
	NODE(stop_timeout),
	.low = 100 * MS_NS,
	.high = 600 * SECOND_NS,
	.standard = "5s",
	.help = "the most a stop may take: withdraw, linger, close",
    },
    {
	.key = "drain",
	.type = &type_map,
	NODE(drain),
	.section = &section_drain,
	.absent = "as its options say",
	.help = "how long a drain waits for traffic to leave",
    },
    {
	.key = "counters",
	.type = &type_bool,
	NODE(counters),
	.standard = "true",
	.help = "count packets and octets that reach the service addresses, "
		"with nftables; off: drains wait for their limit, and "
		"overload cannot look at packets",
    },
    {
	.key = "ecmp",
	.type = &type_number,
	NODE(ecmp),
	.low = 1,
	.high = 8,
	.standard = "1",
	.help = "how many equally good next hops an imported route has in "
		"the kernel",
    },
};

const struct section section_node = {
    OPTION_SECTION(node_options),
    .what = "the node",
};

/* ---- bgp, http ---- */

static const struct option bgp_options[] = {
    {
	.key = "listen",
	.type = &type_endpoints,
	OPTION_FIELD(struct conf_bgp, listen),
	.standard = NULL,
	.absent = "0.0.0.0:179 and [::]:179",
	.help = "where to wait for connections of peers; with off every "
		"session is opened from here",
    },
};

static void
add_endpoint(struct load *l, struct conf_endpoint *out, uint8_t family,
	     uint16_t port)
{
	*out = (struct conf_endpoint){{.family = family}, port};
}

static void
finish_bgp(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_bgp *bgp = base;

	if (document_find(&l->document, node, "listen"))
		return;
	bgp->n_listen = 2;
	bgp->listen = load_alloc(l, 2, sizeof(*bgp->listen));
	add_endpoint(l, &bgp->listen[0], AF_INET, 179);
	add_endpoint(l, &bgp->listen[1], AF_INET6, 179);
}

const struct section section_bgp = {
    OPTION_SECTION(bgp_options),
    .what = "the BGP speaker",
    .finish = finish_bgp,
};

static const struct option http_options[] = {
    {
	.key = "listen",
	.type = &type_endpoints,
	OPTION_FIELD(struct conf_http_server, listen),
	.standard = "127.0.0.1:9179",
	.help = "where /metrics, /health and /status.json are served",
    },
};

static void
scalar_http(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_http_server *http = base;

	if (strcmp(document_text(node), "off") != 0) {
		load_expected(l, node, "off, or a map with listen");
		return;
	}
	http->n_listen = 0;
	http->listen = NULL;
}

static void
finish_http(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_http_server *http = base;

	http->enabled = http->n_listen > 0;
}

const struct section section_http_server = {
    OPTION_SECTION(http_options), .what = "the HTTP server",
    .finish = finish_http,        .scalar = scalar_http,
    .scalar_text = "off",         .scalar_schema = "\"enum\": [\"off\", false]",
};

/* ---- control, log ---- */

static void
parse_group(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	const char *text = load_text(l, node, "the name of a group");

	if (!text)
		return;
	if (!l->elsewhere && !getgrnam(text))
		load_fail(l, node,
			  "found %s, which is no group of this machine, "
			  "expected a group",
			  load_found(l, node));
	*(const char **)field = arena_strdup(l->arena, text);
}

static const struct option_type type_group = {
    OPTION_TEXT, "group", parse_group, type_equal_text, TYPE_SCHEMA_TEXT,
};

#define CONTROL(member) OPTION_FIELD(struct conf_control, member)
/* sun_path of unix(7), without its NUL. */
#define SOCKET_PATH_MAX 107

static const struct option control_options[] = {
    {
	.key = "socket",
	.type = &type_path,
	CONTROL(socket),
	.high = SOCKET_PATH_MAX,
	.standard = "/run/basin/basin.sock",
	.help = "the socket for basin(1), all commands",
    },
    {
	.key = "read_only_socket",
	.type = &type_path,
	CONTROL(read_only_socket),
	.high = SOCKET_PATH_MAX,
	.standard = "/run/basin/basin-ro.sock",
	.help = "the socket for basin(1), commands that only look",
    },
    {
	.key = "group",
	.type = &type_group,
	CONTROL(group),
	.absent = "the daemon's own",
	.help = "the group that may use both sockets",
    },
    {
	.key = "push_socket",
	.type = &type_path,
	CONTROL(push_socket),
	.high = SOCKET_PATH_MAX,
	.absent = "basin-push.sock beside socket",
	.help = "the socket for applications that report to push checks, "
		"and may do nothing else",
    },
    {
	.key = "push_group",
	.type = &type_group,
	CONTROL(push_group),
	.absent = "the daemon's own",
	.help = "the group that may use push_socket",
    },
};

/* "basin-push.sock" in the folder of `socket`. */
static const char *
push_socket_beside(struct load *l, const char *socket)
{
	struct text path = {0};
	const char *slash = strrchr(socket, '/'), *copy;

	text_add_n(&path, socket, slash ? (size_t)(slash - socket) + 1 : 0);
	text_add(&path, "basin-push.sock");
	copy = arena_strdup(l->arena, text_str(&path));
	text_free(&path);
	return copy;
}

static void
finish_control(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_control *control = base;

	if (!control->push_socket && control->socket)
		control->push_socket = push_socket_beside(l, control->socket);
	if (node &&
	    (type_texts_equal(control->push_socket, control->socket) ||
	     type_texts_equal(control->push_socket, control->read_only_socket)))
		load_fail(l, node,
			  "found one path for push_socket and another socket, "
			  "expected two");

	if (node &&
	    type_texts_equal(control->socket, control->read_only_socket))
		load_fail(l, node,
			  "found one path for socket and read_only_socket, "
			  "expected two");
}

const struct section section_control = {
    OPTION_SECTION(control_options),
    .what = "the control sockets",
    .finish = finish_control,
};

static const struct option_choice log_formats[] = {
    {"auto", CONF_LOG_AUTO},
    {"terminal", CONF_LOG_TERMINAL},
    {"journal", CONF_LOG_JOURNAL},
    {"json", CONF_LOG_JSON},
    {NULL, 0},
};

static const struct option_choice log_levels[] = {
    {"error", CONF_LOG_ERROR},   {"warning", CONF_LOG_WARNING},
    {"notice", CONF_LOG_NOTICE}, {"info", CONF_LOG_INFO},
    {"debug", CONF_LOG_DEBUG},   {NULL, 0},
};

static const struct option log_options[] = {
    {
	.key = "format",
	.type = &type_choice,
	OPTION_FIELD(struct conf_log, format),
	.choices = log_formats,
	.standard = "auto",
	.help = "the form of log lines on standard error; auto is journal "
		"under systemd, else terminal",
    },
    {
	.key = "level",
	.type = &type_choice,
	OPTION_FIELD(struct conf_log, level),
	.choices = log_levels,
	.standard = "info",
	.help = "the least urgent lines that are still logged",
    },
};

const struct section section_log = {
    OPTION_SECTION(log_options),
    .what = "the log",
};

/* ---- the root ---- */

#define ROOT(member) OPTION_FIELD(struct conf, member)

static const struct option root_options[] = {
    {
	.key = "node",
	.type = &type_map,
	ROOT(node),
	.required = true,
	.section = &section_node,
	.help = "who this node is",
    },
    {
	.key = "bfd_profiles",
	.type = &section_bfd_profiles_type,
	.section = &section_bfd_profile,
	.absent = "none",
	.help = "settings of BFD sessions by name, for peers and checks",
    },
    {
	.key = "services",
	.type = &section_services_type,
	.required = true,
	.section = &section_service,
	.help = "the services by name: addresses and checks",
    },
    {
	.key = "prefixes",
	.type = &section_prefixes_type,
	.required = true,
	.section = &section_prefix,
	.help = "the covering prefixes, and the services each follows",
    },
    {
	.key = "peers",
	.type = &section_peers_type,
	.required = true,
	.section = &section_peer,
	.help = "the BGP neighbours by name",
    },
    {
	.key = "start_gate",
	.type = &type_map,
	ROOT(start_gate),
	.section = &section_start_gate,
	.absent = "each prefix waits for its own services only",
	.help = "what is waited for after a start before anything is "
		"announced",
    },
    {
	.key = "bgp",
	.type = &type_map,
	ROOT(bgp),
	.section = &section_bgp,
	.absent = "as its options say",
	.help = "the BGP speaker as a whole",
    },
    {
	.key = "control",
	.type = &type_map,
	ROOT(control),
	.section = &section_control,
	.absent = "as its options say",
	.help = "the sockets of basin(1)",
    },
    {
	.key = "http",
	.type = &type_map,
	ROOT(http),
	.section = &section_http_server,
	.absent = "as its options say",
	.help = "the HTTP server for metrics and health, or off",
    },
    {
	.key = "log",
	.type = &type_map,
	ROOT(log),
	.section = &section_log,
	.absent = "as its options say",
	.help = "the log",
    },
    {
	.key = "mesh",
	.type = &type_map,
	ROOT(mesh),
	.section = &section_mesh,
	.absent = "other nodes are not asked",
	.help = "the other nodes, for brakes",
    },
    {
	.key = "rpki",
	.type = &type_map,
	ROOT(rpki),
	.section = &section_rpki,
	.absent = "the origin of routes is not validated",
	.help = "validation of the origin of routes (RFC 6811)",
    },
    {
	.key = "block",
	.type = &type_map,
	ROOT(block),
	.section = &section_block,
	.absent = "basin block is refused",
	.help = "what basin block announces, and to whom",
    },
    {
	.key = "exabgp",
	.type = &section_exabgp_type,
	ROOT(exabgp),
	.section = &section_exabgp,
	.absent = "none",
	.help = "programs that speak ExaBGP's process API",
    },
    {
	.key = "identity",
	.type = &type_map,
	ROOT(identity),
	.section = &section_identity,
	.absent = "nothing is answered",
	.help = "a small responder that tells who answers at an address",
    },
    {
	.key = "journal",
	.type = &type_map,
	ROOT(journal),
	.section = &section_journal,
	.absent = "as its options say",
	.help = "the persisted journal that basin replay reads, or off",
    },
    {
	.key = "state_directory",
	.type = &type_path,
	ROOT(state_directory),
	.standard = "/var/lib/basin",
	.help = "where drains, the journal and the last good configuration "
		"are kept",
    },
};

const struct section section_root = {
    OPTION_SECTION(root_options),
    .what = "a configuration",
};
