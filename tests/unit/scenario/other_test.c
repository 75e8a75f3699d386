/* SPDX-License-Identifier: ISC */
/* Another file leads where its own scenario leads, and where words do. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../folder.h"

#include "lab.h"

#define P "192.0.2.0/24"

static const char fra[] = "  fra: {peers: {up: {asn: 11}, ix: {asn: 12, role: "
			  "peer}}, capacity: 7}\n";
static const char ams[] = "  ams: {peers: {up: {asn: 22}}}\n";
static const char prefix[] = "prefixes: {192.0.2.0/24: {}}\n";

/* A base in memory, and a file that is compared with it. */
struct pair {
	struct lab l;
	struct folder folder;
	char path[FOLDER_PATH];
};

/* "asn: 65000", then SITES; the rest stands behind. */
static void
add_yaml(struct text *text, const char *sites, const char *rest)
{
	text_addf(text, "asn: 65000\nsites:\n%s%s", sites, rest);
}

static void
begin(struct pair *p)
{
	struct text text = {0}, sites = {0};

	text_addf(&sites, "%s%s", fra, ams);
	add_yaml(&text, text_str(&sites), prefix);
	lab_begin(&p->l, text_str(&text));
	folder_make(&p->folder);
	text_free(&sites);
	text_free(&text);
}

static void
end(struct pair *p)
{
	folder_remove(&p->folder);
	lab_end(&p->l);
}

/* The file is on the graph `graph` of the examples. */
static int
ask(struct pair *p, const char *graph, const char *sites, const char *rest,
    struct scenario_plan **plan)
{
	struct text text = {0};
	char *here = getcwd(NULL, 0);
	int err;

	text_addf(&text, "graph: %s/%s\n", here, graph);
	add_yaml(&text, sites, rest);
	folder_write(&p->folder, "new.yaml", text_str(&text), text.len);
	err =
	    scenario_other(p->l.s, folder_file(&p->folder, "new.yaml", p->path),
			   plan, &p->l.messages);
	text_free(&text);
	free(here);
	return err;
}

static struct scenario_outcome *
then(struct pair *p, const char *sites, const char *rest)
{
	struct scenario_plan *plan;
	struct scenario_outcome *o;

	if (ask(p, "graph.txt", sites, rest, &plan) != 0)
		fail_msg("%s", text_str(&p->l.messages));
	assert_int_equal(scenario_run(p->l.s, plan, p->l.engine, &o), 0);
	assert_string_equal(plan->name, p->path);
	return o;
}

/* Site by site the file is what the words are; NULL: what the base is. */
static void
expect_words(const char *words, const char *sites, const char *rest)
{
	struct pair p;
	struct scenario_outcome *o, *by_words = NULL;
	char *seen, *expected;

	begin(&p);
	o = then(&p, sites, rest);
	if (words)
		by_words = lab_what_if(&p.l, words);
	seen = lab_map(&p.l, o, P);
	expected = lab_map(&p.l, words ? by_words : p.l.base, P);
	assert_string_equal(seen, expected);
	for (size_t i = 0; i < p.l.s->base->n_sites; i++)
		assert_string_equal(o->plan->sites[i].name,
				    p.l.s->base->sites[i].name);
	assert_string_equal(text_str(&p.l.messages), "");
	if (words)
		lab_forget(by_words);
	lab_forget(o);
	free(seen);
	free(expected);
	end(&p);
}

static void
test_words(void **state)
{
	char sites[512];

	snprintf(sites, sizeof(sites), "%s%s", fra, ams);
	expect_words(NULL, sites, prefix);
	/* In another order, too. */
	snprintf(sites, sizeof(sites), "%s%s", ams, fra);
	expect_words(NULL, sites, prefix);
	expect_words("ams down", fra, prefix);
	expect_words("fra down", ams, prefix);
	snprintf(sites, sizeof(sites),
		 "%s  fra: {peers: {ix: {asn: 12, role: "
		 "peer}}}\n",
		 ams);
	expect_words("fra.up down", sites, prefix);
	snprintf(sites, sizeof(sites),
		 "%s  ams: {peers: {up: {asn: 22, prepend: 3}}}\n", fra);
	expect_words("ams.up prepend 3", sites, prefix);
	snprintf(sites, sizeof(sites),
		 "%s  ams: {peers: {up: {asn: 22, communities: no-export}}}\n",
		 fra);
	expect_words("ams.up community no-export", sites, prefix);
	snprintf(sites, sizeof(sites),
		 "%s  ams: {peers: {new: {asn: 222}, up: {asn: 22}}}\n", fra);
	expect_words("ams add 222", sites, prefix);
	snprintf(sites, sizeof(sites), "%s%s", fra, ams);
	expect_words("192.0.2.0/24 at ams down", sites,
		     "prefixes: {192.0.2.0/24: {sites: fra}}\n");
}

