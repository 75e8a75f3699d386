/* SPDX-License-Identifier: ISC */

#include <string.h>

#include "conf/section.h"
#include "conf/type_peer.h"

/* ---- the table ---- */

#define PEER(member) OPTION_FIELD(struct conf_peer, member)
#define WHOLE        .offset = 0, .size = sizeof(struct conf_peer)

static const struct option peer_options[] = {
    {
	.key = "address",
	.type = &type_peer_address,
	WHOLE,
	.absent = "found on interface (unnumbered)",
	.session = true,
	.help = "the neighbour's address, or a prefix: every neighbour in it "
		"is waited for and becomes a peer of its own, NAME@ADDRESS",
    },
    {
	.key = "description",
	.type = &type_text,
	PEER(description),
	.high = 255,
	.absent = "none",
	.help = "a remark for people",
    },
    {
	.key = "interface",
	.type = &type_text,
	PEER(interface),
	.high = 15,
	.absent = "the routing table chooses",
	.session = true,
	.help = "the interface of the session; needed for a link-local "
		"address, and instead of one",
    },
    {
	.key = "port",
	.type = &type_number,
	PEER(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = "179",
	.session = true,
	.help = "the neighbour's port",
    },
    {
	.key = "asn",
	.type = &type_peer_asns,
	WHOLE,
	.required = true,
	.session = true,
	.help = "the neighbour's AS number",
    },
    {
	.key = "local_asn",
	.type = &type_asn,
	PEER(local_asn),
	.absent = "node.asn",
	.session = true,
	.help = "the AS number shown to this neighbour",
    },
    {
	.key = "source",
	.type = &type_ip,
	PEER(source),
	.absent = "the kernel chooses",
	.session = true,
	.help = "the session's own address",
    },
    {
	.key = "passive",
	.type = &type_bool,
	PEER(passive),
	.standard = "false",
	.session = true,
	.help = "never connect, wait for the neighbour",
    },
    {
	.key = "shutdown",
	.type = &type_bool,
	PEER(shutdown),
	.standard = "false",
	.session = true,
	.help = "keep the session down",
    },
    {
	.key = "families",
	.type = &type_peer_families,
	PEER(families),
	.absent = "the family of address, and the other one when it has a "
		  "next_hop",
	.session = true,
	.help = "the address families of the session",
    },
    {
	.key = "hold_time",
	.type = &type_duration,
	PEER(hold_time),
	.low = 0,
	.high = 65535 * SECOND_NS,
	.standard = "90s",
	.session = true,
	.help = "silence after which the session is dead; 0s for never, "
		"else 3s and more (RFC 4271)",
    },
    {
	.key = "keepalive",
	.type = &type_duration,
	PEER(keepalive),
	.low = 1 * SECOND_NS,
	.high = 65535 * SECOND_NS,
	.absent = "hold_time / 3",
	.session = true,
	.help = "from one KEEPALIVE to the next",
    },
    {
	.key = "connect_retry",
	.type = &type_duration,
	PEER(connect_retry),
	.low = 100 * MS_NS,
	.high = 3600 * SECOND_NS,
	.standard = "5s",
	.help = "from one attempt to connect to the next",
    },
    {
	.key = "idle_hold",
	.type = &type_map,
	PEER(transport.idle_hold),
	.section = &section_idle_hold,
	.absent = "from 1s",
	.help = "the wait between attempts that fail, doubled each time",
    },
    {
	.key = "send_hold_time",
	.type = &type_duration,
	PEER(transport.send_hold_time),
	.low = 1 * SECOND_NS,
	.high = 86400 * SECOND_NS,
	.absent = "8m, or twice hold_time when that is more",
	.help = "a neighbour that takes no octets for so long loses the "
		"session (RFC 9687)",
    },
    {
	.key = "extended_messages",
	.type = &type_bool,
	PEER(transport.extended_messages),
	.standard = "false",
	.session = true,
	.help = "messages of up to 65535 octets when the neighbour takes "
		"them too (RFC 8654)",
    },
    {
	.key = "max_sessions",
	.type = &type_number,
	PEER(max_sessions),
	.low = 1,
	.high = 10000,
	.standard = "100",
	.help = "with a prefix as address: so many neighbours at once",
    },
    {
	.key = "md5",
	.effect = OPTION_SESSION,
	.type = &type_map,
	PEER(transport.md5),
	.section = &section_md5,
	.absent = "none",
	.help = "signs the TCP connection (RFC 2385)",
    },
    {
	.key = "tcp_ao",
	.type = &type_map,
	PEER(transport.tcp_ao),
	.section = &section_tcp_ao,
	.absent = "none",
	.session = true,
	.help = "authenticates the TCP connection (RFC 5925); Linux 6.7 and "
		"newer",
    },
    {
	.key = "gtsm",
	.type = &type_peer_gtsm,
	PEER(transport.gtsm),
	.standard = "off",
	.session = true,
	.help = "packets are sent with TTL 255 and taken only from so near "
		"(RFC 5082): on for a neighbour on the link, or the number of "
		"hops",
    },
    {
	.key = "ttl",
	.type = &type_number,
	PEER(ttl),
	.low = 1,
	.high = 255,
	.absent = "1 for eBGP; 64 for iBGP and with multihop",
	.session = true,
	.help = "the TTL or hop limit of what is sent",
    },
    {
	.key = "multihop",
	.type = &type_bool,
	PEER(multihop),
	.standard = "false",
	.session = true,
	.help = "an eBGP neighbour that is not on a common link",
    },
    {
	.key = "next_hop",
	.effect = OPTION_UPDATES,
	.type = &type_peer_next_hop,
	WHOLE,
	.absent = "the session's own address",
	.help = "the next hop of what is announced; needed for the family "
		"that is not the session's",
    },
    {
	.key = "prefixes",
	.effect = OPTION_UPDATES,
	.type = &type_peer_exports,
	PEER(prefixes),
	.absent = "all",
	.help = "the prefixes that are announced to this neighbour",
    },
    {
	.key = "prepend",
	.effect = OPTION_UPDATES,
	.type = &type_number,
	PEER(prepend),
	.low = 0,
	.high = 16,
	.standard = "0",
	.help = "how often the AS number is put before the path once more",
    },
    {
	.key = "med",
	.effect = OPTION_UPDATES,
	.type = &type_number,
	PEER(med),
	OPTION_PRESENT(struct conf_peer, med_set),
	.low = 0,
	.high = UINT32_MAX,
	.absent = "none",
	.help = "the MULTI_EXIT_DISC attribute",
    },
    {
	.key = "local_pref",
	.effect = OPTION_UPDATES,
	.type = &type_number,
	PEER(local_pref),
	OPTION_PRESENT(struct conf_peer, local_pref_set),
	.low = 0,
	.high = UINT32_MAX,
	.absent = "100 for iBGP",
	.help = "the LOCAL_PREF attribute, for iBGP only",
    },
    {
	.key = "communities",
	.effect = OPTION_UPDATES,
	.type = &type_communities,
	PEER(communities),
	.absent = "none",
	.help = "communities on every announcement to this neighbour",
    },
    {
	.key = "ladder",
	.effect = OPTION_UPDATES,
	.type = &type_map,
	PEER(ladder),
	.section = &section_ladder,
	.absent = "degraded changes nothing, draining adds GRACEFUL_SHUTDOWN",
	.help = "what this neighbour is told while a prefix is degraded or "
		"draining; the options above are what a healthy one has",
    },
    {
	.key = "role",
	.type = &type_choice,
	PEER(policy.role),
	.choices = section_role_choices,
	.standard = "none",
	.session = true,
	.help = "what this node is to the neighbour (RFC 9234)",
    },
    {
	.key = "role_strict",
	.type = &type_bool,
	PEER(policy.role_strict),
	.standard = "false",
	.session = true,
	.help = "no session with a neighbour that says no role",
    },
    {
	.key = "import",
	.effect = OPTION_REFRESH,
	.type = &type_map,
	PEER(policy.import),
	.section = &section_import,
	.standard = "none",
	.help = "what is accepted from this neighbour (RFC 8212)",
    },
    {
	.key = "first_as",
	.effect = OPTION_REFRESH,
	.type = &type_bool,
	PEER(policy.first_as),
	.standard = "true",
	.help = "refuse paths that do not begin with the neighbour's AS "
		"number; false for route servers (RFC 7947)",
    },
    {
	.key = "as_set",
	.effect = OPTION_REFRESH,
	.type = &type_choice,
	PEER(policy.as_set),
	.choices = section_as_set_choices,
	.standard = "reject",
	.help = "what becomes of paths with an AS_SET (RFC 9774)",
    },
    {
	.key = "max_prefix",
	.effect = OPTION_REFRESH,
	.type = &type_map,
	PEER(policy.max_prefix),
	.section = &section_max_prefix,
	.help = "how many routes are accepted; more end the session",
    },
    {
	.key = "blackhole",
	.effect = OPTION_REFRESH,
	.type = &type_map,
	PEER(policy.blackhole),
	.section = &section_rtbh,
	.absent = "routes with BLACKHOLE are refused",
	.help = "what the neighbour may have dropped here (RFC 7999)",
    },
    {
	.key = "bfd",
	.type = &type_map,
	PEER(bfd),
	.section = &section_bfd,
	.absent = "off",
	.help = "watch the way to the neighbour by BFD (RFC 5880): on, the "
		"name of a profile, or a map",
    },
    {
	.key = "install",
	.type = &type_bool,
	PEER(install),
	.standard = "false",
	.help = "put what is imported into the kernel",
    },
    {
	.key = "graceful_restart",
	.effect = OPTION_SESSION,
	.type = &type_map,
	PEER(graceful_restart),
	.section = &section_graceful_restart,
	.absent = "helper",
	.help = "what stays when a session is lost; a change needs a new "
		"session but for stale_time and deferral",
    },
};

/* ---- what follows from other options ---- */

static const yaml_node_t *
option_node(struct load *l, const yaml_node_t *node, const char *key)
{
	return document_find(&l->document, node, key);
}

static void
finish_timers(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	const yaml_node_t *hold = option_node(l, node, "hold_time");
	const yaml_node_t *keepalive = option_node(l, node, "keepalive");

	if (hold && p->hold_time.ns > 0 && p->hold_time.ns < 3 * SECOND_NS)
		load_fail_in(l, node, "hold_time",
			     "found %s, expected 0s, or 3s and more (RFC 4271 "
			     "section 4.2)",
			     document_text(hold));
	else if (hold && p->hold_time.ns % SECOND_NS != 0)
		load_fail_in(l, node, "hold_time",
			     "found %s, expected whole seconds",
			     document_text(hold));
	if (keepalive && p->hold_time.ns > 0 &&
	    p->keepalive.ns > p->hold_time.ns / 3)
		load_warn_in(l, node, "keepalive",
			     "the keepalive is longer than a third of "
			     "hold_time: one lost segment may end the session");
	if (p->hold_time.ns == 0)
		p->keepalive = DUR_ZERO;
	else if (!keepalive)
		p->keepalive = dur_ns(p->hold_time.ns / 3);
}

static void
finish_families(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	bool is4 = (conf_peer_dynamic(p) ? p->range.addr.family
					 : p->address.family) == AF_INET;
	unsigned own = is4 ? CONF_IPV4 : CONF_IPV6;
	unsigned other = is4 ? CONF_IPV6 : CONF_IPV4;
	bool has_hop = !ip_is_none(is4 ? &p->next_hop6 : &p->next_hop4);

	if (ip_is_none(&p->address) && !conf_peer_dynamic(p) &&
	    !conf_peer_unnumbered(p))
		return;
	if (p->families == 0)
		p->families = own | (has_hop ? other : 0);
	/* Over IPv6 the next hop of IPv4 routes may be IPv6 (RFC 8950). */
	if (is4 && (p->families & other) && !has_hop)
		load_fail_in(l, node, "families",
			     "found ipv6 over an IPv4 session without a next "
			     "hop, expected next_hop: an IPv6 address of this "
			     "node");
	if (has_hop && !(p->families & other))
		load_fail_in(l, node, "next_hop",
			     "found an %s next hop, expected %s in families",
			     is4 ? "IPv6" : "IPv4", is4 ? "ipv6" : "ipv4");
}

static void
finish_policy(struct load *l, const yaml_node_t *node, struct conf_peer *p)
{
	bool ebgp = p->asn != p->local_asn;

	if (p->asn == 0 || p->local_asn == 0)
		return;
	if (p->policy.role != CONF_ROLE_NONE && !ebgp)
		load_fail_in(l, node, "role",
			     "found it for an iBGP neighbour, expected it for "
			     "eBGP only (RFC 9234 section 4.1)");
	if (p->policy.role_strict && p->policy.role == CONF_ROLE_NONE)
		load_fail_in(l, node, "role_strict",
			     "found it without role, expected role: customer, "
			     "provider, peer, rs or rs-client");
	if (p->local_pref_set && ebgp)
		load_fail_in(l, node, "local_pref",
			     "found it for an eBGP neighbour, expected "
			     "it for iBGP only (RFC 4271 section 5.1.5)");
	if (p->multihop && !ebgp)
		load_warn_in(l, node, "multihop",
			     "multihop has no effect: iBGP always is");
	if (p->install && !p->policy.import.enabled)
		load_warn_in(l, node, "install",
			     "install has no effect: import is none");
}

static void
finish_peer(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_peer *p = base;

	if (p->local_asn == 0)
		p->local_asn = l->conf->node.asn;
	finish_timers(l, node, p);
	section_transport_finish(l, node, p);
	finish_families(l, node, p);
	finish_policy(l, node, p);
	section_ladder_finish(l, node, p);
	section_bfd_finish(l, node, p);
}

const struct section section_peer = {
    OPTION_SECTION(peer_options), .what = "a peer",
    .finish = finish_peer,        .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

static void
parse_peers(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	struct conf *conf = field;

	conf->peers = section_named(
	    l, node, "the peers by name, each a map of its options",
	    sizeof(*conf->peers), &conf->n_peers, &l->peer_nodes);
	for (size_t i = 0; i < conf->n_peers; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_peer *p = &conf->peers[i];

		p->name = section_begin_item(l, key, &p->place);
		option_load(l, &section_peer, l->peer_nodes[i], p);
		load_pop(l);
	}
}

static bool
compared_by_name(const struct option *o, const void *a, const void *b,
		 const struct option_trees *trees)
{
	return true;
}

const struct option_type section_peers_type = {
    OPTION_NAMED, "map of peers", parse_peers, compared_by_name, NULL,
};

const char *
conf_peer_session_option(const struct conf_peer *a, const struct conf_peer *b)
{
	const struct conf_graceful_restart *x = &a->graceful_restart,
					   *y = &b->graceful_restart;
	const struct option *o = option_session_differs(&section_peer, a, b);

	if (o)
		return o->key;
	if (!a->transport.md5.key.v != !b->transport.md5.key.v)
		return "md5";
	if (x->mode != y->mode || x->restart_time.ns != y->restart_time.ns ||
	    x->forwarding != y->forwarding)
		return "graceful_restart";
	return NULL;
}

bool
conf_peer_session_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	return conf_peer_session_option(a, b) == NULL;
}

bool
conf_peer_import_equal(const struct conf_peer *a, const struct conf_peer *b)
{
	static const char *const keys[] = {"import", "first_as", "as_set",
					   "blackhole"};
	const struct option_trees none = {0};

	for (size_t i = 0; i < section_peer.n; i++) {
		const struct option *o = &section_peer.options[i];

		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			if (strcmp(o->key, keys[k]) == 0 &&
			    !o->type->equal(o, (const char *)a + o->offset,
					    (const char *)b + o->offset, &none))
				return false;
	}
	return true;
}
