/* SPDX-License-Identifier: ISC */
#include "cli/options.h"

const struct option options_page[] = {
    {0},
};

const struct option options_event[] = {
    {"limit", "N", "how many, counted from the newest (default 50)"},
    {"kind", "KIND",
     "only events of this kind: node, check, service, prefix, peer, "
     "bfd, advertisement, brake, rpki, drain, block, drill, address, "
     "configuration, "
     "alarm"},
    {0},
};

const struct option options_route[] = {
    {"prefix", "PREFIX", "only routes for this prefix"},
    {0},
};

const struct option options_drain[] = {
    {"reason", "TEXT", "why; others will ask (required the first time)"},
    {"for", "DURATION", "undrained by itself after so long; ever: never"},
    {"limit", "DURATION", "withdrawn after so long, traffic or not"},
    {"quiet", "DURATION", "withdrawn when no traffic came for so long"},
    {"now", NULL, "do not wait for the traffic to leave"},
    {"background", NULL, "return at once, the drain goes on"},
    {0},
};

const struct option options_block[] = {
    {"flow", "FLOW", "a flow specification instead of DST (RFC 8955)"},
    {"rate", "N", "with --flow: let so many octets a second through"},
    {"then", "ACTIONS",
     "with --flow: discard (default), rate N, packets N, "
     "redirect ASN:N, mark DSCP, sample, terminal"},
    {"for", "DURATION", "how long (default block.default_for, 1h)"},
    {"reason", "TEXT", "why; others will ask"},
    {"dry-run", NULL, "show the UPDATEs and send nothing"},
    {0},
};

const struct option options_unblock[] = {
    {"flow", "FLOW", "the flow specification instead of DST"},
    {0},
};

const struct option options_offline[] = {
    {"reason", "TEXT", "why; others will ask (required)"},
    {"config", "FILE", "without a daemon: its configuration file"},
    {"state", "DIRECTORY", "without a daemon: its state directory"},
    {0},
};

const struct option options_attack[] = {
    {"reason", "TEXT", "why; others will ask (required)"},
    {"for", "DURATION", "until then (default 1h); ever: until off"},
    {0},
};

const struct option options_drill[] = {
    {"mode", "MODE",
     "admin: it counts as down (default); drop: packets to its addresses are "
     "dropped and its checks must find it"},
    {"for", "DURATION", "how long it fails (default 10s, at most 1h)"},
    {"probe", "PROBE",
     "tcp/PORT or udp/PORT: the request that is made meanwhile (default: as "
     "a check of it)"},
    {"interval", "DURATION", "between two requests (default 20ms)"},
    {"send", "TEXT", "what a request by UDP carries"},
    {"source", "ADDRESS", "where requests come from"},
    {"force", NULL,
     "also when attack mode is on, or too few other nodes are known to "
     "announce what would be withdrawn"},
    {"observe", "ADDRESS",
     "only make requests to that address, without any daemon"},
    {"end", NULL, "end the drill that runs"},
    {0},
};

const struct option options_reload[] = {
    {"allow-removal", NULL,
     "also when most prefixes, services or peers would be removed"},
    {"confirm", "DURATION",
     "taken back after that time unless `basin confirm` is said"},
    {0},
};

const struct option options_plan[] = {
    {"from", "FILE", "compare with this file, without any daemon"},
    {0},
};

const struct option options_push[] = {
    {"state", "STATE", "pass (default), degraded or fail"},
    {"message", "TEXT", "why, for people; shown with the check"},
    {0},
};

const struct option options_check[] = {
    {"schema", NULL, "print the JSON Schema of the configuration file"},
    {0},
};

const struct option options_doctor[] = {
    {"config", "FILE",
     "the configuration (default: the file of the running daemon)"},
    {0},
};

const struct option options_replay[] = {
    {"config", "FILE", "decide with this configuration (default: as recorded)"},
    {"from", "TIME", "count from then, such as 2026-11-22T10:30 (UTC) or 7d"},
    {"to", "TIME", "count until then (default: to the end)"},
    {0},
};

const struct option options_simulate[] = {
    {"what-if", "CHANGE",
     "also with this change, such as \"fra down\"; several at once are parted "
     "by ';'. May be given more than once: each is an alternative"},
    {"then", "FILE",
     "also as another scenario on the same graph has it: who moves where. May "
     "be given more than once"},
    {"failures", "N", "also after each failure of 1, or of up to 2, sites"},
    {"hijack", "ASN[:KIND]",
     "how far a hijack by ASN reaches: exact (default), sub-prefix, "
     "forged-origin, leak; all: by every AS there is"},
    {"search", NULL, "look for better sites as the scenario's search says"},
    {"explain", "ASN", "the way of one AS, hop by hop, and why it is so"},
    {"ases", NULL, "with --json: the result of every AS"},
    {"csv", NULL, "one line an AS, as CSV"},
    {"page", "FILE", "write a page of HTML with pictures"},
    {"threads", "N", "how many at once (default: one a processor)"},
    {"graph", "FILE", "without a scenario: the AS relationships"},
    {"save-graph", "FILE", "write the graph so that it loads in no time"},
    {"origins", "FILE", "CSV of announcements: seed_asn,prefix,rov_invalid"},
    {"rov", "FILE", "with --origins: ASes that drop invalid routes"},
    {"ribs", "FILE", "write the route of every AS as CSV"},
    {0},
};

const struct option options_help[] = {
    {"all", NULL, "the help of every command"},
    {0},
};
