/* SPDX-License-Identifier: ISC */
/* What the search of a scenario looks for. */
#include <string.h>

#include "conf/section.h"
#include "conf/section_scenario.h"

const char *
conf_objective_text(enum conf_objective objective)
{
	static const char *const texts[] = {
#define X(n, t) [CONF_OBJECTIVE_##n] = t,
	    CONF_OBJECTIVES(X)
#undef X
	};

	return texts[objective];
}

#define SEARCH(member) OPTION_FIELD(struct conf_search, member)

static const struct option prepend_options[] = {
    {
	.key = "max",
	.type = &type_number,
	SEARCH(prepend_max),
	.low = 0,
	.high = 16,
	.standard = "0",
	.help = "try up to so many towards each neighbour",
    },
};

static const struct section section_scenario_prepend = {
    OPTION_SECTION(prepend_options),
    .what = "prepending",
};

static const struct option_choice objectives[] = {
#define X(n, t) {t, CONF_OBJECTIVE_##n},
    CONF_OBJECTIVES(X)
#undef X
	{NULL, 0},
};

static const struct option search_options[] = {
    {
	.key = "sites",
	.type = &type_number,
	SEARCH(sites),
	.low = 1,
	.high = 65000,
	.absent = "as many as are up",
	.help = "choose so many sites of those that are up or candidates",
    },
    {
	.key = "upstreams",
	.type = &type_number,
	SEARCH(upstreams),
	.low = 1,
	.high = 65000,
	.absent = "all neighbours of the chosen sites",
	.help = "choose so many neighbours, of all sites together",
    },
    {
	.key = "objective",
	.type = &type_choice,
	SEARCH(objective),
	.choices = objectives,
	.standard = "worst_load",
	.help = "what is made small: the load of the busiest site (of its "
		"capacity where it has one), the mean length of paths, or "
		"the mean cost of the cost file",
    },
    {
	.key = "cost",
	.type = &type_file,
	SEARCH(cost),
	.absent = "none",
	.help = "what a site costs a client: lines of site, AS, number",
    },
    {
	.key = "prepend",
	.type = &type_map,
	.offset = 0,
	.size = sizeof(struct conf_search),
	.section = &section_scenario_prepend,
	.absent = "prepends stay as they are",
	.help = "try prepends as well",
    },
    {
	.key = "require",
	.type = &section_scenario_names_type,
	.offset = offsetof(struct conf_search, require),
	.size = sizeof(struct scenario_names),
	.absent = "none",
	.help = "sites that must be chosen",
    },
    {
	.key = "forbid",
	.type = &section_scenario_names_type,
	.offset = offsetof(struct conf_search, forbid),
	.size = sizeof(struct scenario_names),
	.absent = "none",
	.help = "sites that must not be chosen",
    },
    {
	.key = "best",
	.type = &type_number,
	SEARCH(best),
	.low = 1,
	.high = 1000,
	.standard = "5",
	.help = "show so many of the best",
    },
    {
	.key = "time",
	.type = &type_duration,
	SEARCH(time),
	.low = 100 * MS_NS,
	.high = 86400 * SECOND_NS,
	.standard = "60s",
	.help = "stop after so long with the best so far",
    },
};

static bool
is_in(const size_t *v, size_t n, size_t item)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == item)
			return true;
	return false;
}

static void
check_names(struct load *l, const yaml_node_t *node,
	    const struct conf_search *s)
{
	for (size_t i = 0; i < s->n_require; i++)
		if (is_in(s->forbid, s->n_forbid, s->require[i]))
			load_fail_in(l, node, "forbid",
				     "found %s, which is required, expected "
				     "it in one of the two",
				     l->scenario->sites[s->require[i]].name);
	if (s->sites > 0 && s->n_require > s->sites)
		load_fail_in(l, node, "require",
			     "found %zu sites, expected at most %u, as many "
			     "as are chosen",
			     s->n_require, s->sites);
}

static void
finish_search(struct load *l, const yaml_node_t *node, void *base)
{
	struct conf_search *s = base;
	size_t n = l->scenario->n_sites;

	if (!node)
		return;
	s->place = document_place(node);
	if (s->objective == CONF_OBJECTIVE_COST && !s->cost)
		load_fail_in(l, node, "objective",
			     "found cost without a cost file, expected cost: "
			     "FILE");
	if (n > 0 && s->sites + s->n_forbid > n)
		load_fail_in(l, node, "sites",
			     "found %u, expected at most %zu, the sites that "
			     "are not forbidden",
			     s->sites, n - s->n_forbid);
	if (s->sites > 0 && s->upstreams > 0)
		load_fail_in(l, node, "upstreams",
			     "found it beside sites, expected one of the two");
	check_names(l, node, s);
}

const struct section section_scenario_search = {
    OPTION_SECTION(search_options),
    .what = "the search",
    .finish = finish_search,
};
