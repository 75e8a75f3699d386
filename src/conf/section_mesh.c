/* SPDX-License-Identifier: ISC */
/* The other nodes, and the brakes that need them. */
#include <errno.h>
#include <string.h>

#include "conf/secret.h"
#include "conf/section.h"

#define MESH_PORT        9178
#define MESH_PORT_TEXT   "9178"
#define MESH_NODES_MAX   64
#define MESH_BRAKES_MAX  4096
#define KEY_OCTETS_MIN   16
#define KEY_OCTETS_MAX   256
#define KEY_MODE_REFUSED 0022 /* only its owner writes it */
#define KEY_MODE_LOOSE   0007 /* nobody but owner and group should read it */

/* ---- keys ---- */

static bool
sound_key(struct load *l, const yaml_node_t *node, ssize_t n, unsigned mode)
{
	if (n == -EINVAL)
		load_fail(l, node, "found %s, which is no regular file",
			  load_found(l, node));
	else if (n < 0)
		load_fail(l, node,
			  "found %s, which cannot be read (%s), expected a "
			  "file with the key",
			  load_found(l, node), strerror((int)-n));
	else if (mode & KEY_MODE_REFUSED)
		load_fail(l, node,
			  "found %s, whose mode %04o lets others change it, "
			  "expected at most 0640",
			  load_found(l, node), mode);
	else if (n < KEY_OCTETS_MIN || n > KEY_OCTETS_MAX)
		load_fail(l, node,
			  "found %s with a key of %s octets, expected %d to "
			  "%d: openssl rand -hex 32",
			  load_found(l, node),
			  n < KEY_OCTETS_MIN ? "too few" : "too many",
			  KEY_OCTETS_MIN, KEY_OCTETS_MAX);
	else
		return true;
	return false;
}

static void
parse_key(struct load *l, const struct option *o, const yaml_node_t *node,
	  void *field)
{
	const char *path = load_text(l, node, "the name of a file");
	struct conf_key *key = field;
	uint8_t octets[KEY_OCTETS_MAX + 64];
	unsigned mode;
	ssize_t n;

	if (!path)
		return;
	path = type_resolve(l, path);
	if (l->elsewhere) {
		*key = secret_elsewhere(l, path);
		return;
	}
	n = secret_read(path, octets, sizeof(octets), &mode);
	if (!sound_key(l, node, n, mode))
		return;
	if (mode & KEY_MODE_LOOSE)
		load_warn(l, node,
			  "%s has mode %04o: everybody on this machine can "
			  "read the key; chmod 640 it",
			  load_found(l, node), mode);
	*key = secret_keep(l, path, octets, (size_t)n);
	explicit_bzero(octets, sizeof(octets));
}

static bool
equal_key(const struct option *o, const void *a, const void *b,
	  const struct option_trees *trees)
{
	return secret_equal(a, b);
}

static const struct option_type type_key = {
    OPTION_TEXT, "file", parse_key, equal_key, TYPE_SCHEMA_TEXT,
};

/* ---- nodes ---- */

#define NODE(member) OPTION_FIELD(struct conf_mesh_node, member)

static const struct option node_options[] = {
    {
	.key = "address",
	.type = &type_ip,
	NODE(address),
	.required = true,
	.help = "a unicast address of the node, outside every anycast prefix",
    },
    {
	.key = "port",
	.type = &type_number,
	NODE(port),
	.low = 1,
	.high = UINT16_MAX,
	.standard = MESH_PORT_TEXT,
	.help = "the UDP port the node listens on",
    },
    {
	.key = "key_file",
	.type = &type_key,
	NODE(key),
	.absent = "mesh.key_file",
	.help = "the key this node and that node share and no other has",
    },
};

