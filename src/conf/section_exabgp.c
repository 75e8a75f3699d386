/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "conf/section.h"

#define PROCESS(member) OPTION_FIELD(struct conf_exabgp, member)

static const struct option_choice encoders[] = {
    {"text", CONF_ENCODER_TEXT},
    {"json", CONF_ENCODER_JSON},
    {NULL, 0},
};

static const struct option_choice exits[] = {
    {"withdraw", CONF_ON_EXIT_WITHDRAW},
    {"keep", CONF_ON_EXIT_KEEP},
    {NULL, 0},
};

static const struct option exabgp_options[] = {
    {
	.key = "run",
	.type = &type_command,
	PROCESS(argv),
	.required = true,
	.help = "the program and its arguments; it is started with basind and "
		"again when it ends",
    },
    {
	.key = "user",
	.type = &type_user,
	PROCESS(user),
	.absent = "the daemon's unprivileged user",
	.help = "the user to run it as",
    },
    {
	.key = "encoder",
	.type = &type_choice,
	PROCESS(encoder),
	.choices = encoders,
	.standard = "text",
	.help = "the form of what it is told",
    },
    {
	.key = "peers",
	.type = &type_texts,
	PROCESS(peers),
	.absent = "all peers",
	.help = "the peers that it may speak for",
    },
    {
	.key = "acknowledge",
	.type = &type_bool,
	PROCESS(acknowledge),
	.standard = "true",
	.help = "answer each command with done or error",
    },
    {
	.key = "neighbor_changes",
	.type = &type_bool,
	PROCESS(neighbor_changes),
	.standard = "false",
	.help = "tell it when the session of a peer comes up or goes down",
    },
    {
	.key = "on_exit",
	.type = &type_choice,
	PROCESS(on_exit),
	.choices = exits,
	.standard = "withdraw",
	.help = "what becomes of its routes when it ends",
    },
    {
	.key = "respawn",
	.type = &type_duration,
	PROCESS(respawn),
	.low = 100 * MS_NS,
	.high = 3600 * SECOND_NS,
	.standard = "1s",
	.help = "wait so long before it is started again; doubled each time "
		"it ends soon, up to 60s",
    },
    {
	.key = "max_routes",
	.type = &type_number,
	PROCESS(max_routes),
	.low = 1,
	.high = 1000000,
	.standard = "10000",
	.help = "it may have so many routes announced at a time",
    },
};

static void
finish_process(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_exabgp *p = base;

	if (p->user && strcmp(p->user, "root") == 0)
		load_fail_in(l, node, "user",
			     "found root, expected another user: what this "
			     "node may do as root is not given away");
}

const struct section section_exabgp = {
    OPTION_SECTION(exabgp_options),
    .what = "a process",
    .finish = finish_process,
    .name_pattern = "^[A-Za-z0-9_.-]{1,64}$",
    .name_word = "NAME",
};

/* An array of processes and its length behind it. */
struct processes {
	struct conf_exabgp *v;
	size_t n;
};

static void
parse_processes(struct load *l, const struct option *o, const yaml_node_t *node,
		void *field)
{
	const yaml_node_t **values;
	struct processes *out = field;

	out->v = section_named(
	    l, node, "the processes by name, each a map of its options",
	    sizeof(*out->v), &out->n, &values);
	for (size_t i = 0; i < out->n; i++) {
		const yaml_node_t *key = document_key(&l->document, node, i);
		struct conf_exabgp *p = &out->v[i];

		p->name = section_begin_item(l, key, &p->place);
		option_load(l, &section_exabgp, values[i], p);
		load_pop(l);
	}
	if (out->n > CONF_EXABGP_MAX)
		load_fail(l, node, "found %zu processes, expected at most %d",
			  out->n, CONF_EXABGP_MAX);
}

static bool
equal_processes(const struct option *o, const void *a, const void *b,
		const struct option_trees *trees)
{
	const struct processes *x = a, *y = b;

	if (x->n != y->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!conf_exabgp_equal(&x->v[i], &y->v[i]))
			return false;
	return true;
}

const struct option_type section_exabgp_type = {
    OPTION_NAMED, "map of processes", parse_processes, equal_processes, NULL,
};

bool
conf_exabgp_equal(const struct conf_exabgp *a, const struct conf_exabgp *b)
{
	const struct option_trees none = {0};

	return strcmp(a->name, b->name) == 0 &&
	       !option_differs(&section_exabgp, a, b, &none);
}

/* ---- together ---- */

static bool
is_peer(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->n_peers; i++)
		if (strcmp(conf->peers[i].name, name) == 0)
			return true;
	return false;
}

static const char *
peer_hint(struct load *l, const char *name)
{
	const struct conf *conf = l->conf;
	const char **names = load_scratch(l, conf->n_peers + 1, sizeof(*names));

	for (size_t i = 0; i < conf->n_peers; i++)
		names[i] = conf->peers[i].name;
	return load_hint(l, name, names);
}

void
section_exabgp_check(struct load *l)
{
	const yaml_node_t *map = document_find(&l->document, l->root, "exabgp");

	load_push(l, "exabgp");
	for (size_t i = 0; i < l->conf->n_exabgp; i++) {
		const struct conf_exabgp *p = &l->conf->exabgp[i];
		const yaml_node_t *at =
		    document_find(&l->document, map, p->name);

		load_push(l, p->name);
		for (size_t k = 0; k < p->n_peers; k++)
			if (!is_peer(l->conf, p->peers[k]))
				load_fail_in(
				    l, at, "peers",
				    "found %s, which is no peer, expected "
				    "the name of one%s",
				    load_quote(l, p->peers[k]),
				    peer_hint(l, p->peers[k]));
		load_pop(l);
	}
	load_pop(l);
}
