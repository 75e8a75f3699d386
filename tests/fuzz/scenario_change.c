/* SPDX-License-Identifier: ISC */
/* Whatever is typed for --what-if: another plan, or messages. */
#include "scenario_lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n);

static const char yaml[] =
    "graph: " LAB_FILE "\n"
    "asn: 65000\n"
    "sites:\n"
    "  fra: {peers: {up: {asn: 2, prepend: 1}, ix.1: {asn: 3}}}\n"
    "  ams: {peers: {up: {asn: 4}}, scope: local, state: candidate}\n"
    "  lab: {asn: 5, announces: all}\n"
    "prefixes: {192.0.2.0/24: , 192.0.2.0/23: {sites: fra}, "
    "\"2001:db8::/48\": }\n";

static struct scenario *
lab_scenario(void)
{
	struct conf_scenario *conf;
	struct scenario *s = NULL;
	struct text messages = {0};

	if (conf_scenario_load_text("lab.yaml", yaml, sizeof(yaml) - 1, &conf,
				    &messages) != 0 ||
	    scenario_new(conf, lab_graph(), &s, &messages) != 0)
		abort();
	text_free(&messages);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t n)
{
	struct scenario *s = lab_scenario();
	char *words = xcalloc(n + 1, 1);
	struct text messages = {0};
	struct scenario_plan *plan;

	if (n > 0)
		memcpy(words, octets, n);
	if (scenario_what_if(s, words, "fuzz", &plan, &messages) == 0)
		lab_run(s, plan, true);
	else
		assert(messages.len > 0 && !plan);
	lab_check_messages(&messages);
	scenario_plan_free(plan);
	scenario_free(s);
	text_free(&messages);
	free(words);
	return 0;
}
