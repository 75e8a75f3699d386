/* SPDX-License-Identifier: ISC */
/*
 * How many communities a route has in the end: those of the peer, of the
 * prefix and of the rung, and those that basind adds.
 */
#include "conf/section.h"

/* As the configuration writes them, all under `communities`. */
#define KINDS(X)                                                               \
	X(STANDARD, "standard")                                                \
	X(EXTENDED, "extended")                                                \
	X(LARGE, "large")

enum kind {
#define X(n, t) KIND_##n,
	KINDS(X)
#undef X
	    KIND_COUNT
};

static const char *const kind_texts[] = {
#define X(n, t) [KIND_##n] = t,
    KINDS(X)
#undef X
};

struct counts {
	size_t n[KIND_COUNT];
};

static void
add(struct counts *sum, const struct conf_communities *c)
{
	sum->n[KIND_STANDARD] += c->n_standard;
	sum->n[KIND_EXTENDED] += c->n_extended;
	sum->n[KIND_LARGE] += c->n_large;
}

static struct counts
count(const struct conf_peer *peer, const struct conf_prefix *prefix, int rung)
{
	const struct conf_step *step = &peer->ladder[rung];
	struct counts sum = {0};

	add(&sum, &peer->communities);
	add(&sum, &prefix->communities);
	add(&sum, &step->communities);
	sum.n[KIND_STANDARD] += step->graceful_shutdown;
	/* NO_EXPORT and NOPEER. */
	if (prefix->scope == CONF_SCOPE_LOCAL)
		sum.n[KIND_STANDARD] += 2;
	return sum;
}

/* False where it is too much, which is said. */
static bool
check_route(struct load *l, const struct conf_peer *peer,
	    const struct conf_prefix *prefix, int rung)
{
	struct counts sum = count(peer, prefix, rung);
	char text[PREFIX_TEXT_MAX];

	for (int kind = 0; kind < KIND_COUNT; kind++) {
		if (sum.n[kind] <= CONF_COMMUNITIES_MAX)
			continue;
		load_fail_at(
		    l, peer->place,
		    "peers.%s: found %zu %s communities for prefixes.%s on "
		    "the rung %s (the peer's, the prefix's, the rung's and "
		    "those basind adds), expected at most %d",
		    peer->name, sum.n[kind], kind_texts[kind],
		    prefix_format(&prefix->prefix, text, sizeof(text)),
		    conf_rung_text((enum conf_rung)rung), CONF_COMMUNITIES_MAX);
		return false;
	}
	return true;
}

/* One message for each peer: the others would say the same. */
static void
check_peer(struct load *l, const struct conf_peer *peer)
{
	const struct conf *conf = l->conf;
	size_t n = peer->prefixes ? peer->n_prefixes : conf->n_prefixes;

	for (size_t i = 0; i < n; i++) {
		size_t id = peer->prefixes ? peer->prefixes[i] : i;

		for (int rung = 0; rung < CONF_RUNG_WITHDRAWN; rung++)
			if ((rung == CONF_RUNG_HEALTHY ||
			     peer->ladder[rung].announce) &&
			    !check_route(l, peer, &conf->prefixes[id], rung))
				return;
	}
}

void
section_communities_check(struct load *l)
{
	for (size_t i = 0; i < l->conf->n_peers; i++)
		check_peer(l, &l->conf->peers[i]);
}
