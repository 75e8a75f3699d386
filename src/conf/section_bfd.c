/* SPDX-License-Identifier: ISC */
/*
 * BFD: `bfd` of a peer (on, a profile's name or a map), the profiles, and the
 * check of that kind. What a peer does not say its profile does, and what that
 * does not say is as the table has it. So zero means "not said" until finish.
 */
#include <string.h>

#include "conf/secret.h"
#include "conf/section.h"

#define INTERVAL_MS 100
#define MULTIPLIER  3
#define KEY_MAX     20 /* RFC 5880 section 4.4; 16 but for SHA1 */

/* ---- authentication ---- */

static const struct option_choice auth_types[] = {
    {"simple", CONF_BFD_AUTH_SIMPLE},
    {"md5", CONF_BFD_AUTH_MD5},
    {"meticulous-md5", CONF_BFD_AUTH_METICULOUS_MD5},
    {"sha1", CONF_BFD_AUTH_SHA1},
    {"meticulous-sha1", CONF_BFD_AUTH_METICULOUS_SHA1},
    {NULL, 0},
};

#define AUTH(member) OPTION_FIELD(struct conf_bfd_auth, member)

static const struct option auth_options[] = {
    {
	.key = "type",
	.type = &type_choice,
	AUTH(type),
	.choices = auth_types,
	.required = true,
	.help = "how packets are authenticated (RFC 5880 section 4.1)",
    },
    {
	.key = "key_id",
	.type = &type_number,
	AUTH(key_id),
	.low = 0,
	.high = 255,
	.standard = "1",
	.help = "the number both sides give the key",
    },
    {
	.key = "key_file",
	.type = &secret_type,
	AUTH(key),
	.high = KEY_MAX,
	.required = true,
	.help = "a file whose one line is the key, 1 to 16 octets, with SHA1 "
		"20; others must not be able to read it",
    },
};

static void
finish_auth(struct load *l, const yaml_node_t *node, void *base)
{
	const struct conf_bfd_auth *a = base;
	size_t most = a->type >= CONF_BFD_AUTH_SHA1 ? KEY_MAX : 16;

	if (node && a->key.n > most)
		load_fail_in(l, node, "key_file",
			     "found a key of %zu octets, expected at most %zu "
			     "for this type",
			     a->key.n, most);
}

static const struct section section_auth = {
    OPTION_SECTION(auth_options),
    .what = "the authentication of BFD packets",
    .finish = finish_auth,
};

/* ---- what every session has ---- */

/* `type` is the struct of the section, `in` where in it the session is. */
#define SESSION_OPTIONS(type_of, in)                                           \
	{                                                                      \
	    .key = "interval",                                                 \
	    .type = &type_duration,                                            \
	    OPTION_FIELD(type_of, in interval),                                \
	    .low = 10 * MS_NS,                                                 \
	    .high = 60 * SECOND_NS,                                            \
	    .absent = "the profile's, else 100ms",                             \
	    .help = "from one packet to the next as this node would like it "  \
		    "(Desired Min TX Interval); the slower side decides",      \
	},                                                                     \
	    {                                                                  \
		.key = "receive_interval",                                     \
		.type = &type_duration,                                        \
		OPTION_FIELD(type_of, in receive_interval),                    \
		.low = 10 * MS_NS,                                             \
		.high = 60 * SECOND_NS,                                        \
		.absent = "the profile's, else interval",                      \
		.help = "how fast the neighbour may send (Required Min RX "    \
			"Interval)",                                           \
	    },                                                                 \
	    {                                                                  \
		.key = "multiplier",                                           \
		.type = &type_number,                                          \
		OPTION_FIELD(type_of, in multiplier),                          \
		.low = 1,                                                      \
		.high = 255,                                                   \
		.absent = "the profile's, else 3",                             \
		.help = "so many packets in a row must be missed by the "      \
			"neighbour",                                           \
	    },                                                                 \
	    {                                                                  \
		.key = "multihop",                                             \
		.type = &type_bool,                                            \
		OPTION_FIELD(type_of, in multihop),                            \
		OPTION_PRESENT(type_of, in multihop_set),                      \
		.absent = "the profile's, else as the BGP session is",         \
		.help = "the neighbour is not on a common link (RFC 5883)",    \
	    },                                                                 \
	    {                                                                  \
		.key = "passive",                                              \
		.type = &type_bool,                                            \
		OPTION_FIELD(type_of, in passive),                             \
		OPTION_PRESENT(type_of, in passive_set),                       \
		.absent = "the profile's, else false",                         \
		.help = "say nothing before the neighbour does, with "         \
			"multihop only",                                       \
	    },                                                                 \
	    {                                                                  \
		.key = "hold_down",                                            \
		.type = &type_duration,                                        \
		OPTION_FIELD(type_of, in hold_down),                           \
		OPTION_PRESENT(type_of, in hold_down_set),                     \
		.low = 0,                                                      \
		.high = 3600 * SECOND_NS,                                      \
		.absent = "the profile's, else 0s",                            \
		.help = "a session that was down must be up for so long to "   \
			"count as up",                                         \
	    },                                                                 \
	{                                                                      \
		.key = "authentication", .type = &type_map,                    \
		OPTION_FIELD(type_of, in auth), .section = &section_auth,      \
		.absent = "the profile's, else none",                          \
		.help = "a key that both sides have",                          \
	}

