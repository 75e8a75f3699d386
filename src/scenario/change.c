/* SPDX-License-Identifier: ISC */
/*
 * What-if words to an alternative: each change is cut into words, its subject
 * found, and its row of the table below does it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/plan.h"

#define WORDS_MAX 6
/* So many names stand in a message. */
#define NAMES_MAX 12
#define SHOWN_MAX 80

struct change {
	const struct scenario *s;
	struct scenario_plan *plan;
	const char *where; /* for messages */
	struct text *messages;
	const char *text; /* all of the change, for messages */
	char *words[WORDS_MAX];
	size_t n;
	/* The subject, as far as the words have one. */
	size_t site, prefix;
	struct scenario_upstream *upstream; /* NULL: of sites */
};

/* ---- messages ---- */

__attribute__((format(printf, 2, 3))) static int
refuse(const struct change *c, const char *fmt, ...)
{
	char shown[SHOWN_MAX];
	va_list ap;

	text_addf(c->messages, "%s: \"%s\": ", c->where,
		  text_escape(c->text, strlen(c->text), shown, sizeof(shown)));
	va_start(ap, fmt);
	text_vaddf(c->messages, fmt, ap);
	va_end(ap);
	text_add(c->messages, "\n");
	return -EINVAL;
}

/* A list of names that ends with NULL. */
static const char **
names_new(size_t n)
{
	return xcalloc(n + 1, sizeof(const char *));
}

static void
add_names(struct text *out, const char **names)
{
	size_t n = 0;

	while (names[n])
		n++;
	for (size_t i = 0; i < n && i < NAMES_MAX; i++) {
		if (i > 0)
			text_add(out, i + 1 == n ? " or " : ", ");
		text_add(out, names[i]);
	}
	if (n > NAMES_MAX)
		text_addf(out, " or one of %zu more", n - NAMES_MAX);
}

/* "found the unknown WHAT "x" (did you mean y?), expected a, b or c" */
static int
refuse_name(const struct change *c, const char *what, const char *name,
	    const char **names)
{
	struct text list = {0};
	char shown[SHOWN_MAX];
	const char *near = text_nearest(name, names);

	add_names(&list, names);
	refuse(c, "found the unknown %s \"%s\"%s%s%s, expected %s", what,
	       text_escape(name, strlen(name), shown, sizeof(shown)),
	       near ? " (did you mean " : "", near ? near : "",
	       near ? "?)" : "", text_str(&list));
	text_free(&list);
	return -EINVAL;
}

/* ---- subjects ---- */

static int
find_site(struct change *c, const char *name)
{
	const struct scenario_plan *p = c->plan;
	const char **names = names_new(p->n_sites);
	int err = -ENOENT;

	for (size_t i = 0; i < p->n_sites; i++) {
		names[i] = p->sites[i].name;
		if (strcmp(names[i], name) == 0) {
			c->site = i;
			err = 0;
		}
	}
	if (err != 0)
		err = refuse_name(c, "site", name, names);
	free(names);
	return err;
}

static bool
is_named(const struct scenario_upstream *u, size_t site)
{
	return u->site == site && u->link == SCENARIO_NEIGHBOUR;
}

static int
find_upstream(struct change *c, const char *name)
{
	const struct scenario_plan *p = c->plan;
	const char **names = names_new(p->n_upstreams);
	size_t n = 0;
	int err = 0;

	c->upstream = NULL;
	for (size_t i = 0; i < p->n_upstreams; i++) {
		if (!is_named(&p->upstreams[i], c->site))
			continue;
		names[n++] = p->upstreams[i].name;
		if (strcmp(p->upstreams[i].name, name) == 0)
			c->upstream = &p->upstreams[i];
	}
	if (n == 0)
		err = refuse(c,
			     "found a neighbour of %s, which announces to "
			     "all, expected a site with peers",
			     p->sites[c->site].name);
	else if (!c->upstream)
		err = refuse_name(c, "neighbour", name, names);
	free(names);
	return err;
}

