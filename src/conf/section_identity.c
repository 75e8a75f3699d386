/* SPDX-License-Identifier: ISC */
/* Who answers here: the responder that names the node. */
#include "conf/section.h"

#define IDENTITY(member) OPTION_FIELD(struct conf_identity, member)
#define PORT(k, what)                                                          \
	{                                                                      \
		.key = #k, .type = &type_number, IDENTITY(k), .low = 1,        \
		.high = UINT16_MAX, .absent = "not answered", .help = what     \
	}

static const struct option identity_options[] = {
    {
	.key = "name",
	.type = &type_name,
	IDENTITY(name),
	.absent = "node.name",
	.help = "the name that is told",
    },
    {
	.key = "listen",
	.type = &type_ips,
	IDENTITY(listen),
	.absent = "node.management, else 127.0.0.1 and ::1",
	.help = "the addresses that answer; service addresses too: they are "
		"opened as soon as they are there",
    },
    PORT(udp, "the port that answers a datagram of at least the name's length "
	      "with the name"),
    PORT(tcp, "the port that tells the name to every connection and closes "
	      "it"),
    PORT(http, "the port that answers GET / with the name, also in the "
	       "header X-Anycast-Node"),
    PORT(dns, "the port that answers CH TXT hostname.bind and id.server "
	      "(RFC 4892) and NSID (RFC 5001) over UDP and TCP, and refuses "
	      "everything else"),
};

static void
add_loopback(struct load *l, struct conf_identity *identity)
{
	identity->listen.v = load_alloc(l, 2, sizeof(*identity->listen.v));
	identity->listen.n = 2;
	identity->listen.v[0] = ip_from_v4(0x7f000001);
	identity->listen.v[1] = (struct ip){.family = AF_INET6};
	identity->listen.v[1].bytes[15] = 1;
}

static void
finish_identity(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_identity *identity = base;

	identity->enabled =
	    identity->udp || identity->tcp || identity->http || identity->dns;
	if (node && !identity->enabled)
		load_fail(l, node,
			  "found no port, expected udp, tcp, http or dns");
	if (node && identity->tcp &&
	    (identity->tcp == identity->http || identity->tcp == identity->dns))
		load_fail(l, node, "found one TCP port for two protocols");
	if (node && identity->http && identity->http == identity->dns)
		load_fail(l, node, "found one TCP port for two protocols");
	if (node && identity->udp && identity->udp == identity->dns)
		load_fail(l, node, "found one UDP port for two protocols");
	if (!identity->enabled) /* what is never used changes nothing */
		return;
	if (!identity->name)
		identity->name = l->conf->node.name;
	if (identity->listen.n == 0 && l->conf->node.management.n > 0)
		identity->listen = l->conf->node.management;
	else if (identity->listen.n == 0)
		add_loopback(l, identity);
}

const struct section section_identity = {
    OPTION_SECTION(identity_options),
    .what = "the identity responder",
    .finish = finish_identity,
};
