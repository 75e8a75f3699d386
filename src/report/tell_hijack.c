/* SPDX-License-Identifier: ISC */
/* How far a hijack reaches, by one AS or by each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
	char *end;
	unsigned long v;

	if (n == 3 && strncmp(text, "all", 3) == 0) {
		out->all = true;
		return true;
	}
	if (strncasecmp(text, "AS", 2) == 0) {
		text += 2;
		n -= 2;
	}
	if (n == 0 || n > 10 || *text < '0' || *text > '9')
		return false;
	v = strtoul(text, &end, 10);
	out->asn = (uint32_t)v;
	return end == text + n && v > 0 && v <= UINT32_MAX;
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
caught_json(struct report *r, const struct scenario_outcome *o, size_t prefix)
{
	const struct scenario_plan *p = o->plan;
	const struct sim_weights *w = tell_weights(r, p, prefix);
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

static void
add_caught(struct report *r, const struct scenario_outcome *o,
	   const struct conf_hijack *h, json_t *list)
{
	for (size_t i = 0; i < o->n_routes; i++)
		if (is_attacked(r, o->plan, h, i))
			json_array_append_new(
			    list, json_pack("{s:I, s:s, s:s, s:o, s:o}", "asn",
					    (json_int_t)h->asn, "kind",
					    conf_hijack_text(h->kind), "prefix",
					    o->plan->prefixes[i].text, "taken",
					    caught_json(r, o, i), "moves",
					    tell_moves_of(r, o, i)));
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

/*
 * Another origin is invalid when a ROA speaks of the prefix (RFC 6811), and
 * taken to be so when no ROA is given at all.
 */
static bool
is_invalid(const struct report *r, const struct prefix *p)
{
	const struct conf_scenario *conf = r->s->conf;

	for (size_t i = 0; i < conf->n_roas; i++) {
		const struct prefix *roa = &conf->roas[i].prefix;

		if (roa->len <= p->len && prefix_contains(roa, &p->addr))
			return true;
	}
	return conf->n_roas == 0;
}

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

static int
each_of_prefix(struct report *r, enum conf_hijack_kind kind, size_t prefix,
	       json_t *list)
{
	const struct scenario_prefix *p = &r->s->base->prefixes[prefix];
	struct hunt hunt = {r, p->text};
	struct sim_hijacks what = {
	    .g = r->s->graph,
	    .policy = &r->s->policy,
	    .victim = p->announcements,
	    .n_victim = r->s->base->n_upstreams,
	    .hijack = {.kind = (enum sim_hijack_kind)kind,
		       .origin = origin_of(r, p),
		       .invalid = is_invalid(r, &p->prefix),
		       .site = (uint32_t)r->s->base->n_sites},
	    .weights = tell_weights(r, r->s->base, prefix),
	    .threads = r->request->threads,
	    .stop = hunt_stop,
	    .progress = hunt_progress,
	    .ctx = &hunt,
	};
	uint32_t n = sim_graph_count(r->s->graph);
	struct sim_reach *reach = xcalloc(n, sizeof(*reach));
	struct sim_hijacks_summary *s = xcalloc(1, sizeof(*s));
	struct sim_hijacks_done done;
	int error = sim_hijacks(&what, reach, &done);

	r->stopped |= error == -ECANCELED;
	if (error == 0 || error == -ECANCELED) {
		json_t *one;

		sim_hijacks_summarize(&what, reach, s);
		one = summary_json(r, s);
		json_object_set_new(
		    one, "kind",
		    json_string(sim_hijack_text(what.hijack.kind)));
		json_object_set_new(one, "prefix", json_string(p->text));
		json_object_set_new(one, "missing",
				    json_integer((json_int_t)done.missing));
		json_array_append_new(list, one);
		error = 0;
	}
	free(reach);
	free(s);
	return error;
}

static int
by_each(struct report *r, enum conf_hijack_kind kind, json_t *list)
{
	const struct scenario_plan *base = r->s->base;
	int error = 0;

	for (size_t i = 0; i < base->n_prefixes && error == 0; i++)
		if (base->prefixes[i].like == i)
			error = each_of_prefix(r, kind, i, list);
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