static int
find_prefix(struct change *c, const char *text)
{
	const struct scenario_plan *p = c->plan;
	const char **names = names_new(p->n_prefixes);
	struct prefix wanted;
	int err = prefix_parse(text, &wanted) == 0 ? -ENOENT : -EINVAL;

	for (size_t i = 0; i < p->n_prefixes; i++) {
		names[i] = p->prefixes[i].text;
		if (err == -ENOENT &&
		    prefix_equal(&p->prefixes[i].prefix, &wanted)) {
			c->prefix = i;
			err = 0;
		}
	}
	if (err != 0)
		err = refuse_name(c, "prefix", text, names);
	free(names);
	return err;
}

/* ---- values ---- */

static bool
parse_digits(const char *text, uint64_t most, uint64_t *out)
{
	*out = 0;
	if (!*text || strlen(text) > 10)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		*out = *out * 10 + (uint64_t)(*text - '0');
	}
	return *out <= most;
}

/* "2", "+1" and "-1" on what there is. */
static int
parse_prepend(const struct change *c, const char *text, unsigned *prepend)
{
	bool more = text[0] == '+', less = text[0] == '-';
	uint64_t n;

	if (!parse_digits(text + (more || less), PLAN_PREPEND_MAX, &n))
		return refuse(c,
			      "found prepend %s, expected a number from 0 to "
			      "%d, or +N or -N",
			      text, PLAN_PREPEND_MAX);
	if (less && n > *prepend)
		return refuse(c,
			      "found prepend %s where it is %u, expected at "
			      "least 0 after the change",
			      text, *prepend);
	if (more && n + *prepend > PLAN_PREPEND_MAX)
		return refuse(c,
			      "found prepend %s where it is %u, expected at "
			      "most %d after the change",
			      text, *prepend, PLAN_PREPEND_MAX);
	*prepend = (unsigned)(more ? *prepend + n : less ? *prepend - n : n);
	return 0;
}

/* ---- changes of a site ---- */

static int
site_down(struct change *c)
{
	c->plan->sites[c->site].down = true;
	return 0;
}

static int
site_up(struct change *c)
{
	c->plan->sites[c->site].down = false;
	return 0;
}

static int
set_local(struct change *c, bool local)
{
	const struct scenario_plan *p = c->plan;

	for (size_t i = 0; i < p->n_upstreams; i++)
		if (p->upstreams[i].site == c->site &&
		    p->upstreams[i].link == SCENARIO_ALL)
			return refuse(c, "found a site that announces to all, "
					 "expected one with peers");
	p->sites[c->site].local = local;
	return 0;
}

static int
site_local(struct change *c)
{
	return set_local(c, true);
}

static int
site_global(struct change *c)
{
	return set_local(c, false);
}

/* Who is there already, under which name; NULL: not. */
static const char *
known_neighbour(const struct change *c, uint32_t asn)
{
	for (size_t i = 0; i < c->plan->n_upstreams; i++)
		if (is_named(&c->plan->upstreams[i], c->site) &&
		    c->plan->upstreams[i].asn == asn)
			return c->plan->upstreams[i].name;
	return NULL;
}

static void
add_upstream(struct change *c, uint32_t asn, uint32_t at, unsigned prepend)
{
	struct scenario_plan *p = c->plan;
	const struct scenario_site *site = &p->sites[c->site];
	struct scenario_upstream *u = plan_add_upstream(p);
	enum sim_relation there = SIM_ORIGIN;
	char name[16];

	if (site->id != SIM_NONE)
		there = sim_graph_relation(c->s->graph, at, site->id);
	snprintf(name, sizeof(name), "AS%u", asn);
	u->link = SCENARIO_NEIGHBOUR;
	u->name = arena_strdup(&p->arena, name);
	u->site = (uint32_t)c->site;
	u->asn = asn;
	u->at = at;
	u->relation = there != SIM_ORIGIN ? there : SIM_CUSTOMER;
	u->assumed = there == SIM_ORIGIN;
	u->local_asn = site->asn;
	u->prepend = prepend;
}

