/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"

#define BLOCK(member) OPTION_FIELD(struct conf_block, member)

static const struct option block_options[] = {
    {
	.key = "peers",
	.type = &type_texts,
	BLOCK(peers),
	.required = true,
	.help = "the peers that basin block tells",
    },
    {
	.key = "communities",
	.type = &type_communities,
	BLOCK(communities),
	.absent = "blackhole and no-export",
	.help = "the communities of a blackhole route (RFC 7999)",
    },
    {
	.key = "next_hop",
	.type = &type_ips,
	BLOCK(next_hop),
	.absent = "this node",
	.help = "the next hop of a blackhole route, one of each family",
    },
    {
	.key = "limit",
	.type = &type_number,
	BLOCK(limit),
	.low = 1,
	.high = 10000,
	.standard = "100",
	.help = "so many blocks at a time",
    },
    {
	.key = "shortest",
	.type = &type_number,
	BLOCK(shortest),
	.low = 8,
	.high = 32,
	.standard = "32",
	.help = "the shortest IPv4 prefix, in bits, that may be blocked",
    },
    {
	.key = "shortest6",
	.type = &type_number,
	BLOCK(shortest6),
	.low = 16,
	.high = 128,
	.standard = "128",
	.help = "the shortest IPv6 prefix, in bits, that may be blocked",
    },
    {
	.key = "default_for",
	.type = &type_duration,
	BLOCK(default_for),
	.low = SECOND_NS,
	.high = 30 * 86400 * SECOND_NS,
	.standard = "1h",
	.help = "a block ends after so long when nothing else is said",
    },
    {
	.key = "max",
	.type = &type_duration,
	BLOCK(max),
	.low = SECOND_NS,
	.high = 30 * 86400 * SECOND_NS,
	.standard = "24h",
	.help = "no block is asked for longer than this",
    },
};

/* RFC 7999 section 3.2: BLACKHOLE goes with NO_EXPORT or NO_ADVERTISE. */
static void
set_communities(struct load *l, struct conf_block *block)
{
	struct conf_communities *c = &block->communities;
	uint32_t *v;

	if (c->n_standard || c->n_extended || c->n_large)
		return;
	v = arena_alloc(l->arena, 2 * sizeof(*v));
	v[0] = UINT32_C(0xffff029a); /* BLACKHOLE */
	v[1] = UINT32_C(0xffffff01); /* NO_EXPORT */
	c->standard = v;
	c->n_standard = 2;
}

static void
finish_block(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_block *block = base;
	const struct conf_ips *hops = &block->next_hop;

	block->enabled = node != NULL;
	if (!node)
		return;
	set_communities(l, block);
	if (hops->n > 2 ||
	    (hops->n == 2 && hops->v[0].family == hops->v[1].family))
		load_fail_in(l, node, "next_hop",
			     "found several next hops of one family, expected "
			     "at most one for IPv4 and one for IPv6");
	if (block->default_for.ns > block->max.ns)
		load_fail_in(l, node, "default_for",
			     "found a time longer than max, expected max or "
			     "less");
}

const struct section section_block = {
    OPTION_SECTION(block_options),
    .what = "what basin block does",
    .finish = finish_block,
};

static bool
is_peer(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (strcmp(conf->peers[i].name, name) == 0)
			return true;
	return false;
}

/* When all sections are read. */
void
section_block_check(struct load *l)
{
	const yaml_node_t *map = document_find(&l->document, l->root, "block");
	const struct conf_block *block = &l->conf->block;

	load_push(l, "block");
	for (size_t i = 0; i < block->peers.n; i++)
		if (!is_peer(l->conf, block->peers.v[i]))
			load_fail_in(l, map, "peers",
				     "found %s, which is no peer, expected "
				     "names of peers",
				     load_quote(l, block->peers.v[i]));
	load_pop(l);
}
