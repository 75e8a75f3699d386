/* SPDX-License-Identifier: ISC */
/* How far a hijack reaches, by one AS or by each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/tell.h"

/* ---- the option ---- */

struct wanted {
	bool all;
	uint32_t asn;
	enum conf_hijack_kind kind;
};

static bool
take_kind(const char *text, enum conf_hijack_kind *out)
{
	static const char *const words[] = {
#define X(n, t) [CONF_HIJACK_##n] = t,
	    CONF_HIJACKS(X)
#undef X
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i], text) == 0) {
			*out = (enum conf_hijack_kind)i;
			return true;
		}
	return false;
}

static bool
take_culprit(const char *text, size_t n, struct wanted *out)
{
	if (n == 3 && strncmp(text, "all", 3) == 0) {
		out->all = true;
		return true;
	}
	return asn_parse(text, n, &out->asn);
}

static int
take(const char *text, struct wanted *out, struct text *messages)
{
	size_t n = strcspn(text, ":");

	*out = (struct wanted){.kind = CONF_HIJACK_EXACT};
	if (take_culprit(text, n, out) &&
	    (text[n] == '\0' || take_kind(text + n + 1, &out->kind)))
		return 0;
	text_addf(messages,
		  "--hijack is \"%s\", expected an AS number or all, and "
		  "maybe :exact, :sub-prefix, :forged-origin or :leak\n",
		  text);
	return -EINVAL;
}

int
report_check_hijack(const char *words, struct text *messages)
{
	struct wanted wanted;

	return take(words, &wanted, messages);
}

/* ---- prefixes that fare alike ---- */

struct group {
	const struct scenario_plan *plan; /* borrowed */
	size_t *v;                        /* owned; prefixes */
	size_t n;
};

static void
group_add(struct group *g, size_t prefix)
{
	g->v = xrealloc(g->v, g->n + 1, sizeof(*g->v));
	g->v[g->n++] = prefix;
}

static json_t *
group_names(const struct group *g)
{
	json_t *list = json_array();

	for (size_t i = 0; i < g->n; i++)
		json_array_append_new(
		    list, json_string(g->plan->prefixes[g->v[i]].text));
	return list;
}

/*
 * The sum of the prefixes' parts, to be freed; of a more specific one all
 * there is: it may be asked for as much as all the rest.
 */
static struct sim_weights
group_weights(const struct report *r, const struct group *g,
	      enum conf_hijack_kind kind)
{
	struct sim_weights out = r->weights;

	out.v = xcalloc((size_t)out.n + 1, sizeof(*out.v));
	if (kind == CONF_HIJACK_SUB_PREFIX) {
		memcpy(out.v, r->weights.v, out.n * sizeof(*out.v));
		return out;
	}
	out.total = 0;
	for (size_t i = 0; i < g->n; i++) {
		const struct sim_weights *w = tell_weights(r, g->plan, g->v[i]);

		out.total += w->total;
		for (uint32_t id = 0; id < out.n; id++)
			out.v[id] += w->v[id];
	}
	return out;
}

/* ---- by one ---- */

static json_t *
taken_json(const struct report *r, uint32_t ases, uint64_t weight,
	   uint64_t total)
{
	return json_pack("{s:I, s:o, s:f, s:f}", "ases", (json_int_t)ases,
			 "weight", tell_weight(weight), "share",
			 total ? (double)weight / (double)total : 0.0,
			 "ases_share",
			 (double)ases / (double)sim_graph_count(r->s->graph));
}

/* What ends at the last site of the plan, the culprit; never itself. */
static json_t *
caught_json(struct report *r, const struct scenario_outcome *o, size_t prefix,
	    const struct sim_weights *w)
{
	const struct scenario_plan *p = o->plan;
	uint32_t ases = 0, culprit = (uint32_t)p->n_sites - 1;
	uint32_t self = p->sites[culprit].id;
	uint64_t weight = 0;

	for (uint32_t id = 0; id < w->n; id++)
		if (id != self &&
		    scenario_destination(o->routes[prefix], id) == culprit) {
			ases++;
			weight += w->v[id];
		}
	return taken_json(r, ases, weight, w->total - w->v[self]);
}

/* Of a more specific hijack the culprit's own prefixes alone. */
static bool
is_attacked(const struct report *r, const struct scenario_plan *p,
	    const struct conf_hijack *h, size_t prefix)
{
	if (h->kind == CONF_HIJACK_SUB_PREFIX)
		return tell_base_prefix(r, p, prefix) == SIM_NONE;
	return ip_is_none(&h->prefix.addr) ||
	       prefix_equal(&h->prefix, &p->prefixes[prefix].prefix);
}