/* SITE add ASN [prepend N] */
static int
site_add(struct change *c)
{
	const struct sim_graph *g = c->s->graph;
	const struct scenario_site *site = &c->plan->sites[c->site];
	unsigned prepend = 0;
	const char *there;
	uint32_t asn, at;

	if ((c->n != 3 && c->n != 5) ||
	    (c->n == 5 && strcmp(c->words[3], "prepend") != 0))
		return refuse(c, "expected %s add ASN, or %s add ASN prepend N",
			      site->name, site->name);
	if (!asn_parse(c->words[2], strlen(c->words[2]), &asn))
		return refuse(c, "found %s, expected an AS number",
			      c->words[2]);
	at = sim_graph_find(g, asn);
	there = known_neighbour(c, asn);
	if (at == SIM_NONE)
		return refuse(c,
			      "found AS %u, which is not in the graph, "
			      "expected one of its %u ASes",
			      asn, sim_graph_count(g));
	if (asn == site->asn)
		return refuse(c, "found the AS of the site, expected another");
	if (there)
		return refuse(c,
			      "found AS %u, which is the neighbour %s.%s, "
			      "expected a new one",
			      asn, site->name, there);
	if (c->n == 5 && parse_prepend(c, c->words[4], &prepend) != 0)
		return -EINVAL;
	add_upstream(c, asn, at, prepend);
	return 0;
}

/* ---- changes of a neighbour ---- */

static int
peer_down(struct change *c)
{
	c->upstream->down = true;
	return 0;
}

static int
peer_up(struct change *c)
{
	c->upstream->down = false;
	return 0;
}

static int
peer_prepend(struct change *c)
{
	return parse_prepend(c, c->words[2], &c->upstream->prepend);
}

static int
set_community(struct change *c, const char *word, bool on)
{
	static const char *names[] = {"no-export", "no-peer", "no-advertise",
				      "blackhole", NULL};
	struct scenario_upstream *u = c->upstream;

	if (strcmp(word, "no-export") == 0 || strcmp(word, "no-advertise") == 0)
		u->no_export = on;
	else if (strcmp(word, "no-peer") == 0 || strcmp(word, "nopeer") == 0)
		u->nopeer = on;
	else if (strcmp(word, "blackhole") == 0)
		u->blackhole = on;
	else
		return refuse_name(c, "community", word, names);
	return 0;
}

static int
peer_community(struct change *c)
{
	return set_community(c, c->words[2], true);
}

static int
peer_no_community(struct change *c)
{
	return set_community(c, c->words[3], false);
}

static int
peer_blackhole(struct change *c)
{
	c->upstream->blackhole = true;
	return 0;
}

static int
peer_no_blackhole(struct change *c)
{
	c->upstream->blackhole = false;
	return 0;
}

/* ---- the tables ---- */

struct verb {
	const char *word, *second; /* second: NULL when there is none */
	size_t least, most;        /* words of the change */
	int (*apply)(struct change *c);
	const char *form; /* what stands behind the subject */
};

static const struct verb site_verbs[] = {
    {"down", NULL, 2, 2, site_down, "down"},
    {"up", NULL, 2, 2, site_up, "up"},
    {"drain", NULL, 2, 2, site_down, "drain"},
    {"local-only", NULL, 2, 2, site_local, "local-only"},
    {"global", NULL, 2, 2, site_global, "global"},
    {"add", NULL, 2, WORDS_MAX, site_add, "add ASN [prepend N]"},
    {NULL},
};

static const struct verb peer_verbs[] = {
    {"down", NULL, 2, 2, peer_down, "down"},
    {"up", NULL, 2, 2, peer_up, "up"},
    {"prepend", NULL, 3, 3, peer_prepend, "prepend N|+N|-N"},
    {"community", NULL, 3, 3, peer_community, "community WORD"},
    {"no", "community", 4, 4, peer_no_community, "no community WORD"},
    {"blackhole", NULL, 2, 2, peer_blackhole, "blackhole"},
    {"no", "blackhole", 3, 3, peer_no_blackhole, "no blackhole"},
    {NULL},
};

static bool
is_verb(const struct change *c, const struct verb *v)
{
	return strcmp(v->word, c->words[1]) == 0 &&
	       (!v->second ||
		(c->n > 2 && strcmp(v->second, c->words[2]) == 0));
}