#define STRICT_OPTION(type_of, in)                                             \
	{                                                                      \
		.key = "strict", .type = &type_bool,                           \
		OPTION_FIELD(type_of, in strict),                              \
		OPTION_PRESENT(type_of, in strict_set),                        \
		.absent = "the profile's, else false",                         \
		.help = "no BGP session before the BFD session is up",         \
	}

#define PROFILE_OPTION(type_of, in)                                            \
	{                                                                      \
		.key = "profile", .type = &type_name,                          \
		OPTION_FIELD(type_of, in profile), .absent = "none",           \
		.help = "one of bfd_profiles, for what is not said here",      \
	}

static const struct conf_bfd_profile *
find_profile(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_bfd_profiles; i++)
		if (strcmp(conf->bfd_profiles[i].name, name) == 0)
			return &conf->bfd_profiles[i];
	return NULL;
}

static const char *const *
profile_names(struct load *l)
{
	const struct conf *conf = l->conf;
	const char **names =
	    load_scratch(l, conf->n_bfd_profiles + 1, sizeof(*names));

	for (size_t i = 0; i < conf->n_bfd_profiles; i++)
		names[i] = conf->bfd_profiles[i].name;
	return names;
}

/* What `b` does not say, `from` does. */
static void
inherit(struct conf_bfd *b, const struct conf_bfd *from)
{
	if (b->interval.ns == 0) {
		b->interval = from->interval;
		if (b->receive_interval.ns == 0)
			b->receive_interval = from->receive_interval;
	}
	if (b->multiplier == 0)
		b->multiplier = from->multiplier;
	if (!b->multihop_set) {
		b->multihop_set = from->multihop_set;
		b->multihop = from->multihop;
	}
	if (!b->passive_set)
		b->passive = from->passive;
	if (!b->strict_set)
		b->strict = from->strict;
	if (!b->hold_down_set)
		b->hold_down = from->hold_down;
	if (b->auth.type == CONF_BFD_AUTH_NONE)
		b->auth = from->auth;
}

static void
take_profile(struct load *l, const yaml_node_t *node, struct conf_bfd *b)
{
	const struct conf_bfd_profile *p = find_profile(l->conf, b->profile);
	const char *const *names = profile_names(l);

	if (p)
		inherit(b, &p->bfd);
	else if (names[0])
		load_fail(l, node, "found the profile %s%s, expected %s",
			  load_quote(l, b->profile),
			  load_hint(l, b->profile, names),
			  load_words(l, names));
	else
		load_fail(l, node,
			  "found the profile %s, but there are no "
			  "bfd_profiles, expected on, off or a map",
			  load_quote(l, b->profile));
}