/* One of those that fare alike, as the first of them. */
static json_t *
group_json(struct report *r, const struct scenario_outcome *o,
	   const struct conf_hijack *h, const struct group *g)
{
	struct sim_weights w = group_weights(r, g, h->kind);
	json_t *one =
	    json_pack("{s:I, s:s, s:s, s:o, s:o, s:o}", "asn",
		      (json_int_t)h->asn, "kind", conf_hijack_text(h->kind),
		      "prefix", o->plan->prefixes[g->v[0]].text, "prefixes",
		      group_names(g), "taken", caught_json(r, o, g->v[0], &w),
		      "moves", tell_moves_of(r, o, g->v[0], &w));

	free(w.v);
	return one;
}

static void
add_caught(struct report *r, const struct scenario_outcome *o,
	   const struct conf_hijack *h, json_t *list)
{
	bool *told = xcalloc(o->n_routes + 1, sizeof(*told));

	for (size_t i = 0; i < o->n_routes; i++) {
		struct group g = {.plan = o->plan};

		for (size_t k = i; k < o->n_routes; k++) {
			if (told[k] || !is_attacked(r, o->plan, h, k) ||
			    !tell_routed_alike(r, o, i, k))
				continue;
			group_add(&g, k);
			told[k] = true;
		}
		if (g.n > 0)
			json_array_append_new(list, group_json(r, o, h, &g));
		free(g.v);
	}
	free(told);
}

static int
by_one(struct report *r, const struct conf_hijack *h, json_t *list,
       struct text *messages)
{
	struct scenario_plan *plan = NULL;
	struct scenario_outcome *o;
	int error =
	    scenario_hijack(r->s, r->s->base, r->base, h, &plan, messages);

	if (error != 0)
		return error;
	o = tell_run(r, plan, messages);
	if (o)
		add_caught(r, o, h, list);
	else
		error = -EINVAL;
	scenario_outcome_free(o);
	scenario_plan_free(plan);
	return error;
}

/* ---- by each ---- */

/* The AS that sites originate the prefix as; the first one's. */
static uint32_t
origin_of(const struct report *r, const struct scenario_prefix *p)
{
	const struct scenario_plan *base = r->s->base;

	for (size_t i = 0; i < base->n_upstreams; i++) {
		const struct sim_announcement *a = &p->announcements[i];

		if (!a->down)
			return a->n_tail ? a->tail[a->n_tail - 1]
					 : base->upstreams[i].asn;
	}
	return 0;
}

static json_t *
worst_json(const struct report *r, const struct sim_hijacks_summary *s)
{
	json_t *list = json_array();

	for (size_t i = 0; i < s->n_worst; i++) {
		const struct sim_worst *w = &s->worst[i];

		json_array_append_new(
		    list,
		    json_pack(
			"{s:I, s:I, s:o, s:f}", "asn",
			(json_int_t)sim_graph_asn(r->s->graph, w->culprit),
			"ases", (json_int_t)w->reach.ases, "weight",
			tell_weight(w->reach.weight), "share", w->share));
	}
	return list;
}

static json_t *
sizes_json(const struct sim_hijacks_summary *s)
{
	json_t *list = json_array();

	for (int i = 0; i < SIM_SIZE_COUNT; i++)
		if (s->size[i].culprits > 0)
			json_array_append_new(
			    list, json_pack("{s:s, s:I, s:f, s:f, s:f}", "size",
					    sim_size_text((enum sim_size)i),
					    "hijackers",
					    (json_int_t)s->size[i].culprits,
					    "mean_share", s->size[i].mean,
					    "median_share", s->size[i].median,
					    "most_share", s->size[i].worst));
	return list;
}

static json_t *
summary_json(const struct report *r, const struct sim_hijacks_summary *s)
{
	json_t *twentieths = json_array();

	for (size_t i = 0; i < ARRAY_LEN(s->twentieths); i++)
		json_array_append_new(twentieths,
				      json_integer(s->twentieths[i]));
	return json_pack(
	    "{s:n, s:I, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:o, s:o, s:o}",
	    "asn", "hijackers", (json_int_t)s->all.culprits, "mean_share",
	    s->all.mean, "median_share", s->all.median, "p90_share", s->all.p90,
	    "p99_share", s->all.p99, "most_share", s->all.worst, "harmless",
	    (json_int_t)s->all.harmless, "half", (json_int_t)s->all.half,
	    "sizes", sizes_json(s), "worst", worst_json(r, s), "twentieths",
	    twentieths);
}

struct hunt {
	struct report *r;
	const char *prefix;
};