static int
refuse_verb(const struct change *c, const struct verb *verbs)
{
	const char *names[ARRAY_LEN(peer_verbs) + ARRAY_LEN(site_verbs)];
	const char *words[ARRAY_LEN(peer_verbs) + ARRAY_LEN(site_verbs)];
	struct text list = {0};
	const char *near;
	size_t n = 0;

	for (; verbs[n].word; n++) {
		names[n] = verbs[n].form;
		words[n] = verbs[n].word;
	}
	names[n] = words[n] = NULL;
	near = c->n > 1 ? text_nearest(c->words[1], words) : NULL;
	if (near && strcmp(near, c->words[1]) == 0)
		near = NULL; /* the word behind it is wrong */
	add_names(&list, names);
	refuse(c, "found %s%s%s%s, expected %s %s",
	       c->n > 1 ? c->words[1] : "nothing behind the subject",
	       near ? " (did you mean " : "", near ? near : "",
	       near ? "?)" : "", c->words[0], text_str(&list));
	text_free(&list);
	return -EINVAL;
}

static int
apply_verb(struct change *c, const struct verb *verbs)
{
	for (const struct verb *v = verbs; c->n > 1 && v->word; v++) {
		if (!is_verb(c, v))
			continue;
		if (c->n < v->least || c->n > v->most)
			return refuse(c, "found %zu words, expected %s %s",
				      c->n, c->words[0], v->form);
		return v->apply(c);
	}
	return refuse_verb(c, verbs);
}

/* PREFIX at SITE down|up */
static int
apply_prefix(struct change *c)
{
	bool up;

	if (find_prefix(c, c->words[0]) != 0)
		return -EINVAL;
	if (c->n != 4 || strcmp(c->words[1], "at") != 0 ||
	    (strcmp(c->words[3], "up") != 0 &&
	     strcmp(c->words[3], "down") != 0))
		return refuse(c, "expected %s at SITE down, or %s at SITE up",
			      c->words[0], c->words[0]);
	if (find_site(c, c->words[2]) != 0)
		return -EINVAL;
	up = strcmp(c->words[3], "up") == 0;
	c->plan->prefixes[c->prefix].at[c->site] = up;
	return 0;
}

static int
apply_subject(struct change *c)
{
	/* The name of a site has no dot; that of a neighbour may have. */
	char *dot = strchr(c->words[0], '.');
	int err;

	if (strchr(c->words[0], '/'))
		return apply_prefix(c);
	if (!dot)
		return find_site(c, c->words[0]) != 0
			   ? -EINVAL
			   : apply_verb(c, site_verbs);
	*dot = '\0';
	err = find_site(c, c->words[0]);
	*dot = '.';
	if (err != 0 || find_upstream(c, dot + 1) != 0)
		return -EINVAL;
	return apply_verb(c, peer_verbs);
}

/* ---- the list of changes ---- */

/* Names and numbers need no more; messages repeat the words as they are. */
static bool
is_printable(const char *text)
{
	for (; *text; text++)
		if ((*text < ' ' || *text > '~') && *text != '\t' &&
		    *text != '\n')
			return false;
	return true;
}

static int
apply(struct change *c, const char *text)
{
	char *copy = xstrdup(text), *rest = NULL;
	int err;

	c->text = text + strspn(text, " \t\n");
	c->n = 0;
	for (char *word = strtok_r(copy, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		if (c->n < WORDS_MAX)
			c->words[c->n] = word;
		c->n++;
	}
	if (!is_printable(text))
		err = refuse(c, "found octets that are in no word, expected "
				"ASCII text");
	else if (c->n == 0)
		err = refuse(c, "found no words, expected a change such as "
				"\"SITE down\"");
	else if (c->n > WORDS_MAX)
		err = refuse(c,
			     "found %zu words, expected one change, and "
			     "semicolons between changes",
			     c->n);
	else
		err = apply_subject(c);
	free(copy);
	return err;
}

int
scenario_what_if(const struct scenario *s, const char *words, const char *where,
		 struct scenario_plan **out, struct text *messages)
{
	struct change c = {.s = s, .where = where, .messages = messages};
	char *copy = xstrdup(words), *rest = copy;
	int err = 0;

	*out = NULL;
	c.plan = plan_copy(s->base, words);
	for (char *one = strsep(&rest, ";"); one; one = strsep(&rest, ";"))
		if (apply(&c, one) != 0)
			err = -EINVAL;
	free(copy);
	if (err == 0) {
		plan_announce(s, c.plan);
		*out = c.plan;
	} else {
		scenario_plan_free(c.plan);
	}
	return err;
}