static void
finish_bfd(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_bfd *b = base;

	if (!node)
		return;
	if (node->type == YAML_MAPPING_NODE)
		b->enabled = true;
	if (b->profile)
		take_profile(l, node, b);
	inherit(b, &(struct conf_bfd){.interval = dur_ms(INTERVAL_MS),
				      .multiplier = MULTIPLIER});
	if (b->receive_interval.ns == 0)
		b->receive_interval = b->interval;
}

static const struct option bfd_options[] = {
    PROFILE_OPTION(struct conf_bfd, ),
    STRICT_OPTION(struct conf_bfd, ),
    SESSION_OPTIONS(struct conf_bfd, ),
};

/* on, off, or the name of a profile. */
static void
scalar_bfd(struct load *l, const yaml_node_t *node, void *base)
{
	static const char *const yes[] = {"on", "true", "yes"};
	static const char *const no[] = {"off", "false", "no"};
	const char *text = document_text(node);
	struct conf_bfd *b = base;

	b->enabled = true;
	for (size_t i = 0; document_is_plain(node) && i < ARRAY_LEN(yes); i++) {
		if (strcmp(text, yes[i]) == 0)
			return;
		if (strcmp(text, no[i]) != 0)
			continue;
		b->enabled = false;
		return;
	}
	b->profile = arena_strdup(l->arena, text);
}

const struct section section_bfd = {
    OPTION_SECTION(bfd_options),
    .what = "BFD",
    .finish = finish_bfd,
    .scalar = scalar_bfd,
    .scalar_text = "on, off or the name of a profile",
    .scalar_schema = "\"type\": [\"boolean\", \"string\"]",
};

void
section_bfd_finish(struct load *l, const yaml_node_t *peer, struct conf_peer *p)
{
	const yaml_node_t *address =
	    document_find(&l->document, peer, "address");
	const yaml_node_t *node = document_find(&l->document, peer, "bfd");
	bool link_local =
	    p->address.family == AF_INET6 && ip_is_link_local(&p->address);

	if (!node || !p->bfd.enabled)
		return;
	if (!address || (address->type == YAML_SCALAR_NODE &&
			 strchr(document_text(address), '/')))
		load_fail(l, node,
			  "found BFD of a neighbour whose address is not known "
			  "beforehand, expected it with an address only");
	if (!p->bfd.multihop_set)
		p->bfd.multihop =
		    p->multihop || (p->asn == p->local_asn && !link_local);
	if (p->bfd.passive && !p->bfd.multihop)
		load_fail(l, node,
			  "found passive on one hop, expected it with multihop "
			  "only: both sides speak first (RFC 5881 section 3)");
	if (p->bfd.multihop && link_local)
		load_fail(l, node,
			  "found multihop to a link-local address, expected "
			  "one that is reached over several hops");
}

/* ---- profiles ---- */

static const struct option profile_options[] = {
    STRICT_OPTION(struct conf_bfd, ),
    SESSION_OPTIONS(struct conf_bfd, ),
};

const struct section section_bfd_profile = {
    OPTION_SECTION(profile_options),
    .what = "a BFD profile",
    .finish = finish_bfd,
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

static bool
is_reserved(const char *name)
{
	static const char *const words[] = {
	    "on", "off", "true", "false", "yes", "no", "null", "peer", NULL};

	for (size_t i = 0; words[i]; i++)
		if (strcmp(words[i], name) == 0)
			return true;
	return false;
}

static void
parse_profiles(struct load *l, const struct option *o, const yaml_node_t *node,
	       void *field)
{
	const yaml_node_t **values;
	struct conf *conf = field;
	size_t n;

	conf->bfd_profiles = section_named(
	    l, node, "the profiles by name, each a map of its options",
	    sizeof(*conf->bfd_profiles), &n, &values);
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_bfd_profile *p = &conf->bfd_profiles[i];

		p->name = section_begin_item(l, key, &p->place);
		if (is_reserved(p->name))
			load_fail(l, key,
				  "found the name %s, which is a word of "
				  "bfd, expected another",
				  load_quote(l, p->name));
		option_load(l, &section_bfd_profile, values[i], &p->bfd);
		load_pop(l);
	}
	conf->n_bfd_profiles = n;
}