/* A new site stands behind, wherever the file has it. */
static void
test_new_site(void **state)
{
	struct text sites = {0}, text = {0};
	struct scenario_outcome *o;
	char *seen, *expected;
	struct pair p;
	struct lab l;

	text_addf(&sites, "  add: {peers: {up: {asn: 21}}}\n%s%s", fra, ams);
	begin(&p);
	o = then(&p, text_str(&sites), prefix);
	assert_int_equal(o->plan->n_sites, 3);
	assert_string_equal(o->plan->sites[2].name, "add");
	seen = lab_map(&p.l, o, P);
	add_yaml(&text, text_str(&sites), prefix);
	lab_begin(&l, text_str(&text));
	expected = lab_map(&l, l.base, P);
	assert_string_equal(seen, expected);
	assert_string_equal(lab_where(&p.l, o, P, 21), "add");
	lab_end(&l);
	lab_forget(o);
	end(&p);
	free(seen);
	free(expected);
	text_free(&sites);
	text_free(&text);
}

/* The old prefix ends; the new one is announced, and catches nothing of it
 * unless it covers it. */
static void
test_new_prefix(void **state)
{
	struct scenario_outcome *o;
	struct pair p;

	begin(&p);
	o = then(&p, fra, "prefixes: {198.51.100.0/24: {}}\n");
	assert_int_equal(o->plan->n_prefixes, 2);
	assert_string_equal(lab_where(&p.l, o, P, 222), "unreached");
	assert_string_equal(lab_where(&p.l, o, "198.51.100.0/24", 222), "fra");
	lab_forget(o);
	o = then(&p, fra, "prefixes: {192.0.2.0/23: {}}\n");
	assert_string_equal(lab_where(&p.l, o, P, 222), "fra");
	assert_string_equal(o->plan->prefixes[0].text, P);
	assert_int_equal(o->plan->prefixes[0].covered_by, 1);
	lab_forget(o);
	end(&p);
}

/* ROAs are the file's; whoever drops what is invalid, the base's. */
static void
test_world(void **state)
{
	struct scenario_outcome *o;
	struct text expected = {0}, rest = {0};
	struct pair p;
	char *seen, *base, *here;

	begin(&p);
	here = getcwd(NULL, 0);
	text_addf(&rest,
		  "%srov: [1]\nweights: addresses\n"
		  "addresses: %s/addresses.txt\n"
		  "preference: customer = peer > provider\n"
		  "roas: [{prefix: 192.0.2.0/24, asn: 1}]\n",
		  prefix, here);
	o = then(&p, fra, text_str(&rest));
	text_free(&rest);
	free(here);
	for (size_t i = 0; i < 3; i++)
		text_addf(&expected,
			  "%s: warning: %s: found another than in lab.yaml, "
			  "whose is used for both\n",
			  p.path,
			  (const char *[]){"rov", "preference", "weights"}[i]);
	assert_string_equal(text_str(&p.l.messages), text_str(&expected));
	assert_true(o->plan->prefixes[0].announcements[0].invalid);
	assert_false(p.l.s->base->prefixes[0].announcements[0].invalid);
	seen = lab_map(&p.l, o, P);
	lab_forget(o);
	o = lab_what_if(&p.l, "ams down");
	base = lab_map(&p.l, o, P);
	assert_string_equal(seen, base);
	lab_forget(o);
	free(seen);
	free(base);
	text_free(&expected);
	end(&p);
}

static void
test_refused(void **state)
{
	struct scenario_plan *plan;
	struct text expected = {0};
	char *here = NULL;
	struct pair p;

	begin(&p);
	here = getcwd(NULL, 0);
	assert_int_equal(ask(&p, "addresses.txt", fra, prefix, &plan), -22);
	assert_null(plan);
	text_addf(&expected,
		  "%s: graph: found %s/addresses.txt, expected graph.txt, that "
		  "of lab.yaml\n",
		  p.path, here);
	assert_string_equal(text_str(&p.l.messages), text_str(&expected));
	text_free(&p.l.messages);
	assert_int_equal(ask(&p, "graph.txt", "  x: {peers: {u: {asn: 7}}}\n",
			     prefix, &plan),
			 -22);
	assert_null(plan);
	assert_non_null(strstr(text_str(&p.l.messages),
			       "new.yaml:4:15: sites.x.peers.u.asn: found AS "
			       "7, which is not in the graph"));
	free(here);
	text_free(&expected);
	end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_words),      cmocka_unit_test(test_new_site),
	    cmocka_unit_test(test_new_prefix), cmocka_unit_test(test_world),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
