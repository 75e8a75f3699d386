/* SPDX-License-Identifier: ISC */
/*
 * The sections, one file each, and the order in which they need each other:
 * node, services, prefixes, peers.
 */
#ifndef BASIN_CONF_SECTION_H
#define BASIN_CONF_SECTION_H

#include "conf/type.h"

#define SECOND_NS INT64_C(1000000000)
#define MS_NS     INT64_C(1000000)

extern const struct section section_node, section_bgp, section_control;
extern const struct section section_damping, section_drain, section_overload;
extern const struct section section_http_server, section_log;
extern const struct section section_journal, section_identity;
extern const struct section section_service, section_prefix, section_peer;
extern const struct section section_md5, section_tcp_ao, section_idle_hold;
extern const struct section section_mesh, section_mesh_node, section_brake;
extern const struct section section_block;
extern const struct section section_rpki, section_rpki_cache, section_exabgp;
extern const struct section section_check, section_ladder;
extern const struct section section_graceful_restart;
extern const struct section section_import, section_max_prefix, section_rtbh;
extern const struct option_choice section_role_choices[],
    section_as_set_choices[];
extern const struct section section_tls, section_tcp, section_http;
extern const struct section section_dns, section_exec;
extern const struct section section_udp, section_icmp, section_ntp,
    section_file, section_system, section_push, section_soa, section_bfd_check;
extern const struct section section_bfd, section_bfd_profile,
    section_start_gate;
extern const struct option_type section_bfd_profiles_type;
extern const struct option_type type_watches; /* struct conf_watches */
extern const struct option_type type_regex;   /* const char *, checked */
extern const struct option_type type_command; /* struct conf_names, argv */
extern const struct option_type type_user;    /* const char *, must exist */

/* What a check must know of its kind. */
struct section_kind {
	const char *word;
	const struct section *section;
	size_t offset; /* of its options in struct conf_check */
	size_t port;   /* offset of its port there, 0: none */
	bool remote;   /* takes address and source */
	bool expanded; /* without address: one check per service address */
};
extern const struct section_kind section_kinds[CONF_CHECK_KINDS];
uint16_t section_kind_port(const struct conf_check *c);
/* "tcp, http or dns": all of them. */
const char *section_kind_words(struct load *l);

/* The first option of two checks that differs, NULL when none does. */
const char *section_check_differs(const struct conf_check *a,
				  const struct conf_check *b);

/* The types of the root's named sections. */
extern const struct option_type section_services_type;
extern const struct option_type section_prefixes_type;
extern const struct option_type section_peers_type;
extern const struct option_type section_exabgp_type;
extern const struct option_type section_checks_type;

/*
 * Reads a map of names to maps. Allocates `n` zeroed items of `size` octets
 * and the list of their nodes; NULL after a message.
 */
void *section_named(struct load *l, const yaml_node_t *node, const char *what,
		    size_t size, size_t *n, const yaml_node_t ***nodes);
/*
 * Begins one item of such a map: its name, checked, and its place. Messages
 * are about it from here on, until load_pop().
 */
const char *section_begin_item(struct load *l, const yaml_node_t *key,
			       struct conf_place *place);
/* Sorts item numbers by `cmp` over the items at `base`. */
struct load_index section_index(struct load *l, const void *base, size_t n,
				int (*cmp)(const void *, const void *, void *));

/* A prefix that may be announced, from the key of a map. */
void section_prefix_key(struct load *l, const yaml_node_t *key,
			struct prefix *out);

/* A bare value instead of a map is the option `key` alone. */
void section_scalar(struct load *l, const struct section *s, const char *key,
		    const yaml_node_t *node, void *base);
/* Cuts `text` at blanks; the number of words, at most max + 1. */
size_t section_split(char *text, char **out, size_t max);

/* Resolves a service's or prefix's name to its number; false: not there. */
bool section_find_service(struct load *l, const char *name, size_t *out);
bool section_find_prefix(struct load *l, const struct prefix *prefix,
			 size_t *out);

/* What the ladder of a peer needs of the peer: its kind and attributes. */
void section_ladder_finish(struct load *l, const yaml_node_t *peer,
			   struct conf_peer *p);

/* What the BFD session of a peer takes from the peer. */
void section_bfd_finish(struct load *l, const yaml_node_t *peer,
			struct conf_peer *p);
/* BFD checks of peers; part of section_cross_check(). */
void section_bfd_check_all(struct load *l);

/* Where a peer is and how its connection is protected. */
void section_transport_finish(struct load *l, const yaml_node_t *node,
			      struct conf_peer *p);

/* Limits that nobody looks at; part of section_cross_check(). */
void section_overload_check(struct load *l);

/* Too many for one route; part of section_cross_check(). */
void section_communities_check(struct load *l);

/* Brakes and the nodes they need; part of section_cross_check(). */
void section_mesh_check(struct load *l);
/* Caches, and the peers of processes; part of section_cross_check(). */
void section_rpki_check(struct load *l);
void section_exabgp_check(struct load *l);
void section_block_check(struct load *l);
/* N3: `ip`, the value of `key` in a map, must not be an anycast address. */
void section_unicast(struct load *l, const yaml_node_t *map, const char *key,
		     const struct ip *ip);

/* Sections of a scenario. */
extern const struct section section_scenario_peer, section_scenario_prefix;
extern const struct section section_scenario_site, section_scenario_search;
extern const struct section section_scenario_hijack, section_scenario_longest;
extern const struct section section_scenario_roa;
extern const struct option_type section_scenario_peers_type;
extern const struct option_type section_scenario_prefixes_type;
extern const struct option_type section_scenario_sites_type;
extern const struct option_choice section_scope_choices[];
/* After loading a scenario: names, and what needs more than one section. */
void section_scenario_check(struct load *l);

/* After loading: everything that needs more than one section. */
void section_cross_check(struct load *l);

#endif