/* What a profile says is compared where it is used. */
static bool
compared_by_use(const struct option *o, const void *a, const void *b,
		const struct option_trees *trees)
{
	return true;
}

const struct option_type section_bfd_profiles_type = {
    OPTION_NAMED, "map of profiles", parse_profiles, compared_by_use, NULL,
};

/* ---- the check ---- */

#define CHECK(member) OPTION_FIELD(struct conf_bfd_check, member)

static const struct option check_options[] = {
    {
	.key = "peer",
	.type = &type_name,
	CHECK(peer),
	.absent = "a session of its own",
	.help = "the peer whose BFD session is looked at",
    },
    {
	.key = "address",
	.type = &type_ip,
	CHECK(address),
	.absent = "the peer's",
	.help = "the neighbour of a session of its own",
    },
    {
	.key = "source",
	.type = &type_ip,
	CHECK(source),
	.absent = "the kernel chooses",
	.help = "this node's address of that session",
    },
    {
	.key = "interface",
	.type = &type_text,
	CHECK(interface),
	.high = 15,
	.absent = "none",
	.help = "the interface of a link-local address",
    },
    PROFILE_OPTION(struct conf_bfd_check, bfd.),
    SESSION_OPTIONS(struct conf_bfd_check, bfd.),
};

static void
finish_own_session(struct load *l, const yaml_node_t *node,
		   struct conf_bfd_check *c)
{
	bool link_local =
	    c->address.family == AF_INET6 && ip_is_link_local(&c->address);

	finish_bfd(l, node, &c->bfd);
	if (link_local && !c->interface)
		load_fail_in(l, node, "address",
			     "found a link-local address without its "
			     "interface, expected interface: NAME");
	if (!ip_is_none(&c->source) && c->source.family != c->address.family)
		load_fail_in(l, node, "source",
			     "found another family than that of address, "
			     "expected the same");
	if (c->bfd.passive && !c->bfd.multihop)
		load_fail_in(l, node, "passive",
			     "found passive on one hop, expected it with "
			     "multihop only (RFC 5881 section 3)");
}

static void
finish_check(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_bfd_check *c = base;

	if (!node)
		return;
	if (!c->peer == ip_is_none(&c->address) &&
	    (c->peer || !document_find(&l->document, node, "address")))
		load_fail(
		    l, node, "found %s peer %s address, expected one of them",
		    c->peer ? "both" : "neither", c->peer ? "and" : "nor");
	else if (c->peer && document_count(node) > 1)
		load_fail(l, node,
			  "found options of a session of its own beside peer, "
			  "expected them in the peer's bfd");
	else if (!c->peer)
		finish_own_session(l, node, c);
}

const struct section section_bfd_check = {
    OPTION_SECTION(check_options),
    .what = "a BFD check",
    .finish = finish_check,
};

/* ---- together ---- */

static const struct conf_peer *
find_peer(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (strcmp(conf->peers[i].name, name) == 0)
			return &conf->peers[i];
	return NULL;
}

static void
check_reference(struct load *l, const struct conf_check *c)
{
	const struct conf_peer *p = find_peer(l->conf, c->bfd.peer);

	if (!p)
		load_fail_at(l, c->place,
			     "bfd.peer: found %s, expected the name of a peer",
			     load_quote(l, c->bfd.peer));
	else if (!p->bfd.enabled)
		load_fail_at(l, c->place,
			     "bfd.peer: found the peer %s, which has no BFD, "
			     "expected bfd: on there",
			     p->name);
}

void
section_bfd_check_all(struct load *l)
{
	for (size_t i = 0; i < l->conf->n_services; i++) {
		const struct conf_service *s = &l->conf->services[i];

		for (size_t k = 0; k < s->n_checks; k++)
			if (s->checks[k].kind == CONF_CHECK_BFD &&
			    s->checks[k].bfd.peer)
				check_reference(l, &s->checks[k]);
	}
}