static bool
hunt_stop(void *ctx)
{
	return tell_stop(((struct hunt *)ctx)->r);
}

static void
hunt_progress(void *ctx, size_t done, size_t all)
{
	struct hunt *h = ctx;
	struct text line = {0};

	text_addf(&line, "every AS as hijacker of %s: %zu of %zu", h->prefix,
		  done, all);
	tell_progress(h->r, text_str(&line));
	text_free(&line);
}

/* Whose announcements are invalid, and whose a ROA permits. */
static struct sim_set
invalid_ones(const struct report *r, enum conf_hijack_kind kind, size_t prefix)
{
	const struct sim_graph *g = r->s->graph;
	struct sim_set set = sim_set_new(g);

	for (uint32_t id = 0; id < sim_graph_count(g); id++)
		if (scenario_hijack_invalid(r->s, r->s->base, prefix, kind,
					    sim_graph_asn(g, id)))
			sim_set_add(&set, id);
	return set;
}

/* Those that are invalid, or those that are not; reach is by id. */
static int
hunt_part(struct sim_hijacks *what, const struct sim_set *set, bool invalid,
	  struct sim_reach *reach, size_t *missing)
{
	uint32_t n = sim_graph_count(what->g), k = 0;
	uint32_t *ids = xcalloc(n + 1, sizeof(*ids));
	struct sim_reach *part = xcalloc(n + 1, sizeof(*part));
	struct sim_hijacks_done done = {0};
	int error = 0;

	for (uint32_t id = 0; id < n; id++)
		if (sim_set_has(set, id) == invalid)
			ids[k++] = id;
	what->hijack.invalid = invalid;
	what->culprits = ids;
	what->n_culprits = k;
	if (k > 0)
		error = sim_hijacks(what, part, &done);
	for (uint32_t i = 0; i < k; i++)
		reach[ids[i]] = part[i];
	what->culprits = NULL;
	*missing += done.missing;
	free(ids);
	free(part);
	return error;
}

static int
hunt_all(struct report *r, struct sim_hijacks *what, const struct sim_set *set,
	 struct sim_reach *reach, size_t *missing)
{
	int few = hunt_part(what, set, false, reach, missing);
	int most = hunt_part(what, set, true, reach, missing);

	r->stopped |= few == -ECANCELED || most == -ECANCELED;
	if (few != 0 && few != -ECANCELED)
		return few;
	return most == -ECANCELED ? 0 : most;
}

/* What was found for some prefixes. */
struct hunted {
	struct group g;          /* owned */
	struct sim_reach *reach; /* owned; by id */
	size_t missing;
};

static json_t *
each_json(const struct report *r, enum conf_hijack_kind kind,
	  const struct hunted *h)
{
	struct sim_weights weights = group_weights(r, &h->g, kind);
	struct sim_hijacks what = {.g = r->s->graph, .weights = &weights};
	struct sim_hijacks_summary *s = xcalloc(1, sizeof(*s));
	json_t *one;

	sim_hijacks_summarize(&what, h->reach, s);
	one = summary_json(r, s);
	json_object_set_new(one, "kind", json_string(conf_hijack_text(kind)));
	json_object_set_new(one, "prefix",
			    json_string(h->g.plan->prefixes[h->g.v[0]].text));
	json_object_set_new(one, "prefixes", group_names(&h->g));
	json_object_set_new(one, "missing",
			    json_integer((json_int_t)h->missing));
	free(s);
	free(weights.v);
	return one;
}

static int
hunt_group(struct report *r, enum conf_hijack_kind kind,
	   const struct sim_set *invalid, struct hunted *h)
{
	const struct scenario_prefix *p = &r->s->base->prefixes[h->g.v[0]];
	struct hunt hunt = {r, p->text};
	struct sim_weights weights = group_weights(r, &h->g, kind);
	struct sim_hijacks what = {
	    .g = r->s->graph,
	    .policy = &r->s->policy,
	    .victim = p->announcements,
	    .n_victim = r->s->base->n_upstreams,
	    .hijack = {.kind = (enum sim_hijack_kind)kind,
		       .origin = origin_of(r, p),
		       .site = (uint32_t)r->s->base->n_sites},
	    .weights = &weights,
	    .threads = r->request->threads,
	    .stop = hunt_stop,
	    .progress = hunt_progress,
	    .ctx = &hunt,
	};
	int error;

	h->reach =
	    xcalloc((size_t)sim_graph_count(what.g) + 1, sizeof(*h->reach));
	error = hunt_all(r, &what, invalid, h->reach, &h->missing);
	free(weights.v);
	return error;
}