const struct section section_mesh_node = {
    OPTION_SECTION(node_options),
    .what = "a node",
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

/* An array of nodes and its length behind it. */
struct nodes {
	struct conf_mesh_node *v;
	size_t n;
};

static void
parse_node(struct load *l, const yaml_node_t *key, const yaml_node_t *node,
	   struct conf_mesh_node *out)
{
	out->name = section_begin_item(l, key, &out->place);
	option_load(l, &section_mesh_node, node, out);
	load_pop(l);
}

/* The same list may stand on every node: this node is left out. */
static void
parse_nodes(struct load *l, const struct option *o, const yaml_node_t *node,
	    void *field)
{
	const char *self = l->conf->node.name ? l->conf->node.name : "";
	const yaml_node_t **values;
	struct nodes *out = field;
	size_t n;

	out->v = section_named(
	    l, node, "the other nodes by name, each a map of its options",
	    sizeof(*out->v), &n, &values);
	for (size_t i = 0; i < n; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_mesh_node *item = &out->v[out->n];

		memset(item, 0, sizeof(*item));
		parse_node(l, key, values[i], item);
		out->n += strcmp(item->name, self) != 0;
	}
	if (n > MESH_NODES_MAX)
		load_fail(l, node, "found %zu nodes, expected at most %d", n,
			  MESH_NODES_MAX);
}

static bool
equal_nodes(const struct option *o, const void *a, const void *b,
	    const struct option_trees *trees)
{
	const struct nodes *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (strcmp(x->v[i].name, y->v[i].name) != 0 ||
		    option_differs(&section_mesh_node, &x->v[i], &y->v[i],
				   trees))
			return false;
	return true;
}

static const struct option_type type_nodes = {
    OPTION_NAMED, "map of nodes", parse_nodes, equal_nodes, NULL,
};

/* ---- the mesh ---- */

#define MESH(member) OPTION_FIELD(struct conf_mesh, member)

static const struct option mesh_options[] = {
    {
	.key = "listen",
	.type = &type_endpoints,
	MESH(listen),
	.absent = "node.management, else all addresses, port " MESH_PORT_TEXT,
	.help = "where to wait for messages of the other nodes (UDP)",
    },
    {
	.key = "key_file",
	.type = &type_key,
	MESH(key),
	.absent = "each node has its own",
	.help = "the key that all nodes share, 16 to 256 octets",
    },
    {
	.key = "nodes",
	.type = &type_nodes,
	MESH(nodes),
	.section = &section_mesh_node,
	.absent = "none",
	.help = "the nodes by name; this node may be among them",
    },
    {
	.key = "interval",
	.type = &type_duration,
	MESH(interval),
	.low = 100 * MS_NS,
	.high = 60 * SECOND_NS,
	.standard = "1s",
	.help = "how often the nodes are told how this node is",
    },
    {
	.key = "state_file",
	.type = &type_path,
	MESH(state_file),
	.absent = "none",
	.help = "a JSON file in which another tool says which nodes "
		"announce what",
    },
    {
	.key = "state_file_limit",
	.type = &type_duration,
	MESH(state_file_limit),
	.low = SECOND_NS,
	.high = 86400 * SECOND_NS,
	.standard = "30s",
	.help = "a state file that was not written for this long says nothing",
    },
};

static void
listen_at(struct load *l, struct conf_mesh *mesh, const struct ip *v, size_t n)
{
	mesh->listen = load_alloc(l, n, sizeof(*mesh->listen));
	mesh->n_listen = n;
	for (size_t i = 0; i < n; i++)
		mesh->listen[i] = (struct conf_endpoint){v[i], MESH_PORT};
}

static void
finish_mesh(struct load *l, const yaml_node_t *node, void *base)
{
	static const struct ip everywhere[] = {{.family = AF_INET},
					       {.family = AF_INET6}};
	const struct conf_ips *management = &l->conf->node.management;
	struct conf_mesh *mesh = base;

	mesh->enabled = node != NULL;
	if (!mesh->enabled)
		return;
	if (mesh->n_nodes > 0 && !document_find(&l->document, node, "listen")) {
		if (management->n > 0)
			listen_at(l, mesh, management->v, management->n);
		else
			listen_at(l, mesh, everywhere, ARRAY_LEN(everywhere));
	}
	for (size_t i = 0; i < mesh->n_nodes; i++)
		if (!mesh->nodes[i].key.v)
			mesh->nodes[i].key = mesh->key;
}

const struct section section_mesh = {
    OPTION_SECTION(mesh_options),
    .what = "the mesh",
    .finish = finish_mesh,
};

/* ---- brakes ---- */

#define BRAKE(member) OPTION_FIELD(struct conf_brake, member)

static const struct option brake_options[] = {
    {
	.key = "min_sites",
	.type = &type_number,
	BRAKE(min_sites),
	.low = 1,
	.high = MESH_NODES_MAX,
	.absent = "no such rule",
	.help = "how many other nodes must have promised to stay",
    },
    {
	.key = "max_withdrawn",
	.type = &type_number,
	BRAKE(max_withdrawn),
	.low = 1,
	.high = MESH_NODES_MAX,
	.absent = "no such rule",
	.help = "how many of the nodes may withdraw it for one cause within "
		"the window",
    },
    {
	.key = "window",
	.type = &type_duration,
	BRAKE(window),
	.low = SECOND_NS,
	.high = 86400 * SECOND_NS,
	.standard = "10m",
	.help = "how long a withdrawal counts for max_withdrawn",
    },
};

static void
finish_brake(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_brake *brake = base;

	brake->enabled = node != NULL;
	if (node && brake->min_sites == 0 && brake->max_withdrawn == 0)
		load_fail(l, node,
			  "found a brake without a rule, expected min_sites, "
			  "max_withdrawn or both");
}

const struct section section_brake = {
    OPTION_SECTION(brake_options),
    .what = "a brake",
    .finish = finish_brake,
};

/* ---- together ---- */

static void
check_node(struct load *l, const yaml_node_t *map, bool has_key, size_t i)
{
	const struct conf_mesh *mesh = &l->conf->mesh;
	const struct conf_mesh_node *n = &mesh->nodes[i];
	const yaml_node_t *at = document_find(&l->document, map, n->name);

	load_push(l, n->name);
	if (!n->key.v && !has_key &&
	    !document_find(&l->document, at, "key_file"))
		load_fail(l, at,
			  "found no key for this node, expected key_file here "
			  "or mesh.key_file");
	section_unicast(l, at, "address", &n->address);
	for (size_t k = 0; k < i; k++)
		if (!ip_is_none(&n->address) &&
		    n->port == mesh->nodes[k].port &&
		    ip_equal(&n->address, &mesh->nodes[k].address))
			load_fail(l, at,
				  "found the address and port of the node %s, "
				  "expected others",
				  mesh->nodes[k].name);
	load_pop(l);
}

static void
check_nodes(struct load *l, const yaml_node_t *map)
{
	const struct conf_mesh *mesh = &l->conf->mesh;
	const yaml_node_t *nodes = document_find(&l->document, map, "nodes");
	/* One that was refused is complained of once. */
	bool has_key = document_find(&l->document, map, "key_file") != NULL;

	load_push(l, "mesh");
	if (mesh->n_nodes == 0 && !mesh->state_file && !nodes)
		load_fail(l, map,
			  "found no other node, expected nodes, state_file or "
			  "both");
	if (mesh->n_nodes > 0 && mesh->n_listen == 0)
		load_fail_in(l, map, "listen",
			     "found off, but nodes could not be heard then, "
			     "expected ADDRESS:PORT");
	for (size_t i = 0; i < mesh->n_listen; i++)
		section_unicast(l, map, "listen", &mesh->listen[i].ip);
	load_push(l, "nodes");
	for (size_t i = 0; i < mesh->n_nodes; i++)
		check_node(l, nodes, has_key, i);
	load_pop(l);
	load_pop(l);
}

static void
check_brake(struct load *l, const struct conf_brake *brake,
	    const yaml_node_t *at)
{
	const struct conf_mesh *mesh = &l->conf->mesh;

	if (brake->min_sites > mesh->n_nodes && !mesh->state_file)
		load_fail_in(l, at, "min_sites",
			     "found %u, but mesh.nodes names %zu other nodes: "
			     "it would never be withdrawn, expected at most "
			     "that",
			     brake->min_sites, mesh->n_nodes);
	if (brake->max_withdrawn > 0 && mesh->n_nodes == 0)
		load_fail_in(l, at, "max_withdrawn",
			     "found it without mesh.nodes, expected the nodes "
			     "that are counted");
	else if (brake->max_withdrawn > mesh->n_nodes)
		load_warn_in(l, at, "max_withdrawn",
			     "found %u for %zu nodes with this one: it holds "
			     "nothing back",
			     brake->max_withdrawn, mesh->n_nodes + 1);
}

void
section_mesh_check(struct load *l)
{
	const struct conf *conf = l->conf;
	const yaml_node_t *mesh = document_find(&l->document, l->root, "mesh");
	size_t brakes = 0;

	if (mesh && mesh->type == YAML_MAPPING_NODE)
		check_nodes(l, mesh);
	load_push(l, "prefixes");
	for (size_t i = 0; i < conf->n_prefixes; i++) {
		const struct conf_prefix *p = &conf->prefixes[i];
		const yaml_node_t *at;
		char text[PREFIX_TEXT_MAX];

		if (!p->brake.enabled)
			continue;
		at = document_find(&l->document, l->prefix_nodes[i], "brake");
		load_push(l, prefix_format(&p->prefix, text, sizeof(text)));
		load_push(l, "brake");
		if (!mesh)
			load_fail(l, at,
				  "found a brake, but no other node is known, "
				  "expected the section mesh");
		else if (mesh->type == YAML_MAPPING_NODE)
			check_brake(l, &p->brake, at);
		if (++brakes == MESH_BRAKES_MAX + 1)
			load_fail(l, at, "found more than %d brakes",
				  MESH_BRAKES_MAX);
		load_pop(l);
		load_pop(l);
	}
	load_pop(l);
}
