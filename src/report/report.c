/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/tell.h"

/* ---- what it is about ---- */

static const char *
file_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static json_t *
graph_json(const struct report *r)
{
	const struct sim_graph *g = r->s->graph;

	return json_pack("{s:s, s:I, s:I, s:I}", "file",
			 file_name(r->s->conf->graph), "ases",
			 (json_int_t)sim_graph_count(g), "provider_links",
			 (json_int_t)sim_graph_provider_links(g), "peer_links",
			 (json_int_t)sim_graph_peer_links(g));
}

/* What a weight is, in a word and in a sentence. */
static json_t *
weight_json(const struct report *r)
{
	const struct conf_scenario *conf = r->s->conf;
	struct text what = {0};
	const char *unit = "ASes";
	json_t *json;

	switch (conf->weights) {
	case CONF_WEIGHTS_ADDRESSES:
		unit = r->weights.blocks ? "IPv6 /48s" : "IPv4 addresses";
		text_addf(&what, "%s that ASes originate (%s)", unit,
			  file_name(conf->addresses));
		break;
	case CONF_WEIGHTS_LOAD:
		unit = "units of load";
		text_addf(&what, "units of load (%s)", file_name(conf->load));
		break;
	default:
		text_add(&what, "ASes, each counting the same");
	}
	json =
	    json_pack("{s:s, s:s, s:s, s:o, s:o}", "by",
		      conf_weights_text(conf->weights), "unit", unit, "what",
		      text_str(&what), "total", tell_weight((uint64_t)r->total),
		      "unplaced", tell_weight(r->weights.unplaced));
	text_free(&what);
	return json;
}

static json_t *
advice_json(struct report *r, json_t *notes)
{
	struct scenario_advices a;
	json_t *list = json_array();

	if (scenario_advise(r->s, r->base, r->engine, &a) != 0)
		return list;
	for (size_t i = 0; i < a.n; i++) {
		bool warning = a.v[i].severity == SCENARIO_WARNING;

		json_array_append_new(
		    list, json_pack("{s:s, s:s, s:I, s:s}", "kind",
				    scenario_advice_text(a.v[i].kind),
				    "severity", warning ? "warning" : "note",
				    "line", (json_int_t)a.v[i].place.line,
				    "text", a.v[i].text));
		json_array_append_new(notes, json_string(a.v[i].text));
	}
	scenario_advices_free(&a);
	return list;
}

/* ---- making it ---- */

static void
set(struct report *r, const char *key, json_t *value)
{
	json_object_set_new(r->document, key, value ? value : json_null());
}

static void
tell_base(struct report *r)
{
	json_t *notes = json_array(), *base;

	r->document = json_pack("{s:i, s:s, s:o, s:s, s:o}", "format", 1,
				"scenario", file_name(r->s->conf->path),
				"graph", graph_json(r), "preference",
				sim_preference_text(r->s->policy.preference),
				"weight", weight_json(r));
	set(r, "prefixes", tell_prefixes(r, r->base));
	set(r, "alike", tell_alike(r, r->base));
	base = tell_outcome(r, r->base);
	r->overloaded =
	    json_array_size(json_object_get(base, "overloaded")) > 0;
	set(r, "base", base);
	set(r, "advice", advice_json(r, notes));
	set(r, "notes", notes);
	set(r, "limits",
	    json_string("Models of policy predict real catchments only "
			"roughly: relations are inferred, and real ASes have "
			"preferences that no graph knows. Measure before you "
			"rely on it."));
}

static int
tell_asked(struct report *r, struct text *messages)
{
	static const struct {
		const char *key;
		int (*tell)(struct report *r, json_t **out,
			    struct text *messages);
	} parts[] = {
	    {"what_if", tell_what_if}, {"failures", tell_failures},
	    {"hijack", tell_hijacks},  {"search", tell_search},
	    {"explain", tell_explain},
	};
	int first = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		json_t *json = NULL;
		int error = parts[i].tell(r, &json, messages);

		set(r, parts[i].key, json);
		if (first == 0)
			first = error;
	}
	return first;
}

static int
make(struct report *r, struct text *messages)
{
	int error = scenario_weights(r->s, &r->weights, messages);

	if (error != 0)
		return error;
	r->engine = sim_engine_new(r->s->graph);
	scenario_ask_new(r->s, r->s->base, &r->weights, r->request->threads,
			 &r->ask);
	r->asked = true;
	for (size_t i = 0; i < r->ask.plan.n_prefixes; i++)
		r->total += (double)r->ask.plan.prefixes[i].weights->total;
	r->base = tell_run(r, r->s->base, messages);
	if (!r->base)
		return -EINVAL;
	r->cone = tell_cones(r->s->graph);
	tell_base(r);
	error = tell_asked(r, messages);
	if (error != 0)
		return error;
	set(r, "largest", tell_largest(r));
	if (r->request->ases)
		set(r, "ases", tell_ases(r));
	set(r, "interrupted", json_boolean(r->stopped));
	return 0;
}

int
report_new(const char *path, const struct report_request *request,
	   struct report **out, struct text *messages)
{
	struct report *r = xcalloc(1, sizeof(*r));
	int error = scenario_load(path, &r->s, messages);

	r->request = request;
	if (error == 0)
		error = make(r, messages);
	r->request = NULL;
	if (error != 0) {
		report_free(r);
		r = NULL;
	}
	*out = r;
	return error;
}

void
report_free(struct report *r)
{
	if (!r)
		return;
	json_decref(r->document);
	free(r->cone);
	if (r->base)
		scenario_outcome_free(r->base);
	if (r->asked)
		scenario_ask_free(&r->ask);
	sim_weights_free(&r->weights);
	sim_weights_free(&r->nothing);
	if (r->engine)
		sim_engine_free(r->engine);
	scenario_free(r->s);
	free(r);
}

const json_t *
report_document(const struct report *r)
{
	return r->document;
}

bool
report_fine(const struct report *r)
{
	return !r->overloaded && !r->stopped;
}