/* The same ASes, as far as can be told by their number: then one is told. */
static bool
join(const struct report *r, enum conf_hijack_kind kind, struct hunted *to,
     const struct hunted *from)
{
	uint32_t n = sim_graph_count(r->s->graph);

	for (uint32_t id = 0; id < n; id++)
		if (to->reach[id].ases != from->reach[id].ases)
			return false;
	for (uint32_t id = 0; id < n && kind != CONF_HIJACK_SUB_PREFIX; id++)
		if (to->reach[id].ases != SIM_NONE)
			to->reach[id].weight += from->reach[id].weight;
	for (size_t i = 0; i < from->g.n; i++)
		group_add(&to->g, from->g.v[i]);
	return true;
}

static bool
same_set(const struct report *r, const struct sim_set *a,
	 const struct sim_set *b)
{
	for (uint32_t id = 0; id < sim_graph_count(r->s->graph); id++)
		if (sim_set_has(a, id) != sim_set_has(b, id))
			return false;
	return true;
}

/* Prefixes that are announced alike, and of which the same ASes are invalid;
 * found[i].g is empty where `i` belongs to an earlier one. */
static int
hunt_groups(struct report *r, enum conf_hijack_kind kind,
	    struct sim_set *invalid, bool *told, struct hunted *found)
{
	const struct scenario_plan *base = r->s->base;
	int error = 0;

	for (size_t i = 0; i < base->n_prefixes && error == 0; i++) {
		struct group *g = &found[i].g;

		g->plan = base;
		for (size_t k = i; k < base->n_prefixes && !told[i]; k++)
			if (base->prefixes[k].like == base->prefixes[i].like &&
			    same_set(r, &invalid[i], &invalid[k]))
				group_add(g, k);
		for (size_t k = 0; k < g->n; k++)
			told[g->v[k]] = true;
		if (g->n > 0)
			error = hunt_group(r, kind, &invalid[i], &found[i]);
		for (size_t k = 0; k < i && error == 0 && g->n > 0; k++)
			if (found[k].g.n > 0 &&
			    join(r, kind, &found[k], &found[i]))
				g->n = 0;
	}
	return error;
}

/* One culprit's too long a prefix stays with its neighbours, see
 * scenario_hijack(); of each it is not looked at so closely. */
static void
note_length(struct report *r, size_t prefix)
{
	const struct prefix *p = &r->s->base->prefixes[prefix].prefix;
	unsigned longest = p->addr.family == AF_INET ? r->s->conf->longest4
						     : r->s->conf->longest6;
	struct text note = {0};

	if (p->len < longest)
		return;
	text_addf(&note,
		  "a prefix within %s is longer than /%u, which most networks "
		  "do not pass on: how far a sub-prefix hijack by each AS "
		  "reaches is counted as if all did, and is too much. "
		  "--hijack ASN:sub-prefix counts the neighbours alone",
		  r->s->base->prefixes[prefix].text, longest);
	json_array_append_new(json_object_get(r->document, "notes"),
			      json_string(text_str(&note)));
	text_free(&note);
}

static int
by_each(struct report *r, enum conf_hijack_kind kind, json_t *list)
{
	size_t n = r->s->base->n_prefixes;
	struct sim_set *invalid = xcalloc(n + 1, sizeof(*invalid));
	struct hunted *found = xcalloc(n + 1, sizeof(*found));
	bool *told = xcalloc(n + 1, sizeof(*told));
	int error;

	for (size_t i = 0; i < n; i++) {
		invalid[i] = invalid_ones(r, kind, i);
		if (kind == CONF_HIJACK_SUB_PREFIX)
			note_length(r, i);
	}
	error = hunt_groups(r, kind, invalid, told, found);
	for (size_t i = 0; i < n; i++) {
		if (error == 0 && found[i].g.n > 0)
			json_array_append_new(list,
					      each_json(r, kind, &found[i]));
		free(found[i].g.v);
		free(found[i].reach);
		sim_set_free(&invalid[i]);
	}
	free(invalid);
	free(found);
	free(told);
	return error;
}

/* The option's, else the scenario's. */
int
tell_hijacks(struct report *r, json_t **out, struct text *messages)
{
	struct conf_hijack h = r->s->conf->hijack;
	struct wanted wanted = {0};

	*out = json_array();
	if (!r->request->hijack && h.asn == 0)
		return 0;
	if (r->request->hijack) {
		if (take(r->request->hijack, &wanted, messages) != 0)
			return -EINVAL;
		h.asn = wanted.asn;
		h.kind = wanted.kind;
	}
	if (wanted.all)
		return by_each(r, wanted.kind, *out);
	return by_one(r, &h, *out, messages);
}
